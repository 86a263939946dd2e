//! A wallet that is kept from run to run.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Instant;

use bezant::storage::{FileVault, SqliteStore, StoreLocation, StoreParts};
use serde_json::Value;

use crate::{complaint, lines, outcome, run, text};

fn with_state(folder: &Path, more: &[&str]) -> Output {
    run(&[&["--state", folder.to_str().unwrap()], more].concat())
}

/// What was remembered, the taps, and the summary of a run that went well.
fn went_on(folder: &Path, more: &[&str]) -> (Value, Vec<Value>, Value) {
    let output = with_state(folder, &[&["--json"], more].concat());
    assert_eq!(output.status.code(), Some(0), "{} {}", text(&output), complaint(&output));
    let (mut taps, summary) = lines(&output);
    let remembered = taps.remove(0)["state"].take();
    (remembered, taps, summary)
}

fn starts(folder: &Path) -> Child {
    let mut program = Command::new(env!("CARGO_BIN_EXE_tap"));
    program.arg("--state").arg(folder).arg("--json").stdout(Stdio::piped()).stderr(Stdio::piped());
    program.spawn().unwrap()
}

/// The counters that the issuer has seen in these lines, of which the last may be torn.
fn printed(output: &Output) -> Vec<u64> {
    let lines = text(output);
    let lines = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter_map(|line| line["issuer"]["verification"]["atc"].as_u64()).collect()
}

fn atc(taps: &[Value]) -> u64 {
    taps[0]["issuer"]["verification"]["atc"].as_u64().unwrap()
}

/// Everything of the wallet in a folder, to be put back later.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

fn complains(folder: &Path, more: &[&str], words: &[&str]) {
    let output = with_state(folder, more);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert_eq!(text(&output), "");
    for words in words {
        assert!(complaint(&output).contains(words), "{words}: {}", complaint(&output));
    }
}

const WAY_OUT: &str = "the one way out is --start-over";

#[test]
fn a_second_run_finds_card_taps_counters_and_the_next_credential() {
    let folder = tempfile::tempdir().unwrap();
    let (remembered, taps, summary) = went_on(folder.path(), &[]);
    assert_eq!((&remembered["is_new"], &remembered["taps_remembered"]), (&Value::from(true), &Value::from(0)));
    assert_eq!((outcome(&taps[0]), &taps[0]["model"], atc(&taps)), ("AuthorizeOnline", &Value::from("Flexible"), 1));
    assert_eq!(remembered["credentials_left"].as_u64().unwrap() - 1, summary["credentials_left"].as_u64().unwrap());

    let (remembered, taps, _) = went_on(folder.path(), &["--terminal", "shop-germany"]);
    assert_eq!((&remembered["is_new"], &remembered["taps_remembered"]), (&Value::from(false), &Value::from(1)));
    assert_eq!(remembered["last_tap"]["outcome"], "AuthorizeOnline");
    assert_eq!((&remembered["last_tap"]["number"], &remembered["last_tap"]["amount"]), (&1.into(), &2_500.into()));
    assert_eq!(remembered["credentials_found"], summary["credentials_left"]);
    assert_eq!(remembered["counters"], serde_json::json!({ "consecutive_lvt": 1, "cumulative_lvt": 2_500 }));
    assert_eq!((&taps[0]["terminal_name"], atc(&taps)), (&Value::from("shop-germany"), 2));
    assert_eq!(taps[0]["counters"]["consecutive_lvt"], 2);

    // Above the limit without a finger nothing is spent; with one the counters begin anew.
    let (_, taps, _) = went_on(folder.path(), &["--amount", "150.00"]);
    assert_eq!(outcome(&taps[0]), "WalletActionRequired");
    let (remembered, taps, _) = went_on(folder.path(), &["--amount", "150.00", "--verified", "--model", "flexible"]);
    assert_eq!((&remembered["taps_remembered"], atc(&taps)), (&Value::from(3), 3));
    assert_eq!(remembered["last_tap"]["outcome"], "WalletActionRequired");
    assert_eq!(remembered["counters"]["consecutive_lvt"], 2);
    let told = text(&with_state(folder.path(), &[]));
    for words in [
        "model Flexible, remembers 4 taps of earlier runs; the last one was number 4,\n",
        ": AuthorizeOnline (paid: ",
        "7 credentials had been left, low-value counters stood at 0 and 0.00.\n",
        "a second program is refused the folder (STORAGE_IN_USE)",
        "counter 4 fresh",
        " keeps 6 credentials and 5 taps for the next run.\n",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn the_issuer_adds_credentials_above_those_that_it_issued() {
    let folder = tempfile::tempdir().unwrap();
    let mut counters = Vec::new();
    let mut issued = Vec::new();
    for _ in 0..14 {
        let (remembered, taps, _) = went_on(folder.path(), &["--model", "always", "--verified"]);
        assert_eq!(
            (outcome(&taps[0]), &taps[0]["issuer"]["verification"]["freshness"]),
            ("AuthorizeOnline", &"fresh".into())
        );
        counters.push(atc(&taps));
        issued.extend(remembered["credentials_issued"].as_array().cloned());
    }
    assert_eq!(counters, (1..=14).collect::<Vec<_>>());
    assert_eq!(issued, [[Value::from(1), 10.into()], [11.into(), 20.into()]]);
}

#[test]
fn whenever_a_run_is_killed_the_next_one_pays_with_a_higher_counter() {
    let folder = tempfile::tempdir().unwrap();
    let began = Instant::now();
    went_on(tempfile::tempdir().unwrap().path(), &[]);
    let whole = began.elapsed();
    let mut highest = 0;
    for round in 0..10 {
        let delay = whole.mul_f64(RandomState::new().hash_one(round) as f64 / u64::MAX as f64);
        let mut program = starts(folder.path());
        sleep(delay);
        program.kill().unwrap();
        let killed = printed(&program.wait_with_output().unwrap());
        assert!(killed.iter().all(|atc| *atc > highest), "{round}, {delay:?}: {killed:?} after {highest}");
        highest = killed.into_iter().max().unwrap_or(highest);
        let (_, taps, _) = went_on(folder.path(), &[]);
        assert!(atc(&taps) > highest, "{round}, {delay:?}: {} after {highest}", atc(&taps));
        highest = atc(&taps);
    }
}

#[test]
fn a_wallet_whose_vault_is_gone_or_another_s_starts_over() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let vault = folder.path().join("vault");
    went_on(folder.path(), &[]);
    went_on(other.path(), &[]);
    fs::remove_file(&vault).unwrap();
    complains(folder.path(), &[], &["KEYSTORE_KEY_INVALIDATED", WAY_OUT]);
    fs::copy(other.path().join("vault"), &vault).unwrap();
    complains(folder.path(), &["--json", "--verified"], &["KEYSTORE_KEY_INVALIDATED", WAY_OUT]);

    let (remembered, taps, _) = went_on(folder.path(), &["--start-over"]);
    assert_eq!((&remembered["is_new"], &remembered["taps_remembered"]), (&Value::from(true), &Value::from(0)));
    assert_eq!(atc(&taps), 11, "the issuer issues no counter twice");
    let (remembered, taps, _) = went_on(folder.path(), &[]);
    assert_eq!((&remembered["taps_remembered"], atc(&taps)), (&Value::from(1), 12));
}

#[test]
fn a_wallet_that_was_put_back_or_damaged_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (wallet, kept) = (folder.path().join("wallet"), folder.path().join("kept"));
    let (database, issuer) = (wallet.join("store.db"), folder.path().join("issuer.json"));
    went_on(folder.path(), &[]);
    copy(&wallet, &kept);
    went_on(folder.path(), &[]);
    let (newest, remembers) = (fs::read(&database).unwrap(), fs::read(&issuer).unwrap());
    copy(&kept, &wallet);
    complains(folder.path(), &[], &["STORAGE_ROLLED_BACK", WAY_OUT]);
    fs::write(&database, [7; 4096]).unwrap();
    complains(folder.path(), &[], &["STORAGE_CORRUPTED", WAY_OUT]);
    fs::write(&database, newest).unwrap();
    for torn in [&remembers[..10], b"{}"] {
        fs::write(&issuer, torn).unwrap();
        complains(folder.path(), &[], &["issuer.json: ", WAY_OUT]);
    }
    fs::remove_file(&issuer).unwrap();
    complains(folder.path(), &[], &["issuer.json is missing", WAY_OUT]);
    fs::write(&issuer, remembers).unwrap();
    fs::remove_file(&database).unwrap();
    complains(folder.path(), &[], &["STORAGE_ROLLED_BACK", WAY_OUT]);
    fs::remove_file(&issuer).unwrap();
    assert_eq!(atc(&went_on(folder.path(), &["--start-over"]).1), 1, "nobody knows of the first card any more");
}

#[test]
fn a_folder_keeps_one_card_of_one_model() {
    let folder = tempfile::tempdir().unwrap();
    went_on(folder.path(), &["--model", "card-like", "--seed", "7"]);
    assert_eq!(went_on(folder.path(), &[]).1[0]["model"], "CardLike");
    complains(folder.path(), &["--model", "always"], &["model Card-like with --seed 7; --start-over makes another"]);
    complains(folder.path(), &["--seed", "8"], &["model Card-like with --seed 7; --start-over makes another"]);
    let (_, taps, _) = went_on(folder.path(), &["--start-over", "--model", "always", "--verified"]);
    assert_eq!((&taps[0]["model"], atc(&taps)), (&Value::from("Always"), 1));
    for more in ["--scenario=replay", "--list", "--profile=a.json"] {
        assert_eq!(with_state(folder.path(), &[more]).status.code(), Some(2), "{more}");
    }
    assert_eq!(run(&["--start-over"]).status.code(), Some(2));
}

#[test]
fn while_one_program_has_the_folder_another_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    went_on(folder.path(), &[]);
    let parts = StoreParts::new(Box::new(FileVault::new(folder.path().join("vault"))));
    let open = SqliteStore::open(&StoreLocation::new(folder.path().join("wallet")), parts).unwrap();
    complains(folder.path(), &[], &["STORAGE_IN_USE", "try again when the other program has ended"]);
    complains(folder.path(), &["--start-over"], &["STORAGE_IN_USE"]);
    drop(open);
    assert_eq!(atc(&went_on(folder.path(), &[]).1), 2);
}

#[test]
fn programs_that_start_at_once_never_share_a_counter() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen = BTreeSet::new();
    for _ in 0..3 {
        let programs: Vec<Child> = (0..4).map(|_| starts(folder.path())).collect();
        let mut paid = 0;
        for program in programs {
            let output = program.wait_with_output().unwrap();
            if output.status.success() {
                paid += 1;
                assert!(printed(&output).into_iter().all(|atc| seen.insert(atc)), "{seen:?}: {}", text(&output));
            } else {
                assert!(complaint(&output).contains("STORAGE_IN_USE"), "{}", complaint(&output));
            }
        }
        assert!(paid > 0);
    }
    assert_eq!(seen.last().copied(), u64::try_from(seen.len()).ok(), "no counter is left out");
}
