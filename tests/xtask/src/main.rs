//! The project's chores. It starts well-known tools and reports what they said; it tests nothing itself.

mod aar;
mod count;
mod coverage;
mod fuzz;
mod lane;
mod lanes;
mod provision;
mod report;
mod workspace;

use std::{env, process::ExitCode, time::Instant};

use anyhow::Result;
use clap::{Args, Parser, Subcommand, builder::PossibleValuesParser};

use crate::{
    aar::Grade,
    lane::{Finished, Lane},
    lanes::LANES,
    provision::SystemPackages,
    report::{LaneReport, Outcome, Rules},
    workspace::Workspace,
};

/// The project's chores.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Build the Android library into a Maven repository below `target`, and judge it
    Aar {
        /// With the Android NDK, for phones; without this flag the libraries are a proof of the build only
        #[arg(long)]
        release: bool,
    },
    /// Measure the core beside others: figure, peer, ratio, goal, verdict
    Bench {
        /// Some of them; all without
        names: Vec<String>,
    },
    /// Replay the corpora of the fuzz targets, and fuzz them
    Fuzz(fuzz::FuzzOptions),
    /// Run every test, lane by lane, and say what ran and what did not
    Test(TestOptions),
}

#[derive(Args)]
struct TestOptions {
    /// Run this lane only (may be given several times)
    #[arg(long, value_name = "LANE", value_parser = PossibleValuesParser::new(LANES.iter().map(|lane| lane.name)))]
    only: Vec<String>,

    /// Name the lanes and what they need, run nothing
    #[arg(long)]
    list: bool,

    /// Install missing system packages (always done under CI=true)
    #[arg(long)]
    install: bool,
}

fn main() -> Result<ExitCode> {
    let options = match Cli::parse().chore {
        Chore::Aar { release } => {
            let grade = if release { Grade::Release } else { Grade::Ci };
            return aar::build(&Workspace::find()?, grade).map(|()| ExitCode::SUCCESS);
        }
        Chore::Bench { names } => return bench(&Workspace::find()?, &names).map(|()| ExitCode::SUCCESS),
        Chore::Fuzz(options) => {
            let sound = fuzz::run(&Workspace::find()?, &options)?;
            return Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Chore::Test(options) => options,
    };
    if options.list {
        print!("{}", report::list(LANES));
        return Ok(ExitCode::SUCCESS);
    }
    test(&options)
}

/// What it measures beside has to be here already; where it is not, the table says so.
fn bench(workspace: &Workspace, names: &[String]) -> Result<()> {
    // `store` asks a driver.
    let mut driver = workspace.cargo();
    driver.args(["build", "--release", "--package", "driver"]);
    provision::must_succeed(driver)?;
    let mut bench = workspace.cargo();
    bench.args(["bench", "--package", "bezant-tests", "--bench", "measures", "--"]).args(names);
    provision::must_succeed(bench)
}

fn test(options: &TestOptions) -> Result<ExitCode> {
    let rules = Rules { strict: env::var("CI").is_ok_and(|ci| ci == "true"), allowed: report::allowed_to_skip()? };
    let packages = if options.install || rules.strict { SystemPackages::Install } else { SystemPackages::LeaveAlone };
    let workspace = Workspace::find()?;

    let reports = run_wanted(LANES, &options.only, |lane| run(lane, &workspace, packages, &rules));

    print!("{}", report::closing(&reports));
    let failed = reports.iter().any(|report| matches!(report.outcome, Outcome::Failed { .. }));
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The lanes that are named, or where none is, all but those on request, which are told of.
fn run_wanted(lanes: &[Lane], only: &[String], run: impl Fn(&Lane) -> LaneReport) -> Vec<LaneReport> {
    let is_wanted = |lane: &&Lane| only.is_empty() || only.iter().any(|name| name == lane.name);
    let run_or_tell = |lane: &Lane| {
        let waits_for_a_request = only.is_empty() && lane.on_request;
        if waits_for_a_request { LaneReport::on_request(lane.name) } else { run(lane) }
    };
    lanes.iter().filter(is_wanted).map(run_or_tell).collect()
}

/// One lane from its needs to its outcome. Nothing that goes wrong here keeps the next lane from running.
fn run(lane: &Lane, workspace: &Workspace, packages: SystemPackages, rules: &Rules) -> LaneReport {
    println!("\n--- {}: {}", lane.name, lane.about);
    let start = Instant::now();
    let outcome = match provision::prepare(lane, workspace, packages) {
        Err(missing) => rules.could_not_run(lane.name, format!("{missing:#}")),
        Ok(()) => match lane.run(workspace) {
            Ok(Finished { tally, broken }) => report::judge(tally, broken),
            Err(error) => report::judge(count::Tally::default(), Some(format!("{error:#}"))),
        },
    };
    LaneReport { lane: lane.name, outcome, took: start.elapsed() }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::count::{Counting, Tally};

    const fn lane(name: &'static str, on_request: bool) -> Lane {
        Lane { name, about: "", on_request, tools: &[], python_packages: None, steps: &[], counting: Counting::Whole }
    }

    const SOME: [Lane; 3] = [lane("rust", false), lane("arm", true), lane("docs", false)];

    /// The lanes that ran, and all that are in the report.
    fn ran_and_told(only: &[&str]) -> (Vec<&'static str>, Vec<&'static str>) {
        let only: Vec<String> = only.iter().map(|name| (*name).to_owned()).collect();
        let passed = Outcome::Passed { tally: Tally { passed: 1, ..Tally::default() } };
        let reports = run_wanted(&SOME, &only, |lane| LaneReport {
            lane: lane.name,
            outcome: passed.clone(),
            took: Duration::from_secs(1),
        });
        let ran = reports.iter().filter(|report| report.outcome == passed).map(|report| report.lane).collect();
        (ran, reports.iter().map(|report| report.lane).collect())
    }

    #[test]
    fn a_lane_on_request_is_told_of_and_not_run_unless_it_is_named() {
        assert_eq!(ran_and_told(&[]), (vec!["rust", "docs"], vec!["rust", "arm", "docs"]));
        assert_eq!(ran_and_told(&["arm"]), (vec!["arm"], vec!["arm"]));
        assert_eq!(ran_and_told(&["arm", "docs"]), (vec!["arm", "docs"], vec!["arm", "docs"]));
        assert_eq!(ran_and_told(&["docs"]), (vec!["docs"], vec!["docs"]));
    }
}
