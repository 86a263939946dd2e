//! The private key of a card profile: one whose parts do not belong together is refused, and wrapped parts are opened
//! under the right key only.

use crate::BOTH;
use crate::fields::{self, assert_tells_no_value, refused};
use aes::cipher::block_padding::Iso7816;
use aes::cipher::{BlockModeEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use bezant::card::{CardOptions, CardProfile, ProfileError, ProfileKeys};
use bezant::crypto::{SecretBytes, WrappingKey};
use bezant_tests::{Generation, Phone, Syn1};
use ecb::Encryptor;
use sandbox::keys::Exponent;
use sandbox::{CaSize, CardSpec, TokenService};
use serde_json::{Value, json};

const PARTS: [&str; 5] = ["p", "q", "dp", "dq", "u"];
const CLEAR: &str = "iccPrivateKeyCrtComponents";
const PROTECTED: &str = "protectedIccPrivateKeyCrtComponents";
const KEK: [u8; 16] = [0x5A, 0x17, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
const DATA_ENCRYPTION_KEY: [u8; 16] = [0xD5; 16];

#[test]
fn a_private_key_with_one_changed_bit_is_refused() {
    for generation in BOTH {
        let good = Syn1::profile_json(generation);
        for part in PARTS {
            for bit in [0, 1, 2, 8, 63, 64, 255, 256, 448, 500, 509, 510, 511] {
                let mut json = good.clone();
                change(&mut json, CLEAR, part, |bytes| bytes[63 - bit / 8] ^= 1 << (bit % 8));
                let error = refused(&json);
                assert!(error.field.to_string().ends_with(&format!("contactlessPaymentData.{CLEAR}")), "{error}");
                assert!(error.found.starts_with("five parts, but "), "bit {bit} of {part}: {error}");
                assert_eq!(error.wants, "an RSA key of 768 to 1,408 bits");
                assert_tells_no_value(&error, &good);
                assert_tells_no_value(&error, &json);
            }
        }
    }
}

#[test]
fn wrapped_parts_open_under_the_key_that_comes_beside_the_profile() {
    let keks: [(Vec<u8>, Wrap); 3] = [
        (KEK.to_vec(), wrap::<Encryptor<Aes128>>),
        ([KEK.as_slice(), &[1; 8]].concat(), wrap::<Encryptor<Aes192>>),
        ([KEK, KEK].concat(), wrap::<Encryptor<Aes256>>),
    ];
    for (kek, wrap) in &keks {
        for (generation, name) in [(Generation::V1, CLEAR), (Generation::V2, CLEAR), (Generation::V2, PROTECTED)] {
            let json = wrapped(generation, name, |bytes| wrap(kek, bytes));
            assert_pays_like_syn_1(generation, open(&json, None, Some(kek)));
        }
    }
}

#[test]
fn the_key_of_the_parts_may_stand_in_the_profile_under_another_key() {
    for (generation, name) in [(Generation::V1, CLEAR), (Generation::V2, CLEAR), (Generation::V2, PROTECTED)] {
        let json = with_kek_inside(generation, name, &KEK);
        assert_pays_like_syn_1(generation, open(&json, Some(&DATA_ENCRYPTION_KEY), None));
        // One that comes beside the profile goes before the one inside.
        let mut other = json.clone();
        other["iccKek"] = json!("00".repeat(32));
        assert_pays_like_syn_1(generation, open(&other, Some(&DATA_ENCRYPTION_KEY), Some(&KEK)));
    }
}

#[test]
fn a_part_needs_as_many_blocks_as_the_longest_key_has() {
    for bits in [768, 776, 1024, 1408] {
        let mut service = TokenService::new(3, CaSize::for_icc_key(bits)).unwrap();
        let spec = CardSpec { icc_key_bits: bits, exponent: Exponent::F4, ..CardSpec::default() };
        let mut json = service.personalise(&spec).unwrap().profile_v2;
        wrap_parts(&mut json, CLEAR, PROTECTED, |bytes| wrap::<Encryptor<Aes128>>(&KEK, bytes));
        let opened = open(&json, None, Some(&KEK));
        assert!(opened.is_ok(), "{bits} bits: {:?}", opened.err());
    }
}

#[test]
fn a_wrong_key_is_told_as_one() {
    for (generation, name) in [(Generation::V1, CLEAR), (Generation::V2, PROTECTED)] {
        let json = wrapped(generation, name, |bytes| wrap::<Encryptor<Aes128>>(&KEK, bytes));
        for bit in 0..8 {
            let mut wrong = KEK;
            wrong[15] ^= 1 << bit;
            let error = open(&json, None, Some(&wrong)).err().unwrap();
            assert_eq!(error.field.to_string(), format!("{}.{name}.p", fields::contactless(generation)));
            assert!(error.found.contains("most likely it was wrapped under another key"), "{error}");
            assert_eq!(error.wants, "a value wrapped under the key that was given");
            assert_tells_no_value(&error, &json);
        }
        let json = with_kek_inside(generation, name, &KEK);
        let error = open(&json, Some(&[0x5D; 16]), None).err().unwrap();
        assert_eq!(error.field.to_string(), "iccKek");
        assert!(error.found.contains("most likely it was wrapped under another key"), "{error}");
        assert_tells_no_value(&error, &json);
    }
}

#[test]
fn wrapped_parts_without_their_key_are_told_as_such() {
    let error = open(&with_kek_inside(Generation::V1, CLEAR, &KEK), None, None).err().unwrap();
    assert_eq!((error.field.to_string().as_str(), error.found.as_str()), ("iccKek", "a wrapped key"));
    assert!(error.wants.contains("the key that it is wrapped under"), "{error}");
    let json = wrapped(Generation::V2, PROTECTED, |bytes| wrap::<Encryptor<Aes128>>(&KEK, bytes));
    let error = open(&json, None, None).err().unwrap();
    assert_eq!(error.field.to_string(), format!("mchipCardProfile.contactlessPaymentData.{PROTECTED}"));
    assert_eq!(error.found, "wrapped parts of a private key");
    // Without a hint that they are wrapped, the parts just do not make a key.
    let error = open(&wrapped(Generation::V1, CLEAR, |bytes| wrap::<Encryptor<Aes128>>(&KEK, bytes)), None, None).err();
    assert!(error.unwrap().found.starts_with("five parts, but "));
}

#[test]
fn what_is_no_wrapped_value_is_refused() {
    let good = wrapped(Generation::V2, PROTECTED, |bytes| wrap::<Encryptor<Aes128>>(&KEK, bytes));
    for part in PARTS {
        let mut json = good.clone();
        change(&mut json, PROTECTED, part, |bytes| bytes.truncate(79));
        let error = open(&json, None, Some(&KEK)).err().unwrap();
        assert!(error.field.to_string().ends_with(&format!("{PROTECTED}.{part}")), "{error}");
        assert!(error.found.contains("not a whole number of AES blocks"), "{error}");
        let mut json = good.clone();
        change(&mut json, PROTECTED, part, |bytes| bytes.truncate(64));
        let error = open(&json, None, Some(&KEK)).err().unwrap();
        assert!(error.found.contains("padding is wrong"), "without the block of padding: {error}");
        let mut json = good.clone();
        change(&mut json, PROTECTED, part, |bytes| bytes[0] ^= 0x01);
        assert!(open(&json, None, Some(&KEK)).err().unwrap().found.starts_with("five parts, but "));
    }
}

#[test]
fn a_key_of_the_parts_that_is_no_aes_key_is_refused() {
    for length in [1, 15, 17, 23, 25, 31] {
        let json = with_kek_inside(Generation::V1, CLEAR, &vec![7; length]);
        let error = open(&json, Some(&DATA_ENCRYPTION_KEY), None).err().unwrap();
        assert_eq!(error.field.to_string(), "iccKek");
        assert_eq!(error.found, format!("a wrapped key of {length} bytes"));
        assert_eq!(error.wants, "an AES key of 16, 24 or 32 bytes");
    }
}

type Wrap = fn(&[u8], &[u8]) -> Vec<u8>;

/// AES in ECB mode with ISO/IEC 7816-4 padding.
fn wrap<C: KeyInit + BlockModeEncrypt>(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut room = [bytes, &[0; 16]].concat();
    C::new_from_slice(key).unwrap().encrypt_padded::<Iso7816>(&mut room, bytes.len()).unwrap().to_vec()
}

fn open(json: &Value, data_encryption_key: Option<&[u8]>, icc_kek: Option<&[u8]>) -> Result<CardProfile, ProfileError> {
    let key = |bytes: &[u8]| WrappingKey::new(SecretBytes::copy_of(bytes)).unwrap();
    let keys = ProfileKeys { data_encryption_key: data_encryption_key.map(key), icc_kek: icc_kek.map(key) };
    CardProfile::parse(&json.to_string(), &keys)
}

/// SYN-1 with its parts wrapped and under the name `name`.
fn wrapped(generation: Generation, name: &str, wrap: impl Fn(&[u8]) -> Vec<u8>) -> Value {
    let mut json = Syn1::profile_json(generation);
    wrap_parts(&mut json, CLEAR, name, wrap);
    json
}

fn wrap_parts(json: &mut Value, old: &str, new: &str, wrap: impl Fn(&[u8]) -> Vec<u8>) {
    for part in PARTS {
        change(json, old, part, |bytes| *bytes = wrap(bytes));
    }
    let data = Syn1::contactless(json).as_object_mut().unwrap();
    let parts = data.remove(old).unwrap();
    data.insert(new.into(), parts);
}

fn with_kek_inside(generation: Generation, name: &str, kek: &[u8]) -> Value {
    let wrapped_kek = wrap::<Encryptor<Aes128>>(&DATA_ENCRYPTION_KEY, kek);
    let mut json = wrapped(generation, name, |bytes| wrap::<Encryptor<Aes128>>(&KEK, bytes));
    json["iccKek"] = json!(hex::encode_upper(wrapped_kek));
    json["kekId"] = json!("transport-1");
    json
}

fn change(json: &mut Value, name: &str, part: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let value = &mut Syn1::contactless(json)[name][part];
    let mut bytes = hex::decode(value.as_str().unwrap()).unwrap();
    change(&mut bytes);
    *value = json!(hex::encode_upper(bytes));
}

fn assert_pays_like_syn_1(generation: Generation, opened: Result<CardProfile, ProfileError>) {
    let profile = opened.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(profile.unknown_fields(), [""; 0]);
    let phone = Phone::with_profile(profile, CardOptions::default()).verified();
    assert_eq!(phone.tap(Syn1::ARQC_CDA), Phone::with_syn_1(generation).verified().tap(Syn1::ARQC_CDA));
}

#[test]
fn parts_that_are_a_key_as_they_stand_are_taken_whatever_key_came_beside_them() {
    for generation in [Generation::V1, Generation::V2] {
        assert_pays_like_syn_1(generation, open(&Syn1::profile_json(generation), None, Some(&KEK)));
    }
    let mut json = Syn1::profile_json(Generation::V2);
    Syn1::contactless(&mut json)[PROTECTED] = Value::Null;
    assert_pays_like_syn_1(Generation::V2, open(&json, None, None));
    let clear = Syn1::contactless(&mut json)[CLEAR].take();
    Syn1::contactless(&mut json)[PROTECTED] = clear;
    assert!(open(&json, None, Some(&KEK)).is_err(), "what is called protected is wrapped");
}
