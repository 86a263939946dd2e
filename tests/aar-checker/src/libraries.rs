//! The native libraries below jni.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    abi::Abi,
    archive::{Archive, Entry},
    check::Check,
    elf::Library,
    findings::{Findings, a_few},
    grade::{Build, Grade},
    hardening, linking,
    report::LibraryFacts,
    rules::{LibraryRules, Rules},
    symbols::AllowList,
};

/// A library and where it was found.
pub struct Shipped<'a> {
    /// The path in the AAR.
    pub path: &'a str,
    /// The name of the file.
    pub file: &'a str,
    /// The ABI of its folder.
    pub abi: Abi,
    /// What the loader sees.
    pub library: Library,
}

/// Judges the libraries, and tells what they are.
pub fn judge(
    archive: &Archive,
    rules: &Rules,
    allowed: &AllowList,
    build: Option<&Build>,
    findings: &mut Findings,
) -> Vec<LibraryFacts> {
    let placed = place(archive, findings);
    judge_abis(&placed, &rules.libraries, build, findings);

    let mut facts = Vec::new();
    for (abi, file, entry) in placed {
        match Library::read(&entry.bytes) {
            Err(error) => findings.fault(Check::Elf, format!("{}: {error}", entry.name)),
            Ok(library) => {
                let shipped = Shipped { path: &entry.name, file, abi, library };
                linking::judge(&shipped, &rules.libraries, allowed, findings);
                hardening::judge(&shipped, &rules.libraries, findings);
                judge_size(&shipped, entry, &rules.libraries, findings);
                judge_note(&shipped, rules.manifest.min_sdk, build, findings);
                facts.push(LibraryFacts::of(shipped, entry.bytes.len()));
            }
        }
    }
    if facts.is_empty() {
        findings.not_judged(&Check::OF_LIBRARIES, "there is no readable library");
    }
    facts
}

/// The libraries by ABI; names what lies elsewhere.
fn place<'a>(archive: &'a Archive, findings: &mut Findings) -> Vec<(Abi, &'a str, &'a Entry)> {
    let mut placed = Vec::new();
    for entry in archive.files() {
        let parts: Vec<&str> = entry.name.split('/').collect();
        match parts[..] {
            ["jni", folder, file] if file.starts_with("lib") && file.ends_with(".so") => match Abi::of_folder(folder) {
                Some(abi) => placed.push((abi, file, entry)),
                None => findings.fault(Check::Abis, format!("{}: Android has no ABI {folder}", entry.name)),
            },
            ["jni", ..] => findings.fault(Check::Abis, format!("{} is no library below an ABI", entry.name)),
            _ if entry.name.ends_with(".so") => {
                findings.fault(Check::Abis, format!("{} does not lie below jni", entry.name));
            }
            _ => {}
        }
    }
    placed
}

fn judge_abis(placed: &[(Abi, &str, &Entry)], rules: &LibraryRules, build: Option<&Build>, findings: &mut Findings) {
    if placed.is_empty() {
        findings.fault(Check::Abis, "there is no library below jni");
        findings.not_judged(&[Check::Elf], "there is no library");
        return;
    }
    let mut files: BTreeMap<Abi, BTreeSet<&str>> = BTreeMap::new();
    for (abi, file, _) in placed {
        files.entry(*abi).or_default().insert(file);
    }
    let all: BTreeSet<&str> = placed.iter().map(|(_, file, _)| *file).collect();
    for (abi, there) in &files {
        for file in all.difference(there) {
            findings.fault(Check::Abis, format!("jni/{abi} lacks {file}, which another ABI has"));
        }
    }
    if build.is_some_and(|build| build.grade == Grade::Release) {
        for abi in rules.abis_of_a_release.iter().filter(|abi| !files.contains_key(abi)) {
            findings.fault(Check::Abis, format!("a release has libraries for {abi}"));
        }
    }
}

fn judge_size(shipped: &Shipped, entry: &Entry, rules: &LibraryRules, findings: &mut Findings) {
    let budget = rules.size_kib.of(shipped.abi);
    let kib = u64::try_from(entry.bytes.len().div_ceil(1024)).unwrap_or(u64::MAX);
    if kib > budget.limit {
        findings.fault(Check::Size, format!("{} has {kib} KiB; the limit is {}", shipped.path, budget.limit));
    } else if kib > budget.aim {
        findings.warning(Check::Size, format!("{} has {kib} KiB; the aim is {}", shipped.path, budget.aim));
    }
}

fn judge_note(shipped: &Shipped, api: u32, build: Option<&Build>, findings: &mut Findings) {
    let path = shipped.path;
    match &shipped.library.ndk_note {
        Some(note) if note.api != api => {
            findings.fault(Check::NdkNote, format!("{path} was built for API {}, not {api}", note.api));
        }
        Some(note) if note.ndk.is_empty() => {
            findings.fault(Check::NdkNote, format!("the note in {path} names no version of the NDK"));
        }
        Some(_) => {}
        None if build.is_some_and(|build| build.grade == Grade::Release) => {
            let sentence = format!("{path} has no note of the NDK; this is no release");
            findings.fault(Check::NdkNote, sentence);
        }
        None => {}
    }
}

/// A sentence about names, where there are any.
pub fn name_them(check: Check, path: &str, what: &str, names: &[&str], findings: &mut Findings) {
    if !names.is_empty() {
        findings.fault(check, format!("{path} {what} {}", a_few(names)));
    }
}
