//! What the wallet has recorded of itself.

use super::Wallet;
use super::state::WalletState;
use crate::apdu::Reply;
use crate::recording::{Act, Recording};

impl Wallet {
    /// What has happened since the set-up, where the configuration wants it recorded. It holds no account number, no
    /// track, no key and no transaction identifier.
    #[must_use]
    pub fn export_recording(&self) -> Recording {
        let state = self.lock();
        let config = state.described_config();
        match &state.recorder {
            Some(recorder) => recorder.recording(config),
            None => Recording::nothing(config),
        }
    }
}

impl WalletState {
    pub(super) fn record(&mut self, act: impl FnOnce() -> Act) {
        let at = self.clock.now();
        if let Some(recorder) = &mut self.recorder {
            recorder.add(at, act());
        }
    }

    pub(super) fn record_command(&mut self, command: &[u8], reply: &Reply) {
        let at = self.clock.now();
        if let Some(recorder) = &mut self.recorder {
            recorder.add_command(at, command, reply);
        }
    }

    pub(super) fn hold_recording(&mut self, command: &[u8]) {
        let at = self.clock.now();
        if let Some(recorder) = &mut self.recorder {
            recorder.hold(at, command);
        }
    }

    pub(super) fn record_held_command(&mut self, command: &[u8], reply: &Reply) {
        if let Some(recorder) = &mut self.recorder {
            recorder.add_held(command, reply);
        }
    }

    /// The configuration, as people compare it.
    pub(super) fn described_config(&self) -> String {
        format!("{:?}", self.config)
    }
}
