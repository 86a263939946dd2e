//! classes.jar, and the strangers in it and in every other entry.

use crate::{
    archive::{Archive, Entry},
    check::Check,
    class_file::ClassFile,
    contents,
    findings::{Findings, a_few},
    rules::{ClassRules, Rules},
    strangers::Strangers,
    zip_shape,
};

/// Judges the classes and looks for strangers everywhere.
pub fn judge(archive: &Archive, rules: &Rules, strangers: &Strangers, findings: &mut Findings) {
    for entry in archive.files().filter(|entry| entry.name != JAR) {
        judge_strangers("", entry, strangers, findings);
        if entry.name.ends_with(".jar") {
            findings.fault(Check::ClassFolder, format!("{} is bundled", entry.name));
        }
    }
    // That it is missing is said by the check of entries.
    let Some(jar) = archive.entry(JAR) else {
        findings.not_judged(&[Check::Classes], "there is no classes.jar");
        findings.not_judged(&Check::OF_CLASSES, "there is no classes.jar");
        return;
    };
    match Archive::read(&jar.bytes) {
        Ok(jar) => judge_jar(&jar, rules, strangers, findings),
        Err(error) => {
            findings.fault(Check::Classes, format!("{JAR}: {error}"));
            findings.not_judged(&Check::OF_CLASSES, "classes.jar cannot be read");
        }
    }
}

fn judge_jar(jar: &Archive, rules: &Rules, strangers: &Strangers, findings: &mut Findings) {
    zip_shape::judge_any(PLACE, jar, &rules.archive, findings);
    contents::judge_collisions(PLACE, jar, findings);
    for entry in jar.files() {
        judge_strangers(PLACE, entry, strangers, findings);
        if let Some(class) = entry.name.strip_suffix(".class") {
            judge_class(class, entry, &rules.classes, strangers, findings);
        }
    }
    let classes: Vec<&str> = jar.files().filter_map(|entry| entry.name.strip_suffix(".class")).collect();
    if classes.is_empty() {
        findings.fault(Check::Classes, format!("{JAR} holds no class"));
    }
    let folder = &rules.classes.folder;
    let others: Vec<&&str> = classes.iter().filter(|class| !class.starts_with(folder)).collect();
    if !others.is_empty() {
        findings.fault(Check::ClassFolder, format!("not below {folder}: {}", a_few(others)));
    }
}

fn judge_class(class: &str, entry: &Entry, rules: &ClassRules, strangers: &Strangers, findings: &mut Findings) {
    if let Some(part) = strangers.test_class(class) {
        findings.fault(Check::TestMarkers, format!("the class {class} has {part} in its name"));
    }
    let parsed = match ClassFile::parse(&entry.bytes) {
        Ok(parsed) => parsed,
        Err(error) => return findings.fault(Check::Classes, format!("{class}: {error}")),
    };
    if parsed.version > rules.newest_version {
        let sentence = format!("{class} has version {}, above {}", parsed.version, rules.newest_version);
        findings.fault(Check::ClassVersion, sentence);
    }
    if let Some(text) = parsed.texts.iter().find_map(|text| strangers.test_text(text.as_bytes())) {
        findings.fault(Check::TestMarkers, format!("the class {class} holds the text {text}"));
    }
}

fn judge_strangers(place: &str, entry: &Entry, strangers: &Strangers, findings: &mut Findings) {
    for path in strangers.machine_paths(&entry.bytes) {
        findings.fault(Check::MachinePaths, format!("{place}{} holds {path}", entry.name));
    }
    if entry.name.ends_with(".so")
        && let Some(text) = strangers.test_text(&entry.bytes)
    {
        findings.fault(Check::TestMarkers, format!("{place}{} holds the text {text}", entry.name));
    }
}

const JAR: &str = "classes.jar";
const PLACE: &str = "classes.jar!/";
