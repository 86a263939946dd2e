//! A credential's keys: in one place until they have answered, or were not taken in.

use crate::bench::{AAC_CDA, Bench, CHECKSUM, keys};
use bezant_tests::{Generation, Syn1};
use serde_json::{Value, json};

#[test]
fn s2_055_the_keys_of_a_credential_are_in_one_place_and_gone_when_it_has_answered() {
    for generation in [Generation::V1, Generation::V2] {
        for last in [Syn1::ARQC_CDA, Syn1::ARQC, AAC_CDA, CHECKSUM] {
            let credentials = Syn1::issued([4, 5, 6, 7]);
            let mut bench = Bench::with_syn_1(generation, &credentials);
            bench.assert_held(&credentials, "loaded");
            // The last one stays: it shows that what is there is found.
            for spent in 1..credentials.len() {
                let answer = bench.tap(last);
                assert!(answer.ends_with(&[0x90, 0x00]), "{last}");
                let (gone, left) = credentials.split_at(spent);
                bench.assert_gone(&keys(gone), "the answer is out");
                bench.assert_held(left, "not used yet");
                let outcome = if last == AAC_CDA { "AuthenticateOffline" } else { "AuthorizeOnline" };
                assert_eq!(bench.take_away(), outcome);
                bench.assert_gone(&keys(gone), "the phone is away");
            }
        }
    }
}

#[test]
fn a_credential_that_has_not_answered_is_still_in_one_place() {
    let credentials = Syn1::issued([4, 5]);
    let mut bench = Bench::with_syn_1(Generation::V2, &credentials);
    bench.initiate();
    bench.assert_held(&credentials, "reserved");
    assert_eq!(bench.take_away(), "Interrupted");
    bench.assert_held(&credentials, "released");
    bench.driver.tell(&json!({"op": "clear_authentication"}));
    bench.initiate();
    assert!(bench.send(Syn1::ARQC_CDA).ends_with(&[0x90, 0x00]));
    assert_eq!(bench.take_away(), "WalletActionRequired");
    bench.assert_held(&credentials, "refused");
    bench.driver.tell(&json!({"op": "host", "decision": "decline"}));
    bench.tap(Syn1::ARQC);
    assert_eq!(bench.take_away(), "DeclinedByWallet");
    bench.assert_held(&credentials, "declined by the app");
}

#[test]
fn credentials_that_are_not_taken_in_leave_nothing() {
    let credentials = Syn1::issued([4, 5]);
    let mut bench = Bench::with_syn_1(Generation::V1, &credentials);
    bench.tap(Syn1::ARQC);
    bench.take_away();
    let fresh = Syn1::issued([8, 9]);
    let key = fresh[1]["contactless_md"].as_str().unwrap();
    let changed = |field: &str, value: Value| {
        let mut changed = fresh.clone();
        changed[1][field] = value;
        changed
    };
    for (why, credentials) in [
        ("one below the mark", [&fresh[..], &Syn1::issued([3])].concat()),
        ("one twice", [&fresh[..], &fresh[1..]].concat()),
        ("a digit too few", changed("contactless_md", json!(&key[1..]))),
        ("no digit", changed("contactless_md", json!(format!("{}x", &key[..31])))),
        ("another type", changed("idn", json!(7))),
        ("an unknown field", changed("note", json!("x"))),
    ] {
        let request = json!({"op": "load_credentials", "instrument": "card-1", "credentials": credentials});
        assert_eq!(bench.driver.ask(&request)["ok"], false, "{why}");
        bench.assert_gone(&keys(&fresh), why);
    }
    let request = json!({"op": "load_credentials", "instrument": "card-1", "credentials": fresh}).to_string();
    let escaped = request.replace(key, &format!("{}\\u{:04x}", &key[..31], key.as_bytes()[31]));
    assert_eq!(bench.driver.ask_line(&escaped)["ok"], false, "a key is text without escapes");
    bench.assert_gone(&keys(&fresh), "escaped");
    bench.load("card-1", &fresh);
    bench.load("card-1", &fresh);
    bench.assert_held(&[&credentials[1..], &fresh].concat(), "the same ones twice");
}
