//! The manifest that the app's build merges into the app's own.

use roxmltree::{Document, Node};

use crate::{archive::Archive, check::Check, findings::Findings, rules::ManifestRules};

/// Judges the manifest.
pub fn judge(archive: &Archive, rules: &ManifestRules, findings: &mut Findings) {
    // That it is missing is said by the check of entries.
    let text = archive.entry(MANIFEST).map(crate::archive::Entry::text);
    let Some(text) = text else {
        findings.not_judged(&[Check::Manifest], "there is none");
        findings.not_judged(&Check::OF_THE_MANIFEST, "there is no manifest");
        return;
    };
    match Document::parse(&text) {
        Ok(manifest) => judge_elements(manifest.root_element(), rules, findings),
        Err(error) => {
            findings.fault(Check::Manifest, format!("{MANIFEST} is no XML: {error}"));
            findings.not_judged(&Check::OF_THE_MANIFEST, "the manifest cannot be read");
        }
    }
}

fn judge_elements(manifest: Node, rules: &ManifestRules, findings: &mut Findings) {
    match manifest.attribute("package") {
        _ if !manifest.has_tag_name("manifest") => {
            findings.fault(Check::Manifest, format!("the root is <{}>, not <manifest>", manifest.tag_name().name()));
        }
        Some(package) if package == rules.package => {}
        Some(package) => findings.fault(Check::Manifest, format!("the package is {package}, not {}", rules.package)),
        None => findings.fault(Check::Manifest, "the manifest names no package"),
    }

    let min_sdk = elements(manifest, "uses-sdk").find_map(|element| android(element, "minSdkVersion"));
    if min_sdk != Some(rules.min_sdk.to_string().as_str()) {
        let said = min_sdk.unwrap_or("not there");
        findings.fault(Check::MinSdk, format!("minSdkVersion is {said}, and has to be {}", rules.min_sdk));
    }

    for attribute in elements(manifest, "application").flat_map(|application| application.attributes()) {
        let sentence = format!("<application> sets {} for the whole app", attribute.name());
        findings.fault(Check::ManifestApplication, sentence);
    }
    for component in COMPONENTS.into_iter().flat_map(|name| elements(manifest, name)) {
        let (tag, name) = (component.tag_name().name(), android(component, "name").unwrap_or("without a name"));
        findings.fault(Check::ManifestComponents, format!("<{tag}> {name} is declared; that is the app's to do"));
    }

    judge_permissions(manifest, rules, findings);
    judge_features(manifest, rules, findings);
}

fn judge_permissions(manifest: Node, rules: &ManifestRules, findings: &mut Findings) {
    let asked: Vec<&str> = ["uses-permission", "uses-permission-sdk-23"]
        .into_iter()
        .flat_map(|tag| elements(manifest, tag))
        .map(|element| android(element, "name").unwrap_or("without a name"))
        .collect();
    let known = |name: &str| {
        let mut all = rules.required_permissions.iter().chain(&rules.allowed_permissions);
        all.any(|permission| permission == name)
    };
    for name in asked.iter().filter(|name| !known(name)) {
        findings.fault(Check::ManifestPermissions, format!("the permission {name} is asked for"));
    }
    for name in rules.required_permissions.iter().filter(|name| !asked.contains(&name.as_str())) {
        findings.fault(Check::ManifestPermissions, format!("the permission {name} is not asked for"));
    }
    for element in elements(manifest, "permission") {
        let name = android(element, "name").unwrap_or("without a name");
        findings.fault(Check::ManifestPermissions, format!("a permission {name} is invented"));
    }
}

fn judge_features(manifest: Node, rules: &ManifestRules, findings: &mut Findings) {
    let features: Vec<Node> = elements(manifest, "uses-feature").collect();
    for name in &rules.features {
        if !features.iter().any(|feature| android(*feature, "name") == Some(name)) {
            findings.fault(Check::ManifestFeatures, format!("the feature {name} is not named"));
        }
    }
    for feature in features.iter().filter(|feature| android(**feature, "required") != Some("false")) {
        let name = android(*feature, "name").unwrap_or("without a name");
        let sentence = format!("the feature {name} is not marked required=\"false\"; shops would hide the app");
        findings.fault(Check::ManifestFeatures, sentence);
    }
}

fn elements<'a, 'input>(manifest: Node<'a, 'input>, tag: &'static str) -> impl Iterator<Item = Node<'a, 'input>> {
    manifest.descendants().filter(move |node| node.is_element() && node.tag_name().name() == tag)
}

fn android<'a>(element: Node<'a, '_>, name: &str) -> Option<&'a str> {
    element.attribute((ANDROID, name))
}

const MANIFEST: &str = "AndroidManifest.xml";
const ANDROID: &str = "http://schemas.android.com/apk/res/android";
const COMPONENTS: [&str; 5] = ["activity", "activity-alias", "provider", "receiver", "service"];
