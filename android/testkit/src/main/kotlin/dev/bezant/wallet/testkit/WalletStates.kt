package dev.bezant.wallet.testkit

import dev.bezant.wallet.AuthenticationRequest
import dev.bezant.wallet.ContactlessPayment
import dev.bezant.wallet.InstrumentId
import dev.bezant.wallet.TapState
import dev.bezant.wallet.WalletException
import dev.bezant.wallet.WalletState

/** States of a wallet and of a tap, for [FakeWallet]. */
public object WalletStates {
    /** The store is being opened. */
    @JvmStatic
    public fun opening(): WalletState = WalletState.Opening()

    /** Everything works. */
    @JvmStatic
    public fun ready(): WalletState = WalletState.Ready()

    /** Not the app's main process. */
    @JvmStatic
    public fun inert(process: String): WalletState = WalletState.Inert(process)

    /** A security event has ended the wallet's life. */
    @JvmStatic
    public fun securityEvent(kind: String?): WalletState = WalletState.SecurityEvent(kind)

    /** The wallet could not be opened; [WalletValues.exception] makes one. */
    @JvmStatic
    public fun failed(exception: WalletException): WalletState = WalletState.Failed(exception)

    /** Nothing goes on. */
    @JvmStatic
    public fun idle(): TapState = TapState.Idle()

    /** The cardholder has been verified. */
    @JvmStatic
    public fun readyToTap(untilElapsedMillis: Long): TapState = TapState.ReadyToTap(untilElapsedMillis)

    /** A reader has found the card. */
    @JvmStatic
    public fun paying(instrument: InstrumentId): TapState = TapState.Paying(instrument)

    /** The link was lost before an answer. */
    @JvmStatic
    public fun interrupted(
        instrument: InstrumentId,
        retriesLeft: Int,
    ): TapState = TapState.Interrupted(instrument, retriesLeft)

    /** Verify the cardholder, and tap again. */
    @JvmStatic
    public fun authenticationRequired(request: AuthenticationRequest): TapState = TapState.AuthenticationRequired(request)

    /** The tap is over. */
    @JvmStatic
    public fun ended(payment: ContactlessPayment): TapState = TapState.Ended(payment)
}
