package dev.bezant.wallet.internal

import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executor
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger

/** The native wallet as terminals see it, once [answering] was called; before, while it is being loaded, commands wait for that. */
internal class NativeTerminalSide(
    override val worker: Executor,
    private val device: DeviceFacts,
) : TerminalSide {
    @Volatile
    private var refusing: TerminalSide? = null
    private val ready = CountDownLatch(1)
    private val waiting = ConcurrentLinkedQueue<Waiting>()

    /** Fields that have gone, which the wallet has not been told of yet. */
    private val leaving = AtomicInteger()

    override val isAnswering: Boolean get() = ready.count == 0L

    override fun awaitAnswering(): Boolean = ready.await(LONGEST_WAKE_MILLIS, TimeUnit.MILLISECONDS)

    /** The native library has a wallet. */
    fun answering() {
        refusing = null
        ready.countDown()
    }

    /** There is no wallet for now: terminals find no card. */
    fun refusing() {
        refusing = NoTerminalSide
        ready.countDown()
    }

    override fun begin(command: ByteArray): ByteArray? {
        refusing?.let { return it.begin(command) }
        if (leaving.get() > 0 || !lookAtDevice(command, waits = false)) {
            waiting += Waiting(command)
            return null
        }
        return Native.begin(command).also { if (it == null) waiting += Waiting(null) }
    }

    override fun finish(): ByteArray {
        val command = (waiting.poll() ?: return FAILED.clone()).untouched
        return if (command == null) Native.finish() ?: FAILED.clone() else answer(command)
    }

    override fun answer(command: ByteArray): ByteArray {
        refusing?.let { return it.answer(command) }
        lookAtDevice(command, waits = true)
        return Native.answer(command) ?: FAILED.clone()
    }

    override fun deactivated(deselected: Boolean) {
        if (refusing != null || !isAnswering) return
        if (leaving.get() == 0 && Native.deactivated(deselected, waits = false)) return
        // The wallet is busy: what comes next waits behind this, on the worker.
        leaving.incrementAndGet()
        worker.execute {
            Native.deactivated(deselected, waits = true)
            leaving.decrementAndGet()
        }
    }

    /** Whether the device is locked counts when a tap begins and when it is decided. Gives whether the wallet knows. */
    private fun lookAtDevice(
        command: ByteArray,
        waits: Boolean,
    ): Boolean = command.getOrNull(1) !in LOOKED_AT || Native.device(device.isLocked, device.isScreenOn, waits)

    /** A command that waits for its answer: as a whole, or `null` where the native side has begun it. */
    private class Waiting(
        val untouched: ByteArray?,
    )

    private companion object {
        /** How long a terminal waits for a process that it has started. */
        const val LONGEST_WAKE_MILLIS = 1_000L
        val FAILED = byteArrayOf(0x6F, 0x00)

        /** SELECT, GENERATE AC, COMPUTE CRYPTOGRAPHIC CHECKSUM (EMV Book 1, 11.3; Book 3, 6.5.5; Book C-2, 5.3). */
        val LOOKED_AT = setOf(0xA4.toByte(), 0xAE.toByte(), 0x2A.toByte())
    }
}
