use super::host::WalletEvent;
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

    pub(super) fn add(&mut self, at: Moment, mut act: Act) {
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

    /// A command with its answer.
    pub(super) fn add_command(&mut self, at: Moment, command: &[u8], reply: &Reply) {
        self.add_answered(at, command, reply, Vec::new());
    }

    /// A command waits for the app; what happens until its answer happens meanwhile.
    pub(super) fn hold(&mut self, at: Moment, command: &[u8]) {
        let told = core::mem::take(&mut self.told);
        self.held.push(Held { command: command.to_vec(), at, told, meanwhile: Vec::new() });
    }

    /// A command that has waited.
    pub(super) fn add_held(&mut self, command: &[u8], reply: &Reply) {
        let place = self.held.iter().rposition(|held| held.command == command);
        if let Some(Held { at, told, meanwhile, .. }) = place.map(|place| self.held.remove(place)) {
            self.held.last_mut().map_or(&mut self.told, |held| &mut held.told).extend(told);
            self.add_answered(at, command, reply, meanwhile);
        }
    }

    /// Everything so far, in a wallet that is configured like this.
    pub(super) fn recording(&self, config: String) -> Recording {
        Recording {
            version: VERSION,
            seed: self.seed,
            complete: self.complete,
            config,
            steps: self.steps.iter().cloned().collect(),
        }
    }

    fn add_answered(&mut self, at: Moment, command: &[u8], reply: &Reply, meanwhile: Vec<RecordedStep>) {
        let decided = self.decided.take();
        let (command, answer) = (mask_command(command, &self.pans), mask_answer(&reply.to_vec(), &self.pans));
        self.add(at, Act::Command { command, answer, decided, meanwhile });
    }
}
