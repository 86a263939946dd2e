//! The host's final word, in time, late, broken or from inside; names carry the acceptance rows.

use crate::bench::{Bench, names};
use crate::case::{Host, Model, Rules};
use crate::terminal::{Request, Tap};
use serde_json::json;
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn s2_060_a_host_that_proceeds_gets_a_cryptogram_and_learns_how_the_tap_ended() {
    let mut bench = Bench::new(&Rules::default());
    bench.host(Host::Proceed);
    let heard = bench.tap(Tap::LOW.asking(Request::SignedArqc));
    assert_eq!(heard.outcome, "AuthorizeOnline");
    let completed = heard.completed();
    assert_eq!(
        (&completed["reasons"], completed.get("overruled")),
        (&json!([]), None),
        "there was nothing to overrule"
    );
    assert_eq!(completed["transaction"]["amount"], 2_500);
    assert_eq!(names(&heard.events), ["contactless_payment_completed", "next_tap_ready"]);
}

#[test]
fn s2_061_a_host_that_declines_is_obeyed_and_no_credential_is_spent() {
    for (authenticate, poscii) in [(false, [0; 3]), (true, [0, 0x10, 0])] {
        let mut bench = Bench::new(&Rules::default());
        if authenticate {
            bench.authenticate();
        }
        bench.host(Host::Decline);
        let heard = bench.tap(Tap::LOW);
        assert_eq!((heard.outcome.as_str(), heard.object(0xDF4B)), ("DeclinedByWallet", Some(poscii.to_vec())));
        assert_eq!(heard.completed()["reasons"], json!([]), "the wallet has found nothing");
        assert_eq!(names(&heard.events), ["contactless_payment_completed"]);
        bench.host(Host::Follow);
        assert_eq!(bench.tap(Tap::LOW).object(0x9F36), Some(vec![0, 1]), "the first credential is still there");
    }
}

#[test]
fn s2_061_what_the_wallet_has_found_is_told_even_if_the_host_declines() {
    let mut bench = Bench::new(&Rules { model: Model::Always, ..Rules::default() });
    bench.host(Host::Decline);
    let heard = bench.tap(Tap::HIGH);
    assert_eq!((heard.outcome.as_str(), heard.object(0xDF4B)), ("DeclinedByWallet", Some(vec![0; 3])));
    assert_eq!(heard.completed()["reasons"], json!(["MISSING_CDCVM"]));
}

#[test]
fn s2_062_a_host_that_wants_a_verification_gets_a_second_tap() {
    let mut bench = Bench::new(&Rules::default());
    bench.host(Host::AuthenticationRequired);
    let first = bench.tap(Tap::LOW);
    assert_eq!(names(&first.events), ["authentication_required", "contactless_payment_completed"]);
    assert_eq!((first.outcome.as_str(), first.object(0xDF4B)), ("WalletActionRequired", Some(vec![0, 1, 0])));
    assert_eq!(first.completed()["reasons"], json!(["MISSING_CDCVM"]));
    bench.authenticate();
    bench.host(Host::Follow);
    assert_eq!(bench.tap(Tap::LOW).outcome, "AuthorizeOnline");
}

#[test]
fn s2_063_a_late_host_is_not_waited_for_and_its_word_comes_to_nothing() {
    let mut bench = Bench::new(&Rules::default());
    bench.authenticate();
    bench.host(Host::Late);
    let start = Instant::now();
    let heard = bench.tap(Tap::LOW);
    assert!(start.elapsed() < Duration::from_millis(1_500), "{:?}", start.elapsed());
    assert_eq!((heard.outcome.as_str(), heard.object(0xDF4B)), ("DeclinedByWallet", Some(vec![0, 0x10, 0])));
    bench.host(Host::Follow);
    assert_eq!(bench.tap(Tap::LOW).outcome, "AuthorizeOnline", "while the first answer is still out");
    let status = bench.status();
    thread::sleep(Duration::from_millis(2_100));
    let later = bench.status();
    assert_eq!((&later["instruments"], later.get("events")), (&status["instruments"], None));
}

#[test]
fn s2_063_a_host_that_thinks_within_its_budget_is_heard() {
    let mut bench = Bench::with(&Rules::default(), &json!({ "host_budget_ms": 2_000 }));
    bench.ask(&json!({ "op": "host", "decision": "sleep:20" }));
    let (_, told, outcome) = bench.unfollowed(Tap::LOW);
    assert_eq!(outcome, "AuthorizeOnline");
    assert!(!names(&told).contains(&"host_misbehaved"), "{told:?}");
}

#[test]
fn s2_063_a_host_that_throws_declines_and_the_wallet_lives_on() {
    let mut bench = Bench::new(&Rules::default());
    bench.host(Host::Throws);
    for _ in 0..3 {
        let heard = bench.tap(Tap::LOW);
        assert_eq!((heard.outcome.as_str(), heard.object(0xDF4B)), ("DeclinedByWallet", Some(vec![0; 3])));
        heard.event("host_misbehaved");
    }
    bench.host(Host::Follow);
    assert_eq!(bench.tap(Tap::LOW).outcome, "AuthorizeOnline");
}

#[test]
fn s2_063_a_host_may_call_the_wallet_from_inside_its_decision() {
    let mut bench = Bench::new(&Rules::default());
    bench.ask(&json!({ "op": "host", "decision": "reenter" }));
    for left in [7, 6] {
        let (answer, told, outcome) = bench.unfollowed(Tap::LOW);
        assert_eq!(outcome, "AuthorizeOnline", "{answer}");
        assert!(!names(&told).contains(&"host_misbehaved"), "{told:?}");
        assert_eq!(bench.status()["instruments"][0]["credentials_left"], left);
    }
}

#[test]
fn nobody_asks_the_host_about_an_answer_that_can_cost_nothing() {
    for host in [Host::Decline, Host::AuthenticationRequired, Host::Throws, Host::Late] {
        let mut bench = Bench::new(&Rules::default());
        bench.host(host);
        let heard = bench.tap(Tap::LOW.asking(Request::Aac));
        assert_eq!(heard.outcome, "DeclinedByTerminal", "{host:?}");
        assert_eq!(names(&heard.events), ["contactless_payment_completed"], "{host:?}");
    }
}

#[test]
fn the_host_is_asked_about_a_signed_aac_which_costs_a_credential() {
    let mut bench = Bench::new(&Rules::default());
    bench.authenticate();
    let heard = bench.tap(Tap::LOW.asking(Request::SignedAac));
    assert_eq!((heard.outcome.as_str(), heard.object(0xDF4B)), ("AuthenticateOffline", Some(vec![0, 0x10, 0])));
    assert_eq!(heard.status["authentication"]["payments"], 0, "only an ARQC uses a verification up");
    bench.host(Host::Throws);
    let (_, told, outcome) = bench.unfollowed(Tap::LOW.asking(Request::SignedAac));
    assert!(names(&told).contains(&"host_misbehaved"), "{told:?}");
    assert_ne!(outcome, "AuthenticateOffline");
    assert_eq!(bench.status()["instruments"][0]["credentials_left"], 7);
}

#[test]
fn a_host_that_proceeds_against_a_reason_is_overruled_and_told_so() {
    let mut bench = Bench::new(&Rules { model: Model::CardLike, credentials: 1, ..Rules::default() });
    bench.host(Host::Proceed);
    for (tap, outcome, reasons) in [
        (Tap::HIGH, "DeclinedByWallet", &["INSUFFICIENT_POI_AUTHENTICATION"][..]),
        (Tap::GATE, "DeclinedByWallet", &["UNSUPPORTED_TRANSIT"]),
        (Tap::LOW, "AuthorizeOnline", &[]),
        (Tap::LOW, "DeclinedByWallet", &["CREDENTIALS_NOT_AVAILABLE"]),
    ] {
        let heard = bench.tap(tap);
        let completed = heard.completed();
        assert_eq!((heard.outcome.as_str(), &completed["reasons"]), (outcome, &json!(reasons)));
        assert_eq!(completed["overruled"] == true, !reasons.is_empty());
    }
}
