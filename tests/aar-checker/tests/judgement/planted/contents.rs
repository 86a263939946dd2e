//! Entries that are missing, or say nothing.

use aar_checker::Check;

use crate::support::{Aar, OWN, assert_fault, class, zip};

const METADATA: &str = "META-INF/com/android/build/gradle/aar-metadata.properties";

#[test]
fn a_required_entry_is_missing() {
    for name in ["AndroidManifest.xml", "R.txt", "proguard.txt"] {
        let mut aar = Aar::ci();
        aar.remove(name);

        assert_fault(&aar, Check::Entries, &format!("{name} is missing"));
    }
}

#[test]
fn the_classes_are_missing() {
    let aar = Aar::ci();
    let mut all = aar.all();
    all.remove("classes.jar");
    let options = zip::write::SimpleFileOptions::default()
        .last_modified_time(zip::DateTime::from_date_and_time(2026, 1, 1, 0, 0, 0).unwrap());

    let report = aar.judge_as(&zip(&all, options.into_full_options()));

    let failed: Vec<Check> = report.those(aar_checker::Outcome::Failed).map(|judged| judged.check).collect();
    assert_eq!(failed, [Check::Entries]);
}

#[test]
fn gradle_is_told_too_little() {
    let mut aar = Aar::ci();
    aar.remove(METADATA);
    assert_fault(&aar, Check::AarMetadata, "aar-metadata.properties is missing");

    for (from, to, why) in [
        ("aarFormatVersion=1.0\n", "", "aarFormatVersion is missing"),
        ("aarMetadataVersion=1.0", "aarMetadataVersion=2.0", "aarMetadataVersion is 2.0"),
        ("minCompileSdk=34", "minCompileSdk=new", "minCompileSdk is no API level"),
        ("minCompileSdk=34\n", "", "minCompileSdk is missing"),
        ("minCompileSdk=34", "minCompileSdk", "no `key=value`"),
    ] {
        let mut aar = Aar::ci();
        aar.edit(METADATA, from, to);

        assert_fault(&aar, Check::AarMetadata, why);
    }
}

#[test]
fn a_notice_is_missing_or_empty() {
    let name = format!("{OWN}THIRD-PARTY-NOTICES.txt");
    let mut aar = Aar::ci();
    aar.remove(&name);
    assert_fault(&aar, Check::Notices, &format!("{name} is missing"));

    let mut aar = Aar::ci();
    aar.put(&name, " \n");
    assert_fault(&aar, Check::Notices, &format!("{name} is empty"));
}

#[test]
fn a_notice_lies_where_others_lie() {
    for name in ["META-INF/LICENSE", "META-INF/NOTICE.txt", "LICENSE.md"] {
        let mut aar = Aar::ci();
        aar.put(name, "MIT License");
        assert_fault(&aar, Check::Notices, &format!("{name} collides"));
    }

    let mut aar = Aar::ci();
    aar.classes.insert("META-INF/LICENSE".to_owned(), b"MIT License".to_vec());
    assert_fault(&aar, Check::Notices, "classes.jar!/META-INF/LICENSE collides");
}

#[test]
fn the_bill_of_materials_is_none() {
    let name = format!("{OWN}sbom.cdx.json");
    let mut aar = Aar::ci();
    aar.remove(&name);
    assert_fault(&aar, Check::Sbom, &format!("{name} is missing"));

    for (from, to, why) in [
        ("\"bomFormat\"", "bomFormat", "no JSON"),
        ("CycloneDX", "SPDX", "bomFormat is \"SPDX\""),
        ("components", "parts", "no components"),
        ("pkg:cargo/", "pkg:generic/", "begins with pkg:cargo/"),
        ("pkg:maven/", "pkg:generic/", "begins with pkg:maven/"),
    ] {
        let mut aar = Aar::ci();
        aar.edit(&name, from, to);

        assert_fault(&aar, Check::Sbom, why);
    }
}

#[test]
fn resources_without_our_prefix() {
    for (name, text, culprit) in [
        ("R.txt", "int string app_name 0x7f010000\n", "app_name"),
        ("R.txt", "int string\n", "int string"),
        ("res/xml/apduservice.xml", "<host-apdu-service/>", "res/xml/apduservice.xml"),
        ("res/values-pl/values.xml", "<resources><item name=\"app_name\"/></resources>", "<item> \"app_name\""),
        ("res/values/values.xml", "<resources>", "res/values/values.xml is no XML"),
    ] {
        let mut aar = Aar::ci();
        aar.put(name, text);

        assert_fault(&aar, Check::ResourceNames, culprit);
    }
}

#[test]
fn a_library_of_others_is_bundled() {
    let mut aar = Aar::ci();
    aar.put("libs/gson.jar", class(52, &[]));

    assert_fault(&aar, Check::ClassFolder, "libs/gson.jar is bundled");
}
