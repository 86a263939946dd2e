//! A card from files.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::{complaint, lines, outcome, run, text, vector};

pub(crate) fn tap_files(profile: &Path, credentials: &Path, more: &[&str]) -> Output {
    let files = ["--profile", profile.to_str().unwrap(), "--credentials", credentials.to_str().unwrap()];
    run(&[&files[..], more].concat())
}

#[test]
fn a_card_of_ones_own_pays_once_for_each_credential() {
    // The profile of the first generation names no model.
    for (generation, model, wanted) in [
        ("syn-1.profile-v1.json", &[][..], &["low-value", "double-tap"]),
        ("syn-1.profile-v1.json", &["--model", "always"], &["low-value", "high-value"]),
        ("syn-1.profile-v2.json", &[], &["low-value", "high-value"]),
    ] {
        let output = tap_files(&vector(generation), &vector("syn-1.credentials.json"), &[&["--json"], model].concat());
        assert_eq!(output.status.code(), Some(0), "{generation}: {} {}", text(&output), complaint(&output));
        let (mut taps, summary) = lines(&output);
        taps.retain(|tap| tap["outcome"] != "WalletActionRequired");
        let outcomes: Vec<&str> = taps.iter().map(outcome).collect();
        assert_eq!(outcomes, ["AuthorizeOnline", "AuthorizeOnline", "AuthorizeOnline", "DeclinedByWallet"]);
        for (tap, wanted) in taps.iter().zip(wanted) {
            assert!(tap["scenario"].as_str().unwrap().ends_with(wanted), "{tap}");
        }
        assert_eq!((&summary["payments_verified"], &summary["credentials_left"]), (&Value::from(3), &Value::from(0)));
        assert_eq!(summary["not_verified"], serde_json::json!([]));
        let counters: Vec<u64> = taps.iter().filter_map(|t| t["issuer"]["verification"]["atc"].as_u64()).collect();
        assert_eq!(counters, [1, 2, 31]);
        assert_eq!(taps[0]["data_authentication"], "certificates and signature verified (CDA)");
        assert_eq!(taps[0]["issuer"]["verification"]["cda"], "valid");
    }
}

#[test]
fn a_card_of_ones_own_keeps_to_its_model() {
    let files = |more: &[&str]| tap_files(&vector("syn-1.profile-v2.json"), &vector("syn-1.credentials.json"), more);
    let output = files(&["--model", "flexible"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("PROFILE_CONFIG_MISMATCH"), "{}", complaint(&output));
    let output = files(&["--scenario", "flexible-count"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("flexible-count is for model Flexible, the card for Always"));
    let output = files(&["--json", "--terminal", "gpo-twice", "--verified"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert_eq!(lines(&output).0[0]["model"], "Always");
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
        let output = tap_files(&path, &vector("syn-1.credentials.json"), &["--json", "--scenario", "always-low-value"]);
        assert_eq!(output.status.code(), Some(1), "{fault}");
        let (taps, summary) = lines(&output);
        assert_eq!((&taps[0]["as_expected"], &summary["as_expected"]), (&Value::from(false), &Value::from(0)));
        assert!(taps[0]["data_authentication"].as_str().unwrap().starts_with(&format!("failed: {fault}")));
        assert!(taps[0]["deviations"].to_string().contains("CDA failed"), "{}", taps[0]["deviations"]);
        assert_eq!(taps[0]["credentials_spent"], 0);

        let told = text(&tap_files(&path, &vector("syn-1.credentials.json"), &["--scenario", "always-low-value"]));
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
