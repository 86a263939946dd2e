//! A model of the wallet around its cards: taps, verification, clocks, and what the app is told.

use super::cards::{Cards, NAMES};
use super::judgement::Judgement;
use super::question::{Question, Sent};
use crate::commands::State;
use bezant::WalletConfig;
use bezant::card::TapOutcome;
use bezant::instrument::InstrumentId;
use bezant::wallet::WalletEvent;

pub struct Model {
    pub config: WalletConfig,
    pub now: Moment,
    pub cards: Cards,
    pub locked: bool,
    pub verification: Option<Verification>,
    pub word: Word,
    pub at_start: AtStart,
    pub tap: Option<Tap>,
    pub torn: Option<Torn>,
    pub first: Option<First>,
    pub begun: u64,
    /// Since the last look.
    pub told: Vec<Told>,
    /// Every tap that is over: its number, its card and its outcome.
    pub ended: Vec<(u64, usize, TapOutcome)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment {
    pub unix_ms: u64,
    pub boot_ms: u64,
}

pub struct Verification {
    pub at: Moment,
    pub payments: u32,
    pub only: Option<usize>,
}

/// The app's final word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Word {
    AuthenticationRequired,
    Decline,
    Fail,
    Follow,
    Panic,
    Proceed,
}

/// What the app does when it is told that a tap has started.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AtStart {
    Listen,
    Choose(usize),
    Verify,
}

pub struct Tap {
    number: u64,
    card: usize,
    stage: Stage,
    last_command: Moment,
    losses: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    NotSelected,
    Selected,
    Initiated,
    Over(TapOutcome),
    Paid(TapOutcome),
}

/// A tap that may come back.
pub struct Torn {
    number: u64,
    card: usize,
    losses: u32,
    at: Moment,
}

/// A tap that has asked for a verification.
pub struct First {
    pub card: usize,
    pub amount: u64,
    pub foreign: bool,
    at: Moment,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Told {
    Asked,
    Completed { number: u64, card: usize, outcome: TapOutcome },
    Interrupted { retries_left: u32 },
    Misbehaved,
    Started { card: usize },
}

impl Told {
    /// What an event is in the model, where it is anything.
    #[must_use]
    pub fn of(event: &WalletEvent) -> Option<Self> {
        let card = |id: &InstrumentId| NAMES.iter().position(|name| *name == id.as_str()).unwrap();
        Some(match event {
            WalletEvent::AuthenticationRequired { .. } => Self::Asked,
            WalletEvent::ContactlessPaymentCompleted(tap) => {
                Self::Completed { number: tap.number, card: card(&tap.instrument), outcome: tap.outcome }
            }
            WalletEvent::ContactlessPaymentInterrupted { retries_left, .. } => {
                Self::Interrupted { retries_left: *retries_left }
            }
            WalletEvent::ContactlessPaymentStarted { instrument } => Self::Started { card: card(instrument) },
            WalletEvent::HostMisbehaved { .. } => Self::Misbehaved,
            _ => return None,
        })
    }
}

/// What a command must get.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    Data,
    Judged { card: usize, judgement: Judgement, atc: Option<u16> },
    Refused,
}

impl Model {
    pub fn new(config: WalletConfig, now: Moment) -> Self {
        Self {
            config,
            now,
            cards: Cards::default(),
            locked: false,
            verification: None,
            word: Word::Follow,
            at_start: AtStart::Listen,
            tap: None,
            torn: None,
            first: None,
            begun: 0,
            told: Vec::new(),
            ended: Vec::new(),
        }
    }

    /// The larger of the two clocks' differences; none when the device has restarted since.
    pub fn age(&self, at: Moment) -> Option<u64> {
        let by_boot = self.now.boot_ms.checked_sub(at.boot_ms)?;
        Some(by_boot.max(self.now.unix_ms.saturating_sub(at.unix_ms)))
    }

    /// A tap has started and not ended, be the phone away for the moment.
    pub fn is_in_a_tap(&self) -> bool {
        self.torn.is_some() || self.tap.as_ref().is_some_and(|tap| !tap.is_over())
    }

    pub fn verify(&mut self, only: Option<usize>) {
        self.verification = Some(Verification { at: self.now, payments: 0, only });
    }

    /// Lets the time limits have their effect.
    pub fn tick(&mut self) {
        let limit = u64::from(self.config.apdu_timeout_ms);
        if let Some(tap) = self.tap.as_mut().filter(|tap| !tap.is_over()) {
            let waited = self.now.boot_ms.checked_sub(tap.last_command.boot_ms);
            if waited.is_none_or(|waited| waited > limit) {
                self.end(TapOutcome::Error);
            }
        }
        let window = u64::from(self.config.link_loss_retry_window_ms);
        if self.torn.as_ref().is_some_and(|torn| self.age(torn.at).is_none_or(|age| age > window)) {
            self.give_up();
        }
        let memory = u64::from(self.config.dual_tap_timeout_s.unwrap()) * 1_000;
        if self.first.as_ref().is_some_and(|first| self.age(first.at).is_none_or(|age| age > memory)) {
            self.first = None;
        }
    }

    pub fn send(&mut self, sent: &Sent) -> Answer {
        self.tick();
        let now = self.now;
        let Some(tap) = self.tap.as_mut().filter(|tap| !matches!(tap.stage, Stage::Over(_))) else {
            return if matches!(sent, Sent::Ppse | Sent::Aid) { self.start(sent) } else { Answer::Refused };
        };
        if matches!(tap.stage, Stage::Paid(_)) {
            return Answer::Refused;
        }
        tap.last_command = now;
        match (sent, tap.stage) {
            (Sent::Ppse, _) => tap.stage = Stage::NotSelected,
            (Sent::Aid, _) => tap.stage = Stage::Selected,
            (Sent::UnknownAid, _) => {
                tap.stage = Stage::NotSelected;
                return Answer::Refused;
            }
            (Sent::Options { offline_only: true }, Stage::Selected) => {
                self.end(TapOutcome::Error);
                return Answer::Refused;
            }
            (Sent::Options { .. }, Stage::Selected) => tap.stage = Stage::Initiated,
            (Sent::Record, Stage::Selected | Stage::Initiated) => {}
            (Sent::Ask(question), Stage::Initiated) => return self.ask(question),
            _ => return Answer::Refused,
        }
        Answer::Data
    }

    /// Where a reader stands.
    pub fn state(&self) -> State {
        match self.tap.as_ref().map(|tap| tap.stage) {
            None | Some(Stage::Over(_)) if self.cards.payable().is_none() => State::NoCard,
            None => State::Fresh,
            Some(Stage::NotSelected) => State::NotSelected,
            Some(Stage::Selected) => State::Selected,
            Some(Stage::Initiated) => State::Initiated,
            Some(Stage::Over(_)) => State::Refused,
            Some(Stage::Paid(_)) => State::Paid,
        }
    }

    /// The card in the field.
    pub fn card_in_tap(&self) -> Option<usize> {
        self.tap.as_ref().map(|tap| tap.card)
    }

    /// Takes the wallet's word for a question that is beyond this model: what came of it, and the counter of the
    /// credential that has answered.
    pub fn believe(&mut self, outcome: TapOutcome, atc: Option<u16>) {
        let card = self.tap.as_ref().unwrap().card;
        let real = matches!(outcome, TapOutcome::AuthorizeOnline | TapOutcome::AuthenticateOffline);
        assert_eq!(real, atc.is_some(), "{outcome:?} with {atc:?}");
        if let Some(atc) = atc {
            assert_eq!(self.cards.cards[card].spend(), atc);
        }
        if outcome == TapOutcome::WalletActionRequired {
            self.told.push(Told::Asked);
        }
        self.end(outcome);
    }

    pub fn lose_link(&mut self, for_good: bool) -> Option<TapOutcome> {
        self.tick();
        let Tap { number, card, stage, losses, .. } = self.tap.take()?;
        if let Stage::Over(outcome) | Stage::Paid(outcome) = stage {
            return Some(outcome);
        }
        let retries_left = if for_good { 0 } else { self.config.link_loss_retry_limit.saturating_sub(losses) };
        self.told.push(Told::Interrupted { retries_left });
        if retries_left == 0 {
            self.complete(number, card, TapOutcome::Interrupted);
        } else {
            self.torn = Some(Torn { number, card, losses: losses + 1, at: self.now });
        }
        Some(TapOutcome::Interrupted)
    }

    /// A card that is deleted takes its tap with it.
    pub fn delete(&mut self, card: usize) -> bool {
        if !self.cards.delete(card) {
            return false;
        }
        self.forget_first(card);
        if self.torn.as_ref().is_some_and(|torn| torn.card == card) {
            self.give_up();
        }
        if self.tap.as_ref().is_some_and(|tap| tap.card == card && !tap.is_over()) {
            self.end(TapOutcome::DeclinedByWallet);
        }
        true
    }

    pub fn suspend(&mut self, card: usize) -> bool {
        let done = self.cards.suspend(card);
        if done {
            self.forget_first(card);
        }
        done
    }

    /// A card that does not pay any more is not waited for.
    fn forget_first(&mut self, card: usize) {
        self.first.take_if(|first| first.card == card);
    }

    fn start(&mut self, sent: &Sent) -> Answer {
        let Some(card) = self.cards.payable() else { return Answer::Refused };
        let stage = if *sent == Sent::Aid { Stage::Selected } else { Stage::NotSelected };
        let mut tap = Tap { number: 0, card, stage, last_command: self.now, losses: 0 };
        match self.torn.take_if(|torn| torn.card == card) {
            Some(Torn { number, losses, .. }) => (tap.number, tap.losses) = (number, losses),
            None => {
                if self.torn.is_some() {
                    self.give_up();
                }
                self.begun += 1;
                tap.number = self.begun;
                self.told.push(Told::Started { card });
                match self.at_start {
                    AtStart::Choose(card) => drop(self.cards.select(card)),
                    AtStart::Listen => {}
                    AtStart::Verify => self.verify(None),
                }
                tap.card = self.cards.payable().unwrap();
            }
        }
        self.tap = Some(tap);
        Answer::Data
    }

    fn ask(&mut self, question: &Question) -> Answer {
        let card = self.tap.as_ref().unwrap().card;
        if question.offline_only {
            self.end(TapOutcome::Error);
            return Answer::Refused;
        }
        let judgement = self.judge(card, question);
        if judgement.asks_host && matches!(self.word, Word::Fail | Word::Panic) {
            self.told.push(Told::Misbehaved);
        }
        let atc = judgement.is_real().then(|| self.cards.cards[card].spend());
        self.charge(card, question, &judgement);
        if judgement.outcome == TapOutcome::WalletActionRequired {
            self.told.push(Told::Asked);
            let Question { amount, foreign, .. } = *question;
            self.first = Some(First { card, amount, foreign, at: self.now });
        }
        self.end(judgement.outcome);
        Answer::Judged { card, judgement, atc }
    }

    /// Ends the tap in the field.
    fn end(&mut self, outcome: TapOutcome) {
        let tap = self.tap.as_mut().unwrap();
        let real = matches!(outcome, TapOutcome::AuthorizeOnline | TapOutcome::AuthenticateOffline);
        tap.stage = if real { Stage::Paid(outcome) } else { Stage::Over(outcome) };
        let (number, card) = (tap.number, tap.card);
        self.complete(number, card, outcome);
    }

    fn give_up(&mut self) {
        let torn = self.torn.take().unwrap();
        self.complete(torn.number, torn.card, TapOutcome::Interrupted);
    }

    fn complete(&mut self, number: u64, card: usize, outcome: TapOutcome) {
        // A choice lasts for one tap with the card; what was remembered for a second tap, until any other end.
        if outcome != TapOutcome::WalletActionRequired {
            self.cards.selected = self.cards.selected.filter(|selected| *selected != card);
            self.first = None;
        }
        self.told.push(Told::Completed { number, card, outcome });
        self.ended.push((number, card, outcome));
    }
}

impl Tap {
    fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over(_) | Stage::Paid(_))
    }
}
