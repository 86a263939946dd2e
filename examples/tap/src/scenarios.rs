//! The scenarios: where the phone is tapped, what its owner and its app do, and how it has to end.

mod always;
mod app;
mod card_like;
mod flexible;
mod mishaps;

use std::time::Duration;

use bezant::card::TapOutcome;
use bezant::cdcvm::VelocityLimits;
use bezant::emv::{CvmModel, Reason};

use crate::app::Manner;

/// A short story with one phone in it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Scenario {
    /// What `--scenario` calls it.
    pub(crate) name: &'static str,
    /// The same for people.
    pub(crate) story: &'static str,
    /// What the phone's wallet insists on.
    pub(crate) model: CvmModel,
    /// The rest of its configuration.
    pub(crate) rules: Rules,
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

/// What of a wallet's configuration a scenario may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    /// What low-value payments may come to.
    pub(crate) velocity: VelocityLimits,
    /// Whether transit gates are served.
    pub(crate) transit_enabled: bool,
    /// Whether gates are passed without a verification.
    pub(crate) transit_without_cdcvm: bool,
    /// How often a phone whose link was lost may come back.
    pub(crate) link_loss_retry_limit: u32,
    /// How long the app may take for its word.
    pub(crate) host_budget_ms: u32,
}

/// One tap and its expected end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlannedTap {
    /// What happens before it.
    pub(crate) before: Before,
    /// In minor units, where it is not the scenario's.
    pub(crate) amount: Option<u64>,
    /// What the wallet says.
    pub(crate) wallet: TapOutcome,
    /// Why, where it does not pay.
    pub(crate) reasons: &'static [Reason],
    /// The rule that decides, where it matters which.
    pub(crate) rule: Option<&'static str>,
    /// Whether the app wants more than it may.
    pub(crate) overruled: bool,
    /// What the terminal says.
    pub(crate) terminal: TerminalEnd,
    /// What the issuer says.
    pub(crate) issuer: IssuerAnswer,
    /// How many low-value payments there have been then, and of how much, where it matters.
    pub(crate) counters: Option<(u32, u64)>,
}

/// What happens before a tap, and to its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Before {
    /// How long the phone is in the pocket.
    pub(crate) pause: Duration,
    /// What its owner does.
    pub(crate) cardholder: Cardholder,
    /// Whether the lock screen is up.
    pub(crate) locked: bool,
    /// What the app does when it has the last word.
    pub(crate) app: Manner,
    /// How long the link to the terminal holds.
    pub(crate) link: Link,
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

/// How long the link to the terminal holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// As long as the terminal wants.
    Holds,
    /// For so many commands.
    LostAfter(usize),
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
    /// The card was gone.
    LinkLost,
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
    /// Every scenario, in the order of a run.
    pub(crate) fn all() -> impl Iterator<Item = &'static Self> {
        [always::SCENARIOS, flexible::SCENARIOS, card_like::SCENARIOS, app::SCENARIOS, mishaps::SCENARIOS]
            .into_iter()
            .flatten()
    }

    /// The scenario of this name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        Self::all().find(|scenario| scenario.name == name)
    }

    /// How many credentials it spends at least.
    pub(crate) fn credentials(&self) -> usize {
        self.taps.iter().filter(|tap| tap.wallet == TapOutcome::AuthorizeOnline).count()
    }

    /// Whether a wallet of this model can play it.
    pub(crate) fn is_for(&self, model: CvmModel) -> bool {
        self.model == model || IN_ANY_MODEL.contains(&self.name)
    }

    /// The scenarios for a card of one's own, as far as its credentials go; the last one takes what is left.
    pub(crate) const fn of_own_card(model: CvmModel) -> [&'static str; 5] {
        let [first, second] = match model {
            CvmModel::Always => ["always-low-value", "always-high-value"],
            CvmModel::CardLike => ["card-like-low-value", "card-like-high-value"],
            _ => ["flexible-low-value", "flexible-double-tap"],
        };
        [first, second, "without-cda", "abroad", "out-of-credentials"]
    }
}

impl Rules {
    /// As most apps have it; nobody is in a hurry.
    pub(crate) const ORDINARY: Self = Self {
        velocity: VelocityLimits {
            max_consecutive_lvt: None,
            max_cumulative_lvt: None,
            single_lvt_limit: None,
            domestic_currency: None,
        },
        transit_enabled: true,
        transit_without_cdcvm: false,
        link_loss_retry_limit: 0,
        host_budget_ms: 10_000,
    };
}

impl Before {
    /// The phone comes out of the pocket.
    pub(crate) const NOTHING: Self = Self {
        pause: Duration::from_secs(20),
        cardholder: Cardholder::DoesNothing,
        locked: false,
        app: Manner::Follows,
        link: Link::Holds,
    };
    /// A finger on the sensor.
    pub(crate) const VERIFIED: Self = Self { cardholder: Cardholder::Verifies, ..Self::NOTHING };

    /// Whether the card may say that the device has verified the cardholder.
    pub(crate) fn counts_as_verified(&self, model: CvmModel) -> bool {
        model != CvmModel::CardLike && !self.locked && self.cardholder == Cardholder::Verifies
    }
}

impl PlannedTap {
    /// A finger on the sensor, and all agree.
    pub(crate) const PAYS: Self = Self {
        before: Before::VERIFIED,
        amount: None,
        wallet: TapOutcome::AuthorizeOnline,
        reasons: &[],
        rule: None,
        overruled: false,
        terminal: TerminalEnd::Online,
        issuer: IssuerAnswer::Approved,
        counters: None,
    };
    /// Nobody is verified on the device, and all agree.
    pub(crate) const PAYS_UNVERIFIED: Self = Self { before: Before::NOTHING, ..Self::PAYS };
    /// Nobody is verified, nothing is spent.
    pub(crate) const SEE_PHONE: Self = Self {
        before: Before::NOTHING,
        wallet: TapOutcome::WalletActionRequired,
        reasons: &[Reason::MissingCdcvm],
        terminal: TerminalEnd::SeePhone([0x00, 0x01, 0x00]),
        issuer: IssuerAnswer::NotAsked,
        ..Self::PAYS
    };
    /// Declined without a word to the terminal.
    pub(crate) const DECLINED: Self = Self {
        wallet: TapOutcome::DeclinedByWallet,
        reasons: &[],
        terminal: TerminalEnd::Declined([0x00, 0x00, 0x00]),
        ..Self::SEE_PHONE
    };
}

impl Scenario {
    /// An amount below the limit of the shop next door.
    pub(crate) const ORDINARY: Self = Self {
        name: "",
        story: "",
        model: CvmModel::Always,
        rules: Rules::ORDINARY,
        terminal: "shop-poland",
        only_application: None,
        amount: 2_500,
        taps: &[PlannedTap::PAYS],
        until_empty: false,
        acquirer: Acquirer::Honest,
    };
}

/// A fresh verification below the limit pays, whoever insists on what.
const IN_ANY_MODEL: [&str; 6] =
    ["without-cda", "abroad", "altered-amount", "replay", "alternate-application", "out-of-credentials"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_known() {
        let names: Vec<&str> = Scenario::all().map(|scenario| scenario.name).collect();
        for (place, scenario) in Scenario::all().enumerate() {
            assert_eq!(names.iter().position(|name| *name == scenario.name), Some(place));
            assert!(scenario.name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-'));
            assert!(pos_terminal::TerminalConfiguration::builtin(scenario.terminal).is_ok(), "{}", scenario.name);
            assert!(!scenario.taps.is_empty() && scenario.story.ends_with(['.', ')']), "{}", scenario.name);
        }
        assert!(IN_ANY_MODEL.iter().all(|name| Scenario::named(name).is_some()));
    }

    #[test]
    fn a_card_of_ones_own_plays_scenarios_of_its_model() {
        for model in [CvmModel::Always, CvmModel::Flexible, CvmModel::CardLike] {
            let scenarios = Scenario::of_own_card(model).map(|name| Scenario::named(name).unwrap());
            assert!(scenarios.iter().all(|scenario| scenario.is_for(model)), "{model:?}");
            assert!(scenarios.last().is_some_and(|last| last.until_empty));
        }
    }

    #[test]
    fn each_model_has_what_is_wanted_of_it() {
        for (model, wanted) in [
            (CvmModel::Always, &["low-value", "high-value", "double-tap", "transit"][..]),
            (CvmModel::Flexible, &["low-value", "high-value", "double-tap", "count", "sum", "transit"]),
            (CvmModel::CardLike, &["low-value", "high-value", "nobody-verifies", "transit", "no-transit"]),
        ] {
            let prefix = match model {
                CvmModel::Always => "always",
                CvmModel::CardLike => "card-like",
                _ => "flexible",
            };
            for name in wanted {
                let scenario = Scenario::named(&format!("{prefix}-{name}"));
                assert!(scenario.is_some_and(|scenario| scenario.model == model), "{prefix}-{name}");
            }
        }
    }
}
