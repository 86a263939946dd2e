//! Faults of the manifest.

use aar_checker::Check;

use crate::support::{Aar, assert_fault};

#[track_caller]
fn edited(from: &str, to: &str, check: Check, culprit: &str) {
    let mut aar = Aar::ci();
    aar.edit("AndroidManifest.xml", from, to);

    assert_fault(&aar, check, culprit);
}

#[test]
fn it_is_no_manifest_of_ours() {
    edited("</manifest>", "", Check::Manifest, "no XML");
    edited("dev.bezant.wallet", "dev.bezant.other", Check::Manifest, "dev.bezant.other");
    edited(" package=\"dev.bezant.wallet\"", "", Check::Manifest, "names no package");
    edited("manifest", "module", Check::Manifest, "<module>");
}

#[test]
fn it_is_for_another_android() {
    edited("\"24\"", "\"21\"", Check::MinSdk, "minSdkVersion is 21");
    edited("uses-sdk", "uses", Check::MinSdk, "minSdkVersion is not there");
}

#[test]
fn it_sets_something_on_the_app() {
    let to = "<application android:allowBackup=\"true\"/>";
    edited("<application/>", to, Check::ManifestApplication, "allowBackup");
}

#[test]
fn it_declares_a_component() {
    for tag in ["activity", "activity-alias", "provider", "receiver", "service"] {
        let to = format!("<application><{tag} android:name=\".Intruder\"/></application>");
        edited("<application/>", &to, Check::ManifestComponents, &format!("<{tag}> .Intruder"));
    }
}

#[test]
fn it_asks_for_a_permission() {
    for tag in ["uses-permission", "uses-permission-sdk-23"] {
        let to = format!("<{tag} android:name=\"android.permission.INTERNET\"/><application/>");
        edited("<application/>", &to, Check::ManifestPermissions, "android.permission.INTERNET is asked for");
    }
    let to = "<permission android:name=\"dev.bezant.TAP\"/><application/>";
    edited("<application/>", to, Check::ManifestPermissions, "dev.bezant.TAP is invented");
}

#[test]
fn it_may_ask_for_biometrics() {
    let mut aar = Aar::ci();
    let to = "<uses-permission android:name=\"android.permission.USE_BIOMETRIC\"/><application/>";
    aar.edit("AndroidManifest.xml", "<application/>", to);

    assert!(aar.judge().is_content());
}

#[test]
fn it_does_not_ask_for_nfc() {
    let from = "<uses-permission android:name=\"android.permission.NFC\"/>";
    edited(from, "", Check::ManifestPermissions, "android.permission.NFC is not asked for");
}

#[test]
fn it_hides_the_app_from_phones() {
    let hce = "android:name=\"android.hardware.nfc.hce\" android:required=\"false\"";
    edited(hce, &hce.replace("false", "true"), Check::ManifestFeatures, "android.hardware.nfc.hce is not marked");
    edited(hce, "android:name=\"android.hardware.nfc.hce\"", Check::ManifestFeatures, "nfc.hce is not marked");
    let camera = hce.replace("nfc.hce", "camera").replace("false", "true");
    let to = format!("<uses-feature {camera}/><application/>");
    edited("<application/>", &to, Check::ManifestFeatures, "android.hardware.camera is not marked");
}

#[test]
fn it_does_not_name_a_feature() {
    let hce = "<uses-feature android:name=\"android.hardware.nfc.hce\" android:required=\"false\"/>";
    edited(hce, "", Check::ManifestFeatures, "android.hardware.nfc.hce is not named");
}
