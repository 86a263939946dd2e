package dev.bezant.wallet

/** Whether the wallet can be used. New states may come in a minor version. */
public abstract class WalletState internal constructor() {
    /** The store is being opened. A terminal is answered already, as far as the card's public data go. */
    public class Opening internal constructor() : WalletState()

    /** Everything works. */
    public class Ready internal constructor() : WalletState()

    /** This is not the app's main process: the wallet does nothing here. */
    public class Inert internal constructor(
        /** The name of this process. */
        public val process: String,
    ) : WalletState()

    /** A security event has ended the wallet's life in this process. */
    public class SecurityEvent internal constructor(
        /** What happened, in the word that it was reported by; `null` where an earlier process reported it. */
        public val kind: String?,
    ) : WalletState()

    /** The wallet could not be opened. [Wallet.awaitReady] tries again; [Security.startOver] is the way out of what never passes. */
    public class Failed internal constructor(
        /** Why. */
        public val exception: WalletException,
    ) : WalletState()

    override fun toString(): String = javaClass.simpleName
}

/** What a screen shows of a tap. New states may come in a minor version. */
public abstract class TapState internal constructor() {
    /** Nothing goes on. */
    public class Idle internal constructor() : TapState()

    /** The cardholder has been verified: hold the phone to the reader. */
    public class ReadyToTap internal constructor(
        /** Until when, on the clock of `SystemClock.elapsedRealtime()`. */
        public val untilElapsedMillis: Long,
    ) : TapState()

    /** A reader has found the card. */
    public class Paying internal constructor(
        /** Which card. */
        public val instrument: InstrumentId,
    ) : TapState()

    /** The link was lost before an answer; the phone may come back. */
    public class Interrupted internal constructor(
        /** Which card. */
        public val instrument: InstrumentId,
        /** How often it may. */
        public val retriesLeft: Int,
    ) : TapState()

    /** Verify the cardholder, and tap again. */
    public class AuthenticationRequired internal constructor(
        /** For what, and until when. */
        public val request: AuthenticationRequest,
    ) : TapState()

    /** The tap is over. */
    public class Ended internal constructor(
        /** How. */
        public val payment: ContactlessPayment,
    ) : TapState()

    override fun toString(): String = javaClass.simpleName
}
