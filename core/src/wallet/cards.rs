use super::Wallet;
use super::host::{StatusCause, WalletEvent};
use super::state::WalletState;
use crate::card::{Card, CardProfile};
use crate::cdcvm::VelocityCounters;
use crate::error::{ErrorCode, WalletError};
use crate::instrument::{
    InstrumentId, InstrumentStatus, NotPossible, PaymentInstrument, ReplenishReason, TransactionCredential,
};
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
        state.instruments.install(id, card);
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
        let mut state = self.lock();
        state.find(id)?;
        let max = state.config.max_credentials();
        state.ledger.load(id, credentials, max)?;
        state.replenishments.remove(id);
        Ok(state.ledger.credentials_left(id)?)
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
        state.replenishments.remove(id);
        Ok(())
    }

    /// Makes a card one that pays; the first one becomes the default.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`].
    pub fn activate(&self, id: &InstrumentId) -> Result<(), WalletError> {
        let mut state = self.lock();
        let old = state.find(id)?.status;
        state.instruments.activate(id)?;
        state.tell_status(id, old, InstrumentStatus::Active, StatusCause::Activated);
        if old != InstrumentStatus::Active {
            state.replenish(id, ReplenishReason::Initial);
        }
        Ok(())
    }

    /// Makes a card one that does not pay until it is activated again.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`]; [`ErrorCode::InstrumentNotActive`] for a card that was never activated.
    pub fn suspend(&self, id: &InstrumentId) -> Result<(), WalletError> {
        let mut state = self.lock();
        let old = state.find(id)?.status;
        state.instruments.suspend(id)?;
        state.tell_status(id, old, InstrumentStatus::Suspended, StatusCause::Suspended);
        Ok(())
    }

    /// Removes a card and erases its credentials; a tap with it ends unpaid.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`].
    pub fn delete(&self, id: &InstrumentId) -> Result<(), WalletError> {
        let mut state = self.lock();
        let old = state.find(id)?.status;
        state.instruments.delete(id)?;
        state.replenishments.remove(id);
        state.revoke_tap(id);
        state.tell_status(id, old, InstrumentStatus::Deleted, StatusCause::Deleted);
        Ok(state.ledger.erase(id)?)
    }

    /// Makes an active card the one that pays when none is chosen.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`], [`ErrorCode::InstrumentNotActive`].
    pub fn set_default_for_contactless(&self, id: &InstrumentId) -> Result<(), WalletError> {
        Ok(self.lock().instruments.set_default(id)?)
    }

    /// Chooses an active card for one tap; a tap that only asked for a verification does not use the choice up. Chosen
    /// while the app is told that a tap has started, it is that tap's card.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`], [`ErrorCode::InstrumentNotActive`].
    pub fn select_for_payment(&self, id: &InstrumentId) -> Result<(), WalletError> {
        Ok(self.lock().instruments.select(id)?)
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

    fn tell_status(&self, id: &InstrumentId, old: InstrumentStatus, new: InstrumentStatus, cause: StatusCause) {
        if old != new {
            let instrument = id.clone();
            self.tell(WalletEvent::PaymentInstrumentStatusChanged { instrument, old, new, cause });
        }
    }
}
