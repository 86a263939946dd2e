//! Faults of the classes, and strangers anywhere.

use aar_checker::{Abi, Check};

use crate::support::{Aar, OWN, assert_fault, class};

fn with_class(name: &str, bytes: Vec<u8>) -> Aar {
    let mut aar = Aar::ci();
    aar.classes.insert(format!("{name}.class"), bytes);
    aar
}

#[test]
fn the_jar_is_none() {
    let mut aar = Aar::ci();
    aar.put("classes.jar", "no zip file");
    assert_fault(&aar, Check::Classes, "classes.jar: it is no readable zip file");

    let mut aar = Aar::ci();
    aar.classes.remove("dev/bezant/wallet/Wallet.class");
    assert_fault(&aar, Check::Classes, "classes.jar holds no class");
}

#[test]
fn a_class_is_none() {
    let aar = with_class("dev/bezant/wallet/Broken", b"no class".to_vec());
    assert_fault(&aar, Check::Classes, "dev/bezant/wallet/Broken: it is no class file");

    let mut half = class(55, &["dev/bezant/wallet/Half"]);
    half.pop();
    assert_fault(&with_class("dev/bezant/wallet/Half", half), Check::Classes, "Half: it ends early");
}

#[test]
fn a_class_is_too_new() {
    let aar = with_class("dev/bezant/wallet/New", class(61, &[]));

    assert_fault(&aar, Check::ClassVersion, "dev/bezant/wallet/New has version 61");
}

#[test]
fn a_class_is_of_others() {
    for name in ["com/sun/jna/Native", "module-info", "META-INF/versions/9/dev/bezant/wallet/Wallet"] {
        assert_fault(&with_class(name, class(52, &[])), Check::ClassFolder, name);
    }
}

#[test]
fn a_class_is_of_the_tests() {
    for name in ["WalletTest", "FakeHost", "MockVault", "junit/Runner"] {
        let name = format!("dev/bezant/wallet/{name}");
        assert_fault(&with_class(&name, class(55, &[])), Check::TestMarkers, &name);
    }
}

#[test]
fn a_text_is_of_the_tests() {
    let aar = with_class("dev/bezant/wallet/Sample", class(55, &["card SYN-1"]));
    assert_fault(&aar, Check::TestMarkers, "dev/bezant/wallet/Sample holds the text SYN-1");

    let mut aar = Aar::ci();
    aar.library(Abi::ArmeabiV7a).contents = b"profile SYN-1 of the tests".to_vec();
    assert_fault(&aar, Check::TestMarkers, "jni/armeabi-v7a/libbezant.so holds the text SYN-1");
}

#[test]
fn a_path_of_the_machine_in_a_class() {
    for path in ["/home/dev/bezant", "/Users/dev/bezant", r"C:\dev\bezant"] {
        let aar = with_class("dev/bezant/wallet/Source", class(55, &[path]));
        assert_fault(&aar, Check::MachinePaths, &format!("Source.class holds {path}"));
    }
}

#[test]
fn a_path_of_the_machine_in_a_library() {
    let mut aar = Aar::ci();
    aar.library(Abi::Arm64V8a).contents = b"\0panicked/root/.cargo/registry/src/lib.rs\0".to_vec();

    assert_fault(&aar, Check::MachinePaths, "arm64-v8a/libbezant.so holds /root/.cargo/registry/src/lib.rs");
}

#[test]
fn a_path_of_the_machine_in_a_text() {
    let mut aar = Aar::ci();
    aar.edit(&format!("{OWN}sbom.cdx.json"), "pkg:cargo/aes@0.9.0", "pkg:cargo/aes@0.9.0?at=file:///work/app/core");

    assert_fault(&aar, Check::MachinePaths, "sbom.cdx.json holds /work/app/core");
}
