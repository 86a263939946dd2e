//! What a wallet must remember.

#[cfg(test)]
mod contract;
mod ledger;
mod memory;

pub use ledger::{Ledger, LedgerError, Reservation, Spent};
pub use memory::MemoryLedger;
