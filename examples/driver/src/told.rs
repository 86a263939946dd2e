//! Events and taps as they stand on the line.

use bezant::card::TapOutcome;
use bezant::cdcvm::HostAnswer;
use bezant::crypto::TransactionId;
use bezant::emv::{CardholderAction, Reasons, TransactionInfo};
use bezant::instrument::InstrumentStatus;
use bezant::platform::Moment;
use bezant::wallet::{CompletedTap, TimingPoint, WalletEvent};
use core::fmt::Debug;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What the app was told.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Told {
    AuthenticationRequired { instrument: String, transaction: Transaction, deadline: String },
    ContactlessPaymentCompleted(Box<Completed>),
    ContactlessPaymentInterrupted { instrument: String, retries_left: u32 },
    ContactlessPaymentStarted { instrument: String },
    CredentialsLow { instrument: String, credentials_left: usize },
    HostMisbehaved { call: String, how: String },
    NextTapReady { credentials_left: usize },
    NoTransactionCredentials { instrument: String },
    PaymentInstrumentStatusChanged { instrument: String, old: &'static str, new: &'static str, cause: String },
    ReaderGone { detail: String },
    ReadyToTap { seconds_left: u32 },
    ReplenishNeeded { instrument: String, reason: String },
    SecurityIssue { kind: String },
}

#[derive(Serialize)]
pub(crate) struct Completed {
    instrument: String,
    outcome: &'static str,
    reasons: Vec<&'static str>,
    transaction: Option<Transaction>,
    #[serde(flatten)]
    why: Why,
}

/// A transaction, as an app may show it.
#[derive(Serialize)]
pub(crate) struct Transaction {
    #[serde(flatten)]
    facts: Facts,
    transaction_id: Option<String>,
}

/// The facts of a transaction.
#[derive(Serialize)]
pub(crate) struct Facts {
    amount: Option<u64>,
    currency: Option<String>,
    range: String,
    r#type: String,
    purpose: String,
    conditions: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cardholder_action: Option<String>,
}

/// What there is to say where something spoke against a payment, or went wrong.
#[derive(Serialize, Default)]
struct Why {
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sentence: Option<String>,
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    overruled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    abort: Option<String>,
}

/// One tap of the history.
#[derive(Serialize)]
pub(crate) struct TapEntry {
    time: String,
    instrument: String,
    amount: Option<u64>,
    currency: Option<String>,
    range: Option<String>,
    r#type: Option<String>,
    outcome: &'static str,
    reasons: Vec<&'static str>,
    transaction_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cardholder_action: Option<String>,
    technology: Option<String>,
    cdcvm_supported: Option<bool>,
    cdcvm_requested: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    #[serde(flatten)]
    why: Why,
    timings: Vec<Timing>,
}

#[derive(Serialize)]
struct Timing {
    at_us: u64,
    point: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl Told {
    /// The event, unless it is one that this driver does not know.
    pub(crate) fn of(event: &WalletEvent) -> Option<Self> {
        let name = |id: &bezant::instrument::InstrumentId| id.as_str().to_owned();
        Some(match event {
            WalletEvent::AuthenticationRequired { instrument, transaction, deadline } => Self::AuthenticationRequired {
                instrument: name(instrument),
                transaction: Transaction::of(transaction, None),
                deadline: rfc3339(*deadline),
            },
            WalletEvent::ContactlessPaymentCompleted(tap) => {
                let why = Why::of(tap);
                Self::ContactlessPaymentCompleted(Box::new(Completed {
                    instrument: name(&tap.instrument),
                    outcome: outcome_name(tap.outcome),
                    reasons: reason_codes(tap.reasons),
                    transaction: tap.transaction.map(|facts| Transaction::of(&facts, tap.transaction_id)),
                    why: if why.is_worth_saying(tap) { why } else { Why::default() },
                }))
            }
            WalletEvent::ContactlessPaymentInterrupted { instrument, retries_left } => {
                Self::ContactlessPaymentInterrupted { instrument: name(instrument), retries_left: *retries_left }
            }
            WalletEvent::ContactlessPaymentStarted { instrument } => {
                Self::ContactlessPaymentStarted { instrument: name(instrument) }
            }
            WalletEvent::CredentialsLow { instrument, credentials_left } => {
                Self::CredentialsLow { instrument: name(instrument), credentials_left: *credentials_left }
            }
            WalletEvent::HostMisbehaved { call, how } => {
                Self::HostMisbehaved { call: spelled(call), how: spelled(how) }
            }
            WalletEvent::NextTapReady { credentials_left, .. } => {
                Self::NextTapReady { credentials_left: *credentials_left }
            }
            WalletEvent::NoTransactionCredentials { instrument } => {
                Self::NoTransactionCredentials { instrument: name(instrument) }
            }
            WalletEvent::PaymentInstrumentStatusChanged { instrument, old, new, cause } => {
                Self::PaymentInstrumentStatusChanged {
                    instrument: name(instrument),
                    old: status_name(*old),
                    new: status_name(*new),
                    cause: spelled(cause).to_ascii_lowercase(),
                }
            }
            WalletEvent::ReadyToTap { seconds_left } => Self::ReadyToTap { seconds_left: *seconds_left },
            WalletEvent::ReplenishNeeded { instrument, reason } => {
                Self::ReplenishNeeded { instrument: name(instrument), reason: spelled(reason) }
            }
            WalletEvent::SecurityIssue { kind } => Self::SecurityIssue { kind: kind.clone() },
            _ => return None,
        })
    }
}

impl Transaction {
    pub(crate) fn of(facts: &TransactionInfo, transaction_id: Option<TransactionId>) -> Self {
        Self { facts: Facts::of(facts), transaction_id: transaction_id.map(|id| id.to_string()) }
    }
}

impl Facts {
    pub(crate) fn of(facts: &TransactionInfo) -> Self {
        Self {
            amount: facts.amount.map(|amount| amount.minor_units()),
            currency: facts.currency.map(|currency| currency.to_string()),
            range: spelled(facts.range),
            r#type: spelled(facts.rich_type),
            purpose: spelled(facts.purpose),
            conditions: spelled(facts.conditions),
            cardholder_action: action(facts),
        }
    }
}

impl Why {
    fn of(tap: &CompletedTap) -> Self {
        Self {
            rule: tap.decision.map(|decision| decision.rule()),
            sentence: tap.decision.map(|decision| decision.to_string()),
            overruled: tap.decision.is_some_and(|decision| decision.is_overruled()),
            abort: tap.abort.map(spelled),
        }
    }

    fn is_worth_saying(&self, tap: &CompletedTap) -> bool {
        !matches!(tap.outcome, TapOutcome::AuthorizeOnline | TapOutcome::AuthenticateOffline) || self.overruled
    }
}

impl TapEntry {
    pub(crate) fn of(tap: &CompletedTap) -> Self {
        let facts = tap.transaction.as_ref();
        Self {
            time: rfc3339(tap.began),
            instrument: tap.instrument.as_str().into(),
            amount: facts.and_then(|facts| facts.amount).map(|amount| amount.minor_units()),
            currency: facts.and_then(|facts| facts.currency).map(|currency| currency.to_string()),
            range: facts.map(|facts| spelled(facts.range)),
            r#type: facts.map(|facts| spelled(facts.rich_type)),
            outcome: outcome_name(tap.outcome),
            reasons: reason_codes(tap.reasons),
            transaction_id: tap.transaction_id.map(|id| id.to_string()),
            cardholder_action: facts.and_then(action),
            technology: facts.map(|facts| spelled(facts.technology)),
            cdcvm_supported: facts.map(|facts| facts.cdcvm_supported),
            cdcvm_requested: facts.map(|facts| facts.cdcvm_requested),
            host: tap.decision.map(|decision| match decision.host {
                HostAnswer::Advice(advice) => spelled(advice),
                other => spelled(other),
            }),
            why: Why::of(tap),
            timings: tap
                .timeline
                .marks()
                .iter()
                .map(|mark| Timing {
                    at_us: mark.at_us,
                    point: mark.point.name(),
                    detail: match mark.point {
                        TimingPoint::CommandIn(instruction) => instruction.map(|byte| format!("{byte:02X}")),
                        TimingPoint::ResponseOut(status) => Some(status.to_string()),
                        _ => None,
                    },
                })
                .collect(),
        }
    }
}

fn action(facts: &TransactionInfo) -> Option<String> {
    let told = !matches!(facts.cardholder_action, CardholderAction::None | CardholderAction::Unknown);
    told.then(|| spelled(facts.cardholder_action))
}

/// A value as the contract spells it, which is how the core does.
pub(crate) fn spelled(value: impl Debug) -> String {
    format!("{value:?}")
}

pub(crate) fn reason_codes(reasons: Reasons) -> Vec<&'static str> {
    reasons.iter().map(|reason| reason.code()).collect()
}

pub(crate) fn rfc3339(moment: Moment) -> String {
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(moment.unix_ms) * 1_000_000);
    time.ok().and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default()
}

pub(crate) const fn outcome_name(outcome: TapOutcome) -> &'static str {
    match outcome {
        TapOutcome::AuthenticateOffline => "AuthenticateOffline",
        TapOutcome::AuthorizeOnline => "AuthorizeOnline",
        TapOutcome::DeclinedByTerminal => "DeclinedByTerminal",
        TapOutcome::DeclinedByWallet => "DeclinedByWallet",
        TapOutcome::Interrupted => "Interrupted",
        TapOutcome::WalletActionRequired => "WalletActionRequired",
        _ => "Error",
    }
}

pub(crate) const fn status_name(status: InstrumentStatus) -> &'static str {
    match status {
        InstrumentStatus::Active => "Active",
        InstrumentStatus::Deleted => "Deleted",
        InstrumentStatus::Inactive => "Inactive",
        InstrumentStatus::MarkedForDeletion => "MarkedForDeletion",
        InstrumentStatus::Suspended => "Suspended",
        _ => "Unknown",
    }
}
