//! The program, from its command line.
#![allow(clippy::unwrap_used, reason = "a test may fall")]

mod common;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{Tap, icc_key};
use sandbox::keys::Exponent;
use sandbox::{AuthorisationRequest, CaSize, CardSpec, CredentialsFile, TokenService};
use serde_json::Value;

fn sandbox() -> Command {
    Command::new(env!("CARGO_BIN_EXE_sandbox"))
}

fn make_card(folder: &Path, more: &[&str]) {
    let status = sandbox().args(["card", "--icc-bits", "768", "--out"]).arg(folder).args(more).status().unwrap();
    assert!(status.success());
}

fn read(folder: &Path, name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap()
}

fn verify(credentials: &Path, more: &[&str], input: &[u8]) -> Vec<Value> {
    let mut child = sandbox()
        .args(["verify", "--credentials"])
        .arg(credentials)
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_card_on_disk_is_the_card_of_the_library() {
    let folder = tempfile::tempdir().unwrap();
    make_card(&folder.path().join("new/folder"), &["--seed", "4", "--credentials", "3"]);
    let folder = folder.path().join("new/folder");

    let mut tokens = TokenService::new(4, CaSize::Bits1152).unwrap();
    let card = tokens.personalise(&CardSpec { seed: 4, icc_key_bits: 768, ..CardSpec::default() }).unwrap();
    tokens.issue_credentials(&card.pan, 3).unwrap();
    assert_eq!(read(&folder, "profile-v1.json"), card.profile_v1);
    assert_eq!(read(&folder, "profile-v2.json"), card.profile_v2);
    let text = fs::read_to_string(folder.join("credentials.json")).unwrap();
    assert_eq!(CredentialsFile::from_json(&text).unwrap(), tokens.credentials_file(&card.pan).unwrap());
}

#[test]
fn taps_of_a_card_on_disk_are_judged_line_by_line() {
    let folder = tempfile::tempdir().unwrap();
    make_card(folder.path(), &["--model", "always"]);
    let mut tokens = TokenService::new(1, CaSize::Bits1152).unwrap();
    let card = tokens.personalise(&CardSpec { icc_key_bits: 768, ..CardSpec::default() }).unwrap();
    let credentials = tokens.issue_credentials(&card.pan, 2).unwrap();
    let icc = icc_key(&card.profile_v1, Exponent::Three);
    let line = |tap: &Tap, index: usize| {
        serde_json::to_string(&tap.request(&tokens, &card.pan, &credentials[index], &icc)).unwrap()
    };
    let good = line(&Tap { cda: true, ..Tap::default() }, 0);
    let dear = line(&Tap { amount: 99_999, ..Tap::default() }, 1);
    let mut unknown: AuthorisationRequest = serde_json::from_str(&good).unwrap();
    unknown.pan = "1".to_owned();
    let unknown = serde_json::to_string(&unknown).unwrap();

    let mut input = b"nonsense\n\xFF\xFE\n\n{}\n{\"pan\":\"1\",\"elements\":{\"XY\":\"00\"}}\n".to_vec();
    input.extend([&unknown, "\n", &good, "\r\n", &good, "\n", &dear].concat().bytes());
    let answers = verify(&folder.path().join("credentials.json"), &["--balance", "10000"], &input);
    assert_eq!(answers.len(), 8);
    for answer in &answers[..4] {
        assert_eq!((&answer["ok"], &answer["error"]["code"]), (&Value::Bool(false), &"BAD_REQUEST".into()));
    }
    assert_eq!(answers[4]["error"]["code"], "UNKNOWN_CARD");
    let [good, replay, dear] = &answers[5..] else { panic!() };
    assert_eq!(good["decision"], "approved");
    assert_eq!(good["authorisation_code"], "000001");
    assert_eq!(good["verification"]["umd"], "valid");
    assert_eq!(good["verification"]["cda"], "valid");
    assert_eq!(good["verification"]["freshness"], "fresh");
    assert_eq!(good["verification"]["cvr"]["cdcvm_done"], true);
    assert_eq!((&replay["decision"], &replay["reason"]), (&"declined".into(), &"REPLAYED_ATC".into()));
    assert_eq!((&dear["decision"], &dear["reason"]), (&"declined".into(), &"OVER_ACCOUNT_LIMIT".into()));
}

#[test]
fn the_synthetic_cards_file_can_be_loaded() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/syn-1.credentials.json");
    assert_eq!(verify(&path, &[], b"").len(), 0);
}

#[test]
fn help_teaches_and_a_wrong_argument_says_why() {
    for command in ["card", "verify"] {
        let output = sandbox().args([command, "--help"]).output().unwrap();
        assert!(output.status.success() && output.stdout.len() > 500);
    }
    let output = sandbox().args(["card", "--out", "x", "--icc-bits", "100"]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("768 bits or more"));
    let output = sandbox().args(["verify", "--credentials", "/nowhere"]).output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("cannot read /nowhere"));
}
