use super::ledger::{Ledger, LedgerError};
use super::report::SecurityReport;
use super::reservation::{Reservation, Spent};
use crate::cdcvm::{Charge, VelocityCounters};
use crate::emv::Atc;
use crate::instrument::{InstrumentId, TransactionCredential};
use std::collections::BTreeMap;
use subtle::ConstantTimeEq;

/// A ledger that forgets everything with the process: for tests, and for a wallet without a store.
///
/// ```
/// use bezant::cdcvm::Charge;
/// use bezant::crypto::Secret;
/// use bezant::emv::Atc;
/// use bezant::instrument::{InstrumentId, TransactionCredential};
/// use bezant::storage::{Ledger, LedgerError, MemoryLedger};
/// # let key = || Secret::new(|bytes: &mut [u8; 16]| bytes.fill(7));
/// # let credential = TransactionCredential::new(Atc::new(1), &[1; 8], key(), key()).ok_or(LedgerError::NoneLeft)?;
/// # let card = InstrumentId::new("card-1").ok_or(LedgerError::NoneLeft)?;
/// let mut ledger = MemoryLedger::default();
/// ledger.load(&card, vec![credential], 10)?;
/// let (keys, spent) = ledger.reserve(&card, Charge::None)?.spend(); // The keys make one answer …
/// ledger.settle(spent, Charge::None)?; // … and are entered as gone.
/// assert_eq!(keys.atc, Atc::new(1));
/// assert_eq!(ledger.reserve(&card, Charge::None).err(), Some(LedgerError::NoneLeft));
/// # Ok::<(), LedgerError>(())
/// ```
#[derive(Default)]
pub struct MemoryLedger {
    accounts: BTreeMap<InstrumentId, Account>,
}

#[derive(Default)]
struct Account {
    unspent: BTreeMap<Atc, TransactionCredential>,
    reserved: Option<Reserved>,
    high_water_mark: Option<Atc>,
    velocity: VelocityCounters,
}

/// The reserved credential itself is out of the book; its fingerprint tells it from another with the same ATC.
struct Reserved {
    atc: Atc,
    fingerprint: [u8; 32],
    provisional: Charge,
}

impl Account {
    fn left(&self) -> usize {
        self.unspent.len() + usize::from(self.reserved.is_some())
    }

    /// Nothing at or below this can answer any more.
    fn raise_mark(&mut self, atc: Atc) {
        self.high_water_mark = self.high_water_mark.max(Some(atc));
        while let Some(first) = self.unspent.first_entry().filter(|first| Some(*first.key()) <= self.high_water_mark) {
            first.remove();
        }
    }

    /// Whether the credential is there already; an error when its ATC cannot be taken in.
    fn holds(&self, credential: &TransactionCredential) -> Result<bool, LedgerError> {
        let atc = credential.atc();
        let held = match (self.unspent.get(&atc), &self.reserved) {
            (Some(held), _) => Some(held.ct_eq(credential).into()),
            (None, Some(reserved)) if reserved.atc == atc => {
                Some(reserved.fingerprint.ct_eq(&credential.fingerprint()).into())
            }
            _ => None,
        };
        match held {
            Some(true) => Ok(true),
            None if self.high_water_mark < Some(atc) => Ok(false),
            _ => Err(LedgerError::Stale(atc.value())),
        }
    }
}

impl Ledger for MemoryLedger {
    fn load(
        &mut self,
        instrument: &InstrumentId,
        credentials: Vec<TransactionCredential>,
        max: usize,
    ) -> Result<(), LedgerError> {
        let account = self.accounts.entry(instrument.clone()).or_default();
        let mut fresh = BTreeMap::new();
        for credential in credentials {
            let atc = credential.atc();
            if !account.holds(&credential)? && fresh.insert(atc, credential).is_some() {
                return Err(LedgerError::Duplicate(atc.value()));
            }
        }
        if account.left() + fresh.len() > max {
            return Err(LedgerError::Full(max));
        }
        account.unspent.append(&mut fresh);
        Ok(())
    }

    fn reserve(&mut self, instrument: &InstrumentId, provisional: Charge) -> Result<Reservation, LedgerError> {
        let account = self.accounts.get_mut(instrument).ok_or(LedgerError::NoneLeft)?;
        if account.reserved.is_some() {
            return Err(LedgerError::Reserved);
        }
        let (atc, credential) = account.unspent.pop_first().ok_or(LedgerError::NoneLeft)?;
        account.reserved = Some(Reserved { atc, fingerprint: credential.fingerprint(), provisional });
        Ok(Reservation::new(instrument.clone(), credential))
    }

    fn settle(&mut self, spent: Spent, charge: Charge) -> Result<(), LedgerError> {
        let account = self.accounts.get_mut(&spent.instrument).ok_or(LedgerError::NotReserved)?;
        account.reserved.take_if(|reserved| reserved.atc == spent.atc).ok_or(LedgerError::NotReserved)?;
        account.raise_mark(spent.atc);
        account.velocity = account.velocity.charged(charge);
        Ok(())
    }

    fn release(&mut self, reservation: Reservation) -> Result<(), LedgerError> {
        let (instrument, credential) = reservation.into_parts();
        let account = self.accounts.get_mut(&instrument).ok_or(LedgerError::NotReserved)?;
        let reserved = account.reserved.take_if(|reserved| reserved.atc == credential.atc());
        account.unspent.insert(reserved.ok_or(LedgerError::NotReserved)?.atc, credential);
        Ok(())
    }

    fn burn_reserved(&mut self, instrument: &InstrumentId) -> Result<(), LedgerError> {
        if let Some(account) = self.accounts.get_mut(instrument)
            && let Some(burnt) = account.reserved.take()
        {
            account.raise_mark(burnt.atc);
            account.velocity = account.velocity.charged(burnt.provisional);
        }
        Ok(())
    }

    fn erase(&mut self, instrument: &InstrumentId) -> Result<(), LedgerError> {
        self.burn_reserved(instrument)?;
        if let Some(account) = self.accounts.get_mut(instrument) {
            account.unspent.clear();
        }
        Ok(())
    }

    fn unspent(&self, instrument: &InstrumentId) -> Result<Vec<Atc>, LedgerError> {
        let Some(account) = self.accounts.get(instrument) else { return Ok(Vec::new()) };
        let reserved = account.reserved.as_ref().map(|reserved| reserved.atc);
        let mut atcs: Vec<Atc> = account.unspent.keys().copied().chain(reserved).collect();
        atcs.sort_unstable();
        Ok(atcs)
    }

    fn high_water_mark(&self, instrument: &InstrumentId) -> Result<Option<Atc>, LedgerError> {
        Ok(self.accounts.get(instrument).and_then(|account| account.high_water_mark))
    }

    fn wipe(&mut self, _report: Option<SecurityReport>) -> Result<(), LedgerError> {
        self.accounts.clear();
        Ok(())
    }

    fn freeze(&mut self, _report: SecurityReport) -> Result<(), LedgerError> {
        Ok(())
    }

    fn velocity(&self, instrument: &InstrumentId) -> Result<VelocityCounters, LedgerError> {
        Ok(self.accounts.get(instrument).map(|account| account.velocity).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::storage::contract::ledger_contract!(Box::<MemoryLedger>::default);
}
