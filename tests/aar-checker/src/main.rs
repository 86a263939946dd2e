//! Judges a finished AAR and prints what it found. Exit code 1: a check failed, or the file cannot be judged.

use std::{fs, path::PathBuf, process::ExitCode};

use aar_checker::Subject;
use anyhow::{Context, Result};
use clap::Parser;

/// Judge a finished AAR of Bezant
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// The AAR
    file: PathBuf,

    /// The POM beside it
    #[arg(long, value_name = "FILE")]
    pom: Option<PathBuf>,

    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,

    /// Refuse a CI build
    #[arg(long)]
    release: bool,
}

fn main() -> Result<ExitCode> {
    let cli = Cli::parse();
    let bytes = fs::read(&cli.file).with_context(|| format!("{} cannot be read", cli.file.display()))?;
    let pom = cli
        .pom
        .as_ref()
        .map(|path| fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display())));
    let pom = pom.transpose()?;
    let file_name = cli.file.file_name().unwrap_or_default().to_string_lossy();

    let subject = Subject { file_name: &file_name, bytes: &bytes, pom: pom.as_deref(), has_to_be_release: cli.release };
    let report = aar_checker::judge(&subject).with_context(|| format!("{} cannot be judged", cli.file.display()))?;
    if cli.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{report}");
    }
    Ok(if report.is_content() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
