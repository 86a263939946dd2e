package dev.bezant.wallet.internal

import dev.bezant.wallet.ErrorCode
import dev.bezant.wallet.InternalWalletException
import dev.bezant.wallet.WalletException
import org.junit.jupiter.api.Test
import java.io.File
import java.lang.reflect.Modifier
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertTrue

class ErrorCodesTest {
    private fun exception(
        code: ErrorCode,
        detail: String = "",
    ) = WalletException.of(code, detail, false, false, false)

    @Test
    fun `every code is a constant that Java sees, and the other way round`() {
        val constants = ErrorCode::class.java.fields.filter { Modifier.isStatic(it.modifiers) && it.type == ErrorCode::class.java }
        assertEquals(constants.map { it.name }.toSet(), ErrorCode.all().map { it.value }.toSet())
        for (constant in constants) assertEquals(constant.name, (constant.get(null) as ErrorCode).value)
    }

    @Test
    fun `every exception has text that says what its code means`() {
        for (code in ErrorCode.all()) {
            assertTrue(code.sentence.length > 15, "$code: ${code.sentence}")
            assertEquals("$code: ${code.sentence}", exception(code).message)
            assertEquals("$code: ${code.sentence} (found)", exception(code, "found").message)
        }
    }

    @Test
    fun `only what is internal is in the internal family`() {
        val internal = ErrorCode.all().filter { exception(it) is InternalWalletException }
        assertEquals(listOf(ErrorCode.INTERNAL), internal)
    }

    @Test
    fun `a code of a newer version is told, with what it asks for`() {
        val told = NativeFailure("FROM_THE_FUTURE", "detail", flags = 0b101).toPublic()
        assertIs<InternalWalletException>(told)
        assertEquals("FROM_THE_FUTURE", told.code.value)
        assertEquals(Triple(true, false, true), Triple(told.isRetryable, told.needsUser, told.needsUpdate))
        assertTrue("FROM_THE_FUTURE" in told.message.orEmpty() && "detail" in told.message.orEmpty())
    }

    @Test
    fun `every code of the core is known here`() {
        val source = generateSequence(File("").absoluteFile) { it.parentFile }.map { File(it, "core/src/error.rs") }.first { it.exists() }
        val codes = Regex("Self::\\w+ => \"([A-Z_]+)\"").findAll(source.readText()).map { it.groupValues[1] }.toSet()
        assertTrue(codes.size > 20, "$codes")
        assertEquals(emptySet(), codes - ErrorCode.all().map { it.value }.toSet())
    }
}
