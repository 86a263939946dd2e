//! The app behind the wallet: it says what it was told to say, and keeps what it is told.

use crate::told::Told;
use bezant::Wallet;
use bezant::emv::Advice;
use bezant::wallet::{AdviceInput, Host, HostFailed, WalletEvent};
use core::time::Duration;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

/// What the app does when it has the last word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Manner {
    /// Says this, whatever is recommended.
    Advise(Advice),
    /// Follows the recommendation.
    #[default]
    Follow,
    /// Calls the wallet from inside, then follows.
    Reenter,
    /// Takes so long, then follows.
    Sleep(Duration),
    /// Fails.
    Throw,
}

#[derive(Default)]
pub(crate) struct App {
    wallet: OnceLock<Weak<Wallet>>,
    manner: Mutex<Manner>,
    told: Mutex<Vec<Told>>,
}

impl Manner {
    /// Reads `follow`, `proceed`, `decline`, `authentication_required`, `sleep:MS`, `throw` or `reenter`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "authentication_required" => Self::Advise(Advice::AuthenticationRequired),
            "decline" => Self::Advise(Advice::Decline),
            "follow" => Self::Follow,
            "proceed" => Self::Advise(Advice::Proceed),
            "reenter" => Self::Reenter,
            "throw" => Self::Throw,
            _ => Self::Sleep(Duration::from_millis(text.strip_prefix("sleep:")?.parse().ok()?)),
        })
    }
}

impl App {
    /// The wallet that it may call.
    pub(crate) fn attach(&self, wallet: &Arc<Wallet>) {
        let _ = self.wallet.set(Arc::downgrade(wallet));
    }

    pub(crate) fn behave(&self, manner: Manner) {
        *lock(&self.manner) = manner;
    }

    /// The wallet that it is attached to, while there is one.
    pub(crate) fn wallet(&self) -> Option<Arc<Wallet>> {
        self.wallet.get().and_then(Weak::upgrade)
    }

    /// Waits until it has been told everything. What a stuck app has not heard by then it hears later.
    pub(crate) fn settle(&self) {
        if let Some(wallet) = self.wallet() {
            let _ = wallet.settle_events(PATIENCE);
        }
    }

    /// Tells it what the wallet knows nothing of.
    pub(crate) fn tell(&self, told: Told) {
        lock(&self.told).push(told);
    }

    /// What it was told since it was asked last.
    pub(crate) fn take_told(&self) -> Vec<Told> {
        core::mem::take(&mut lock(&self.told))
    }

    fn reenter(&self) {
        let Some(wallet) = self.wallet() else { return };
        for card in wallet.instruments().iter().filter(|card| card.is_default) {
            let _ = wallet.select_for_payment(&card.id);
        }
        let _ = wallet.process_command_apdu(SELECT_PPSE);
    }
}

impl Host for App {
    fn final_decision(&self, _: &AdviceInput) -> Result<Option<Advice>, HostFailed> {
        let manner = *lock(&self.manner);
        match manner {
            Manner::Advise(advice) => return Ok(Some(advice)),
            Manner::Follow => {}
            Manner::Reenter => self.reenter(),
            Manner::Sleep(time) => std::thread::sleep(time),
            Manner::Throw => return Err(HostFailed),
        }
        Ok(None)
    }

    fn on_event(&self, event: &WalletEvent) {
        lock(&self.told).extend(Told::of(event));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long an answer waits for the app to be told.
const PATIENCE: Duration = Duration::from_secs(1);
const SELECT_PPSE: &[u8] = b"\x00\xA4\x04\x00\x0E2PAY.SYS.DDF01\x00";
