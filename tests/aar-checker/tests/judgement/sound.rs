//! What is sound is called so, and told in full.

use aar_checker::{Abi, Check, Grade, Outcome};

use crate::support::Aar;

#[test]
fn a_sound_release_passes() {
    let report = Aar::release().judge();

    assert!(report.is_content(), "{report}");
    assert_eq!(report.those(Outcome::Ok).count(), Check::all().len());
    assert_eq!(report.build.unwrap().grade, Grade::Release);
}

#[test]
fn a_sound_ci_build_passes_and_says_that_it_is_one() {
    let report = Aar::ci().judge();

    assert!(report.is_content(), "{report}");
    assert!(report.to_string().contains("CI build, not for phones"));
}

#[test]
fn a_ci_build_need_not_be_for_every_phone() {
    let mut aar = Aar::ci();
    aar.libraries.retain(|abi, _| [Abi::Arm64V8a, Abi::X86_64].contains(abi));

    assert!(aar.judge().is_content());
}

#[test]
fn libraries_are_counted() {
    let report = Aar::release().judge();

    assert_eq!(report.libraries.len(), 4);
    for library in &report.libraries {
        assert_eq!((library.exports, library.imports), (4, 2));
        assert_eq!(library.weak_imports, ["getrandom"]);
        let note = library.ndk_note.as_ref().unwrap();
        assert_eq!((note.api, note.ndk.as_str()), (24, "r27c"));
    }
}

#[test]
fn what_was_not_there_is_not_called_sound() {
    let mut aar = Aar::ci();
    aar.pom = None;

    let report = aar.judge();

    assert!(report.is_content());
    let not_judged: Vec<Check> = report.those(Outcome::NotJudged).map(|judged| judged.check).collect();
    assert_eq!(not_judged, [Check::Pom, Check::PomDependencies, Check::PomLicences]);
}

#[test]
fn a_library_above_the_aim_is_a_warning() {
    let mut aar = Aar::ci();
    aar.library(Abi::Arm64V8a).contents = vec![0; 3300 * 1024];

    let report = aar.judge();

    assert!(report.is_content());
    let warnings: Vec<Check> = report.those(Outcome::Warning).map(|judged| judged.check).collect();
    assert_eq!(warnings, [Check::Size]);
}
