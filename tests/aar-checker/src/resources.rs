//! The names of resources, which share one space with the app's and everybody else's.

use roxmltree::Document;

use crate::{
    archive::{Archive, Entry},
    check::Check,
    findings::Findings,
    rules::ResourceRules,
};

/// Judges the names of resources: in R.txt, of the files below res, and in its values.
pub fn judge(archive: &Archive, rules: &ResourceRules, findings: &mut Findings) {
    if let Some(entry) = archive.entry(TABLE) {
        for line in entry.text().lines().filter(|line| !line.trim().is_empty()) {
            match line.split_whitespace().nth(2) {
                Some(name) if name.starts_with(&rules.prefix) => {}
                Some(name) => findings.fault(Check::ResourceNames, format!("{TABLE} names {name}")),
                None => findings.fault(Check::ResourceNames, format!("{TABLE} has a line {line:?}")),
            }
        }
    }
    for entry in archive.files() {
        let Some((folder, file)) = entry.name.strip_prefix("res/").and_then(|path| path.split_once('/')) else {
            continue;
        };
        if folder.split('-').next() == Some("values") {
            judge_values(entry, rules, findings);
        } else if !file.starts_with(&rules.prefix) {
            findings.fault(Check::ResourceNames, format!("{} does not begin with {}", entry.name, rules.prefix));
        }
    }
}

fn judge_values(entry: &Entry, rules: &ResourceRules, findings: &mut Findings) {
    let text = entry.text();
    let values = match Document::parse(&text) {
        Ok(values) => values,
        Err(error) => return findings.fault(Check::ResourceNames, format!("{} is no XML: {error}", entry.name)),
    };
    for value in values.root_element().children().filter(roxmltree::Node::is_element) {
        let name = value.attribute("name").unwrap_or_default();
        if !name.starts_with(&rules.prefix) {
            let tag = value.tag_name().name();
            findings.fault(Check::ResourceNames, format!("{} has a <{tag}> {name:?}", entry.name));
        }
    }
}

const TABLE: &str = "R.txt";
