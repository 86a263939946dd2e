package dev.bezant.wallet.internal

import org.junit.jupiter.api.Test
import java.lang.reflect.InvocationTargetException
import java.lang.reflect.Modifier
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertTrue

/** The border to the native library, without a wallet behind it. */
class NativeTest {
    init {
        NativeLibrary.load()
        Native.close()
    }

    private val methods = Native::class.java.declaredMethods.filter { Modifier.isNative(it.modifiers) }

    @Test
    fun `every native method is there, and says what is wrong by an exception of ours or by 6F00`() {
        assertTrue(methods.size > 15)
        val answering = setOf("begin", "finish", "answer")
        for (method in methods) {
            val arguments = method.parameterTypes.map { blank(it) }.toTypedArray()
            val outcome = runCatching { method.invoke(null, *arguments) }
            val thrown = (outcome.exceptionOrNull() as? InvocationTargetException)?.targetException
            when {
                method.name in answering -> assertContentEquals(byteArrayOf(0x6F, 0), outcome.getOrThrow() as ByteArray, method.name)
                thrown != null -> assertIs<NativeFailure>(thrown, "${method.name}: $thrown")
            }
        }
        Native.close()
    }

    @Test
    fun `without a wallet a management call says so`() {
        val thrown = runCatching { Native.select("card") }.exceptionOrNull()
        assertEquals("NOT_SET_UP", assertIs<NativeFailure>(thrown).code)
    }

    @Test
    fun `the library is this version's, for a desk`() {
        assertEquals(NativeLibrary.VERSION, NativeLibrary.buildInfo.version)
        assertTrue(NativeLibrary.buildInfo.grade in setOf("desk", "ci"), NativeLibrary.buildInfo.grade)
        assertTrue(NativeLibrary.buildInfo.abi.endsWith("-x86_64"), NativeLibrary.buildInfo.abi)
    }

    @Test
    fun `arrays that hold secrets are wiped by the native side, whatever becomes of the call`() {
        val (json, key, kek) = List(3) { ByteArray(16) { 0x5A } }
        assertIs<NativeFailure>(runCatching { Native.installProfile("card", json, key, kek) }.exceptionOrNull())
        for (array in listOf(json, key, kek)) assertContentEquals(ByteArray(16), array)
        val credentials = ByteArray(16) { 0x5A }
        assertIs<NativeFailure>(runCatching { Native.loadCredentials("card", credentials) }.exceptionOrNull())
        assertContentEquals(ByteArray(16), credentials)
    }

    private fun blank(type: Class<*>): Any? =
        when (type) {
            Boolean::class.java -> false
            ByteArray::class.java -> ByteArray(0)
            // No configuration, no method, and a folder below a file: nothing is made.
            String::class.java -> "/dev/null/nonsense"
            NativePort::class.java -> NativePort(null, null, NoListener)
            else -> null
        }

    private object NoListener : NativePort.Listener {
        override fun finalDecision(input: dev.bezant.wallet.AdviceInput) = error("nobody asks")

        override fun onEvent(event: dev.bezant.wallet.WalletEvent) = error("nobody tells")
    }
}
