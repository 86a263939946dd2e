use super::Wallet;
use super::host::{StatusCause, WalletEvent};
use super::state::WalletState;
use crate::card::{Card, CardProfile};
use crate::cdcvm::VelocityCounters;
use crate::error::{ErrorCode, WalletError};
use crate::instrument::{
    InstrumentId, InstrumentStatus, NotPossible, PaymentInstrument, ReplenishReason, TransactionCredential,
};
use crate::recording::Act;
use std::sync::Arc;

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
    /// What its low-value payments have come to since the last verified one.
    pub counters: VelocityCounters,
}

impl Wallet {
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
        state.install(id, card);
        Ok(())
    }

    /// Takes in credentials, all or none; gives how many are left then. A refill that was under way is over.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`], [`ErrorCode::CredentialsStale`], [`ErrorCode::CredentialsInvalid`],
    /// [`ErrorCode::TooManyCredentials`].
    pub fn load_credentials(
        &self,
        id: &InstrumentId,
        credentials: Vec<TransactionCredential>,
    ) -> Result<usize, WalletError> {
        self.lock().load(id, credentials)
    }

    /// Asks for credentials on the app's own account; gives whether a request was raised: not while one is under way,
    /// nor when the card has as many as may be stored.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`], [`ErrorCode::InstrumentNotActive`].
    pub fn replenish_credentials(&self, id: &InstrumentId) -> Result<bool, WalletError> {
        let mut state = self.lock();
        if state.find(id)?.status != InstrumentStatus::Active {
            return Err(NotPossible::NotActive.into());
        }
        Ok(state.replenish(id, ReplenishReason::Manual))
    }

    /// Tells that the refill under way has failed; the next payment may ask again.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`].
    pub fn give_up_replenishment(&self, id: &InstrumentId) -> Result<(), WalletError> {
        let mut state = self.lock();
        state.find(id)?;
        state.end_replenishment(id);
        Ok(())
    }

    /// Makes a card one that pays; the first one becomes the default.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`].
    pub fn activate(&self, id: &InstrumentId) -> Result<(), WalletError> {
        self.lock().activate(id)
    }

    /// Makes a card one that does not pay until it is activated again.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`]; [`ErrorCode::InstrumentNotActive`] for a card that was never activated.
    pub fn suspend(&self, id: &InstrumentId) -> Result<(), WalletError> {
        self.lock().suspend(id)
    }

    /// Removes a card and erases its credentials; a tap with it ends unpaid.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`].
    pub fn delete(&self, id: &InstrumentId) -> Result<(), WalletError> {
        self.lock().delete(id)
    }

    /// Makes an active card the one that pays when none is chosen.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`], [`ErrorCode::InstrumentNotActive`].
    pub fn set_default_for_contactless(&self, id: &InstrumentId) -> Result<(), WalletError> {
        self.lock().set_default(id)
    }

    /// Chooses an active card for one tap; a tap that only asked for a verification does not use the choice up. Chosen
    /// while the app is told that a tap has started, it is that tap's card.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`], [`ErrorCode::InstrumentNotActive`].
    pub fn select_for_payment(&self, id: &InstrumentId) -> Result<(), WalletError> {
        self.lock().select(id)
    }

    /// All cards, in the order they came.
    #[must_use]
    pub fn instruments(&self) -> Vec<InstrumentSummary> {
        let state = self.lock();
        let summary = |instrument: &PaymentInstrument| InstrumentSummary {
            id: instrument.id.clone(),
            status: instrument.status,
            is_default: state.instruments.is_default(&instrument.id),
            is_selected: state.instruments.is_selected(&instrument.id),
            credentials_left: state.credentials_left(&instrument.id),
            counters: state.ledger.velocity(&instrument.id).unwrap_or_default(),
        };
        state.instruments.iter().map(summary).collect()
    }
}

impl WalletState {
    pub(super) fn find(&self, id: &InstrumentId) -> Result<&PaymentInstrument, WalletError> {
        self.instruments.get(id).ok_or_else(|| NotPossible::NotFound.into())
    }

    pub(super) fn install(&mut self, id: InstrumentId, card: Arc<Card>) {
        if let Some(recorder) = &mut self.recorder {
            recorder.hide(card.pan());
        }
        self.instruments.install(id.clone(), card);
        self.record(|| Act::Install { instrument: id.to_string() });
    }

    pub(super) fn load(
        &mut self,
        id: &InstrumentId,
        credentials: Vec<TransactionCredential>,
    ) -> Result<usize, WalletError> {
        self.find(id)?;
        let max = self.config.max_credentials();
        let atcs = credentials.iter().map(|credential| credential.atc().value()).collect();
        self.ledger.load(id, credentials, max)?;
        self.end_replenishment(id);
        self.record(|| Act::Load { instrument: id.to_string(), atcs });
        Ok(self.ledger.credentials_left(id)?)
    }

    fn end_replenishment(&mut self, id: &InstrumentId) {
        self.replenishments.entry(id.clone()).or_default().end();
    }

    pub(super) fn activate(&mut self, id: &InstrumentId) -> Result<(), WalletError> {
        let old = self.find(id)?.status;
        self.instruments.activate(id)?;
        self.tell_status(id, old, InstrumentStatus::Active, StatusCause::Activated);
        if old != InstrumentStatus::Active {
            self.replenish(id, ReplenishReason::Initial);
        }
        self.record(|| Act::Activate { instrument: id.to_string() });
        Ok(())
    }

    pub(super) fn suspend(&mut self, id: &InstrumentId) -> Result<(), WalletError> {
        let old = self.find(id)?.status;
        self.instruments.suspend(id)?;
        self.first_tap.take_if(|first| first.instrument == *id);
        self.tell_status(id, old, InstrumentStatus::Suspended, StatusCause::Suspended);
        self.record(|| Act::Suspend { instrument: id.to_string() });
        Ok(())
    }

    pub(super) fn delete(&mut self, id: &InstrumentId) -> Result<(), WalletError> {
        let old = self.find(id)?.status;
        self.instruments.delete(id)?;
        self.replenishments.remove(id);
        self.first_tap.take_if(|first| first.instrument == *id);
        self.revoke_tap(id);
        self.tell_status(id, old, InstrumentStatus::Deleted, StatusCause::Deleted);
        self.record(|| Act::Delete { instrument: id.to_string() });
        Ok(self.ledger.erase(id)?)
    }

    pub(super) fn set_default(&mut self, id: &InstrumentId) -> Result<(), WalletError> {
        self.instruments.set_default(id)?;
        self.record(|| Act::SetDefault { instrument: id.to_string() });
        Ok(())
    }

    pub(super) fn select(&mut self, id: &InstrumentId) -> Result<(), WalletError> {
        self.instruments.select(id)?;
        self.record(|| Act::Select { instrument: id.to_string() });
        Ok(())
    }

    fn tell_status(&mut self, id: &InstrumentId, old: InstrumentStatus, new: InstrumentStatus, cause: StatusCause) {
        if old != new {
            let instrument = id.clone();
            self.tell(WalletEvent::PaymentInstrumentStatusChanged { instrument, old, new, cause });
        }
    }
}
