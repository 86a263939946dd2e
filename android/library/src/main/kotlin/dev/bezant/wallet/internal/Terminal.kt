package dev.bezant.wallet.internal

import java.util.concurrent.Executor

/** The wallet as terminals see it. */
internal interface TerminalSide {
    /** Commands can be answered. While the wallet is being set up they cannot; where it never will be, they can: with refusals. */
    val isAnswering: Boolean

    /** Runs what has to wait, one after the other. */
    val worker: Executor

    /** Waits until commands can be answered, as long as a terminal may wait; gives whether they can. */
    fun awaitAnswering(): Boolean

    /** The answer, or `null` where it has to be waited for. */
    fun begin(command: ByteArray): ByteArray?

    /** The answer to the first command that [begin] had none for. */
    fun finish(): ByteArray

    /** The answer, waited for. */
    fun answer(command: ByteArray): ByteArray

    /** The reader is gone. */
    fun deactivated(deselected: Boolean)
}

/** Whatever is there when a terminal asks: a service may be older than the wallet. */
internal class CurrentTerminalSide(
    private val now: () -> TerminalSide,
) : TerminalSide {
    override val isAnswering: Boolean get() = now().isAnswering
    override val worker: Executor get() = now().worker

    override fun awaitAnswering(): Boolean = now().awaitAnswering()

    override fun begin(command: ByteArray): ByteArray? = now().begin(command)

    override fun finish(): ByteArray = now().finish()

    override fun answer(command: ByteArray): ByteArray = now().answer(command)

    override fun deactivated(deselected: Boolean) = now().deactivated(deselected)
}

/** Where there is no wallet: a terminal finds no card. */
internal object NoTerminalSide : TerminalSide {
    override val isAnswering: Boolean get() = true
    override val worker: Executor = Executor { it.run() }

    override fun awaitAnswering(): Boolean = true

    override fun begin(command: ByteArray): ByteArray =
        if (command.getOrNull(1) ==
            SELECT
        ) {
            FILE_NOT_FOUND.clone()
        } else {
            NOT_SATISFIED.clone()
        }

    override fun finish(): ByteArray = NOT_SATISFIED.clone()

    override fun answer(command: ByteArray): ByteArray = begin(command)

    override fun deactivated(deselected: Boolean) = Unit

    private const val SELECT = 0xA4.toByte()

    /** ISO/IEC 7816-4, table 6: 6A82 file or application not found, 6985 conditions of use not satisfied. */
    private val FILE_NOT_FOUND = byteArrayOf(0x6A, 0x82.toByte())
    private val NOT_SATISFIED = byteArrayOf(0x69, 0x85.toByte())
}
