use super::Wallet;
use super::host::WalletEvent;
use super::state::WalletState;
use crate::apdu::Reply;
use crate::cdcvm::{Decision, HostAnswer};
use crate::emv::{Advice, Atc, Pan};
use crate::instrument::InstrumentId;
use crate::platform::Moment;
use crate::recording::{
    Act, Decided, HostWord, RecordedStep, Recording, VERSION, mask_answer, mask_command, mask_name,
};
use std::collections::VecDeque;

/// Keeps what happens, masked as it comes.
pub(super) struct Recorder {
    seed: Option<u64>,
    steps: VecDeque<RecordedStep>,
    limit: usize,
    complete: bool,
    told: Vec<String>,
    decided: Option<Decided>,
    /// Commands that wait for the app, the latest last, and what has happened since.
    held: Vec<Held>,
    /// Account numbers of all cards there have been.
    pans: Vec<Pan>,
}

struct Held {
    command: Vec<u8>,
    at: Moment,
    told: Vec<String>,
    meanwhile: Vec<RecordedStep>,
}

impl Wallet {
    /// What has happened since the set-up, where the configuration wants it recorded. It holds no account number, no
    /// track, no key and no transaction identifier.
    #[must_use]
    pub fn export_recording(&self) -> Recording {
        let state = self.lock();
        let recorder = state.recorder.as_ref();
        Recording {
            version: VERSION,
            seed: recorder.and_then(|recorder| recorder.seed),
            complete: recorder.is_some_and(|recorder| recorder.complete),
            config: state.described_config(),
            steps: recorder.into_iter().flat_map(|recorder| &recorder.steps).cloned().collect(),
        }
    }
}

impl Recorder {
    /// A recorder, unless nothing is to be kept.
    pub(super) fn new(limit: u32, seed: Option<u64>) -> Option<Self> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        (limit > 0).then(|| Self {
            seed,
            steps: VecDeque::new(),
            limit,
            complete: true,
            told: Vec::new(),
            decided: None,
            held: Vec::new(),
            pans: Vec::new(),
        })
    }

    pub(super) fn note_told(&mut self, event: &WalletEvent) {
        let detail = match event {
            WalletEvent::ContactlessPaymentCompleted(tap) => format!(" {:?}", tap.outcome),
            WalletEvent::ContactlessPaymentInterrupted { retries_left, .. } => format!(" {retries_left}"),
            WalletEvent::NextTapReady { credentials_left, .. }
            | WalletEvent::CredentialsLow { credentials_left, .. } => {
                format!(" {credentials_left}")
            }
            _ => String::new(),
        };
        let told = self.held.last_mut().map_or(&mut self.told, |held| &mut held.told);
        told.push(format!("{}{detail}", event.name()));
    }

    pub(super) fn note_decision(&mut self, instrument: &InstrumentId, decision: &Decision, spent: Option<Atc>) {
        self.decided = Some(Decided {
            instrument: instrument.to_string(),
            advice: format!("{:?}", decision.advice()),
            reasons: decision.reasons().iter().map(|reason| reason.code().to_owned()).collect(),
            rule: decision.rule().to_owned(),
            host: match decision.host {
                HostAnswer::Advice(Advice::AuthenticationRequired) => HostWord::AuthenticationRequired,
                HostAnswer::Advice(Advice::Decline) => HostWord::Decline,
                HostAnswer::Advice(Advice::Proceed) => HostWord::Proceed,
                HostAnswer::Failed => HostWord::Failed,
                HostAnswer::Follows => HostWord::Follows,
                HostAnswer::Late => HostWord::Late,
                HostAnswer::NotAsked => HostWord::NotAsked,
            },
            spent: spent.map(Atc::value),
        });
    }

    /// From now on this account number is masked.
    pub(super) fn hide(&mut self, pan: &Pan) {
        if !self.pans.contains(pan) {
            self.pans.push(pan.clone());
        }
    }

    /// Something has happened that no step tells.
    pub(super) fn lose_track(&mut self) {
        self.held.clear();
        self.complete = false;
    }

    pub(super) fn take_last_step(&mut self) -> Option<RecordedStep> {
        self.steps.pop_back()
    }

    fn add(&mut self, at: Moment, mut act: Act) {
        if let Some(name) = act.name_mut() {
            mask_name(name, &self.pans);
        }
        let told = self.held.last_mut().map_or(&mut self.told, |held| &mut held.told);
        let told = core::mem::take(told);
        let step = RecordedStep { unix_ms: at.unix_ms, boot_ms: at.boot_ms, act, told };
        if let Some(held) = self.held.last_mut() {
            return held.meanwhile.push(step);
        }
        if self.steps.len() == self.limit {
            self.steps.pop_front();
            self.complete = false;
        }
        self.steps.push_back(step);
    }

    fn add_command(&mut self, at: Moment, command: &[u8], reply: &Reply, meanwhile: Vec<RecordedStep>) {
        let decided = self.decided.take();
        let (command, answer) = (mask_command(command, &self.pans), mask_answer(&reply.to_vec(), &self.pans));
        self.add(at, Act::Command { command, answer, decided, meanwhile });
    }
}

impl WalletState {
    pub(super) fn record(&mut self, act: impl FnOnce() -> Act) {
        let at = self.clock.now();
        if let Some(recorder) = &mut self.recorder {
            recorder.add(at, act());
        }
    }

    /// Records a command with its answer.
    pub(super) fn record_command(&mut self, command: &[u8], reply: &Reply) {
        let at = self.clock.now();
        if let Some(recorder) = &mut self.recorder {
            recorder.add_command(at, command, reply, Vec::new());
        }
    }

    /// A command waits for the app; what happens until its answer happens meanwhile.
    pub(super) fn hold_recording(&mut self, command: &[u8]) {
        let at = self.clock.now();
        if let Some(recorder) = &mut self.recorder {
            let told = core::mem::take(&mut recorder.told);
            recorder.held.push(Held { command: command.to_vec(), at, told, meanwhile: Vec::new() });
        }
    }

    /// Records a command that has waited.
    pub(super) fn record_held_command(&mut self, command: &[u8], reply: &Reply) {
        let Some(recorder) = &mut self.recorder else { return };
        let place = recorder.held.iter().rposition(|held| held.command == command);
        if let Some(Held { at, told, meanwhile, .. }) = place.map(|place| recorder.held.remove(place)) {
            let outer = recorder.held.last_mut().map_or(&mut recorder.told, |held| &mut held.told);
            outer.extend(told);
            recorder.add_command(at, command, reply, meanwhile);
        }
    }

    /// The configuration, as people compare it.
    pub(super) fn described_config(&self) -> String {
        format!("{:?}", self.config)
    }
}
