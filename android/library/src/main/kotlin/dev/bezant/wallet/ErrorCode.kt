package dev.bezant.wallet

/**
 * What went wrong, stable for programs. Codes are open: a newer version may have more, so compare with the ones you handle and treat
 * the rest by [WalletException.isRetryable], [WalletException.needsUser] and [WalletException.needsUpdate].
 */
public class ErrorCode private constructor(
    /** The code, in upper case. */
    public val value: String,
    internal val sentence: String,
) {
    override fun equals(other: Any?): Boolean = other is ErrorCode && other.value == value

    override fun hashCode(): Int = value.hashCode()

    override fun toString(): String = value

    public companion object {
        private val known = LinkedHashMap<String, ErrorCode>()

        /** [Wallet.setup] was called before, with something else. */
        @JvmField
        public val ALREADY_SET_UP: ErrorCode = code("ALREADY_SET_UP", "the wallet of this process is set up already")

        /** The cardholder turned the dialog away. */
        @JvmField
        public val AUTHENTICATION_CANCELLED: ErrorCode =
            code("AUTHENTICATION_CANCELLED", "the cardholder was not verified: the dialog was left")

        /** The dialog could not verify the cardholder. */
        @JvmField
        public val AUTHENTICATION_FAILED: ErrorCode = code("AUTHENTICATION_FAILED", "the cardholder could not be verified")

        /** No screen lock is set. */
        @JvmField
        public val AUTHENTICATION_UNAVAILABLE: ErrorCode =
            code("AUTHENTICATION_UNAVAILABLE", "this phone cannot verify its cardholder: set a screen lock")

        /** A credential to be loaded is malformed, or its ATC stands twice. */
        @JvmField
        public val CREDENTIALS_INVALID: ErrorCode = code("CREDENTIALS_INVALID", "a credential to be loaded is malformed")

        /** A credential to be loaded has been used, or is there under other keys. */
        @JvmField
        public val CREDENTIALS_STALE: ErrorCode = code("CREDENTIALS_STALE", "a credential to be loaded has been used before")

        /** The app's policy forbids a wallet on this device. */
        @JvmField
        public val ENVIRONMENT_REFUSED: ErrorCode = code("ENVIRONMENT_REFUSED", "the app's policy forbids a wallet on this device")

        /** What is stored of the payment instrument is damaged. */
        @JvmField
        public val INSTRUMENT_DAMAGED: ErrorCode =
            code("INSTRUMENT_DAMAGED", "what is stored of the payment instrument is damaged: provision it again")

        /** The payment instrument is not active. */
        @JvmField
        public val INSTRUMENT_NOT_ACTIVE: ErrorCode = code("INSTRUMENT_NOT_ACTIVE", "the payment instrument is not active")

        /** The wallet has no such payment instrument. */
        @JvmField
        public val INSTRUMENT_NOT_FOUND: ErrorCode = code("INSTRUMENT_NOT_FOUND", "the wallet has no such payment instrument")

        /** A failure inside the wallet. */
        @JvmField
        public val INTERNAL: ErrorCode = code("INTERNAL", "something failed inside the wallet")

        /** The configuration has a value out of range. */
        @JvmField
        public val INVALID_CONFIG: ErrorCode = code("INVALID_CONFIG", "the configuration has a value that is not possible")

        /** The key that the store was made under is gone for good. */
        @JvmField
        public val KEYSTORE_KEY_INVALIDATED: ErrorCode =
            code("KEYSTORE_KEY_INVALIDATED", "the key of the store is gone for good: call Security.startOver and provision again")

        /** The device's key store does not answer. */
        @JvmField
        public val KEYSTORE_UNAVAILABLE: ErrorCode = code("KEYSTORE_UNAVAILABLE", "the device's key store does not answer now")

        /** A mobile PIN was passed. */
        @JvmField
        public val MOBILE_PIN_NOT_SUPPORTED: ErrorCode =
            code("MOBILE_PIN_NOT_SUPPORTED", "verification is local to the device: no mobile PIN is taken")

        /** The native library does not load, or is another version's. */
        @JvmField
        public val NATIVE_LIBRARY_UNUSABLE: ErrorCode =
            code("NATIVE_LIBRARY_UNUSABLE", "the native library does not load, or is another version's")

        /** No card is active. */
        @JvmField
        public val NO_DEFAULT_INSTRUMENT: ErrorCode = code("NO_DEFAULT_INSTRUMENT", "no payment instrument is active")

        /** [Wallet.setup] was not called. */
        @JvmField
        public val NOT_SET_UP: ErrorCode = code("NOT_SET_UP", "call Wallet.setup in Application.onCreate")

        /** The profile is made for another configuration. */
        @JvmField
        public val PROFILE_CONFIG_MISMATCH: ErrorCode =
            code("PROFILE_CONFIG_MISMATCH", "the profile is made for another CVM model than the configured one")

        /** The profile is not valid. */
        @JvmField
        public val PROFILE_INVALID: ErrorCode = code("PROFILE_INVALID", "the profile is not valid")

        /** A newer version of the wallet has written the store. */
        @JvmField
        public val SDK_UPDATE_REQUIRED: ErrorCode =
            code("SDK_UPDATE_REQUIRED", "a newer version of the wallet has written the store: update the app")

        /** A security event has happened. */
        @JvmField
        public val SECURITY_EVENT_OCCURRED: ErrorCode =
            code("SECURITY_EVENT_OCCURRED", "a security event has happened: nothing is answered before the process starts anew")

        /** The store is damaged as a whole. */
        @JvmField
        public val STORAGE_CORRUPTED: ErrorCode =
            code("STORAGE_CORRUPTED", "the store is damaged as a whole: call Security.startOver and provision again")

        /** The device cannot read or write. */
        @JvmField
        public val STORAGE_FAILED: ErrorCode = code("STORAGE_FAILED", "the device cannot read or write now")

        /** No room is left on the device. */
        @JvmField
        public val STORAGE_FULL: ErrorCode = code("STORAGE_FULL", "no room is left on the device")

        /** The store is open already, here or in another process. */
        @JvmField
        public val STORAGE_IN_USE: ErrorCode = code("STORAGE_IN_USE", "the store is open already, here or in another process")

        /** The device has not been unlocked yet since it started. */
        @JvmField
        public val STORAGE_LOCKED: ErrorCode = code("STORAGE_LOCKED", "the device has not been unlocked yet since it started")

        /** The store has been put back to an older state. */
        @JvmField
        public val STORAGE_ROLLED_BACK: ErrorCode =
            code("STORAGE_ROLLED_BACK", "the store was put back to an older state: call Security.startOver and provision again")

        /** More credentials than the wallet may hold. */
        @JvmField
        public val TOO_MANY_CREDENTIALS: ErrorCode = code("TOO_MANY_CREDENTIALS", "more credentials than the wallet may hold")

        /** The wallet is inert in this process of the app. */
        @JvmField
        public val WRONG_PROCESS: ErrorCode = code("WRONG_PROCESS", "the wallet lives in the app's main process only")

        internal fun all(): Collection<ErrorCode> = known.values

        internal fun of(value: String): ErrorCode = known[value] ?: ErrorCode(value, "something failed that this version has no words for")

        private fun code(
            value: String,
            sentence: String,
        ): ErrorCode = ErrorCode(value, sentence).also { known[value] = it }
    }
}
