//! The card: a profile, five commands, and one answer to one question.
//!
//! [`CardApplication::handle`] answers a command or asks one question; [`CardApplication::conclude`] turns the verdict
//! on it into the answer. No clock, no store, no lock and no randomness but what is passed in.

mod answer;
mod application;
mod checksum;
mod extension;
mod generate_ac;
mod instruction;
mod issue;
mod processing_options;
pub mod profile;
mod rehearsal;
mod risk;
mod select;
mod verdict;

pub use application::{CardApplication, Handled};
pub use extension::DolExtension;
pub use instruction::{AcRequest, Instruction, answer_without_card, asks_for_keys};
pub use issue::{Card, CardOptions};
pub use profile::{CardProfile, ProfileError, ProfileField, ProfileKeys, ProfileSource, ProfileVersion, UmdGeneration};
pub use rehearsal::Rehearsal;
pub use verdict::{Abort, Asked, Conclusion, TapOutcome, Verdict};

/// The most data that one short command carries.
pub(crate) const MAX_COMMAND_DATA: usize = 255;
