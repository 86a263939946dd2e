//! Judges a finished AAR of Bezant: what is in it, what its libraries ask of Android, and whether it is what it says.
//!
//! It builds nothing and runs nothing of what it reads. The rules are in `rules.toml`, the names that API 24 offers in
//! `symbols`.

mod abi;
mod archive;
mod check;
mod class_file;
mod classes;
mod contents;
mod elf;
mod findings;
mod grade;
mod hardening;
mod libraries;
mod linking;
mod manifest;
mod pom;
mod properties;
mod report;
mod resources;
mod rules;
mod strangers;
mod symbols;
mod zip_shape;

use thiserror::Error;

pub use crate::{
    abi::Abi,
    archive::{Archive, Unreadable},
    check::Check,
    class_file::{BadClass, ClassFile},
    elf::{BadElf, Library, NdkNote},
    findings::Outcome,
    grade::{Build, Grade},
    report::{Judged, LibraryFacts, Report},
    rules::Rules,
    symbols::{AllowList, BadLine},
};
use crate::{findings::Findings, strangers::Strangers};

/// What is judged.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// What the file is called, without its folder.
    pub file_name: &'a str,
    /// What it holds.
    pub bytes: &'a [u8],
    /// The POM beside it.
    pub pom: Option<&'a str>,
    /// Whether a CI build is a failure.
    pub has_to_be_release: bool,
}

/// An AAR that nobody can judge.
#[derive(Debug, Error)]
pub enum CannotJudge {
    /// The file cannot be read.
    #[error(transparent)]
    Aar(#[from] Unreadable),
    /// The rules say nothing sensible.
    #[error("the rules are broken: {0}")]
    Rules(#[from] toml::de::Error),
    /// What to look for says nothing sensible.
    #[error("the rules about strangers are broken: {0}")]
    Strangers(#[from] aho_corasick::BuildError),
    /// The lists of symbols say nothing sensible.
    #[error("the lists of symbols are broken: {0}")]
    Symbols(#[from] BadLine),
}

/// Judges an AAR by Bezant's rules.
///
/// # Errors
///
/// Where there is nothing to judge: the file is no zip file. Whatever else is wrong is in the report.
pub fn judge(subject: &Subject) -> Result<Report, CannotJudge> {
    judge_by(subject, &Rules::bezant()?)
}

/// Judges an AAR by these rules.
///
/// # Errors
///
/// As [`judge`].
pub fn judge_by(subject: &Subject, rules: &Rules) -> Result<Report, CannotJudge> {
    let (allowed, strangers) = (AllowList::api_24()?, Strangers::new(&rules.strangers)?);
    let aar = Archive::read(subject.bytes)?;
    let mut findings = Findings::default();

    zip_shape::judge(&aar, &rules.archive, &mut findings);
    contents::judge(&aar, &rules.archive, &mut findings);
    let build = grade::judge(&aar, subject.file_name, rules, &mut findings);
    if subject.has_to_be_release {
        grade::judge_release(build.as_ref(), &mut findings);
    }
    manifest::judge(&aar, &rules.manifest, &mut findings);
    resources::judge(&aar, &rules.resources, &mut findings);
    classes::judge(&aar, rules, &strangers, &mut findings);
    let libraries = libraries::judge(&aar, rules, &allowed, build.as_ref(), &mut findings);
    pom::judge(subject.pom, build.as_ref(), rules, &mut findings);

    Ok(Report::new(subject.file_name, build, libraries, &findings))
}
