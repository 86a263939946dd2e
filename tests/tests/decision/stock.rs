//! What a tap leaves behind: credentials to be told about, and an entry in the history.

use crate::bench::{Bench, CARD, names};
use crate::case::{Model, Rules};
use crate::terminal::{Request, Tap};
use serde_json::{Value, json};

#[test]
fn s2_056_credentials_are_asked_for_once_when_fewer_than_the_threshold_are_left() {
    let mut bench = Bench::new(&Rules { credentials: 5, replenish_threshold: 3, ..Rules::default() });
    for _ in [4, 3] {
        assert_eq!(names(&bench.tap(Tap::LOW).events), [COMPLETED, "next_tap_ready"]);
    }
    let heard = bench.tap(Tap::LOW);
    assert_eq!(names(&heard.events), [COMPLETED, "next_tap_ready", "credentials_low", "replenish_needed"]);
    for name in ["credentials_low", "replenish_needed"] {
        assert_eq!(heard.event(name)["instrument"], CARD);
    }
    assert_eq!(heard.event("credentials_low")["credentials_left"], 2);
    let (_, told, _) = bench.unfollowed(Tap::LOW);
    assert!(!names(&told).contains(&"replenish_needed"), "one is under way: {told:?}");
}

#[test]
fn s2_056_after_a_load_they_can_be_asked_for_again() {
    let mut bench = Bench::new(&Rules { credentials: 3, replenish_threshold: 3, ..Rules::default() });
    for _ in 0..2 {
        let heard = bench.tap(Tap::LOW);
        assert_eq!(names(&heard.events), [COMPLETED, "next_tap_ready", "credentials_low", "replenish_needed"]);
        bench.load(1);
    }
    bench.load(5);
    assert_eq!(names(&bench.tap(Tap::LOW).events), [COMPLETED, "next_tap_ready"]);
}

#[test]
fn s2_058_a_tap_without_a_credential_is_declined_and_the_app_is_told_why() {
    let mut bench = Bench::new(&Rules { credentials: 1, ..Rules::default() });
    assert_eq!(bench.tap(Tap::LOW).outcome, "AuthorizeOnline");
    for _ in 0..2 {
        let heard = bench.tap(Tap::LOW);
        assert_eq!((heard.outcome.as_str(), heard.object(0xDF4B)), ("DeclinedByWallet", Some(vec![0; 3])));
        assert_eq!(heard.completed()["reasons"], json!(["CREDENTIALS_NOT_AVAILABLE"]));
        let told = names(&heard.events);
        let at = |name: &str| told.iter().position(|told| *told == name);
        assert!(at("no_transaction_credentials") > at(COMPLETED), "{told:?}");
        assert_eq!(heard.event("no_transaction_credentials")["instrument"], CARD);
    }
    bench.load(1);
    assert_eq!(bench.tap(Tap::LOW).outcome, "AuthorizeOnline");
}

#[test]
fn s2_058_without_a_credential_nobody_is_sent_off_to_verify() {
    let mut bench = Bench::new(&Rules { model: Model::Always, credentials: 0, ..Rules::default() });
    let heard = bench.tap(Tap::HIGH);
    assert_eq!((heard.outcome.as_str(), heard.object(0xDF4B)), ("DeclinedByWallet", Some(vec![0; 3])));
    assert_eq!(heard.completed()["reasons"].as_array().unwrap().len(), 2, "{heard:?}");
    assert_eq!(bench.tap(Tap::HIGH.asking(Request::Aac)).outcome, "DeclinedByTerminal", "which needs none");
}

fn history(bench: &mut Bench, instrument: Option<&str>) -> Vec<Value> {
    let mut request = json!({ "op": "history" });
    if let Some(instrument) = instrument {
        request["instrument"] = json!(instrument);
    }
    bench.ask(&request)["taps"].as_array().unwrap().clone()
}

#[test]
fn the_history_tells_every_tap_newest_first() {
    let mut bench = Bench::new(&Rules::default());
    let paid = bench.tap(Tap::LOW);
    bench.wait(1_000);
    bench.tap(Tap::HIGH.in_currency("978"));
    bench.wait(59_000);
    let gate = bench.tap(Tap::GATE);
    let taps = history(&mut bench, None);
    let fields = |tap: &Value| {
        ["time", "amount", "currency", "range", "type", "outcome", "reasons"].map(|field| tap[field].clone())
    };
    let wanted = [
        json!(["2026-01-15T10:01:00Z", 0, "985", "Low", "Transit", "WalletActionRequired", ["MISSING_CDCVM"]]),
        json!(["2026-01-15T10:00:01Z", 15_000, "978", "High", "Purchase", "WalletActionRequired", ["MISSING_CDCVM"]]),
        json!(["2026-01-15T10:00:00Z", 2_500, "985", "Low", "Purchase", "AuthorizeOnline", []]),
    ];
    let found: Vec<Value> = taps.iter().map(|tap| json!(fields(tap))).collect();
    assert_eq!(found, wanted);
    assert_eq!(taps[2]["transaction_id"], paid.completed()["transaction"]["transaction_id"]);
    assert_eq!((&taps[0]["transaction_id"], gate.outcome.as_str()), (&Value::Null, "WalletActionRequired"));
    let text = json!(taps).to_string();
    assert!(!text.contains("5413330000000019") && !text.contains("541333"), "{text}");
}

#[test]
fn the_history_is_as_long_as_configured() {
    let mut bench = Bench::with(&Rules::default(), &json!({ "history_limit": 3 }));
    for amount in 1..=5 {
        bench.tap(Tap::LOW.of(amount));
    }
    let amounts: Vec<Value> = history(&mut bench, None).iter().map(|tap| tap["amount"].clone()).collect();
    assert_eq!(amounts, [5, 4, 3]);
}

#[test]
fn the_history_can_be_asked_about_one_card() {
    let mut bench = Bench::with_two_cards(&Rules::default());
    bench.tap(Tap::LOW.of(1));
    bench.ask(&json!({ "op": "select", "instrument": "card-2" }));
    bench.unfollowed(Tap::LOW.of(2));
    let mut amounts = |card| history(&mut bench, card).iter().map(|tap| tap["amount"].clone()).collect::<Vec<_>>();
    assert_eq!(amounts(None), [2, 1]);
    assert_eq!(amounts(Some(CARD)), [1]);
    assert_eq!(amounts(Some("card-2")), [2]);
}

const COMPLETED: &str = "contactless_payment_completed";
