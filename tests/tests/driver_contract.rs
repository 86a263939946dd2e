//! The driver's contract: its published transcript, and everything that a line can do wrong.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use bezant_tests::{Generation, Syn1, file};
use driver::Driver;
use serde_json::{Value, json};

fn ask(driver: &mut Driver, request: &Value) -> Value {
    serde_json::from_str(&driver.answer(&request.to_string())).unwrap()
}

fn error_code(answer: &str) -> String {
    let answer: Value = serde_json::from_str(answer).unwrap();
    assert_eq!(answer["ok"], false, "{answer}");
    answer["error"]["code"].as_str().unwrap().to_owned()
}

#[test]
fn the_published_transcript_gets_its_answers_from_both_profile_forms() {
    for generation in [Generation::V1, Generation::V2] {
        let folder = tempfile::tempdir().unwrap();
        let mut driver = Driver::default();
        let mut request = None;
        for line in file("vectors/syn-1.driver.txt").lines() {
            let (mark, text) = line.split_at(2);
            let mut object: Value = serde_json::from_str(text).unwrap();
            match mark {
                "> " => {
                    if object["op"] == "setup" {
                        object["state_dir"] = folder.path().join("DIR").to_str().into();
                        object["vault"] = folder.path().join("DIR.vault").to_str().into();
                    }
                    if object["op"] == "install_profile" {
                        object["profile"] = Syn1::profile_json(generation);
                    }
                    request = Some(object);
                }
                _ => {
                    let request = request.take().unwrap();
                    let mut answer = ask(&mut driver, &request);
                    // The time is not ours to promise.
                    object.as_object_mut().unwrap().remove("micros");
                    answer.as_object_mut().unwrap().remove("micros");
                    assert_eq!(answer, object, "{generation:?}: {request}");
                }
            }
        }
        assert!(driver.is_shut_down());
    }
}

#[test]
fn a_line_that_is_no_request_gets_an_error_and_the_driver_lives_on() {
    let mut driver = Driver::default();
    for line in [
        "{",
        "[]",
        "null",
        "7",
        "{}",
        r#"["status"]"#,
        r#"{"op":7}"#,
        r#"{"op":"status"} {}"#,
        "\u{0}",
        r#"{"op":"apdu"}"#,
    ] {
        assert_eq!(error_code(&driver.answer(line)), "INVALID_REQUEST", "{line}");
    }
    let deep = format!(r#"{{"op":"setup","config":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert!(["INVALID_REQUEST", "INVALID_CONFIG"].contains(&error_code(&driver.answer(&deep)).as_str()));
    assert_eq!(error_code(&driver.answer(r#"{"op":"juggle"}"#)), "UNKNOWN_OP");
    assert_eq!(error_code(&driver.answer(r#"{"op":"shutdown","now":true}"#)), "INVALID_REQUEST");
    assert_eq!(error_code(&driver.answer(r#"{"op":"setup","colour":"red"}"#)), "INVALID_REQUEST");
    assert_eq!(ask(&mut driver, &json!({"op": "setup"}))["ok"], true);
}

#[test]
fn before_setup_only_a_reader_is_answered() {
    let mut driver = Driver::default();
    let profile = Syn1::profile_json(Generation::V1);
    for request in [
        json!({"op": "install_profile", "instrument": "c", "profile": profile}),
        json!({"op": "load_credentials", "instrument": "c", "credentials": []}),
        json!({"op": "activate", "instrument": "c"}),
        json!({"op": "authenticate", "method": "face"}),
        json!({"op": "clear_authentication"}),
        json!({"op": "field_off", "reason": "link_loss"}),
        json!({"op": "clock", "advance_ms": 1}),
        json!({"op": "status"}),
    ] {
        assert_eq!(error_code(&driver.answer(&request.to_string())), "NOT_SET_UP", "{request}");
    }
    for (command, answer) in [(Syn1::SELECT_PPSE, "6A82"), (Syn1::GPO, "6985"), ("", "6700"), ("80CA9F3600", "6D00")] {
        assert_eq!(ask(&mut driver, &json!({"op": "apdu", "hex": command}))["hex"], answer, "{command}");
    }
    assert_eq!(ask(&mut driver, &json!({"op": "setup"}))["ok"], true);
    assert_eq!(error_code(&driver.answer(r#"{"op":"setup"}"#)), "ALREADY_SET_UP");
}

#[test]
fn a_configuration_is_read_strictly() {
    for config in [
        json!({"colour": "red"}),
        json!({"cvm_model": "Sometimes"}),
        json!({"auth_validity_s": 0}),
        json!({"auth_validity_s": 301}),
        json!({"auth_validity_s": "45"}),
        json!({"extra_pdol": ["9F15"]}),
        json!({"extra_pdol": ["hexadecimal"]}),
        json!({"velocity": {"max_lvt": 1}}),
        json!([]),
    ] {
        let answer = Driver::default().answer(&json!({"op": "setup", "config": config}).to_string());
        assert_eq!(error_code(&answer), "INVALID_CONFIG", "{config}");
    }
    let all = json!({
        "cvm_model": "Flexible", "auth_validity_s": 300, "auth_max_payments": 1, "dual_tap_timeout_s": 30,
        "apdu_timeout_ms": 5000, "replenish_threshold": 5, "max_stored_credentials": 1000,
        "velocity": {"max_consecutive_lvt": 5, "max_cumulative_lvt": 10000, "single_lvt_limit": 2000, "domestic_currency": "985"},
        "transit_enabled": true, "transit_without_cdcvm": false, "allow_when_locked": false, "mag_stripe": false,
        "extra_pdol": ["9F1502"], "extra_udol": [], "link_loss_retry_limit": 0, "link_loss_retry_window_ms": 2000,
        "host_budget_ms": 200, "history_limit": 100, "burn_after_reboot": 2,
    });
    assert_eq!(ask(&mut Driver::default(), &json!({"op": "setup", "config": all}))["ok"], true);
}

/// A driver with SYN-1, two credentials, active.
fn driver_with_syn_1(setup: &Value) -> Driver {
    let mut driver = Driver::default();
    let credentials = &Syn1::credentials_json()["credentials"];
    for request in [
        setup.clone(),
        json!({"op": "install_profile", "instrument": "card-1", "profile": Syn1::profile_json(Generation::V1)}),
        json!({"op": "load_credentials", "instrument": "card-1", "credentials": credentials}),
        json!({"op": "activate", "instrument": "card-1"}),
    ] {
        assert_eq!(ask(&mut driver, &request)["ok"], true, "{request}");
    }
    driver
}

#[test]
fn wrong_fields_are_told_without_their_values() {
    let mut driver = driver_with_syn_1(&json!({"op": "setup"}));
    let canary = "DEADBEEFDEADBEEFDEADBEEFDEADBEEF";
    let credential = |field: &str, value: Value| {
        let mut credential =
            json!({"atc": 40, "idn": "0102030405060708", "contactless_umd": canary, "contactless_md": canary});
        credential[field] = value;
        json!({"op": "load_credentials", "instrument": "card-1", "credentials": [credential]})
    };
    for (request, code) in [
        (credential("idn", json!("01")), "CREDENTIALS_INVALID"),
        (credential("contactless_umd", json!(&canary[2..])), "CREDENTIALS_INVALID"),
        (credential("contactless_md", json!(format!("{canary}00"))), "CREDENTIALS_INVALID"),
        (credential("contactless_md", json!(canary.replace('B', "x"))), "CREDENTIALS_INVALID"),
        (credential("atc", json!(canary)), "INVALID_REQUEST"),
        (credential("atc", json!(65_536)), "INVALID_REQUEST"),
        (credential("extra", json!(canary)), "INVALID_REQUEST"),
        (json!({"op": "apdu", "hex": "0"}), "INVALID_REQUEST"),
        (json!({"op": "apdu", "hex": "zz"}), "INVALID_REQUEST"),
        (json!({"op": "activate", "instrument": "nobody"}), "INSTRUMENT_NOT_FOUND"),
        (json!({"op": "activate", "instrument": ""}), "INVALID_REQUEST"),
        (json!({"op": "authenticate", "method": "swipe"}), "INVALID_REQUEST"),
        (json!({"op": "authenticate", "method": "pin", "pin": "7391"}), "MOBILE_PIN_NOT_SUPPORTED"),
        (json!({"op": "authenticate", "method": "pin", "pin": 7391}), "MOBILE_PIN_NOT_SUPPORTED"),
        (json!({"op": "authenticate", "method": "face", "instrument": "nobody"}), "INSTRUMENT_NOT_FOUND"),
        (json!({"op": "field_off", "reason": "boredom"}), "INVALID_REQUEST"),
        (json!({"op": "clock", "advance_ms": 1}), "INVALID_REQUEST"),
        (json!({"op": "install_profile", "instrument": "c", "profile": {"mppLiteModule": canary}}), "PROFILE_INVALID"),
        (json!({"op": "install_profile", "instrument": "c", "profile": "{"}), "PROFILE_INVALID"),
        (
            json!({"op": "install_profile", "instrument": "c", "profile": {}, "keys": {"icc_kek": &canary[2..]}}),
            "INVALID_REQUEST",
        ),
    ] {
        let answer = driver.answer(&request.to_string());
        assert_eq!(error_code(&answer), code, "{request}");
        assert!(!answer.contains("DEADBEEF") && !answer.contains("7391"), "{answer}");
    }
    assert_eq!(
        ask(&mut driver, &json!({"op": "status"}))["instruments"][0]["credentials_left"],
        3,
        "nothing has changed"
    );
}

#[test]
fn a_run_with_seed_and_clock_repeats_to_the_byte() {
    let refused = |seed: u64| {
        let setup =
            json!({"op": "setup", "config": {"cvm_model": "Always"}, "seed": seed, "clock": "2026-01-15T10:00:00Z"});
        let mut driver = driver_with_syn_1(&setup);
        let mut answers = Vec::new();
        for _ in 0..3 {
            for command in [Syn1::SELECT_PPSE, Syn1::SELECT_AID, Syn1::GPO, Syn1::ARQC] {
                answers.push(ask(&mut driver, &json!({"op": "apdu", "hex": command}))["hex"].clone());
            }
        }
        answers
    };
    assert_eq!(refused(7), refused(7));
    assert_ne!(refused(7), refused(8));
}

#[test]
fn the_clock_moves_as_it_is_told() {
    let setup = json!({"op": "setup", "clock": "2026-01-15T10:00:00Z"});
    let mut driver = driver_with_syn_1(&setup);
    let age = |driver: &mut Driver| ask(driver, &json!({"op": "status"}))["authentication"]["age_ms"].clone();
    ask(&mut driver, &json!({"op": "authenticate", "method": "device_credential"}));
    ask(&mut driver, &json!({"op": "clock", "advance_ms": 1500}));
    assert_eq!(age(&mut driver), 1500);
    ask(&mut driver, &json!({"op": "clock", "set": "2026-01-15T09:00:00Z"}));
    assert_eq!(age(&mut driver), 1500, "set back, but the boot clock went on");
    ask(&mut driver, &json!({"op": "clock", "set": "2026-01-15T10:01:00+00:00"}));
    assert_eq!(age(&mut driver), 60_000);
    assert_eq!(error_code(&driver.answer(r#"{"op":"clock","set":"yesterday"}"#)), "INVALID_REQUEST");
}

#[test]
fn unknown_fields_of_a_profile_are_reported_and_left_out() {
    let mut driver = Driver::default();
    ask(&mut driver, &json!({"op": "setup"}));
    let mut profile = Syn1::profile_json(Generation::V1);
    profile["mppLiteModule"]["favouriteColour"] = json!("red");
    let answer = ask(&mut driver, &json!({"op": "install_profile", "instrument": "c", "profile": profile}));
    assert_eq!(answer, json!({"ok": true, "unknown_fields": ["mppLiteModule.favouriteColour"]}));
}
