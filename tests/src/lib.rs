//! What the tests of Bezant share: the synthetic card SYN-1 in a phone, vector files, and transcripts.
//!
//! Everything here panics with a clear text when a test's own data are wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc)]

mod app;
pub mod commands;
mod judge;
#[cfg(all(target_os = "linux", feature = "store"))]
pub mod memory;
mod phone;
#[cfg(feature = "store")]
pub mod power_loss;
pub mod stories;
mod syn_1;
mod transcript;
mod vectors;

pub use app::App;
pub use judge::Judge;
pub use phone::{MovableClock, Phone};
pub use syn_1::{Generation, Syn1};
pub use transcript::{Exchange, transcript};
pub use vectors::{Vector, vectors};

use std::path::PathBuf;

/// The text of a file below `tests/`.
#[must_use]
pub fn file(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Bytes of hexadecimal; blanks do not count.
#[must_use]
pub fn bytes(hex: &str) -> Vec<u8> {
    let digits: String = hex.chars().filter(|c| !c.is_whitespace()).collect();
    hex::decode(&digits).unwrap_or_else(|error| panic!("{hex}: {error}"))
}

/// N bytes of hexadecimal.
#[must_use]
pub fn array<const N: usize>(hex: &str) -> [u8; N] {
    bytes(hex).try_into().unwrap_or_else(|_| panic!("{hex}: wants {N} bytes"))
}

/// The examples in the README compile and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
