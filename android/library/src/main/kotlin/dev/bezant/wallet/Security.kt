package dev.bezant.wallet

/** What ends a wallet's life, and how it begins anew. */
public interface Security {
    /**
     * Something has happened after which this device is not to be trusted with a card. From the first moment on nothing is
     * answered; what is stored is destroyed, or frozen where the configuration says so; a report stays.
     *
     * @param kind the app's word for it: 1 to 64 ASCII letters, digits, blanks or `_-.:`.
     */
    public suspend fun reportSecurityEvent(kind: String)

    /** Forgets everything, here and on disk, so that nothing can bring it back; the wallet goes on without a card. */
    public suspend fun wipe()

    /**
     * Destroys a store that cannot be opened any more, with its key, and opens a new one: the one way out of
     * [ErrorCode.KEYSTORE_KEY_INVALIDATED], [ErrorCode.STORAGE_ROLLED_BACK] and [ErrorCode.STORAGE_CORRUPTED].
     */
    public suspend fun startOver()

    /** The reports of security events, which outlive everything: the oldest first. */
    public suspend fun reports(): List<SecurityReport>

    /** What speaks for and against trusting this device, each fact with its evidence, and no verdict. */
    public suspend fun environment(): List<EnvironmentFact>
}

/** What a backend is to be told of a security event. It holds no secret. */
public class SecurityReport internal constructor(
    /** What has happened, in the word that it was reported by. */
    public val kind: String,
    /** When, in milliseconds since 1970. */
    public val atMillis: Long,
)

/** Something that was seen of the device or the app. */
public class EnvironmentFact internal constructor(
    /** A stable code. */
    public val code: Code,
    /** Whether it is so; `null` where it cannot be known. */
    public val holds: Boolean?,
    /** What was looked at, and what was found there. */
    public val evidence: String,
) {
    /** What is looked for. */
    public enum class Code {
        /** The app is debuggable. */
        APP_DEBUGGABLE,

        /** A debugger is attached. */
        DEBUGGER_ATTACHED,

        /** USB debugging is on. */
        ADB_ENABLED,

        /** The device looks like an emulator. */
        EMULATOR,

        /** The system was signed with keys that everybody has. */
        TEST_KEYS,

        /** A screen lock is set. */
        SCREEN_LOCK_SET,

        /** Android is new enough (API 24). */
        ANDROID_SUPPORTED,

        /** Whatever a newer version looks for. */
        UNKNOWN,
    }

    override fun toString(): String = "$code=$holds ($evidence)"
}

/**
 * What the app makes of the facts; asked once before anything is opened, on a thread of the wallet's own.
 *
 * @see WalletConfig.Builder.environmentPolicy
 */
public fun interface EnvironmentPolicy {
    /**
     * Gives the fact that forbids a wallet on this device, or `null`. Where there is one, set-up fails with
     * [ErrorCode.ENVIRONMENT_REFUSED], and nothing is written or erased.
     */
    public fun refusal(facts: List<EnvironmentFact>): EnvironmentFact?
}
