//! A test that runs itself a second time, in a process of its own, to be looked at from the first one.

use bezant_tests::memory::{Finding, Needles, scan};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

/// In the second process, which [`scanned`] has started: takes its word and acts; gives whether this is the one.
pub(crate) fn acts(act: impl FnOnce(&str, &dyn Fn())) -> bool {
    let is_second = std::env::var_os(SECOND).is_some();
    if is_second {
        act(&line(), &|| {
            println!("{AT_REST}");
            line();
        });
    }
    is_second
}

/// In the first process: starts the test of this name again with a word for it, and gives what is found there while it
/// rests.
pub(crate) fn scanned(test: &str, word: &str, needles: &Needles) -> Vec<Finding> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads", "1"])
        .env(SECOND, "")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut words = child.stdin.take().unwrap();
    writeln!(words, "{word}").unwrap();
    let mut told = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(told.any(|line| line.unwrap().ends_with(AT_REST)), "{test} with {word} ended early");
    let findings = scan(child.id(), needles).unwrap();
    writeln!(words).unwrap();
    assert!(told.all(|line| line.is_ok()) && child.wait().unwrap().success(), "{test} with {word} failed");
    findings
}

fn line() -> String {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    line.trim().to_owned()
}

const SECOND: &str = "BEZANT_TESTS_SECOND_PROCESS";
const AT_REST: &str = "at rest";
