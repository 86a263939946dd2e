//! A recording of taps: played to a wallet that was set up alike it comes out the same, and it gives no secret away.

use crate::bench::Bench;
use crate::case::{Model, Rules};
use crate::terminal::{Request, Tap};
use bezant_tests::{Generation, Syn1};
use serde_json::{Value, json};

fn rules() -> Rules {
    Rules { model: Model::Always, ..Rules::default() }
}

/// What taps have shown: bytes of cryptograms and signatures, and identifiers of transactions.
#[derive(Default)]
struct Shown {
    cryptograms: Vec<String>,
    transaction_ids: Vec<String>,
}

/// A refused tap, a signed payment with all records, an unsigned one, one in mag-stripe mode, and a torn one.
fn a_day(bench: &mut Bench) -> Shown {
    let mut shown = Shown::default();
    let mut tap = |bench: &mut Bench, tap: Tap| {
        let heard = bench.tap(tap);
        for tag in [0x9F26, 0x9F4B] {
            shown.cryptograms.extend(heard.object(tag).map(hex::encode_upper));
        }
        let id = &heard.completed()["transaction"]["transaction_id"];
        shown.transaction_ids.extend(id.as_str().map(str::to_owned));
    };
    tap(bench, Tap::HIGH);
    bench.authenticate();
    for command in Tap::HIGH.opening().into_iter().chain(Syn1::READ_RECORDS.map(String::from)) {
        bench.send(&command);
    }
    bench.ask(&json!({ "op": "field_off", "reason": "link_loss" }));
    tap(bench, Tap::HIGH.asking(Request::SignedArqc));
    bench.wait(10_000);
    tap(bench, Tap::LOW);
    tap(bench, Tap { mobile_support: Some(3), ..Tap::OLD });
    assert_eq!((shown.cryptograms.len(), shown.transaction_ids.len() >= 2), (3, true));
    shown
}

fn export(bench: &mut Bench) -> Value {
    let answer = bench.ask(&json!({ "op": "export_trace" }));
    assert!(!answer["trace"].is_null(), "{answer}");
    answer["trace"].clone()
}

/// Plays a trace to a wallet that has just been set up.
fn replay(rules: &Rules, trace: &Value) -> (bool, Vec<String>) {
    let answer = Bench::new(rules).ask(&json!({ "op": "replay", "trace": trace }));
    let differs = answer["differs"].as_array().unwrap_or_else(|| panic!("{answer}"));
    (answer["same"].as_bool().unwrap(), differs.iter().map(Value::to_string).collect())
}

/// The same trace with one text in the place of another.
fn changed(trace: &Value, old: &str, new: &str) -> Value {
    let text = trace.to_string();
    assert!(text.contains(old), "the trace does not hold {old}: {text}");
    serde_json::from_str(&text.replace(old, new)).unwrap()
}

#[test]
fn a_tap_played_again_comes_out_the_same() {
    let mut bench = Bench::new(&rules());
    bench.authenticate();
    bench.tap(Tap::HIGH.asking(Request::SignedArqc));
    let trace = export(&mut bench);
    assert_eq!(replay(&rules(), &trace), (true, vec![]));
}

#[test]
fn a_day_played_again_comes_out_the_same() {
    let mut bench = Bench::new(&rules());
    a_day(&mut bench);
    let trace = export(&mut bench);
    assert_eq!(replay(&rules(), &trace), (true, vec![]));
    assert_eq!(export(&mut bench), trace, "telling it changes nothing");
}

#[test]
fn a_trace_with_another_answer_or_outcome_is_told_from_what_happens() {
    let mut bench = Bench::new(&rules());
    let shown = a_day(&mut bench);
    let trace = export(&mut bench);
    for cryptogram in &shown.cryptograms {
        let last = cryptogram.len() - 1;
        let other = if cryptogram.ends_with('0') { "1" } else { "0" };
        let (same, differs) =
            replay(&rules(), &changed(&trace, cryptogram, &format!("{}{other}", &cryptogram[..last])));
        assert!(!same && is_readable(&differs), "{differs:?}");
    }
    for (outcome, other) in [("AuthorizeOnline", "DeclinedByWallet"), ("WalletActionRequired", "Interrupted")] {
        let (same, differs) = replay(&rules(), &changed(&trace, outcome, other));
        assert!(!same && is_readable(&differs), "{differs:?}");
        assert!(differs.concat().contains(outcome) && differs.concat().contains(other), "{differs:?}");
    }
}

/// Whether somebody who reads it learns something.
fn is_readable(differs: &[String]) -> bool {
    !differs.is_empty() && differs.iter().all(|text| text.len() > 10 && text.contains(' '))
}

#[test]
fn a_trace_played_to_another_wallet_differs() {
    let mut bench = Bench::new(&rules());
    a_day(&mut bench);
    let trace = export(&mut bench);
    for other in [
        Rules { asks_for_results: false, ..rules() },
        Rules { model: Model::CardLike, ..rules() },
        Rules { auth_max_payments: 1, ..rules() },
    ] {
        let (same, differs) = replay(&other, &trace);
        assert!(!same && is_readable(&differs), "{other:?}: {differs:?}");
    }
}

/// Whoever helps a customer has the recording, and no keys.
#[test]
fn without_the_credentials_the_decisions_of_a_trace_are_still_compared() {
    let mut bench = Bench::new(&rules());
    a_day(&mut bench);
    let trace = export(&mut bench);
    let keyless = Rules { credentials: 0, ..rules() };
    for (outcome, other) in [("AuthorizeOnline", "DeclinedByWallet"), ("MISSING_CDCVM", "INSUFFICIENT_CDCVM")] {
        let (same, differs) = replay(&keyless, &changed(&trace, outcome, other));
        assert!(!same && is_readable(&differs), "{differs:?}");
    }
}

#[test]
fn a_trace_that_is_none_is_refused() {
    let mut bench = Bench::new(&rules());
    for trace in [json!(null), json!(7), json!({ "colour": "red" })] {
        let request = json!({ "op": "replay", "trace": trace });
        assert_eq!(bench.refused(&request), "INVALID_REQUEST", "{request}");
    }
}

#[test]
fn a_trace_holds_what_was_sent_and_neither_account_nor_track_nor_key_nor_transaction_id() {
    let mut bench = Bench::new(&rules());
    let shown = a_day(&mut bench);
    let trace = export(&mut bench).to_string().to_uppercase();
    for cryptogram in &shown.cryptograms {
        assert!(trace.contains(cryptogram.as_str()), "{cryptogram} was sent: {trace}");
    }
    for id in &shown.transaction_ids {
        // A hash over few enough digits to be searched for the account number.
        assert!(!holds_part_of(&trace, id, 16), "{id}");
    }
    // In digits at whatever half of a byte, and in ASCII; then what the tracks hold behind it.
    let account = "5413330000000019";
    let in_ascii = hex::encode_upper(account);
    let tracks = ["D30122010000000000000F", "5E202F5E3330313232303130", "3330313232303130", "^ /^3012201"];
    for secret in [account, &in_ascii].into_iter().chain(tracks) {
        assert!(!trace.contains(secret), "{secret}: {trace}");
    }
    for key in keys() {
        assert!(!holds_part_of(&trace, &key, 8), "a part of a key: {trace}");
    }
}

/// Whether so many digits in a row of a secret stand in a text.
fn holds_part_of(text: &str, secret: &str, digits: usize) -> bool {
    (0..=secret.len() - digits).any(|at| text.contains(&secret[at..at + digits]))
}

/// Session keys of all credentials, and the parts of the private key.
fn keys() -> Vec<String> {
    let mut profile = Syn1::profile_json(Generation::V1);
    let parts = Syn1::contactless(&mut profile)["iccPrivateKeyCrtComponents"].take();
    let mut keys: Vec<String> =
        parts.as_object().unwrap().values().map(|part| part.as_str().unwrap().to_uppercase()).collect();
    for credential in Syn1::issued(1..=rules().credentials) {
        keys.extend(["contactless_umd", "contactless_md"].map(|key| credential[key].as_str().unwrap().to_owned()));
    }
    keys
}
