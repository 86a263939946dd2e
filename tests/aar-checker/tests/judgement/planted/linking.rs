//! Faults of what a library asks for and offers.

use aar_checker::{Abi, Check};

use crate::support::{Aar, SharedObject, assert_fault};

#[track_caller]
fn planted(plant: impl Fn(&mut SharedObject), check: Check, culprit: &str) {
    let mut aar = Aar::ci();
    plant(aar.library(Abi::Arm64V8a));

    assert_fault(&aar, check, &format!("jni/arm64-v8a/libbezant.so {culprit}"));
}

#[test]
fn it_calls_itself_otherwise() {
    planted(|library| library.soname = Some("libother.so"), Check::Soname, "calls itself libother.so");
    planted(|library| library.soname = None, Check::Soname, "has no SONAME");
}

#[test]
fn it_needs_what_phones_do_not_have() {
    planted(|library| library.needed.push("libc++_shared.so"), Check::Needed, "needs libc++_shared.so");
    planted(|library| library.needed.push("libgcc_s.so.1"), Check::Needed, "needs libgcc_s.so.1");
}

#[test]
fn it_offers_more_than_the_border() {
    for name in ["sqlite3_open", "Java_com_example_Tap", "rust_eh_personality", "JNI_OnLoad2"] {
        planted(|library| library.exports.push(name), Check::Exports, &format!("exports {name}"));
    }
}

#[test]
fn it_imports_what_the_oldest_android_lacks() {
    let what = "imports what no list of API 24 names:";
    planted(|library| library.imports.push("getentropy"), Check::Imports, &format!("{what} getentropy"));
    planted(|library| library.imports.push("getrandom"), Check::Imports, &format!("{what} getrandom"));
}

#[test]
fn it_imports_what_only_other_machines_have() {
    let what = "imports what no list of API 24 names: dl_unwind_find_exidx";
    planted(|library| library.imports.push("dl_unwind_find_exidx"), Check::Imports, what);

    let mut aar = Aar::ci();
    aar.library(Abi::ArmeabiV7a).imports.push("dl_unwind_find_exidx");
    assert!(aar.judge().is_content());
}

#[test]
fn it_imports_weakly_what_nobody_looked_up() {
    let what = "imports weakly what symbols/weak.syms does not name: memfd_create";
    planted(|library| library.weak_imports.push("memfd_create"), Check::Imports, what);
}
