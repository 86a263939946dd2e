package dev.bezant.wallet.internal

import dev.bezant.wallet.ContactlessPayment
import dev.bezant.wallet.InstrumentId
import dev.bezant.wallet.TapOutcome
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith

class DeliveriesTest {
    @TempDir
    lateinit var folder: File
    private val taps = mutableListOf<ContactlessPayment>()
    private val told = mutableListOf<Long>()
    private var refused = emptySet<Long>()

    /** What a process has: it begins with what is on disk. */
    private fun process() =
        Deliveries(File(folder, "cursor"), { taps.toList() }) {
            check(it.number !in refused) { "the app throws" }
            told += it.number
        }

    @Test
    fun `each tap is told once, in order`() {
        val process = process()
        taps(1, 2)
        process.deliver()
        taps(3)
        process.deliver()
        process.deliver()
        process().deliver()
        assertEquals(listOf(1L, 2, 3), told)
    }

    @Test
    fun `what the app threw at is told again until it returns, and what came after it only once`() {
        refused = setOf(2)
        val process = process()
        taps(1, 2, 3)
        assertFailsWith<IllegalStateException> { process.deliver() }
        assertEquals(listOf(1L, 3), told)
        refused = emptySet()
        process.deliver()
        assertEquals(listOf(1L, 3, 2), told)
        process().deliver()
        assertEquals(listOf(1L, 3, 2), told)
    }

    @Test
    fun `the next process tells what this one did not get rid of`() {
        refused = setOf(2)
        taps(1, 2, 3)
        assertFailsWith<IllegalStateException> { process().deliver() }
        refused = emptySet()
        process().deliver()
        // An app may hear of a tap twice, never not at all.
        assertEquals(listOf(1L, 3, 2, 3), told)
    }

    @Test
    fun `an app that throws an error is told again by the next process, and the taps that follow are told`() {
        taps(1, 2)
        val broken =
            Deliveries(File(folder, "cursor"), { taps.toList() }) {
                if (it.number == 1L) throw NoClassDefFoundError("the app's")
                told += it.number
            }
        assertFailsWith<NoClassDefFoundError> { broken.deliver() }
        assertEquals(listOf(2L), told)
        process().deliver()
        assertEquals(listOf(2L, 1, 2), told)
    }

    @Test
    fun `the first tap of a store that was made anew is told, though it has the number of the last one told`() {
        taps(1)
        val process = process()
        process.deliver()
        process.forget()
        process.deliver()
        assertEquals(listOf(1L, 1), told)
        process().deliver()
        assertEquals(listOf(1L, 1), told)
    }

    @Test
    fun `after a wipe taps count anew and are told`() {
        taps(1, 2, 3, 4, 5)
        process().deliver()
        taps.clear()
        process().deliver()
        taps(1)
        process().deliver()
        assertEquals(listOf(1L, 2, 3, 4, 5, 1), told)
    }

    @Test
    fun `after a wipe no tap is lost, however long the app refuses them`() {
        taps(1, 2, 3)
        process().deliver()
        taps.clear()
        refused = setOf(1, 2, 3, 4)
        val process = process()
        for (n in 1L..4) {
            taps(n)
            assertFailsWith<IllegalStateException> { process.deliver() }
        }
        refused = emptySet()
        told.clear()
        process().deliver()
        assertEquals(listOf(1L, 2, 3, 4), told)
    }

    @Test
    fun `taps that the history has forgotten do not hold up the others`() {
        refused = setOf(1)
        taps(1, 2)
        val process = process()
        assertFailsWith<IllegalStateException> { process.deliver() }
        taps.removeAt(0)
        taps(3)
        process.deliver()
        process().deliver()
        assertEquals(listOf(2L, 3), told)
    }

    @Test
    fun `a cursor that cannot be read or written tells taps twice rather than never`() {
        File(folder, "cursor").writeText("nonsense")
        taps(1)
        process().deliver()
        File(folder, "cursor").delete()
        File(folder, "cursor.draft").mkdirs()
        process().deliver()
        assertEquals(listOf(1L, 1), told)
    }

    private fun taps(vararg numbers: Long) {
        taps +=
            numbers.map { number ->
                ContactlessPayment(
                    id = "$number",
                    number = number,
                    beganAtMillis = 0,
                    instrument = InstrumentId("card"),
                    outcome = TapOutcome.AUTHORIZE_ONLINE,
                    reasons = emptySet(),
                    rule = null,
                    sentence = null,
                    isOverruled = false,
                    transaction = null,
                    transactionId = null,
                )
            }
    }
}
