//! What happens between the selection and the question counts as it stands when the question comes.

use crate::bench::{Bench, events, names};
use crate::case::{Model, Rules};
use crate::terminal::Tap;
use serde_json::{Value, json};

/// A high amount in Always, with something happening after so many commands; the outcome, and the ATC if one was spent.
fn tap_with(bench: &mut Bench, after: usize, what: &Value) -> (String, usize) {
    let mut told = Vec::new();
    let commands = Tap::HIGH.opening().into_iter().chain([Tap::HIGH.question(9)]);
    for (at, command) in commands.enumerate() {
        if at == after {
            told.extend(events(&bench.ask(what)));
        }
        told.extend(bench.send(&command).1);
    }
    let end = bench.ask(&json!({ "op": "field_off", "reason": "deselected" }));
    told.extend(events(&end));
    let completed = names(&told).iter().filter(|name| **name == "contactless_payment_completed").count();
    assert_eq!(completed, 1, "{told:?}");
    let left = bench.status()["instruments"][0]["credentials_left"].as_u64().unwrap();
    (end["outcome"].as_str().unwrap().to_owned(), usize::try_from(left).unwrap())
}

fn always() -> Bench {
    Bench::new(&Rules { model: Model::Always, ..Rules::default() })
}

#[test]
fn a_finger_in_mid_tap_is_in_time() {
    for after in 1..=3 {
        let what = json!({ "op": "authenticate", "method": "fingerprint" });
        assert_eq!(tap_with(&mut always(), after, &what), ("AuthorizeOnline".into(), 7), "after {after} commands");
    }
}

#[test]
fn a_screen_unlocked_in_mid_tap_is_in_time_and_one_locked_in_mid_tap_is_locked() {
    for after in 1..=3 {
        let mut bench = always();
        bench.authenticate();
        bench.lock(true);
        let unlocked = json!({ "op": "device", "locked": false, "screen_on": true });
        assert_eq!(tap_with(&mut bench, after, &unlocked), ("AuthorizeOnline".into(), 7), "after {after} commands");

        let mut bench = always();
        bench.authenticate();
        let locked = json!({ "op": "device", "locked": true, "screen_on": false });
        assert_eq!(tap_with(&mut bench, after, &locked), ("WalletActionRequired".into(), 8), "after {after} commands");
        bench.lock(false);
        assert_eq!(bench.unfollowed(Tap::HIGH).2, "AuthorizeOnline");
    }
}

#[test]
fn a_verification_that_is_cleared_or_grows_old_in_mid_tap_serves_no_more() {
    for (after, ms, outcome, left) in
        [(1, 40_000, "AuthorizeOnline", 7), (3, 40_001, "WalletActionRequired", 8), (2, 0, "WalletActionRequired", 8)]
    {
        let mut bench =
            Bench::with(&Rules { model: Model::Always, ..Rules::default() }, &json!({ "apdu_timeout_ms": 60_000 }));
        bench.authenticate();
        bench.wait(5_000);
        let what = match ms {
            0 => json!({ "op": "clear_authentication" }),
            _ => json!({ "op": "clock", "advance_ms": ms }),
        };
        assert_eq!(tap_with(&mut bench, after, &what), (outcome.to_owned(), left), "{what}");
    }
}

#[test]
fn credentials_that_come_in_mid_tap_are_in_time() {
    for after in 1..=3 {
        let mut bench = Bench::new(&Rules { model: Model::Always, credentials: 0, ..Rules::default() });
        bench.authenticate();
        let credentials = bezant_tests::Syn1::issued(1..3);
        let what = json!({ "op": "load_credentials", "instrument": "card-1", "credentials": credentials });
        assert_eq!(tap_with(&mut bench, after, &what), ("AuthorizeOnline".into(), 1), "after {after} commands");
    }
}
