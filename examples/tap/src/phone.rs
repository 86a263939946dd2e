//! The phone: the wallet core and an app behind the antenna of a terminal.

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use bezant::card::{CardOptions, CardProfile, ProfileKeys, TapOutcome};
use bezant::cdcvm::{CdcvmMethod, VelocityCounters};
use bezant::crypto::Secret;
use bezant::emv::{Atc, CvmModel};
use bezant::instrument::{InstrumentId, TransactionCredential};
use bezant::platform::Rng;
use bezant::wallet::{CompletedTap, DeactivationReason, DeviceState, InstrumentSummary, Platform, WalletEvent};
use bezant::{Wallet, WalletConfig, WalletError};
use pos_terminal::link::air_time;
use pos_terminal::{Card, LinkError};

use crate::app::App;
use crate::home::Home;
use crate::platform::PhoneClock;
use crate::scenarios::{Before, Cardholder, Link, Rules};

/// A phone with one card in its wallet. As long as its numbers follow from a seed, all it does can be repeated to the
/// byte.
pub(crate) struct Phone {
    // Closed before its home goes.
    wallet: Wallet,
    _home: Home,
    app: Arc<App>,
    clock: PhoneClock,
    measures: bool,
    link: Link,
    notes: Vec<Note>,
}

/// What happened from one command to the next.
#[derive(Default)]
struct Note {
    told: Vec<WalletEvent>,
    said: Option<TapOutcome>,
    left: usize,
    counters: VelocityCounters,
}

/// What the phone knows about a tap.
#[derive(Clone, Debug)]
pub(crate) struct Felt {
    /// How it ended; `None` when the terminal never got as far as to select anything.
    pub(crate) outcome: Option<TapOutcome>,
    /// What the wallet said when the field went off, if it did.
    pub(crate) said: Option<TapOutcome>,
    /// The taps that are over, with all details: one, or none where the phone may still come back.
    pub(crate) completed: Vec<Arc<CompletedTap>>,
    /// What the app was told, in order.
    pub(crate) told: Vec<WalletEvent>,
    /// What low-value payments have come to.
    pub(crate) counters: VelocityCounters,
    /// Credentials that it spent.
    pub(crate) spent: usize,
    /// Credentials that are left.
    pub(crate) left: usize,
}

impl Felt {
    /// The last tap that is over.
    pub(crate) fn details(&self) -> Option<&CompletedTap> {
        self.completed.last().map(AsRef::as_ref)
    }
}

/// How a phone is made.
pub(crate) struct Make {
    /// What the wallet insists on; `None` takes the card's.
    pub(crate) model: Option<CvmModel>,
    /// The rest of its configuration.
    pub(crate) rules: Rules,
    /// Its clock.
    pub(crate) clock: PhoneClock,
    /// Its random numbers.
    pub(crate) numbers: Box<dyn Rng>,
    /// Whether terminals measure how long it takes; else it takes no time.
    pub(crate) measures: bool,
}

impl Phone {
    /// A new phone with an active card, from which nothing stays.
    pub(crate) fn set_up(profile: &str, credentials: &[sandbox::Credential], make: Make) -> anyhow::Result<Self> {
        let phone = Self::open(Home::passing()?, make)?;
        phone.install(profile)?;
        phone.load(credentials)?;
        phone.activate()?;
        Ok(phone)
    }

    /// The phone that lives there, with whatever it remembers.
    pub(crate) fn open(home: Home, make: Make) -> Result<Self, WalletError> {
        let Make { model, rules, clock, numbers, measures } = make;
        let app = Arc::new(App::default());
        let platform = Platform { clock: Box::new(clock.clone()), rng: numbers, host: Some(app.clone() as Arc<_>) };
        let config = WalletConfig {
            cvm_model: model,
            velocity: rules.velocity,
            transit_enabled: rules.transit_enabled,
            transit_without_cdcvm: rules.transit_without_cdcvm,
            link_loss_retry_limit: rules.link_loss_retry_limit,
            host_budget_ms: rules.host_budget_ms,
            replenish_threshold: FEW_CREDENTIALS,
            card: CardOptions { mag_stripe: true, ..CardOptions::default() },
            ..WalletConfig::default()
        };
        let wallet = home.open(config, platform)?;
        wallet.ensure_usable()?;
        Ok(Self { wallet, _home: home, app, clock, measures, link: Link::Holds, notes: Vec::new() })
    }

    /// Gives it the card, as JSON.
    pub(crate) fn install(&self, profile: &str) -> anyhow::Result<()> {
        Ok(self.wallet.install_profile(name()?, CardProfile::parse(profile, &ProfileKeys::default())?)?)
    }

    /// Gives it single-use keys for the card.
    pub(crate) fn load(&self, credentials: &[sandbox::Credential]) -> anyhow::Result<()> {
        let loaded = credentials.iter().map(loadable).collect::<anyhow::Result<_>>()?;
        self.wallet.load_credentials(&name()?, loaded)?;
        Ok(())
    }

    /// Has the card pay.
    pub(crate) fn activate(&self) -> anyhow::Result<()> {
        Ok(self.wallet.activate(&name()?)?)
    }

    /// The card as the app sees it, if there is one.
    pub(crate) fn card(&self) -> Option<InstrumentSummary> {
        self.wallet.instruments().into_iter().next()
    }

    /// The taps that the wallet remembers, newest first.
    pub(crate) fn history(&self) -> Vec<Arc<CompletedTap>> {
        self.wallet.history(None)
    }

    /// Whatever comes before a tap, and the beginning of what is noted about it.
    pub(crate) fn prepare(&mut self, before: &Before) -> anyhow::Result<()> {
        self.hear();
        self.notes = vec![Note::default()];
        self.clock.advance(before.pause);
        self.app.behave(before.app);
        self.link = before.link;
        self.wallet.set_device_state(DeviceState { locked: before.locked, ..DeviceState::default() });
        match before.cardholder {
            Cardholder::DoesNothing => self.wallet.clear_user_authentication(),
            Cardholder::Verifies => self.verify_cardholder()?,
            Cardholder::VerifiesAndWaits(seconds) => {
                self.verify_cardholder()?;
                self.clock.advance(Duration::from_secs(seconds.into()));
            }
        }
        self.note();
        Ok(())
    }

    /// Takes the phone out of the field.
    pub(crate) fn leave_field(&mut self) {
        self.lose_field(DeactivationReason::Deselected);
    }

    /// What was noted from after one command to after another, both counted since the phone was prepared.
    pub(crate) fn felt(&self, from: usize, to: usize) -> Felt {
        let first = if from == 0 { 0 } else { from + 1 };
        let notes = self.notes.get(first..=to).unwrap_or_default();
        let told: Vec<WalletEvent> = notes.iter().flat_map(|note| note.told.iter().cloned()).collect();
        let completed: Vec<_> = told.iter().filter_map(|event| self.completed(event)).collect();
        let said = notes.iter().rev().find_map(|note| note.said);
        let left_after = |note: Option<&Note>| note.map_or(0, |note| note.left);
        let (before, last) = (left_after(self.notes.get(from)), self.notes.get(to));
        Felt {
            outcome: completed.last().map(|tap| tap.outcome).or(said),
            said,
            completed,
            told,
            counters: last.map_or_else(VelocityCounters::default, |note| note.counters),
            spent: before.saturating_sub(left_after(last)),
            left: left_after(last),
        }
    }

    /// Credentials not spent yet.
    pub(crate) fn credentials_left(&self) -> usize {
        self.standing().0
    }

    fn verify_cardholder(&self) -> anyhow::Result<()> {
        self.wallet.set_user_authenticated(CdcvmMethod::Fingerprint, None, None)?;
        Ok(())
    }

    /// The tap that an event tells of, as the wallet remembers it: with what happened after its end.
    fn completed(&self, event: &WalletEvent) -> Option<Arc<CompletedTap>> {
        let WalletEvent::ContactlessPaymentCompleted(told) = event else { return None };
        let remembered = self.history().into_iter().find(|tap| tap.number == told.number);
        Some(remembered.unwrap_or_else(|| told.clone()))
    }

    fn lose_field(&mut self, reason: DeactivationReason) {
        let said = self.wallet.on_deactivated(reason);
        self.note();
        if let Some(note) = self.notes.last_mut() {
            note.said = said.or(note.said);
        }
    }

    fn note(&mut self) {
        let told = self.hear();
        let (left, counters) = self.standing();
        if let Some(note) = self.notes.last_mut() {
            note.told.extend(told);
            (note.left, note.counters) = (left, counters);
        }
    }

    fn hear(&self) -> Vec<WalletEvent> {
        let _ = self.wallet.settle_events(APP_LISTENS);
        self.app.take_told()
    }

    fn standing(&self) -> (usize, VelocityCounters) {
        self.card().map(|summary| (summary.credentials_left, summary.counters)).unwrap_or_default()
    }
}

impl Card for Phone {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        // The first note is of what happened before any command.
        let commands = self.notes.len().saturating_sub(1);
        self.notes.push(Note::default());
        if matches!(self.link, Link::LostAfter(last) if commands >= last) {
            self.lose_field(DeactivationReason::LinkLoss);
            return Err(LinkError::FieldLost);
        }
        self.clock.advance(air_time(command.len()));
        let answer = self.wallet.process_command_apdu(command).to_vec();
        self.clock.advance(air_time(answer.len()));
        self.note();
        Ok(answer)
    }

    fn leave_field(&mut self) {
        self.lose_field(DeactivationReason::LinkLoss);
    }

    // A loaded machine must not look like a slow card.
    fn answer_time(&self) -> Option<Duration> {
        (!self.measures).then_some(Duration::ZERO)
    }
}

/// There is one card, so any name does.
fn name() -> anyhow::Result<InstrumentId> {
    InstrumentId::new("card").ok_or_else(|| anyhow!("a card needs a name"))
}

fn loadable(credential: &sandbox::Credential) -> anyhow::Result<TransactionCredential> {
    let key = |bytes: &[u8; 16]| Secret::new(|room: &mut [u8; 16]| room.copy_from_slice(bytes));
    let (umd, md) = (credential.contactless_umd.expose_bytes(), credential.contactless_md.expose_bytes());
    TransactionCredential::new(Atc::new(credential.atc), &credential.idn, key(umd), key(md))
        .ok_or_else(|| anyhow!("the credential with ATC {} cannot be used", credential.atc))
}

/// Fewer than this make the wallet ask for more.
const FEW_CREDENTIALS: u32 = 2;
/// The app hears at once; this is for a machine that has other things to do.
const APP_LISTENS: Duration = Duration::from_secs(10);
