//! The seams to the world outside: tiny traits that the wallet is given.

mod clock;
mod rng;

pub use clock::{Clock, Moment, SystemClock};
pub use rng::{Rng, RngUnavailable, SystemRng};
