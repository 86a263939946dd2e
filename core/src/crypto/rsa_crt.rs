use super::SecretBytes;
use super::stack::{self, wiped_after};
use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{NonZero, Odd, U384, U448, U512, U576, U640, U704, U768, U896, U1024, U1280, Uint};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

/// The five parts of an ICC private key in Chinese remainder form, most significant byte first.
pub struct CrtParts {
    /// First prime.
    pub p: SecretBytes,
    /// Second prime.
    pub q: SecretBytes,
    /// d mod (p - 1).
    pub dp: SecretBytes,
    /// d mod (q - 1).
    pub dq: SecretBytes,
    /// q^-1 mod p.
    pub u: SecretBytes,
}

/// An ICC private key of 96 to 176 bytes (768 to 1,408 bits) whose parts have been proved to belong together.
///
/// All arithmetic with secrets has a fixed width and is constant in time.
pub struct IccPrivateKey {
    signer: Box<dyn Signer>,
    modulus_length: usize,
}

/// Why five parts are not an ICC private key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IccPrivateKeyError {
    /// The parts are not those of one key with public exponent 3 or 65537.
    #[error("the five parts are not those of one key with exponent 3 or 65537")]
    Inconsistent,
    /// The modulus is shorter than 768 or longer than 1,408 bits, or a prime longer than 704.
    #[error("the modulus is not of 768 to 1,408 bits")]
    ModulusLength,
    /// The modulus is below the signed block, which starts with 6A.
    #[error("the modulus starts with a byte below 6B")]
    ModulusTooSmall,
}

/// A signature did not verify under the public key: a fault in memory or arithmetic. It has not left the card.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the signature came out wrong")]
pub struct SignatureFault;

impl IccPrivateKey {
    /// The longest modulus, in bytes.
    pub const MAX_LENGTH: usize = 176;

    /// Proves that the five parts belong together: the exponents and the inverse against the primes, and all of them by
    /// a signature that verifies.
    ///
    /// # Errors
    /// An [`IccPrivateKeyError`].
    pub fn new(parts: &CrtParts) -> Result<Self, IccPrivateKeyError> {
        wiped_after::<{ stack::KEY_PROOF }, _>(|| Self::proved(parts))
    }

    fn proved(parts: &CrtParts) -> Result<Self, IccPrivateKeyError> {
        let bits = bit_length(&parts.p).max(bit_length(&parts.q));
        let (signer, modulus_length) = match bits {
            0..=384 => key::<{ U384::LIMBS }, { U768::LIMBS }>(parts),
            385..=448 => key::<{ U448::LIMBS }, { U896::LIMBS }>(parts),
            449..=512 => key::<{ U512::LIMBS }, { U1024::LIMBS }>(parts),
            513..=576 => key::<{ U576::LIMBS }, { U576::LIMBS * 2 }>(parts),
            577..=640 => key::<{ U640::LIMBS }, { U1280::LIMBS }>(parts),
            641..=704 => key::<{ U704::LIMBS }, { U704::LIMBS * 2 }>(parts),
            _ => Err(IccPrivateKeyError::ModulusLength),
        }?;
        let key = Self { signer, modulus_length };
        let mut proof = [0; Self::MAX_LENGTH];
        let proof = proof.get_mut(..modulus_length).ok_or(IccPrivateKeyError::ModulusLength)?;
        proof.fill(0x6A);
        key.sign_in_place(proof).map_err(|SignatureFault| IccPrivateKeyError::Inconsistent)?;
        Ok(key)
    }

    /// How many bytes modulus and signature have.
    #[must_use]
    pub const fn modulus_length(&self) -> usize {
        self.modulus_length
    }

    /// Replaces a block of [`Self::modulus_length`] bytes by its signature, and verifies that before it is given out:
    /// a faulty result of the remainder arithmetic would give the private key away (Boneh, DeMillo, Lipton 1997).
    ///
    /// # Errors
    /// [`SignatureFault`]; the block is then zero.
    pub fn sign_in_place(&self, block: &mut [u8]) -> Result<(), SignatureFault> {
        let signed = if block.len() == self.modulus_length {
            // The message and its powers modulo a prime give the prime away.
            wiped_after::<{ stack::SIGNING }, _>(|| self.signer.sign(block))
        } else {
            Err(SignatureFault)
        };
        if signed.is_err() {
            block.zeroize();
        }
        signed
    }
}

trait Signer: Send + Sync {
    fn sign(&self, block: &mut [u8]) -> Result<(), SignatureFault>;
}

/// A key whose primes fit `L` limbs and whose modulus fits `W`, twice as many.
#[derive(zeroize::ZeroizeOnDrop)]
struct Crt<const L: usize, const W: usize> {
    p: FixedMontyParams<L>,
    q: FixedMontyParams<L>,
    n: FixedMontyParams<W>,
    dp: Uint<L>,
    dq: Uint<L>,
    u: Uint<L>,
    /// How often to square before the one multiplication that makes the public exponent.
    squarings: u32,
}

fn key<const L: usize, const W: usize>(parts: &CrtParts) -> Result<(Box<dyn Signer>, usize), IccPrivateKeyError> {
    let (crt, length) = Crt::<L, W>::new(parts)?;
    Ok((crt, length))
}

impl<const L: usize, const W: usize> Crt<L, W> {
    fn new(parts: &CrtParts) -> Result<(Box<Self>, usize), IccPrivateKeyError> {
        use IccPrivateKeyError::{Inconsistent, ModulusLength, ModulusTooSmall};
        let number = |part: &SecretBytes| unsigned::<L>(part.expose_secret()).map(Zeroizing::new).ok_or(Inconsistent);
        let (p, q) = (number(&parts.p)?, number(&parts.q)?);
        let (dp, dq, u) = (number(&parts.dp)?, number(&parts.dq)?, number(&parts.u)?);
        let odd = |prime: &Uint<L>| Option::<Odd<Uint<L>>>::from(Odd::new(*prime)).ok_or(Inconsistent);
        let (odd_p, odd_q) = (odd(&p)?, odd(&q)?);

        let (low, high) = p.widening_mul(&q);
        let modulus: Uint<W> = low.concat_resize(&high);
        let length = usize::try_from(modulus.bit_width().div_ceil(8)).map_err(|_| ModulusLength)?;
        if !(96..=IccPrivateKey::MAX_LENGTH).contains(&length) {
            return Err(ModulusLength);
        }
        let bytes = modulus.to_be_bytes();
        let first = bytes.as_ref().iter().rev().nth(length - 1).copied().ok_or(ModulusLength)?;
        if first <= 0x6A {
            return Err(ModulusTooSmall);
        }

        let below = |prime: &Uint<L>| Option::<NonZero<Uint<L>>>::from(NonZero::new(prime.wrapping_sub(&Uint::ONE)));
        let (p_less_1, q_less_1) = (below(&p).ok_or(Inconsistent)?, below(&q).ok_or(Inconsistent)?);
        let product = |a: &Uint<L>, b: &Uint<L>, m: &NonZero<Uint<L>>| Uint::rem_wide(a.widening_mul(b), m);
        // EMV Book 2 section 5.1 knows these two exponents.
        let squarings = [1, 16]
            .into_iter()
            .find(|squarings| {
                let e = Uint::<L>::from_u32((1 << squarings) + 1);
                product(&dp, &e, &p_less_1) == Uint::ONE && product(&dq, &e, &q_less_1) == Uint::ONE
            })
            .ok_or(Inconsistent)?;
        let inverse = product(&u, &q, odd_p.as_nz_ref()) == Uint::ONE;
        if !inverse || *p == *q || *dp >= *p || *dq >= *q || *u >= *p {
            return Err(Inconsistent);
        }
        let odd_n = Option::<Odd<Uint<W>>>::from(Odd::new(modulus)).ok_or(Inconsistent)?;
        let crt = Self {
            p: FixedMontyParams::new(odd_p),
            q: FixedMontyParams::new(odd_q),
            n: FixedMontyParams::new(odd_n),
            dp: *dp,
            dq: *dq,
            u: *u,
            squarings,
        };
        Ok((Box::new(crt), length))
    }

    /// m^dp mod p and m^dq mod q.
    fn exponentiate(&self, m: &Uint<W>) -> (Zeroizing<Uint<L>>, Zeroizing<Uint<L>>) {
        (Zeroizing::new(power(m, &self.dp, &self.p)), Zeroizing::new(power(m, &self.dq, &self.q)))
    }

    /// s = m2 + q (u (m1 - m2) mod p), Garner's recombination.
    fn recombine(&self, m1: &Uint<L>, m2: &Uint<L>) -> Uint<W> {
        let form = |number: &Uint<L>| Zeroizing::new(FixedMontyForm::new(number, &self.p));
        let difference = Zeroizing::new(form(m1).sub(&form(m2)));
        let h = Zeroizing::new(difference.mul(&form(&self.u)).retrieve());
        let (low, high) = h.widening_mul(self.q.modulus().as_ref());
        let (low, high) = (Zeroizing::new(low), Zeroizing::new(high));
        low.concat_resize::<L, W>(&high).wrapping_add(&m2.resize())
    }

    /// Whether s^e mod n is m again.
    fn verifies(&self, s: &Uint<W>, m: &Uint<W>) -> bool {
        let s = FixedMontyForm::new(s, &self.n);
        // 3 and 65537 are one more than a power of two.
        let power = (0..self.squarings).fold(s, |power, _| power.square());
        let recovered = power.mul(&s).retrieve();
        recovered.to_be_bytes().as_ref().ct_eq(m.to_be_bytes().as_ref()).into()
    }

    fn checked(&self, m: &Uint<W>, m1: &Uint<L>, m2: &Uint<L>) -> Result<Uint<W>, SignatureFault> {
        let s = self.recombine(m1, m2);
        if self.verifies(&s, m) { Ok(s) } else { Err(SignatureFault) }
    }
}

impl<const L: usize, const W: usize> Signer for Crt<L, W> {
    fn sign(&self, block: &mut [u8]) -> Result<(), SignatureFault> {
        let m = unsigned::<W>(block).filter(|m| m < self.n.modulus().as_ref()).ok_or(SignatureFault)?;
        let (m1, m2) = self.exponentiate(&m);
        let s = self.checked(&m, &m1, &m2)?;
        let bytes = s.to_be_bytes();
        block.iter_mut().rev().zip(bytes.as_ref().iter().rev()).for_each(|(to, from)| *to = *from);
        Ok(())
    }
}

/// base^exponent mod a prime, constant in time for both secrets.
fn power<const L: usize, const W: usize>(base: &Uint<W>, exponent: &Uint<L>, prime: &FixedMontyParams<L>) -> Uint<L> {
    // Each of these would give the prime away together with the public message. With R = 2^(64 L), the base is
    // high R + low; what stands in Montgomery form for a number is R times it.
    let (low, high): (Uint<L>, Uint<L>) = base.split_resize();
    let form = |number: &Uint<L>| Zeroizing::new(FixedMontyForm::new(number, prime));
    let high_r = Zeroizing::new(form(&high).to_montgomery());
    let reduced = Zeroizing::new(form(&high_r).add(&form(&low)));
    Zeroizing::new(reduced.pow(exponent)).retrieve()
}

/// Reads a number, most significant byte first; `None` when it does not fit.
fn unsigned<const N: usize>(bytes: &[u8]) -> Option<Uint<N>> {
    let mut padded = Zeroizing::new([0; IccPrivateKey::MAX_LENGTH]);
    let room = padded.get_mut(..Uint::<N>::BYTES)?;
    let mut reversed = bytes.iter().rev();
    room.iter_mut().rev().zip(reversed.by_ref()).for_each(|(to, from)| *to = *from);
    reversed.all(|byte| *byte == 0).then(|| Uint::from_be_slice(room))
}

fn bit_length(number: &SecretBytes) -> usize {
    let significant = number.expose_secret().iter().skip_while(|byte| **byte == 0);
    significant
        .clone()
        .next()
        .map_or(0, |first| significant.count() * 8 - usize::try_from(first.leading_zeros()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    type Key = Crt<{ U512::LIMBS }, { U1024::LIMBS }>;

    /// The ICC key of the synthetic card SYN-1.
    fn parts() -> CrtParts {
        let part = |hex: &str| SecretBytes::copy_of(&base16ct::upper::decode_vec(hex).unwrap());
        CrtParts {
            p: part(
                "E8AD586D2736550E5B8306C63E0E3480B832DBDAD8516EAE68E586837CA701F8CD0C0A1D89B33112588F88A17B4B9D9484C9C70DEC41\
                 9471724CFE0E10F72247",
            ),
            q: part(
                "E0CB65B3AC3FCA19BE5FF17C7397370DF5C4772BF5EB9F5CE4FFEC5BB045AF71A8F1D8140A23F00430AE8151C528341D09269024C758\
                 E1E6AA9E12A447F31441",
            ),
            dp: part(
                "D47F43CBE44CF59F382A50EC8A4E14DB1DDEACF5902BC6C6985C4EDE14E0BDA74934DEA41D573ED0BF7ACED093B6FA42628799387\
                 8F567A9B836E2AB5C09280F",
            ),
            dq: part(
                "6B2DAF34E66897A484975C1D1943BCD5241BE3320B93A72CF4666D3C1E246B8D069F2086157BA3016C709769F455C1DB2234C7BF31\
                 68D874515F02C65F23AFC1",
            ),
            u: part(
                "C15945C14835043CF9604EC65E5328929F5DA02C0CFB3AB380C411A89B4BC140256F23630FE69719BB79F07E42610947CEFC224A5F\
                 7EC6F49AAA647918AF2C79",
            ),
        }
    }

    fn key() -> Box<Key> {
        Key::new(&parts()).ok().unwrap().0
    }

    const BLOCK: [u8; 128] = [0x6A; 128];

    fn flipped<const N: usize>(number: Uint<N>, bit: u32) -> Uint<N> {
        number.bitxor(&Uint::ONE.shl(bit))
    }

    #[test]
    fn a_sound_key_signs() {
        let mut block = BLOCK;
        key().sign(&mut block).unwrap();
        assert_ne!(block, BLOCK);
    }

    /// A charged particle, a glitch, a failing cell: whatever it hits, no signature leaves.
    #[test]
    fn a_fault_in_any_part_of_the_key_never_yields_a_signature() {
        let odd = |number: Uint<{ U512::LIMBS }>| FixedMontyParams::new(Odd::new(number).unwrap());
        for bit in [1, 7, 64, 200, 333, 510] {
            let mut faulty = [key(), key(), key(), key(), key()];
            let [p, q, dp, dq, u] = &mut faulty;
            p.p = odd(flipped(*p.p.modulus().as_ref(), bit));
            q.q = odd(flipped(*q.q.modulus().as_ref(), bit));
            dp.dp = flipped(dp.dp, bit);
            dq.dq = flipped(dq.dq, bit);
            u.u = flipped(u.u, bit);
            for (part, key) in ["p", "q", "dp", "dq", "u"].iter().zip(&faulty) {
                let mut block = BLOCK;
                assert_eq!(key.sign(&mut block), Err(SignatureFault), "bit {bit} of {part}");
            }
        }
    }

    #[test]
    fn a_fault_in_the_multiplication_never_yields_a_signature() {
        let key = key();
        let m = unsigned(&BLOCK).unwrap();
        let (m1, m2) = key.exponentiate(&m);
        assert!(key.checked(&m, &m1, &m2).is_ok());
        for bit in [0, 1, 63, 64, 255, 510] {
            assert!(key.checked(&m, &flipped(*m1, bit), &m2).is_err(), "bit {bit} of m^dp mod p");
            assert!(key.checked(&m, &m1, &flipped(*m2, bit)).is_err(), "bit {bit} of m^dq mod q");
        }
        let s = key.recombine(&m1, &m2);
        for bit in [0, 1, 512, 700, 1020] {
            assert!(!key.verifies(&flipped(s, bit), &m), "bit {bit} of the signature");
        }
    }

    #[test]
    fn a_block_that_failed_is_wiped() {
        let mut faulty = key();
        faulty.dp = flipped(faulty.dp, 3);
        let key = IccPrivateKey { signer: faulty, modulus_length: 128 };
        let mut block = BLOCK;
        assert_eq!(key.sign_in_place(&mut block), Err(SignatureFault));
        assert_eq!(block, [0; 128]);
        let mut short = [0x6A; 127];
        assert_eq!(key.sign_in_place(&mut short), Err(SignatureFault));
    }

    #[test]
    fn parts_of_two_keys_make_none() {
        let swapped = CrtParts { p: parts().q, q: parts().p, ..parts() };
        assert_eq!(IccPrivateKey::new(&swapped).err(), Some(IccPrivateKeyError::Inconsistent));
        let squared = CrtParts { q: parts().p, ..parts() };
        assert_eq!(IccPrivateKey::new(&squared).err(), Some(IccPrivateKeyError::Inconsistent));
        let even = CrtParts { p: SecretBytes::copy_of(&[0xFE; 64]), ..parts() };
        assert_eq!(IccPrivateKey::new(&even).err(), Some(IccPrivateKeyError::Inconsistent));
        let short = CrtParts { p: SecretBytes::copy_of(&[0xFF]), ..parts() };
        assert_eq!(IccPrivateKey::new(&short).err(), Some(IccPrivateKeyError::ModulusLength));
    }
}
