//! The POM beside the AAR.

use roxmltree::{Document, Node};

use crate::{
    check::Check,
    findings::Findings,
    grade::Build,
    rules::{ArtifactRules, PomRules, Rules},
};

/// Judges the POM, if there is one.
pub fn judge(pom: Option<&str>, build: Option<&Build>, rules: &Rules, findings: &mut Findings) {
    let Some(text) = pom else {
        findings.not_judged(&Check::OF_THE_POM, "no POM was given");
        return;
    };
    let pom = match Document::parse(text) {
        Ok(pom) => pom,
        Err(error) => {
            findings.fault(Check::Pom, format!("it is no XML: {error}"));
            findings.not_judged(&[Check::PomDependencies, Check::PomLicences], "the POM cannot be read");
            return;
        }
    };
    let project = pom.root_element();
    judge_coordinates(project, build, &rules.artifact, findings);
    judge_dependencies(project, &rules.pom, findings);
    judge_licences(project, findings);
}

fn judge_coordinates(project: Node, build: Option<&Build>, rules: &ArtifactRules, findings: &mut Findings) {
    let mut wanted = vec![("packaging", "aar"), ("groupId", rules.group.as_str())];
    if let Some(build) = build {
        wanted.extend([("artifactId", build.grade.artifact(rules)), ("version", build.version.as_str())]);
    }
    for (tag, value) in wanted {
        match child_text(project, tag) {
            said if said == value => {}
            "" => findings.fault(Check::Pom, format!("it has no <{tag}>, and has to say {value}")),
            said => findings.fault(Check::Pom, format!("its <{tag}> is {said}, not {value}")),
        }
    }
}

fn judge_dependencies(project: Node, rules: &PomRules, findings: &mut Findings) {
    let dependencies: Vec<Node> = grandchildren(project, "dependencies", "dependency").collect();
    for dependency in &dependencies {
        let version = child_text(*dependency, "version");
        if !is_pinned(version) {
            let said = if version.is_empty() { "no version" } else { version };
            let sentence = format!("{} is not pinned: {said}", name(*dependency));
            findings.fault(Check::PomDependencies, sentence);
        }
    }
    for wanted in &rules.as_aar {
        let found = dependencies.iter().find(|dependency| name(**dependency) == *wanted);
        match found.map(|dependency| child_text(*dependency, "type")) {
            Some("aar") => {}
            Some("") => findings.fault(Check::PomDependencies, format!("{wanted} comes as a JAR, not as an AAR")),
            Some(other) => findings.fault(Check::PomDependencies, format!("{wanted} comes as {other}, not as an AAR")),
            None => findings.fault(Check::PomDependencies, format!("{wanted} is missing")),
        }
    }
}

fn judge_licences(project: Node, findings: &mut Findings) {
    let licences: Vec<Node> = grandchildren(project, "licenses", "license").collect();
    if licences.is_empty() {
        findings.fault(Check::PomLicences, "it names no licence");
    }
    for licence in licences {
        for tag in ["name", "url"].into_iter().filter(|tag| child_text(licence, tag).is_empty()) {
            let sentence = format!("the licence {:?} has no <{tag}>", child_text(licence, "name"));
            findings.fault(Check::PomLicences, sentence);
        }
    }
}

/// One version, not a range, a property, or whatever is newest.
fn is_pinned(version: &str) -> bool {
    let is_moving = version.ends_with("-SNAPSHOT") || ["LATEST", "RELEASE"].contains(&version);
    !version.is_empty() && !version.contains(['[', ']', '(', ')', ',', '$', '+']) && !is_moving
}

fn name(dependency: Node) -> String {
    format!("{}:{}", child_text(dependency, "groupId"), child_text(dependency, "artifactId"))
}

fn children<'a, 'input>(parent: Node<'a, 'input>, tag: &str) -> impl Iterator<Item = Node<'a, 'input>> {
    parent.children().filter(move |node| node.is_element() && node.tag_name().name() == tag)
}

fn grandchildren<'a, 'input>(
    project: Node<'a, 'input>,
    list: &str,
    tag: &str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    children(project, list).flat_map(move |list| children(list, tag))
}

fn child_text<'a>(parent: Node<'a, '_>, tag: &str) -> &'a str {
    children(parent, tag).next().and_then(|node| node.text()).unwrap_or_default().trim()
}
