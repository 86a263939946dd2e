use bezant::card::ProfileError;
use bezant::{ErrorCode, WalletError};

/// What cannot be done, as it crosses to Kotlin, which builds the text.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, uniffi::Error)]
pub enum WideFailure {
    /// The only variant: codes are open.
    #[error("{code}: {detail}")]
    Failed {
        /// The stable code.
        code: String,
        /// What was found, without a secret.
        detail: String,
        /// Whether the same call may succeed later.
        retryable: bool,
        /// Whether the cardholder has to do something.
        needs_user: bool,
        /// Whether a newer app is needed.
        needs_update: bool,
    },
}

/// What cannot be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Failed {
    pub(crate) code: &'static str,
    pub(crate) detail: String,
    pub(crate) retryable: bool,
    pub(crate) needs_user: bool,
    pub(crate) needs_update: bool,
}

impl Failed {
    pub(crate) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), retryable: false, needs_user: false, needs_update: false }
    }

    /// A panic of ours. What it said stays here: nobody has looked whether that may be told.
    pub(crate) fn panicked() -> Self {
        WalletError { code: ErrorCode::Internal, detail: "a panic was caught at the border".into() }.into()
    }

    /// Bit 0 says retryable, bit 1 needs the user, bit 2 needs an update.
    pub(crate) fn flags(&self) -> i32 {
        i32::from(self.retryable) | i32::from(self.needs_user) << 1 | i32::from(self.needs_update) << 2
    }
}

impl From<WalletError> for Failed {
    fn from(error: WalletError) -> Self {
        let WalletError { code, detail } = error;
        Self {
            code: code.as_str(),
            detail,
            retryable: code.is_retryable(),
            needs_user: code.needs_user(),
            needs_update: code.needs_update(),
        }
    }
}

impl From<ProfileError> for Failed {
    fn from(error: ProfileError) -> Self {
        WalletError::from(error).into()
    }
}

impl From<Failed> for WideFailure {
    fn from(failed: Failed) -> Self {
        let Failed { code, detail, retryable, needs_user, needs_update } = failed;
        Self::Failed { code: code.into(), detail, retryable, needs_user, needs_update }
    }
}

impl From<WalletError> for WideFailure {
    fn from(error: WalletError) -> Self {
        Failed::from(error).into()
    }
}
