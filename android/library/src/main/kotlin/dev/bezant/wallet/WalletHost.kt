package dev.bezant.wallet

/**
 * The app behind the wallet.
 *
 * It is called on threads of the wallet's own, one call at a time for events and another thread for [finalDecision], with no lock
 * of the wallet held: calling it from inside is fine. Taps that an earlier process could not tell are told by the thread that opens the
 * wallet. Whatever it throws is caught; a [finalDecision] that throws or takes too long
 * declines the payment.
 *
 * @sample dev.bezant.wallet.samples.aHost
 */
public interface WalletHost {
    /**
     * A reader has found the card that pays if none is chosen now. The terminal waits for this call, within the budget
     * ([WalletConfig.Builder.hostBudgetMillis]): a card chosen or a cardholder verified in it counts for this very tap.
     */
    public fun onContactlessPaymentStarted(instrument: InstrumentId) {}

    /**
     * The last word on a payment, which may be stricter than the recommendation and never more generous. The terminal waits.
     */
    public fun finalDecision(input: AdviceInput): Advice = input.recommendedAdvice

    /** The terminal must be shown a verified cardholder: verify, and tap again before the deadline. */
    public fun onAuthRequiredForContactless(request: AuthenticationRequest) {}

    /**
     * A tap is over. Told for every tap, in order, and again in the next process if this one dies before the call returns:
     * [ContactlessPayment.id] tells whether it is known already.
     */
    public fun onContactlessPaymentCompleted(payment: ContactlessPayment) {}

    /** Credentials are to be fetched: told once, until they have come or [Instruments.giveUpReplenishment] was called. */
    public fun onReplenishNeeded(
        instrument: InstrumentId,
        reason: ReplenishReason,
    ) {}

    /** A card has changed its status. */
    public fun onPaymentInstrumentStatusChanged(
        instrument: InstrumentId,
        old: InstrumentStatus,
        new: InstrumentStatus,
    ) {}

    /** A security event has ended the wallet's life. */
    public fun onSecurityIssueAppeared(kind: String) {}
}

/** What is to become of a payment. */
public enum class Advice {
    /** The card answers under real keys. */
    PROCEED,

    /** The tap ends with a refusal. */
    DECLINE,

    /** The cardholder must be verified and tap again. */
    AUTHENTICATION_REQUIRED,
}

/** Why credentials are asked for. */
public enum class ReplenishReason {
    /** The card has none yet. */
    INITIAL,

    /** Few are left. */
    AUTOMATIC,

    /** The app asked. */
    MANUAL,

    /** Whatever a newer version calls it. */
    UNKNOWN,
}

/** What the app is told before it has the last word. */
public class AdviceInput internal constructor(
    /** Which card is to pay. */
    public val instrument: InstrumentId,
    /** The facts. */
    public val transaction: TransactionInfo,
    /** What the wallet would do. */
    public val recommendedAdvice: Advice,
    /** What speaks against the payment. */
    public val reasons: Set<Reason>,
    /** The code of the rule that decided. */
    public val rule: String,
    /** What decided, in a sentence for a developer. */
    public val sentence: String,
    /** Whether the cardholder's verification counts for this payment. */
    public val isUserAuthenticated: Boolean,
)

/** A payment that needs a verified cardholder and a second tap. */
public class AuthenticationRequest internal constructor(
    /** Which card. */
    public val instrument: InstrumentId,
    /** What is to be shown; the second tap must have the same amount and currency. */
    public val transaction: TransactionInfo,
    /** After it the first tap is forgotten; on the clock of `SystemClock.elapsedRealtime()`. */
    public val deadlineElapsedMillis: Long,
)
