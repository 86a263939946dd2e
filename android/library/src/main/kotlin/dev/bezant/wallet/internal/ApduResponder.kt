package dev.bezant.wallet.internal

import dev.bezant.wallet.internal.doctor.asked

/**
 * One service's conversation with terminals: the answer on the spot where nothing has to be waited for, else later, once, and in order.
 * An answer that comes after its field has gone is dropped: Android would give it to the next terminal. What Android has in its queue
 * already when the field goes, nobody outside of it can take back.
 */
internal class ApduResponder(
    private val side: TerminalSide,
    private val send: (ByteArray) -> Unit,
) {
    private val lock = Any()
    private var field = 0

    /** The answer, or `null` when [send] gets it later. */
    fun command(command: ByteArray): ByteArray? {
        if (!side.isAnswering) {
            // A tap that nobody would end must not begin once the field has gone.
            return later { stands ->
                if (!side.awaitAnswering() || !stands()) return@later TAP_AGAIN.clone()
                side.answer(command).also { if (!stands()) side.deactivated(deselected = false) }
            }
        }
        // What was begun is finished in any case: the wallet waits for that.
        return orTapAgain { side.begin(command) } ?: later { side.finish() }
    }

    /** The field has gone; its reason is that of `HostApduService`. */
    fun deactivated(reason: Int) {
        close()
        side.deactivated(deselected = reason == DEACTIVATION_DESELECTED)
    }

    /** Nobody is there to be answered any more. */
    fun close() {
        synchronized(lock) { field++ }
    }

    /** Answers on the worker; what [answer] is given tells whether somebody still wants that. */
    private fun later(answer: (stands: () -> Boolean) -> ByteArray): ByteArray? {
        val asked = synchronized(lock) { field }
        side.worker.execute {
            val answered = orTapAgain { answer { synchronized(lock) { asked == field } } }
            // Under the lock, so that none is sent once the field has gone.
            synchronized(lock) { if (asked == field) answered?.let(send) }
        }
        return null
    }

    /** On these threads an exception would end the app. */
    private inline fun orTapAgain(answer: () -> ByteArray?): ByteArray? =
        try {
            answer()
        } catch (_: Exception) {
            TAP_AGAIN.clone()
        }

    private companion object {
        /** `HostApduService.DEACTIVATION_DESELECTED`. */
        const val DEACTIVATION_DESELECTED = 1

        /** The wallet could not be woken in time. ISO/IEC 7816-4, table 5: 6F00, no precise diagnosis. */
        val TAP_AGAIN = byteArrayOf(0x6F, 0x00)
    }
}
