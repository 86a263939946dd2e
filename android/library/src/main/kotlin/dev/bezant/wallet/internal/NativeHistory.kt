package dev.bezant.wallet.internal

import dev.bezant.wallet.History
import dev.bezant.wallet.InstrumentId
import dev.bezant.wallet.PaymentPage

/** The taps that the native wallet remembers. */
internal class NativeHistory(
    private val operations: Operations,
    private val awaitReady: suspend () -> Unit,
) : History {
    override suspend fun payments(
        instrument: InstrumentId?,
        after: String?,
        limit: Int,
    ): PaymentPage {
        require(limit > 0) { "limit: wants at least 1" }
        awaitReady()
        val taps = operations.join("payments") { Told.payments(native { Native.payments() }) }
        val older = if (after == null) taps else taps.dropWhile { it.id != after }.drop(1)
        val wanted = older.filter { instrument == null || it.instrument == instrument }
        val page = wanted.take(limit)
        return PaymentPage(page, if (wanted.size > limit) page.last().id else null)
    }
}
