use super::SecretBytes;
use super::stack::{self, wiped_after};
use aes::cipher::block_padding::Iso7816;
use aes::cipher::{BlockModeDecrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};

/// An AES key under which the issuer has wrapped parts of a profile (ECB, ISO/IEC 7816-4 padding).
pub struct WrappingKey(SecretBytes);

/// Why a wrapped value cannot be opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnwrapError {
    /// The value is no whole number of AES blocks.
    #[error("it is not a whole number of AES blocks")]
    NotBlocks,
    /// The padding is not 80 00…: most likely another key.
    #[error("its padding is wrong; most likely it was wrapped under another key")]
    Padding,
}

impl WrappingKey {
    /// The key of these 16, 24 or 32 bytes; `None` for another length.
    #[must_use]
    pub fn new(key: SecretBytes) -> Option<Self> {
        matches!(key.expose_secret().len(), 16 | 24 | 32).then_some(Self(key))
    }

    /// The key itself.
    pub(crate) const fn expose_secret(&self) -> &[u8] {
        self.0.expose_secret()
    }

    /// The same key once more.
    pub(crate) fn copy(&self) -> Self {
        Self(SecretBytes::copy_of(self.0.expose_secret()))
    }

    /// Opens a wrapped value.
    ///
    /// # Errors
    /// An [`UnwrapError`]; the plaintext tried is wiped.
    pub fn unwrap(&self, mut wrapped: SecretBytes) -> Result<SecretBytes, UnwrapError> {
        if wrapped.expose_secret().is_empty() || !wrapped.expose_secret().len().is_multiple_of(16) {
            return Err(UnwrapError::NotBlocks);
        }
        let (key, bytes) = (self.0.expose_secret(), wrapped.expose_mut());
        let length = wiped_after::<{ stack::SYMMETRIC }, _>(|| match key.len() {
            16 => open::<ecb::Decryptor<Aes128>>(key, bytes),
            24 => open::<ecb::Decryptor<Aes192>>(key, bytes),
            _ => open::<ecb::Decryptor<Aes256>>(key, bytes),
        })?;
        Ok(wrapped.shortened(length))
    }
}

fn open<D: KeyInit + BlockModeDecrypt>(key: &[u8], bytes: &mut [u8]) -> Result<usize, UnwrapError> {
    let cipher = D::new_from_slice(key).map_err(|_| UnwrapError::Padding)?;
    Ok(cipher.decrypt_padded::<Iso7816>(bytes).map_err(|_| UnwrapError::Padding)?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 01 02 03 04 05, padded by hand and wrapped by `openssl enc -aes-128-ecb -nopad -K 1111…11`.
    #[test]
    fn a_wrapped_value_opens_only_under_its_key() {
        let key = |byte: u8| WrappingKey::new(SecretBytes::copy_of(&[byte; 16])).unwrap();
        let wrapped = || SecretBytes::copy_of(&WRAPPED);
        assert_eq!(key(0x11).unwrap(wrapped()).ok().unwrap().expose_secret(), [1, 2, 3, 4, 5]);
        assert_eq!(key(0x12).unwrap(wrapped()).err(), Some(UnwrapError::Padding));
        assert_eq!(key(0x11).unwrap(SecretBytes::copy_of(&WRAPPED[1..])).err(), Some(UnwrapError::NotBlocks));
        assert!(WrappingKey::new(SecretBytes::copy_of(&[0; 15])).is_none());
    }

    const WRAPPED: [u8; 16] =
        [0x5C, 0xAC, 0x2F, 0xE8, 0x29, 0x01, 0xFC, 0x90, 0x71, 0x7C, 0x2B, 0x34, 0x8E, 0x11, 0xA4, 0x5C];
}
