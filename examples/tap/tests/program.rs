//! The program, as a person or a script starts it.
#![allow(clippy::unwrap_used)]

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

fn vector(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors").join(name)
}

fn tap_files(profile: &Path, credentials: &Path, more: &[&str]) -> Output {
    let files = ["--profile", profile.to_str().unwrap(), "--credentials", credentials.to_str().unwrap()];
    run(&[&files[..], more].concat())
}

#[test]
fn every_scenario_goes_as_expected_and_every_payment_is_proven() {
    let output = run(&["--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", complaint(&output));
    let (taps, summary) = lines(&output);
    assert!(taps.iter().all(|tap| tap["as_expected"] == true && tap["deviations"] == serde_json::json!([])));
    assert_eq!(summary["scenarios"], summary["as_expected"]);
    assert!(summary["scenarios"].as_u64().unwrap() >= 12);

    let paid: Vec<&Value> = taps.iter().filter(|tap| tap["outcome"] == "AuthorizeOnline").collect();
    assert_eq!(summary["payments_verified"], paid.len());
    assert_eq!(summary["credentials_spent"], paid.len());
    for tap in &paid {
        let found = &tap["issuer"]["verification"];
        match tap["scenario"].as_str().unwrap() {
            "mag-stripe" => assert_eq!(found["valid"]["freshness"], "fresh"),
            "altered-amount" => assert_eq!(found["amount"]["contradicted"]["under_cryptogram"], tap["amount"]),
            _ => {
                assert_eq!((&found["umd"], &found["md"]), (&Value::from("valid"), &Value::from("valid")));
                assert_eq!((&found["freshness"], &found["amount"]), (&Value::from("fresh"), &Value::from("bound")));
            }
        }
    }
    let counters: Vec<u64> = paid.iter().filter_map(|tap| tap["issuer"]["verification"]["atc"].as_u64()).collect();
    assert!(counters.is_sorted_by(|one, next| one < next), "{counters:?}");
}

#[test]
fn a_tap_is_told_byte_by_byte() {
    let (taps, summary) = lines(&run(&["--json", "--scenario", "double-tap"]));
    let outcomes: Vec<&str> = taps.iter().map(|tap| tap["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["WalletActionRequired", "AuthorizeOnline"]);
    assert_eq!((&summary["scenarios"], &summary["taps"]), (&Value::from(1), &Value::from(2)));
    let first = &taps[0];
    assert_eq!(first["issuer"], Value::Null);
    assert_eq!(first["refusal_cryptograms"], "random");
    assert_eq!(first["credentials_spent"], 0);
    let apdus = first["apdus"].as_array().unwrap();
    assert!(apdus.last().unwrap()["answer"].as_str().unwrap().ends_with("DF4B030001009000"));
    for apdu in apdus {
        let digits = apdu["command"].as_str().unwrap().len() + apdu["answer"].as_str().unwrap().len();
        assert_eq!(apdu["bytes"], digits / 2);
        // Three bytes of frame each way, 84.96 microseconds a byte.
        let air = 0.084_96 * (digits / 2 + 6) as f64;
        assert!((apdu["air_ms"].as_f64().unwrap() - air).abs() < 0.001, "{apdu}");
    }
}

#[test]
fn a_card_of_ones_own_pays_once_for_each_credential() {
    for generation in ["syn-1.profile-v1.json", "syn-1.profile-v2.json"] {
        let output = tap_files(&vector(generation), &vector("syn-1.credentials.json"), &["--json"]);
        assert_eq!(output.status.code(), Some(0), "{generation}: {} {}", text(&output), complaint(&output));
        let (taps, summary) = lines(&output);
        let outcomes: Vec<&str> = taps.iter().map(|tap| tap["outcome"].as_str().unwrap()).collect();
        assert_eq!(outcomes, ["AuthorizeOnline", "AuthorizeOnline", "AuthorizeOnline", "DeclinedByWallet"]);
        assert_eq!(summary["payments_verified"], 3);
        assert_eq!(summary["not_verified"], serde_json::json!([]));
        let counters: Vec<u64> = taps.iter().filter_map(|t| t["issuer"]["verification"]["atc"].as_u64()).collect();
        assert_eq!(counters, [1, 2, 31]);
        assert_eq!(taps[0]["data_authentication"], "certificates and signature verified (CDA)");
        assert_eq!(taps[0]["issuer"]["verification"]["cda"], "valid");
    }
}

#[test]
fn somebodys_account_number_is_masked_in_text() {
    let output = tap_files(&vector("syn-1.profile-v2.json"), &vector("syn-1.credentials.json"), &[]);
    assert_eq!(output.status.code(), Some(0));
    let told = text(&output);
    assert!(told.contains("541333******0019") && !told.contains("5413330000000019"));
    let output = tap_files(&vector("syn-1.profile-v2.json"), &vector("syn-1.credentials.json"), &["--verbose"]);
    assert!(!text(&output).contains("5413330000000019"));
}

#[test]
fn missing_keys_are_told_and_what_nobody_verified_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let mut file: Value = serde_json::from_slice(&std::fs::read(vector("syn-1.credentials.json")).unwrap()).unwrap();
    for field in ["imk_umd", "imk_md", "ca", "icc_modulus"] {
        file.as_object_mut().unwrap().remove(field);
    }
    let path = folder.path().join("credentials.json");
    std::fs::write(&path, file.to_string()).unwrap();
    let output = tap_files(&vector("syn-1.profile-v1.json"), &path, &["--json"]);
    let (taps, summary) = lines(&output);
    assert_eq!(output.status.code(), Some(1), "a payment that nobody has verified is no success: {}", text(&output));
    assert!(taps.iter().all(|tap| tap["issuer"] == Value::Null && tap["data_authentication"] == "not performed"));
    assert!(taps.iter().all(|tap| (tap["outcome"] == "AuthorizeOnline") != (tap["as_expected"] == true)));
    assert_eq!(summary["payments_verified"], 0);
    assert_eq!(summary["not_verified"].as_array().unwrap().len(), 2);
    let told = text(&tap_files(&vector("syn-1.profile-v1.json"), &path, &[]));
    assert!(told.contains("Not verified: without imk_umd and imk_md"), "{told}");
}

#[test]
fn a_byte_of_a_certificate_makes_the_run_fail() {
    let profile = std::fs::read_to_string(vector("syn-1.profile-v2.json")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    // Somewhere in the issuer's certificate (90), then in the card's (9F46).
    for (genuine, tampered, fault) in [
        ("9F32030100019214A8D2", "9F32030100019214A8D3", "issuer certificate"),
        ("9F46818022B68B97", "9F46818022B68B98", "ICC certificate"),
    ] {
        assert!(profile.contains(genuine));
        let path = folder.path().join("profile.json");
        std::fs::write(&path, profile.replace(genuine, tampered)).unwrap();
        let output = tap_files(&path, &vector("syn-1.credentials.json"), &["--json", "--scenario", "low-value"]);
        assert_eq!(output.status.code(), Some(1), "{fault}");
        let (taps, summary) = lines(&output);
        assert_eq!((&taps[0]["as_expected"], &summary["as_expected"]), (&Value::from(false), &Value::from(0)));
        assert!(taps[0]["data_authentication"].as_str().unwrap().starts_with(&format!("failed: {fault}")));
        assert!(taps[0]["deviations"].to_string().contains("CDA failed"), "{}", taps[0]["deviations"]);
        assert_eq!(taps[0]["credentials_spent"], 0);

        let told = text(&tap_files(&path, &vector("syn-1.credentials.json"), &["--scenario", "low-value"]));
        assert!(told.contains("NOT AS EXPECTED: ") && told.contains("0 of 1 scenarios as expected"), "{told}");
    }
}

#[test]
fn credentials_of_another_issuer_are_refused_by_name() {
    let credentials = std::fs::read_to_string(vector("syn-1.credentials.json")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("credentials.json");
    let other = credentials.replace("00112233445566778899AABBCCDDEEFF", "10112233445566778899AABBCCDDEEFF");
    assert_ne!(credentials, other);
    std::fs::write(&path, other).unwrap();
    let output = tap_files(&vector("syn-1.profile-v2.json"), &path, &[]);
    assert_eq!(output.status.code(), Some(2));
    let complaint = complaint(&output);
    assert!(complaint.contains("credentials.json: the keys of ATC 1"), "{complaint}");
    assert!(!complaint.contains("71BDDBCA"), "a key in a complaint: {complaint}");
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
        "15 of 15 scenarios as expected",
    ] {
        assert!(told.contains(words), "{words}");
    }
    assert!(told.lines().count() < 1_000, "{} lines", told.lines().count());
    let coloured = Command::new(env!("CARGO_BIN_EXE_tap")).env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(text(&coloured).contains('\u{1b}'));
    let verbose = text(&run(&["--verbose", "--scenario", "replay"]));
    assert!(verbose.contains("declined REPLAYED_ATC") && !verbose.contains(" bytes)\n"), "{verbose}");
    assert!(text(&run(&["--help"])).contains("WalletActionRequired"));
}

#[test]
fn the_same_seed_is_the_same_run_to_the_byte() {
    for more in ["--json", "--verbose"] {
        let once = run(&["--seed", "7", more]);
        assert_eq!(once.status.code(), Some(0), "{}", text(&once));
        assert_eq!(once.stdout, run(&["--seed", "7", more]).stdout);
        assert_ne!(once.stdout, run(&["--seed", "8", more]).stdout);
    }
}

#[test]
fn each_scenario_can_be_played_alone() {
    for line in text(&run(&["--list"])).lines() {
        let name = line.split(' ').next().unwrap();
        let output = run(&["--json", "--scenario", name]);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", text(&output));
    }
}

#[test]
fn what_cannot_start_says_why() {
    let output = run(&["--scenario", "low-valeu"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("\"low-valeu\"") && complaint(&output).contains("low-value, high-value"));

    let nowhere = Path::new("/nowhere/profile.json");
    let output = tap_files(nowhere, &vector("syn-1.credentials.json"), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("/nowhere/profile.json"), "{}", complaint(&output));

    let output = tap_files(&vector("syn-1.credentials.json"), &vector("syn-1.credentials.json"), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("syn-1.credentials.json: "), "{}", complaint(&output));

    let output = tap_files(&vector("syn-1.profile-v1.json"), &vector("syn-1.profile-v1.json"), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("not a credentials file"), "{}", complaint(&output));

    assert_eq!(run(&["--profile", "alone.json"]).status.code(), Some(2));
    assert_eq!(run(&["--date", "yesterday"]).status.code(), Some(2));
}

#[test]
fn a_card_out_of_its_dates_is_not_as_expected() {
    let output = run(&["--json", "--scenario", "low-value", "--date", "2031-02-01"]);
    assert_eq!(output.status.code(), Some(1));
    let (taps, _) = lines(&output);
    assert!(taps[0]["data_authentication"].as_str().unwrap().contains("expired"), "{}", taps[0]);
}
