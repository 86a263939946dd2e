//! How a command comes to its answer: at once, or after a wait.

use super::Wallet;
use super::ledger_desk::RESERVATION_BUDGET;
use super::tap::Step;
use crate::apdu::Reply;
use crate::cdcvm::HostAnswer;

/// How far a command has come.
pub enum Progress {
    /// This is the answer.
    Answered(Reply),
    /// Something has to be waited for.
    Waiting(Unanswered),
}

/// A command whose answer has to wait: for the wallet's lock, a credential that is being reserved, or the app.
///
/// Finish it even when nobody wants the answer any more, or the tap stays open until the reader is gone.
#[must_use = "the tap waits for it to be finished"]
pub struct Unanswered {
    pub(super) stage: Stage,
    pub(super) command: Vec<u8>,
    pub(super) reply: Reply,
}

/// What is left to be done for a command.
pub(super) enum Stage {
    /// Nothing.
    Done,
    /// To go on, with the lock open, with what it needs the app for.
    Step(Step),
    /// Everything: the wallet is busy, or a credential is still being reserved.
    Untouched,
}

impl Wallet {
    /// Goes as far as can be gone without waiting.
    pub(super) fn begin(&self, command: &[u8], reply: &mut Reply) -> Stage {
        let Some(mut state) = self.shared.try_lock() else { return Stage::Untouched };
        if state.awaited_credential(command).is_some() {
            return Stage::Untouched;
        }
        let step = state.receive(command, reply);
        drop(state);
        match step {
            Step::Ask(_) | Step::Tell(..) if self.shared.host.is_some() => Stage::Step(step),
            _ => Stage::Done,
        }
    }

    /// Goes on to the answer.
    pub(super) fn finish(&self, stage: Stage, command: &[u8], reply: &mut Reply) {
        let step = match stage {
            Stage::Done => return,
            Stage::Step(step) => step,
            Stage::Untouched => {
                let awaited = self.lock().awaited_credential(command);
                if let Some(credential) = awaited {
                    credential.wait_for(RESERVATION_BUDGET);
                }
                self.lock().receive(command, reply)
            }
        };
        match (step, &self.shared.host) {
            (Step::Ask(question), Some(host)) => {
                let input = self.lock().advice_input(question);
                // A question that is no more stands no more: it is answered as such.
                let word = input.map_or(HostAnswer::NotAsked, |input| host.decide(input));
                self.lock().answer(question, word, command, reply);
            }
            (Step::Tell(tap, told), Some(host)) => {
                told.into_iter().for_each(|call| host.wait_until_told(call));
                self.lock().go_on(tap, command, reply);
            }
            _ => {}
        }
    }
}
