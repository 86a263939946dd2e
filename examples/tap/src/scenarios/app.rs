//! The app has the last word, and may only be stricter.

use std::time::Duration;

use bezant::emv::{Advice, CvmModel};

use super::{Before, PlannedTap, Rules, Scenario};
use crate::app::Manner;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "app-declines",
        story: "Nothing speaks against the payment, and the app does: declined, and nothing is spent.",
        taps: &[PlannedTap {
            before: with(Manner::Says(Advice::Decline)),
            rule: Some("HOST_DECLINED"),
            ..PlannedTap::DECLINED
        }],
        ..FLEXIBLE
    },
    Scenario {
        name: "app-asks",
        story: "The app wants to be sure and asks for a finger below the limit too; the second tap pays.",
        taps: &[
            PlannedTap {
                before: with(Manner::Says(Advice::AuthenticationRequired)),
                rule: Some("HOST_WANTS_VERIFICATION"),
                ..PlannedTap::SEE_PHONE
            },
            PlannedTap { rule: Some("VERIFIED"), ..PlannedTap::PAYS },
        ],
        ..FLEXIBLE
    },
    Scenario {
        name: "app-overruled",
        story: "Nobody is verified in model Always and the app says \"proceed\": the wallet does not, and tells why.",
        amount: 12_000,
        taps: &[PlannedTap {
            before: with(Manner::Says(Advice::Proceed)),
            rule: Some("NOT_VERIFIED"),
            overruled: true,
            ..PlannedTap::SEE_PHONE
        }],
        ..Scenario::ORDINARY
    },
    Scenario {
        name: "app-late",
        story: "The app thinks for too long: the terminal is not kept waiting, the payment is declined, and the next one pays.",
        rules: Rules { host_budget_ms: 400, ..Rules::ORDINARY },
        taps: &[
            PlannedTap {
                before: with(Manner::Dawdles(Duration::from_secs(2))),
                rule: Some("HOST_LATE"),
                ..PlannedTap::DECLINED
            },
            PlannedTap { rule: Some("LOW_VALUE"), ..PlannedTap::PAYS_UNVERIFIED },
        ],
        ..FLEXIBLE
    },
    Scenario {
        name: "app-fails",
        story: "The app fails when it is asked: declined, and nothing is spent.",
        taps: &[PlannedTap { before: with(Manner::Fails), rule: Some("HOST_FAILED"), ..PlannedTap::DECLINED }],
        ..FLEXIBLE
    },
];

const FLEXIBLE: Scenario = Scenario { model: CvmModel::Flexible, ..Scenario::ORDINARY };

const fn with(app: Manner) -> Before {
    Before { app, ..Before::NOTHING }
}
