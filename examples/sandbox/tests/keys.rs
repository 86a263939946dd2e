//! Keys of every size that a card may have.
#![allow(clippy::unwrap_used, reason = "a test may fall")]

use num_bigint::BigUint;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use sandbox::keys::{CrtComponents, Exponent, KeyError, KeyPair, PublicKey};

fn generate(bits: usize, exponent: Exponent, seed: u64) -> KeyPair {
    KeyPair::generate(bits, exponent, &mut ChaCha20Rng::seed_from_u64(seed)).unwrap()
}

fn number(bytes: &[u8]) -> BigUint {
    BigUint::from_bytes_be(bytes)
}

#[test]
fn every_card_key_size_in_whole_bytes_signs_and_recovers() {
    for length in 96..=176 {
        let exponent = if length % 2 == 0 { Exponent::Three } else { Exponent::F4 };
        let key = generate(8 * length, exponent, length as u64);
        let modulus = key.public().modulus();
        assert_eq!(modulus.len(), length);
        assert!(modulus[0] & 0x80 != 0, "{length} bytes: the top bit is not used");

        let mut block = vec![0x6A; length];
        block[length - 1] = 0xBC;
        let signature = key.sign(&block).unwrap();
        assert_eq!(signature.len(), length);
        assert_eq!(key.public().recover(&signature).unwrap(), block, "{length} bytes");
    }
}

#[test]
fn the_chinese_remainder_parts_sign_as_the_whole_key_does() {
    for (bits, exponent) in [(776, Exponent::Three), (968, Exponent::F4), (1024, Exponent::Three), (1408, Exponent::F4)]
    {
        let key = generate(bits, exponent, 7);
        let CrtComponents { p, q, dp, dq, u } = key.crt_components().unwrap();
        assert!(p > q);
        for part in [&p, &q, &dp, &dq, &u] {
            assert_eq!(part.len(), (bits / 2).div_ceil(8));
        }
        let (p, q, u) = (number(&p), number(&q), number(&u));
        assert_eq!((&p * &q).to_bytes_be(), key.public().modulus());
        assert_eq!(&u * &q % &p, BigUint::from(1u8));

        let block = [&[0x6A][..], &vec![0x35; bits / 8 - 1]].concat();
        let message = number(&block);
        let (mp, mq) = (message.modpow(&number(&dp), &p), message.modpow(&number(&dq), &q));
        // Garner: s = mq + q ((mp - mq) u mod p).
        let signature = &mq + &q * ((&mp + &p - &mq % &p) * &u % &p);
        assert_eq!(signature, number(&key.sign(&block).unwrap()));
    }
}

#[test]
fn one_seed_gives_one_key_and_another_seed_another() {
    let modulus = |seed| generate(768, Exponent::Three, seed).public().modulus();
    assert_eq!(modulus(5), modulus(5));
    assert_ne!(modulus(5), modulus(6));
}

#[test]
fn a_key_of_no_emv_size_is_refused() {
    for bits in [0, 504, 770, 1992, usize::MAX] {
        let outcome = KeyPair::generate(bits, Exponent::Three, &mut ChaCha20Rng::seed_from_u64(1));
        assert_eq!(outcome.err(), Some(KeyError::Size(bits)));
    }
    assert_eq!(PublicKey::new(&[0x7F; 96], Exponent::Three), Err(KeyError::Modulus));
    assert_eq!(Exponent::from_bytes(&[0, 5]), Err(KeyError::Exponent));
    assert_eq!(Exponent::from_bytes(&[0, 3]), Ok(Exponent::Three));
}

#[test]
fn a_block_of_another_length_or_above_the_modulus_is_refused() {
    let key = generate(768, Exponent::Three, 1);
    assert!(key.sign(&[1; 95]).is_err());
    assert!(key.public().recover(&[0; 97]).is_err());
    assert!(key.public().recover(&[0xFF; 96]).is_err());
}
