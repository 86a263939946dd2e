use super::Wallet;
use super::host::{StatusCause, WalletEvent};
use super::state::WalletState;
use crate::card::{Card, CardProfile, ProfileSource};
use crate::cdcvm::VelocityCounters;
use crate::error::{ErrorCode, WalletError};
use crate::instrument::{
    InstrumentId, InstrumentStatus, Instruments, NotPossible, PaymentInstrument, ReplenishReason, TransactionCredential,
};
use crate::recording::Act;
use crate::storage::Change;
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
    /// Why what is stored of it cannot be used, if it cannot: a new profile makes it anew, or it is deleted.
    pub fault: Option<ErrorCode>,
}

impl Wallet {
    /// Adds a card, inactive; for a card that is there already the new profile serves from the next tap on.
    ///
    /// # Errors
    /// [`ErrorCode::ProfileConfigMismatch`] for a profile made for another CVM model than the configured one;
    /// [`ErrorCode::ProfileInvalid`] when what the configuration adds does not fit into it, or when the card that is
    /// there has another account number: its credentials would make wrong cryptograms.
    pub fn install_profile(&self, id: InstrumentId, mut profile: CardProfile) -> Result<(), WalletError> {
        let mut state = self.usable()?;
        let source = profile.take_source();
        let card = state.issue(profile)?;
        if state.instruments.get(&id).is_some_and(|installed| !installed.card.is_same_account(&card)) {
            let detail = "the payment instrument has another account number; delete it first";
            return Err(WalletError::new(ErrorCode::ProfileInvalid, detail));
        }
        state.install(id, card, source)
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
        self.usable()?.load(id, credentials)
    }

    /// Asks for credentials on the app's own account; gives whether a request was raised: not while one is under way,
    /// nor when the card has as many as may be stored.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`], [`ErrorCode::InstrumentNotActive`].
    pub fn replenish_credentials(&self, id: &InstrumentId) -> Result<bool, WalletError> {
        let mut state = self.usable()?;
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
        let mut state = self.usable()?;
        state.find(id)?;
        state.end_replenishment(id);
        Ok(())
    }

    /// Makes a card one that pays; the first one becomes the default.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`].
    pub fn activate(&self, id: &InstrumentId) -> Result<(), WalletError> {
        self.usable()?.activate(id)
    }

    /// Makes a card one that does not pay until it is activated again.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`]; [`ErrorCode::InstrumentNotActive`] for a card that was never activated.
    pub fn suspend(&self, id: &InstrumentId) -> Result<(), WalletError> {
        self.usable()?.suspend(id)
    }

    /// Removes a card and erases its credentials; a tap with it ends unpaid.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`].
    pub fn delete(&self, id: &InstrumentId) -> Result<(), WalletError> {
        self.usable()?.delete(id)
    }

    /// Makes an active card the one that pays when none is chosen.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`], [`ErrorCode::InstrumentNotActive`].
    pub fn set_default_for_contactless(&self, id: &InstrumentId) -> Result<(), WalletError> {
        self.usable()?.set_default(id)
    }

    /// Chooses an active card for one tap; a tap that only asked for a verification does not use the choice up. Chosen
    /// while the app is told that a tap has started, it is that tap's card.
    ///
    /// # Errors
    /// [`ErrorCode::InstrumentNotFound`], [`ErrorCode::InstrumentNotActive`].
    pub fn select_for_payment(&self, id: &InstrumentId) -> Result<(), WalletError> {
        self.usable()?.select(id)
    }

    /// All cards, in the order they came.
    #[must_use]
    pub fn instruments(&self) -> Vec<InstrumentSummary> {
        let state = self.opened();
        let summary = |instrument: &PaymentInstrument| InstrumentSummary {
            id: instrument.id.clone(),
            status: instrument.status,
            is_default: state.instruments.is_default(&instrument.id),
            is_selected: state.instruments.is_selected(&instrument.id),
            credentials_left: state.credentials_left(&instrument.id),
            counters: state.ledger.velocity(&instrument.id),
            fault: None,
        };
        let faulty = state.faulty.iter().map(|(id, fault)| InstrumentSummary {
            id: id.clone(),
            status: InstrumentStatus::Inactive,
            is_default: false,
            is_selected: false,
            credentials_left: 0,
            counters: state.ledger.velocity(id),
            fault: Some(*fault),
        });
        state.instruments.iter().map(summary).chain(faulty).collect()
    }
}

impl WalletState {
    pub(super) fn find(&self, id: &InstrumentId) -> Result<&PaymentInstrument, WalletError> {
        if let Some(code) = self.faulty.get(id) {
            return Err(WalletError::new(*code, "what is stored of the payment instrument cannot be used"));
        }
        self.instruments.get(id).ok_or_else(|| NotPossible::NotFound.into())
    }

    /// Makes a profile ready for this wallet.
    pub(super) fn issue(&self, profile: CardProfile) -> Result<Arc<Card>, WalletError> {
        if let (Some(configured), Some(made_for)) = (self.config.cvm_model, profile.cvm_model())
            && configured != made_for
        {
            let detail = format!("the profile is made for CVM model {made_for:?}, the wallet for {configured:?}");
            return Err(WalletError::new(ErrorCode::ProfileConfigMismatch, detail));
        }
        Ok(Arc::new(Card::issue(profile, &self.config.card)?))
    }

    pub(super) fn install(
        &mut self,
        id: InstrumentId,
        card: Arc<Card>,
        source: Option<ProfileSource>,
    ) -> Result<(), WalletError> {
        let installed = source.map(|profile| Change::Installed { instrument: id.clone(), profile });
        self.ledger.keep_now(&id, installed.into_iter().collect())?;
        self.faulty.remove(&id);
        if let Some(recorder) = &mut self.recorder {
            recorder.hide(card.pan());
        }
        self.instruments.install(id.clone(), card);
        self.record(|| Act::Install { instrument: id.to_string() });
        Ok(())
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
        Ok(self.ledger.credentials_left(id))
    }

    fn end_replenishment(&mut self, id: &InstrumentId) {
        self.replenishments.entry(id.clone()).or_default().end();
    }

    /// Changes the cards once the change is remembered.
    fn change(
        &mut self,
        id: &InstrumentId,
        change: impl FnOnce(&mut Instruments) -> Result<(), NotPossible>,
    ) -> Result<(), WalletError> {
        let mut changed = self.instruments.clone();
        change(&mut changed)?;
        let status = match changed.get(id) {
            Some(card) => Change::Status { instrument: id.clone(), status: card.status },
            None => Change::Removed { instrument: id.clone() },
        };
        self.ledger.keep_now(id, vec![status, self.choice(&changed)])?;
        self.instruments = changed;
        Ok(())
    }

    pub(super) fn activate(&mut self, id: &InstrumentId) -> Result<(), WalletError> {
        let old = self.find(id)?.status;
        self.change(id, |instruments| instruments.activate(id))?;
        self.tell_status(id, old, InstrumentStatus::Active, StatusCause::Activated);
        if old != InstrumentStatus::Active {
            self.replenish(id, ReplenishReason::Initial);
        }
        self.record(|| Act::Activate { instrument: id.to_string() });
        Ok(())
    }

    pub(super) fn suspend(&mut self, id: &InstrumentId) -> Result<(), WalletError> {
        let old = self.find(id)?.status;
        self.change(id, |instruments| instruments.suspend(id))?;
        self.first_tap.take_if(|first| first.instrument == *id);
        self.tell_status(id, old, InstrumentStatus::Suspended, StatusCause::Suspended);
        self.record(|| Act::Suspend { instrument: id.to_string() });
        Ok(())
    }

    pub(super) fn delete(&mut self, id: &InstrumentId) -> Result<(), WalletError> {
        if self.faulty.contains_key(id) {
            self.ledger.keep_now(id, vec![Change::Removed { instrument: id.clone() }])?;
            self.faulty.remove(id);
            return Ok(());
        }
        let old = self.find(id)?.status;
        self.first_tap.take_if(|first| first.instrument == *id);
        self.revoke_tap(id);
        self.change(id, |instruments| instruments.delete(id))?;
        // Only now is the tap in the field the last one to hold the card.
        if let Some(tap) = self.tap.as_mut().filter(|tap| tap.story.instrument == *id) {
            tap.application.forget_private_key();
        }
        self.replenishments.remove(id);
        self.tell_status(id, old, InstrumentStatus::Deleted, StatusCause::Deleted);
        self.record(|| Act::Delete { instrument: id.to_string() });
        Ok(())
    }

    pub(super) fn set_default(&mut self, id: &InstrumentId) -> Result<(), WalletError> {
        self.find(id)?;
        self.change(id, |instruments| instruments.set_default(id))?;
        self.record(|| Act::SetDefault { instrument: id.to_string() });
        Ok(())
    }

    pub(super) fn select(&mut self, id: &InstrumentId) -> Result<(), WalletError> {
        self.find(id)?;
        self.change(id, |instruments| instruments.select(id))?;
        self.record(|| Act::Select { instrument: id.to_string() });
        Ok(())
    }

    /// A card whose stored rows cannot be believed pays no more, until it is made anew.
    pub(super) fn give_card_up(&mut self, id: &InstrumentId) {
        let Some(old) = self.instruments.get(id).map(|card| card.status) else { return };
        if self.instruments.delete(id).is_ok() {
            self.faulty.insert(id.clone(), ErrorCode::InstrumentDamaged);
            self.tell_status(id, old, InstrumentStatus::Inactive, StatusCause::Damaged);
        }
    }

    fn tell_status(&mut self, id: &InstrumentId, old: InstrumentStatus, new: InstrumentStatus, cause: StatusCause) {
        if old != new {
            let instrument = id.clone();
            self.tell(WalletEvent::PaymentInstrumentStatusChanged { instrument, old, new, cause });
        }
    }
}
