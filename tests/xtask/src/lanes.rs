//! The lanes, in the order in which they run: the quickest answers to a broken change come first.

use crate::{
    count::Counting,
    lane::{Lane, Program, Setting, Step, SystemTool},
};

/// Every lane.
pub const LANES: &[Lane] = &[
    Lane {
        name: "rust",
        about: "unit, integration and documentation tests of every package",
        on_request: false,
        tools: &[],
        python_packages: None,
        steps: &[cargo(&["test", "--workspace", "--no-fail-fast"])],
        counting: Counting::CargoTest,
    },
    Lane {
        name: "tap-only",
        about: "the core without its features: the tap alone",
        on_request: false,
        tools: &[],
        python_packages: None,
        steps: &[cargo(&["test", "-p", "bezant", "--no-default-features", "--no-fail-fast"])],
        counting: Counting::CargoTest,
    },
    Lane {
        name: "interleavings",
        about: "the wallet's lock and the app's threads under a model checker",
        on_request: false,
        tools: &[],
        python_packages: None,
        steps: &[Step {
            program: Program::Cargo,
            arguments: &["test", "--manifest-path", "tests/interleavings/Cargo.toml", "--no-fail-fast"],
            environment: &[
                ("CARGO_TARGET_DIR", Setting::InTarget("interleavings")),
                ("RUSTFLAGS", Setting::Text("--cfg bezant_model")),
            ],
        }],
        counting: Counting::CargoTest,
    },
    Lane {
        name: "fuzz",
        about: "every parser and the whole wallet on inputs that have shown something, and a while on new ones",
        on_request: false,
        tools: &[CPP],
        python_packages: None,
        steps: &[
            // The same inputs every time: a change is not to be blamed for what chance finds.
            cargo(&["xtask", "fuzz", "--seconds", "4", "--seed", "7"]),
            Step {
                program: Program::Cargo,
                arguments: &["test", "--release", "--locked", "--manifest-path", "tests/fuzz/Cargo.toml"],
                environment: &[
                    ("CARGO_TARGET_DIR", Setting::InTarget("fuzz")),
                    ("RUSTC_WORKSPACE_WRAPPER", Setting::InProject("tests/fuzz/instrument/fuzzer")),
                ],
            },
        ],
        counting: Counting::Fuzz,
    },
    Lane {
        name: "crash",
        about: "the store on a disk that loses power and under a process that is killed, at every point",
        on_request: false,
        tools: &[STRACE],
        python_packages: None,
        steps: &[cargo(&[
            "test",
            "--release",
            "-p",
            "bezant-tests",
            "--features",
            "crash",
            "--no-fail-fast",
            "--test",
            "power_loss_laboratory",
            "--test",
            "power_loss",
        ])],
        counting: Counting::CargoTest,
    },
    Lane {
        name: "docs",
        about: "the documentation of every package builds without a warning",
        on_request: false,
        tools: &[],
        python_packages: None,
        steps: &[Step {
            program: Program::Cargo,
            arguments: &["doc", "--workspace", "--no-deps"],
            environment: &[("RUSTDOCFLAGS", Setting::Text("-D warnings"))],
        }],
        counting: Counting::Whole,
    },
    Lane {
        name: "main-job",
        about: "a phone pays at a terminal, every scenario of the program `tap`",
        on_request: false,
        tools: &[],
        python_packages: None,
        steps: &[cargo(&["run", "--release", "-p", "tap", "--", "--json"])],
        counting: Counting::Scenarios,
    },
    Lane {
        name: "instructions",
        about: "a tap needs no more instructions, heap and bytes than it did, and no key changes the way of a cryptogram",
        on_request: false,
        tools: &[VALGRIND],
        python_packages: None,
        steps: &[cargo(&["bench", "-p", "bezant-tests", "--bench", "measures", "--", "instructions", "traces", "tap"])],
        counting: Counting::Whole,
    },
    Lane {
        name: "pyemv",
        about: "the driver's answers, recomputed from issuer keys by the Python library pyemv and by OpenSSL",
        on_request: false,
        tools: &[PYTHON, OPENSSL],
        python_packages: Some("tests/oracles/requirements.txt"),
        steps: &[
            cargo(&["build", "--release", "-p", "driver"]),
            Step {
                program: Program::Python,
                // pyemv asks `cryptography` for single DES, which warns at every call.
                arguments: &[
                    "-W",
                    "ignore::UserWarning",
                    "-m",
                    "unittest",
                    "discover",
                    "-v",
                    "-s",
                    "tests/oracles",
                    "-p",
                    "test_*.py",
                ],
                environment: &[
                    ("DRIVER", Setting::InTarget("release/driver")),
                    ("PYTHONDONTWRITEBYTECODE", Setting::Text("1")),
                ],
            },
        ],
        counting: Counting::Unittest,
    },
    Lane {
        name: "pcsc",
        about: "opensc-tool, scriptor, emvtool and cardpeek read the driver's card, and disturb it, through PC/SC",
        on_request: false,
        tools: PCSC_PROGRAMS,
        python_packages: Some("tests/oracles/pcsc/requirements.txt"),
        steps: &[
            cargo(&["build", "--release", "-p", "driver"]),
            Step {
                program: Program::Python,
                arguments: &["tests/oracles/pcsc", "-v"],
                environment: &[
                    ("DRIVER", Setting::InTarget("release/driver")),
                    ("PYTHONDONTWRITEBYTECODE", Setting::Text("1")),
                    // The wallet, the terminal and the issuer of the lane before.
                    ("PYTHONPATH", Setting::Text("tests/oracles")),
                    ("PYTHONWARNINGS", Setting::Text("ignore::UserWarning")),
                ],
            },
        ],
        counting: Counting::Unittest,
    },
    Lane {
        name: "kotlin",
        about: "the Kotlin face on this machine's library: services, taps, exceptions, the public API, the README's code",
        on_request: false,
        tools: &[MAVEN],
        python_packages: None,
        steps: &[maven(&["--activate-profiles", "!aar", "verify"])],
        counting: Counting::Surefire,
    },
    Lane {
        name: "android-libraries",
        about: "libraries for Android without an NDK, and the Kotlin tests once more on the x86_64 one",
        on_request: false,
        tools: ANDROID_COMPILERS,
        python_packages: None,
        steps: &[
            Step { program: Program::InProject("android/ci/build"), arguments: &[], environment: &[] },
            Step { program: Program::InProject("android/ci/smoke"), arguments: &["true"], environment: &[] },
            maven(&[
                "--projects",
                "tools,library,testkit",
                "-Dktlint.skip",
                "-Dbezant.native={root}/target/android-ci/jni/x86_64/libbezant_ffi.so",
                "-Dbezant.bindgen.source={root}/target/android-ci/unstripped/x86_64/libbezant_ffi.so",
                "-Dbezant.native.search={root}/target/android-ci/smoke",
                "verify",
            ]),
        ],
        counting: Counting::Surefire,
    },
    Lane {
        name: "android-service",
        about: "the AAR, judged; apps that link it, shrunk by R8; the service and the doctor on Android's framework; the sample",
        on_request: false,
        tools: ANDROID_PACKERS,
        python_packages: None,
        steps: &[
            Step { program: Program::InProject("android/ci/build"), arguments: &[], environment: &[] },
            maven(&["--activate-profiles", "framework,shrunk,sample", "-Dbezant.jvm.tests.done=true", "verify"]),
            cargo(&["run", "--package", "aar-checker", "--", CI_AAR, "--pom", CI_POM]),
        ],
        counting: Counting::Surefire,
    },
    Lane {
        name: "arm",
        about: "the core as 64-bit and 32-bit ARM code, under qemu: cryptography with and without NEON, taps, the store",
        on_request: true,
        tools: ARM_EMULATORS,
        python_packages: None,
        steps: &[Step { program: Program::InProject("android/ci/arm"), arguments: &[], environment: &[] }],
        counting: Counting::CargoTest,
    },
];

/// Python with what makes an environment of its own; Debian ships the two apart.
const PYTHON: SystemTool = SystemTool {
    name: "python3 with venv",
    probe: &["python3", "-c", "import ensurepip, venv"],
    package: "python3-venv",
};

/// Makes keys and verifies signatures of the oracle tests.
const OPENSSL: SystemTool =
    SystemTool { name: "OpenSSL's program", probe: &["openssl", "version"], package: "openssl" };

/// The daemon behind PC/SC with a virtual reader, what reads cards through it, and what the lane's packages are built with.
const PCSC_PROGRAMS: &[SystemTool] = &[
    PYTHON,
    SystemTool { name: "Python's headers", probe: &["python3", "-c", PYTHON_HEADERS], package: "python3-dev" },
    SystemTool { name: "pcscd", probe: &["sh", "-c", "PATH=$PATH:/usr/sbin pcscd --version"], package: "pcscd" },
    SystemTool {
        name: "vpcd",
        probe: &["test", "-e", "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"],
        package: "vsmartcard-vpcd",
    },
    SystemTool { name: "opensc-tool", probe: &["opensc-tool", "--version"], package: "opensc" },
    SystemTool { name: "scriptor", probe: &["sh", "-c", "command -v scriptor"], package: "pcsc-tools" },
    SystemTool { name: "cardpeek", probe: &["sh", "-c", "command -v cardpeek"], package: "cardpeek" },
    SystemTool { name: "a C compiler", probe: &["cc", "--version"], package: "gcc" },
    SystemTool { name: "swig", probe: &["swig", "-version"], package: "swig" },
    SystemTool {
        name: "the headers of PC/SC",
        probe: &["test", "-e", "/usr/include/PCSC/winscard.h"],
        package: "libpcsclite-dev",
    },
    SystemTool { name: "ip", probe: &["ip", "-V"], package: "iproute2" },
    SystemTool { name: "namespaces", probe: &["sh", "-c", "unshare -mn true || unshare -Umnr true"], package: "" },
];

const PYTHON_HEADERS: &str = "import os, sysconfig; os.stat(os.path.join(sysconfig.get_path('include'), 'Python.h'))";

/// Counts instructions.
const VALGRIND: SystemTool = SystemTool { name: "valgrind", probe: &["valgrind", "--version"], package: "valgrind" };

/// Compiles libFuzzer.
const CPP: SystemTool = SystemTool { name: "a C++ compiler", probe: &["c++", "--version"], package: "g++" };

/// Shows and ends system calls.
const STRACE: SystemTool = SystemTool { name: "strace", probe: &["strace", "-V"], package: "strace" };

/// Maven and the JDK that it runs on.
const MAVEN: SystemTool = SystemTool {
    name: "Maven with a JDK 17",
    probe: &["sh", "-c", "mvn --version && javac --version"],
    package: "maven",
};

/// Compiles for what rustup's Rust has no standard library for here.
const DEBIAN_RUSTC: SystemTool =
    SystemTool { name: "Debian's rustc", probe: &["/usr/bin/rustc", "--version"], package: "rustc-web" };

/// Cargo of the same version.
const DEBIAN_CARGO: SystemTool =
    SystemTool { name: "Debian's cargo", probe: &["/usr/bin/cargo", "--version"], package: "cargo-web" };

/// What it makes a standard library of.
const RUST_SOURCES: SystemTool = SystemTool {
    name: "the standard library's sources",
    probe: &["test", "-e", "/usr/lib/rustlib/src/rust/library/std/Cargo.toml"],
    package: "rust-web-src",
};

/// What `android/ci/build` works with.
const ANDROID_COMPILERS: &[SystemTool] = &[
    MAVEN,
    DEBIAN_RUSTC,
    DEBIAN_CARGO,
    RUST_SOURCES,
    SystemTool { name: "clang 22", probe: &["clang-22", "--version"], package: "clang-22" },
    SystemTool { name: "lld 22", probe: &["ld.lld-22", "--version"], package: "lld-22" },
    SystemTool { name: "llvm 22", probe: &["llvm-strip-22", "--version"], package: "llvm-22" },
    SystemTool { name: "pip", probe: &["python3", "-m", "pip", "--version"], package: "python3-pip" },
];

/// What `android/ci/arm` works with. The C libraries' headers are only recommended by the compilers' packages.
const ARM_EMULATORS: &[SystemTool] = &[
    DEBIAN_RUSTC,
    DEBIAN_CARGO,
    RUST_SOURCES,
    SystemTool {
        name: "gcc for 64-bit ARM",
        probe: &["aarch64-linux-gnu-gcc", "--version"],
        package: "gcc-aarch64-linux-gnu",
    },
    SystemTool {
        name: "a C library for 64-bit ARM",
        probe: &["test", "-e", "/usr/aarch64-linux-gnu/include/stdio.h"],
        package: "libc6-dev-arm64-cross",
    },
    SystemTool {
        name: "gcc for 32-bit ARM",
        probe: &["arm-linux-gnueabihf-gcc", "--version"],
        package: "gcc-arm-linux-gnueabihf",
    },
    SystemTool {
        name: "a C library for 32-bit ARM",
        probe: &["test", "-e", "/usr/arm-linux-gnueabihf/include/stdio.h"],
        package: "libc6-dev-armhf-cross",
    },
    SystemTool {
        name: "qemu for programs",
        probe: &["sh", "-c", "qemu-aarch64-static --version && qemu-arm-static --version"],
        package: "qemu-user-static",
    },
];

/// What packs and signs an APK, beside what makes the libraries.
const ANDROID_PACKERS: &[SystemTool] = &[
    MAVEN,
    DEBIAN_RUSTC,
    SystemTool { name: "clang 22", probe: &["clang-22", "--version"], package: "clang-22" },
    SystemTool { name: "aapt2", probe: &["aapt2", "version"], package: "aapt" },
    SystemTool { name: "apksigner", probe: &["apksigner", "--version"], package: "apksigner" },
    SystemTool { name: "zipalign", probe: &["sh", "-c", "command -v zipalign"], package: "zipalign" },
    SystemTool {
        name: "Android's resources",
        probe: &["test", "-e", "/usr/share/android-framework-res/framework-res.apk"],
        package: "android-framework-res",
    },
    SystemTool { name: "gpg", probe: &["gpg", "--version"], package: "gnupg" },
    SystemTool {
        name: "Google's Maven repository, or Maven's settings that lead there",
        probe: &[
            "mvn",
            "--batch-mode",
            "--quiet",
            "dependency:get",
            "-Dartifact=com.android.tools:r8:8.13.19",
            "-Dtransitive=false",
        ],
        package: "",
    },
];

const CI_AAR: &str = concat!(
    "target/maven/dev/bezant/bezant-wallet-ci/",
    env!("CARGO_PKG_VERSION"),
    "/bezant-wallet-ci-",
    env!("CARGO_PKG_VERSION"),
    ".aar"
);
const CI_POM: &str = concat!(
    "target/maven/dev/bezant/bezant-wallet-ci/",
    env!("CARGO_PKG_VERSION"),
    "/bezant-wallet-ci-",
    env!("CARGO_PKG_VERSION"),
    ".pom"
);

const fn maven(arguments: &'static [&'static str]) -> Step {
    Step { program: Program::Maven, arguments, environment: &[] }
}

const fn cargo(arguments: &'static [&'static str]) -> Step {
    Step { program: Program::Cargo, arguments, environment: &[] }
}
