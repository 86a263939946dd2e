//! What came of it, as people and programs read it.

use std::fmt::{self, Display};

use serde::Serialize;

use crate::{
    abi::Abi,
    check::Check,
    elf::NdkNote,
    findings::{Findings, Outcome},
    grade::{Build, Grade},
    libraries::Shipped,
};

/// What came of an AAR.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The file.
    pub file: String,
    /// What it says of itself, where that can be read.
    pub build: Option<Build>,
    /// Every check.
    pub checks: Vec<Judged>,
    /// What its libraries are.
    pub libraries: Vec<LibraryFacts>,
}

/// What came of a check.
#[derive(Debug, Serialize)]
pub struct Judged {
    /// The check.
    pub check: Check,
    /// What came of it.
    pub outcome: Outcome,
    /// What is wrong, or why it was not judged.
    pub sentences: Vec<String>,
}

/// What a library is.
#[derive(Debug, Serialize)]
pub struct LibraryFacts {
    /// Its path in the AAR.
    pub path: String,
    /// Its ABI.
    pub abi: Abi,
    /// Its size.
    pub bytes: usize,
    /// How many names it offers.
    pub exports: usize,
    /// How many it cannot do without.
    pub imports: usize,
    /// Those that it can do without.
    pub weak_imports: Vec<String>,
    /// The NDK that built it.
    pub ndk_note: Option<NdkNote>,
}

impl LibraryFacts {
    /// What is told of a library.
    pub(crate) fn of(shipped: Shipped, bytes: usize) -> Self {
        Self {
            path: shipped.path.to_owned(),
            abi: shipped.abi,
            bytes,
            exports: shipped.library.exports.len(),
            imports: shipped.library.imports.len(),
            weak_imports: shipped.library.weak_imports,
            ndk_note: shipped.library.ndk_note,
        }
    }
}

impl Report {
    pub(crate) fn new(file: &str, build: Option<Build>, libraries: Vec<LibraryFacts>, findings: &Findings) -> Self {
        let judged = |check: &Check| {
            let (outcome, sentences) = findings.of(*check);
            Judged { check: *check, outcome, sentences }
        };
        Self { file: file.to_owned(), build, checks: Check::all().iter().map(judged).collect(), libraries }
    }

    /// Whether no check failed.
    #[must_use]
    pub fn is_content(&self) -> bool {
        self.those(Outcome::Failed).next().is_none()
    }

    /// The checks with this outcome.
    pub fn those(&self, outcome: Outcome) -> impl Iterator<Item = &Judged> {
        self.checks.iter().filter(move |judged| judged.outcome == outcome)
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.build {
            None => writeln!(f, "{}: nobody knows of what grade\n", self.file)?,
            Some(Build { grade, version, toolchain, unwinder }) => {
                let grade = if *grade == Grade::Ci { "CI build, not for phones" } else { "release" };
                writeln!(f, "{}: {grade}; version {version}, {toolchain}, unwinder {unwinder}\n", self.file)?;
            }
        }
        for Judged { check, outcome, sentences } in &self.checks {
            let outcome = match outcome {
                Outcome::Ok => "ok",
                Outcome::Warning => "warning",
                Outcome::Failed => "FAILED",
                Outcome::NotJudged => "not judged",
            };
            writeln!(f, "{outcome:<11}{:<21}{}", check.name(), check.about())?;
            for sentence in sentences {
                writeln!(f, "{:<32}> {sentence}", "")?;
            }
        }

        let (abi, bytes) = ("library", "bytes");
        writeln!(f, "\n{abi:<40}{bytes:>10}  exports  imports  NDK, weak imports")?;
        for library in &self.libraries {
            let LibraryFacts { path, bytes, exports, imports, weak_imports, ndk_note, .. } = library;
            let ndk =
                ndk_note.as_ref().map_or_else(|| "none".to_owned(), |note| format!("{} API {}", note.ndk, note.api));
            let weak = if weak_imports.is_empty() { "none" } else { &weak_imports.join(" ") };
            writeln!(f, "{path:<40}{bytes:>10}{exports:>9}{imports:>9}  {ndk}, {weak}")?;
        }

        let [ok, warnings, failed, not_judged] =
            [Outcome::Ok, Outcome::Warning, Outcome::Failed, Outcome::NotJudged].map(|it| self.those(it).count());
        writeln!(f, "\n{ok} ok, {warnings} warnings, {failed} failed, {not_judged} not judged")
    }
}
