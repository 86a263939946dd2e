package dev.bezant.wallet

/**
 * What cannot be done, in a few families that do not grow; [code] tells more and may.
 *
 * The text is for a developer: the code, what it means, what was found. It never holds a key, an account number or a value from a
 * profile.
 */
public sealed class WalletException(
    /** What went wrong. */
    public val code: ErrorCode,
    /** What was found here, for a developer. */
    public val detail: String,
    /** Whether the same call may succeed later, with nothing changed. */
    public val isRetryable: Boolean,
    /** Whether the cardholder has to do something. */
    public val needsUser: Boolean,
    /** Whether a newer app is needed. */
    public val needsUpdate: Boolean,
) : RuntimeException(if (detail.isEmpty()) "$code: ${code.sentence}" else "$code: ${code.sentence} ($detail)") {
    internal companion object {
        /** The exception of a code, in its family. */
        fun of(
            code: ErrorCode,
            detail: String,
            isRetryable: Boolean,
            needsUser: Boolean,
            needsUpdate: Boolean,
        ): WalletException =
            when (code) {
                ErrorCode.ALREADY_SET_UP, ErrorCode.INVALID_CONFIG, ErrorCode.NATIVE_LIBRARY_UNUSABLE, ErrorCode.NOT_SET_UP,
                ErrorCode.ENVIRONMENT_REFUSED, ErrorCode.WRONG_PROCESS,
                -> SetupException(code, detail, isRetryable, needsUser, needsUpdate)
                ErrorCode.AUTHENTICATION_CANCELLED, ErrorCode.AUTHENTICATION_FAILED, ErrorCode.AUTHENTICATION_UNAVAILABLE,
                ErrorCode.MOBILE_PIN_NOT_SUPPORTED,
                -> AuthenticationException(code, detail, isRetryable, needsUser, needsUpdate)
                ErrorCode.CREDENTIALS_INVALID, ErrorCode.CREDENTIALS_STALE, ErrorCode.INSTRUMENT_DAMAGED,
                ErrorCode.INSTRUMENT_NOT_ACTIVE, ErrorCode.INSTRUMENT_NOT_FOUND, ErrorCode.NO_DEFAULT_INSTRUMENT,
                ErrorCode.PROFILE_CONFIG_MISMATCH, ErrorCode.PROFILE_INVALID, ErrorCode.TOO_MANY_CREDENTIALS,
                -> InstrumentException(code, detail, isRetryable, needsUser, needsUpdate)
                ErrorCode.KEYSTORE_KEY_INVALIDATED, ErrorCode.KEYSTORE_UNAVAILABLE, ErrorCode.SDK_UPDATE_REQUIRED,
                ErrorCode.STORAGE_CORRUPTED, ErrorCode.STORAGE_FAILED, ErrorCode.STORAGE_FULL, ErrorCode.STORAGE_IN_USE,
                ErrorCode.STORAGE_LOCKED, ErrorCode.STORAGE_ROLLED_BACK,
                -> StorageException(code, detail, isRetryable, needsUser, needsUpdate)
                ErrorCode.SECURITY_EVENT_OCCURRED -> SecurityEventException(code, detail, isRetryable, needsUser, needsUpdate)
                else -> InternalWalletException(code, detail, isRetryable, needsUser, needsUpdate)
            }
    }
}

/** The wallet is not set up, or cannot be here. */
public class SetupException internal constructor(
    code: ErrorCode,
    detail: String,
    isRetryable: Boolean = false,
    needsUser: Boolean = false,
    needsUpdate: Boolean = false,
) : WalletException(code, detail, isRetryable, needsUser, needsUpdate)

/** The cardholder was not verified. */
public class AuthenticationException internal constructor(
    code: ErrorCode,
    detail: String,
    isRetryable: Boolean = false,
    needsUser: Boolean = true,
    needsUpdate: Boolean = false,
) : WalletException(code, detail, isRetryable, needsUser, needsUpdate)

/** Something is wrong with a card, its profile or its credentials. */
public class InstrumentException internal constructor(
    code: ErrorCode,
    detail: String,
    isRetryable: Boolean = false,
    needsUser: Boolean = false,
    needsUpdate: Boolean = false,
) : WalletException(code, detail, isRetryable, needsUser, needsUpdate)

/** The store or its key cannot be used: some pass by themselves, for others [Security.startOver] is the way out. */
public class StorageException internal constructor(
    code: ErrorCode,
    detail: String,
    isRetryable: Boolean = false,
    needsUser: Boolean = false,
    needsUpdate: Boolean = false,
) : WalletException(code, detail, isRetryable, needsUser, needsUpdate)

/** A security event has ended the wallet's life in this process. */
public class SecurityEventException internal constructor(
    code: ErrorCode,
    detail: String,
    isRetryable: Boolean = false,
    needsUser: Boolean = false,
    needsUpdate: Boolean = false,
) : WalletException(code, detail, isRetryable, needsUser, needsUpdate)

/** A failure inside the wallet, or a code of a newer version. */
public class InternalWalletException internal constructor(
    code: ErrorCode,
    detail: String,
    isRetryable: Boolean = true,
    needsUser: Boolean = false,
    needsUpdate: Boolean = false,
) : WalletException(code, detail, isRetryable, needsUser, needsUpdate)
