//! A card's private key: in one place while the card is there, and no computation with it leaves anything behind.

use crate::bench::{AAC_CDA, Bench, keys, signature};
use aes::Aes256;
use aes::cipher::block_padding::Iso7816;
use aes::cipher::{BlockModeEncrypt, KeyInit};
use bezant_tests::memory::Needles;
use bezant_tests::{Generation, Syn1, bytes};
use ecb::Encryptor;
use serde_json::{Value, json};
use std::time::Duration;

#[test]
fn the_private_key_is_in_one_place_and_signing_leaves_no_hint_of_it() {
    for generation in [Generation::V1, Generation::V2] {
        let mut bench = Bench::with_syn_1(generation, &Syn1::issued([1, 2, 3]));
        bench.assert_card_held("installed");
        for last in [Syn1::ARQC_CDA, AAC_CDA] {
            let answer = bench.tap(last);
            let hints = bench.rsa.signing(signature(&answer));
            bench.assert_gone(&hints, "signed");
            bench.assert_card_held("signed");
            bench.take_away();
        }
        bench.tap(Syn1::ARQC);
        bench.assert_card_held("not signed");
    }
}

#[test]
fn a_deleted_card_leaves_nothing_and_the_other_one_stays() {
    let (credentials, others) = (Syn1::issued([1, 2, 3, 4]), Syn1::issued([5, 6]));
    let mut bench = Bench::with_syn_1(Generation::V1, &credentials);
    bench.tap(Syn1::ARQC_CDA);
    bench.take_away();
    // A card without a private key, for there is only one SYN-1.
    let mut profile = Syn1::profile_json(Generation::V2);
    Syn1::contactless(&mut profile)["iccPrivateKeyCrtComponents"] = Value::Null;
    bench.install("card-2", &profile);
    bench.load("card-2", &others);
    bench.assert_card_held("two cards");
    bench.delete("card-1");
    bench.assert_card_gone("deleted");
    bench.assert_gone(&keys(&credentials), "deleted");
    bench.assert_held(&others, "the other card");
    bench.delete("card-2");
    bench.assert_gone(&keys(&others), "all deleted");
}

#[test]
fn s2_053_a_wipe_and_a_security_event_leave_nothing_also_in_the_middle_of_a_tap() {
    for (request, in_the_field) in [
        (json!({"op": "wipe"}), false),
        (json!({"op": "wipe"}), true),
        (json!({"op": "security_event", "kind": "ROOTED"}), false),
        (json!({"op": "security_event", "kind": "ROOTED"}), true),
    ] {
        let credentials = Syn1::issued([1, 2, 3]);
        let mut bench = Bench::on_disk(&credentials);
        bench.tap(Syn1::ARQC_CDA);
        bench.take_away();
        bench.assert_card_held("before");
        bench.assert_gone(&keys(&credentials), "nothing is held that lies sealed on disk");
        if in_the_field {
            bench.verify();
            bench.initiate();
            // Reserved beside the reading of records: the one that is there now.
            std::thread::sleep(Duration::from_millis(200));
            bench.assert_held(&credentials[1..2], "reserved");
        }
        bench.driver.tell(&request);
        bench.assert_card_gone(&format!("{request}"));
        bench.assert_gone(&keys(&credentials), &format!("{request}"));
    }
}

#[test]
fn a_card_that_is_deleted_or_replaced_before_it_pays_leaves_nothing() {
    let credentials = Syn1::issued([1, 2]);
    let mut bench = Bench::with_syn_1(Generation::V2, &credentials);
    for _ in 0..3 {
        bench.install("card-1", &Syn1::profile_json(Generation::V2));
        bench.assert_card_held("installed again");
    }
    bench.assert_held(&credentials, "installed again");
    bench.initiate();
    bench.take_away();
    bench.delete("card-1");
    bench.assert_card_gone("deleted");
    bench.assert_gone(&keys(&credentials), "deleted");
}

#[test]
fn a_card_that_is_deleted_in_the_field_leaves_nothing() {
    for last in [None, Some(Syn1::ARQC_CDA)] {
        let credentials = Syn1::issued([1, 2]);
        let mut bench = Bench::with_syn_1(Generation::V1, &credentials);
        bench.initiate();
        last.into_iter().for_each(|last| drop(bench.send(last)));
        bench.assert_card_held("in the field");
        bench.delete("card-1");
        bench.assert_card_gone("deleted");
        bench.assert_gone(&keys(&credentials), "deleted");
        assert_eq!(bench.send(Syn1::ARQC_CDA), [0x69, 0x85], "nothing more in this field");
    }
}

#[test]
fn keys_that_wrap_a_profile_are_gone_when_it_is_installed() {
    let [dek, kek] = [[1, 2], [3, 4]].map(|atcs| {
        let credentials = Syn1::issued(atcs);
        let half = |credential: &Value| bytes(credential["contactless_umd"].as_str().unwrap());
        credentials.iter().flat_map(half).collect::<Vec<u8>>()
    });
    let wrapping = Needles::of_key("data_encryption_key", &dek).and(Needles::of_key("icc_kek", &kek));
    let profile = wrapped_profile(&kek);
    let mut with_kek_inside = profile.clone();
    with_kek_inside["iccKek"] = json!(hex::encode_upper(wrap(&dek, &kek)));
    let mut bench = Bench::empty();
    for (profile, keys) in [
        (profile.clone(), json!({"icc_kek": hex::encode(&kek)})),
        (with_kek_inside.clone(), json!({"data_encryption_key": hex::encode_upper(&dek)})),
        // As a text in a text, which the JSON reader has to copy.
        (json!(with_kek_inside.to_string()), json!({"data_encryption_key": hex::encode(&dek)})),
        (json!(Syn1::profile_json(Generation::V1).to_string()), Value::Null),
    ] {
        let request = json!({"op": "install_profile", "instrument": "card-1", "profile": profile, "keys": keys});
        bench.driver.tell(&request);
        bench.assert_gone(&wrapping, "installed");
        bench.assert_card_held("installed");
    }
    for keys in [json!({"icc_kek": hex::encode(&dek)}), json!({"icc_kek": hex::encode(&kek[1..])})] {
        let request = json!({"op": "install_profile", "instrument": "card-2", "profile": profile, "keys": keys});
        assert_eq!(bench.driver.ask(&request)["ok"], false);
        bench.assert_gone(&wrapping, "refused");
        bench.assert_card_held("the other one was refused");
    }
}

#[test]
fn a_profile_that_is_refused_leaves_nothing() {
    let credentials = Syn1::issued([1]);
    let mut bench = Bench::empty();
    let good = Syn1::profile_json(Generation::V1);
    let mut one_bit = good.clone();
    let u = &mut Syn1::contactless(&mut one_bit)["iccPrivateKeyCrtComponents"]["u"];
    *u = json!(u.as_str().unwrap().replacen('C', "D", 1));
    let mut no_aid = good.clone();
    Syn1::contactless(&mut no_aid)["aid"] = Value::Null;
    let mut wrong_part = good.clone();
    Syn1::contactless(&mut wrong_part)["iccPrivateKeyCrtComponents"]["dq"] = json!("what is this");
    for profile in [one_bit, no_aid, wrong_part] {
        let request = json!({"op": "install_profile", "instrument": "card-1", "profile": profile});
        assert_eq!(bench.driver.ask(&request)["ok"], false);
        bench.assert_card_gone("refused");
    }
    bench.install("card-1", &good);
    bench.load("card-1", &credentials);
    bench.assert_held(&credentials, "after all");
}

/// SYN-1 with the parts of its private key wrapped.
fn wrapped_profile(kek: &[u8]) -> Value {
    let mut profile = Syn1::profile_json(Generation::V1);
    let parts = Syn1::contactless(&mut profile)["iccPrivateKeyCrtComponents"].as_object_mut().unwrap();
    for part in parts.values_mut() {
        *part = json!(hex::encode_upper(wrap(kek, &bytes(part.as_str().unwrap()))));
    }
    profile
}

/// AES-256 in ECB mode with ISO/IEC 7816-4 padding.
fn wrap(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut room = [bytes, &[0; 16]].concat();
    let cipher = Encryptor::<Aes256>::new_from_slice(key).unwrap();
    cipher.encrypt_padded::<Iso7816>(&mut room, bytes.len()).unwrap().to_vec()
}
