//! The one error that users of the wallet see.

use crate::card::ProfileError;
use crate::instrument::NotPossible;
use crate::storage::LedgerError;
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
    /// The payment instrument is not active.
    InstrumentNotActive,
    /// The wallet has no such payment instrument.
    InstrumentNotFound,
    /// A failure inside the wallet.
    Internal,
    /// The configuration has an unknown name or a value out of range.
    InvalidConfig,
    /// A mobile PIN was passed; verification is the device's own affair.
    MobilePinNotSupported,
    /// No card is active.
    NoDefaultInstrument,
    /// The profile is made for another configuration.
    ProfileConfigMismatch,
    /// The profile is not valid.
    ProfileInvalid,
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
            Self::InstrumentNotActive => "INSTRUMENT_NOT_ACTIVE",
            Self::InstrumentNotFound => "INSTRUMENT_NOT_FOUND",
            Self::Internal => "INTERNAL",
            Self::InvalidConfig => "INVALID_CONFIG",
            Self::MobilePinNotSupported => "MOBILE_PIN_NOT_SUPPORTED",
            Self::NoDefaultInstrument => "NO_DEFAULT_INSTRUMENT",
            Self::ProfileConfigMismatch => "PROFILE_CONFIG_MISMATCH",
            Self::ProfileInvalid => "PROFILE_INVALID",
            Self::TooManyCredentials => "TOO_MANY_CREDENTIALS",
        }
    }

    /// Whether the same call may succeed later, with nothing changed.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::Internal)
    }

    /// Whether the cardholder has to do something.
    #[must_use]
    pub const fn needs_user(self) -> bool {
        matches!(self, Self::MobilePinNotSupported | Self::NoDefaultInstrument)
    }

    /// Whether a newer app or wallet is needed.
    #[must_use]
    pub const fn needs_update(self) -> bool {
        matches!(self, Self::ProfileConfigMismatch)
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
}

/// The one place where inner failures become public codes.
impl From<Failure> for WalletError {
    fn from(failure: Failure) -> Self {
        let (code, detail) = match &failure {
            Failure::Instrument(error @ NotPossible::NotActive) => (ErrorCode::InstrumentNotActive, error.to_string()),
            Failure::Instrument(error @ NotPossible::NotFound) => (ErrorCode::InstrumentNotFound, error.to_string()),
            Failure::Profile(error) => (ErrorCode::ProfileInvalid, error.to_string()),
            Failure::Ledger(error) => {
                let code = match error {
                    LedgerError::Duplicate(_) => ErrorCode::CredentialsInvalid,
                    LedgerError::Full(_) => ErrorCode::TooManyCredentials,
                    LedgerError::Stale(_) => ErrorCode::CredentialsStale,
                    LedgerError::NoneLeft
                    | LedgerError::NotReserved
                    | LedgerError::Reserved
                    | LedgerError::Unavailable => ErrorCode::Internal,
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

impl From<ProfileError> for WalletError {
    fn from(error: ProfileError) -> Self {
        Failure::Profile(error).into()
    }
}
