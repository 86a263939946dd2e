//! The run for programs: one JSON object a line.

use anyhow::Context;
use sandbox::{Assessment, Decision};
use serde::Serialize;
use serde_json::{Value, json};

use crate::bank::{Judgement, Refusal};
use crate::played::PlayedTap;
use crate::tally::Tally;
use crate::told;

/// One tap.
pub(crate) fn tap(played: &PlayedTap) -> anyhow::Result<String> {
    let (subject, felt) = (&played.subject, &played.felt);
    let details = felt.details();
    let transaction = details.and_then(|details| details.transaction);
    let decision = details.and_then(|details| details.decision);
    Ok(serde_json::to_string(&TapLine {
        scenario: &subject.name,
        tap: played.number,
        story: &subject.story,
        model: format!("{:?}", subject.model),
        terminal_name: &played.terminal.name,
        amount: played.sale.amount,
        currency: code(played.terminal.currency),
        country: code(played.terminal.country),
        outcome: felt.outcome.map(|outcome| format!("{outcome:?}")),
        reasons: details.iter().flat_map(|details| details.reasons.iter()).map(|reason| reason.code()).collect(),
        rule: decision.map(|decision| decision.rule()),
        sentence: decision.map(|decision| decision.to_string()),
        overruled: decision.is_some_and(|decision| decision.is_overruled()),
        events: felt.told.iter().map(told::object).collect(),
        counters: Counters {
            consecutive_lvt: felt.counters.consecutive_lvt,
            cumulative_lvt: felt.counters.cumulative_lvt,
        },
        range: transaction.map(|facts| format!("{:?}", facts.range)),
        cardholder_action: transaction.map(|facts| format!("{:?}", facts.cardholder_action)),
        terminal: played.tap.outcome.to_string(),
        tvr: hex::encode_upper(played.tap.tvr.0),
        cvm_results: played.tap.cvm_results.map(hex::encode_upper),
        data_authentication: played.tap.oda.to_string(),
        issuer: issuer(&played.judgement)?,
        refusal_cryptograms: refusal(&played.judgement),
        apdus: played.tap.exchanges.iter().map(Apdu::of).collect(),
        bytes: played.bytes(),
        air_ms: milliseconds(played.tap.air_time()),
        credentials_spent: felt.spent,
        credentials_left: felt.left,
        as_expected: played.deviations.is_empty(),
        deviations: &played.deviations,
    })?)
}

/// The last line.
pub(crate) fn summary(tally: &Tally, unverifiable: &[&str]) -> anyhow::Result<String> {
    Ok(serde_json::to_string(&SummaryLine {
        summary: Summary {
            scenarios: tally.scenarios.len(),
            as_expected: tally.scenarios_as_expected(),
            taps: tally.taps,
            payments_verified: tally.verified,
            credentials_spent: tally.spent,
            credentials_left: tally.left,
            bytes: tally.bytes,
            air_ms: milliseconds(tally.air_time),
            not_verified: unverifiable,
        },
    })?)
}

#[derive(Serialize)]
struct TapLine<'a> {
    scenario: &'a str,
    tap: usize,
    story: &'a str,
    model: String,
    terminal_name: &'a str,
    amount: u64,
    currency: String,
    country: String,
    outcome: Option<String>,
    reasons: Vec<&'a str>,
    rule: Option<&'a str>,
    sentence: Option<String>,
    overruled: bool,
    events: Vec<Value>,
    counters: Counters,
    range: Option<String>,
    cardholder_action: Option<String>,
    terminal: String,
    tvr: String,
    cvm_results: Option<String>,
    data_authentication: String,
    issuer: Value,
    refusal_cryptograms: Option<&'a str>,
    apdus: Vec<Apdu>,
    bytes: usize,
    air_ms: f64,
    credentials_spent: usize,
    credentials_left: usize,
    as_expected: bool,
    deviations: &'a [String],
}

#[derive(Serialize)]
struct Counters {
    consecutive_lvt: u32,
    cumulative_lvt: u64,
}

#[derive(Serialize)]
struct Apdu {
    command: String,
    answer: String,
    bytes: usize,
    air_ms: f64,
}

#[derive(Serialize)]
struct SummaryLine<'a> {
    summary: Summary<'a>,
}

#[derive(Serialize)]
struct Summary<'a> {
    scenarios: usize,
    as_expected: usize,
    taps: usize,
    payments_verified: usize,
    credentials_spent: usize,
    credentials_left: usize,
    bytes: usize,
    air_ms: f64,
    not_verified: &'a [&'a str],
}

impl Apdu {
    fn of(exchange: &pos_terminal::Exchange) -> Self {
        Self {
            command: hex::encode_upper(&exchange.command),
            answer: hex::encode_upper(&exchange.answer),
            bytes: exchange.command.len() + exchange.answer.len(),
            air_ms: milliseconds(exchange.air_time()),
        }
    }
}

fn issuer(judgement: &Judgement) -> anyhow::Result<Value> {
    Ok(match judgement {
        Judgement::Impossible | Judgement::NotAsked(_) => Value::Null,
        Judgement::Track(verification) => json!({
            "decision": "verified_track",
            "verification": serde_json::to_value(verification)?,
        }),
        Judgement::Assessed(assessments) => {
            let mut answers = assessments.iter().map(assessment);
            let mut first = answers.next().context("the issuer did not answer")??;
            if let Some(second) = answers.next() {
                first["repeated"] = second?;
            }
            first
        }
    })
}

/// What the cryptograms of a refusal are worth, where there are any: a good wallet's are random.
const fn refusal(judgement: &Judgement) -> Option<&'static str> {
    match judgement {
        Judgement::NotAsked(Refusal::Random) => Some("random"),
        Judgement::NotAsked(Refusal::Unjudged) => Some("unjudged"),
        Judgement::NotAsked(Refusal::Verifies) => Some("valid"),
        _ => None,
    }
}

fn assessment(assessment: &Assessment) -> anyhow::Result<Value> {
    let verification = serde_json::to_value(&assessment.verification)?;
    Ok(match &assessment.decision {
        Decision::Approved { authorisation_code } => json!({
            "decision": "approved", "authorisation_code": authorisation_code, "verification": verification,
        }),
        Decision::Declined { reason } => json!({
            "decision": "declined", "reason": reason.code(), "verification": verification,
        }),
    })
}

fn code(digits: [u8; 2]) -> String {
    hex::encode(digits).chars().skip(1).collect()
}

/// To the microsecond.
fn milliseconds(time: std::time::Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}
