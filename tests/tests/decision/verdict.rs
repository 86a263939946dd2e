//! What a tap has shown, held against what the model expects.

use crate::bench::{CARD, names};
use crate::case::{Case, Counters, Expected, Host, Outcome};
use crate::terminal::Request;
use emv::core::tag::Tag;
use emv::core::tlv::Tlv;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt;

/// What terminal, host and support see of a tap.
pub struct Heard {
    /// The answer to the last command.
    pub answer: Vec<u8>,
    pub events: Vec<Value>,
    pub what_if: Value,
    pub outcome: String,
    pub status: Value,
}

impl Heard {
    /// The event of this name.
    pub fn event(&self, name: &str) -> &Value {
        self.events.iter().find(|event| event["event"] == name).unwrap_or_else(|| panic!("no {name}: {self:#?}"))
    }

    /// The event that ends the tap.
    pub fn completed(&self) -> &Value {
        self.event(COMPLETED)
    }

    /// A data object of the answer.
    pub fn object(&self, tag: u32) -> Option<Vec<u8>> {
        let (body, _) = self.answer.split_at(self.answer.len() - 2);
        let response = Tlv::from_bytes(body).ok()?;
        response.find(Tag(tag)).map(|object| object.value().as_primitive().unwrap().to_vec())
    }
}

impl fmt::Debug for Heard {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(to, "{}", hex::encode_upper(&self.answer))?;
        for told in self.events.iter().chain([&self.what_if, &self.status]) {
            writeln!(to, "  {told}")?;
        }
        write!(to, "  {}", self.outcome)
    }
}

/// Everything that is not as expected, a line each.
pub fn differences(case: &Case, expected: &Expected, heard: &Heard) -> Vec<String> {
    let mut findings = Findings::default();
    compare_answer(case, expected, heard, &mut findings);
    compare_events(case, expected, heard, &mut findings);
    compare_status(expected, &heard.status, &mut findings);
    // What is supposed has no host, and an unsigned AAC needs no advice.
    if case.tap.request != Request::Aac {
        compare_advice(expected, &heard.what_if, &mut findings);
    }
    findings.0
}

#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    fn compare(&mut self, what: &str, wanted: impl ToString, got: impl ToString) {
        let (wanted, got) = (wanted.to_string(), got.to_string());
        if wanted != got {
            self.0.push(format!("{what}: expected {wanted}, found {got}"));
        }
    }
}

fn compare_answer(case: &Case, expected: &Expected, heard: &Heard, findings: &mut Findings) {
    findings.compare("outcome", format!("{:?}", expected.outcome), &heard.outcome);

    let (body, status) = heard.answer.split_at(heard.answer.len() - 2);
    findings.compare("status word", format!("{:04X}", expected.status), hex::encode_upper(status));
    findings.compare("an answer", expected.status == 0x9000, !body.is_empty());
    let hex = |value: Option<&[u8]>| value.map_or("none".into(), hex::encode_upper);
    findings.compare(
        "DF4B",
        hex(expected.poscii.as_ref().map(|bytes| &bytes[..])),
        hex(heard.object(0xDF4B).as_deref()),
    );
    if let Some(cvr) = expected.cvr {
        let iad = heard.object(0x9F10).unwrap_or_default();
        findings.compare("CVR", hex::encode_upper(cvr), hex(iad.get(2..8)));
        let cid = if expected.outcome == Outcome::AuthorizeOnline { 0x80 } else { 0x00 };
        findings.compare("CID", hex(Some(&[cid])), hex(heard.object(0x9F27).as_deref()));
        let signed = expected.spent && matches!(case.tap.request, Request::SignedAac | Request::SignedArqc);
        findings.compare("a signature", signed, heard.object(0x9F4B).is_some());
        if !expected.spent {
            findings.compare("ATC of a random answer", "0001", hex(heard.object(0x9F36).as_deref()));
        }
    }
}

fn compare_status(expected: &Expected, status: &Value, findings: &mut Findings) {
    let card = &status["instruments"][0];
    findings.compare("credentials left", expected.afterwards.credentials, &card["credentials_left"]);
    let Counters { consecutive, cumulative } = expected.afterwards.counters;
    findings.compare("consecutive", consecutive, &card["counters"]["consecutive_lvt"]);
    findings.compare("cumulative", cumulative, &card["counters"]["cumulative_lvt"]);
    let authentication = expected.afterwards.authentication;
    findings.compare("verified", authentication.is_some(), status["authentication"].is_object());
    if let Some(authentication) = authentication {
        findings.compare("payments", authentication.payments, &status["authentication"]["payments"]);
    }
}

fn compare_advice(expected: &Expected, told: &Value, findings: &mut Findings) {
    findings.compare("what_if advises", json!(format!("{:?}", expected.advice)), &told["advice"]);
    findings.compare("what_if finds", list(&expected.found), sorted(&told["reasons"]));
    findings.compare("what_if sees", json!(format!("{:?}", expected.range)), &told["range"]);
    findings.compare(
        "what_if says something",
        true,
        told["sentence"].as_str().is_some_and(|sentence| !sentence.is_empty()),
    );
    findings.compare("what_if names a rule", true, told["rule"].is_string());
}

fn compare_events(case: &Case, expected: &Expected, heard: &Heard, findings: &mut Findings) {
    let completed: Vec<&Value> = heard.events.iter().filter(|event| event["event"] == COMPLETED).collect();
    findings.compare("how often completed", 1, completed.len());
    if let [completed] = completed[..] {
        findings.compare("instrument", json!(CARD), &completed["instrument"]);
        findings.compare("outcome that is told", json!(format!("{:?}", expected.outcome)), &completed["outcome"]);
        findings.compare("reasons", list(&expected.reasons), sorted(&completed["reasons"]));
        findings.compare("overruled", expected.overruled, completed["overruled"] == true);
        compare_transaction(case, expected, &completed["transaction"], findings);
    }

    let told = names(&heard.events);
    let misbehaved = case.tap.request != Request::Aac && matches!(case.host, Host::Late | Host::Throws);
    let complaints = told.iter().filter(|name| **name == "host_misbehaved").count();
    findings.compare("host_misbehaved", usize::from(misbehaved), complaints);

    // Of an empty wallet and of a proof without a payment only the end of the tap is settled.
    let about_stock = |name: &&str| ["next_tap_ready", "credentials_low", "replenish_needed"].contains(name);
    let unsettled = expected.outcome == Outcome::AuthenticateOffline || case.state.credentials == 0;
    let last_spent = expected.spent && expected.afterwards.credentials == 0;
    let counts = |name: &&str| {
        *name != "host_misbehaved"
            && !(unsettled && about_stock(name))
            && !(last_spent && *name == "no_transaction_credentials")
    };
    let wanted: Vec<&str> = expected.events.iter().copied().filter(counts).collect();
    let told: Vec<&str> = told.into_iter().filter(counts).collect();
    findings.compare("events", wanted.join(" "), told.join(" "));
    for event in &heard.events {
        match event["event"].as_str() {
            Some("authentication_required") => findings.compare("a deadline", true, event["deadline"].is_string()),
            Some("next_tap_ready") => {
                findings.compare("left for the next tap", expected.afterwards.credentials, &event["credentials_left"]);
            }
            Some("replenish_needed") => findings.compare("why to replenish", json!("Automatic"), &event["reason"]),
            _ => {}
        }
    }
}

fn compare_transaction(case: &Case, expected: &Expected, transaction: &Value, findings: &mut Findings) {
    let kind = if expected.transit { "Transit" } else { "Purchase" };
    let aac = matches!(case.tap.request, Request::Aac | Request::SignedAac);
    for (field, wanted) in [
        ("amount", json!(case.tap.amount)),
        ("currency", json!(case.tap.currency)),
        ("range", json!(format!("{:?}", expected.range))),
        ("type", json!(kind)),
        ("purpose", json!(if aac { "Authenticate" } else { "Authorize" })),
        ("conditions", json!(if case.tap.country == "616" { "Domestic" } else { "International" })),
    ] {
        findings.compare(field, &wanted, &transaction[field]);
    }
    // 3.8 has an identifier for mag-stripe mode, "Meanings" has none.
    if case.tap.mobile_support.is_none() {
        let id = &transaction["transaction_id"];
        findings.compare("a transaction_id", expected.spent, id.as_str().is_some_and(|id| id.len() == 64));
    }
    findings.compare("transaction_id, if only null", true, transaction.get("transaction_id").is_some());
    match case.tap.cvm_results {
        Some("420300") => findings.compare("cardholder_action", json!("OnlinePin"), &transaction["cardholder_action"]),
        Some("1F0302" | "010002") => {
            findings.compare(
                "cardholder_action",
                "absent",
                transaction.get("cardholder_action").map_or("absent", |_| "there"),
            );
        }
        _ => {}
    }
}

fn list(reasons: &BTreeSet<&str>) -> String {
    reasons.iter().copied().collect::<Vec<_>>().join(" ")
}

fn sorted(reasons: &Value) -> String {
    let Some(reasons) = reasons.as_array() else { return format!("no list: {reasons}") };
    let mut reasons: Vec<&str> = reasons.iter().filter_map(Value::as_str).collect();
    reasons.sort_unstable();
    reasons.join(" ")
}

const COMPLETED: &str = "contactless_payment_completed";
