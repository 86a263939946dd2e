package dev.bezant.wallet

/** The taps that are remembered: as many as [WalletConfig.Builder.historyLimit] says. */
public interface History {
    /**
     * A page of taps, newest first.
     *
     * @param instrument only those with this card, or all.
     * @param after where the page before ended ([PaymentPage.next]), or `null` for the first.
     * @param limit how many, at least 1.
     */
    public suspend fun payments(
        instrument: InstrumentId?,
        after: String?,
        limit: Int,
    ): PaymentPage
}

/** Some taps, newest first. */
public class PaymentPage internal constructor(
    /** The taps. */
    public val payments: List<ContactlessPayment>,
    /** What to ask the next page by; `null` when there is none. */
    public val next: String?,
)
