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
        tools: &[],
        python_packages: None,
        steps: &[cargo(&["test", "--workspace", "--no-fail-fast"])],
        counting: Counting::CargoTest,
    },
    Lane {
        name: "tap-only",
        about: "the core without its features: the tap alone",
        tools: &[],
        python_packages: None,
        steps: &[cargo(&["test", "-p", "bezant", "--no-default-features", "--no-fail-fast"])],
        counting: Counting::CargoTest,
    },
    Lane {
        name: "interleavings",
        about: "the wallet's lock and the app's threads under a model checker",
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
        name: "crash",
        about: "the store on a disk that loses power and under a process that is killed, at every point",
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
        tools: &[],
        python_packages: None,
        steps: &[cargo(&["run", "--release", "-p", "tap", "--", "--json"])],
        counting: Counting::Scenarios,
    },
    Lane {
        name: "pyemv",
        about: "the driver's answers, recomputed from issuer keys by the Python library pyemv",
        tools: &[PYTHON],
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
];

/// Python with what makes an environment of its own; Debian ships the two apart.
const PYTHON: SystemTool = SystemTool {
    name: "python3 with venv",
    probe: &["python3", "-c", "import ensurepip, venv"],
    package: "python3-venv",
};

/// Shows and ends system calls.
const STRACE: SystemTool = SystemTool { name: "strace", probe: &["strace", "-V"], package: "strace" };

const fn cargo(arguments: &'static [&'static str]) -> Step {
    Step { program: Program::Cargo, arguments, environment: &[] }
}
