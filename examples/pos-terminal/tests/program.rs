//! The program, as a person starts it.
#![allow(clippy::unwrap_used)]

mod common;

use std::io::Write;
use std::process::{Command, Output, Stdio};

use common::reference_trace;
use pos_terminal::{Card, DriverCard, LinkError};

fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_pos-terminal"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

const SALE: [&str; 7] = ["sale", "--amount", "25.00", "--date", "2026-01-15", "--unpredictable-number", "1234ABCD"];

fn terminal_file() -> String {
    format!("{}/tests/data/syn-1.toml", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_person_plays_the_card_in_hex() {
    let answers: String = reference_trace().iter().map(|(_, answer)| hex::encode(answer) + "\n").collect();
    let file = terminal_file();
    let output = run(&[&SALE[..], &["--hex", "--terminal", &file]].concat(), &answers);
    let commands: String = reference_trace().iter().map(|(command, _)| hex::encode_upper(command) + "\n").collect();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), commands);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("Outcome: online request") && !told.contains('\u{1b}'), "{told}");
    assert_eq!(output.status.code(), Some(0));

    let output = run(&[&SALE[..], &["--hex"]].concat(), "6A82\n");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn terminals_are_listed_and_printed() {
    let listed = String::from_utf8(run(&["terminals"], "").stdout).unwrap();
    assert!(listed.contains("shop-poland") && listed.contains("offline-only"));
    let printed = String::from_utf8(run(&["terminals", "shop-poland"], "").stdout).unwrap();
    assert!(pos_terminal::TerminalConfiguration::from_toml(&printed).is_ok());
    assert_eq!(run(&["terminals", "kiosk"], "").status.code(), Some(1));
}

#[test]
fn the_zoo_is_listed_printed_and_tapped() {
    let told = |arguments: &[&str]| String::from_utf8(run(arguments, "").stdout).unwrap();
    assert!(told(&["terminals"]).contains("The zoo:") && told(&["terminals"]).contains("petrol-pump"));
    let zoo = told(&["terminals", "--zoo"]);
    assert!(zoo.contains("petrol-pump") && zoo.contains("ISO 8583") && !zoo.contains("shop-germany"), "{zoo}");
    assert!(told(&["terminals", "petrol-pump"]).starts_with("[[terminals]]\nname = \"petrol-pump\""));
    assert!(told(&["sale", "--help"]).contains("one of the zoo"));

    let answers: Vec<String> = reference_trace().iter().map(|(_, answer)| hex::encode(answer)).collect();
    let input = [&answers[..3], &answers[..1]].concat().join("\n");
    let output = run(&[&SALE[..], &["--hex", "--terminal", "drops-after-gpo"]].concat(), &input);
    let commands = String::from_utf8(output.stdout).unwrap();
    assert_eq!(commands.lines().count(), 5, "{commands}");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("switched its field off") && told.contains("closed the link"), "{told}");
    assert_eq!(output.status.code(), Some(1));

    let output = run(&[&SALE[..], &["--hex", "--terminal", "kiosk"]].concat(), "");
    assert!(String::from_utf8(output.stderr).unwrap().contains("those of the zoo too"));
}

#[test]
fn data_objects_are_explained() {
    let told = String::from_utf8(run(&["decode", "9F34030100029505", "0000008001"], "").stdout).unwrap();
    assert!(told.contains("9F34 CVM results: 010002 — verified on the device"), "{told}");
    assert!(told.contains("floor limit exceeded"), "{told}");
}

#[cfg(unix)]
#[test]
fn a_driver_is_prepared_tapped_and_shut_down() {
    use std::os::unix::fs::PermissionsExt;

    // A driver of shell: it knows nothing but SELECT's 6A82, and ends at `shutdown`.
    let folder = tempfile::tempdir().unwrap();
    let driver = folder.path().join("driver");
    let program = "#!/bin/sh\nwhile read -r line; do case \"$line\" in\n\
        *shutdown*) echo '{\"ok\":true}'; exit 0;;\n\
        *apdu*) echo '{\"ok\":true,\"hex\":\"6A82\",\"micros\":1}';;\n\
        *field_off*) echo '{\"ok\":true,\"outcome\":null}';;\n\
        *setup*) echo '{\"ok\":true,\"instruments\":[]}';;\n\
        *) echo '{\"ok\":false,\"error\":{\"code\":\"UNKNOWN_OP\",\"detail\":\"no such operation\"}}';;\n\
        esac; done\n";
    std::fs::write(&driver, program).unwrap();
    std::fs::set_permissions(&driver, std::fs::Permissions::from_mode(0o755)).unwrap();
    let script = folder.path().join("script");
    std::fs::write(&script, "> {\"op\": \"setup\"}\n< {\"ok\": true}\n> {\"op\": \"frobnicate\"}\n").unwrap();

    let mut card = DriverCard::spawn(Command::new(&driver)).unwrap();
    assert_eq!(card.transmit(&[0x00, 0xA4]).unwrap(), [0x6A, 0x82]);
    assert_eq!(card.field_off("deselected").unwrap(), serde_json::Value::Null);
    card.leave_field();
    assert_eq!(card.felt(), [serde_json::Value::Null]);
    assert_eq!(card.answer_time(), Some(std::time::Duration::from_micros(1)), "by the driver's own clock");
    drop(card);

    let paths = [driver.to_str().unwrap(), script.to_str().unwrap()];
    let output = run(&[&SALE[..], &["--driver", paths[0], "--script", paths[1]]].concat(), "");
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("SELECT was answered 6A82"), "{told}");
    assert!(told.contains("The wallet says: null"), "{told}");
    assert!(String::from_utf8(output.stderr).unwrap().contains("frobnicate"));

    let output = run(&[&SALE[..], &["--driver", paths[0], "--terminal", "drops-after-directory"]].concat(), "");
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("The wallet said when the field went off: null"), "{told}");

    let refused = DriverCard::spawn(Command::new(folder.path().join("absent"))).unwrap_err();
    assert!(matches!(refused, LinkError::Io { .. }));
}
