use super::change::Change;
use super::report::SecurityReport;
use super::reservation::{Reservation, Spent};
use crate::cdcvm::{Charge, VelocityCounters};
use crate::emv::Atc;
use crate::instrument::{InstrumentId, TransactionCredential};

/// The book of credentials and of what low-value payments have come to: one credential, one reservation, one answer.
///
/// The rules that every ledger keeps, whatever happens in between:
///
/// - credentials are reserved in rising order of their ATC, and no ATC is ever reserved again once it has been spent;
/// - at most one reservation stands per instrument;
/// - a credential at or below the high-water mark is refused, at loading and at reserving alike;
/// - velocity counters move with settlements alone, and with a reservation that is burnt: then its provisional charge
///   stands. Nothing but a settled charge ever lowers them.
pub trait Ledger: Send {
    /// Takes in credentials, all or none, up to `max` unspent ones. One that is there already, byte for byte, changes
    /// nothing.
    ///
    /// # Errors
    /// [`LedgerError::Stale`] for an ATC at or below the high-water mark, or one that is there under other keys;
    /// [`LedgerError::Duplicate`] for an ATC twice in `credentials`; [`LedgerError::Full`].
    fn load(
        &mut self,
        instrument: &InstrumentId,
        credentials: Vec<TransactionCredential>,
        max: usize,
    ) -> Result<(), LedgerError>;

    /// Takes the credential with the lowest ATC out of the book, for one tap. `provisional` is what is charged should
    /// nobody be able to tell any more what became of it.
    ///
    /// # Errors
    /// [`LedgerError::NoneLeft`]; [`LedgerError::Reserved`] while another reservation stands.
    fn reserve(&mut self, instrument: &InstrumentId, provisional: Charge) -> Result<Reservation, LedgerError>;

    /// Enters that the credential has been spent, and what the payment does to the velocity counters; what is at or
    /// below its ATC is of no use any more and is wiped.
    ///
    /// # Errors
    /// [`LedgerError::NotReserved`] when no such reservation stands.
    fn settle(&mut self, spent: Spent, charge: Charge) -> Result<(), LedgerError>;

    /// Puts an unspent credential back.
    ///
    /// # Errors
    /// [`LedgerError::NotReserved`] when no such reservation stands.
    fn release(&mut self, reservation: Reservation) -> Result<(), LedgerError>;

    /// Spends whatever stands reserved, unanswered, and lets its provisional charge stand: nobody can tell any more
    /// whether it has answered.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`].
    fn burn_reserved(&mut self, instrument: &InstrumentId) -> Result<(), LedgerError>;

    /// Forgets the credentials of an instrument, but neither which ATCs it has used nor its velocity counters.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`].
    fn erase(&mut self, instrument: &InstrumentId) -> Result<(), LedgerError>;

    /// The ATCs of the credentials that can still answer, a reserved one included, rising.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`].
    fn unspent(&self, instrument: &InstrumentId) -> Result<Vec<Atc>, LedgerError>;

    /// How many credentials can still answer, a reserved one included.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`].
    fn credentials_left(&self, instrument: &InstrumentId) -> Result<usize, LedgerError> {
        Ok(self.unspent(instrument)?.len())
    }

    /// The highest ATC that has been spent or burnt.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`].
    fn high_water_mark(&self, instrument: &InstrumentId) -> Result<Option<Atc>, LedgerError>;

    /// What low-value payments have come to, the settled ones and those whose provisional charge stands.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`].
    fn velocity(&self, instrument: &InstrumentId) -> Result<VelocityCounters, LedgerError>;

    /// Remembers, all or nothing. A ledger that forgets everything with the process keeps what concerns
    /// credentials.
    ///
    /// # Errors
    /// That of [`Ledger::settle`]; [`LedgerError::Unavailable`].
    fn keep(&mut self, changes: &[Change]) -> Result<(), LedgerError> {
        changes.iter().try_for_each(|change| match change {
            Change::Removed { instrument } => self.erase(instrument),
            Change::Settled { spent, charge } => self.settle(spent.clone(), *charge),
            Change::Choice { .. } | Change::Installed { .. } | Change::Status { .. } | Change::Tap { .. } => Ok(()),
        })
    }

    /// The taps that are remembered, newest first.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`].
    fn taps(&self) -> Result<Vec<Vec<u8>>, LedgerError> {
        Ok(Vec::new())
    }

    /// Makes sure that no older state can be put back in which a settled credential is unspent. Whoever reserves asks for it
    /// first, so that at most one payment is unknown outside the ledger.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`].
    fn anchor(&mut self) -> Result<(), LedgerError> {
        Ok(())
    }

    /// What can wait until no terminal does: the latest state is anchored, and nothing of a spent key is left.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`]; it is tried again.
    fn tidy(&mut self) -> Result<(), LedgerError> {
        Ok(())
    }

    /// Nothing follows: whatever stands open has been settled or released.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`].
    fn close(&mut self) -> Result<(), LedgerError> {
        Ok(())
    }

    /// Destroys everything, so that nothing can bring it back, and begins anew. With a report, that stays.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`] when it could not be finished; it is when the store is next opened.
    fn wipe(&mut self, report: Option<SecurityReport>) -> Result<(), LedgerError>;

    /// Puts everything out of use, durably, without destroying it. The report stays.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`].
    fn freeze(&mut self, report: SecurityReport) -> Result<(), LedgerError>;
}

/// Why the book refuses.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The instrument's rows do not belong to what is remembered: it has to be provisioned again.
    #[error("the stored credentials are damaged; the payment instrument has to be provisioned again")]
    Damaged,
    /// No room is left on the device.
    #[error("no room is left on the device")]
    DiskFull,
    /// One ATC stands twice in what was to be loaded.
    #[error("ATC {0} stands twice")]
    Duplicate(u16),
    /// More credentials than the configured maximum.
    #[error("more than {0} credentials")]
    Full(usize),
    /// No credential is left.
    #[error("no credential is left")]
    NoneLeft,
    /// The reservation does not stand.
    #[error("no such reservation stands")]
    NotReserved,
    /// Another reservation stands.
    #[error("a credential is reserved already")]
    Reserved,
    /// The ATC has been used, or is there under other keys.
    #[error("ATC {0} has been used, or is there under other keys")]
    Stale(u16),
    /// The book cannot be read or written.
    #[error("the credentials cannot be read or written")]
    Unavailable,
}
