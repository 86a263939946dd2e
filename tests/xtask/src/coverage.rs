//! Which lines of the core the committed corpora reach: a report, and no gate.

use std::{collections::BTreeMap, fs, path::PathBuf, process::Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::{provision::must_succeed, workspace::Workspace};

/// Replays every corpus with the compiler's coverage, and prints a table of rooms and of files.
///
/// # Errors
///
/// Something is missing or does not build.
pub fn report(workspace: &Workspace) -> Result<()> {
    let folder = workspace.target.join("fuzz-coverage");
    fs::create_dir_all(&folder)?;
    let (raw, data) = (folder.join("replay.profraw"), folder.join("replay.profdata"));
    let program = test_program(workspace)?;
    let mut replay = workspace.command(&program);
    replay.env("LLVM_PROFILE_FILE", &raw);
    must_succeed(replay)?;
    let mut merge = workspace.command("llvm-profdata-22");
    merge.args(["merge", "--sparse", "--output"]).arg(&data).arg(&raw);
    must_succeed(merge).context(NEEDS)?;
    let mut export = workspace.command("llvm-cov-22");
    export.args(["export", "--summary-only"]).arg(format!("--instr-profile={}", data.display())).arg(&program);
    let said = export.stderr(Stdio::inherit()).output().context(NEEDS)?;
    ensure!(said.status.success(), "llvm-cov-22 ended with {}", said.status);
    let export: Export = serde_json::from_slice(&said.stdout).context("llvm-cov-22 said something unexpected")?;
    print!("{}", tables(&export));
    println!(
        "line by line: llvm-cov-22 show --instr-profile={} {} --sources core/src/tlv",
        data.display(),
        program.display()
    );
    Ok(())
}

/// Builds the test that replays, and asks Cargo where it lies.
fn test_program(workspace: &Workspace) -> Result<PathBuf> {
    let mut cargo = workspace.cargo();
    cargo.args([
        "test",
        "--release",
        "--locked",
        "--no-run",
        "--test",
        "targets",
        "--message-format=json",
        "--manifest-path",
    ]);
    cargo.arg(workspace.path("tests/fuzz/Cargo.toml"));
    cargo.env("CARGO_TARGET_DIR", workspace.target.join("fuzz"));
    cargo.env("RUSTC_WORKSPACE_WRAPPER", workspace.path("tests/fuzz/instrument/coverage"));
    let said = cargo.stderr(Stdio::inherit()).output().context("cargo cannot be started")?;
    ensure!(said.status.success(), "the replay does not build");
    let messages = String::from_utf8_lossy(&said.stdout).into_owned();
    // The fuzzers are built too, for a test may run its package's programs.
    let replay = |message: &Message| message.target.as_ref().is_some_and(|target| target.name == "targets");
    let built = messages.lines().filter_map(|line| serde_json::from_str::<Message>(line).ok());
    built.filter(replay).find_map(|message| message.executable).context("Cargo does not say where the replay lies")
}

#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
    target: Option<Built>,
}

#[derive(Deserialize)]
struct Built {
    name: String,
}

#[derive(Deserialize)]
struct Export {
    data: Vec<Exported>,
}

#[derive(Deserialize)]
struct Exported {
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    filename: String,
    summary: Summary,
}

#[derive(Deserialize)]
struct Summary {
    lines: Lines,
}

#[derive(Deserialize, Clone, Copy, Default)]
struct Lines {
    count: u64,
    covered: u64,
}

/// First the rooms, then the files of those whose coverage is asked for.
fn tables(export: &Export) -> String {
    let mut rooms: BTreeMap<&str, Lines> = BTreeMap::new();
    let mut files = Vec::new();
    for file in export.data.iter().flat_map(|data| &data.files) {
        let Some((_, path)) = file.filename.rsplit_once("core/src/") else { continue };
        let Some((room, _)) = path.split_once('/') else { continue };
        let lines = file.summary.lines;
        let sum = rooms.entry(room).or_default();
        (sum.count, sum.covered) = (sum.count + lines.count, sum.covered + lines.covered);
        if WATCHED.contains(&room) {
            files.push((path, lines));
        }
    }
    files.sort_by_key(|(path, _)| *path);
    let mut text = String::from("\n| room or file | lines | reached | |\n|---|---|---|---|\n");
    for (name, lines) in rooms.into_iter().chain(files) {
        let share = (1_000 * lines.covered).checked_div(lines.count).unwrap_or(0);
        text += &format!("| {name} | {} | {} | {}.{} % |\n", lines.count, lines.covered, share / 10, share % 10);
    }
    text
}

/// What the corpora are for first of all.
const WATCHED: [&str; 3] = ["apdu", "tlv", "card"];
const NEEDS: &str = "LLVM 22, that of the compiler, is needed; on Debian: apt-get install llvm-22";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_added_up_by_room() {
        let export = r#"{"data": [{"files": [
            {"filename": "/p/core/src/tlv/tag.rs", "summary": {"lines": {"count": 30, "covered": 20}}},
            {"filename": "/p/core/src/tlv/dol.rs", "summary": {"lines": {"count": 10, "covered": 10}}},
            {"filename": "/p/core/src/emv/cvr.rs", "summary": {"lines": {"count": 8, "covered": 2}}},
            {"filename": "/p/core/src/lib.rs", "summary": {"lines": {"count": 5, "covered": 0}}},
            {"filename": "/p/tests/fuzz/src/tlv.rs", "summary": {"lines": {"count": 9, "covered": 9}}}
        ]}]}"#;

        let text = tables(&serde_json::from_str(export).unwrap());

        let lines: Vec<&str> = text.lines().skip(3).collect();
        assert_eq!(
            lines,
            [
                "| emv | 8 | 2 | 25.0 % |",
                "| tlv | 40 | 30 | 75.0 % |",
                "| tlv/dol.rs | 10 | 10 | 100.0 % |",
                "| tlv/tag.rs | 30 | 20 | 66.6 % |",
            ]
        );
    }
}
