package dev.bezant.wallet.internal

import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executor
import java.util.concurrent.TimeUnit

/** The native wallet as terminals see it, once [answering] was called; before, while it is being loaded, commands wait for that. */
internal class NativeTerminalSide(
    override val worker: Executor,
    private val device: DeviceFacts,
) : TerminalSide {
    @Volatile
    private var refusing: TerminalSide? = null
    private val ready = CountDownLatch(1)

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
        lookAtDevice(command)
        return Native.begin(command)
    }

    override fun finish(): ByteArray = Native.finish() ?: FAILED.clone()

    override fun answer(command: ByteArray): ByteArray {
        refusing?.let { return it.answer(command) }
        lookAtDevice(command)
        return Native.answer(command) ?: FAILED.clone()
    }

    override fun deactivated(deselected: Boolean) {
        if (refusing == null && isAnswering) Native.deactivated(deselected)
    }

    /** Whether the device is locked counts when a tap begins and when it is decided. */
    private fun lookAtDevice(command: ByteArray) {
        if (command.getOrNull(1) in LOOKED_AT) Native.device(device.isLocked, device.isScreenOn)
    }

    private companion object {
        /** How long a terminal waits for a process that it has started. */
        const val LONGEST_WAKE_MILLIS = 1_000L
        val FAILED = byteArrayOf(0x6F, 0x00)

        /** SELECT, GENERATE AC, COMPUTE CRYPTOGRAPHIC CHECKSUM (EMV Book 1, 11.3; Book 3, 6.5.5; Book C-2, 5.3). */
        val LOOKED_AT = setOf(0xA4.toByte(), 0xAE.toByte(), 0x2A.toByte())
    }
}
