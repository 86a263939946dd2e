package dev.bezant.wallet

/** A tap that is over. It holds no account number and no key. */
public class ContactlessPayment internal constructor(
    /** Tells this tap from every other of this wallet, also after the process has died and the tap is told again. */
    public val id: String,
    /** Counts the taps of this wallet. */
    public val number: Long,
    /** When it began, in milliseconds since 1970. */
    public val beganAtMillis: Long,
    /** Which card it was. */
    public val instrument: InstrumentId,
    /** How it ended, as far as a card can know: what the issuer says comes later, from elsewhere. */
    public val outcome: TapOutcome,
    /** What spoke against the payment. */
    public val reasons: Set<Reason>,
    /** The code of the rule that decided, where it came to a decision. */
    public val rule: String?,
    /** What decided, in a sentence for a developer. */
    public val sentence: String?,
    /** The app wanted to let the payment through although something spoke against it. */
    public val isOverruled: Boolean,
    /** The facts, where the tap came to a decision. */
    public val transaction: TransactionInfo?,
    /** What the server's later message about this payment will carry: 64 hexadecimal digits. */
    public val transactionId: String?,
) {
    override fun toString(): String = "ContactlessPayment(id=$id, outcome=$outcome, reasons=$reasons)"
}

/** How a tap ended, as far as the card can know. */
public enum class TapOutcome {
    /** A signed refusal under real keys: the terminal wanted proof, no payment. */
    AUTHENTICATE_OFFLINE,

    /** The terminal asks the issuer. */
    AUTHORIZE_ONLINE,

    /** The terminal declined by itself. */
    DECLINED_BY_TERMINAL,

    /** The wallet refused. */
    DECLINED_BY_WALLET,

    /** The tap was cut short by a failure: tap again. */
    ERROR,

    /** The link was lost before an answer. */
    INTERRUPTED,

    /** The cardholder is to prove something and tap again. */
    WALLET_ACTION_REQUIRED,

    /** Whatever a newer version calls it. */
    UNKNOWN,
}

/** Why a tap is not simply paid. */
public enum class Reason {
    /** Amount, currency or application differ from the first tap's. */
    CONTEXT_NOT_MATCHING,

    /** The keys may not be used without a verification. */
    CREDENTIALS_NOT_ACCESSIBLE_WITHOUT_CDCVM,

    /** No credential is left. */
    CREDENTIALS_NOT_AVAILABLE,

    /** The verification is too old or has served too often. */
    INSUFFICIENT_CDCVM,

    /** The terminal verifies nobody where the model relies on it. */
    INSUFFICIENT_POI_AUTHENTICATION,

    /** Nobody has been verified on the device. */
    MISSING_CDCVM,

    /** The cardholder has not consented. */
    MISSING_CONSENT,

    /** The issuer does not allow payments like this one. */
    TRANSACTION_CONDITIONS_NOT_ALLOWED,

    /** A transit gate, and the profile or the configuration does not serve gates. */
    UNSUPPORTED_TRANSIT,

    /** Whatever a newer version calls it. */
    UNKNOWN,
}

/** The facts of one transaction, as the terminal told them. */
public class TransactionInfo internal constructor(
    /** How much, in minor units. */
    public val amountMinorUnits: Long?,
    /** In which currency: three digits, ISO 4217. */
    public val currency: String?,
    /** Where the terminal stands: three digits, ISO 3166-1. */
    public val country: String?,
    /** What the merchant sells: four digits, ISO 18245. */
    public val merchantCategory: String?,
    /** Below or above the terminal's limit for a verification: `Low`, `High`, `Unknown`. */
    public val range: String,
    /** What the money is for: `Purchase`, `PurchaseWithCashback`, `Cash`, `Refund`, `Transit`, `Unknown`. */
    public val type: String,
    /** What the terminal wants: `Authorize`, `Authenticate`, `Unknown`. */
    public val purpose: String,
    /** At home or abroad: `Domestic`, `International`, `Unknown`. */
    public val conditions: String,
    /** The terminal accepts a verification on the device. */
    public val isCdcvmSupported: Boolean,
) {
    override fun toString(): String = "TransactionInfo(amount=$amountMinorUnits, currency=$currency, range=$range, type=$type)"
}
