//! The store: one SQLite file in which every row is sealed.
//!
//! One connection, one lock, one writer. WAL with synchronous FULL: a commit that has returned survives the loss of power.
//! What has been written is moved out of the log, and what has been deleted is overwritten, when no terminal waits
//! ([`Ledger::tidy`]).

mod boot;
mod credentials;
mod draft;
mod epoch;
mod face;
mod file_vault;
mod files;
mod location;
mod open;
mod root;
mod schema;
mod seal;
mod taps;
mod wipe;

pub use boot::BootId;
pub use file_vault::FileVault;
pub use location::StoreLocation;
pub use open::{LockedStore, StoreParts};
pub use wipe::reports;

use crate::cdcvm::{Charge, VelocityCounters};
use crate::emv::Atc;
use crate::instrument::{InstrumentId, TransactionCredential};
use crate::platform::KeyVault;
use crate::storage::{Change, Ledger, LedgerError, Reservation, SecurityReport, Spent, StoreError};
use draft::Draft;
use files::Lock;
use root::{Account, CardRecord, Root};
use rusqlite::{Connection, ErrorCode, TransactionBehavior, params};
use seal::{Place, Sealer};
use std::collections::BTreeMap;

/// A wallet's memory on disk.
///
/// ```
/// use bezant::platform::SystemRng;
/// use bezant::storage::{BootId, FileVault, Ledger, SqliteStore, StoreLocation, StoreParts};
/// # let folder = std::env::temp_dir().join(format!("bezant-store-{}", std::process::id()));
/// let location = StoreLocation::new(folder.join("state"));
/// let parts = || StoreParts {
///     vault: Box::new(FileVault::new(folder.join("vault"))),
///     rng: Box::new(SystemRng::default()),
///     boot: BootId::of_system(),
///     burn_after_reboot: 2,
/// };
/// let (store, remembered) = SqliteStore::open(&location, parts())?;
/// assert!(remembered.instruments.is_empty());
/// assert!(SqliteStore::open(&location, parts()).is_err(), "it is open already");
/// drop(store);
/// assert!(SqliteStore::open(&location, parts()).is_ok());
/// # std::fs::remove_dir_all(folder).ok();
/// # Ok::<(), bezant::storage::StoreError>(())
/// ```
pub struct SqliteStore {
    location: StoreLocation,
    connection: Connection,
    sealer: Sealer,
    vault: Box<dyn KeyVault>,
    boot: Option<BootId>,
    root: Root,
    accounts: BTreeMap<InstrumentId, Account>,
    /// What the vault remembers of the counter.
    anchored: u64,
    /// What the counter was when the store had been opened.
    opened_at: u64,
    /// The log of taps has been held against its tag.
    knows_taps: bool,
    /// What there is to be tidied up.
    untidy: bool,
    /// After how many seals a new epoch begins.
    seals_per_epoch: u64,
    _lock: Lock,
}

impl SqliteStore {
    fn transact<T>(&mut self, work: impl FnOnce(&mut Draft<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.transact_as(false, work)
    }

    fn transact_as<T>(
        &mut self,
        clean: bool,
        work: impl FnOnce(&mut Draft<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = transaction.map_err(trouble)?;
        let mut draft = Draft::new(&transaction, self.root.clone(), &mut self.sealer, &self.accounts);
        let worked = work(&mut draft);
        let result = match worked {
            Ok(result) => result,
            Err(error) => {
                drop(draft);
                drop(transaction);
                self.note(&error);
                return Err(error);
            }
        };
        let (root, touched) = draft.write(self.boot.as_ref(), clean)?;
        transaction.commit().map_err(trouble)?;
        (self.root, self.untidy) = (root, true);
        self.accounts.extend(touched);
        Ok(result)
    }

    /// An account that was found damaged stays so until it is made anew.
    fn note(&mut self, error: &StoreError) {
        if let StoreError::Damaged(name) = error
            && let Some(account) = InstrumentId::new(name).and_then(|id| self.accounts.get_mut(&id))
        {
            account.damaged = true;
        }
    }

    fn apply(draft: &mut Draft<'_>, change: &Change) -> Result<(), StoreError> {
        match change {
            Change::Choice { default, selected } => {
                (draft.root.default, draft.root.selected) = (default.clone(), selected.clone());
                Ok(())
            }
            Change::Installed { instrument, profile } => {
                match draft.check(instrument) {
                    Err(StoreError::Damaged(_)) => draft.make_anew(instrument)?,
                    Err(StoreError::Ledger(LedgerError::NoneLeft)) | Ok(()) => {}
                    Err(error) => return Err(error),
                }
                let position = draft.root.last_row;
                let account = draft.open_account(instrument);
                let row = account.row;
                let installed = account.record.card.take();
                let (status, position) =
                    installed.as_ref().map_or((crate::instrument::InstrumentStatus::Inactive, position + 1), |card| {
                        (card.status, card.position)
                    });
                let profile_version = account.version + 1;
                account.record.card = Some(CardRecord { status, position, profile_version });
                draft.root.last_row = draft.root.last_row.max(position);
                let mut plain = profile.to_bytes();
                let sealed = draft.seal(Place::profile(row, profile_version), plain.expose_mut())?;
                let sql = "INSERT OR REPLACE INTO profile (account, version, sealed) VALUES (?1, ?2, ?3)";
                draft.execute(sql, params![row, draft::number(profile_version)?, sealed]).map(drop)
            }
            Change::Removed { instrument } => {
                if draft.known(instrument).is_some_and(|account| account.damaged) {
                    draft.make_anew(instrument)?;
                }
                let Some(account) = draft.account(instrument) else { return Ok(()) };
                account.record.card = None;
                let row = account.row;
                draft.execute("DELETE FROM profile WHERE account = ?1", [row])?;
                draft.erase(instrument)
            }
            Change::Settled { spent, charge } => draft.settle(spent, *charge),
            Change::Status { instrument, status } => {
                let Some(account) = draft.account(instrument) else { return Ok(()) };
                if account.damaged {
                    return Err(StoreError::Damaged(instrument.to_string()));
                }
                account.record.card.iter_mut().for_each(|card| card.status = *status);
                Ok(())
            }
            Change::Tap { number, entry, limit } => draft.log_tap(*number, entry(), *limit),
        }
    }

    fn anchor_all(&mut self) -> Result<(), StoreError> {
        if self.anchored < self.root.counter {
            self.vault.raise_anchor(self.root.counter)?;
            self.anchored = self.root.counter;
        }
        Ok(())
    }

    fn account(&self, id: &InstrumentId) -> Option<&Account> {
        self.accounts.get(id)
    }
}

impl Ledger for SqliteStore {
    fn load(
        &mut self,
        instrument: &InstrumentId,
        credentials: Vec<TransactionCredential>,
        max: usize,
    ) -> Result<(), LedgerError> {
        Ok(self.transact(|draft| draft.load(instrument, credentials, max))?)
    }

    fn reserve(&mut self, instrument: &InstrumentId, provisional: Charge) -> Result<Reservation, LedgerError> {
        Ok(self.transact(|draft| draft.reserve(instrument, provisional))?)
    }

    fn settle(&mut self, spent: Spent, charge: Charge) -> Result<(), LedgerError> {
        Ok(self.transact(|draft| draft.settle(&spent, charge))?)
    }

    fn release(&mut self, reservation: Reservation) -> Result<(), LedgerError> {
        let (id, credential) = reservation.into_parts();
        Ok(self.transact(|draft| draft.release(&id, &credential))?)
    }

    fn burn_reserved(&mut self, instrument: &InstrumentId) -> Result<(), LedgerError> {
        let stands = self.account(instrument).is_some_and(|account| account.record.reserved.is_some());
        if !stands {
            return Ok(());
        }
        Ok(self.transact(|draft| draft.burn_reserved(instrument))?)
    }

    fn erase(&mut self, instrument: &InstrumentId) -> Result<(), LedgerError> {
        Ok(self.transact(|draft| draft.erase(instrument))?)
    }

    fn unspent(&self, instrument: &InstrumentId) -> Result<Vec<Atc>, LedgerError> {
        let account = self.account(instrument).filter(|account| !account.damaged);
        Ok(account.map(|account| account.unspent.iter().copied().collect()).unwrap_or_default())
    }

    fn high_water_mark(&self, instrument: &InstrumentId) -> Result<Option<Atc>, LedgerError> {
        Ok(self.root.accounts.get(instrument).and_then(|entry| entry.mark))
    }

    fn velocity(&self, instrument: &InstrumentId) -> Result<VelocityCounters, LedgerError> {
        Ok(self.account(instrument).map(|account| account.record.velocity).unwrap_or_default())
    }

    fn keep(&mut self, changes: &[Change]) -> Result<(), LedgerError> {
        if !self.knows_taps && changes.iter().any(|change| matches!(change, Change::Tap { .. })) {
            self.begin_log_anew_if_damaged()?;
        }
        Ok(self.transact(|draft| changes.iter().try_for_each(|change| Self::apply(draft, change)))?)
    }

    fn taps(&self) -> Result<Vec<Vec<u8>>, LedgerError> {
        Ok(self.read_taps()?)
    }

    fn anchor(&mut self) -> Result<(), LedgerError> {
        if self.anchored < self.root.spent_at.max(self.opened_at) { Ok(self.anchor_all()?) } else { Ok(()) }
    }

    fn tidy(&mut self) -> Result<(), LedgerError> {
        if self.root.seals >= self.seals_per_epoch {
            self.begin_epoch()?;
        }
        if self.untidy {
            self.checkpoint()?;
            self.untidy = false;
        }
        Ok(self.anchor_all()?)
    }

    fn close(&mut self) -> Result<(), LedgerError> {
        if !self.root.clean {
            self.transact_as(true, |_| Ok(()))?;
        }
        self.tidy()
    }

    fn wipe(&mut self, report: Option<SecurityReport>) -> Result<(), LedgerError> {
        Ok(self.wipe_and_begin_anew(report)?)
    }

    fn freeze(&mut self, report: SecurityReport) -> Result<(), LedgerError> {
        Ok(self.location.freeze(&report)?)
    }
}

/// What SQLite's error means here.
fn trouble(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::DiskFull,
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => StoreError::ReadOnly,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::InUse,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Unreadable("it is no sound database"),
        Some(ErrorCode::SystemIoFailure) => StoreError::Io("input or output failed"),
        Some(ErrorCode::OutOfMemory) => StoreError::Io("no memory"),
        _ => StoreError::Unreadable("it does not hold what its schema promises"),
    }
}

#[cfg(test)]
mod tests;
