//! The app in front of the wallet: it has the last word on a payment, and keeps what it is told.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bezant::emv::Advice;
use bezant::wallet::{AdviceInput, Host, HostFailed, WalletEvent};

/// What the app does when it has the last word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Manner {
    /// What the wallet recommends.
    #[default]
    Follows,
    /// Says this, whatever is recommended.
    Says(Advice),
    /// Thinks for so long before it follows.
    Dawdles(Duration),
    /// Cannot decide.
    Fails,
}

/// An app that behaves as it is told to.
#[derive(Default)]
pub(crate) struct App {
    manner: Mutex<Manner>,
    told: Mutex<Vec<WalletEvent>>,
}

impl App {
    /// How it decides from now on.
    pub(crate) fn behave(&self, manner: Manner) {
        *lock(&self.manner) = manner;
    }

    /// What it was told since it was asked last.
    pub(crate) fn take_told(&self) -> Vec<WalletEvent> {
        std::mem::take(&mut lock(&self.told))
    }
}

impl Host for App {
    fn final_decision(&self, _: &AdviceInput) -> Result<Option<Advice>, HostFailed> {
        let manner = *lock(&self.manner);
        match manner {
            Manner::Follows => {}
            Manner::Says(advice) => return Ok(Some(advice)),
            Manner::Dawdles(time) => std::thread::sleep(time),
            Manner::Fails => return Err(HostFailed),
        }
        Ok(None)
    }

    fn on_event(&self, event: &WalletEvent) {
        lock(&self.told).push(event.clone());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
