package dev.bezant.wallet

/** The name under which an app knows a payment instrument: 1 to 128 printable ASCII characters. */
public class InstrumentId(
    /** The name. */
    public val value: String,
) {
    override fun equals(other: Any?): Boolean = other is InstrumentId && other.value == value

    override fun hashCode(): Int = value.hashCode()

    override fun toString(): String = value
}

/** Where a payment instrument stands in its life. */
public enum class InstrumentStatus {
    /** It pays. */
    ACTIVE,

    /** It is gone for good. */
    DELETED,

    /** It has not been activated yet. */
    INACTIVE,

    /** It is to be deleted as soon as the server can be told. */
    MARKED_FOR_DELETION,

    /** It does not pay until it is activated again. */
    SUSPENDED,

    /** Whatever a newer version calls it. */
    UNKNOWN,
}

/** A card as it stands now. */
public class PaymentInstrument internal constructor(
    /** Its name. */
    public val id: InstrumentId,
    /** Where it stands in its life. */
    public val status: InstrumentStatus,
    /** It pays when none is chosen. */
    public val isDefault: Boolean,
    /** It is chosen for the next tap. */
    public val isSelected: Boolean,
    /** How many payments it can make before it needs new credentials. */
    public val credentialsLeft: Int,
    /** How many low-value payments it has made since the last verified one. */
    public val consecutiveLowValuePayments: Int,
    /** What they come to, in minor units of the domestic currency. */
    public val cumulativeLowValueAmount: Long,
    /** Why what is stored of it cannot be used, if it cannot: a new profile makes it anew, or it is deleted. */
    public val fault: ErrorCode?,
) {
    override fun toString(): String = "PaymentInstrument(id=$id, status=$status, credentialsLeft=$credentialsLeft)"
}
