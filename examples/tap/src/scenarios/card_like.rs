//! Model Card-like: the device verifies nobody; as with plastic, the terminal does.

use bezant::emv::{CvmModel, Reason};

use super::{PlannedTap, Rules, Scenario, TerminalEnd};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "card-like-low-value",
        story: "Below the limit nobody is asked anything: the phone pays as a plastic card does, and announces no more.",
        taps: &[AS_PLASTIC],
        ..CARD_LIKE
    },
    Scenario {
        name: "card-like-high-value",
        story: "Above the limit the shop asks for the card's PIN; the phone learns of it. (No PIN is checked here.)",
        amount: 25_000,
        taps: &[PlannedTap { terminal: TerminalEnd::OnlineWithPin, ..AS_PLASTIC }],
        ..CARD_LIKE
    },
    Scenario {
        name: "card-like-nobody-verifies",
        story: "A ticket machine without a PIN pad sells above its limit: neither it nor the phone verifies anyone, so the phone declines.",
        terminal: "transit-gate",
        amount: 25_000,
        taps: &[PlannedTap {
            reasons: &[Reason::InsufficientPoiAuthentication],
            rule: Some("NOBODY_VERIFIES"),
            ..PlannedTap::DECLINED
        }],
        ..CARD_LIKE
    },
    Scenario {
        name: "card-like-transit",
        story: "A gate, and gates are passed without a verification: the phone pays.",
        rules: Rules { transit_without_cdcvm: true, ..Rules::ORDINARY },
        terminal: "transit-gate",
        amount: 0,
        taps: &[PlannedTap { rule: Some("GATE"), ..PlannedTap::PAYS_UNVERIFIED }],
        ..CARD_LIKE
    },
    Scenario {
        name: "card-like-no-transit",
        story: "A gate that wants a verification, and nobody who could give one: the phone declines.",
        terminal: "transit-gate",
        amount: 0,
        taps: &[PlannedTap {
            reasons: &[Reason::UnsupportedTransit],
            rule: Some("GATE_NEEDS_VERIFICATION"),
            ..PlannedTap::DECLINED
        }],
        ..CARD_LIKE
    },
];

const CARD_LIKE: Scenario = Scenario { model: CvmModel::CardLike, ..Scenario::ORDINARY };

const AS_PLASTIC: PlannedTap =
    PlannedTap { rule: Some("AS_PLASTIC"), counters: Some((0, 0)), ..PlannedTap::PAYS_UNVERIFIED };
