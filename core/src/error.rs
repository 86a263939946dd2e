//! The one error that users of the wallet see.

use crate::card::ProfileError;
use crate::instrument::NotPossible;
use crate::platform::KeyVaultError;
use crate::storage::{LedgerError, StoreError};
use core::fmt;

/// What a user of the wallet is told when something cannot be done.
///
/// The detail is for a developer's eyes and never holds a key, an account number or a value from a profile.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct WalletError {
    /// What went wrong, stable for programs.
    pub code: ErrorCode,
    /// What went wrong here, for people.
    pub detail: String,
}

/// Stable codes; new ones may come in any minor version.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum ErrorCode {
    /// A credential to be loaded is malformed, or its ATC stands twice.
    CredentialsInvalid,
    /// A credential to be loaded has been used, or is there under other keys.
    CredentialsStale,
    /// What is stored of the payment instrument is damaged: it has to be provisioned again.
    InstrumentDamaged,
    /// The payment instrument is not active.
    InstrumentNotActive,
    /// The wallet has no such payment instrument.
    InstrumentNotFound,
    /// A failure inside the wallet.
    Internal,
    /// The configuration has an unknown name or a value out of range.
    InvalidConfig,
    /// The key that the store was made under is gone for good, or is another device's: start over.
    KeystoreKeyInvalidated,
    /// The device's key store does not answer.
    KeystoreUnavailable,
    /// A mobile PIN was passed; verification is the device's own affair.
    MobilePinNotSupported,
    /// No card is active.
    NoDefaultInstrument,
    /// The profile is made for another configuration.
    ProfileConfigMismatch,
    /// The profile is not valid.
    ProfileInvalid,
    /// A newer version of the wallet has written the store.
    SdkUpdateRequired,
    /// A security event has happened: nothing is answered before the process starts anew.
    SecurityEventOccurred,
    /// The store is damaged as a whole: start over.
    StorageCorrupted,
    /// The device cannot read or write.
    StorageFailed,
    /// No room is left on the device.
    StorageFull,
    /// The store is open already, here or in another process.
    StorageInUse,
    /// The device has not been unlocked yet since it started.
    StorageLocked,
    /// The store has been put back to an older state: start over.
    StorageRolledBack,
    /// More credentials than the wallet may hold.
    TooManyCredentials,
}

impl ErrorCode {
    /// The code as programs know it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CredentialsInvalid => "CREDENTIALS_INVALID",
            Self::CredentialsStale => "CREDENTIALS_STALE",
            Self::InstrumentDamaged => "INSTRUMENT_DAMAGED",
            Self::InstrumentNotActive => "INSTRUMENT_NOT_ACTIVE",
            Self::InstrumentNotFound => "INSTRUMENT_NOT_FOUND",
            Self::Internal => "INTERNAL",
            Self::InvalidConfig => "INVALID_CONFIG",
            Self::KeystoreKeyInvalidated => "KEYSTORE_KEY_INVALIDATED",
            Self::KeystoreUnavailable => "KEYSTORE_UNAVAILABLE",
            Self::MobilePinNotSupported => "MOBILE_PIN_NOT_SUPPORTED",
            Self::NoDefaultInstrument => "NO_DEFAULT_INSTRUMENT",
            Self::ProfileConfigMismatch => "PROFILE_CONFIG_MISMATCH",
            Self::ProfileInvalid => "PROFILE_INVALID",
            Self::SdkUpdateRequired => "SDK_UPDATE_REQUIRED",
            Self::SecurityEventOccurred => "SECURITY_EVENT_OCCURRED",
            Self::StorageCorrupted => "STORAGE_CORRUPTED",
            Self::StorageFailed => "STORAGE_FAILED",
            Self::StorageFull => "STORAGE_FULL",
            Self::StorageInUse => "STORAGE_IN_USE",
            Self::StorageLocked => "STORAGE_LOCKED",
            Self::StorageRolledBack => "STORAGE_ROLLED_BACK",
            Self::TooManyCredentials => "TOO_MANY_CREDENTIALS",
        }
    }

    /// Whether the same call may succeed later, with nothing changed.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::Internal | Self::KeystoreUnavailable | Self::StorageFailed | Self::StorageInUse | Self::StorageLocked
        )
    }

    /// Whether the cardholder has to do something.
    #[must_use]
    pub const fn needs_user(self) -> bool {
        matches!(
            self,
            Self::MobilePinNotSupported | Self::NoDefaultInstrument | Self::StorageFull | Self::StorageLocked
        )
    }

    /// Whether a newer app or wallet is needed.
    #[must_use]
    pub const fn needs_update(self) -> bool {
        matches!(self, Self::ProfileConfigMismatch | Self::SdkUpdateRequired)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl WalletError {
    pub(crate) fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

/// Every failure of a room below the wallet, ready to be told.
pub(crate) enum Failure {
    Instrument(NotPossible),
    Ledger(LedgerError),
    Profile(ProfileError),
    Store(StoreError),
}

/// The one place where inner failures become public codes.
impl From<Failure> for WalletError {
    fn from(failure: Failure) -> Self {
        let (code, detail) = match &failure {
            Failure::Instrument(error @ NotPossible::NotActive) => (ErrorCode::InstrumentNotActive, error.to_string()),
            Failure::Instrument(error @ NotPossible::NotFound) => (ErrorCode::InstrumentNotFound, error.to_string()),
            Failure::Profile(error) => (ErrorCode::ProfileInvalid, error.to_string()),
            Failure::Store(StoreError::Ledger(error)) => return (*error).into(),
            Failure::Store(error) => {
                let code = match error {
                    StoreError::Damaged(_) => ErrorCode::InstrumentDamaged,
                    StoreError::DiskFull => ErrorCode::StorageFull,
                    StoreError::FromTheFuture { .. } => ErrorCode::SdkUpdateRequired,
                    StoreError::InUse => ErrorCode::StorageInUse,
                    StoreError::RolledBack => ErrorCode::StorageRolledBack,
                    StoreError::Unreadable(_) => ErrorCode::StorageCorrupted,
                    StoreError::Vault(KeyVaultError::Locked) => ErrorCode::StorageLocked,
                    StoreError::Vault(error) if error.is_loss() => ErrorCode::KeystoreKeyInvalidated,
                    StoreError::Vault(_) => ErrorCode::KeystoreUnavailable,
                    StoreError::Io(_) | StoreError::ReadOnly | StoreError::Ledger(_) => ErrorCode::StorageFailed,
                };
                (code, error.to_string())
            }
            Failure::Ledger(error) => {
                let code = match error {
                    LedgerError::Duplicate(_) => ErrorCode::CredentialsInvalid,
                    LedgerError::Full(_) => ErrorCode::TooManyCredentials,
                    LedgerError::Stale(_) => ErrorCode::CredentialsStale,
                    LedgerError::Damaged => ErrorCode::InstrumentDamaged,
                    LedgerError::DiskFull => ErrorCode::StorageFull,
                    LedgerError::Unavailable => ErrorCode::StorageFailed,
                    LedgerError::NoneLeft | LedgerError::NotReserved | LedgerError::Reserved => ErrorCode::Internal,
                };
                (code, error.to_string())
            }
        };
        Self { code, detail }
    }
}

impl From<NotPossible> for WalletError {
    fn from(error: NotPossible) -> Self {
        Failure::Instrument(error).into()
    }
}

impl From<LedgerError> for WalletError {
    fn from(error: LedgerError) -> Self {
        Failure::Ledger(error).into()
    }
}

impl From<StoreError> for WalletError {
    fn from(error: StoreError) -> Self {
        Failure::Store(error).into()
    }
}

impl From<ProfileError> for WalletError {
    fn from(error: ProfileError) -> Self {
        Failure::Profile(error).into()
    }
}
