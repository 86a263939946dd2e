//! The seams to the world outside: tiny traits that the wallet is given.

mod clock;
mod key_vault;
mod rng;

pub use clock::{Clock, Moment, SystemClock};
pub use key_vault::{KeyVault, KeyVaultError};
pub use rng::{Rng, RngUnavailable, SystemRng};
