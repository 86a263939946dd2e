//! Faults of the zip file.

use aar_checker::{Check, Report};
use zip::{
    DateTime,
    write::{FullFileOptions, SimpleFileOptions},
};

use crate::support::{Aar, assert_fault, zip};

fn options(hour: u8) -> FullFileOptions<'static, 'static> {
    let time = DateTime::from_date_and_time(2026, 1, 1, hour, 0, 0).unwrap();
    SimpleFileOptions::default().last_modified_time(time).into_full_options()
}

fn failed(report: &Report) -> Vec<(Check, String)> {
    let failed = report.those(aar_checker::Outcome::Failed);
    failed.map(|judged| (judged.check, judged.sentences.join("; "))).collect()
}

#[test]
fn entries_out_of_order() {
    let aar = Aar::ci();
    let mut all: Vec<_> = aar.all().into_iter().collect();
    all.swap(0, 1);

    let report = aar.judge_as(&zip(all.iter().map(|(name, bytes)| (name, bytes)), options(0)));

    let [(check, sentence)] = &failed(&report)[..] else { panic!("{report}") };
    assert_eq!(*check, Check::ZipOrder);
    assert!(sentence.contains("stands before AndroidManifest.xml"), "{sentence}");
}

#[test]
fn an_entry_that_stands_twice() {
    let mut aar = Aar::ci();
    aar.put("proguard.txu", "-dontwarn");
    let (twin, name) = (b"proguard.txu", b"proguard.txt");
    let mut bytes = aar.bytes();
    while let Some(at) = bytes.windows(twin.len()).position(|at| at == twin) {
        bytes[at..at + name.len()].copy_from_slice(name);
    }

    let report = aar.judge_as(&bytes);

    let expected = (Check::ZipDuplicates, "proguard.txt stands there 2 times".to_owned());
    assert_eq!(failed(&report), [expected]);
}

#[test]
fn names_that_lead_elsewhere() {
    for (name, why) in [
        ("/etc/passwd", "absolute"),
        ("assets/../../a", "leads out"),
        ("assets//a", "empty part"),
        ("assets\\a", "none of a path"),
        ("assets/a b", "visible ASCII"),
        ("assets/żubr", "visible ASCII"),
    ] {
        let mut aar = Aar::ci();
        aar.put(name, "");

        assert_fault(&aar, Check::ZipNames, why);
    }
}

#[test]
fn names_in_the_jar_that_lead_elsewhere() {
    let mut aar = Aar::ci();
    aar.classes.insert("../a.txt".to_owned(), Vec::new());

    assert_fault(&aar, Check::ZipNames, "classes.jar!/\"../a.txt\"");
}

#[test]
fn a_time_of_today() {
    let aar = Aar::ci();

    let report = aar.judge_as(&zip(&aar.all(), options(1)));

    let [(check, sentence)] = &failed(&report)[..] else { panic!("{report}") };
    assert_eq!(*check, Check::ZipTime);
    assert!(sentence.contains("AndroidManifest.xml (2026-01-01 01:00:00)"), "{sentence}");
    assert!(sentence.contains("more"), "{sentence}");
}

#[test]
fn a_time_of_today_in_the_jar() {
    let mut aar = Aar::ci();
    aar.put("classes.jar", zip(&aar.classes, options(1)));

    assert_fault(&aar, Check::ZipTime, "classes.jar!/dev/bezant/wallet/Wallet.class (2026");
}

#[test]
fn times_and_owners_in_extra_fields() {
    let aar = Aar::ci();
    let mut owner = options(0);
    owner.add_extra_field(0xBEEF, [1, 2, 3], false).unwrap();
    let timestamp = options(0).with_extended_timestamp(Some(1), None, None).unwrap();

    for (options, what) in [(owner, "field 0xbeef"), (timestamp, "an extended timestamp")] {
        let report = aar.judge_as(&zip(&aar.all(), options));

        let [(check, sentence)] = &failed(&report)[..] else { panic!("{report}") };
        assert_eq!(*check, Check::ZipExtraFields);
        assert!(sentence.contains(&format!("AndroidManifest.xml ({what})")), "{sentence}");
    }
}
