use super::status::{InstrumentId, InstrumentStatus};
use crate::card::Card;
use std::sync::Arc;

/// A card in the wallet.
#[derive(Clone)]
pub struct PaymentInstrument {
    /// Its name.
    pub id: InstrumentId,
    /// Where it stands in its life.
    pub status: InstrumentStatus,
    /// Its profile, made ready.
    pub card: Arc<Card>,
}

/// The cards of a wallet: which is the default, and which has been chosen for the next tap.
///
/// The first card that is activated becomes the default. When the default stops being active, the first active card
/// takes its place; where none is active, there is no default.
#[derive(Clone, Default)]
pub struct Instruments {
    all: Vec<PaymentInstrument>,
    default: Option<InstrumentId>,
    selected: Option<InstrumentId>,
}

/// Why a card cannot be what it is asked to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotPossible {
    /// The card is not active.
    #[error("the payment instrument is not active")]
    NotActive,
    /// The wallet has no such card.
    #[error("the wallet has no such payment instrument")]
    NotFound,
}

impl Instruments {
    /// Adds a card, inactive; a card that is there already keeps its state and gets the new profile.
    pub fn install(&mut self, id: InstrumentId, card: Arc<Card>) {
        match self.all.iter_mut().find(|instrument| instrument.id == id) {
            Some(instrument) => instrument.card = card,
            None => self.all.push(PaymentInstrument { id, status: InstrumentStatus::Inactive, card }),
        }
    }

    /// Makes a card one that pays.
    ///
    /// # Errors
    /// [`NotPossible::NotFound`].
    pub fn activate(&mut self, id: &InstrumentId) -> Result<(), NotPossible> {
        self.find_mut(id)?.status = InstrumentStatus::Active;
        if self.default.is_none() {
            self.default = Some(id.clone());
        }
        Ok(())
    }

    /// Makes an active card one that does not pay for now.
    ///
    /// # Errors
    /// [`NotPossible::NotFound`]; [`NotPossible::NotActive`] for a card that has never paid.
    pub fn suspend(&mut self, id: &InstrumentId) -> Result<(), NotPossible> {
        let instrument = self.find_mut(id)?;
        if !matches!(instrument.status, InstrumentStatus::Active | InstrumentStatus::Suspended) {
            return Err(NotPossible::NotActive);
        }
        instrument.status = InstrumentStatus::Suspended;
        self.fall_back(id);
        Ok(())
    }

    /// Removes a card.
    ///
    /// # Errors
    /// [`NotPossible::NotFound`].
    pub fn delete(&mut self, id: &InstrumentId) -> Result<(), NotPossible> {
        self.find_mut(id)?;
        self.all.retain(|instrument| instrument.id != *id);
        self.fall_back(id);
        Ok(())
    }

    /// Makes an active card the one that pays when none is chosen.
    ///
    /// # Errors
    /// A [`NotPossible`].
    pub fn set_default(&mut self, id: &InstrumentId) -> Result<(), NotPossible> {
        self.default = Some(self.active(id)?);
        Ok(())
    }

    /// Chooses an active card for the next tap.
    ///
    /// # Errors
    /// A [`NotPossible`].
    pub fn select(&mut self, id: &InstrumentId) -> Result<(), NotPossible> {
        self.selected = Some(self.active(id)?);
        Ok(())
    }

    /// Forgets the choice: the tap that it was made for is over.
    pub fn clear_selection(&mut self) {
        self.selected = None;
    }

    /// The card that the next tap is paid with.
    #[must_use]
    pub fn payable(&self) -> Option<&PaymentInstrument> {
        let chosen = self.selected.as_ref().or(self.default.as_ref())?;
        self.all.iter().find(|instrument| instrument.id == *chosen && instrument.status == InstrumentStatus::Active)
    }

    /// The card with this name.
    #[must_use]
    pub fn get(&self, id: &InstrumentId) -> Option<&PaymentInstrument> {
        self.all.iter().find(|instrument| instrument.id == *id)
    }

    /// Whether the wallet has this card and it pays.
    #[must_use]
    pub fn is_active(&self, id: &InstrumentId) -> bool {
        self.get(id).is_some_and(|instrument| instrument.status == InstrumentStatus::Active)
    }

    /// All cards, in the order they came.
    pub fn iter(&self) -> impl Iterator<Item = &PaymentInstrument> {
        self.all.iter()
    }

    /// The card that pays when none is chosen.
    #[must_use]
    pub const fn default_card(&self) -> Option<&InstrumentId> {
        self.default.as_ref()
    }

    /// The card that is chosen for the next tap.
    #[must_use]
    pub const fn selected_card(&self) -> Option<&InstrumentId> {
        self.selected.as_ref()
    }

    /// Puts a stored card back where it stood.
    pub fn restore(&mut self, instrument: PaymentInstrument) {
        self.all.push(instrument);
    }

    /// Puts stored choices back, of cards that are there and active.
    pub fn restore_choice(&mut self, default: Option<InstrumentId>, selected: Option<InstrumentId>) {
        let active = |id: &InstrumentId| self.is_active(id);
        let (default, selected) = (default.filter(active), selected.filter(active));
        (self.default, self.selected) = (default, selected);
    }

    /// Whether this card is the default.
    #[must_use]
    pub fn is_default(&self, id: &InstrumentId) -> bool {
        self.default.as_ref() == Some(id)
    }

    /// Whether this card is chosen for the next tap.
    #[must_use]
    pub fn is_selected(&self, id: &InstrumentId) -> bool {
        self.selected.as_ref() == Some(id)
    }

    fn find_mut(&mut self, id: &InstrumentId) -> Result<&mut PaymentInstrument, NotPossible> {
        self.all.iter_mut().find(|instrument| instrument.id == *id).ok_or(NotPossible::NotFound)
    }

    fn active(&self, id: &InstrumentId) -> Result<InstrumentId, NotPossible> {
        match self.get(id) {
            None => Err(NotPossible::NotFound),
            Some(instrument) if instrument.status == InstrumentStatus::Active => Ok(id.clone()),
            Some(_) => Err(NotPossible::NotActive),
        }
    }

    fn fall_back(&mut self, from: &InstrumentId) {
        self.selected = self.selected.take().filter(|selected| selected != from);
        if self.default.as_ref() == Some(from) {
            let active = self.all.iter().find(|instrument| instrument.status == InstrumentStatus::Active);
            self.default = active.map(|instrument| instrument.id.clone());
        }
    }
}
