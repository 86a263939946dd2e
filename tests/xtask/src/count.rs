//! Counting tests in what well-known tools say at their end.

use std::ops::{Add, AddAssign};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::lane::Heard;

/// How a lane's tests are counted.
#[derive(Debug, Clone, Copy)]
pub enum Counting {
    /// The closing lines of `cargo test`, one a test binary.
    CargoTest,
    /// The closing lines of the fuzzer, one a target, and those of `cargo test`.
    Fuzz,
    /// The number of scenarios in a JSON summary, the last line of standard output.
    Scenarios,
    /// The closing line of Maven's Surefire, one a module.
    Surefire,
    /// The two closing lines of Python's unittest.
    Unittest,
    /// The last step as a whole is one test.
    Whole,
}

/// Numbers of tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Ran and were content.
    pub passed: u64,
    /// Ran and were not.
    pub failed: u64,
    /// Did not run.
    pub skipped: u64,
}

impl Tally {
    /// Tests that ran.
    pub fn ran(self) -> u64 {
        self.passed + self.failed
    }
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Counting {
    /// Whether every step may run some of the tests.
    pub fn adds_up(self) -> bool {
        matches!(self, Self::CargoTest | Self::Fuzz | Self::Surefire)
    }

    /// Counts the tests of a step.
    ///
    /// # Errors
    ///
    /// Where the closing lines are not there.
    pub fn count(self, heard: &Heard) -> Result<Tally> {
        match self {
            Self::CargoTest => Ok(cargo_test(&heard.stdout)),
            Self::Fuzz => Ok(cargo_test(&heard.stdout) + fuzz(&heard.stdout)),
            Self::Scenarios => scenarios(&heard.stdout),
            Self::Surefire => Ok(surefire(&heard.stdout)),
            Self::Unittest => unittest(&heard.stderr).context("unittest did not close with its numbers"),
            Self::Whole if heard.status.success() => Ok(Tally { passed: 1, ..Tally::default() }),
            Self::Whole => Ok(Tally { failed: 1, ..Tally::default() }),
        }
    }
}

/// `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s`
fn cargo_test(stdout: &str) -> Tally {
    let mut sum = Tally::default();
    for result in stdout.lines().filter_map(|line| line.strip_prefix("test result: ")) {
        let number = |what| result.split(';').find_map(|part| part.strip_suffix(what)).map_or(0, last_number);
        sum += Tally { passed: number(" passed"), failed: number(" failed"), skipped: number(" ignored") };
    }
    sum
}

/// `fuzz result: ok. tlv: 120 inputs replayed, 3000 executions in 5 s, 600 a second`: each input is a test, and so is the rest.
fn fuzz(stdout: &str) -> Tally {
    let mut sum = Tally::default();
    for result in stdout.lines().filter_map(|line| line.strip_prefix("fuzz result: ")) {
        let replayed = result.split_once(" inputs replayed").map_or(0, |(before, _)| last_number(before));
        let passed = if result.starts_with("ok. ") { replayed + 1 } else { 0 };
        sum += Tally { passed, failed: u64::from(passed == 0), skipped: 0 };
    }
    sum
}

/// `[INFO] Tests run: 12, Failures: 0, Errors: 1, Skipped: 2`; a single class's line goes on.
fn surefire(stdout: &str) -> Tally {
    let mut sum = Tally::default();
    for line in stdout.lines().filter_map(|line| line.split_once("] Tests run: ")).map(|(_, numbers)| numbers) {
        let numbers: Option<Vec<u64>> = line.split(',').map(|field| field.rsplit(' ').next()?.parse().ok()).collect();
        if let Some([ran, failures, errors, skipped]) = numbers.as_deref() {
            let failed = failures + errors;
            sum += Tally { passed: ran.saturating_sub(failed + skipped), failed, skipped: *skipped };
        }
    }
    sum
}

/// `Ran 5 tests in 0.1s`, then `OK`, `OK (skipped=1)` or `FAILED (failures=1, errors=2)`.
fn unittest(stderr: &str) -> Option<Tally> {
    let mut closing = stderr.lines().rev().skip_while(|line| !is_unittest_verdict(line));
    let verdict = closing.next()?;
    let ran = closing.find_map(|line| line.strip_prefix("Ran ")?.split_whitespace().next()?.parse::<u64>().ok())?;

    let details = verdict.split_once('(').map_or("", |(_, details)| details.trim_end_matches(')'));
    let number = |what| {
        let fields = details.split(", ").filter_map(|field| field.split_once('='));
        fields.filter(|(name, _)| *name == what).map(|(_, number)| last_number(number)).sum::<u64>()
    };
    let failed = number("failures") + number("errors") + number("unexpected successes");
    let skipped = number("skipped");
    // Subtests fail one by one and a class can fail before its first test, so there may be more failures than tests.
    Some(Tally { passed: ran.saturating_sub(failed + skipped), failed, skipped })
}

fn is_unittest_verdict(line: &str) -> bool {
    ["OK", "FAILED", "NO TESTS RAN"].iter().any(|word| {
        line.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with(" (") && rest.ends_with(')'))
    })
}

/// `{"summary": {"scenarios": 7, "as_expected": 7, ...}}`
fn scenarios(stdout: &str) -> Result<Tally> {
    #[derive(Deserialize)]
    struct LastLine {
        summary: Summary,
    }
    #[derive(Deserialize)]
    struct Summary {
        scenarios: u64,
        as_expected: u64,
    }

    let last = stdout.lines().next_back().unwrap_or_default();
    let line: LastLine = serde_json::from_str(last).context("the last line is not a summary of scenarios")?;
    let Summary { scenarios, as_expected } = line.summary;
    Ok(Tally { passed: as_expected, failed: scenarios.saturating_sub(as_expected), ..Tally::default() })
}

fn last_number(text: &str) -> u64 {
    text.split_whitespace().next_back().and_then(|word| word.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::{os::unix::process::ExitStatusExt, process::ExitStatus};

    use super::*;

    fn tally(passed: u64, failed: u64, skipped: u64) -> Tally {
        Tally { passed, failed, skipped }
    }

    #[test]
    fn surefire_closes_each_module_with_its_sum() {
        let stdout = "[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s -- in A\n\
                      [WARNING] Tests run: 3, Failures: 0, Errors: 0, Skipped: 1\n\
                      [ERROR] Tests run: 5, Failures: 1, Errors: 2, Skipped: 0\n";

        assert_eq!(surefire(stdout), Tally { passed: 4, failed: 3, skipped: 1 });
    }

    #[test]
    fn cargo_test_is_summed_over_binaries() {
        let stdout = "running 2 tests\n\
            test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.00s\n\n\
            test result: FAILED. 10 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            all doctests ran in 0.21s\n";

        assert_eq!(cargo_test(stdout), tally(12, 3, 1));
    }

    #[test]
    fn each_input_of_a_fuzz_target_counts_and_so_does_a_find() {
        let stdout = "fuzz result: ok. tlv: 120 inputs replayed, 3000 executions in 5 s, 600 a second\n\
            fuzz result: FOUND. dol: /t/fuzz-findings/dol/crash-12\n";

        assert_eq!(fuzz(stdout), tally(121, 1, 0));
    }

    #[test]
    fn only_closing_lines_count() {
        let stdout = "the tool printed: test result: ok. 2 passed; 0 failed;\ntest result ok. 5 passed\n";

        assert_eq!(cargo_test(stdout), tally(0, 0, 0));
    }

    #[test]
    fn unittest_verdicts() {
        let cases = [
            ("Ran 4 tests in 1.2s\n\nOK\n", tally(4, 0, 0)),
            ("Ran 4 tests in 1.2s\n\nOK (skipped=1)\n", tally(3, 0, 1)),
            ("Ran 9 tests in 1.2s\n\nFAILED (failures=1, errors=2, skipped=3)\n", tally(3, 3, 3)),
            ("Ran 1 test in 0.0s\n\nFAILED (failures=5)\n", tally(0, 5, 0)),
            ("Ran 0 tests in 0.0s\n\nFAILED (errors=1)\n", tally(0, 1, 0)),
            ("Ran 3 tests in 0.0s\n\nFAILED (expected failures=1, unexpected successes=1)\n", tally(2, 1, 0)),
            ("Ran 0 tests in 0.0s\n\nNO TESTS RAN\n", tally(0, 0, 0)),
            ("Ran 2 tests in 0.0s\n\nOK\na warning from the way out\n", tally(2, 0, 0)),
        ];
        for (stderr, expected) in cases {
            assert_eq!(unittest(stderr), Some(expected), "{stderr}");
        }
    }

    #[test]
    fn unittest_without_closing_lines_is_not_counted() {
        for stderr in ["", "OK\n", "Ran 3 tests in 0.1s\n", "Traceback (most recent call last):\nOK, but no\n"] {
            assert_eq!(unittest(stderr), None, "{stderr}");
        }
    }

    #[test]
    fn scenarios_are_read_from_the_last_line() {
        let stdout = "{\"scenario\": \"one\"}\n{\"summary\": {\"scenarios\": 7, \"as_expected\": 6}}\n";

        assert_eq!(scenarios(stdout).unwrap(), tally(6, 1, 0));
        assert!(scenarios("{\"summary\": {\"scenarios\": 7, \"as_expected\": 7}}\nmore\n").is_err());
        assert!(scenarios("{\"summary\": {}}\n").is_err());
        assert!(scenarios("").is_err());
    }

    #[test]
    fn a_whole_step_is_one_test() {
        let heard = |code| Heard { status: ExitStatus::from_raw(code), stdout: String::new(), stderr: String::new() };

        assert_eq!(Counting::Whole.count(&heard(0)).unwrap(), tally(1, 0, 0));
        assert_eq!(Counting::Whole.count(&heard(256)).unwrap(), tally(0, 1, 0));
    }
}
