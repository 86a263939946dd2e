//! A sound AAR, as entries that a test takes away, adds and edits.

use std::{
    collections::BTreeMap,
    io::{Cursor, Write},
};

use aar_checker::{Abi, Report, Subject};
use zip::{
    DateTime, ZipWriter,
    write::{FullFileOptions, SimpleFileOptions},
};

use super::{SharedObject, class};

/// The folder of what it says of itself.
pub const OWN: &str = "META-INF/dev.bezant/bezant-wallet/";

/// An AAR before it is packed.
#[derive(Debug, Clone)]
pub struct Aar {
    pub file_name: String,
    pub pom: Option<String>,
    pub has_to_be_release: bool,
    pub entries: BTreeMap<String, Vec<u8>>,
    pub classes: BTreeMap<String, Vec<u8>>,
    pub libraries: BTreeMap<Abi, SharedObject>,
}

impl Aar {
    /// A sound CI build.
    pub fn ci() -> Self {
        let mut aar = Self::release();
        aar.has_to_be_release = false;
        aar.file_name = "bezant-wallet-ci-0.1.0.aar".to_owned();
        aar.edit(&format!("{OWN}build.properties"), "grade=release", "grade=ci");
        aar.pom = aar.pom.map(|pom| pom.replace("<artifactId>bezant-wallet<", "<artifactId>bezant-wallet-ci<"));
        for library in aar.libraries.values_mut() {
            library.note = None;
        }
        aar
    }

    /// A sound release.
    pub fn release() -> Self {
        let own = |name: &str, text: &str| (format!("{OWN}{name}"), text.as_bytes().to_vec());
        let at = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
        Self {
            file_name: "bezant-wallet-0.1.0.aar".to_owned(),
            pom: Some(POM.to_owned()),
            has_to_be_release: true,
            entries: BTreeMap::from([
                at("AndroidManifest.xml", MANIFEST),
                at("META-INF/com/android/build/gradle/aar-metadata.properties", AAR_METADATA),
                own("LICENSE-APACHE", "Apache License"),
                own("LICENSE-MIT", "MIT License"),
                own("THIRD-PARTY-NOTICES.txt", "see http://example.org/home/notices"),
                own("build.properties", BUILD),
                own("sbom.cdx.json", SBOM),
                at("R.txt", "int string bezant_name 0x7f010000\nint xml bezant_apduservice 0x7f020000\n"),
                at("proguard.txt", "-keep class dev.bezant.wallet.** { *; }\n"),
                at("res/values/values.xml", "<resources><string name=\"bezant_name\">Bezant</string></resources>"),
                at("res/xml/bezant_apduservice.xml", "<host-apdu-service/>"),
            ]),
            classes: BTreeMap::from([
                at("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n"),
                ("dev/bezant/wallet/Wallet.class".to_owned(), class(55, &["dev/bezant/wallet/Wallet", "pay"])),
            ]),
            libraries: Abi::ALL.into_iter().map(|abi| (abi, SharedObject::sound(abi))).collect(),
        }
    }

    /// Puts an entry.
    pub fn put(&mut self, name: &str, bytes: impl Into<Vec<u8>>) {
        self.entries.insert(name.to_owned(), bytes.into());
    }

    /// Takes one away.
    pub fn remove(&mut self, name: &str) {
        self.entries.remove(name).expect("the sound AAR has it");
    }

    /// Changes a part of one.
    pub fn edit(&mut self, name: &str, from: &str, to: &str) {
        let text = String::from_utf8(self.entries[name].clone()).unwrap();
        assert!(text.contains(from), "{name} does not hold {from}");
        self.put(name, text.replace(from, to));
    }

    /// Changes a part of the POM.
    pub fn edit_pom(&mut self, from: &str, to: &str) {
        let pom = self.pom.take().unwrap();
        assert!(pom.contains(from), "the POM does not hold {from}");
        self.pom = Some(pom.replace(from, to));
    }

    /// The library of an ABI.
    pub fn library(&mut self, abi: Abi) -> &mut SharedObject {
        self.libraries.get_mut(&abi).unwrap()
    }

    /// The entries, sorted, with classes and libraries.
    pub fn all(&self) -> BTreeMap<String, Vec<u8>> {
        let mut all = self.entries.clone();
        all.entry("classes.jar".to_owned()).or_insert_with(|| zip(&self.classes, sound_options()));
        for (abi, library) in &self.libraries {
            all.entry(format!("jni/{abi}/libbezant.so")).or_insert_with(|| library.bytes());
        }
        all
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        zip(&self.all(), sound_options())
    }

    /// What the checker says.
    pub fn judge(&self) -> Report {
        self.judge_as(&self.bytes())
    }

    /// What it says of other bytes under the same name.
    pub fn judge_as(&self, bytes: &[u8]) -> Report {
        let (file_name, pom) = (self.file_name.as_str(), self.pom.as_deref());
        let has_to_be_release = self.has_to_be_release;
        aar_checker::judge(&Subject { file_name, bytes, pom, has_to_be_release }).unwrap()
    }
}

/// Packs entries in this order.
pub fn zip<'a>(
    entries: impl IntoIterator<Item = (&'a String, &'a Vec<u8>)>,
    options: FullFileOptions<'static, 'static>,
) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(name, options.clone()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn sound_options() -> FullFileOptions<'static, 'static> {
    let time = DateTime::from_date_and_time(2026, 1, 1, 0, 0, 0).unwrap();
    SimpleFileOptions::default().last_modified_time(time).into_full_options()
}

const MANIFEST: &str = r#"
<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="dev.bezant.wallet">
  <uses-sdk android:minSdkVersion="24"/>
  <uses-permission android:name="android.permission.NFC"/>
  <uses-feature android:name="android.hardware.nfc" android:required="false"/>
  <uses-feature android:name="android.hardware.nfc.hce" android:required="false"/>
  <application/>
</manifest>
"#;

const AAR_METADATA: &str = "aarFormatVersion=1.0\naarMetadataVersion=1.0\nminCompileSdk=34\n";

const BUILD: &str =
    "grade=release\nversion=0.1.0\ntoolchain.rustc=NDK r27c, rustc 1.95.0\ntoolchain.unwinder=NDK libunwind\n";

const SBOM: &str = r#"{
  "bomFormat": "CycloneDX",
  "specVersion": "1.6",
  "components": [
    { "type": "library", "name": "aes", "purl": "pkg:cargo/aes@0.9.0" },
    { "type": "library", "name": "kotlin", "components": [
      { "type": "library", "name": "kotlin-stdlib", "purl": "pkg:maven/org.jetbrains.kotlin/kotlin-stdlib@2.1.21" }
    ] }
  ]
}
"#;

const POM: &str = r#"<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>dev.bezant</groupId>
  <artifactId>bezant-wallet</artifactId>
  <version>0.1.0</version>
  <packaging>aar</packaging>
  <licenses>
    <license><name>MIT</name><url>https://opensource.org/license/mit</url></license>
  </licenses>
  <dependencies>
    <dependency>
      <groupId>net.java.dev.jna</groupId><artifactId>jna</artifactId><version>5.19.1</version><type>aar</type>
    </dependency>
    <dependency>
      <groupId>org.jetbrains.kotlin</groupId><artifactId>kotlin-stdlib</artifactId><version>2.1.21</version>
    </dependency>
  </dependencies>
</project>
"#;
