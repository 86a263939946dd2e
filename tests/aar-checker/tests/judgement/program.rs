//! The program: its exit code, its table and its JSON.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::Aar;

struct Desk {
    folder: TempDir,
    aar: PathBuf,
}

fn desk(aar: &Aar) -> Desk {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(&aar.file_name);
    fs::write(&path, aar.bytes()).unwrap();
    fs::write(folder.path().join("pom.xml"), aar.pom.as_ref().unwrap()).unwrap();
    Desk { folder, aar: path }
}

impl Desk {
    fn check(&self, arguments: &[&str]) -> Output {
        let mut program = Command::new(env!("CARGO_BIN_EXE_aar-checker"));
        program.current_dir(&self.folder).arg(&self.aar).args(arguments).output().unwrap()
    }
}

#[test]
fn a_sound_aar_is_a_table_and_no_failure() {
    let output = desk(&Aar::ci()).check(&["--pom", "pom.xml"]);

    let table = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{table}");
    assert!(table.contains("jni/arm64-v8a/libbezant.so"));
    assert!(table.ends_with("0 warnings, 0 failed, 0 not judged\n"), "{table}");
}

#[test]
fn several_faults_are_told_at_once() {
    let mut aar = Aar::ci();
    aar.remove("R.txt");
    aar.edit("AndroidManifest.xml", "android.permission.NFC", "android.permission.INTERNET");

    let output = desk(&aar).check(&["--json"]);

    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = report["checks"].as_array().unwrap().iter();
    let failed: Vec<&Value> =
        checks.filter(|check| check["outcome"] == "failed").map(|check| &check["check"]).collect();
    assert_eq!(failed, ["entries", "manifest-permissions"]);
    assert_eq!(report["build"]["grade"], "ci");
    assert_eq!(report["libraries"][0]["exports"], 4);
}

#[test]
fn a_release_is_asked_for() {
    let output = desk(&Aar::ci()).check(&["--release"]);

    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stdout).unwrap().contains("> a release was asked for"));
}

#[test]
fn what_cannot_be_judged_is_a_failure_too() {
    let desk = desk(&Aar::ci());
    fs::write(&desk.aar, b"no zip file").unwrap();

    let output = desk.check(&[]);

    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("no readable zip file"));
}
