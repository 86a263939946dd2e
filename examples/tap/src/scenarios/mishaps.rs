//! What can get between a phone and a payment.

use std::time::Duration;

use bezant::card::TapOutcome;
use bezant::emv::{CvmModel, Reason};

use super::{Before, Link, PlannedTap, Rules, Scenario, TerminalEnd};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "locked-phone",
        story: "The lock screen is up, and a locked phone pays nothing: \"see phone\"; unlocked it pays without more ado.",
        taps: &[
            PlannedTap {
                before: Before { locked: true, ..Before::NOTHING },
                rule: Some("DEVICE_LOCKED"),
                ..PlannedTap::SEE_PHONE
            },
            PlannedTap::PAYS_UNVERIFIED,
        ],
        ..FLEXIBLE
    },
    Scenario {
        name: "other-amount",
        story: "The finger was for 120.00 and the second tap is for 130.00: declined, for nobody agreed to that.",
        amount: 12_000,
        taps: &[
            PlannedTap::SEE_PHONE,
            PlannedTap {
                before: Before::VERIFIED,
                amount: Some(13_000),
                reasons: &[Reason::ContextNotMatching],
                rule: Some("CONTEXT_DIFFERS"),
                terminal: TerminalEnd::Declined([0x00, 0x18, 0x00]),
                ..PlannedTap::DECLINED
            },
        ],
        ..FLEXIBLE
    },
    Scenario {
        name: "link-lost",
        story: "The phone is pulled away in the middle of a tap: nothing is spent, and the next tap is a new one.",
        taps: &[TORN, PlannedTap::PAYS_UNVERIFIED],
        ..FLEXIBLE
    },
    Scenario {
        name: "link-comes-back",
        story: "The phone slips away and is back within a second, where the wallet lets it: one tap, one outcome.",
        rules: Rules { link_loss_retry_limit: 1, ..Rules::ORDINARY },
        taps: &[
            TORN,
            PlannedTap {
                before: Before { pause: Duration::from_millis(900), ..Before::NOTHING },
                ..PlannedTap::PAYS_UNVERIFIED
            },
        ],
        ..FLEXIBLE
    },
    Scenario {
        name: "out-of-credentials",
        story: "Every payment spends a single-use key. This goes on until none is left, and then the phone declines.",
        amount: 500,
        taps: &[
            PlannedTap::PAYS,
            PlannedTap {
                before: Before::VERIFIED,
                reasons: &[Reason::CredentialsNotAvailable],
                rule: Some("NO_CREDENTIAL"),
                ..PlannedTap::DECLINED
            },
        ],
        until_empty: true,
        ..Scenario::ORDINARY
    },
];

const FLEXIBLE: Scenario = Scenario { model: CvmModel::Flexible, ..Scenario::ORDINARY };

/// In the middle of the records.
const TORN: PlannedTap = PlannedTap {
    before: Before { link: Link::LostAfter(5), ..Before::NOTHING },
    wallet: TapOutcome::Interrupted,
    reasons: &[],
    terminal: TerminalEnd::LinkLost,
    ..PlannedTap::SEE_PHONE
};
