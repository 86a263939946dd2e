//! The three CVM models, counters and gates as stories; names carry the acceptance rows.

use crate::bench::Bench;
use crate::case::{Host, Model, Rules};
use crate::terminal::{Request, Tap};
use bezant_tests::{Generation, Syn1};
use serde_json::{Value, json};

fn model(model: Model) -> Bench {
    Bench::new(&Rules { model, ..Rules::default() })
}

fn counters(bench: &mut Bench) -> (Value, Value) {
    let mut counters = bench.status()["instruments"][0]["counters"].take();
    (counters["consecutive_lvt"].take(), counters["cumulative_lvt"].take())
}

#[test]
fn s2_019_always_pays_in_one_tap_when_the_cardholder_was_verified_before() {
    for tap in [Tap::LOW, Tap::HIGH] {
        let mut bench = model(Model::Always);
        bench.authenticate();
        let heard = bench.tap(tap.asking(Request::SignedArqc));
        assert_eq!(heard.outcome, "AuthorizeOnline");
        assert_eq!(heard.object(0x9F10).unwrap()[2], 0xA5, "the terminal and the issuer see the verification");
    }
}

#[test]
fn s2_020_always_asks_first_and_pays_the_second_tap_over_the_same_amount() {
    let mut bench = model(Model::Always);
    let first = bench.tap(Tap::LOW);
    assert_eq!((first.outcome.as_str(), &first.completed()["reasons"]), ("WalletActionRequired", &json!([MISSING])));
    bench.authenticate();
    let second = bench.tap(Tap::LOW);
    assert_eq!(second.outcome, "AuthorizeOnline");
    assert_eq!(first.completed()["transaction"]["amount"], second.completed()["transaction"]["amount"]);
}

#[test]
fn s2_021_where_the_terminal_asks_for_its_own_pin_always_tells_the_app() {
    let mut bench = model(Model::Always);
    bench.authenticate();
    let heard = bench.tap(Tap::ONLINE_PIN);
    assert_eq!(heard.outcome, "AuthorizeOnline");
    assert_eq!(heard.completed()["transaction"]["cardholder_action"], "OnlinePin");
}

#[test]
fn s2_022_always_does_not_pay_unverified_even_if_the_host_says_proceed() {
    for tap in [Tap::LOW, Tap::HIGH, Tap::GATE, Tap::OLD] {
        let mut bench = model(Model::Always);
        bench.host(Host::Proceed);
        let heard = bench.tap(tap);
        let completed = heard.completed();
        assert_eq!((&completed["outcome"], &completed["overruled"]), (&json!("WalletActionRequired"), &json!(true)));
        assert_eq!(completed["reasons"], json!([MISSING]), "it says why");
        assert!(heard.what_if["sentence"].as_str().unwrap().contains(' '), "{:?}", heard.what_if);
        bench.wait(30_001);
        bench.authenticate();
        bench.wait(45_001);
        assert_eq!(bench.tap(tap).completed()["reasons"], json!(["INSUFFICIENT_CDCVM"]));
    }
}

#[test]
fn s2_023_flexible_pays_a_low_amount_unverified_and_its_counters_move() {
    let mut bench = model(Model::Flexible);
    for (count, sum) in [(1, 2_500), (2, 5_000), (3, 7_500)] {
        let heard = bench.tap(Tap::LOW);
        assert_eq!(heard.outcome, "AuthorizeOnline");
        assert_eq!(heard.object(0x9F10).unwrap()[2], 0xA0, "no verification is claimed");
        assert_eq!(counters(&mut bench), (json!(count), json!(sum)), "counted though nothing is limited");
    }
}

#[test]
fn s2_024_flexible_pays_a_high_amount_that_was_verified_before_and_its_counters_start_anew() {
    let mut bench = model(Model::Flexible);
    bench.tap(Tap::LOW);
    bench.authenticate();
    assert_eq!(counters(&mut bench), (json!(1), json!(2_500)), "a verification alone changes nothing");
    assert_eq!(bench.tap(Tap::HIGH).outcome, "AuthorizeOnline");
    assert_eq!(counters(&mut bench), (json!(0), json!(0)));
}

#[test]
fn s2_025_flexible_asks_for_the_low_tap_beyond_its_limit_and_pays_it_verified() {
    let mut bench = Bench::new(&Rules { max_consecutive: Some(2), ..Rules::default() });
    assert_eq!(bench.tap(Tap::LOW).outcome, "AuthorizeOnline");
    assert_eq!(bench.tap(Tap::LOW).outcome, "AuthorizeOnline");
    let refused = bench.tap(Tap::LOW);
    assert_eq!(refused.outcome, "WalletActionRequired");
    assert_eq!(refused.object(0xDF4B), Some(vec![0, 1, 0]), "the reader shows `see phone`");
    assert_eq!(counters(&mut bench), (json!(2), json!(5_000)), "what was not paid does not count");
    bench.authenticate();
    assert_eq!(bench.tap(Tap::LOW).outcome, "AuthorizeOnline");
    assert_eq!(counters(&mut bench), (json!(0), json!(0)));

    assert_eq!(bench.tap(Tap::HIGH).outcome, "AuthorizeOnline", "the verification has served once and serves again");
    bench.ask(&json!({ "op": "clear_authentication" }));
    let (_, _, outcome) = bench.unfollowed(Tap::HIGH);
    assert_eq!(outcome, "WalletActionRequired");
}

#[test]
fn s2_026_card_like_pays_a_low_amount_and_announces_no_verification() {
    let mut bench = model(Model::CardLike);
    bench.authenticate();
    let heard = bench.tap(Tap::LOW);
    assert_eq!(heard.outcome, "AuthorizeOnline");
    assert_eq!(heard.object(0x9F10).unwrap()[2], 0xA0);
    assert_eq!(heard.status["authentication"]["payments"], 0, "nor is one used up");
}

#[test]
fn s2_027_card_like_leaves_a_high_amount_to_the_terminals_pin() {
    let mut bench = model(Model::CardLike);
    let heard = bench.tap(Tap::ONLINE_PIN);
    assert_eq!(heard.outcome, "AuthorizeOnline");
    assert_eq!(heard.completed()["transaction"]["cardholder_action"], "OnlinePin");
    let heard = bench.tap(Tap::HIGH);
    assert_eq!(heard.outcome, "DeclinedByWallet", "nobody has verified anybody");
    assert_eq!(heard.completed()["reasons"], json!(["INSUFFICIENT_POI_AUTHENTICATION"]));
}

#[test]
fn s2_028_only_a_payment_moves_the_counters() {
    let mut bench = Bench::new(&Rules { max_consecutive: Some(1), ..Rules::default() });
    bench.host(Host::Decline);
    bench.tap(Tap::LOW);
    bench.host(Host::AuthenticationRequired);
    bench.tap(Tap::LOW);
    bench.host(Host::Follow);
    bench.tap(Tap::LOW.asking(Request::Aac));
    bench.lock(true);
    bench.tap(Tap::LOW);
    bench.lock(false);
    assert_eq!(counters(&mut bench), (json!(0), json!(0)));
    bench.tap(Tap::LOW);
    assert_eq!(counters(&mut bench), (json!(1), json!(2_500)));
    bench.authenticate();
    bench.tap(Tap::LOW.asking(Request::Aac));
    bench.host(Host::Decline);
    bench.tap(Tap::HIGH);
    bench.tap(Tap::LOW);
    assert_eq!(counters(&mut bench), (json!(1), json!(2_500)), "verified, but not paid");
}

#[test]
fn s2_028_each_card_counts_for_itself() {
    let mut bench = Bench::with_two_cards(&Rules { max_consecutive: Some(1), ..Rules::default() });
    bench.tap(Tap::LOW);
    bench.ask(&json!({ "op": "select", "instrument": "card-2" }));
    assert_eq!(bench.unfollowed(Tap::LOW).2, "AuthorizeOnline");
    assert_eq!(bench.unfollowed(Tap::LOW).2, "WalletActionRequired");
    let status = bench.status();
    for card in [0, 1] {
        assert_eq!(status["instruments"][card]["counters"]["consecutive_lvt"], 1, "{status}");
    }
}

#[test]
fn s2_029_a_gate_opens_as_each_model_and_the_configuration_have_it() {
    for (model, without_cdcvm, outcome, reasons) in [
        (Model::Always, false, "WalletActionRequired", &[MISSING][..]),
        (Model::Always, true, "WalletActionRequired", &[MISSING]),
        (Model::Flexible, false, "WalletActionRequired", &[MISSING]),
        (Model::Flexible, true, "AuthorizeOnline", &[]),
        (Model::CardLike, false, "DeclinedByWallet", &["UNSUPPORTED_TRANSIT"]),
        (Model::CardLike, true, "AuthorizeOnline", &[]),
    ] {
        // Whatever the terminal has done about verification: a gate is no question of range.
        for gate in [Tap::GATE, Tap::STRICT_GATE] {
            let rules = Rules { model, transit_without_cdcvm: without_cdcvm, ..Rules::default() };
            let heard = Bench::new(&rules).tap(gate);
            assert_eq!((heard.outcome.as_str(), &heard.completed()["reasons"]), (outcome, &json!(reasons)));
            assert_eq!(heard.completed()["transaction"]["type"], "Transit");
        }
    }
}

#[test]
fn s2_029_a_profile_that_knows_no_gates_declines_them_verified_or_not() {
    let mut profile = Syn1::profile_json(Generation::V2);
    Syn1::contactless(&mut profile)["isTransitSupported"] = json!(false);
    let rules = Rules { model: Model::Always, transit_without_cdcvm: true, ..Rules::default() };
    let mut bench = Bench::with_profile(&rules, &json!({}), &profile);
    for poscii in ["DF4B030000009000", "DF4B030010009000"] {
        let (answer, told, outcome) = bench.unfollowed(Tap::GATE);
        assert_eq!((outcome, answer.ends_with(poscii)), (json!("DeclinedByWallet"), true), "{answer}");
        assert_eq!(told.last().unwrap()["reasons"], json!(["UNSUPPORTED_TRANSIT"]));
        bench.authenticate();
    }
}

#[test]
fn mag_stripe_mode_counts_like_chip_and_answers_6982_where_no_second_tap_can_follow() {
    let mut bench = Bench::new(&Rules { max_consecutive: Some(1), ..Rules::default() });
    let low = Tap { mobile_support: Some(1), ..Tap::OLD };
    assert_eq!(bench.tap(low).outcome, "AuthorizeOnline");
    assert_eq!(counters(&mut bench), (json!(1), json!(2_500)));
    let refused = bench.tap(low);
    assert_eq!((refused.outcome.as_str(), refused.object(0xDF4B)), ("WalletActionRequired", Some(vec![0, 1, 0])));
    let old = bench.tap(Tap::OLD);
    assert_eq!((hex::encode_upper(&old.answer), old.outcome.as_str()), ("6982".into(), "WalletActionRequired"));
    bench.authenticate();
    let high = Tap { mobile_support: Some(3), ..Tap::OLD };
    assert_eq!(bench.tap(high).object(0xDF4B), Some(vec![0, 0x10, 0]));
    assert_eq!(counters(&mut bench), (json!(0), json!(0)));
}

const MISSING: &str = "MISSING_CDCVM";
