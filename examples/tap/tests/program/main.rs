//! The program, as a person or a script starts it.
#![allow(clippy::unwrap_used)]

mod own_card;
mod scenarios;
mod state;
mod terminals;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tap")).args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn complaint(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The taps and the summary of a run with `--json`.
fn lines(output: &Output) -> (Vec<Value>, Value) {
    let mut lines: Vec<Value> = text(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let summary = lines.pop().unwrap();
    (lines, summary["summary"].clone())
}

/// The names in the first column of a list.
fn listed(arguments: &[&str]) -> Vec<String> {
    text(&run(arguments)).lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

fn outcome(tap: &Value) -> &str {
    tap["outcome"].as_str().unwrap()
}

fn vector(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors").join(name)
}

#[test]
fn text_is_plain_in_a_pipe_and_teaches() {
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(0));
    let told = text(&output);
    assert!(!told.contains('\u{1b}'));
    for words in [
        "→ GENERATE AC ARQC with CDA",
        "5A Application PAN: 5413330000000019",
        "UMD cryptogram valid, MD cryptogram valid, CDA signature valid, counter 1 fresh, amount bound",
        "Terminal display: See phone for instructions",
        "Tap 1, Card-like: 250.00 PLN",
        "decision: authentication required: 2 low-value payments since the last verified one, and 2 pass",
        "app:      ready_to_tap (45 s), contactless_payment_started, contactless_payment_completed (AuthorizeOnline), ",
        " scenarios as expected; ",
    ] {
        assert!(told.contains(words), "{words}");
    }
    assert!(told.lines().count() < 1_800, "{} lines", told.lines().count());
    let coloured = Command::new(env!("CARGO_BIN_EXE_tap")).env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(text(&coloured).contains('\u{1b}'));
    let verbose = text(&run(&["--verbose", "--scenario", "replay"]));
    assert!(verbose.contains("declined REPLAYED_ATC") && !verbose.contains(" bytes)\n"), "{verbose}");
    assert!(text(&run(&["--help"])).contains("WalletActionRequired"));
    let timed = text(&run(&["--timings", "--scenario", "always-low-value"]));
    assert!(timed.contains(" ms  field_on\n") && timed.contains(" ms  host_answered\n"), "{timed}");
}

#[test]
fn the_same_seed_is_the_same_run_to_the_byte() {
    for more in [&["--json"][..], &["--verbose"], &["--terminal", "impatient-gate", "--verified"]] {
        let once = run(&[&["--seed", "7"], more].concat());
        assert_eq!(once.status.code(), Some(0), "{}", text(&once));
        assert_eq!(once.stdout, run(&[&["--seed", "7"], more].concat()).stdout);
        assert_ne!(once.stdout, run(&[&["--seed", "8"], more].concat()).stdout);
    }
}

#[test]
fn what_cannot_start_says_why() {
    let output = run(&["--scenario", "low-valeu"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        complaint(&output).contains("\"low-valeu\"")
            && complaint(&output).contains("always-low-value, always-high-value")
    );

    let nowhere = Path::new("/nowhere/profile.json");
    let output = own_card::tap_files(nowhere, &vector("syn-1.credentials.json"), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("/nowhere/profile.json"), "{}", complaint(&output));

    let output = own_card::tap_files(&vector("syn-1.credentials.json"), &vector("syn-1.credentials.json"), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("syn-1.credentials.json: "), "{}", complaint(&output));

    let output = own_card::tap_files(&vector("syn-1.profile-v1.json"), &vector("syn-1.profile-v1.json"), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("not a credentials file"), "{}", complaint(&output));

    let output = run(&["--terminal", "shop-polnad"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("\"shop-polnad\"") && complaint(&output).contains("petrol-pump"));
    let output = run(&["--terminal", "yen-shop", "--amount", "3.00"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("--amount 3.00"), "{}", complaint(&output));
    assert_eq!(run(&["--scenario", "replay", "--model", "flexible"]).status.code(), Some(2));
    assert_eq!(run(&["--verified"]).status.code(), Some(2));

    assert_eq!(run(&["--profile", "alone.json"]).status.code(), Some(2));
    assert_eq!(run(&["--date", "yesterday"]).status.code(), Some(2));
}
