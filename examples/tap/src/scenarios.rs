//! The scenarios: where the phone is tapped, what its owner does, and how it has to end.

use bezant::card::TapOutcome;
use bezant::emv::Reason;

/// A short story with one phone in it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Scenario {
    /// What `--scenario` calls it.
    pub(crate) name: &'static str,
    /// The same for people.
    pub(crate) story: &'static str,
    /// The terminal: one of those that come with `pos-terminal`.
    pub(crate) terminal: &'static str,
    /// The only application that the terminal accepts, where it is not all of them.
    pub(crate) only_application: Option<&'static [u8]>,
    /// In minor units of the terminal's currency.
    pub(crate) amount: u64,
    /// The taps, in order.
    pub(crate) taps: &'static [PlannedTap],
    /// Repeats the first tap until no credential is left; the others come then.
    pub(crate) until_empty: bool,
    /// What becomes of the request on its way to the issuer.
    pub(crate) acquirer: Acquirer,
}

/// One tap and its expected end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlannedTap {
    /// What happens before it.
    pub(crate) cardholder: Cardholder,
    /// What the wallet says.
    pub(crate) wallet: TapOutcome,
    /// Why, where it does not pay.
    pub(crate) reasons: &'static [Reason],
    /// What the terminal says.
    pub(crate) terminal: TerminalEnd,
    /// What the issuer says.
    pub(crate) issuer: IssuerAnswer,
}

/// What the phone's owner does before a tap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cardholder {
    /// Nothing: the phone comes out of the pocket.
    DoesNothing,
    /// Puts a finger on the sensor.
    Verifies,
    /// The same, and then waits for so many seconds.
    VerifiesAndWaits(u32),
}

/// How a tap ends at the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TerminalEnd {
    /// It asks the issuer.
    Online,
    /// It asks the issuer, and the cardholder for the PIN.
    OnlineWithPin,
    /// It asks the issuer, with dynamic track data.
    OnlineWithTrack,
    /// The card declined, with this DF4B.
    Declined([u8; 3]),
    /// It shows "see phone" and starts again, for this DF4B.
    SeePhone([u8; 3]),
    /// The card refused a command with this status word.
    Refused(u16),
    /// Anything else: no scenario expects it.
    Other,
}

/// What the issuer answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IssuerAnswer {
    /// Everything verifies, and the account covers the amount.
    Approved,
    /// Declined for this reason.
    Declined(&'static str),
    /// Nobody asks.
    NotAsked,
    /// The digits on the track verify.
    TrackVerified,
}

/// What becomes of the request on its way to the issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acquirer {
    /// Nothing.
    Honest,
    /// It is sent again after its approval.
    SendsTwice,
    /// Its amount becomes ten times as much.
    RaisesAmount,
}

impl Scenario {
    /// The scenario of this name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        SCENARIOS.iter().find(|scenario| scenario.name == name)
    }

    /// How many credentials it spends at least.
    pub(crate) fn credentials(&self) -> usize {
        self.taps.iter().filter(|tap| tap.wallet == TapOutcome::AuthorizeOnline).count()
    }
}

impl PlannedTap {
    /// A finger on the sensor, and all agree.
    pub(crate) const PAYS: Self = Self {
        cardholder: Cardholder::Verifies,
        wallet: TapOutcome::AuthorizeOnline,
        reasons: &[],
        terminal: TerminalEnd::Online,
        issuer: IssuerAnswer::Approved,
    };
    /// Nobody is verified, nothing is spent.
    pub(crate) const SEE_PHONE: Self = Self {
        cardholder: Cardholder::DoesNothing,
        wallet: TapOutcome::WalletActionRequired,
        reasons: &[Reason::MissingCdcvm],
        terminal: TerminalEnd::SeePhone([0x00, 0x01, 0x00]),
        issuer: IssuerAnswer::NotAsked,
    };
}

impl Scenario {
    /// An amount below the limit of the shop next door.
    pub(crate) const ORDINARY: Self = Self {
        name: "",
        story: "",
        terminal: "shop-poland",
        only_application: None,
        amount: 2_500,
        taps: &[PlannedTap::PAYS],
        until_empty: false,
        acquirer: Acquirer::Honest,
    };
}

/// The scenarios for a card of one's own, as far as its credentials go; the last one takes what is left.
pub(crate) const OF_ANY_CARD: [&str; 5] = ["low-value", "high-value", "without-cda", "abroad", "out-of-credentials"];

/// Every scenario, in the order of a run.
pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "low-value",
        story: "A grocery, below the limit: the owner's finger is on the sensor, the phone pays in one tap.",
        ..Scenario::ORDINARY
    },
    Scenario {
        name: "high-value",
        story: "Above the limit the terminal wants the cardholder verified, and leaves that to the phone: no PIN pad.",
        amount: 25_000,
        ..Scenario::ORDINARY
    },
    Scenario {
        name: "double-tap",
        story: "Nobody is verified: the first tap ends with \"see phone\", a finger on the sensor, the second tap pays.",
        amount: 12_000,
        taps: &[PlannedTap::SEE_PHONE, PlannedTap::PAYS],
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
        name: "online-pin",
        story: "A terminal that trusts no phone: above the limit it asks for the card's PIN; the phone learns of it. (No PIN is checked here.)",
        terminal: "online-pin",
        amount: 18_000,
        taps: &[PlannedTap { terminal: TerminalEnd::OnlineWithPin, ..PlannedTap::PAYS }],
        ..Scenario::ORDINARY
    },
    Scenario {
        name: "transit",
        story: "A gate with amount zero that would let the card approve by itself; a phone's card asks the issuer anyway.",
        terminal: "transit-gate",
        amount: 0,
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
        name: "stale-verification",
        story: "The finger was on the sensor a minute ago, which is too long: the wallet asks again and spends nothing.",
        taps: &[PlannedTap {
            cardholder: Cardholder::VerifiesAndWaits(60),
            reasons: &[Reason::InsufficientCdcvm],
            ..PlannedTap::SEE_PHONE
        }],
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
    Scenario {
        name: "out-of-credentials",
        story: "Every payment spends a single-use key. This goes on until none is left, and then the phone declines.",
        amount: 500,
        taps: &[
            PlannedTap::PAYS,
            PlannedTap {
                cardholder: Cardholder::Verifies,
                wallet: TapOutcome::DeclinedByWallet,
                reasons: &[Reason::CredentialsNotAvailable],
                terminal: TerminalEnd::Declined([0x00, 0x00, 0x00]),
                issuer: IssuerAnswer::NotAsked,
            },
        ],
        until_empty: true,
        ..Scenario::ORDINARY
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_known() {
        for (place, scenario) in SCENARIOS.iter().enumerate() {
            assert_eq!(SCENARIOS.iter().position(|other| other.name == scenario.name), Some(place));
            assert!(pos_terminal::TerminalConfiguration::builtin(scenario.terminal).is_ok(), "{}", scenario.name);
            assert!(!scenario.taps.is_empty(), "{}", scenario.name);
        }
        assert!(OF_ANY_CARD.iter().all(|name| Scenario::named(name).is_some()));
        assert_eq!(SCENARIOS.last().map(|last| last.name), Some("out-of-credentials"), "it leaves none for others");
    }
}
