//! The scanner itself: what is planted in a process it finds, in every form.

use crate::other_process;
use aes::Aes128;
use base64ct::{Base64, Encoding};
use bezant_tests::memory::{Form, Needles};
use bezant_tests::{Syn1, bytes};
use des::Des;
use des::cipher::KeyInit;
use std::collections::BTreeSet;
use std::hint::black_box;

#[test]
fn a_key_is_found_in_every_form_and_another_in_none() {
    if other_process::acts(plant) {
        return;
    }
    let credential = &Syn1::issued([7])[0];
    let [key, other] = ["contactless_umd", "contactless_md"].map(|name| credential[name].as_str().unwrap());
    let needles = Needles::of_key("key", &bytes(key)).and(Needles::of_key("other", &bytes(other)));
    let test = "scanner::a_key_is_found_in_every_form_and_another_in_none";
    let findings = other_process::scanned(test, key, &needles);

    let stray = findings.iter().find(|found| found.needle != "key");
    assert!(stray.is_none(), "{stray:?}");
    let forms: BTreeSet<Form> = findings.iter().map(|found| found.form).collect();
    assert!(forms.is_superset(&FORMS.into()), "{forms:?}");
    let round_keys = |form| findings.iter().filter(|found| found.form == form).count();
    assert!(round_keys(Form::DesRoundKey) >= 32, "of both halves");
    assert!(round_keys(Form::AesRoundKey) >= 10);
}

/// Holds the key in every form until the end.
fn plant(key: &str, until_scanned: &dyn Fn()) {
    let key = bytes(key);
    let half: [u8; 8] = *key.first_chunk().unwrap();
    let held = (
        Base64::encode_string(&[&[1][..], &key].concat()),
        key.iter().rev().copied().collect::<Vec<u8>>(),
        key[1..13].chunks(4).flat_map(|word| word.iter().rev().copied()).collect::<Vec<u8>>(),
        half.map(|byte| byte & 0xFE).to_vec(),
        key.iter().map(|byte| byte >> 4).collect::<Vec<u8>>(),
        key.chunks(8).map(|half| Des::new_from_slice(half).unwrap()).collect::<Vec<_>>(),
        Box::new(Aes128::new_from_slice(&key).unwrap()),
        hex::encode(&key),
        key,
    );
    until_scanned();
    black_box(held);
}

/// All but those that no value of a library can be made to hold: registers of DES, and hints.
const FORMS: [Form; 9] = [
    Form::AesRoundKey,
    Form::Base64,
    Form::Bytes,
    Form::DesParity,
    Form::DesRoundKey,
    Form::Hexadecimal,
    Form::Nibbles,
    Form::Reversed,
    Form::Words,
];
