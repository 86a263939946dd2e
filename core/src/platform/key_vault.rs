use crate::crypto::Secret;

/// The device's key store: it keeps the key that the store's own key is wrapped under, and one number that no copy of the
/// store can bring back.
///
/// On a phone it is the Android Keystore, on a desk a file. It is called on the ledger's thread, never while a terminal
/// waits for an answer, and must not call the wallet.
///
/// A vault serves one store. One that has never wrapped anything has no key yet; [`KeyVault::wrap`] makes one.
pub trait KeyVault: Send {
    /// Wraps the key of a new store; the bytes mean something to this vault only.
    ///
    /// # Errors
    /// [`KeyVaultError::Locked`], [`KeyVaultError::Unavailable`].
    fn wrap(&mut self, key: &Secret<32>) -> Result<Vec<u8>, KeyVaultError>;

    /// Opens what [`KeyVault::wrap`] gave: once per process.
    ///
    /// # Errors
    /// A [`KeyVaultError`]. What may pass by itself is told apart from what never will.
    fn unwrap(&mut self, wrapped: &[u8]) -> Result<Secret<32>, KeyVaultError>;

    /// The highest anchor that has been set since the key was made; 0 for a new key.
    ///
    /// # Errors
    /// A [`KeyVaultError`].
    fn anchor(&mut self) -> Result<u64, KeyVaultError>;

    /// Keeps a higher anchor, durably; a lower one changes nothing.
    ///
    /// # Errors
    /// A [`KeyVaultError`].
    fn raise_anchor(&mut self, anchor: u64) -> Result<(), KeyVaultError>;

    /// Destroys key and anchor: whatever was wrapped is lost for good. Done when there is nothing left to destroy.
    ///
    /// # Errors
    /// [`KeyVaultError::Unavailable`] when the key may still be there.
    fn destroy(&mut self) -> Result<(), KeyVaultError>;
}

/// What a vault cannot do, and whether it is worth to ask again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyVaultError {
    /// The key is gone for good: deleted, invalidated by the platform, or never there.
    #[error("the device's key store has no key for this store any more")]
    KeyGone,
    /// Nothing can be read before the device has been unlocked once since it started.
    #[error("the device has not been unlocked yet since it started")]
    Locked,
    /// There is a key, but not the one that the store was wrapped under: the files are another device's.
    #[error("the device's key store has another key than the one this store was made under")]
    OtherKey,
    /// It does not answer now.
    #[error("the device's key store does not answer")]
    Unavailable,
}

impl KeyVaultError {
    /// Whether the store can never be opened again with this vault.
    #[must_use]
    pub const fn is_loss(self) -> bool {
        matches!(self, Self::KeyGone | Self::OtherKey)
    }
}
