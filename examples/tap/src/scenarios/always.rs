//! Model Always: every payment wants the cardholder verified on the device.

use bezant::card::TapOutcome;
use bezant::emv::Reason;

use super::{Acquirer, Before, Cardholder, IssuerAnswer, PlannedTap, Scenario, TerminalEnd};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "always-low-value",
        story: "A grocery, below the limit: the owner's finger is on the sensor, the phone pays in one tap.",
        ..Scenario::ORDINARY
    },
    Scenario {
        name: "always-high-value",
        story: "Above the limit the terminal wants the cardholder verified, and leaves that to the phone: no PIN pad.",
        amount: 25_000,
        ..Scenario::ORDINARY
    },
    Scenario {
        name: "always-double-tap",
        story: "Nobody is verified: the first tap ends with \"see phone\", a finger on the sensor, the second tap pays.",
        amount: 12_000,
        taps: &[PlannedTap { rule: Some("NOT_VERIFIED"), ..PlannedTap::SEE_PHONE }, PlannedTap::PAYS],
        ..Scenario::ORDINARY
    },
    Scenario {
        name: "always-transit",
        story: "Even at a gate model Always wants a finger; then the gate would let the card approve by itself, which asks the issuer anyway.",
        terminal: "transit-gate",
        amount: 0,
        taps: &[PlannedTap::SEE_PHONE, PlannedTap::PAYS],
        ..Scenario::ORDINARY
    },
    Scenario {
        name: "online-pin",
        story: "A terminal that trusts no phone: above the limit it asks for the card's PIN; the phone learns of it. (No PIN is checked here.)",
        terminal: "online-pin",
        amount: 18_000,
        taps: &[PlannedTap { terminal: TerminalEnd::OnlineWithPin, ..PlannedTap::PAYS }],
        ..Scenario::ORDINARY
    },
    Scenario {
        name: "stale-verification",
        story: "The finger was on the sensor a minute ago, which is too long: the wallet asks again and spends nothing.",
        taps: &[PlannedTap {
            before: Before { cardholder: Cardholder::VerifiesAndWaits(60), ..Before::NOTHING },
            reasons: &[Reason::InsufficientCdcvm],
            rule: Some("VERIFICATION_STALE"),
            ..PlannedTap::SEE_PHONE
        }],
        ..Scenario::ORDINARY
    },
    Scenario {
        name: "without-cda",
        story: "An old terminal asks for no signature: it checks nothing itself, the issuer alone checks the cryptograms.",
        terminal: "no-cda",
        amount: 4_000,
        ..Scenario::ORDINARY
    },
    Scenario {
        name: "abroad",
        story: "A shop in another country with another currency: the card says \"international\" in its answer.",
        terminal: "shop-germany",
        amount: 3_250,
        ..Scenario::ORDINARY
    },
    Scenario {
        name: "mag-stripe",
        story: "A reader that only knows magnetic stripes: the card gives it digits that are good for one payment.",
        terminal: "mag-stripe",
        amount: 1_800,
        taps: &[PlannedTap {
            terminal: TerminalEnd::OnlineWithTrack,
            issuer: IssuerAnswer::TrackVerified,
            ..PlannedTap::PAYS
        }],
        ..Scenario::ORDINARY
    },
    Scenario {
        name: "alternate-application",
        story: "A terminal that accepts only the card's second application, which signs under its own certificate.",
        only_application: Some(&[0xA0, 0x00, 0x00, 0x00, 0x04, 0x22, 0x03]),
        amount: 1_500,
        ..Scenario::ORDINARY
    },
    Scenario {
        name: "offline-only",
        story: "A terminal that can never ask the issuer: the card refuses it before anything is spent.",
        terminal: "offline-only",
        amount: 300,
        taps: &[PlannedTap {
            wallet: TapOutcome::Error,
            terminal: TerminalEnd::Refused(0x6985),
            issuer: IssuerAnswer::NotAsked,
            ..PlannedTap::PAYS
        }],
        ..Scenario::ORDINARY
    },
    Scenario {
        name: "declined-by-network",
        story: "The tap is good and the account is not: the card answers as ever, the issuer says no.",
        amount: 90_000,
        taps: &[PlannedTap { issuer: IssuerAnswer::Declined("OVER_ACCOUNT_LIMIT"), ..PlannedTap::PAYS }],
        ..Scenario::ORDINARY
    },
    Scenario {
        name: "altered-amount",
        story: "Someone between terminal and issuer adds a zero to the amount; the card's cryptograms tell.",
        taps: &[PlannedTap { issuer: IssuerAnswer::Declined("AMOUNT_MISMATCH"), ..PlannedTap::PAYS }],
        acquirer: Acquirer::RaisesAmount,
        ..Scenario::ORDINARY
    },
    Scenario {
        name: "replay",
        story: "The same good authorisation is sent a second time; its counter value has been used.",
        acquirer: Acquirer::SendsTwice,
        ..Scenario::ORDINARY
    },
];
