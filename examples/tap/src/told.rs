//! What the app was told, in words and for programs.

use bezant::platform::Moment;
use bezant::wallet::WalletEvent;
use serde_json::{Value, json};

/// All events in order, on one line.
pub(crate) fn line(told: &[WalletEvent]) -> String {
    if told.is_empty() {
        return "was told nothing".to_owned();
    }
    let words = told.iter().map(|event| match detail(event) {
        Some(detail) => format!("{} ({detail})", event.name()),
        None => event.name().to_owned(),
    });
    words.collect::<Vec<_>>().join(", ")
}

fn detail(event: &WalletEvent) -> Option<String> {
    Some(match event {
        WalletEvent::AuthenticationRequired { deadline, .. } => format!("until {}", clock_time(*deadline)),
        WalletEvent::ContactlessPaymentCompleted(tap) => format!("{:?}", tap.outcome),
        WalletEvent::ContactlessPaymentInterrupted { retries_left, .. } => format!("retries left: {retries_left}"),
        WalletEvent::CredentialsLow { credentials_left, .. } | WalletEvent::NextTapReady { credentials_left, .. } => {
            format!("{credentials_left} left")
        }
        WalletEvent::HostMisbehaved { call, how } => format!("{call:?}: {how:?}"),
        WalletEvent::ReadyToTap { seconds_left } => format!("{seconds_left} s"),
        WalletEvent::ReplenishNeeded { reason, .. } => format!("{reason:?}"),
        _ => return None,
    })
}

/// One event as an object.
pub(crate) fn object(event: &WalletEvent) -> Value {
    let mut object = match event {
        WalletEvent::AuthenticationRequired { deadline, .. } => json!({ "deadline_unix_ms": deadline.unix_ms }),
        WalletEvent::ContactlessPaymentCompleted(tap) => json!({
            "outcome": format!("{:?}", tap.outcome),
            "reasons": tap.reasons.iter().map(|reason| reason.code()).collect::<Vec<_>>(),
        }),
        WalletEvent::ContactlessPaymentInterrupted { retries_left, .. } => json!({ "retries_left": retries_left }),
        WalletEvent::CredentialsLow { credentials_left, .. } | WalletEvent::NextTapReady { credentials_left, .. } => {
            json!({ "credentials_left": credentials_left })
        }
        WalletEvent::HostMisbehaved { call, how } => json!({ "call": format!("{call:?}"), "how": format!("{how:?}") }),
        WalletEvent::ReadyToTap { seconds_left } => json!({ "seconds_left": seconds_left }),
        WalletEvent::ReplenishNeeded { reason, .. } => json!({ "reason": format!("{reason:?}") }),
        _ => json!({}),
    };
    object["event"] = event.name().into();
    object
}

/// The time of day.
fn clock_time(moment: Moment) -> String {
    let seconds = moment.unix_ms / 1_000;
    format!("{:02}:{:02}:{:02}", seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60)
}
