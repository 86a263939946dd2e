//! A release or a CI build: what it says, and whether its name agrees.

use serde::Serialize;

use crate::{
    archive::Archive,
    check::Check,
    findings::Findings,
    properties,
    rules::{ArtifactRules, Rules},
};

/// What an AAR says about how it was built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Build {
    /// What it is good for.
    pub grade: Grade,
    /// Its version.
    pub version: String,
    /// The compiler and linker.
    pub toolchain: String,
    /// Where its unwinder comes from.
    pub unwinder: String,
}

/// What an AAR is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Built with the NDK, for phones.
    Release,
    /// Built without it, to prove the build.
    Ci,
}

impl Grade {
    /// Maven's name of such an artefact.
    #[must_use]
    pub fn artifact(self, rules: &ArtifactRules) -> &str {
        match self {
            Self::Release => &rules.release,
            Self::Ci => &rules.ci,
        }
    }

    fn named(name: &str) -> Option<Self> {
        match name {
            "release" => Some(Self::Release),
            "ci" => Some(Self::Ci),
            _ => None,
        }
    }
}

/// Judges what the AAR says of itself and what its file is called. Without a known grade there is no build.
pub fn judge(archive: &Archive, file_name: &str, rules: &Rules, findings: &mut Findings) -> Option<Build> {
    let path = format!("{}{FILE}", rules.archive.own_folder);
    let Some(entry) = archive.entry(&path) else {
        return give_up(format!("{path} is missing"), findings);
    };
    let mut pairs = match properties::parse(&entry.text()) {
        Ok(pairs) => pairs,
        Err(error) => return give_up(format!("{FILE}: {error}"), findings),
    };
    for key in ["version", "toolchain.rustc", "toolchain.unwinder"] {
        if pairs.get(key).is_none_or(String::is_empty) {
            findings.fault(Check::BuildProperties, format!("{FILE} does not say {key}="));
        }
    }
    let [grade, version, toolchain, unwinder] =
        ["grade", "version", "toolchain.rustc", "toolchain.unwinder"].map(|key| pairs.remove(key).unwrap_or_default());
    judge_version(&version, findings);
    let Some(grade) = Grade::named(&grade) else {
        findings.fault(Check::Grade, format!("{FILE} says grade={grade}, neither release nor ci"));
        findings.not_judged(&[Check::FileName], "the grade is not known");
        return None;
    };
    judge_file_name(file_name, grade, &version, &rules.artifact, findings);
    Some(Build { grade, version, toolchain, unwinder })
}

/// Refuses what is no release where one was asked for.
pub fn judge_release(build: Option<&Build>, findings: &mut Findings) {
    if build.is_some_and(|build| build.grade == Grade::Ci) {
        findings.fault(Check::Grade, "a release was asked for, and this is a CI build");
    }
}

fn give_up(sentence: String, findings: &mut Findings) -> Option<Build> {
    findings.fault(Check::BuildProperties, sentence);
    findings.not_judged(&[Check::Grade, Check::Version, Check::FileName], "there is no readable build.properties");
    None
}

fn judge_version(version: &str, findings: &mut Findings) {
    if version.is_empty() {
        findings.not_judged(&[Check::Version], "there is no version");
    } else if version.contains("-ci") {
        let sentence = format!("{version} holds -ci, and Maven sorts 1.0-ci above 1.0; the artefact's name says it");
        findings.fault(Check::Version, sentence);
    } else if !version.starts_with(|first: char| first.is_ascii_digit()) {
        findings.fault(Check::Version, format!("{version} does not begin with a number"));
    } else if !version.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-+".contains(letter)) {
        findings.fault(Check::Version, format!("{version:?} holds something that no version does"));
    }
}

fn judge_file_name(name: &str, grade: Grade, version: &str, rules: &ArtifactRules, findings: &mut Findings) {
    let wanted = format!("{}-{version}.aar", grade.artifact(rules));
    if name != wanted {
        let kind = if grade == Grade::Ci { "a CI build" } else { "a release" };
        findings.fault(Check::FileName, format!("{kind} of {version} is called {wanted}, not {name}"));
    }
}

const FILE: &str = "build.properties";
