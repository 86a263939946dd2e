//! What a lane's end means, and how it is told.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::{count::Tally, lane::Lane, lanes::LANES};

/// A lane's line in the report.
#[derive(Debug)]
pub struct LaneReport {
    /// Its name.
    pub lane: &'static str,
    /// What came of it.
    pub outcome: Outcome,
    /// How long it took, with all that it needed.
    pub took: Duration,
}

/// What came of a lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is a failure, for this reason.
    Failed { tally: Tally, why: String },
    /// Nobody asked for it by its name, and it waits for that.
    OnRequest,
    /// All its tests ran and were content.
    Passed { tally: Tally },
    /// It could not run here, for this reason, and need not.
    Skipped { why: String },
}

impl LaneReport {
    /// That of a lane which waits to be asked for.
    pub fn on_request(lane: &'static str) -> Self {
        Self { lane, outcome: Outcome::OnRequest, took: Duration::ZERO }
    }
}

impl Outcome {
    /// Its share of the last line. A lane that fails or is left out as a whole counts as one test.
    fn tally(&self) -> Tally {
        match self {
            Self::Failed { tally, .. } => Tally { failed: tally.failed.max(1), ..*tally },
            Self::OnRequest => Tally::default(),
            Self::Passed { tally } => *tally,
            Self::Skipped { .. } => Tally { skipped: 1, ..Tally::default() },
        }
    }
}

/// When a lane that cannot run may be left out.
#[derive(Debug)]
pub struct Rules {
    /// Every lane has to run, except those allowed.
    pub strict: bool,
    /// Lanes and why they may be left out all the same.
    pub allowed: BTreeMap<String, String>,
}

impl Rules {
    /// What it means that a lane could not run.
    pub fn could_not_run(&self, lane: &str, why: String) -> Outcome {
        match (self.strict, self.allowed.get(lane)) {
            (false, _) => Outcome::Skipped { why },
            (true, Some(reason)) => Outcome::Skipped { why: format!("{why}; allowed: {reason}") },
            (true, None) => Outcome::Failed { tally: Tally::default(), why: format!("could not run: {why}") },
        }
    }
}

/// What it means that a lane ran.
pub fn judge(tally: Tally, broken: Option<String>) -> Outcome {
    match broken {
        // Tools end badly because a test failed: that says more than their status.
        _ if tally.failed > 0 => Outcome::Failed { tally, why: format!("{} failed", tally.failed) },
        Some(why) => Outcome::Failed { tally, why },
        None if tally.ran() == 0 => Outcome::Failed { tally, why: "ran no test".to_owned() },
        None => Outcome::Passed { tally },
    }
}

/// The committed list of lanes that may be left out under CI=true.
///
/// # Errors
///
/// It names a lane that does not exist, or gives no reason.
pub fn allowed_to_skip() -> Result<BTreeMap<String, String>> {
    parse_allowed_to_skip(ALLOWED_TO_SKIP).context("tests/xtask/allowed-to-skip.toml")
}

fn parse_allowed_to_skip(text: &str) -> Result<BTreeMap<String, String>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct AllowedToSkip {
        lanes: BTreeMap<String, String>,
    }

    let AllowedToSkip { lanes } = toml::from_str(text)?;
    for (name, reason) in &lanes {
        ensure!(LANES.iter().any(|lane| lane.name == name), "there is no lane {name}");
        ensure!(!reason.trim().is_empty(), "the lane {name} needs a reason");
    }
    Ok(lanes)
}

/// The lanes and what they need.
pub fn list(lanes: &[Lane]) -> String {
    let width = lanes.iter().map(|lane| lane.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for lane in lanes {
        let tools = lane.tools.iter().map(|tool| tool.name);
        let needs: Vec<&str> = tools.chain(lane.python_packages).collect();
        let needs = if needs.is_empty() { "nothing but cargo".to_owned() } else { needs.join(", ") };
        let _ = writeln!(text, "{:width$}  {}", lane.name, lane.about);
        let _ = writeln!(text, "{:width$}  needs {needs}", "");
        if lane.on_request {
            let _ = writeln!(text, "{:width$}  on request: --only {}", "", lane.name);
        }
        for step in lane.steps {
            let _ = writeln!(text, "{:width$}  $ {}", "", step.describe());
        }
    }
    text
}

/// The table at the end, and below it the one line that counts.
pub fn closing(reports: &[LaneReport]) -> String {
    let width = reports.iter().map(|report| report.lane.len()).max().unwrap_or(0).max("lane".len());
    let mut text = format!("\n{:width$}  {:>6}  {:>8}  result\n", "lane", "tests", "seconds");
    let mut sum = Tally::default();
    for LaneReport { lane, outcome, took } in reports {
        let (tests, result) = match outcome {
            Outcome::Failed { tally, why } => (tally.ran(), format!("FAILED: {why}")),
            Outcome::OnRequest => (0, format!("on request: --only {lane}")),
            Outcome::Passed { tally } => (tally.ran(), "ran".to_owned()),
            Outcome::Skipped { why } => (0, format!("did not run: {why}")),
        };
        let _ = writeln!(text, "{lane:width$}  {tests:>6}  {:>8.1}  {result}", took.as_secs_f64());
        sum += outcome.tally();
    }
    let _ = writeln!(text, "\n{} passed, {} failed, {} skipped", sum.passed, sum.failed, sum.skipped);
    text
}

const ALLOWED_TO_SKIP: &str = include_str!("../allowed-to-skip.toml");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::count::Counting;

    const NONE: Tally = Tally { passed: 0, failed: 0, skipped: 0 };

    fn rules(strict: bool) -> Rules {
        Rules { strict, allowed: BTreeMap::from([("pyemv".to_owned(), "no Python there".to_owned())]) }
    }

    #[test]
    fn a_lane_that_cannot_run_is_skipped_on_a_desk() {
        let outcome = rules(false).could_not_run("rust", "no disk".to_owned());

        assert_eq!(outcome, Outcome::Skipped { why: "no disk".to_owned() });
    }

    #[test]
    fn a_lane_that_cannot_run_fails_where_every_lane_has_to() {
        let outcome = rules(true).could_not_run("rust", "no disk".to_owned());

        assert_eq!(outcome, Outcome::Failed { tally: NONE, why: "could not run: no disk".to_owned() });
    }

    #[test]
    fn a_lane_allowed_to_skip_tells_both_reasons() {
        let outcome = rules(true).could_not_run("pyemv", "missing: python3".to_owned());

        assert_eq!(outcome, Outcome::Skipped { why: "missing: python3; allowed: no Python there".to_owned() });
    }

    #[test]
    fn no_test_is_a_failure_even_where_some_were_skipped() {
        for tally in [NONE, Tally { skipped: 4, ..NONE }] {
            assert_eq!(judge(tally, None), Outcome::Failed { tally, why: "ran no test".to_owned() });
        }
    }

    #[test]
    fn a_failed_test_or_a_broken_step_fails_the_lane() {
        let some_failed = Tally { passed: 3, failed: 1, skipped: 0 };
        let all_passed = Tally { passed: 3, ..NONE };

        for broken in [None, Some("exit status: 101".to_owned())] {
            assert_eq!(judge(some_failed, broken), Outcome::Failed { tally: some_failed, why: "1 failed".to_owned() });
        }
        assert_eq!(
            judge(all_passed, Some("killed".to_owned())),
            Outcome::Failed { tally: all_passed, why: "killed".to_owned() }
        );
        assert_eq!(judge(all_passed, None), Outcome::Passed { tally: all_passed });
    }

    #[test]
    fn the_last_line_sums_tests_and_counts_a_lane_without_any_as_one() {
        let report = |lane, outcome| LaneReport { lane, outcome, took: Duration::from_millis(1250) };
        let reports = [
            report("rust", Outcome::Passed { tally: Tally { passed: 40, failed: 0, skipped: 2 } }),
            report("docs", Outcome::Failed { tally: NONE, why: "ran no test".to_owned() }),
            report("pyemv", Outcome::Skipped { why: "missing: python3".to_owned() }),
            LaneReport::on_request("arm"),
        ];

        let text = closing(&reports);

        assert_eq!(
            text,
            "\n\
             lane    tests   seconds  result\n\
             rust       40       1.2  ran\n\
             docs        0       1.2  FAILED: ran no test\n\
             pyemv       0       1.2  did not run: missing: python3\n\
             arm         0       0.0  on request: --only arm\n\
             \n\
             40 passed, 1 failed, 3 skipped\n"
        );
    }

    #[test]
    fn the_list_of_lanes_says_which_wait_to_be_asked_for() {
        let lane = |name, on_request| Lane {
            name,
            about: "what it shows",
            on_request,
            tools: &[],
            python_packages: None,
            steps: &[],
            counting: Counting::Whole,
        };

        let text = list(&[lane("rust", false), lane("arm", true)]);

        assert_eq!(
            text,
            "rust  what it shows\n      needs nothing but cargo\n\
             arm   what it shows\n      needs nothing but cargo\n      on request: --only arm\n"
        );
    }

    #[test]
    fn the_committed_list_is_in_order() {
        allowed_to_skip().unwrap();
    }

    #[test]
    fn a_list_with_a_strange_lane_or_without_a_reason_is_refused() {
        assert!(parse_allowed_to_skip("[lanes]\npyemv = 'no index there'").is_ok());
        for text in ["", "[lanes]\nno-such-lane = 'why'", "[lanes]\nrust = ' '", "[lanes]\n[other]"] {
            assert!(parse_allowed_to_skip(text).is_err(), "{text}");
        }
    }
}
