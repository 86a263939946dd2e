//! Command and response APDUs of ISO/IEC 7816-3 and 7816-4, short form only.
//!
//! Parsing borrows, never allocates and is total: every byte string is either a [`Command`] or one status word.

mod command;
mod reply;
mod status_word;

pub use command::{Body, Command};
pub use reply::{Reply, ReplyFull};
pub use status_word::StatusWord;
