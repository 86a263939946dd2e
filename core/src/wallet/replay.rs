//! Plays a recording again, on a wallet of its own that stands beside the real one.

use super::ledger_desk::{Hold, LedgerDesk};
use super::recorder::Recorder;
use super::state::{AppLine, DeviceState, WalletState};
use super::sync::Mutex;
use super::tap::Step;
use super::{DeactivationReason, Wallet};
use crate::apdu::Reply;
use crate::card::Card;
use crate::cdcvm::{CdcvmMethod, HostAnswer};
use crate::crypto::Secret;
use crate::emv::{Advice, Atc};
use crate::instrument::{InstrumentId, TransactionCredential};
use crate::platform::{Clock, Moment, Rng, SystemRng};
use crate::recording::{Act, Decided, Difference, HostWord, RecordedStep, Recording, Replay, compare};
use crate::storage::MemoryLedger;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

impl Wallet {
    /// Plays a recording again and tells what comes out otherwise.
    ///
    /// The cards are this wallet's, under the names of the recording, and so is the configuration; nothing of this wallet
    /// changes. Only a wallet whose own random bytes follow from the recording's seed, never a phone's, makes the
    /// cryptograms again too, once all else has come out the same: then the credentials are spent here, for none answers
    /// twice, and what they answer is compared but not shown. Elsewhere all but the cryptograms is compared. `rng` gives
    /// the random bytes that follow from a seed.
    pub fn replay(&self, recording: &Recording, rng: impl Fn(u64) -> Box<dyn Rng>) -> Replay {
        if !recording.complete {
            let difference = Difference::new(0, "recording", "from later on", "from the set-up on");
            return Replay { differences: vec![difference], not_recomputed: 0 };
        }
        let here = self.lock().described_config();
        if here != recording.config {
            let difference = Difference::new(0, "configuration", &recording.config, &here);
            return Replay { differences: vec![difference], not_recomputed: 0 };
        }
        let rehearsal = Stage::new(&mut self.lock(), recording, &rng, false).play_all(recording);
        let is_repeatable = recording.seed.is_some() && recording.seed == self.lock().rng.seed();
        if is_repeatable && rehearsal.is_same() {
            return Stage::new(&mut self.lock(), recording, &rng, true).play_all(recording);
        }
        rehearsal
    }
}

/// The wallet that plays, with all that it stands on.
struct Stage {
    state: WalletState,
    clock: StageClock,
    cards: BTreeMap<String, Arc<Card>>,
    /// Credentials that answer for real, by card and counter.
    real: BTreeSet<(String, u16)>,
    credentials: BTreeMap<(String, u16), TransactionCredential>,
    /// Whether cryptograms are to be the same, where their keys are at hand.
    is_exact: bool,
}

#[derive(Clone)]
struct StageClock(Arc<Mutex<Moment>>);

impl Stage {
    fn new(live: &mut WalletState, recording: &Recording, rng: impl Fn(u64) -> Box<dyn Rng>, is_exact: bool) -> Self {
        let mut config = live.config.clone();
        config.recorded_steps = 1;
        let clock = StageClock(Arc::new(Mutex::new(Moment { unix_ms: 0, boot_ms: 0 })));
        let rng = recording.seed.map_or_else(|| -> Box<dyn Rng> { Box::new(SystemRng::default()) }, rng);
        let ledger = LedgerDesk::here(Box::new(MemoryLedger::default()));
        let mut state = WalletState::new(config, Box::new(clock.clone()), rng, ledger);
        state.app = AppLine::Recorded;
        let installed = live.instruments.iter();
        let cards = installed.map(|instrument| (instrument.id.to_string(), instrument.card.clone())).collect();
        let credentials = if is_exact { live.take_credentials(recording) } else { BTreeMap::new() };
        let real = credentials.keys().cloned().collect();
        Self { state, clock, cards, real, credentials, is_exact }
    }

    fn play_all(mut self, recording: &Recording) -> Replay {
        let mut replay = Replay::default();
        for (number, step) in (1..).zip(&recording.steps) {
            if let Err(impossible) = self.play(step) {
                replay.differences.push(Difference::new(number, "step", "done", &impossible));
                break;
            }
            let Some(played) = self.state.recorder.as_mut().and_then(Recorder::take_last_step) else { continue };
            let (differences, opened) = compare(number, step, &played, !self.makes_exactly(step));
            replay.differences.extend(differences);
            replay.not_recomputed += usize::from(opened);
        }
        replay
    }

    fn play(&mut self, step: &RecordedStep) -> Result<(), String> {
        self.clock.set(Moment { unix_ms: step.unix_ms, boot_ms: step.boot_ms });
        let now = self.state.clock.now();
        self.state.tick(now);
        let state = &mut self.state;
        let done = match &step.act {
            Act::Activate { instrument } => state.activate(&id(instrument)?),
            Act::Authenticate { method, instrument } => {
                let method = CdcvmMethod::from_code(method).ok_or("no such method")?;
                let instrument = instrument.as_deref().map(id).transpose()?;
                state.authenticate(method, instrument.as_ref()).map(drop)
            }
            Act::ClearAuthentication => {
                state.forget_authentication();
                Ok(())
            }
            Act::Command { command, decided, meanwhile, .. } => {
                return self.send(command, decided.as_ref(), meanwhile);
            }
            Act::Deactivate { link_lost, .. } => {
                let reason = if *link_lost { DeactivationReason::LinkLoss } else { DeactivationReason::Deselected };
                state.deactivate(reason);
                Ok(())
            }
            Act::Delete { instrument } => state.delete(&id(instrument)?),
            Act::Device { locked, screen_on } => {
                state.set_device(DeviceState { locked: *locked, screen_on: *screen_on });
                Ok(())
            }
            Act::Install { instrument } => {
                let card = self.cards.get(instrument).ok_or("this wallet has no such card")?;
                state.install(id(instrument)?, card.clone(), None)
            }
            Act::Load { instrument, atcs } => {
                let credentials = atcs.iter().map(|atc| self.credentials.remove(&(instrument.clone(), *atc)));
                let credentials = credentials.zip(atcs).map(|(real, atc)| real.or_else(|| stand_in(*atc)));
                let credentials: Option<Vec<_>> = credentials.collect();
                state.load(&id(instrument)?, credentials.unwrap_or_default()).map(drop)
            }
            Act::Select { instrument } => state.select(&id(instrument)?),
            Act::SetDefault { instrument } => state.set_default(&id(instrument)?),
            Act::Suspend { instrument } => state.suspend(&id(instrument)?),
        };
        done.map_err(|error| error.to_string())
    }

    /// Sends a command; what the app did meanwhile is done meanwhile.
    fn send(&mut self, command: &str, decided: Option<&Decided>, meanwhile: &[RecordedStep]) -> Result<(), String> {
        let command = base16ct::mixed::decode_vec(command).map_err(|_| "the command is not bytes, or masked")?;
        let mut reply = Reply::new();
        let step = self.state.receive(&command, &mut reply);
        if !matches!(step, Step::Done) {
            meanwhile.iter().try_for_each(|step| self.play(step))?;
        }
        match step {
            Step::Ask(tap) => {
                let word = decided.map_or(HostAnswer::NotAsked, |decided| decided.host.into());
                self.state.answer(tap, word, &command, &mut reply);
            }
            Step::Tell(tap, _) => self.state.go_on(tap, &command, &mut reply),
            Step::Done => {}
        }
        Ok(())
    }

    /// Whether the answer in this step is made under the very keys that made it first.
    fn makes_exactly(&self, step: &RecordedStep) -> bool {
        let Act::Command { decided: Some(decided), .. } = &step.act else { return self.is_exact };
        self.is_exact && decided.spent.is_none_or(|atc| self.real.contains(&(decided.instrument.clone(), atc)))
    }
}

impl WalletState {
    /// Spends those credentials that the recording spent and this wallet has next.
    fn take_credentials(&mut self, recording: &Recording) -> BTreeMap<(String, u16), TransactionCredential> {
        let mut taken = BTreeMap::new();
        let mut passed = BTreeSet::new();
        for step in &recording.steps {
            let Act::Command { decided: Some(Decided { instrument, spent: Some(atc), .. }), .. } = &step.act else {
                continue;
            };
            let Some(id) = InstrumentId::new(instrument).filter(|id| !passed.contains(id)) else { continue };
            match self.ledger.reserve_now(&id) {
                Ok(next) if next.atc() == Atc::new(*atc) => {
                    let (_, credential) = next.into_parts();
                    // One that the book cannot burn stays reserved there, and answers nowhere.
                    if self.ledger.burn_reserved(&id).is_ok() {
                        taken.insert((instrument.clone(), *atc), credential);
                    }
                }
                Ok(another) => {
                    self.ledger.give_back(Hold::Ready(another));
                    passed.insert(id);
                }
                Err(_) => {
                    passed.insert(id);
                }
            }
        }
        taken
    }
}

impl StageClock {
    fn set(&self, now: Moment) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

impl Clock for StageClock {
    fn now(&self) -> Moment {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<HostWord> for HostAnswer {
    fn from(word: HostWord) -> Self {
        match word {
            HostWord::AuthenticationRequired => Self::Advice(Advice::AuthenticationRequired),
            HostWord::Decline => Self::Advice(Advice::Decline),
            HostWord::Failed => Self::Failed,
            HostWord::Follows => Self::Follows,
            HostWord::Late => Self::Late,
            HostWord::NotAsked => Self::NotAsked,
            HostWord::Proceed => Self::Advice(Advice::Proceed),
        }
    }
}

fn id(name: &str) -> Result<InstrumentId, String> {
    InstrumentId::new(name).ok_or_else(|| "no name for a payment instrument".into())
}

/// A credential with the right counter and the wrong keys.
fn stand_in(atc: u16) -> Option<TransactionCredential> {
    let key = || Secret::new(|bytes: &mut [u8; 16]| bytes.fill(0));
    TransactionCredential::new(Atc::new(atc), &[0; 8], key(), key())
}
