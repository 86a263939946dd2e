//! Faults of the POM.

use aar_checker::Check;

use crate::support::{Aar, assert_fault};

#[track_caller]
fn edited(from: &str, to: &str, check: Check, culprit: &str) {
    let mut aar = Aar::ci();
    aar.edit_pom(from, to);

    assert_fault(&aar, check, culprit);
}

#[test]
fn it_is_of_another_artefact() {
    edited("</project>", "", Check::Pom, "no XML");
    edited("<packaging>aar</packaging>", "<packaging>jar</packaging>", Check::Pom, "<packaging> is jar");
    edited("<packaging>aar</packaging>", "", Check::Pom, "no <packaging>");
    edited("<groupId>dev.bezant<", "<groupId>com.example<", Check::Pom, "<groupId> is com.example");
    edited(">bezant-wallet-ci<", ">bezant-wallet<", Check::Pom, "<artifactId> is bezant-wallet, not bezant-wallet-ci");
    edited("<version>0.1.0<", "<version>0.2.0<", Check::Pom, "<version> is 0.2.0, not 0.1.0");
}

#[test]
fn jna_does_not_come_as_an_aar() {
    edited("<type>aar</type>", "", Check::PomDependencies, "net.java.dev.jna:jna comes as a JAR");
    edited("<type>aar</type>", "<type>zip</type>", Check::PomDependencies, "net.java.dev.jna:jna comes as zip");
    edited("net.java.dev.jna", "org.example", Check::PomDependencies, "net.java.dev.jna:jna is missing");
}

#[test]
fn a_version_may_move() {
    for version in ["[2.1,3)", "LATEST", "RELEASE", "2.2.0-SNAPSHOT", "${kotlin.version}", "2.+", ""] {
        let to = format!("<version>{version}</version>");
        let culprit = "org.jetbrains.kotlin:kotlin-stdlib is not pinned";
        edited("<version>2.1.21</version>", &to, Check::PomDependencies, culprit);
    }
    edited("<version>2.1.21</version>", "", Check::PomDependencies, "kotlin-stdlib is not pinned: no version");
}

#[test]
fn it_names_no_licence() {
    edited("license>", "permit>", Check::PomLicences, "names no licence");
    edited("<url>https://opensource.org/license/mit</url>", "", Check::PomLicences, "\"MIT\" has no <url>");
    edited("<name>MIT</name>", "", Check::PomLicences, "has no <name>");
}
