use crate::secrets::tells_a_key;
use bezant_tests::{Generation, Syn1};
use driver::Driver;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// Lines to a driver. A line `@3` stands for the third of the requests that make up a tap, so that an input need not
/// spell out a profile; `@3 {"seed":7}` changes members of it.
///
/// Every line gets one line of JSON that says whether it went well and if not why, by code and words; no answer gives a
/// key away; and the driver lives on.
///
/// This driver has no disk, and lines that make the app take its time are left out.
pub fn driver_line(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let mut driver = Driver::default();
    // Names of members may be told, also one that looks like a key.
    let spells_a_key = tells_a_key(text);
    for line in text.lines().take(MOST_LINES) {
        let line = spelled_out(line);
        if line.trim().is_empty() || takes_its_time(&line) {
            continue;
        }
        is_answered(&mut driver, &line, spells_a_key);
        if driver.is_shut_down() {
            return;
        }
    }
    is_answered(&mut driver, r#"{"op":"status"}"#, spells_a_key);
}

fn is_answered(driver: &mut Driver, line: &str, spells_a_key: bool) {
    let answer = driver.answer(line);
    assert!(!answer.contains('\n'), "{answer}");
    assert!(spells_a_key || !tells_a_key(&answer), "{answer}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let ok = answer["ok"].as_bool().unwrap();
    assert_eq!(ok, answer.get("error").is_none(), "{answer}");
    assert!(ok || answer["error"]["code"].is_string() && answer["error"]["detail"].is_string(), "{answer}");
}

fn spelled_out(line: &str) -> String {
    let stock = line.strip_prefix('@').and_then(|rest| {
        let (number, changes) = rest.split_once(' ').unwrap_or((rest, ""));
        let mut request = REQUESTS.get(number.parse::<usize>().ok()?)?.clone();
        if let Ok(Value::Object(changes)) = serde_json::from_str(changes) {
            request.as_object_mut()?.extend(changes);
        }
        Some(request.to_string())
    });
    stock.unwrap_or_else(|| line.to_owned())
}

/// An app that sleeps, or that calls the wallet from inside a question and is waited for.
fn takes_its_time(line: &str) -> bool {
    let Ok(Value::Object(request)) = serde_json::from_str(line) else { return false };
    let manner = request.get("decision").and_then(Value::as_str).unwrap_or_default();
    manner.starts_with("sleep") || manner == "reenter"
}

static REQUESTS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let mut profile = Syn1::profile_json(Generation::V2);
    Syn1::contactless(&mut profile).as_object_mut().unwrap().remove("iccPrivateKeyCrtComponents");
    let apdu = |hex: &str| json!({ "op": "apdu", "hex": hex });
    let of_card = |operation: &str| json!({ "op": operation, "instrument": "card-1" });
    vec![
        json!({ "op": "setup", "config": { "cvm_model": "Flexible" }, "seed": 1, "clock": "2026-01-15T10:00:00Z" }),
        json!({ "op": "install_profile", "instrument": "card-1", "profile": profile }),
        json!({
            "op": "load_credentials",
            "instrument": "card-1",
            "credentials": Syn1::credentials_json()["credentials"],
        }),
        of_card("activate"),
        of_card("set_default"),
        of_card("select"),
        json!({ "op": "authenticate", "method": "fingerprint" }),
        apdu(Syn1::SELECT_PPSE),
        apdu(Syn1::SELECT_AID),
        apdu(Syn1::GPO),
        apdu(Syn1::READ_RECORDS[0]),
        apdu(Syn1::ARQC),
        json!({ "op": "field_off", "reason": "link_loss" }),
        json!({ "op": "clock", "advance_ms": 1_000 }),
        json!({ "op": "status" }),
        json!({ "op": "history" }),
        json!({ "op": "what_if", "terminal": { "amount": 2_500, "currency": "985" } }),
        json!({ "op": "device", "locked": true }),
        json!({ "op": "host", "decision": "decline" }),
        json!({ "op": "clear_authentication" }),
        json!({ "op": "export_trace" }),
        json!({ "op": "replay", "trace": { "version": 1, "complete": true, "config": "", "steps": [] } }),
        of_card("suspend"),
        of_card("delete"),
        json!({ "op": "wipe" }),
        json!({ "op": "security_event", "kind": "rooted" }),
        json!({ "op": "shutdown" }),
        json!({ "op": "install_profile", "instrument": "card-2", "profile": Syn1::profile_json(Generation::V1) }),
    ]
});

const MOST_LINES: usize = 40;
