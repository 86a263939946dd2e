use super::config::WalletConfig;
use super::history::{self, CompletedTap, History};
use super::host::WalletEvent;
use super::host_desk::HostDesk;
#[cfg(feature = "store")]
use super::ledger_desk::Opening;
use super::ledger_desk::{Hold, LedgerDesk};
use super::recorder::Recorder;
use super::timeline::{Timeline, TimingPoint};
use crate::card::{Abort, Asked, CardApplication, TapOutcome};
use crate::cdcvm::{Assessment, Authentication, Decision, PaymentContext, Standing};
use crate::crypto::TransactionId;
use crate::emv::{Reasons, TransactionInfo};
use crate::error::{ErrorCode, WalletError};
use crate::instrument::{InstrumentId, Instruments, ReplenishReason, Replenishment};
use crate::platform::{Clock, Moment, Rng};
use crate::storage::Change;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything behind the wallet's lock.
pub(super) struct WalletState {
    pub(super) config: WalletConfig,
    pub(super) clock: Box<dyn Clock>,
    pub(super) rng: Box<dyn Rng>,
    pub(super) ledger: LedgerDesk,
    pub(super) app: AppLine,
    pub(super) recorder: Option<Recorder>,
    pub(super) instruments: Instruments,
    pub(super) replenishments: BTreeMap<InstrumentId, Replenishment>,
    pub(super) authentication: Option<UserAuthentication>,
    pub(super) device: DeviceState,
    pub(super) tap: Option<Tap>,
    pub(super) torn: Option<TornTap>,
    pub(super) first_tap: Option<FirstTap>,
    pub(super) history: History,
    pub(super) taps_begun: u64,
    pub(super) questions_asked: u64,
    /// The tap that has begun and has no outcome yet.
    pub(super) open_tap: Option<OpenTap>,
    /// The outcome of a tap of which nothing else is left.
    pub(super) abandoned: Option<TapOutcome>,
    /// What a tap has spent, to be entered together with how it ended.
    pub(super) settlement: Option<Change>,
    /// Stored cards that cannot be used, and why not.
    pub(super) faulty: BTreeMap<InstrumentId, ErrorCode>,
    /// Why nothing is answered any more.
    pub(super) latch: Option<WalletError>,
    /// How many taps there were before this process.
    pub(super) taps_before: u64,
    /// The store that is being opened.
    #[cfg(feature = "store")]
    pub(super) opening: Option<Opening>,
}

/// What is known of a tap whatever becomes of it.
pub(super) struct OpenTap {
    pub(super) number: u64,
    pub(super) began: Moment,
    pub(super) instrument: InstrumentId,
}

/// What the app has the last word on.
pub(super) struct Question {
    pub(super) number: u64,
    pub(super) asked: Asked,
    pub(super) assessment: Assessment,
    /// What the verification was worth when the question came.
    pub(super) standing: Standing,
}

/// How the app is reached.
pub(super) enum AppLine {
    /// On threads of its own.
    Desk(Arc<HostDesk>),
    /// There is none.
    None,
    /// Its words come from a recording.
    Recorded,
}

/// The latest verification of the cardholder, for all instruments or for one.
pub(super) struct UserAuthentication {
    pub(super) authentication: Authentication,
    pub(super) instrument: Option<InstrumentId>,
}

/// What the device tells of itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeviceState {
    /// The lock screen is up: unless the configuration allows it, nothing is paid.
    pub locked: bool,
    /// The screen is on. Nothing depends on it here: whether a dark phone answers readers is the platform's affair.
    pub screen_on: bool,
}

impl Default for DeviceState {
    fn default() -> Self {
        Self { locked: false, screen_on: true }
    }
}

/// A card in the field: from the first good SELECT until the reader has gone.
pub(super) struct Tap {
    pub(super) story: TapStory,
    pub(super) application: CardApplication,
    pub(super) reservation: Hold,
    pub(super) last_command: Moment,
    pub(super) phase: Phase,
}

/// What stays of a tap when its link is lost and comes back.
pub(super) struct TapStory {
    pub(super) number: u64,
    pub(super) began: Moment,
    pub(super) instrument: InstrumentId,
    pub(super) timeline: Timeline,
    pub(super) losses: u32,
}

/// A tap whose link was lost, and which may go on.
pub(super) struct TornTap {
    pub(super) story: TapStory,
    pub(super) at: Moment,
}

pub(super) enum Phase {
    /// The app has the last word on this question.
    Asking(Box<Question>),
    Open,
    Over(TapOutcome),
    /// The app is being told of the tap, and may choose another card for it.
    Starting,
}

/// The first of two taps, which asked for a verification.
pub(super) struct FirstTap {
    pub(super) instrument: InstrumentId,
    pub(super) context: PaymentContext,
    pub(super) at: Moment,
    pub(super) timeout_ms: u64,
}

/// How a tap ended.
#[derive(Default)]
pub(super) struct TapEnd {
    pub(super) decision: Option<Decision>,
    pub(super) transaction: Option<TransactionInfo>,
    pub(super) transaction_id: Option<TransactionId>,
    pub(super) abort: Option<Abort>,
}

impl Tap {
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over(_))
    }

    /// Whether this question is this tap's open one.
    pub(super) fn asks(&self, number: u64) -> bool {
        matches!(&self.phase, Phase::Asking(question) if question.number == number)
    }
}

impl WalletState {
    /// A wallet without a card and without an app.
    pub(super) fn new(config: WalletConfig, clock: Box<dyn Clock>, rng: Box<dyn Rng>, ledger: LedgerDesk) -> Self {
        let recorder = Recorder::new(config.recorded_steps, rng.seed());
        Self {
            config,
            clock,
            rng,
            ledger,
            app: AppLine::None,
            recorder,
            instruments: Instruments::default(),
            replenishments: BTreeMap::new(),
            authentication: None,
            device: DeviceState::default(),
            tap: None,
            torn: None,
            first_tap: None,
            history: History::default(),
            taps_begun: 0,
            questions_asked: 0,
            open_tap: None,
            abandoned: None,
            settlement: None,
            faulty: BTreeMap::new(),
            latch: None,
            taps_before: 0,
            #[cfg(feature = "store")]
            opening: None,
        }
    }

    /// What the cardholder's verification is worth for this instrument now.
    pub(super) fn standing(&self, instrument: &InstrumentId, now: Moment) -> Standing {
        let serves = |user: &&UserAuthentication| user.instrument.as_ref().is_none_or(|only| only == instrument);
        let policy = self.config.authentication_policy();
        let user = self.authentication.as_ref().filter(serves);
        user.map_or(Standing::Missing, |user| user.authentication.standing(policy, now))
    }

    pub(super) fn count_payment(&mut self) {
        if let Some(user) = &mut self.authentication {
            user.authentication.payments += 1;
        }
    }

    pub(super) fn tell(&mut self, event: WalletEvent) {
        if let Some(recorder) = &mut self.recorder {
            recorder.note_told(&event);
        }
        if let AppLine::Desk(desk) = &self.app {
            desk.tell(event);
        }
    }

    /// Tells the app of a tap; gives the call that can be waited for.
    pub(super) fn tell_of_start(&mut self, instrument: InstrumentId) -> Option<u64> {
        let event = WalletEvent::ContactlessPaymentStarted { instrument };
        if let Some(recorder) = &mut self.recorder {
            recorder.note_told(&event);
        }
        match &self.app {
            AppLine::Desk(desk) => desk.tell_awaited(event),
            AppLine::None | AppLine::Recorded => None,
        }
    }

    pub(super) const fn has_app(&self) -> bool {
        !matches!(self.app, AppLine::None)
    }

    pub(super) fn credentials_left(&self, instrument: &InstrumentId) -> usize {
        self.ledger.credentials_left(instrument)
    }

    /// Raises the request for credentials, once until the refill is over.
    pub(super) fn replenish(&mut self, instrument: &InstrumentId, reason: ReplenishReason) -> bool {
        let (policy, left) = (self.config.replenishment_policy(), self.credentials_left(instrument));
        let asks = self.replenishments.entry(instrument.clone()).or_default().ask(policy, reason, left);
        if asks {
            self.tell(WalletEvent::ReplenishNeeded { instrument: instrument.clone(), reason });
        }
        asks
    }

    /// The one place where a tap gets its outcome.
    pub(super) fn complete(&mut self, story: &mut TapStory, outcome: TapOutcome, end: TapEnd) {
        let TapEnd { decision, transaction, transaction_id, abort } = end;
        self.open_tap.take_if(|open| open.number == story.number);
        let instrument = story.instrument.clone();
        // Somebody may have chosen another card for the next tap meanwhile.
        if outcome != TapOutcome::WalletActionRequired && self.instruments.is_selected(&instrument) {
            self.instruments.clear_selection();
        }
        if outcome != TapOutcome::WalletActionRequired {
            self.first_tap = None;
        }
        let tap = Arc::new(CompletedTap {
            number: self.taps_before + story.number,
            began: story.began,
            instrument,
            outcome,
            reasons: decision.map_or(Reasons::NONE, |decision| decision.reasons()),
            decision,
            transaction,
            transaction_id,
            abort,
            timeline: core::mem::take(&mut story.timeline),
        });
        self.remember_tap(&tap);
        self.history.add(tap.clone(), self.config.history_limit());
        self.tell(WalletEvent::ContactlessPaymentCompleted(tap));
    }

    /// One entry for how the tap ended, what it has spent and which card is chosen now; no terminal waits for it.
    fn remember_tap(&mut self, tap: &Arc<CompletedTap>) {
        let (number, limit, tap) = (tap.number, self.config.history_limit(), tap.clone());
        let log = Change::Tap { number, entry: Box::new(move || history::entry(&tap)), limit };
        // Until the store is open, nobody here knows which cards there are.
        #[cfg(feature = "store")]
        let knows_cards = self.opening.is_none();
        #[cfg(not(feature = "store"))]
        let knows_cards = true;
        let choice = knows_cards.then(|| self.choice(&self.instruments));
        self.ledger.keep(self.settlement.take().into_iter().chain([log]).chain(choice).collect());
    }

    /// Reads the taps of earlier processes, once.
    pub(super) fn recall_taps(&mut self) {
        if !self.history.is_whole()
            && self.latch.is_none()
            && let Ok(entries) = self.ledger.taps()
        {
            self.history.add_stored(&entries, self.config.history_limit());
        }
    }

    /// Which cards pay, to be remembered.
    pub(super) fn choice(&self, instruments: &Instruments) -> Change {
        Change::Choice { default: instruments.default_card().cloned(), selected: instruments.selected_card().cloned() }
    }

    pub(super) fn mark(&self, timeline: &mut Timeline, point: TimingPoint) {
        timeline.mark(self.clock.boot_us(), point);
    }
}
