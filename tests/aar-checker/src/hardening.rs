//! How a library lies in memory.

use crate::{
    check::Check,
    elf::Loaded,
    findings::Findings,
    libraries::{Shipped, name_them},
    rules::LibraryRules,
};

/// Judges its segments and what the loader makes of them.
pub fn judge(shipped: &Shipped, rules: &LibraryRules, findings: &mut Findings) {
    let Shipped { path, library, .. } = shipped;
    if library.loaded.is_empty() {
        findings.fault(Check::Alignment, format!("{path} has no segment to load"));
    }
    for Loaded { offset, address, alignment, is_writable_and_executable } in &library.loaded {
        if *alignment < rules.alignment || !alignment.is_power_of_two() {
            let sentence = format!("{path}: the segment at {offset:#x} is aligned to {alignment:#x}");
            findings.fault(Check::Alignment, sentence);
        } else if offset % alignment != address % alignment {
            let sentence = format!("{path}: the segment at {offset:#x} cannot be mapped to {address:#x}");
            findings.fault(Check::Alignment, sentence);
        }
        if *is_writable_and_executable {
            let sentence = format!("{path}: the segment at {offset:#x} is writable and executable");
            findings.fault(Check::ExecutableData, sentence);
        }
    }
    match library.executable_stack {
        Some(false) => {}
        Some(true) => findings.fault(Check::ExecutableData, format!("{path} wants an executable stack")),
        None => findings.fault(Check::ExecutableData, format!("{path} does not say that its stack is not executable")),
    }
    if library.has_text_relocations {
        findings.fault(Check::TextRelocations, format!("{path} has relocations in its code"));
    }
    if !library.has_relro {
        findings.fault(Check::Relro, format!("{path} has no GNU_RELRO segment"));
    }
    if !library.binds_now {
        findings.fault(Check::BindNow, format!("{path} binds lazily"));
    }
    let run_paths: Vec<&str> = library.run_paths.iter().map(String::as_str).collect();
    name_them(Check::RunPath, path, "has the run path", &run_paths, findings);
    let sections: Vec<&str> = library.unstripped.iter().map(String::as_str).collect();
    name_them(Check::Stripped, path, "still has", &sections, findings);
}
