use crate::crypto::SessionKeys;
use crate::emv::Atc;
use crate::instrument::{InstrumentId, TransactionCredential};

/// A credential in the hands of one tap; either spent or released, never both.
#[must_use = "a reservation is spent or released"]
pub struct Reservation {
    instrument: InstrumentId,
    credential: TransactionCredential,
}

impl Reservation {
    /// A reservation, made by a ledger.
    pub const fn new(instrument: InstrumentId, credential: TransactionCredential) -> Self {
        Self { instrument, credential }
    }

    /// Whose credential.
    #[must_use]
    pub const fn instrument(&self) -> &InstrumentId {
        &self.instrument
    }

    /// The counter of the credential.
    #[must_use]
    pub const fn atc(&self) -> Atc {
        self.credential.atc()
    }

    /// Spends the credential: the keys for the one answer, and the entry to be settled after it.
    pub fn spend(self) -> (SessionKeys, Spent) {
        let spent = Spent { instrument: self.instrument, atc: self.credential.atc() };
        (self.credential.into_session_keys(), spent)
    }

    /// Takes the reservation apart, for a ledger that puts the credential back.
    #[must_use]
    pub fn into_parts(self) -> (InstrumentId, TransactionCredential) {
        (self.instrument, self.credential)
    }
}

/// The entry for a credential whose keys have been given out.
#[derive(Clone, PartialEq, Eq, Debug)]
#[must_use = "what has been spent is settled"]
pub struct Spent {
    /// Whose credential.
    pub instrument: InstrumentId,
    /// Which.
    pub atc: Atc,
}
