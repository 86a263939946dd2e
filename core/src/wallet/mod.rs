//! The facade: several cards, one tap at a time, one lock around it all, and the app on a thread of its own.

mod bookkeeper;
mod cardholder;
mod cards;
mod config;
mod decide;
mod history;
mod host;
mod host_desk;
mod ledger_desk;
mod link;
mod promise;
mod record;
mod recorder;
mod replay;
mod respond;
mod security;
mod state;
#[cfg(feature = "store")]
mod stored;
mod sync;
mod tap;
mod timeline;
mod what_if;

pub use cardholder::AuthenticationSummary;
pub use cards::InstrumentSummary;
pub use config::WalletConfig;
pub use history::CompletedTap;
pub use host::{AdviceInput, Host, HostCall, HostFailed, Misbehaviour, StatusCause, WalletEvent};
pub use respond::{Progress, Unanswered};
pub use state::DeviceState;
pub use timeline::{Mark, Timeline, TimingPoint};
pub use what_if::{WhatIf, WhatIfEnd};

use crate::apdu::Reply;
use crate::card::{Rehearsal, TapOutcome};
use crate::error::WalletError;
use crate::instrument::InstrumentId;
use crate::platform::{Clock, Rng, SystemClock, SystemRng};
use crate::storage::{Ledger, MemoryLedger};
use core::time::Duration;
use host_desk::HostDesk;
use ledger_desk::LedgerDesk;
use respond::Stage;
use state::{AppLine, WalletState};
use std::sync::{Arc, PoisonError, TryLockError, Weak};
use sync::{Mutex, MutexGuard};

/// A phone full of payment cards.
///
/// All calls may come from any thread. A tap is a sequence of [`Wallet::process_command_apdu`], one for each command of
/// the reader, and one [`Wallet::on_deactivated`].
///
/// ```
/// use bezant::cdcvm::CdcvmMethod;
/// use bezant::{Wallet, WalletConfig};
/// let wallet = Wallet::new(WalletConfig::default())?;
/// // No card yet: the reader finds no payment system environment.
/// let select_ppse = b"\x00\xA4\x04\x00\x0E2PAY.SYS.DDF01\x00";
/// assert_eq!(wallet.process_command_apdu(select_ppse).to_vec(), [0x6A, 0x82]);
/// assert_eq!(wallet.set_user_authenticated(CdcvmMethod::Fingerprint, None, None)?, 45);
/// # Ok::<(), bezant::WalletError>(())
/// ```
pub struct Wallet {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<WalletState>,
    host: Option<Arc<HostDesk>>,
}

/// What the wallet stands on; [`Platform::system`] is the operating system's, without an app.
pub struct Platform {
    /// Tells the time.
    pub clock: Box<dyn Clock>,
    /// Gives random bytes.
    pub rng: Box<dyn Rng>,
    /// Has the last word, and is told what happens; without one the wallet decides alone.
    pub host: Option<Arc<dyn Host>>,
}

/// Why the reader's link ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum DeactivationReason {
    /// Another application was selected.
    Deselected,
    /// The field is gone.
    LinkLoss,
}

impl Platform {
    /// The operating system's clock and randomness, and no app.
    #[must_use]
    pub fn system() -> Self {
        Self { clock: Box::new(SystemClock::default()), rng: Box::new(SystemRng::default()), host: None }
    }
}

impl Wallet {
    /// A wallet on the operating system's clock and randomness that forgets everything with the process.
    ///
    /// # Errors
    /// [`crate::ErrorCode::InvalidConfig`].
    pub fn new(config: WalletConfig) -> Result<Self, WalletError> {
        Self::with_platform(config, Platform::system(), Box::new(MemoryLedger::default()))
    }

    /// A wallet on a platform and a ledger of one's own.
    ///
    /// # Errors
    /// [`crate::ErrorCode::InvalidConfig`].
    pub fn with_platform(
        config: WalletConfig,
        platform: Platform,
        ledger: Box<dyn Ledger>,
    ) -> Result<Self, WalletError> {
        config.check()?;
        Ok(Self::on_ledger(config, platform, LedgerDesk::here(ledger)))
    }

    /// Like [`Wallet::with_platform`], for a ledger that may have to wait, for a disk say: it gets a thread of its own, and
    /// credentials are reserved on it while the terminal still talks.
    ///
    /// # Errors
    /// [`crate::ErrorCode::InvalidConfig`].
    pub fn with_waiting_ledger(
        config: WalletConfig,
        platform: Platform,
        ledger: Box<dyn Ledger>,
    ) -> Result<Self, WalletError> {
        config.check()?;
        Ok(Self::on_ledger(config, platform, LedgerDesk::on_thread(ledger)))
    }

    fn on_ledger(config: WalletConfig, platform: Platform, ledger: LedgerDesk) -> Self {
        let Platform { clock, rng, host } = platform;
        let shared = Arc::new_cyclic(|shared: &Weak<Shared>| {
            let shared = shared.clone();
            let wake = move || shared.upgrade()?.wake();
            let budget = config.host_budget();
            let host = host.map(|host| Arc::new(HostDesk::new(host, budget, Box::new(wake))));
            let mut state = WalletState::new(config, clock, rng, ledger);
            state.app = host.clone().map_or(AppLine::None, AppLine::Desk);
            Shared { state: Mutex::new(state), host }
        });
        Self { shared }
    }

    /// Answers one command of the reader: a whole command APDU in (CLA first, short lengths only), a whole response out
    /// ([`Reply::to_vec`]: up to 256 bytes of data, then the status word). Any bytes have an answer.
    ///
    /// It may wait for the app, within its budget, twice in a tap: when the tap begins, and for the last word. A command
    /// that comes meanwhile is answered 6985.
    #[must_use]
    pub fn process_command_apdu(&self, command: &[u8]) -> Reply {
        let mut reply = Reply::new();
        let stage = self.begin(command, &mut reply);
        self.finish(stage, command, &mut reply);
        reply
    }

    /// Begins to answer one command of the reader, and comes to an end at once: where nothing has to be waited for, with the
    /// answer; else with what [`Wallet::finish_command_apdu`] finishes, on a thread that may wait.
    ///
    /// ```
    /// use bezant::wallet::Progress;
    /// use bezant::{Wallet, WalletConfig};
    /// let wallet = Wallet::new(WalletConfig::default())?;
    /// let reply = match wallet.begin_command_apdu(b"\x00\xA4\x04\x00\x0E2PAY.SYS.DDF01\x00") {
    ///     Progress::Answered(reply) => reply,
    ///     Progress::Waiting(unanswered) => wallet.finish_command_apdu(unanswered),
    /// };
    /// assert_eq!(reply.to_vec(), [0x6A, 0x82]);
    /// # Ok::<(), bezant::WalletError>(())
    /// ```
    pub fn begin_command_apdu(&self, command: &[u8]) -> Progress {
        let mut reply = Reply::new();
        match self.begin(command, &mut reply) {
            Stage::Done => Progress::Answered(reply),
            stage => Progress::Waiting(Unanswered { stage, command: command.into(), reply }),
        }
    }

    /// Waits for what an answer needs, and gives it.
    #[must_use]
    pub fn finish_command_apdu(&self, unanswered: Unanswered) -> Reply {
        let Unanswered { stage, command, mut reply } = unanswered;
        self.finish(stage, &command, &mut reply);
        reply
    }

    /// Tells that the reader has gone. Gives the outcome of the tap, if there was one.
    pub fn on_deactivated(&self, reason: DeactivationReason) -> Option<TapOutcome> {
        self.lock().deactivate(reason)
    }

    /// Like [`Wallet::on_deactivated`], for a thread that must not wait: gives whether it was told, which it is not while the
    /// wallet is busy.
    pub fn try_on_deactivated(&self, reason: DeactivationReason) -> bool {
        self.shared.try_lock().map(|mut state| state.deactivate(reason)).is_some()
    }

    /// How the latest tap ended.
    #[must_use]
    pub fn last_tap(&self) -> Option<Arc<CompletedTap>> {
        let mut state = self.opened();
        state.recall_taps();
        state.history.latest().cloned()
    }

    /// The latest taps, newest first, of one card or of all.
    #[must_use]
    pub fn history(&self, instrument: Option<&InstrumentId>) -> Vec<Arc<CompletedTap>> {
        let mut state = self.opened();
        state.recall_taps();
        let wanted = |tap: &&Arc<CompletedTap>| instrument.is_none_or(|only| tap.instrument == *only);
        state.history.taps().filter(wanted).cloned().collect()
    }

    /// What would happen if this terminal asked now, without the app's word and without any effect.
    ///
    /// ```
    /// use bezant::card::Rehearsal;
    /// use bezant::{ErrorCode, Wallet, WalletConfig};
    /// let wallet = Wallet::new(WalletConfig::default())?;
    /// let error = wallet.what_if(&Rehearsal::default()).err();
    /// assert_eq!(error.map(|error| error.code), Some(ErrorCode::NoDefaultInstrument));
    /// # Ok::<(), bezant::WalletError>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::ErrorCode::NoDefaultInstrument`] without an active card.
    pub fn what_if(&self, terminal: &Rehearsal) -> Result<WhatIf, WalletError> {
        self.usable()?.what_if(terminal)
    }

    /// Waits until the app has been told everything, or for so long; gives whether it has. From inside an event it does
    /// not wait.
    #[must_use]
    pub fn settle_events(&self, limit: Duration) -> bool {
        self.shared.host.as_ref().is_none_or(|host| host.settle(limit))
    }

    /// What a reader needs, which does not wait for the store.
    fn lock(&self) -> MutexGuard<'_, WalletState> {
        self.shared.lock()
    }

    /// All there is, once the store is open.
    fn opened(&self) -> MutexGuard<'_, WalletState> {
        #[cfg(feature = "store")]
        loop {
            let state = self.shared.lock();
            let Some(opening) = state.opening.as_ref().map(|opening| opening.awaited.clone()) else { return state };
            drop(state);
            opening.wait_over();
        }
        #[cfg(not(feature = "store"))]
        self.shared.lock()
    }
}

/// A tap that is still open has been interrupted; what it had reserved goes back.
impl Drop for Wallet {
    fn drop(&mut self) {
        let mut state = self.lock();
        if let Some(mut tap) = state.tap.take().filter(|tap| !tap.is_over()) {
            state.release(&mut tap);
        }
        state.end_open_tap(TapOutcome::Interrupted);
        state.ledger.close();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, WalletState> {
        self.looked_after(self.state.lock().unwrap_or_else(|poisoned| self.recovered(poisoned)))
    }

    /// The same, unless somebody has it now.
    fn try_lock(&self) -> Option<MutexGuard<'_, WalletState>> {
        match self.state.try_lock() {
            Ok(state) => Some(self.looked_after(state)),
            Err(TryLockError::Poisoned(poisoned)) => Some(self.looked_after(self.recovered(poisoned))),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// A panic under the lock ends the tap it happened in, and burns the credential that tap had reserved.
    fn recovered<'a>(&self, poisoned: PoisonError<MutexGuard<'a, WalletState>>) -> MutexGuard<'a, WalletState> {
        let mut state = poisoned.into_inner();
        state.abandon_tap();
        #[cfg(not(bezant_model))]
        self.state.clear_poison();
        state
    }

    fn looked_after<'a>(&self, mut state: MutexGuard<'a, WalletState>) -> MutexGuard<'a, WalletState> {
        #[cfg(feature = "store")]
        state.look_for_store();
        let now = state.clock.now();
        state.tick(now);
        state
    }

    /// Looks whether a tap that may come back has waited long enough.
    fn wake(&self) -> Option<Duration> {
        let state = self.lock();
        state.alarm(state.clock.now())
    }
}
