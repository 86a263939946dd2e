//! The rules: `rules.toml`, as types.

use serde::Deserialize;

use crate::abi::Abi;

/// What an AAR has to be.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// What it is called.
    pub artifact: ArtifactRules,
    /// The zip file around it.
    pub archive: ArchiveRules,
    /// Its manifest.
    pub manifest: ManifestRules,
    /// Its resources.
    pub resources: ResourceRules,
    /// Its Java classes.
    pub classes: ClassRules,
    /// What does not belong into it.
    pub strangers: StrangerRules,
    /// Its native libraries.
    pub libraries: LibraryRules,
    /// The POM beside it.
    pub pom: PomRules,
}

/// What the artefact is called.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArtifactRules {
    /// Maven's group.
    pub group: String,
    /// The name of a release.
    pub release: String,
    /// The name of a CI build.
    pub ci: String,
}

/// The zip file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchiveRules {
    /// The time of every entry.
    pub time: String,
    /// Entries without which it is no AAR of ours.
    pub required: Vec<String>,
    /// The folder of what we tell about ourselves.
    pub own_folder: String,
    /// The licence notices in it.
    pub notices: Vec<String>,
}

/// The manifest.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestRules {
    /// The package.
    pub package: String,
    /// The oldest Android.
    pub min_sdk: u32,
    /// Permissions that must be asked for.
    pub required_permissions: Vec<String>,
    /// Permissions that may be.
    pub allowed_permissions: Vec<String>,
    /// Features that are named and not required.
    pub features: Vec<String>,
}

/// Resources.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceRules {
    /// How their names begin.
    pub prefix: String,
}

/// Classes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassRules {
    /// The newest version of a class file.
    pub newest_version: u16,
    /// The folder that holds all of them.
    pub folder: String,
}

/// What does not belong into it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StrangerRules {
    /// Parts of a class's name.
    pub test_classes: Vec<String>,
    /// Texts in classes and libraries.
    pub test_texts: Vec<String>,
    /// Beginnings of paths.
    pub machine_paths: Vec<String>,
}

/// Native libraries.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LibraryRules {
    /// Libraries that may be needed.
    pub needed: Vec<String>,
    /// The smallest alignment of a loaded segment.
    pub alignment: u64,
    /// Symbols that may be offered; `*` at the end stands for anything.
    pub exports: Vec<String>,
    /// ABIs without which it is no release.
    pub abis_of_a_release: Vec<Abi>,
    /// How big they may be.
    pub size_kib: Budgets,
}

/// A budget for each ABI.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Budgets {
    arm64_v8a: Budget,
    armeabi_v7a: Budget,
    x86: Budget,
    #[serde(rename = "x86_64")]
    x86_64: Budget,
}

impl Budgets {
    /// The budget of one.
    #[must_use]
    pub fn of(&self, abi: Abi) -> Budget {
        match abi {
            Abi::Arm64V8a => self.arm64_v8a,
            Abi::ArmeabiV7a => self.armeabi_v7a,
            Abi::X86 => self.x86,
            Abi::X86_64 => self.x86_64,
        }
    }
}

/// Sizes in KiB.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Above it is a warning.
    pub aim: u64,
    /// Above it is a failure.
    pub limit: u64,
}

/// The POM.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PomRules {
    /// Dependencies, as group and name, that come as AARs.
    pub as_aar: Vec<String>,
}

impl Rules {
    /// Bezant's own.
    ///
    /// # Errors
    ///
    /// Where `rules.toml` was broken when this was built.
    pub fn bezant() -> Result<Self, toml::de::Error> {
        toml::from_str(include_str!("../rules.toml"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_rules_are_readable() {
        let rules = Rules::bezant().unwrap();

        let arm64 = rules.libraries.size_kib.of(Abi::Arm64V8a);
        assert_eq!((arm64.aim, arm64.limit), (3277, 4608));
        assert_eq!(rules.strangers.machine_paths.last().unwrap(), "C:\\");
    }
}
