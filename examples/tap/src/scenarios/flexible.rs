//! Model Flexible: the device verifies the cardholder above the terminal's limit, and now and then below it.

use bezant::cdcvm::VelocityLimits;
use bezant::emv::{CvmModel, Reason};

use super::{PlannedTap, Rules, Scenario, TerminalEnd};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "flexible-low-value",
        story: "Below the limit no finger is needed: the phone pays as it comes out of the pocket, and counts.",
        taps: &[low_value(1, 2_500)],
        ..FLEXIBLE
    },
    Scenario {
        name: "flexible-high-value",
        story: "A coffee without a finger, then a coat with one: the verified payment sets the counters back.",
        taps: &[low_value(1, 2_500), PlannedTap { amount: Some(25_000), ..VERIFIED }],
        ..FLEXIBLE
    },
    Scenario {
        name: "flexible-double-tap",
        story: "Above the limit and nobody verified: \"see phone\", a finger on the sensor, the second tap pays.",
        amount: 12_000,
        taps: &[PlannedTap { rule: Some("NOT_VERIFIED"), ..PlannedTap::SEE_PHONE }, VERIFIED],
        ..FLEXIBLE
    },
    Scenario {
        name: "flexible-count",
        story: "Two payments in a row may go without a finger; the third asks for one, pays, and the count begins anew.",
        rules: Rules { velocity: VelocityLimits { max_consecutive_lvt: Some(2), ..NO_LIMITS }, ..Rules::ORDINARY },
        taps: &[low_value(1, 2_500), low_value(2, 5_000), asks("MAX_CONSECUTIVE_LVT", (2, 5_000)), VERIFIED],
        ..FLEXIBLE
    },
    Scenario {
        name: "flexible-sum",
        story: "Payments without a finger may come to 60.00: the second 40.00 is too much, a finger makes room again.",
        rules: Rules { velocity: VelocityLimits { max_cumulative_lvt: Some(6_000), ..NO_LIMITS }, ..Rules::ORDINARY },
        amount: 4_000,
        taps: &[low_value(1, 4_000), asks("MAX_CUMULATIVE_LVT", (1, 4_000)), VERIFIED],
        ..FLEXIBLE
    },
    Scenario {
        name: "flexible-foreign",
        story: "Only amounts are limited, and this one is in euros, which nothing here counts: so the wallet asks.",
        rules: Rules { velocity: VelocityLimits { max_cumulative_lvt: Some(6_000), ..NO_LIMITS }, ..Rules::ORDINARY },
        terminal: "shop-germany",
        amount: 3_250,
        taps: &[asks("FOREIGN_CURRENCY", (0, 0)), VERIFIED],
        ..FLEXIBLE
    },
    Scenario {
        name: "flexible-online-pin",
        story: "A terminal that trusts no phone asks for the PIN above its limit; the wallet wants its finger all the same.",
        terminal: "online-pin",
        amount: 18_000,
        taps: &[PlannedTap::SEE_PHONE, PlannedTap { terminal: TerminalEnd::OnlineWithPin, ..VERIFIED }],
        ..FLEXIBLE
    },
    Scenario {
        name: "flexible-transit",
        story: "A gate, and gates are passed without a finger: the phone pays, and the counters do not move.",
        rules: Rules { transit_without_cdcvm: true, ..Rules::ORDINARY },
        terminal: "transit-gate",
        amount: 0,
        taps: &[PlannedTap { rule: Some("GATE"), counters: Some((0, 0)), ..PlannedTap::PAYS_UNVERIFIED }],
        ..FLEXIBLE
    },
    Scenario {
        name: "flexible-transit-verified",
        story: "The same gate, but this wallet wants a finger at gates too: the first tap asks, the second pays.",
        terminal: "transit-gate",
        amount: 0,
        taps: &[PlannedTap { counters: Some((0, 0)), ..PlannedTap::SEE_PHONE }, VERIFIED],
        ..FLEXIBLE
    },
    Scenario {
        name: "transit-disabled",
        story: "A wallet that does not serve gates: it declines, finger or not.",
        rules: Rules { transit_enabled: false, ..Rules::ORDINARY },
        terminal: "transit-gate",
        amount: 0,
        taps: &[PlannedTap {
            reasons: &[Reason::UnsupportedTransit],
            rule: Some("GATE_NOT_SERVED"),
            ..PlannedTap::DECLINED
        }],
        ..FLEXIBLE
    },
];

const FLEXIBLE: Scenario = Scenario { model: CvmModel::Flexible, ..Scenario::ORDINARY };

const NO_LIMITS: VelocityLimits = Rules::ORDINARY.velocity;

/// A finger on the sensor; the counters begin anew.
const VERIFIED: PlannedTap = PlannedTap { rule: Some("VERIFIED"), counters: Some((0, 0)), ..PlannedTap::PAYS };

/// The n-th payment without a finger, and what they have come to.
const fn low_value(number: u32, sum: u64) -> PlannedTap {
    PlannedTap { rule: Some("LOW_VALUE"), counters: Some((number, sum)), ..PlannedTap::PAYS_UNVERIFIED }
}

/// "See phone" by this rule; the counters stand.
const fn asks(rule: &'static str, counters: (u32, u64)) -> PlannedTap {
    PlannedTap { rule: Some(rule), counters: Some(counters), ..PlannedTap::SEE_PHONE }
}
