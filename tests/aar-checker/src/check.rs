//! The checks, by name. What a variant's comment says is what the table prints.

use clap::ValueEnum;
use serde::Serialize;

/// One thing that an AAR has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Entries are sorted by name
    ZipOrder,
    /// No entry stands twice
    ZipDuplicates,
    /// Names are plain relative paths of plain files
    ZipNames,
    /// Every entry has the one fixed time
    ZipTime,
    /// No entry carries times or owners in extra fields
    ZipExtraFields,
    /// Everything that an AAR needs is there
    Entries,
    /// aar-metadata.properties tells Gradle what it asks for
    AarMetadata,
    /// Licence notices are there, in a folder of our own
    Notices,
    /// The bill of materials is CycloneDX and lists crates and Maven artefacts
    Sbom,
    /// build.properties says how this was built
    BuildProperties,
    /// It says whether it is a release or a CI build, and is what was asked for
    Grade,
    /// The version sorts where Maven should put it
    Version,
    /// The file is called after grade and version
    FileName,
    /// The manifest is readable and of our package
    Manifest,
    /// The oldest Android is the one that we build for
    MinSdk,
    /// The manifest sets nothing on the app
    ManifestApplication,
    /// The manifest declares no component
    ManifestComponents,
    /// Only the permissions that a tap needs
    ManifestPermissions,
    /// NFC features are named, and none is required
    ManifestFeatures,
    /// Resources carry our prefix
    ResourceNames,
    /// classes.jar and its classes are readable
    Classes,
    /// No class is newer than the oldest Android tools can read
    ClassVersion,
    /// No class but ours
    ClassFolder,
    /// Nothing of the tests
    TestMarkers,
    /// No path of the machine that built it
    MachinePaths,
    /// Libraries lie where Android looks for them, the same for each ABI
    Abis,
    /// Libraries are readable ELF files
    Elf,
    /// Class and machine are those of the ABI
    Machine,
    /// Libraries are shared objects
    SharedObject,
    /// The SONAME is the file's name
    Soname,
    /// They need no library but the system's
    Needed,
    /// They load on pages of 16 KiB
    Alignment,
    /// The loader need not write into code
    TextRelocations,
    /// They tell the loader no folders
    RunPath,
    /// Relocated data are made read-only
    Relro,
    /// Every import is bound at the start
    BindNow,
    /// Nothing writable is executable, and neither is the stack
    ExecutableData,
    /// They offer nothing but the border to Kotlin
    Exports,
    /// They import only what the oldest Android has
    Imports,
    /// They are stripped
    Stripped,
    /// They keep to the size budget
    Size,
    /// The NDK's note is there in a release, and for our API level
    NdkNote,
    /// The POM is readable and of this AAR
    Pom,
    /// Its dependencies are pinned, and JNA comes as an AAR
    PomDependencies,
    /// It names its licences
    PomLicences,
}

impl Check {
    /// Every check, in the order of the table.
    #[must_use]
    pub fn all() -> &'static [Self] {
        Self::value_variants()
    }

    /// Its name, as in the table and the JSON.
    #[must_use]
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// What is so where it is content.
    #[must_use]
    pub fn about(self) -> String {
        let value = self.to_possible_value();
        value.and_then(|value| value.get_help().map(ToString::to_string)).unwrap_or_default()
    }

    /// The checks that look into a readable manifest.
    pub(crate) const OF_THE_MANIFEST: [Self; 5] = [
        Self::MinSdk,
        Self::ManifestApplication,
        Self::ManifestComponents,
        Self::ManifestPermissions,
        Self::ManifestFeatures,
    ];

    /// The checks that look into readable classes.
    pub(crate) const OF_CLASSES: [Self; 2] = [Self::ClassVersion, Self::ClassFolder];

    /// The checks that look into readable libraries.
    pub(crate) const OF_LIBRARIES: [Self; 15] = [
        Self::Machine,
        Self::SharedObject,
        Self::Soname,
        Self::Needed,
        Self::Alignment,
        Self::TextRelocations,
        Self::RunPath,
        Self::Relro,
        Self::BindNow,
        Self::ExecutableData,
        Self::Exports,
        Self::Imports,
        Self::Stripped,
        Self::Size,
        Self::NdkNote,
    ];

    /// The checks that look into a POM.
    pub(crate) const OF_THE_POM: [Self; 3] = [Self::Pom, Self::PomDependencies, Self::PomLicences];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_has_one_name_and_a_sentence() {
        for check in Check::all() {
            assert_eq!(serde_json::to_value(check).unwrap(), check.name());
            assert!(!check.about().is_empty());
        }
    }
}
