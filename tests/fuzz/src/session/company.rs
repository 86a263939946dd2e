use crate::phone::Phone;
use bezant::Wallet;
use bezant::cdcvm::CdcvmMethod;
use bezant::emv::Advice;
use bezant::instrument::InstrumentId;
use bezant::wallet::{AdviceInput, Host, HostFailed, WalletEvent};
use bezant_tests::stories::{AtStart, Told, Word};
use std::panic::resume_unwind;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

/// An app that does what the session wants.
#[derive(Default)]
pub struct Company {
    wallet: OnceLock<(Weak<Wallet>, Vec<InstrumentId>)>,
    notes: Mutex<Notes>,
}

/// What it is to do, and what it has heard.
pub struct Notes {
    pub word: Word,
    pub at_start: AtStart,
    pub told: Vec<Told>,
    pub asked: Vec<AdviceInput>,
}

impl Company {
    pub fn attach(&self, phone: &Phone) {
        let wallet = std::sync::Arc::downgrade(&phone.wallet);
        assert!(self.wallet.set((wallet, phone.cards.clone())).is_ok());
    }

    pub fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn put_back(&self, wallet: &Wallet) {
        assert!(wallet.settle_events(PATIENCE));
        *self.notes() = Notes::default();
    }

    /// Everything that it has been told since it was asked last.
    pub fn take_told(&self, wallet: &Wallet) -> Vec<Told> {
        assert!(wallet.settle_events(PATIENCE), "the app is not told");
        std::mem::take(&mut self.notes().told)
    }
}

impl Default for Notes {
    fn default() -> Self {
        Self { word: Word::Follow, at_start: AtStart::Listen, told: Vec::new(), asked: Vec::new() }
    }
}

impl Host for Company {
    fn final_decision(&self, input: &AdviceInput) -> Result<Option<Advice>, HostFailed> {
        let word = {
            let mut notes = self.notes();
            notes.asked.push(input.clone());
            notes.word
        };
        match word {
            Word::AuthenticationRequired => Ok(Some(Advice::AuthenticationRequired)),
            Word::Decline => Ok(Some(Advice::Decline)),
            Word::Fail => Err(HostFailed),
            Word::Follow => Ok(None),
            // A fuzzer ends at every panic, also at one that is caught.
            Word::Panic => resume_unwind(Box::new("the app panics")),
            Word::Proceed => Ok(Some(Advice::Proceed)),
        }
    }

    fn on_event(&self, event: &WalletEvent) {
        let at_start = {
            let mut notes = self.notes();
            notes.told.extend(Told::of(event));
            notes.at_start
        };
        if !matches!(event, WalletEvent::ContactlessPaymentStarted { .. }) {
            return;
        }
        let Some((wallet, cards)) = self.wallet.get() else { return };
        let Some(wallet) = wallet.upgrade() else { return };
        match at_start {
            AtStart::Choose(card) => drop(wallet.select_for_payment(&cards[card])),
            AtStart::Listen => {}
            AtStart::Verify => drop(wallet.set_user_authenticated(CdcvmMethod::Fingerprint, None, None)),
        }
    }
}

const PATIENCE: Duration = Duration::from_secs(10);
