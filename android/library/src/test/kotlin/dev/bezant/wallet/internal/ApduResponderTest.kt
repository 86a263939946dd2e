package dev.bezant.wallet.internal

import org.junit.jupiter.api.Test
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit.MILLISECONDS
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertNull

/** A service's conversation with terminals, without a wallet: when an answer is given, and when none may be. */
class ApduResponderTest {
    private val side = SlowSide()
    private val sent = LinkedBlockingQueue<ByteArray>()
    private val responder = ApduResponder(side, sent::put)

    @Test
    fun `what needs no waiting is answered on the spot`() {
        assertContentEquals(byteArrayOf(1), responder.command(byteArrayOf(1)))
        assertNothingSent()
    }

    @Test
    fun `what has to wait is answered later, once and in the order of the commands`() {
        side.waits = true
        for (n in 1..5) assertNull(responder.command(byteArrayOf(n.toByte())))
        assertNothingSent()
        side.go.countDown()
        for (n in 1..5) assertContentEquals(byteArrayOf(n.toByte()), next())
        assertNothingSent()
    }

    @Test
    fun `an answer that comes after its field has gone is dropped, and the next tap gets its own`() {
        side.waits = true
        assertNull(responder.command(byteArrayOf(1)))
        responder.deactivated(0)
        assertNull(responder.command(byteArrayOf(2)))
        side.go.countDown()
        assertContentEquals(byteArrayOf(2), next())
        assertNothingSent()
        // The command of the first field was finished all the same: the wallet waits for that.
        assertEquals(2, side.finished)
    }

    @Test
    fun `a service that was destroyed answers nobody`() {
        side.waits = true
        assertNull(responder.command(byteArrayOf(1)))
        responder.close()
        side.go.countDown()
        side.settle()
        assertNothingSent()
    }

    @Test
    fun `a service that is older than the wallet finds no card before, and the card after`() {
        var there: TerminalSide = NoTerminalSide
        val older = ApduResponder(CurrentTerminalSide { there }, sent::put)
        assertContentEquals(byteArrayOf(0x6A, 0x82.toByte()), older.command(byteArrayOf(0, 0xA4.toByte())))
        there = side
        assertContentEquals(byteArrayOf(1), older.command(byteArrayOf(1)))
    }

    @Test
    fun `the wallet is told why the field has gone`() {
        responder.deactivated(0)
        responder.deactivated(1)
        assertEquals(listOf(false, true), side.deselected)
    }

    @Test
    fun `s2_031_commands before the wallet is there wait for it and are answered in order`() {
        side.isAnswering = false
        for (n in 1..3) assertNull(responder.command(byteArrayOf(n.toByte())))
        side.wakes(true)
        for (n in 1..3) assertContentEquals(byteArrayOf(n.toByte()), next())
    }

    @Test
    fun `s2_031_a wallet that does not come in time says tap again`() {
        side.isAnswering = false
        assertNull(responder.command(byteArrayOf(1)))
        side.wakes(false)
        assertContentEquals(byteArrayOf(0x6F, 0), next())
    }

    @Test
    fun `s2_031_a command whose field went before the wallet was there never reaches it`() {
        side.isAnswering = false
        assertNull(responder.command(byteArrayOf(1)))
        responder.deactivated(0)
        side.wakes(true)
        side.settle()
        assertNothingSent()
        assertEquals(emptyList(), side.answered, "a tap would have begun that nobody ends")
    }

    @Test
    fun `a wallet that throws is 6F00 and answers the next command`() {
        side.waits = true
        side.throws = true
        assertNull(responder.command(byteArrayOf(1)))
        side.go.countDown()
        assertContentEquals(byteArrayOf(0x6F, 0), next())
        side.throws = false
        assertNull(responder.command(byteArrayOf(2)))
        assertContentEquals(byteArrayOf(2), next())
    }

    private fun next(): ByteArray? = sent.poll(5, SECONDS)

    private fun assertNothingSent() = assertNull(sent.poll(30, MILLISECONDS))

    private class SlowSide : TerminalSide {
        @Volatile
        override var isAnswering = true
        override val worker = Executors.newSingleThreadExecutor()

        @Volatile
        var waits = false

        @Volatile
        var throws = false
        val go = CountDownLatch(1)
        val deselected = mutableListOf<Boolean>()
        val answered = mutableListOf<Byte>()

        @Volatile
        var finished = 0
        private val pending = LinkedBlockingQueue<ByteArray>()
        private val woken = CountDownLatch(1)

        @Volatile
        private var awake = false

        fun wakes(comes: Boolean) {
            awake = comes
            isAnswering = comes
            woken.countDown()
        }

        fun settle() {
            worker.submit {}.get(5, SECONDS)
        }

        override fun awaitAnswering(): Boolean {
            woken.await()
            return awake
        }

        override fun begin(command: ByteArray): ByteArray? {
            if (!waits) return command
            pending += command
            return null
        }

        override fun finish(): ByteArray {
            go.await()
            finished++
            val command = pending.poll()!!
            check(!throws)
            return command
        }

        override fun answer(command: ByteArray): ByteArray {
            answered += command[0]
            return command
        }

        override fun deactivated(deselected: Boolean) {
            this.deselected += deselected
        }
    }
}
