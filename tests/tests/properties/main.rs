//! What must hold whatever a terminal, a token service or a script sends.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod any_command;
mod cryptograms;
mod one_cryptogram;
mod parsers;
mod tlv_of_others;

use proptest::test_runner::Config;

/// So many cases, and no files beside the sources.
fn cases(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}
