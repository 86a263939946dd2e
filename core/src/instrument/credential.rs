#[cfg(feature = "store")]
use crate::crypto::SecretBytes;
use crate::crypto::{IccDynamicNumber, Secret, SessionKeys};
use crate::emv::Atc;
use subtle::{Choice, ConstantTimeEq};

/// A single-use key pair as the token service issued it: good for one answer under one ATC, then spent.
///
/// ```
/// use bezant::crypto::Secret;
/// use bezant::emv::Atc;
/// use bezant::instrument::TransactionCredential;
/// let key = |byte| Secret::new(|bytes: &mut [u8; 16]| bytes.fill(byte));
/// let credential = TransactionCredential::new(Atc::new(1), &[1; 8], key(2), key(3)).ok_or("8 or 16 bytes")?;
/// assert_eq!(credential.atc(), Atc::new(1));
/// # Ok::<(), &str>(())
/// ```
pub struct TransactionCredential(SessionKeys);

impl TransactionCredential {
    /// The credential with these parts; `None` unless `idn` has 8 bytes, or 16, of which the last 8 count.
    #[must_use]
    pub fn new(atc: Atc, idn: &[u8], contactless_umd: Secret<16>, contactless_md: Secret<16>) -> Option<Self> {
        let idn: IccDynamicNumber = match idn.len() {
            8 | 16 => *idn.last_chunk()?,
            _ => return None,
        };
        Some(Self(SessionKeys { atc, idn, umd: contactless_umd, md: contactless_md }))
    }

    /// The counter it is good for.
    #[must_use]
    pub const fn atc(&self) -> Atc {
        self.0.atc
    }

    /// Tells whether another credential is this one, when this one is gone.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        self.0.fingerprint()
    }

    /// IDN, UMD key and MD key, 40 bytes in all: for a store.
    #[cfg(feature = "store")]
    pub(crate) fn to_bytes(&self) -> SecretBytes {
        let parts: [&[u8]; 3] = [&self.0.idn, self.0.umd.expose_secret(), self.0.md.expose_secret()];
        SecretBytes::filled(40, |bytes| {
            bytes.iter_mut().zip(parts.into_iter().flatten()).for_each(|(place, byte)| *place = *byte);
        })
    }

    /// Gives the keys out; from here on the credential is spent.
    #[must_use]
    pub fn into_session_keys(self) -> SessionKeys {
        self.0
    }
}

impl ConstantTimeEq for TransactionCredential {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}
