use super::stack::{self, wiped_after};
use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// N secret bytes in one place on the heap: moved without a copy, never grown, never shown, wiped on drop.
///
/// Two secrets are compared with [`ConstantTimeEq`]; there is no `==`, no `Debug` and no `Clone`.
///
/// ```
/// use bezant::crypto::Secret;
/// use subtle::ConstantTimeEq;
/// let key = Secret::new(|bytes: &mut [u8; 16]| bytes.fill(7));
/// assert_eq!(key.expose_secret(), &[7; 16]);
/// assert!(bool::from(key.ct_eq(&Secret::new(|bytes: &mut [u8; 16]| bytes.fill(7)))));
/// ```
#[derive(ZeroizeOnDrop)]
pub struct Secret<const N: usize>(Box<[u8; N]>);

impl<const N: usize> Secret<N> {
    /// Lets `fill` write the bytes where they will stay; what it leaves of them on the stack is wiped, 16 KiB deep.
    #[must_use]
    pub fn new(fill: impl FnOnce(&mut [u8; N])) -> Self {
        let mut secret = Self(Box::new([0; N]));
        wiped_after::<{ stack::SYMMETRIC }, _>(|| fill(&mut secret.0));
        secret
    }

    /// Like [`Secret::new`], where filling may fail.
    ///
    /// # Errors
    /// What `fill` gives.
    pub fn try_new<E>(fill: impl FnOnce(&mut [u8; N]) -> Result<(), E>) -> Result<Self, E> {
        let mut secret = Self(Box::new([0; N]));
        wiped_after::<{ stack::SYMMETRIC }, _>(|| fill(&mut secret.0))?;
        Ok(secret)
    }

    /// The bytes themselves.
    #[must_use]
    pub const fn expose_secret(&self) -> &[u8; N] {
        &self.0
    }

    pub(super) fn zero() -> Self {
        Self(Box::new([0; N]))
    }

    pub(super) const fn expose_mut(&mut self) -> &mut [u8; N] {
        &mut self.0
    }
}

impl<const N: usize> ConstantTimeEq for Secret<N> {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&*other.0)
    }
}

/// Secret bytes whose number is known only at run time; like [`Secret`] in all else.
#[derive(ZeroizeOnDrop)]
pub struct SecretBytes(Box<[u8]>);

impl SecretBytes {
    /// Room for `length` bytes, which `fill` writes where they will stay; what it leaves of them on the stack is wiped.
    ///
    /// # Errors
    /// What `fill` gives.
    pub fn try_new<E>(length: usize, fill: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Self, E> {
        let mut secret = Self(vec![0; length].into_boxed_slice());
        wiped_after::<{ stack::SYMMETRIC }, _>(|| fill(&mut secret.0))?;
        Ok(secret)
    }

    /// Like [`SecretBytes::try_new`], where filling cannot fail.
    #[must_use]
    pub fn filled(length: usize, fill: impl FnOnce(&mut [u8])) -> Self {
        let mut secret = Self(vec![0; length].into_boxed_slice());
        wiped_after::<{ stack::SYMMETRIC }, _>(|| fill(&mut secret.0));
        secret
    }

    /// Takes a copy.
    #[must_use]
    pub fn copy_of(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The bytes themselves.
    #[must_use]
    pub const fn expose_secret(&self) -> &[u8] {
        &self.0
    }

    /// Keeps the first `length` bytes and wipes the rest.
    #[must_use]
    pub fn shortened(self, length: usize) -> Self {
        let kept = Self::copy_of(self.0.get(..length).unwrap_or(&self.0));
        drop(self);
        kept
    }

    /// Works on the bytes in place.
    pub(crate) fn expose_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl Zeroize for SecretBytes {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}
