//! Which card answers, and whom a verification speaks for; names carry the acceptance rows.

use crate::bench::{Bench, CARD, events, names};
use crate::case::{Model, Rules};
use crate::terminal::Tap;
use bezant_tests::{Generation, Syn1};
use serde_json::{Value, json};

fn always() -> Rules {
    Rules { model: Model::Always, ..Rules::default() }
}

fn of(op: &str, name: &str) -> Value {
    json!({ "op": op, "instrument": name })
}

/// The names of the default and of the selected card.
fn marked(bench: &mut Bench) -> (Vec<String>, Vec<String>) {
    let status = bench.status();
    let marked = |mark: &str| {
        let cards = status["instruments"].as_array().unwrap().iter();
        cards.filter(|card| card[mark] == true).map(|card| card["id"].as_str().unwrap().to_owned()).collect()
    };
    (marked("default"), marked("selected"))
}

/// The card that a reader meets, and nobody where there is none.
fn met(bench: &mut Bench) -> Option<String> {
    let (answer, told) = bench.send(Syn1::SELECT_PPSE);
    bench.ask(&json!({ "op": "field_off", "reason": "deselected" }));
    match told.first() {
        Some(started) => {
            assert_eq!(started["event"], "contactless_payment_started");
            Some(started["instrument"].as_str().unwrap().to_owned())
        }
        None => {
            assert_eq!(answer, "6A82");
            None
        }
    }
}

#[test]
fn s2_017_a_mobile_pin_is_refused_and_kept_nowhere() {
    for pin in [json!("7391"), json!(7391)] {
        let mut bench = Bench::new(&always());
        let request = json!({ "op": "authenticate", "method": "pin", "pin": pin });
        assert_eq!(bench.refused(&request), "MOBILE_PIN_NOT_SUPPORTED");
        assert_eq!(bench.status()["authentication"], Value::Null);
        assert_eq!(bench.tap(Tap::HIGH).outcome, "WalletActionRequired", "nobody has been verified by it");
        for request in [json!({ "op": "export_trace" }), json!({ "op": "history" }), json!({ "op": "status" })] {
            assert!(!bench.ask(&request).to_string().contains("7391"), "{request}");
        }
    }
}

#[test]
fn s2_018_one_verification_speaks_for_all_cards_for_its_time() {
    for method in ["device_credential", "fingerprint", "face", "pattern", "pin", "password"] {
        let mut bench = Bench::with_two_cards(&always());
        bench.ask(&json!({ "op": "authenticate", "method": method }));
        assert_eq!(bench.unfollowed(Tap::HIGH).2, "AuthorizeOnline", "{method}");
        bench.wait(45_000);
        bench.ask(&of("select", "card-2"));
        assert_eq!(bench.unfollowed(Tap::HIGH).2, "AuthorizeOnline", "{method}");
        bench.wait(1);
        let (_, told, outcome) = bench.unfollowed(Tap::HIGH);
        assert_eq!(outcome, "WalletActionRequired", "{method}");
        assert_eq!(told.last().unwrap()["reasons"], json!(["INSUFFICIENT_CDCVM"]));
    }
}

#[test]
fn s2_018_a_swipe_verifies_nobody() {
    let mut bench = Bench::new(&always());
    assert_eq!(bench.refused(&json!({ "op": "authenticate", "method": "swipe" })), "INVALID_REQUEST");
    assert_eq!(bench.tap(Tap::LOW).outcome, "WalletActionRequired");
}

#[test]
fn s2_018_a_verification_for_one_card_speaks_for_no_other() {
    let mut bench = Bench::with_two_cards(&always());
    bench.ask(&json!({ "op": "authenticate", "method": "face", "instrument": "card-2" }));
    bench.ask(&of("select", "card-2"));
    assert_eq!(bench.unfollowed(Tap::HIGH).2, "AuthorizeOnline");
    let (_, told, outcome) = bench.unfollowed(Tap::HIGH);
    assert_eq!((outcome, &told.last().unwrap()["reasons"]), (json!("WalletActionRequired"), &json!(["MISSING_CDCVM"])));
}

#[test]
fn s2_018_a_cleared_verification_serves_no_more() {
    let mut bench = Bench::new(&always());
    bench.ask(&json!({ "op": "authenticate", "method": "face" }));
    bench.ask(&json!({ "op": "clear_authentication" }));
    let (_, told, outcome) = bench.unfollowed(Tap::HIGH);
    assert_eq!((outcome, &told.last().unwrap()["reasons"]), (json!("WalletActionRequired"), &json!(["MISSING_CDCVM"])));
}

#[test]
fn s2_059_the_default_card_answers_and_the_tap_starts_with_its_first_selection() {
    let mut bench = Bench::with_two_cards(&always());
    for select in [Syn1::SELECT_PPSE, Syn1::SELECT_AID] {
        let (answer, told) = bench.send(select);
        assert!(answer.ends_with("9000"));
        assert_eq!((names(&told), &told[0]["instrument"]), (vec!["contactless_payment_started"], &json!(CARD)));
        bench.ask(&json!({ "op": "field_off", "reason": "deselected" }));
    }
    assert_eq!(bench.send("00A4040007A000000004306000"), ("6A82".into(), vec![]), "an unknown name starts no tap");
}

#[test]
fn s2_059_a_chosen_card_answers_one_tap() {
    let mut bench = Bench::with_two_cards(&Rules::default());
    bench.ask(&of("select", "card-2"));
    assert_eq!(marked(&mut bench), (vec![CARD.to_owned()], vec!["card-2".to_owned()]));
    let (_, told, outcome) = bench.unfollowed(Tap::LOW);
    assert_eq!((&told[0]["instrument"], outcome), (&json!("card-2"), json!("AuthorizeOnline")));
    assert_eq!(marked(&mut bench), (vec![CARD.to_owned()], vec![]));
    let (_, told, outcome) = bench.unfollowed(Tap::LOW);
    assert_eq!((&told[0]["instrument"], outcome), (&json!(CARD), json!("AuthorizeOnline")));
}

#[test]
fn s2_059_a_card_that_is_not_active_cannot_be_chosen() {
    let mut bench = Bench::with_two_cards(&always());
    assert_eq!(bench.refused(&of("select", "card-3")), "INSTRUMENT_NOT_FOUND");
    bench.ask(&of("suspend", "card-2"));
    assert_eq!(bench.refused(&of("select", "card-2")), "INSTRUMENT_NOT_ACTIVE");
    let profile = Syn1::profile_json(Generation::V1);
    bench.ask(&json!({ "op": "install_profile", "instrument": "card-3", "profile": profile }));
    assert_eq!(bench.refused(&of("select", "card-3")), "INSTRUMENT_NOT_ACTIVE");
    assert_eq!(met(&mut bench).as_deref(), Some(CARD));
}

#[test]
fn s2_059_a_chosen_card_that_is_suspended_loses_its_turn() {
    let mut bench = Bench::with_two_cards(&always());
    bench.ask(&of("select", "card-2"));
    bench.ask(&of("suspend", "card-2"));
    assert_eq!(met(&mut bench).as_deref(), Some(CARD));
}

#[test]
fn s2_068_the_first_activated_card_is_the_default_until_another_is_named() {
    let mut bench = Bench::with_two_cards(&always());
    assert_eq!((marked(&mut bench).0, met(&mut bench)), (vec![CARD.to_owned()], Some(CARD.to_owned())));
    bench.ask(&of("set_default", "card-2"));
    assert_eq!(marked(&mut bench).0, ["card-2"]);
    assert_eq!(met(&mut bench).as_deref(), Some("card-2"));
    assert_eq!(met(&mut bench).as_deref(), Some("card-2"), "not for one tap only");
}

#[test]
fn s2_068_only_an_active_card_may_be_the_default() {
    let mut bench = Bench::with_two_cards(&always());
    bench.ask(&of("suspend", "card-2"));
    assert_eq!(bench.refused(&of("set_default", "card-2")), "INSTRUMENT_NOT_ACTIVE");
    assert_eq!(bench.refused(&of("set_default", "card-3")), "INSTRUMENT_NOT_FOUND");
    assert_eq!(marked(&mut bench).0, [CARD]);
}

#[test]
fn s2_068_a_default_that_is_deleted_or_suspended_is_followed_by_the_first_active_card() {
    for op in ["delete", "suspend"] {
        let mut bench = Bench::with_two_cards(&always());
        bench.add_card("card-3");
        bench.ask(&of("set_default", "card-3"));
        bench.ask(&of(op, "card-3"));
        assert_eq!((marked(&mut bench).0, met(&mut bench)), (vec![CARD.to_owned()], Some(CARD.to_owned())));
        bench.ask(&of(op, CARD));
        assert_eq!(marked(&mut bench).0, ["card-2"], "{op}");
        bench.ask(&of(op, "card-2"));
        assert_eq!((marked(&mut bench).0, met(&mut bench)), (vec![], None), "none is left");
        assert_eq!(bench.send(Syn1::GPO), ("6985".into(), vec![]));
    }
}

#[test]
fn s2_068_after_none_was_left_the_next_activated_card_is_the_default() {
    let mut bench = Bench::new(&always());
    bench.ask(&of("suspend", CARD));
    assert_eq!(met(&mut bench), None);
    bench.ask(&of("activate", CARD));
    assert_eq!((marked(&mut bench).0, met(&mut bench)), (vec![CARD.to_owned()], Some(CARD.to_owned())));
}

#[test]
fn the_host_is_told_how_a_cards_state_has_changed() {
    let mut bench = Bench::with_two_cards(&always());
    for (op, old, new) in [("suspend", "Active", "Suspended"), ("activate", "Suspended", "Active")] {
        let answer = bench.ask(&of(op, "card-2"));
        let [changed] = &events(&answer)[..] else { panic!("{answer}") };
        assert_eq!(changed["event"], "payment_instrument_status_changed");
        assert_eq!(
            (&changed["instrument"], &changed["old"], &changed["new"]),
            (&json!("card-2"), &json!(old), &json!(new))
        );
        assert!(changed["cause"].is_string());
    }
}
