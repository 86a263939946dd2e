//! The scenarios.

use serde_json::Value;

use crate::{complaint, lines, listed, outcome, run, text};

#[test]
fn every_scenario_goes_as_expected_and_every_payment_is_proven() {
    let output = run(&["--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", complaint(&output));
    let (taps, summary) = lines(&output);
    assert!(taps.iter().all(|tap| tap["as_expected"] == true && tap["deviations"] == serde_json::json!([])));
    assert_eq!(summary["scenarios"], summary["as_expected"]);
    assert_eq!(summary["scenarios"], listed(&["--list"]).len());
    for model in ["Always", "Flexible", "CardLike"] {
        assert!(taps.iter().filter(|tap| tap["model"] == model).count() >= 5, "{model}");
    }

    let paid: Vec<&Value> = taps.iter().filter(|tap| tap["outcome"] == "AuthorizeOnline").collect();
    assert_eq!(summary["payments_verified"], paid.len());
    assert_eq!(summary["credentials_spent"], paid.len());
    for tap in &paid {
        let found = &tap["issuer"]["verification"];
        match tap["scenario"].as_str().unwrap() {
            "mag-stripe" => assert_eq!(found["valid"]["freshness"], "fresh"),
            "altered-amount" => assert_eq!(found["amount"]["contradicted"]["under_cryptogram"], tap["amount"]),
            _ => {
                assert_eq!((&found["umd"], &found["md"]), (&Value::from("valid"), &Value::from("valid")));
                assert_eq!((&found["freshness"], &found["amount"]), (&Value::from("fresh"), &Value::from("bound")));
            }
        }
    }
    for model in ["Always", "Flexible", "CardLike"] {
        let of_model = paid.iter().filter(|tap| tap["model"] == model);
        let counters: Vec<u64> = of_model.filter_map(|tap| tap["issuer"]["verification"]["atc"].as_u64()).collect();
        assert!(counters.is_sorted_by(|one, next| one < next), "{model}: {counters:?}");
    }
}

#[test]
fn every_tap_tells_its_model_its_events_its_rule_and_its_counters() {
    let (taps, _) = lines(&run(&["--json"]));
    for tap in &taps {
        let events: Vec<&str> = tap["events"].as_array().unwrap().iter().filter_map(|e| e["event"].as_str()).collect();
        let decided = !matches!(outcome(tap), "Interrupted" | "Error");
        assert_eq!((tap["rule"].is_string(), tap["sentence"].is_string()), (decided, decided), "{tap}");
        assert!(tap["counters"]["consecutive_lvt"].is_u64() && tap["counters"]["cumulative_lvt"].is_u64());
        assert!(!events.is_empty(), "{tap}");
        let completed = events.iter().filter(|event| **event == "contactless_payment_completed").count();
        // The link may come back; and a terminal that refuses one application is offered the next in a new tap.
        let expected = match (tap["scenario"].as_str().unwrap(), &tap["tap"]) {
            ("link-comes-back", first) if *first == 1 => 0,
            ("offline-only", _) => 2,
            _ => 1,
        };
        assert_eq!(completed, expected, "{events:?}");
    }
    let told = |scenario: &str, tap: usize| {
        taps.iter()
            .find(|line| line["scenario"] == scenario && line["tap"] == tap)
            .unwrap_or_else(|| panic!("{scenario}"))
    };
    assert_eq!(told("app-overruled", 1)["overruled"], true);
    assert!(told("app-overruled", 1)["sentence"].as_str().unwrap().contains("the app wanted to be more generous"));
    assert_eq!(told("app-late", 1)["events"][1]["how"], "Late");
    assert_eq!(told("app-late", 2)["outcome"], "AuthorizeOnline");
    assert_eq!(told("flexible-count", 2)["counters"]["consecutive_lvt"], 2);
    assert_eq!(told("flexible-count", 4)["counters"]["consecutive_lvt"], 0);
    assert_eq!(told("link-comes-back", 1)["events"][1]["retries_left"], 1);
    assert_eq!(told("other-amount", 2)["reasons"], serde_json::json!(["CONTEXT_NOT_MATCHING"]));
    assert_eq!(told("card-like-high-value", 1)["cardholder_action"], "OnlinePin");
}

#[test]
fn a_tap_is_told_byte_by_byte() {
    let (taps, summary) = lines(&run(&["--json", "--scenario", "always-double-tap"]));
    let outcomes: Vec<&str> = taps.iter().map(|tap| tap["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["WalletActionRequired", "AuthorizeOnline"]);
    assert_eq!((&summary["scenarios"], &summary["taps"]), (&Value::from(1), &Value::from(2)));
    let first = &taps[0];
    assert_eq!(first["issuer"], Value::Null);
    assert_eq!(first["refusal_cryptograms"], "random");
    assert_eq!(first["credentials_spent"], 0);
    let apdus = first["apdus"].as_array().unwrap();
    assert!(apdus.last().unwrap()["answer"].as_str().unwrap().ends_with("DF4B030001009000"));
    for apdu in apdus {
        let digits = apdu["command"].as_str().unwrap().len() + apdu["answer"].as_str().unwrap().len();
        assert_eq!(apdu["bytes"], digits / 2);
        // Three bytes of frame each way, 84.96 microseconds a byte.
        let air = 0.084_96 * (digits / 2 + 6) as f64;
        assert!((apdu["air_ms"].as_f64().unwrap() - air).abs() < 0.001, "{apdu}");
    }
}

#[test]
fn each_scenario_can_be_played_alone() {
    for name in listed(&["--list"]) {
        let output = run(&["--json", "--scenario", &name]);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", text(&output));
    }
}

#[test]
fn the_scenarios_of_one_model_can_be_played_alone() {
    for (model, told) in [("always", "Always"), ("flexible", "Flexible"), ("card-like", "CardLike")] {
        let output = run(&["--json", "--model", model]);
        assert_eq!(output.status.code(), Some(0), "{model}: {}", text(&output));
        assert!(lines(&output).0.iter().all(|tap| tap["model"] == told), "{model}");
    }
}

#[test]
fn a_card_out_of_its_dates_is_not_as_expected() {
    let output = run(&["--json", "--scenario", "always-low-value", "--date", "2031-02-01"]);
    assert_eq!(output.status.code(), Some(1));
    let (taps, _) = lines(&output);
    assert!(taps[0]["data_authentication"].as_str().unwrap().contains("expired"), "{}", taps[0]);
}
