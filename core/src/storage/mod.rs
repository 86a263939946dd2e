//! What a wallet must remember: the ledger of credentials and counters, and the encrypted file that it lives in.

mod change;
#[cfg(test)]
mod contract;
mod error;
mod ledger;
mod memory;
mod report;
mod reservation;
#[cfg(feature = "store")]
mod sqlite;

pub use change::{Change, Face, Recollection, StoredInstrument};
pub use error::StoreError;
pub use ledger::{Ledger, LedgerError};
pub use memory::MemoryLedger;
pub use report::SecurityReport;
pub use reservation::{Reservation, Spent};
#[cfg(feature = "store")]
pub use sqlite::{BootId, FileVault, LockedStore, SqliteStore, StoreLocation, StoreParts, reports};
