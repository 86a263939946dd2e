use super::Secret;
use super::digest::sha256;
use super::stack::{self, wiped_after};
use crate::emv::Atc;
use subtle::{Choice, ConstantTimeEq};

/// The ICC Dynamic Number that belongs to one ATC and goes into the CDA signature.
pub type IccDynamicNumber = [u8; 8];

/// The keys of one transaction: EMV CSK session keys of two families under one ATC.
///
/// `umd` proves device and cardholder and makes 9F26; `md` proves the device alone and makes five bytes of 9F10.
/// Each is a 16-byte two-key triple-DES key; parity bits are ignored.
pub struct SessionKeys {
    /// The counter these keys were derived for.
    pub atc: Atc,
    /// The dynamic number of this transaction.
    pub idn: IccDynamicNumber,
    /// User and mobile device.
    pub umd: Secret<16>,
    /// Mobile device.
    pub md: Secret<16>,
}

impl SessionKeys {
    /// SHA-256 over all of it: tells whether two sets of keys are the same after one of them is gone.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        // A hash takes its input in by blocks, and forgets to wipe the last one.
        wiped_after::<{ stack::SHALLOW }, _>(|| {
            sha256(&[&self.atc.to_bytes(), &self.idn, self.umd.expose_secret(), self.md.expose_secret()])
        })
    }
}

impl ConstantTimeEq for SessionKeys {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.atc.value().ct_eq(&other.atc.value())
            & self.idn.ct_eq(&other.idn)
            & self.umd.ct_eq(&other.umd)
            & self.md.ct_eq(&other.md)
    }
}

/// Keys that nobody else knows, for answers that must not verify: both families and the dynamic number are random, and
/// the counter is [`Atc::OF_RANDOM_ANSWERS`].
pub struct RandomKeys(SessionKeys);

impl RandomKeys {
    /// Takes 40 random bytes from `fill`.
    pub fn new(fill: impl FnOnce(&mut [u8])) -> Self {
        let drawn = Secret::new(|bytes: &mut [u8; 40]| fill(bytes));
        let (mut idn, [mut umd, mut md]) = ([0; 8], [(); 2].map(|()| Secret::zero()));
        wiped_after::<{ stack::SHALLOW }, _>(|| {
            let rooms = idn.iter_mut().chain(umd.expose_mut()).chain(md.expose_mut());
            rooms.zip(drawn.expose_secret()).for_each(|(to, from)| *to = *from);
        });
        Self(SessionKeys { atc: Atc::OF_RANDOM_ANSWERS, idn, umd, md })
    }

    /// The keys, to be used like true ones.
    #[must_use]
    pub const fn as_session_keys(&self) -> &SessionKeys {
        &self.0
    }
}
