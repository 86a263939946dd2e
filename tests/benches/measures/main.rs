//! What the core costs, beside others: figures, peers, ratios, goals and verdicts; never a test, but for
//! `instructions`, which fails where a count has risen by more than a twentieth, `traces`, which fails where a way depends on a
//! key, and what `tap` counts: heap, growth, bytes on the air.
//!
//! `cargo xtask bench [NAME]`
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::cast_precision_loss, clippy::as_conversions)]

mod cda;
mod cryptogram;
mod instructions;
mod measuring;
mod reference_tap;
mod store;
mod tap;
mod tlv;
mod traces;

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Cargo adds a flag of its own.
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--counted", operation] => instructions::perform(operation),
        ["--traced", operation, key] => traces::perform(operation, key),
        [] => return all_well(BENCHES.iter().map(|(_, bench)| bench())),
        names => {
            let named = |name: &&str| BENCHES.iter().find(|(known, _)| known == name).map(|(_, bench)| bench);
            let Some(benches) = names.iter().map(named).collect::<Option<Vec<_>>>() else {
                let known: Vec<&str> = BENCHES.iter().map(|(name, _)| *name).collect();
                eprintln!("benches: {}", known.join(", "));
                return ExitCode::FAILURE;
            };
            return all_well(benches.into_iter().map(|bench| bench()));
        }
    }
    ExitCode::SUCCESS
}

fn all_well(benches: impl Iterator<Item = bool>) -> ExitCode {
    let failed = benches.filter(|well| !well).count();
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Gives whether nothing has become worse that must not.
type Bench = fn() -> bool;

const BENCHES: &[(&str, Bench)] = &[
    ("instructions", instructions::run),
    ("traces", traces::run),
    ("tap", tap::run),
    ("cryptogram", || told(cryptogram::run)),
    ("cda", || told(cda::run)),
    ("tlv", || told(tlv::run)),
    ("store", || told(store::run)),
];

/// Times are told, never judged: they are the machine's as much as ours.
fn told(bench: fn()) -> bool {
    bench();
    true
}
