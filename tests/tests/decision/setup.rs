//! What a configuration may say about the decision, and what `what_if` refuses.

use crate::bench::Bench;
use crate::case::Rules;
use crate::terminal::Tap;
use driver::Driver;
use serde_json::{Value, json};

fn set_up(config: &Value) -> Value {
    let mut driver = Driver::default();
    serde_json::from_str(&driver.answer(&json!({ "op": "setup", "config": config }).to_string())).unwrap()
}

#[test]
fn a_limit_out_of_its_range_is_refused_and_one_at_its_border_taken() {
    for (name, taken, refused) in [
        ("auth_validity_s", &[json!(1), json!(300)][..], &[json!(0), json!(301), json!(-1), json!("45")][..]),
        ("link_loss_retry_limit", &[json!(0), json!(10)], &[json!(11), json!(-1)]),
        ("link_loss_retry_window_ms", &[json!(500), json!(10_000)], &[json!(499), json!(10_001)]),
        (
            "velocity",
            &[
                json!({}),
                json!({ "max_consecutive_lvt": 0 }),
                json!({ "max_consecutive_lvt": 50 }),
                json!({ "max_cumulative_lvt": 0, "single_lvt_limit": 0, "domestic_currency": "000" }),
            ],
            &[
                json!({ "max_consecutive_lvt": 51 }),
                json!({ "max_consecutive_lvt": -1 }),
                json!({ "max_cumulative_lvt": 0.5 }),
                json!({ "domestic_currency": "PLN" }),
                json!({ "domestic_currency": "98" }),
                json!({ "domestic_currency": "0985" }),
                json!({ "domestic_currency": 985 }),
                json!({ "max_lvt": 1 }),
            ],
        ),
        ("transit_without_cdcvm", &[json!(true)], &[json!(1), json!("true")]),
        ("allow_when_locked", &[json!(true)], &[json!("no")]),
        ("cvm_model", &[json!("Always"), json!("Flexible"), json!("CardLike")], &[json!("Card-like"), json!("always")]),
    ] {
        for value in taken {
            let answer = set_up(&json!({ name: value }));
            assert_eq!(answer["ok"], true, "{name}: {value}: {answer}");
        }
        for value in refused {
            let answer = set_up(&json!({ name: value }));
            assert_eq!(answer["error"]["code"], "INVALID_CONFIG", "{name}: {value}: {answer}");
        }
    }
}

#[test]
fn the_model_is_flexible_unless_somebody_says_otherwise() {
    let mut bench = Bench::with(&Rules::default(), &json!({ "cvm_model": null }));
    assert_eq!(bench.tap(Tap::LOW).outcome, "AuthorizeOnline");
    assert_eq!(bench.tap(Tap::HIGH).outcome, "WalletActionRequired");
}

#[test]
fn operations_on_the_decision_want_a_wallet_and_their_fields() {
    let requests = [
        json!({ "op": "device", "locked": true, "screen_on": true }),
        json!({ "op": "host", "decision": "follow" }),
        json!({ "op": "history" }),
        json!({ "op": "what_if", "terminal": Tap::LOW.supposed() }),
        json!({ "op": "export_trace" }),
    ];
    let mut driver = Driver::default();
    for request in &requests {
        let answer: Value = serde_json::from_str(&driver.answer(&request.to_string())).unwrap();
        assert_eq!(answer["error"]["code"], "NOT_SET_UP", "{request}: {answer}");
    }
    let mut bench = Bench::new(&Rules::default());
    for request in [
        json!({ "op": "device", "locked": "yes", "screen_on": true }),
        json!({ "op": "host", "decision": "maybe" }),
        json!({ "op": "host", "decision": "sleep:soon" }),
        json!({ "op": "host" }),
        json!({ "op": "what_if" }),
        json!({ "op": "what_if", "terminal": { "amount": 1, "currency": "985", "colour": "red" } }),
        json!({ "op": "what_if", "terminal": { "amount": "1", "currency": "985" } }),
        json!({ "op": "what_if", "terminal": { "amount": 1, "currency": "PLN" } }),
        json!({ "op": "what_if", "terminal": { "amount": 1, "currency": "985", "9F34": "1F03" } }),
    ] {
        assert_eq!(bench.refused(&request), "INVALID_REQUEST", "{request}");
    }
    for request in requests {
        bench.ask(&request);
    }
}

#[test]
fn what_if_sees_of_a_terminal_what_the_card_asks_for() {
    // 9F33 byte 2: no CVM alone, and online PIN beside it.
    for (asks, capabilities, range, advice) in [
        (true, "E00808", "Low", "Proceed"),
        (true, "E04808", "High", "AuthenticationRequired"),
        (false, "E04808", "Low", "Proceed"),
    ] {
        let more = if asks { json!({ "extra_pdol": ["9F3303"] }) } else { json!({}) };
        let mut bench = Bench::with(&Rules::default(), &more);
        let mut terminal = Tap::LOW.supposed();
        terminal["9F33"] = json!(capabilities);
        let told = bench.ask(&json!({ "op": "what_if", "terminal": terminal }));
        assert_eq!((&told["range"], &told["advice"]), (&json!(range), &json!(advice)), "{told}");

        let [ppse, aid, gpo] = Tap::LOW.opening();
        let longer = format!("80A8000010830E{}{capabilities}00", &gpo[14..36]);
        let question = Tap::LOW.question(1);
        for command in [&ppse, &aid, if asks { &longer } else { &gpo }, &question] {
            assert!(bench.send(command).0.ends_with("9000"), "{command}");
        }
        let end = bench.ask(&json!({ "op": "field_off", "reason": "deselected" }));
        let outcome = if advice == "Proceed" { "AuthorizeOnline" } else { "WalletActionRequired" };
        assert_eq!(end["outcome"], outcome, "the tap is as it was foretold");
    }
}

#[test]
fn what_if_in_the_middle_of_a_tap_is_not_noticed() {
    let mut bench = Bench::new(&Rules::default());
    let what_if = json!({ "op": "what_if", "terminal": Tap::HIGH.supposed() });
    for command in Tap::LOW.opening() {
        assert!(bench.send(&command).0.ends_with("9000"));
        assert_eq!(bench.ask(&what_if)["advice"], "AuthenticationRequired");
    }
    let (answer, told) = bench.send(&Tap::LOW.question(1));
    assert!(answer.contains("9F2701809F36020001"), "{answer}");
    assert_eq!(told[0]["outcome"], "AuthorizeOnline");
    assert_eq!(bench.ask(&what_if)["advice"], "AuthenticationRequired", "after the answer too");
    assert_eq!(bench.ask(&json!({ "op": "field_off", "reason": "deselected" }))["outcome"], "AuthorizeOnline");
}
