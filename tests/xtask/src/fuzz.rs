//! Fuzzing: the targets of `tests/fuzz`, built on stable Rust with the compiler's own counters, and libFuzzer's runs.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};

use crate::{
    coverage, lane,
    provision::{must_succeed, succeeds_quietly},
    workspace::Workspace,
};

/// What is fuzzed, and how.
#[derive(Debug, Args)]
pub struct FuzzOptions {
    /// This target only; otherwise each in turn
    target: Option<String>,

    /// How long each target is fuzzed, after its corpus and regressions
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u64,

    /// What chance follows from; the same number tries the same inputs in the same order
    #[arg(long, value_name = "N")]
    seed: Option<u32>,

    /// With a sanitizer, which needs a nightly toolchain
    #[arg(long, value_enum)]
    sanitizer: Option<Sanitizer>,

    /// Fuzz nothing: tell which lines of the core the committed corpora reach
    #[arg(long, conflicts_with_all = ["target", "sanitizer"])]
    coverage: bool,
}

/// What watches the memory meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sanitizer {
    /// AddressSanitizer.
    Address,
}

/// Replays and fuzzes, and tells what was found; gives whether nothing was.
///
/// # Errors
///
/// Something is missing or does not build.
pub fn run(workspace: &Workspace, options: &FuzzOptions) -> Result<bool> {
    if options.coverage {
        return coverage::report(workspace).map(|()| true);
    }
    let all = targets(workspace)?;
    let wanted: Vec<&String> =
        all.iter().filter(|name| options.target.as_ref().is_none_or(|target| target == *name)).collect();
    ensure!(!wanted.is_empty(), "no such target; there are {}", all.join(", "));
    let programs = build(workspace, options.sanitizer)?;
    let mut results = Vec::new();
    for target in wanted {
        results.push(fuzz(workspace, &programs, target, options)?);
    }
    println!();
    results.iter().for_each(|result| println!("{result}"));
    Ok(results.iter().all(|result| result.find.is_none()))
}

/// The targets, by the names of their sources.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let folder = workspace.path("tests/fuzz/fuzz_targets");
    let entries = fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut names: Vec<String> =
        entries.filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_str()?.to_owned())).collect();
    names.sort();
    Ok(names)
}

/// Builds all targets; gives the folder of their programs.
fn build(workspace: &Workspace, sanitizer: Option<Sanitizer>) -> Result<PathBuf> {
    let manifest = workspace.path("tests/fuzz/Cargo.toml");
    let built = |folder: &str| workspace.target.join(folder);
    if sanitizer.is_none() {
        let mut cargo = workspace.cargo();
        cargo.args(["build", "--release", "--locked", "--bins", "--manifest-path"]).arg(manifest);
        cargo.env("CARGO_TARGET_DIR", built(TARGET_FOLDER));
        cargo.env("RUSTC_WORKSPACE_WRAPPER", workspace.path("tests/fuzz/instrument/fuzzer"));
        must_succeed(cargo).context("libFuzzer is compiled too, which needs a C++ compiler")?;
        return Ok(built(TARGET_FOLDER).join("release"));
    }
    ensure!(
        succeeds_quietly(workspace.command("cargo").args(["+nightly", "--version"]).env("RUSTUP_AUTO_INSTALL", "0")),
        "a sanitizer needs a nightly toolchain: rustup toolchain install nightly"
    );
    // The sanitizer has to see everything, and must not be linked into what builds the build.
    let host = host(workspace)?;
    let mut cargo = workspace.command("cargo");
    cargo.args(["+nightly", "build", "--release", "--locked", "--bins", "--target", &host, "--manifest-path"]);
    cargo.arg(manifest);
    cargo.env("CARGO_TARGET_DIR", built("fuzz-address"));
    cargo.env_remove("RUSTUP_TOOLCHAIN").env_remove("RUSTC");
    cargo.env("RUSTFLAGS", [COUNTERS, "-Zsanitizer=address"].concat());
    must_succeed(cargo)?;
    Ok(built("fuzz-address").join(host).join("release"))
}

/// The triple of this machine, as its compiler calls it.
fn host(workspace: &Workspace) -> Result<String> {
    let said = workspace.command("rustc").arg("-vV").output().context("rustc cannot be started")?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(ToOwned::to_owned).context("rustc does not say what machine this is")
}

/// Everything that is committed for a target, then new inputs for so long.
fn fuzz(workspace: &Workspace, programs: &Path, target: &str, options: &FuzzOptions) -> Result<Fuzzed> {
    let folder = workspace.path("tests/fuzz");
    let findings = workspace.target.join("fuzz-findings").join(target);
    // What is new and of interest stays here from run to run; the committed corpus is changed by hand alone.
    let found = workspace.target.join("fuzz-corpus").join(target);
    fs::create_dir_all(&findings)?;
    fs::create_dir_all(&found)?;
    let committed = ["corpus", "regressions"].map(|kind| folder.join(kind).join(target));
    let replayed = committed.iter().map(|folder| count_files(folder)).sum();

    println!("\n--- {target}: {replayed} inputs, then {} s", options.seconds);
    let mut program = workspace.command(programs.join(target));
    program.arg(format!("-max_total_time={}", options.seconds));
    program.arg(format!("-dict={}", folder.join("dictionary").display()));
    program.arg(format!("-artifact_prefix={}/", findings.display()));
    // A busy machine is no find.
    program.args(["-timeout=60", "-rss_limit_mb=1024", "-print_final_stats=1", "-verbosity=0"]);
    program.arg(format!("-max_len={}", longest(target)));
    program.args(options.seed.map(|seed| format!("-seed={seed}")));
    program.arg(&found).args(committed.iter().filter(|folder| folder.is_dir()));
    program.env("RUST_BACKTRACE", env::var_os("RUST_BACKTRACE").unwrap_or_else(|| "0".into()));
    let heard = lane::listen_quietly(program)?;
    let number = |name: &str| statistic(&heard.stderr, name);
    let find = (!heard.status.success()).then(|| {
        eprintln!("{}", heard.stderr);
        let written = heard.stderr.lines().find_map(|line| line.split_once("Test unit written to "));
        let input = written.map_or_else(|| "the input of an unknown name".to_owned(), |(_, path)| path.to_owned());
        println!("{}", advice(&input, target, programs));
        input
    });
    Ok(Fuzzed {
        target: target.to_owned(),
        replayed,
        executions: number("stat::number_of_executed_units:"),
        per_second: number("stat::average_exec_per_sec:"),
        seconds: options.seconds,
        find,
    })
}

/// What to do with a find.
fn advice(input: &str, target: &str, programs: &Path) -> String {
    format!(
        "\nfound: {input}\n\
         again:          {} {input}\n\
         make smaller:   {} -minimize_crash=1 -max_total_time=60 {input}\n\
         as regression:  mkdir -p tests/fuzz/regressions/{target} && cp {input} tests/fuzz/regressions/{target}/WHAT-IT-SHOWED\n\
         without fuzzer: cd tests/fuzz && cargo test --release {target}",
        programs.join(target).display(),
        programs.join(target).display()
    )
}

/// What came of a target.
#[derive(Debug)]
struct Fuzzed {
    target: String,
    replayed: u64,
    executions: u64,
    per_second: u64,
    seconds: u64,
    find: Option<String>,
}

impl std::fmt::Display for Fuzzed {
    /// A line that the lane counts by.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { target, replayed, executions, per_second, seconds, find } = self;
        match find {
            None => {
                let judged = if target == "session" { aim(*per_second) } else { "" };
                write!(
                    f,
                    "fuzz result: ok. {target}: {replayed} inputs replayed, {executions} executions in {seconds} s, {per_second} a second{judged}"
                )
            }
            Some(input) => write!(f, "fuzz result: FOUND. {target}: {input}"),
        }
    }
}

/// How whole sessions are to go, without a sanitizer and on a core of their own.
const fn aim(per_second: u64) -> &'static str {
    if per_second >= 50_000 { " (aim 50,000: reached)" } else { " (aim 50,000: MISSED)" }
}

fn count_files(folder: &Path) -> u64 {
    fs::read_dir(folder).map_or(0, |entries| u64::try_from(entries.count()).unwrap_or(0))
}

/// `stat::average_exec_per_sec: 8742`
fn statistic(said: &str, name: &str) -> u64 {
    said.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok()).unwrap_or(0)
}

/// Longer inputs show nothing that shorter ones do not, and are slower.
fn longest(target: &str) -> u32 {
    match target {
        "session" | "app" => 96,
        "command_apdu" => 300,
        "driver_line" | "recording" | "profile" => 1_024,
        _ => 512,
    }
}

const TARGET_FOLDER: &str = "fuzz";
/// What cargo-fuzz gives to the compiler.
const COUNTERS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
     -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libfuzzer_says_at_its_end_is_read() {
        let said = "Done 12 runs in 5 second(s)\nstat::number_of_executed_units: 93641\nstat::average_exec_per_sec:     8742\n";

        assert_eq!(statistic(said, "stat::number_of_executed_units:"), 93_641);
        assert_eq!(statistic(said, "stat::average_exec_per_sec:"), 8_742);
        assert_eq!(statistic("", "stat::average_exec_per_sec:"), 0);
    }

    #[test]
    fn a_find_comes_with_what_to_do() {
        let advice = advice("/t/fuzz-findings/tlv/crash-1", "tlv", Path::new("/t/fuzz/release"));

        assert!(advice.contains("again:          /t/fuzz/release/tlv /t/fuzz-findings/tlv/crash-1\n"), "{advice}");
        assert!(advice.contains("tests/fuzz/regressions/tlv/"), "{advice}");
    }
}
