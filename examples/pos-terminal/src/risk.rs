//! Terminal risk management as contactless kernels do it: limits only (Book C-2, section 6.6).

use crate::configuration::TerminalConfiguration;
use crate::tvr::{Finding, Tvr};

/// Marks an amount above the floor limit.
pub fn check_floor_limit(configuration: &TerminalConfiguration, amount: u64, tvr: &mut Tvr) {
    if amount > configuration.floor_limit {
        tvr.set(Finding::FloorLimitExceeded);
    }
}

/// Whether the amount is too high for contactless.
pub fn exceeds_transaction_limit(configuration: &TerminalConfiguration, amount: u64) -> bool {
    amount > configuration.transaction_limit
}
