//! RSA key pairs of every size that a certification authority, an issuer or a card may hold (EMV Book 2, annex B2.1).

use crypto_bigint::BoxedUint;
use crypto_primes::hazmat::{SetBits, SmallFactorsSieveFactory};
use crypto_primes::{Flavor, is_prime, sieve_and_find};
use num_bigint::BigUint;
use rand_chacha::ChaCha20Rng;

/// A public exponent; EMV Book 2, annex B2.1, knows these two.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Exponent {
    /// 3: the shorter certificates, hence the usual choice on cards.
    #[default]
    Three,
    /// 65537, Fermat's fourth number.
    F4,
}

impl Exponent {
    /// The exponent as a number.
    pub fn value(self) -> u32 {
        match self {
            Self::Three => 3,
            Self::F4 => 65537,
        }
    }

    /// The exponent as a certificate carries it: 1 or 3 bytes.
    pub fn to_bytes(self) -> Vec<u8> {
        match self {
            Self::Three => vec![3],
            Self::F4 => vec![1, 0, 1],
        }
    }

    /// Reads the exponent of a certificate or a key file, leading zeros allowed.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        match bytes {
            [0, rest @ ..] => Self::from_bytes(rest),
            [3] => Ok(Self::Three),
            [1, 0, 1] => Ok(Self::F4),
            _ => Err(KeyError::Exponent),
        }
    }
}

/// The public half of a key: who holds it can recover what the private half signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicKey {
    modulus: BigUint,
    exponent: Exponent,
}

impl PublicKey {
    /// A key from its modulus (top bit set, whole bytes, EMV sizes) and exponent.
    pub fn new(modulus: &[u8], exponent: Exponent) -> Result<Self, KeyError> {
        let number = BigUint::from_bytes_be(modulus);
        checked_bits(8 * modulus.len())?;
        if number.bits() != 8 * modulus.len() as u64 {
            return Err(KeyError::Modulus);
        }
        Ok(Self { modulus: number, exponent })
    }

    /// The modulus, exactly [`Self::byte_length`] bytes.
    pub fn modulus(&self) -> Vec<u8> {
        self.modulus.to_bytes_be()
    }

    /// The public exponent.
    pub fn exponent(&self) -> Exponent {
        self.exponent
    }

    /// The length that EMV calls N: of the modulus, and so of every signature under this key.
    pub fn byte_length(&self) -> usize {
        self.modulus.bits().div_ceil(8) as usize
    }

    /// The recovery function of EMV Book 2, annex B2.1.3: the block that was signed.
    pub fn recover(&self, signature: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.power(signature, &BigUint::from(self.exponent.value()))
    }

    fn power(&self, block: &[u8], exponent: &BigUint) -> Result<Vec<u8>, KeyError> {
        let number = BigUint::from_bytes_be(block);
        if block.len() != self.byte_length() || number >= self.modulus {
            return Err(KeyError::Block { expected: self.byte_length(), got: block.len() });
        }
        Ok(fixed_width(&number.modpow(exponent, &self.modulus), self.byte_length()))
    }
}

/// The private key as a card profile carries it: the five parts of the Chinese remainder theorem, all of one length.
#[derive(Clone, Eq, PartialEq)]
pub struct CrtComponents {
    /// The larger prime.
    pub p: Vec<u8>,
    /// The smaller prime.
    pub q: Vec<u8>,
    /// d mod (p - 1).
    pub dp: Vec<u8>,
    /// d mod (q - 1).
    pub dq: Vec<u8>,
    /// q^-1 mod p.
    pub u: Vec<u8>,
}

/// A private key with its public half.
#[derive(Clone)]
pub struct KeyPair {
    public: PublicKey,
    p: BigUint,
    q: BigUint,
    d: BigUint,
}

impl KeyPair {
    /// A key of exactly `bits` bits (whole bytes, top bit set). The same generator state gives the same key.
    pub fn generate(bits: usize, exponent: Exponent, rng: &mut ChaCha20Rng) -> Result<Self, KeyError> {
        checked_bits(bits)?;
        // Whole bytes make `bits` even, so both primes are of one length and their product cannot be short:
        // each has its two top bits set.
        let p = prime(bits / 2, exponent, rng)?;
        loop {
            let q = prime(bits / 2, exponent, rng)?;
            if p != q {
                return Self::from_primes(&p.to_bytes_be(), &q.to_bytes_be(), exponent);
            }
        }
    }

    /// The key of two known primes, in either order.
    pub fn from_primes(p: &[u8], q: &[u8], exponent: Exponent) -> Result<Self, KeyError> {
        let (p, q) = (BigUint::from_bytes_be(p), BigUint::from_bytes_be(q));
        let (p, q) = if p >= q { (p, q) } else { (q, p) };
        let one = BigUint::from(1u8);
        if q <= one {
            return Err(KeyError::Modulus);
        }
        let public = PublicKey::new(&(&p * &q).to_bytes_be(), exponent)?;
        let order = (&p - &one) * (&q - &one);
        let d = BigUint::from(exponent.value()).modinv(&order).ok_or(KeyError::Exponent)?;
        Ok(Self { public, p, q, d })
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The signing function of EMV Book 2, annex B2.1.2, over a block of the modulus' length.
    pub fn sign(&self, block: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.public.power(block, &self.d)
    }

    /// The private key as a card profile carries it.
    pub fn crt_components(&self) -> Result<CrtComponents, KeyError> {
        let one = BigUint::from(1u8);
        let width = self.p.bits().div_ceil(8) as usize;
        let part = |number: &BigUint| fixed_width(number, width);
        Ok(CrtComponents {
            p: part(&self.p),
            q: part(&self.q),
            dp: part(&(&self.d % (&self.p - &one))),
            dq: part(&(&self.d % (&self.q - &one))),
            u: part(&self.q.modinv(&self.p).ok_or(KeyError::Modulus)?),
        })
    }
}

/// What may be wrong with a key.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeyError {
    /// A signature or a block to sign does not belong to this modulus.
    #[error("a block of {got} bytes does not fit a key of {expected} bytes")]
    Block {
        /// Bytes of the modulus.
        expected: usize,
        /// Bytes of the block.
        got: usize,
    },
    /// The exponent is neither 3 nor 65537, or the primes do not allow it.
    #[error("the public exponent must be 3 or 65537 and have no factor in common with p - 1 or q - 1")]
    Exponent,
    /// The modulus does not use its top bit, or is no product of two primes.
    #[error("the modulus must have its top bit set")]
    Modulus,
    /// The source of primes ran dry.
    #[error("no prime found: {0}")]
    Prime(String),
    /// The size is not one of EMV.
    #[error("a key of {0} bits: EMV keys have {SMALLEST_BITS} to {LARGEST_BITS} bits in whole bytes")]
    Size(usize),
}

fn checked_bits(bits: usize) -> Result<usize, KeyError> {
    if (SMALLEST_BITS..=LARGEST_BITS).contains(&bits) && bits.is_multiple_of(8) {
        Ok(bits)
    } else {
        Err(KeyError::Size(bits))
    }
}

fn prime(bits: usize, exponent: Exponent, rng: &mut ChaCha20Rng) -> Result<BigUint, KeyError> {
    let no_prime = |error: crypto_primes::Error| KeyError::Prime(error.to_string());
    let bits = u32::try_from(bits).map_err(|_| KeyError::Size(bits))?;
    let candidates =
        SmallFactorsSieveFactory::<BoxedUint>::new(Flavor::Any, bits, SetBits::TwoMsb).map_err(no_prime)?;
    // Both exponents are prime, so gcd(e, p - 1) = 1 as long as p mod e is not 1.
    let suits = |candidate: &BoxedUint| big(candidate) % exponent.value() != BigUint::from(1u8);
    let found = sieve_and_find(rng, candidates, |_, candidate| suits(candidate) && is_prime(Flavor::Any, candidate));
    found.map_err(no_prime)?.map(|prime| big(&prime)).ok_or_else(|| KeyError::Prime("no candidate left".to_owned()))
}

fn big(number: &BoxedUint) -> BigUint {
    BigUint::from_bytes_be(&number.to_be_bytes())
}

fn fixed_width(number: &BigUint, width: usize) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    let mut padded = vec![0; width.saturating_sub(bytes.len())];
    padded.extend(bytes);
    padded
}

/// Below this a signed block has no room for what CDA puts in it (EMV Book 2, annex D1.3).
const SMALLEST_BITS: usize = 512;
/// 248 bytes: EMV Book 2, annex B2.1.
const LARGEST_BITS: usize = 1984;
