//! Faults of what an AAR says of itself.

use aar_checker::{Abi, Check};

use crate::support::{Aar, OWN, assert_fault};

fn edited(mut aar: Aar, from: &str, to: &str) -> Aar {
    aar.edit(&format!("{OWN}build.properties"), from, to);
    aar
}

#[test]
fn nothing_says_how_it_was_built() {
    let mut aar = Aar::ci();
    aar.remove(&format!("{OWN}build.properties"));
    assert_fault(&aar, Check::BuildProperties, "build.properties is missing");

    for (from, to, why) in [
        ("toolchain.rustc=", "compiler=", "toolchain.rustc="),
        ("unwinder=NDK libunwind", "unwinder=", "toolchain.unwinder="),
        ("grade=ci", "grade=ci\ngrade=release", "grade stands there twice"),
    ] {
        assert_fault(&edited(Aar::ci(), from, to), Check::BuildProperties, why);
    }
}

#[test]
fn the_grade_is_none() {
    assert_fault(&edited(Aar::ci(), "grade=ci", "grade=beta"), Check::Grade, "grade=beta");
    assert_fault(&edited(Aar::ci(), "grade=ci\n", ""), Check::Grade, "neither release nor ci");
}

#[test]
fn a_ci_build_is_no_release() {
    let mut aar = Aar::ci();
    aar.has_to_be_release = true;

    assert_fault(&aar, Check::Grade, "a release was asked for");
}

#[test]
fn a_ci_build_is_called_like_a_release() {
    let mut aar = Aar::ci();
    aar.file_name = "bezant-wallet-0.1.0.aar".to_owned();

    assert_fault(&aar, Check::FileName, "is called bezant-wallet-ci-0.1.0.aar, not bezant-wallet-0.1.0.aar");
}

#[test]
fn the_file_is_called_otherwise() {
    for name in ["bezant-wallet-ci-0.1.0.aar", "bezant-wallet-0.2.0.aar", "wallet.aar", "bezant-wallet-0.1.0.zip"] {
        let mut aar = Aar::release();
        aar.file_name = name.to_owned();

        assert_fault(&aar, Check::FileName, &format!("not {name}"));
    }
}

#[test]
fn the_version_sorts_wrongly() {
    for (version, why) in [
        ("0.1.0-ci", "Maven sorts 1.0-ci above 1.0"),
        ("0.1.0-ci.7", "Maven sorts 1.0-ci above 1.0"),
        ("v0.1.0", "begin with a number"),
        ("0.1.0_1", "no version does"),
    ] {
        let mut aar = edited(Aar::release(), "version=0.1.0", &format!("version={version}"));
        aar.file_name = format!("bezant-wallet-{version}.aar");
        aar.edit_pom("<version>0.1.0<", &format!("<version>{version}<"));

        assert_fault(&aar, Check::Version, why);
    }
}

#[test]
fn a_release_without_the_note_of_the_ndk() {
    let mut aar = Aar::release();
    aar.library(Abi::ArmeabiV7a).note = None;

    assert_fault(&aar, Check::NdkNote, "jni/armeabi-v7a/libbezant.so has no note of the NDK");
}

#[test]
fn a_note_for_another_android_or_of_no_ndk() {
    for aar in [Aar::release(), Aar::ci()] {
        for (note, why) in [((21, "r27c"), "built for API 21, not 24"), ((24, ""), "names no version of the NDK")] {
            let mut aar = aar.clone();
            aar.library(Abi::X86_64).note = Some(note);

            assert_fault(&aar, Check::NdkNote, why);
        }
    }
}

#[test]
fn a_release_that_most_phones_cannot_load() {
    let mut aar = Aar::release();
    aar.libraries.remove(&Abi::Arm64V8a);

    assert_fault(&aar, Check::Abis, "a release has libraries for arm64-v8a");
}
