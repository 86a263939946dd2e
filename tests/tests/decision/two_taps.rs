//! What a tap that asks for a verification leaves behind for the next one.

use crate::bench::{Bench, CARD};
use crate::case::{Host, Model, Rules};
use crate::terminal::{Request, Tap};
use bezant_tests::{Generation, Syn1};
use serde_json::{Value, json};

/// A phone that has just shown "see phone" for 150.00 PLN.
fn asked_for_verification() -> Bench {
    let mut bench = Bench::new(&Rules::default());
    assert_eq!(bench.tap(Tap::HIGH).outcome, "WalletActionRequired");
    bench
}

#[test]
fn s2_062_the_second_tap_over_the_same_amount_pays() {
    let mut bench = asked_for_verification();
    bench.authenticate();
    assert_eq!(bench.tap(Tap::HIGH).outcome, "AuthorizeOnline");
}

#[test]
fn s2_062_the_app_learns_until_when_the_second_tap_is_awaited() {
    let heard = Bench::new(&Rules::default()).tap(Tap::HIGH);
    let asked = heard.event("authentication_required");
    assert_eq!((&asked["deadline"], &asked["instrument"]), (&json!("2026-01-15T10:00:30Z"), &json!(CARD)));
}

#[test]
fn s2_062_another_amount_or_currency_is_declined_once_and_forgotten() {
    for other in [Tap::HIGH.of(15_001), Tap::HIGH.in_currency("978"), Tap::LOW, Tap::GATE.of(1)] {
        let mut bench = asked_for_verification();
        bench.authenticate();
        let heard = bench.tap(other);
        assert_eq!((heard.outcome.as_str(), heard.object(0xDF4B)), ("DeclinedByWallet", Some(vec![0, 0x18, 0])));
        assert_eq!(heard.completed()["reasons"], json!(["CONTEXT_NOT_MATCHING"]));
        assert_eq!(bench.tap(other).outcome, "AuthorizeOnline", "a purchase of its own now");
    }
}

#[test]
fn s2_062_a_low_amount_that_needs_no_verification_does_not_slip_in_between() {
    let mut bench = asked_for_verification();
    let heard = bench.tap(Tap::LOW);
    assert_eq!((heard.outcome.as_str(), heard.object(0xDF4B)), ("DeclinedByWallet", Some(vec![0, 0x08, 0])));
    assert_eq!(bench.tap(Tap::LOW).outcome, "AuthorizeOnline");
}

#[test]
fn s2_062_a_first_tap_is_remembered_for_as_long_as_the_profile_says() {
    for (ms, outcome) in [(30_000, "DeclinedByWallet"), (30_001, "AuthorizeOnline")] {
        let mut bench = asked_for_verification();
        bench.wait(ms);
        bench.authenticate();
        assert_eq!(bench.tap(Tap::HIGH.of(1)).outcome, outcome, "after {ms} ms");
    }
}

#[test]
fn s2_062_a_first_tap_is_remembered_for_as_long_as_the_configuration_says() {
    for (ms, outcome) in [(10_000, "DeclinedByWallet"), (10_001, "AuthorizeOnline")] {
        let mut bench = Bench::with(&Rules::default(), &json!({ "dual_tap_timeout_s": 10 }));
        let (_, told, _) = bench.unfollowed(Tap::HIGH);
        let asked = told.iter().find(|event| event["event"] == "authentication_required").unwrap();
        assert_eq!(asked["deadline"], "2026-01-15T10:00:10Z");
        bench.wait(ms);
        bench.authenticate();
        assert_eq!(bench.unfollowed(Tap::HIGH.of(1)).2, outcome, "after {ms} ms");
    }
}

#[test]
fn s2_062_a_clock_that_is_set_makes_no_first_tap_younger() {
    // The wall clock is set back or on; the time since boot goes by.
    for (set, ms, outcome) in [
        ("2026-01-15T09:00:00Z", 30_000, "DeclinedByWallet"),
        ("2026-01-15T09:00:00Z", 30_001, "AuthorizeOnline"),
        ("2026-01-15T10:00:31Z", 0, "AuthorizeOnline"),
    ] {
        let mut bench = Bench::new(&Rules::default());
        assert_eq!(bench.unfollowed(Tap::HIGH).2, "WalletActionRequired");
        bench.ask(&json!({ "op": "clock", "set": set }));
        bench.wait(ms);
        bench.authenticate();
        assert_eq!(bench.unfollowed(Tap::HIGH.of(1)).2, outcome, "set to {set}, then {ms} ms");
    }
}

#[test]
fn s2_062_asked_twice_the_time_runs_from_the_second() {
    let mut bench = asked_for_verification();
    bench.wait(20_000);
    assert_eq!(bench.tap(Tap::HIGH).outcome, "WalletActionRequired");
    bench.wait(20_000);
    bench.authenticate();
    assert_eq!(bench.tap(Tap::HIGH.of(1)).outcome, "DeclinedByWallet");
}

#[test]
fn s2_062_every_other_outcome_forgets_the_first_tap() {
    let follow = |bench: &mut Bench, tap: Tap, outcome: &str| {
        assert_eq!(bench.tap(tap).outcome, outcome);
    };
    let cases: [(&str, Host, Request); 4] = [
        ("AuthorizeOnline", Host::Follow, Request::Arqc),
        ("AuthenticateOffline", Host::Follow, Request::SignedAac),
        ("DeclinedByTerminal", Host::Follow, Request::Aac),
        ("DeclinedByWallet", Host::Decline, Request::Arqc),
    ];
    for (outcome, host, request) in cases {
        let mut bench = asked_for_verification();
        bench.authenticate();
        bench.host(host);
        follow(&mut bench, Tap::HIGH.asking(request), outcome);
        bench.host(Host::Follow);
        follow(&mut bench, Tap::HIGH.of(1), "AuthorizeOnline");
    }
}

#[test]
fn s2_062_a_broken_second_tap_forgets_the_first() {
    // The reader loses the phone; the terminal can never go online.
    for (opening, outcome) in [(2, "Interrupted"), (3, "Error")] {
        let mut bench = asked_for_verification();
        bench.authenticate();
        for command in Tap::HIGH.opening().iter().take(opening) {
            bench.send(&if opening == 3 { command.replace("06162200", "06162300") } else { command.clone() });
        }
        let end = bench.ask(&json!({ "op": "field_off", "reason": "link_loss" }));
        assert_eq!(end["outcome"], outcome);
        assert_eq!(bench.unfollowed(Tap::HIGH.of(1)).2, "AuthorizeOnline", "after {outcome}");
    }
}

/// SYN-1 with a United States debit application beside the primary one.
fn with_alternate() -> Value {
    let mut json = Syn1::profile_json(Generation::V1);
    Syn1::contactless(&mut json)["alternateContactlessPaymentData"] = json!({
        "aid": "A0000000042203",
        "paymentFci": "6F158407A0000000042203A50A50054465626974870101",
        "gpoResponse": "770E8202198094080801010010010301",
        "ciacDecline": "000000",
        "cvrMaskAnd": "FFFFFFFFFFFF",
    });
    json
}

#[test]
fn s2_062_the_other_application_of_the_card_is_another_purchase() {
    let mut bench = Bench::with_profile(&Rules::default(), &json!({}), &with_alternate());
    assert_eq!(bench.unfollowed(Tap::HIGH).2, "WalletActionRequired");
    bench.authenticate();
    for command in ["00A404000E325041592E5359532E444446303100", "00A4040007A000000004220300", "80A8000002830000"] {
        assert!(bench.send(command).0.ends_with("9000"), "{command}");
    }
    let (answer, told) = bench.send(&Tap::HIGH.question(7));
    assert!(answer.ends_with("DF4B030018009000"), "{answer}");
    assert_eq!(told.last().unwrap()["reasons"], json!(["CONTEXT_NOT_MATCHING"]));
    let end = bench.ask(&json!({ "op": "field_off", "reason": "deselected" }));
    assert_eq!(end["outcome"], "DeclinedByWallet");
}

#[test]
fn s2_062_another_card_is_another_purchase() {
    let mut bench = Bench::with_two_cards(&Rules::default());
    assert_eq!(bench.unfollowed(Tap::HIGH).2, "WalletActionRequired");
    bench.authenticate();
    bench.ask(&json!({ "op": "select", "instrument": "card-2" }));
    let (answer, told, outcome) = bench.unfollowed(Tap::HIGH);
    assert_eq!(outcome, "DeclinedByWallet");
    assert!(answer.ends_with("DF4B030018009000"), "{answer}");
    assert_eq!(told.last().unwrap()["reasons"], json!(["CONTEXT_NOT_MATCHING"]));
    bench.ask(&json!({ "op": "select", "instrument": "card-2" }));
    assert_eq!(bench.unfollowed(Tap::HIGH).2, "AuthorizeOnline");
}

#[test]
fn s2_062_a_chosen_card_stays_chosen_for_the_second_tap_and_no_longer() {
    let mut bench = Bench::with_two_cards(&Rules { model: Model::Always, ..Rules::default() });
    bench.ask(&json!({ "op": "select", "instrument": "card-2" }));
    assert_eq!(bench.unfollowed(Tap::HIGH).2, "WalletActionRequired");
    assert_eq!(bench.status()["instruments"][1]["selected"], true);
    bench.authenticate();
    let (_, told, outcome) = bench.unfollowed(Tap::HIGH);
    assert_eq!(outcome, "AuthorizeOnline");
    assert!(told.iter().all(|event| event.get("instrument").is_none_or(|card| card == "card-2")), "{told:?}");
    let status = bench.status();
    assert_eq!(
        (&status["instruments"][1]["selected"], &status["instruments"][1]["credentials_left"]),
        (&json!(false), &json!(2))
    );
    let (_, told, outcome) = bench.unfollowed(Tap::HIGH);
    assert_eq!((&told[0]["instrument"], outcome), (&json!(CARD), json!("AuthorizeOnline")));
}
