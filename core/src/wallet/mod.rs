//! The facade: several cards, one tap at a time, one lock around it all.

mod config;
mod state;
mod tap;

pub use config::WalletConfig;
pub use state::CompletedTap;

use crate::apdu::Reply;
use crate::card::{Card, CardProfile, TapOutcome};
use crate::cdcvm::{Authentication, CdcvmMethod};
use crate::error::{ErrorCode, WalletError};
use crate::instrument::{InstrumentId, InstrumentStatus, Instruments, TransactionCredential};
use crate::platform::{Clock, Rng, SystemClock, SystemRng};
use crate::storage::{Ledger, MemoryLedger};
use state::{UserAuthentication, WalletState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
    state: Mutex<WalletState>,
}

/// What the wallet stands on; [`Wallet::new`] takes the operating system's.
pub struct Platform {
    /// Tells the time.
    pub clock: Box<dyn Clock>,
    /// Gives random bytes.
    pub rng: Box<dyn Rng>,
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

/// A card as an app sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct InstrumentSummary {
    /// Its name.
    pub id: InstrumentId,
    /// Where it stands in its life.
    pub status: InstrumentStatus,
    /// It pays when none is chosen.
    pub is_default: bool,
    /// It is chosen for the next tap.
    pub is_selected: bool,
    /// Unspent credentials, a reserved one included.
    pub credentials_left: usize,
}

/// The cardholder's latest verification, as an app sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct AuthenticationSummary {
    /// How.
    pub method: CdcvmMethod,
    /// How old it is, in milliseconds; unknown when the device has restarted since.
    pub age_ms: Option<u64>,
    /// How many payments it has served.
    pub payments: u32,
}

impl Wallet {
    /// A wallet on the operating system's clock and randomness that forgets everything with the process.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidConfig`].
    pub fn new(config: WalletConfig) -> Result<Self, WalletError> {
        let platform = Platform { clock: Box::new(SystemClock::default()), rng: Box::new(SystemRng::default()) };
        Self::with_platform(config, platform, Box::new(MemoryLedger::default()))
    }

    /// A wallet on a platform and a ledger of one's own.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidConfig`].
    pub fn with_platform(
        config: WalletConfig,
        platform: Platform,
        ledger: Box<dyn Ledger>,
    ) -> Result<Self, WalletError> {
        config.check()?;
        let Platform { clock, rng } = platform;
        let state = WalletState {
            config,
            clock,
            rng,
            ledger,
            instruments: Instruments::default(),
            authentication: None,
            tap: None,
            last_tap: None,
        };
        Ok(Self { state: Mutex::new(state) })
    }

    /// Adds a card, inactive; for a card that is there already the new profile serves from the next tap on.
    ///
    /// # Errors
    /// [`ErrorCode::ProfileConfigMismatch`] for a profile made for another CVM model than the configured one;
    /// [`ErrorCode::ProfileInvalid`] when what the configuration adds does not fit into it, or when the card that is
    /// there has another account number: its credentials would make wrong cryptograms.
    pub fn install_profile(&self, id: InstrumentId, profile: CardProfile) -> Result<(), WalletError> {
        let mut state = self.lock();
        if let (Some(configured), Some(made_for)) = (state.config.cvm_model, profile.cvm_model())
            && configured != made_for
        {
            let detail = format!("the profile is made for CVM model {made_for:?}, the wallet for {configured:?}");
            return Err(WalletError::new(ErrorCode::ProfileConfigMismatch, detail));
        }
        let card = Arc::new(Card::issue(profile, &state.config.card)?);
        if state.instruments.get(&id).is_some_and(|installed| !installed.card.is_same_account(&card)) {
            let detail = "the payment instrument has another account number; delete it first";
            return Err(WalletError::new(ErrorCode::ProfileInvalid, detail));
        }
        state.instruments.install(id, card);
        Ok(())
    }

    /// Takes in credentials, all or none; gives how many are left then.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`], [`ErrorCode::CredentialsStale`], [`ErrorCode::CredentialsInvalid`],
    /// [`ErrorCode::TooManyCredentials`].
    pub fn load_credentials(
        &self,
        id: &InstrumentId,
        credentials: Vec<TransactionCredential>,
    ) -> Result<usize, WalletError> {
        let mut state = self.lock();
        if state.instruments.get(id).is_none() {
            return Err(crate::instrument::NotPossible::NotFound.into());
        }
        let max = state.config.max_credentials();
        state.ledger.load(id, credentials, max)?;
        Ok(state.ledger.credentials_left(id)?)
    }

    /// Makes a card one that pays; the first one becomes the default.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`].
    pub fn activate(&self, id: &InstrumentId) -> Result<(), WalletError> {
        Ok(self.lock().instruments.activate(id)?)
    }

    /// Makes a card one that does not pay until it is activated again.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`]; [`ErrorCode::InstrumentNotActive`] for a card that was never activated.
    pub fn suspend(&self, id: &InstrumentId) -> Result<(), WalletError> {
        Ok(self.lock().instruments.suspend(id)?)
    }

    /// Removes a card and erases its credentials; a tap with it ends unpaid.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`].
    pub fn delete(&self, id: &InstrumentId) -> Result<(), WalletError> {
        let mut state = self.lock();
        state.instruments.delete(id)?;
        state.revoke_tap(id);
        Ok(state.ledger.erase(id)?)
    }

    /// Makes an active card the one that pays when none is chosen.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`], [`ErrorCode::InstrumentNotActive`].
    pub fn set_default_for_contactless(&self, id: &InstrumentId) -> Result<(), WalletError> {
        Ok(self.lock().instruments.set_default(id)?)
    }

    /// Chooses an active card for one tap; a tap that only asked for a verification does not use the choice up.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`], [`ErrorCode::InstrumentNotActive`].
    pub fn select_for_payment(&self, id: &InstrumentId) -> Result<(), WalletError> {
        Ok(self.lock().instruments.select(id)?)
    }

    /// Tells that the device has just verified the cardholder, for all cards or for one, before a tap or in the middle of
    /// it; gives for how many seconds that serves. It takes the place of any earlier verification. A mobile PIN is not
    /// supported: `mobile_pin` is there to be refused when it is not empty.
    ///
    /// # Errors
    /// [`ErrorCode::MobilePinNotSupported`], [`ErrorCode::InstrumentNotFound`].
    pub fn set_user_authenticated(
        &self,
        method: CdcvmMethod,
        instrument: Option<&InstrumentId>,
        mobile_pin: Option<&[u8]>,
    ) -> Result<u32, WalletError> {
        if mobile_pin.is_some_and(|pin| !pin.is_empty()) {
            let detail = "verification is local to the device; no mobile PIN is taken or kept";
            return Err(WalletError::new(ErrorCode::MobilePinNotSupported, detail));
        }
        let mut state = self.lock();
        if let Some(id) = instrument
            && state.instruments.get(id).is_none()
        {
            return Err(crate::instrument::NotPossible::NotFound.into());
        }
        let authentication = Authentication::new(method, state.clock.now());
        state.authentication = Some(UserAuthentication { authentication, instrument: instrument.cloned() });
        state.reserve_for_tap();
        Ok(state.config.auth_validity_s)
    }

    /// Forgets the cardholder's verification.
    pub fn clear_user_authentication(&self) {
        self.lock().authentication = None;
    }

    /// Answers one command of the reader: a whole command APDU in (CLA first, short lengths only), a whole response out
    /// ([`Reply::to_vec`]: up to 256 bytes of data, then the status word). Any bytes have an answer.
    #[must_use]
    pub fn process_command_apdu(&self, command: &[u8]) -> Reply {
        self.lock().process_command_apdu(command)
    }

    /// Tells that the reader has gone, for whichever reason. Gives the outcome of the tap, if there was one.
    pub fn on_deactivated(&self, _reason: DeactivationReason) -> Option<TapOutcome> {
        self.lock().on_deactivated()
    }

    /// How the latest tap ended.
    #[must_use]
    pub fn last_tap(&self) -> Option<CompletedTap> {
        self.lock().last_tap.clone()
    }

    /// All cards, in the order they came.
    #[must_use]
    pub fn instruments(&self) -> Vec<InstrumentSummary> {
        let state = self.lock();
        let summary = |instrument: &crate::instrument::PaymentInstrument| InstrumentSummary {
            id: instrument.id.clone(),
            status: instrument.status,
            is_default: state.instruments.is_default(&instrument.id),
            is_selected: state.instruments.is_selected(&instrument.id),
            credentials_left: state.ledger.credentials_left(&instrument.id).unwrap_or(0),
        };
        state.instruments.iter().map(summary).collect()
    }

    /// The cardholder's latest verification, fresh or not.
    #[must_use]
    pub fn authentication(&self) -> Option<AuthenticationSummary> {
        let state = self.lock();
        let Authentication { method, at, payments } = state.authentication.as_ref()?.authentication;
        Some(AuthenticationSummary { method, age_ms: state.clock.now().ms_since(at), payments })
    }

    /// A panic under the lock ends the tap it happened in, and burns the credential that tap had reserved.
    fn lock(&self) -> MutexGuard<'_, WalletState> {
        self.state.lock().unwrap_or_else(|poisoned: PoisonError<_>| {
            let mut state = poisoned.into_inner();
            state.abandon_tap();
            self.state.clear_poison();
            state
        })
    }
}
