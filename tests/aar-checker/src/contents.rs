//! The entries that Gradle, a lawyer and an auditor look for.

use serde_json::Value;

use crate::{archive::Archive, check::Check, findings::Findings, properties, rules::ArchiveRules};

/// Judges what is there, and the files that tell of the others.
pub fn judge(archive: &Archive, rules: &ArchiveRules, findings: &mut Findings) {
    for name in rules.required.iter().filter(|name| archive.entry(name).is_none()) {
        findings.fault(Check::Entries, format!("{name} is missing"));
    }
    judge_aar_metadata(archive, findings);
    judge_notices(archive, rules, findings);
    match archive.entry(&format!("{}{SBOM}", rules.own_folder)) {
        None => findings.fault(Check::Sbom, format!("{}{SBOM} is missing", rules.own_folder)),
        Some(entry) => judge_sbom(&entry.bytes, findings),
    }
}

/// Names the entries that lie where those of other libraries lie.
pub fn judge_collisions(place: &str, archive: &Archive, findings: &mut Findings) {
    for entry in archive.files() {
        let file = entry.name.strip_prefix("META-INF/").unwrap_or(&entry.name).to_ascii_uppercase();
        if COLLIDING.iter().any(|name| file.starts_with(name)) {
            let sentence = format!("{place}{} collides with other libraries' in the app", entry.name);
            findings.fault(Check::Notices, sentence);
        }
    }
}

fn judge_aar_metadata(archive: &Archive, findings: &mut Findings) {
    let Some(entry) = archive.entry(AAR_METADATA) else {
        findings.fault(Check::AarMetadata, format!("{AAR_METADATA} is missing"));
        return;
    };
    let pairs = match properties::parse(&entry.text()) {
        Ok(pairs) => pairs,
        Err(error) => return findings.fault(Check::AarMetadata, format!("{AAR_METADATA}: {error}")),
    };
    for key in ["aarFormatVersion", "aarMetadataVersion"] {
        match pairs.get(key).map(String::as_str) {
            Some("1.0") => {}
            Some(other) => findings.fault(Check::AarMetadata, format!("{key} is {other}, not 1.0")),
            None => findings.fault(Check::AarMetadata, format!("{key} is missing")),
        }
    }
    match pairs.get("minCompileSdk").map(|value| value.parse::<u32>()) {
        Some(Ok(1..)) => {}
        Some(_) => findings.fault(Check::AarMetadata, "minCompileSdk is no API level"),
        None => findings.fault(Check::AarMetadata, "minCompileSdk is missing"),
    }
}

fn judge_notices(archive: &Archive, rules: &ArchiveRules, findings: &mut Findings) {
    for name in rules.notices.iter().map(|name| format!("{}{name}", rules.own_folder)) {
        match archive.entry(&name) {
            None => findings.fault(Check::Notices, format!("{name} is missing")),
            Some(entry) if entry.bytes.trim_ascii().is_empty() => {
                findings.fault(Check::Notices, format!("{name} is empty"));
            }
            Some(_) => {}
        }
    }
    judge_collisions("", archive, findings);
}

fn judge_sbom(bytes: &[u8], findings: &mut Findings) {
    let sbom: Value = match serde_json::from_slice(bytes) {
        Ok(sbom) => sbom,
        Err(error) => return findings.fault(Check::Sbom, format!("{SBOM} is no JSON: {error}")),
    };
    let format = &sbom["bomFormat"];
    if format != "CycloneDX" {
        findings.fault(Check::Sbom, format!("{SBOM}: bomFormat is {format}, not CycloneDX"));
    }
    let components = sbom["components"].as_array().map_or(&[][..], Vec::as_slice);
    if components.is_empty() {
        return findings.fault(Check::Sbom, format!("{SBOM} lists no components"));
    }
    for kind in ["pkg:cargo/", "pkg:maven/"] {
        if !components.iter().any(|component| has_package(component, kind)) {
            findings.fault(Check::Sbom, format!("{SBOM} lists nothing whose purl begins with {kind}"));
        }
    }
}

/// Whether a component, or one inside of it, is of this kind of package.
fn has_package(component: &Value, kind: &str) -> bool {
    component["purl"].as_str().is_some_and(|purl| purl.starts_with(kind))
        || component["components"].as_array().is_some_and(|inner| inner.iter().any(|inner| has_package(inner, kind)))
}

const AAR_METADATA: &str = "META-INF/com/android/build/gradle/aar-metadata.properties";
const SBOM: &str = "sbom.cdx.json";
const COLLIDING: [&str; 6] = ["LICENSE", "LICENCE", "NOTICE", "COPYING", "COPYRIGHT", "DEPENDENCIES"];
