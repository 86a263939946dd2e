//! CDA signatures of every key length that a card may have, judged by arithmetic of another library, and the keys that
//! a card must refuse.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use bezant::crypto::{
    CdaFault, CrtParts, DynamicData, IccPrivateKey, IccPrivateKeyError, SecretBytes, sign_dynamic_data,
};
use bezant::emv::UnpredictableNumber;
use num_bigint::BigUint;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use sandbox::keys::{Exponent, KeyPair};
use sha1::{Digest, Sha1};

const IDN: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];
const CRYPTOGRAM: [u8; 8] = [0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8];
const TRANSACTION: [&[u8]; 3] = [b"PDOL values", b"CDOL1 values", b"objects of the answer"];
const NUMBER: [u8; 4] = [0x12, 0x34, 0xAB, 0xCD];

#[test]
fn every_key_length_from_96_to_176_bytes_signs_under_exponent_3() {
    let wrong: Vec<usize> = (96..=176).filter(|length| !signs_soundly(*length, Exponent::Three)).collect();
    assert!(wrong.is_empty(), "lengths with a wrong signature: {wrong:?}");
}

#[test]
fn key_lengths_around_every_change_of_width_sign_under_exponent_65537() {
    let lengths = [96, 97, 103, 111, 112, 113, 121, 127, 128, 129, 143, 144, 145, 159, 160, 161, 175, 176];
    let wrong: Vec<usize> = lengths.into_iter().filter(|length| !signs_soundly(*length, Exponent::F4)).collect();
    assert!(wrong.is_empty(), "lengths with a wrong signature: {wrong:?}");
}

#[test]
fn a_key_one_byte_too_short_or_too_long_is_refused() {
    for (length, refused) in [(95, true), (96, false), (176, false), (177, true)] {
        let key = IccPrivateKey::new(&parts_of(&pair(length, Exponent::Three)));
        let expected = refused.then_some(IccPrivateKeyError::ModulusLength);
        assert_eq!(key.err(), expected, "{length} bytes");
    }
}

/// A block starts with 6A; under a modulus that starts with 6A or less it could be too large a number.
#[test]
fn a_modulus_starts_with_6b_at_least() {
    for bits in [768, 1024, 1408] {
        // The primes found make the moduli 6B0000… and 6AFFFF… to many digits.
        let (above, below) = primes_around(bits, 0x6B);
        for (primes, expected) in [(above, None), (below, Some(IccPrivateKeyError::ModulusTooSmall))] {
            let [p, q] = primes;
            let key = IccPrivateKey::new(&crt(&p, &q, 3));
            let modulus = &p * &q;
            assert_eq!(modulus.to_bytes_be()[0], if expected.is_none() { 0x6B } else { 0x6A });
            assert_eq!(key.as_ref().err(), expected.as_ref(), "{bits} bits");
            if let Ok(key) = key {
                assert_recovers(&modulus, 3, &sign(&key));
            }
        }
    }
}

#[test]
fn either_prime_may_be_the_larger_one_and_they_need_not_be_of_one_length() {
    let prime = |bits: u64, salt: u32| next_prime((BigUint::from(0xF1u8) << (bits - 8)) + salt, 3);
    for (p_bits, q_bits) in [(512, 512), (520, 504), (504, 520), (640, 384), (384, 640), (704, 704), (704, 160)] {
        let (p, q) = (prime(p_bits, 0), prime(q_bits, 1_000_000));
        for (p, q) in [(&p, &q), (&q, &p)] {
            let key = IccPrivateKey::new(&crt(p, q, 3)).unwrap();
            assert_recovers(&(p * q), 3, &sign(&key));
        }
    }
}

#[test]
fn leading_zeros_of_a_part_do_not_matter() {
    let pair = pair(128, Exponent::F4);
    let components = pair.crt_components().unwrap();
    let padded = |part: &[u8]| SecretBytes::copy_of(&[&[0; 8], part].concat());
    let key = IccPrivateKey::new(&CrtParts {
        p: padded(&components.p),
        q: padded(&components.q),
        dp: padded(&components.dp),
        dq: padded(&components.dq),
        u: padded(&components.u),
    });
    assert_recovers(&modulus(&pair), 65_537, &sign(&key.unwrap()));
}

#[test]
fn parts_that_stand_in_each_others_place_are_refused() {
    let components = pair(128, Exponent::Three).crt_components().unwrap();
    let good = [&components.p, &components.q, &components.dp, &components.dq, &components.u];
    assert!(IccPrivateKey::new(&of_five(good)).is_ok());
    for first in 0..5 {
        for second in first + 1..5 {
            let mut mixed = good;
            mixed.swap(first, second);
            assert!(IccPrivateKey::new(&of_five(mixed)).is_err(), "{first} and {second}");
        }
    }
}

#[test]
fn a_part_of_another_key_is_refused() {
    let ours = pair(128, Exponent::Three).crt_components().unwrap();
    let other = KeyPair::generate(1024, Exponent::Three, &mut ChaCha20Rng::seed_from_u64(77)).unwrap();
    let other = other.crt_components().unwrap();
    let (ours, others) =
        ([&ours.p, &ours.q, &ours.dp, &ours.dq, &ours.u], [&other.p, &other.q, &other.dp, &other.dq, &other.u]);
    for at in 0..5 {
        let mut mixed = ours;
        mixed[at] = others[at];
        assert!(IccPrivateKey::new(&of_five(mixed)).is_err(), "part {at}");
    }
}

#[test]
fn only_the_two_exponents_of_emv_are_known() {
    let prime = |salt: u32| next_prime((BigUint::from(0xF1u8) << 504) + salt, 3 * 5 * 17 * 65_537);
    let (p, q) = (prime(0), prime(1_000_000));
    for (exponent, known) in [(3, true), (65_537, true), (5, false), (17, false)] {
        assert_eq!(IccPrivateKey::new(&crt(&p, &q, exponent)).is_ok(), known, "exponent {exponent}");
    }
}

#[test]
fn exponents_and_inverse_must_be_the_smallest_ones() {
    let prime = |salt: u32| next_prime((BigUint::from(0xF1u8) << 500) + salt, 3);
    let (p, q) = (prime(0), prime(1_000_000));
    // Primes of 508 bits: each part stays right in the arithmetic of its prime, and fits 512 bits.
    let mut parts = crt(&p, &q, 3);
    parts.u = secret(&(number(&parts.u) + &p));
    assert_eq!(IccPrivateKey::new(&parts).err(), Some(IccPrivateKeyError::Inconsistent));
    let mut parts = crt(&p, &q, 3);
    parts.dp = secret(&(number(&parts.dp) + &p - 1u8));
    assert_eq!(IccPrivateKey::new(&parts).err(), Some(IccPrivateKeyError::Inconsistent));
}

#[test]
fn the_room_for_a_signature_is_as_long_as_the_modulus() {
    let key = IccPrivateKey::new(&parts_of(&pair(121, Exponent::Three))).unwrap();
    for length in [0, 1, 62, 63, 120, 122, 176, 300] {
        assert_eq!(sign_dynamic_data(&key, &data(), &mut vec![0; length]), Err(CdaFault::Length), "{length}");
    }
    assert_eq!(sign_dynamic_data(&key, &data(), &mut [0; 121]), Ok(()));
}

fn pair(length: usize, exponent: Exponent) -> KeyPair {
    let seed = u64::try_from(length).unwrap();
    KeyPair::generate(length * 8, exponent, &mut ChaCha20Rng::seed_from_u64(seed)).unwrap()
}

fn modulus(pair: &KeyPair) -> BigUint {
    BigUint::from_bytes_be(&pair.public().modulus())
}

fn signs_soundly(length: usize, exponent: Exponent) -> bool {
    let pair = pair(length, exponent);
    let key = IccPrivateKey::new(&parts_of(&pair)).unwrap();
    recovered(&modulus(&pair), exponent.value(), &sign(&key)) == block(length)
}

fn data() -> DynamicData<'static> {
    DynamicData {
        idn: IDN,
        cryptogram_information: 0x80,
        application_cryptogram: CRYPTOGRAM,
        transaction_data: &TRANSACTION,
        unpredictable_number: UnpredictableNumber(NUMBER),
    }
}

fn sign(key: &IccPrivateKey) -> Vec<u8> {
    let mut room = vec![0; key.modulus_length()];
    sign_dynamic_data(key, &data(), &mut room).unwrap();
    room
}

fn assert_recovers(modulus: &BigUint, exponent: u32, signature: &[u8]) {
    let length = modulus.to_bytes_be().len();
    assert_eq!(recovered(modulus, exponent, signature), block(length), "{length} bytes");
}

/// EMV Book 2 annex B2.1.3.
fn recovered(modulus: &BigUint, exponent: u32, signature: &[u8]) -> Vec<u8> {
    let number = BigUint::from_bytes_be(signature);
    assert!(number < *modulus && signature.len() == modulus.to_bytes_be().len());
    number.modpow(&BigUint::from(exponent), modulus).to_bytes_be()
}

/// EMV Book 2 tables 19 and 22.
fn block(length: usize) -> Vec<u8> {
    let hash = Sha1::digest(TRANSACTION.concat());
    let mut signed = [&[0x05, 0x01, 0x26, 0x08][..], &IDN, &[0x80], &CRYPTOGRAM, &hash].concat();
    signed.resize(length - 22, 0xBB);
    let hash = Sha1::new().chain_update(&signed).chain_update(NUMBER).finalize();
    [&[0x6A][..], &signed, &hash, &[0xBC]].concat()
}

fn parts_of(pair: &KeyPair) -> CrtParts {
    let components = pair.crt_components().unwrap();
    of_five([&components.p, &components.q, &components.dp, &components.dq, &components.u])
}

fn of_five([p, q, dp, dq, u]: [&Vec<u8>; 5]) -> CrtParts {
    let part = |bytes: &Vec<u8>| SecretBytes::copy_of(bytes);
    CrtParts { p: part(p), q: part(q), dp: part(dp), dq: part(dq), u: part(u) }
}

/// The five parts from two primes, by the book.
fn crt(p: &BigUint, q: &BigUint, exponent: u32) -> CrtParts {
    let inverse = |prime: &BigUint| BigUint::from(exponent).modinv(&(prime - 1u8)).unwrap();
    let u = q.modinv(p).unwrap();
    CrtParts { p: secret(p), q: secret(q), dp: secret(&inverse(p)), dq: secret(&inverse(q)), u: secret(&u) }
}

fn secret(number: &BigUint) -> SecretBytes {
    SecretBytes::copy_of(&number.to_bytes_be())
}

fn number(part: &SecretBytes) -> BigUint {
    BigUint::from_bytes_be(part.expose_secret())
}

/// Two pairs of primes whose products lie just above and just below `top` followed by zeros.
fn primes_around(bits: u64, top: u8) -> ([BigUint; 2], [BigUint; 2]) {
    let border = BigUint::from(top) << (bits - 8);
    let p = next_prime(BigUint::from(0xB5u8) << (bits / 2 - 8), 3);
    let middle = &border / &p;
    let above = next_prime(&middle + 1u8, 3);
    // Primes of this size are a few hundred apart; 100,000 are far more than that and far less than a byte of n.
    let below = next_prime(middle - 100_000u32, 3);
    ([p.clone(), above], [p, below])
}

/// The first prime from `start` on that suits every prime factor of `exponents`.
fn next_prime(start: BigUint, exponents: u32) -> BigUint {
    let one = BigUint::from(1u8);
    let suits = |n: &BigUint| [3u32, 5, 17, 65_537].iter().all(|e| !exponents.is_multiple_of(*e) || n % *e != one);
    // Fermat's test: composites that pass it are too rare to be met here, and would fail the signature.
    let is_prime = |n: &BigUint| [2u8, 3].iter().all(|base| BigUint::from(*base).modpow(&(n - 1u8), n) == one);
    let has_small_factor = |n: &BigUint| (3u32..2_000).step_by(2).any(|small| n % small == BigUint::ZERO);
    let mut candidate = start | &one;
    while !suits(&candidate) || has_small_factor(&candidate) || !is_prime(&candidate) {
        candidate += 2u8;
    }
    candidate
}
