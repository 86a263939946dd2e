use super::ledger::LedgerError;
use crate::platform::KeyVaultError;

/// Why a store cannot be opened, read or written.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Rows of one instrument do not belong to what the store remembers; the others are sound.
    #[error("the rows of one payment instrument are damaged")]
    Damaged(String),
    /// No room is left on the device.
    #[error("no room is left on the device")]
    DiskFull,
    /// A version of the wallet that is newer than this one has written it.
    #[error("a newer version has written the store: its schema is {found}, this version knows up to {known}")]
    FromTheFuture {
        /// Of the file.
        found: u32,
        /// The highest that is known here.
        known: u32,
    },
    /// Another process, or another wallet in this one, has it open.
    #[error("the store is open already, here or in another process")]
    InUse,
    /// The device cannot read or write.
    #[error("the device cannot read or write the store ({0})")]
    Io(&'static str),
    /// The book itself refuses.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Nothing can be written there.
    #[error("the store cannot be written")]
    ReadOnly,
    /// The files are older than what the device's key store remembers: they have been put back.
    #[error("the store is older than what the device's key store remembers: it has been put back")]
    RolledBack,
    /// The file as a whole is not what it was.
    #[error("the store is damaged: {0}")]
    Unreadable(&'static str),
    /// The device's key store.
    #[error(transparent)]
    Vault(#[from] KeyVaultError),
}

impl StoreError {
    /// Whether only starting over helps: what is stored cannot be used again.
    #[must_use]
    pub const fn is_loss(&self) -> bool {
        match self {
            Self::RolledBack | Self::Unreadable(_) => true,
            Self::Vault(error) => error.is_loss(),
            _ => false,
        }
    }
}

impl From<StoreError> for LedgerError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Ledger(error) => error,
            StoreError::Damaged(_) => Self::Damaged,
            StoreError::DiskFull => Self::DiskFull,
            _ => Self::Unavailable,
        }
    }
}
