//! What a library asks of the loader, and what it offers.

use crate::{
    check::Check,
    findings::Findings,
    libraries::{Shipped, name_them},
    rules::LibraryRules,
    symbols::AllowList,
};

/// Judges what it is, needs, imports and exports.
pub fn judge(shipped: &Shipped, rules: &LibraryRules, allowed: &AllowList, findings: &mut Findings) {
    let Shipped { path, file, abi, library } = shipped;
    if (library.is_64, library.machine) != (abi.is_64(), abi.machine()) || !library.is_little_endian {
        let bits = if library.is_64 { 64 } else { 32 };
        let sentence = format!("{path} is of {bits} bits and machine {}, not of {abi}", library.machine);
        findings.fault(Check::Machine, sentence);
    }
    if !library.is_shared_object {
        findings.fault(Check::SharedObject, format!("{path} is no shared object"));
    }
    match library.soname.as_deref() {
        Some(name) if name == *file => {}
        Some(name) => findings.fault(Check::Soname, format!("{path} calls itself {name}")),
        None => findings.fault(Check::Soname, format!("{path} has no SONAME")),
    }

    let strange = those(&library.needed, |name| !rules.needed.iter().any(|known| known == name));
    name_them(Check::Needed, path, "needs", &strange, findings);

    let strange = those(&library.exports, |name| !rules.exports.iter().any(|pattern| matches(pattern, name)));
    name_them(Check::Exports, path, "exports", &strange, findings);

    let strange = those(&library.imports, |name| !allowed.has(name, *abi));
    name_them(Check::Imports, path, "imports what no list of API 24 names:", &strange, findings);
    let strange = those(&library.weak_imports, |name| !allowed.may_be_weak(name, *abi));
    name_them(Check::Imports, path, "imports weakly what symbols/weak.syms does not name:", &strange, findings);
}

fn those(names: &[String], wanted: impl Fn(&str) -> bool) -> Vec<&str> {
    names.iter().map(String::as_str).filter(|name| wanted(name)).collect()
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == pattern,
    }
}
