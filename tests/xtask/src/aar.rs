//! The Android library: libraries for its ABIs, packed by Maven, judged by `aar-checker`.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    provision::{must_succeed, succeeds_quietly},
    workspace::Workspace,
};

/// How the libraries are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// Without an NDK: proves the build, and is not for phones.
    Ci,
    /// With the NDK.
    Release,
}

/// Builds, packs and judges it, and says where it lies.
///
/// # Errors
///
/// Something is missing, does not build, or is not as it should be.
pub fn build(workspace: &Workspace, grade: Grade) -> Result<()> {
    let libraries = match grade {
        Grade::Ci => with_ci_toolchain(workspace)?,
        Grade::Release => with_ndk(workspace)?,
    };
    pack(workspace, grade, &libraries)?;
    let aar = grade.artifact(workspace, "aar");
    judge(workspace, grade, &aar)?;
    println!("\n{}\nrepository: {}", aar.display(), repository(workspace).display());
    println!("dependency: dev.bezant:{}:{VERSION}", grade.artifact_id());
    Ok(())
}

fn with_ci_toolchain(workspace: &Workspace) -> Result<PathBuf> {
    must_succeed(workspace.command(workspace.path("android/ci/build")))?;
    Ok(workspace.target.join("android-ci"))
}

/// cargo-ndk with the NDK of `ANDROID_NDK_HOME`, for the ABIs that apps ship.
fn with_ndk(workspace: &Workspace) -> Result<PathBuf> {
    let ndk = env::var("ANDROID_NDK_HOME").map(PathBuf::from);
    let Ok(ndk) = ndk else {
        bail!(
            "a release needs the Android NDK (r27 or newer): set ANDROID_NDK_HOME to its folder. Without one, `cargo xtask aar` makes bezant-wallet-ci"
        );
    };
    ensure!(
        succeeds_quietly(workspace.cargo().args(["ndk", "--version"])),
        "a release needs cargo-ndk: cargo install cargo-ndk"
    );
    let folder = workspace.target.join("android-release");
    let libraries = folder.join("jni");
    if libraries.exists() {
        fs::remove_dir_all(&libraries)?;
    }
    let mut build = workspace.cargo();
    build.args(["ndk", "--platform", MIN_SDK]);
    for abi in RELEASE_ABIS {
        build.args(["--target", abi]);
    }
    build.arg("--output-dir").arg(&libraries);
    // With the rlib beside it Cargo would leave out the link-time optimisation.
    build.args([
        "rustc",
        "--locked",
        "--package",
        "bezant-ffi",
        "--lib",
        "--crate-type",
        "cdylib",
        "--profile",
        "android",
    ]);
    build.env("BEZANT_GRADE", "release").env("RUSTFLAGS", release_flags(workspace));
    must_succeed(build).context("are the targets installed? rustup target add aarch64-linux-android armv7-linux-androideabi x86_64-linux-android")?;
    for abi in RELEASE_ABIS {
        let mut strip = workspace.command(ndk.join("toolchains/llvm/prebuilt").join(PREBUILT).join("bin/llvm-strip"));
        strip.arg("--strip-all").arg(libraries.join(abi).join("libbezant_ffi.so"));
        must_succeed(strip)?;
    }
    let facts = format!("grade=release\nrustc=rustup's, with NDK {}\nunwinder=the NDK's\n", ndk_version(&ndk));
    fs::write(folder.join("toolchain.properties"), facts)?;
    Ok(folder)
}

/// What the linker has to be told, and no path of this machine in the result.
fn release_flags(workspace: &Workspace) -> String {
    let mut flags = vec![
        "-Clink-arg=-Wl,-z,max-page-size=16384".to_owned(),
        "-Clink-arg=-Wl,-soname,libbezant_ffi.so".to_owned(),
        "-Clink-arg=-Wl,--exclude-libs,libunwind.a".to_owned(),
        format!("--remap-path-prefix={}=bezant", workspace.root.display()),
    ];
    let homes = [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")];
    flags.extend(homes.into_iter().filter_map(|(variable, below_home)| {
        let home =
            env::var(variable).ok().or_else(|| env::var("HOME").ok().map(|home| format!("{home}/{below_home}")))?;
        Some(format!("--remap-path-prefix={home}={}", below_home.trim_start_matches('.')))
    }));
    flags.join(" ")
}

/// `Pkg.Revision = 27.2.12479018` in the NDK's own properties.
fn ndk_version(ndk: &Path) -> String {
    let properties = fs::read_to_string(ndk.join("source.properties")).unwrap_or_default();
    let revision = properties.lines().find_map(|line| line.strip_prefix("Pkg.Revision")?.split_once('='));
    revision.map_or_else(|| "unknown version".to_owned(), |(_, version)| version.trim().to_owned())
}

fn pack(workspace: &Workspace, grade: Grade, libraries: &Path) -> Result<()> {
    let mut maven = workspace.maven();
    maven.args(["--quiet", "-DskipTests"]);
    maven.arg(format!("-Dbezant.grade={}", grade.name()));
    maven.arg(format!("-Dbezant.jni={}", libraries.join("jni").display()));
    maven.arg(format!("-Dbezant.toolchain={}", libraries.join("toolchain.properties").display()));
    maven.arg("verify");
    must_succeed(maven)
        .context("Maven 3.8 and a JDK 17 are needed; on Debian: apt-get install maven openjdk-17-jdk-headless")
}

fn judge(workspace: &Workspace, grade: Grade, aar: &Path) -> Result<()> {
    let mut checker = workspace.cargo();
    checker.args(["run", "--quiet", "--package", "aar-checker", "--"]).arg(aar);
    checker.arg("--pom").arg(grade.artifact(workspace, "pom"));
    if grade == Grade::Release {
        checker.arg("--release");
    }
    must_succeed(checker)
}

fn repository(workspace: &Workspace) -> PathBuf {
    workspace.target.join("maven")
}

impl Grade {
    const fn name(self) -> &'static str {
        match self {
            Self::Ci => "ci",
            Self::Release => "release",
        }
    }

    /// The CI's has a name of its own: as a suffix of the version, Maven would sort it above the release.
    const fn artifact_id(self) -> &'static str {
        match self {
            Self::Ci => "bezant-wallet-ci",
            Self::Release => "bezant-wallet",
        }
    }

    fn artifact(self, workspace: &Workspace, extension: &str) -> PathBuf {
        let id = self.artifact_id();
        repository(workspace).join("dev/bezant").join(id).join(VERSION).join(format!("{id}-{VERSION}.{extension}"))
    }
}

const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Android 7.0.
const MIN_SDK: &str = "24";
/// Phones of today, phones of yesterday, emulators.
const RELEASE_ABIS: [&str; 3] = ["arm64-v8a", "armeabi-v7a", "x86_64"];
/// The NDK's programs for this machine.
const PREBUILT: &str = if cfg!(target_os = "macos") { "darwin-x86_64" } else { "linux-x86_64" };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ci_build_never_goes_by_the_name_of_a_release() {
        let workspace = Workspace { root: "/p".into(), target: "/t".into() };
        let ci = Grade::Ci.artifact(&workspace, "aar");
        assert!(ci.ends_with(format!("bezant-wallet-ci/{VERSION}/bezant-wallet-ci-{VERSION}.aar")), "{}", ci.display());
        let release = Grade::Release.artifact(&workspace, "pom");
        assert!(release.ends_with(format!("bezant-wallet/{VERSION}/bezant-wallet-{VERSION}.pom")));
    }

    #[test]
    fn the_version_of_an_ndk_is_read_where_it_says_it() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(ndk_version(folder.path()), "unknown version");
        fs::write(folder.path().join("source.properties"), "Pkg.Desc = Android NDK\nPkg.Revision = 27.2.12479018\n")
            .unwrap();
        assert_eq!(ndk_version(folder.path()), "27.2.12479018");
    }
}
