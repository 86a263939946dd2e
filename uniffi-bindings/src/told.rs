//! What Kotlin is told: events, questions and payments, as [`Wire`] writes them. `Told.kt` reads them.

use crate::wire::Wire;
use bezant::card::TapOutcome;
use bezant::emv::{Advice, Reasons, TransactionInfo};
use bezant::instrument::{InstrumentId, InstrumentStatus, ReplenishReason};
use bezant::wallet::{AdviceInput, CompletedTap, WalletEvent};
use core::fmt::Debug;

/// An event; empty for one that this version has no words for.
pub(crate) fn event(event: &WalletEvent) -> Vec<u8> {
    let mut wire = Wire::default();
    match event {
        WalletEvent::AuthenticationRequired { instrument, transaction, deadline } => {
            id(wire.byte(1), instrument);
            facts(&mut wire, transaction);
            wire.long(deadline.boot_ms);
        }
        WalletEvent::ContactlessPaymentCompleted(tap) => payment(wire.byte(2), tap),
        WalletEvent::ContactlessPaymentInterrupted { instrument, retries_left } => {
            id(wire.byte(3), instrument).int(*retries_left);
        }
        WalletEvent::ContactlessPaymentStarted { instrument } => {
            id(wire.byte(4), instrument);
        }
        WalletEvent::CredentialsLow { instrument, credentials_left } => {
            id(wire.byte(5), instrument).int(*credentials_left);
        }
        WalletEvent::HostMisbehaved { call, how } => {
            wire.byte(6).text(&spelled(call)).text(&spelled(how));
        }
        WalletEvent::NextTapReady { instrument, credentials_left } => {
            id(wire.byte(7), instrument).int(*credentials_left);
        }
        WalletEvent::NoTransactionCredentials { instrument } => {
            id(wire.byte(8), instrument);
        }
        WalletEvent::PaymentInstrumentStatusChanged { instrument, old, new, cause } => {
            id(wire.byte(9), instrument).text(status(*old)).text(status(*new)).text(&spelled(cause));
        }
        WalletEvent::ReadyToTap { seconds_left } => {
            wire.byte(10).int(*seconds_left);
        }
        WalletEvent::ReplenishNeeded { instrument, reason } => {
            id(wire.byte(11), instrument).text(match reason {
                ReplenishReason::Automatic => "AUTOMATIC",
                ReplenishReason::Initial => "INITIAL",
                ReplenishReason::Manual => "MANUAL",
                _ => "UNKNOWN",
            });
        }
        WalletEvent::SecurityIssue { kind } => {
            wire.byte(12).text(kind);
        }
        _ => {}
    }
    wire.into_bytes()
}

/// The question for the last word.
pub(crate) fn question(input: &AdviceInput) -> Vec<u8> {
    let mut wire = Wire::default();
    id(&mut wire, &input.instrument);
    facts(&mut wire, &input.transaction);
    wire.text(match input.recommended() {
        Advice::AuthenticationRequired => "AUTHENTICATION_REQUIRED",
        Advice::Proceed => "PROCEED",
        _ => "DECLINE",
    });
    reasons(&mut wire, input.decision.reasons());
    wire.text(input.decision.rule()).text(&input.decision.to_string()).boolean(input.user_authenticated);
    wire.into_bytes()
}

/// Taps that are over.
pub(crate) fn payments(taps: &[impl AsRef<CompletedTap>]) -> Vec<u8> {
    let mut wire = Wire::default();
    wire.list(taps.iter(), |wire, tap| payment(wire, tap.as_ref()));
    wire.into_bytes()
}

fn payment(wire: &mut Wire, tap: &CompletedTap) {
    wire.long(tap.number).long(tap.began.unix_ms);
    id(wire, &tap.instrument).text(match tap.outcome {
        TapOutcome::AuthenticateOffline => "AUTHENTICATE_OFFLINE",
        TapOutcome::AuthorizeOnline => "AUTHORIZE_ONLINE",
        TapOutcome::DeclinedByTerminal => "DECLINED_BY_TERMINAL",
        TapOutcome::DeclinedByWallet => "DECLINED_BY_WALLET",
        TapOutcome::Error => "ERROR",
        TapOutcome::Interrupted => "INTERRUPTED",
        TapOutcome::WalletActionRequired => "WALLET_ACTION_REQUIRED",
        _ => "UNKNOWN",
    });
    reasons(wire, tap.reasons);
    wire.optional(tap.decision.as_ref(), |wire, decision| {
        wire.text(decision.rule()).text(&decision.to_string()).boolean(decision.is_overruled());
    });
    wire.optional(tap.transaction.as_ref(), facts);
    wire.optional_text(tap.transaction_id.map(|id| id.to_string()));
}

fn facts(wire: &mut Wire, facts: &TransactionInfo) {
    wire.optional(facts.amount, |wire, amount| {
        wire.long(amount.minor_units());
    });
    wire.optional_text(facts.currency.map(|currency| currency.to_string()));
    wire.optional_text(facts.country.map(|country| country.to_string()));
    wire.optional_text(facts.merchant_category.map(|category| category.to_string()));
    wire.text(&spelled(facts.range)).text(&spelled(facts.rich_type));
    wire.text(&spelled(facts.purpose)).text(&spelled(facts.conditions)).boolean(facts.cdcvm_supported);
}

fn reasons(wire: &mut Wire, reasons: Reasons) {
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code()).collect();
    wire.list(codes.into_iter(), |wire, code| {
        wire.text(code);
    });
}

fn id<'a>(wire: &'a mut Wire, instrument: &InstrumentId) -> &'a mut Wire {
    wire.text(instrument.as_str())
}

pub(crate) const fn status(status: InstrumentStatus) -> &'static str {
    match status {
        InstrumentStatus::Active => "ACTIVE",
        InstrumentStatus::Deleted => "DELETED",
        InstrumentStatus::Inactive => "INACTIVE",
        InstrumentStatus::MarkedForDeletion => "MARKED_FOR_DELETION",
        InstrumentStatus::Suspended => "SUSPENDED",
        _ => "UNKNOWN",
    }
}

fn spelled(value: impl Debug) -> String {
    format!("{value:?}")
}
