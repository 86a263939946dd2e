use super::reservation::Spent;
use crate::card::ProfileSource;
use crate::cdcvm::Charge;
use crate::instrument::{InstrumentId, InstrumentStatus};

/// Something that a wallet is to remember. Changes that are kept together are kept all or none.
pub enum Change {
    /// Which cards pay: by default, and in the next tap.
    Choice {
        /// When none is chosen.
        default: Option<InstrumentId>,
        /// For one tap.
        selected: Option<InstrumentId>,
    },
    /// A card has come, inactive, or has a new profile. Whatever was damaged about it is made anew.
    Installed {
        /// Which.
        instrument: InstrumentId,
        /// How it came.
        profile: ProfileSource,
    },
    /// A card is gone; its mark and its counters stay.
    Removed {
        /// Which.
        instrument: InstrumentId,
    },
    /// What [`super::Ledger::settle`] does.
    Settled {
        /// The entry.
        spent: Spent,
        /// What the payment does to the velocity counters.
        charge: Charge,
    },
    /// A card stands elsewhere in its life.
    Status {
        /// Which.
        instrument: InstrumentId,
        /// Where.
        status: InstrumentStatus,
    },
    /// A tap is over.
    Tap {
        /// Its number; it rises.
        number: u64,
        /// What is to be told of it: asked for when it is written, where no terminal waits.
        entry: Box<dyn Fn() -> Vec<u8> + Send + Sync>,
        /// How many taps are remembered.
        limit: usize,
    },
}

/// What a store remembers of the cards.
#[derive(Default)]
pub struct Recollection {
    /// The cards, in the order they came.
    pub instruments: Vec<StoredInstrument>,
    /// The card that pays when none is chosen.
    pub default: Option<InstrumentId>,
    /// The card that is chosen for the next tap.
    pub selected: Option<InstrumentId>,
    /// The number of the latest tap.
    pub taps: u64,
    /// Cards whose rows do not belong to the rest: they have to be provisioned again.
    pub damaged: Vec<InstrumentId>,
    /// Whether a security event has put all of it out of use.
    pub frozen: bool,
    /// The digest of the face that belongs to it.
    pub face: Option<[u8; 32]>,
}

/// What the card that pays shows to any reader, known before the store is open.
pub struct Face {
    /// Which card.
    pub instrument: InstrumentId,
    /// Its profile without its keys, as JSON.
    pub profile: String,
    /// To be held against [`Recollection::face`]: another one was exchanged.
    pub digest: [u8; 32],
}

/// A card as it was stored.
pub struct StoredInstrument {
    /// Its name.
    pub id: InstrumentId,
    /// Where it stands in its life.
    pub status: InstrumentStatus,
    /// How it came.
    pub profile: ProfileSource,
}
