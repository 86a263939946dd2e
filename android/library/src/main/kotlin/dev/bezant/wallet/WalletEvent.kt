package dev.bezant.wallet

/** What happens. New events may come in a minor version. */
public abstract class WalletEvent internal constructor() {
    /** The cardholder is to be verified, and to tap again. */
    public class AuthenticationRequired internal constructor(
        /** For what, and until when. */
        public val request: AuthenticationRequest,
    ) : WalletEvent()

    /** A tap is over. */
    public class ContactlessPaymentCompleted internal constructor(
        /** How. */
        public val payment: ContactlessPayment,
    ) : WalletEvent()

    /** The link was lost before an answer. */
    public class ContactlessPaymentInterrupted internal constructor(
        /** Which card. */
        public val instrument: InstrumentId,
        /** How often the phone may come back and still be in the same tap. */
        public val retriesLeft: Int,
    ) : WalletEvent()

    /** A reader has found a card. */
    public class ContactlessPaymentStarted internal constructor(
        /** Which card. */
        public val instrument: InstrumentId,
    ) : WalletEvent()

    /** Fewer credentials than the threshold are left. */
    public class CredentialsLow internal constructor(
        /** Of which card. */
        public val instrument: InstrumentId,
        /** How many. */
        public val credentialsLeft: Int,
    ) : WalletEvent()

    /** This collector was too slow for so many events. */
    public class EventsMissed internal constructor(
        /** How many. */
        public val count: Int,
    ) : WalletEvent()

    /** The app itself did not do as it should; the wallet went on without it. */
    public class HostMisbehaved internal constructor(
        /** In which call: `Event` or `FinalDecision`. */
        public val call: String,
        /** How: `Failed` or `Late`. */
        public val how: String,
    ) : WalletEvent()

    /** The next tap can be paid. */
    public class NextTapReady internal constructor(
        /** With which card. */
        public val instrument: InstrumentId,
        /** How many credentials it has. */
        public val credentialsLeft: Int,
    ) : WalletEvent()

    /** A payment was declined because no credential is left. */
    public class NoTransactionCredentials internal constructor(
        /** Of which card. */
        public val instrument: InstrumentId,
    ) : WalletEvent()

    /** A card has changed its status. */
    public class PaymentInstrumentStatusChanged internal constructor(
        /** Which card. */
        public val instrument: InstrumentId,
        /** From. */
        public val old: InstrumentStatus,
        /** To. */
        public val new: InstrumentStatus,
        /** Why: `Activated`, `Damaged`, `Deleted`, `Suspended`, `Wiped`, or what a newer version calls it. */
        public val cause: String,
    ) : WalletEvent()

    /** The cardholder has been verified and a card can pay. */
    public class ReadyToTap internal constructor(
        /** For so long. */
        public val secondsLeft: Int,
    ) : WalletEvent()

    /** Credentials are to be fetched. */
    public class ReplenishNeeded internal constructor(
        /** For which card. */
        public val instrument: InstrumentId,
        /** Why. */
        public val reason: ReplenishReason,
    ) : WalletEvent()

    /** A security event has ended the wallet's life. */
    public class SecurityIssue internal constructor(
        /** What has happened, in the app's words. */
        public val kind: String,
    ) : WalletEvent()

    override fun toString(): String = javaClass.simpleName
}
