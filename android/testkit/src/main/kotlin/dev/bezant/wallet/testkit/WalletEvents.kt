package dev.bezant.wallet.testkit

import dev.bezant.wallet.AuthenticationRequest
import dev.bezant.wallet.ContactlessPayment
import dev.bezant.wallet.InstrumentId
import dev.bezant.wallet.InstrumentStatus
import dev.bezant.wallet.ReplenishReason
import dev.bezant.wallet.WalletEvent

/** Events, for [FakeWallet.emit]. */
public object WalletEvents {
    /** The cardholder is to be verified, and to tap again. */
    @JvmStatic
    public fun authenticationRequired(request: AuthenticationRequest): WalletEvent = WalletEvent.AuthenticationRequired(request)

    /** A tap is over. */
    @JvmStatic
    public fun completed(payment: ContactlessPayment): WalletEvent = WalletEvent.ContactlessPaymentCompleted(payment)

    /** The link was lost before an answer. */
    @JvmStatic
    public fun interrupted(
        instrument: InstrumentId,
        retriesLeft: Int,
    ): WalletEvent = WalletEvent.ContactlessPaymentInterrupted(instrument, retriesLeft)

    /** A reader has found a card. */
    @JvmStatic
    public fun started(instrument: InstrumentId): WalletEvent = WalletEvent.ContactlessPaymentStarted(instrument)

    /** Fewer credentials than the threshold are left. */
    @JvmStatic
    public fun credentialsLow(
        instrument: InstrumentId,
        credentialsLeft: Int,
    ): WalletEvent = WalletEvent.CredentialsLow(instrument, credentialsLeft)

    /** A collector was too slow. */
    @JvmStatic
    public fun eventsMissed(count: Int): WalletEvent = WalletEvent.EventsMissed(count)

    /** The app did not do as it should. */
    @JvmStatic
    public fun hostMisbehaved(
        call: String,
        how: String,
    ): WalletEvent = WalletEvent.HostMisbehaved(call, how)

    /** The next tap can be paid. */
    @JvmStatic
    public fun nextTapReady(
        instrument: InstrumentId,
        credentialsLeft: Int,
    ): WalletEvent = WalletEvent.NextTapReady(instrument, credentialsLeft)

    /** A payment was declined because no credential is left. */
    @JvmStatic
    public fun noTransactionCredentials(instrument: InstrumentId): WalletEvent = WalletEvent.NoTransactionCredentials(instrument)

    /** A card has changed its status. */
    @JvmStatic
    public fun statusChanged(
        instrument: InstrumentId,
        old: InstrumentStatus,
        new: InstrumentStatus,
        cause: String,
    ): WalletEvent = WalletEvent.PaymentInstrumentStatusChanged(instrument, old, new, cause)

    /** The cardholder has been verified and a card can pay. */
    @JvmStatic
    public fun readyToTap(secondsLeft: Int): WalletEvent = WalletEvent.ReadyToTap(secondsLeft)

    /** Credentials are to be fetched. */
    @JvmStatic
    public fun replenishNeeded(
        instrument: InstrumentId,
        reason: ReplenishReason,
    ): WalletEvent = WalletEvent.ReplenishNeeded(instrument, reason)

    /** A security event has ended the wallet's life. */
    @JvmStatic
    public fun securityIssue(kind: String): WalletEvent = WalletEvent.SecurityIssue(kind)
}
