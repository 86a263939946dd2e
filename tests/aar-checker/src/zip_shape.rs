//! The zip file as such: does it unpack the same everywhere, and is it the same wherever it was packed?

use crate::{
    archive::{Archive, Entry},
    check::Check,
    findings::{Findings, a_few},
    rules::ArchiveRules,
};

/// Judges the AAR's zip file.
pub fn judge(archive: &Archive, rules: &ArchiveRules, findings: &mut Findings) {
    for pair in archive.entries.windows(2) {
        if let [before, after] = pair
            && before.name > after.name
        {
            let sentence = format!("{} stands before {}", before.name, after.name);
            findings.fault(Check::ZipOrder, sentence);
        }
    }
    judge_any("", archive, rules, findings);
}

/// Judges what also holds for a zip file inside of it, at `place`.
pub fn judge_any(place: &str, archive: &Archive, rules: &ArchiveRules, findings: &mut Findings) {
    for entry in &archive.entries {
        if let Some(why) = bad_name(entry) {
            findings.fault(Check::ZipNames, format!("{place}{:?} {why}", entry.name));
        }
    }
    for (name, times) in &archive.repeated {
        findings.fault(Check::ZipDuplicates, format!("{place}{name} stands there {times} times"));
    }

    let late: Vec<String> = archive
        .entries
        .iter()
        .filter(|entry| entry.time != rules.time)
        .map(|entry| format!("{place}{} ({})", entry.name, entry.time))
        .collect();
    if !late.is_empty() {
        findings.fault(Check::ZipTime, format!("not of {}: {}", rules.time, a_few(late)));
    }

    let telling: Vec<String> = archive
        .entries
        .iter()
        .filter(|entry| !entry.extra_fields.is_empty())
        .map(|entry| format!("{place}{} ({})", entry.name, entry.extra_fields.join(", ")))
        .collect();
    if !telling.is_empty() {
        findings.fault(Check::ZipExtraFields, format!("carry extra fields: {}", a_few(telling)));
    }
}

fn bad_name(entry: &Entry) -> Option<&'static str> {
    let name = &entry.name;
    let path = name.strip_suffix('/').unwrap_or(name);
    if entry.is_symlink {
        Some("is a symbolic link")
    } else if name.starts_with('/') {
        Some("is an absolute path")
    } else if !name.bytes().all(|byte| byte.is_ascii_graphic()) {
        Some("holds something else than visible ASCII characters")
    } else if name.contains(['\\', ':']) {
        Some("holds a character that is none of a path everywhere")
    } else if path.split('/').any(|part| part == "..") {
        Some("leads out of its folder")
    } else if path.split('/').any(|part| part.is_empty() || part == ".") {
        Some("has an empty part")
    } else {
        None
    }
}
