//! Where the project and its build output are, and how to start a program there.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// The workspace, as Cargo sees it.
#[derive(Debug, Deserialize)]
pub struct Workspace {
    /// The folder of the root manifest.
    #[serde(rename = "workspace_root")]
    pub root: PathBuf,
    /// The build folder that every Cargo call of a lane shares with the one that built us.
    #[serde(rename = "target_directory")]
    pub target: PathBuf,
}

impl Workspace {
    /// Asks Cargo.
    ///
    /// # Errors
    ///
    /// Outside the workspace, or with a broken manifest.
    pub fn find() -> Result<Self> {
        let output = Command::new(cargo())
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .stderr(Stdio::inherit())
            .output()
            .context("cargo cannot be started")?;
        ensure!(output.status.success(), "cargo metadata failed");
        serde_json::from_slice(&output.stdout).context("cargo metadata said something unexpected")
    }

    /// A Cargo call in the root folder.
    pub fn cargo(&self) -> Command {
        self.command(cargo())
    }

    /// A Maven call on the project of the Android library.
    pub fn maven(&self) -> Command {
        let mut maven = self.command("mvn");
        maven.args(["--batch-mode", "--file", "android/pom.xml"]);
        maven
    }

    /// A call of the Python that holds the packages of a requirements file; without one, of the system's.
    pub fn python(&self, requirements: Option<&str>) -> Command {
        match requirements {
            Some(requirements) => self.command(self.python_environment(requirements).join("bin/python")),
            None => self.command("python3"),
        }
    }

    /// The folder of a Python, one for each requirements file, which may contradict each other: it is named after the
    /// folder that holds the file.
    pub fn python_environment(&self, requirements: &str) -> PathBuf {
        let folder = Path::new(requirements).parent().unwrap_or(Path::new(""));
        let words: Vec<_> = folder.iter().map(|word| word.to_string_lossy()).collect();
        self.target.join("python").join(words.join("-"))
    }

    /// A call of any program in the root folder, with nobody at the keyboard.
    pub fn command(&self, program: impl Into<OsString>) -> Command {
        let mut command = Command::new(program.into());
        command.current_dir(&self.root).stdin(Stdio::null());
        // Cargo described *our* package to us. Build scripts that watch these names would rebuild their crates for it.
        for (name, _) in env::vars_os() {
            let ours = name.to_str().is_some_and(|name| OUR_PACKAGE.iter().any(|prefix| name.starts_with(prefix)));
            if ours {
                command.env_remove(name);
            }
        }
        command
    }

    /// A path inside the project.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }
}

fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

const OUR_PACKAGE: [&str; 2] = ["CARGO_MANIFEST_", "CARGO_PKG_"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_requirements_file_has_an_environment_of_its_own() {
        let workspace = Workspace { root: "/project".into(), target: "/target".into() };
        let program = |requirements| workspace.python(requirements).get_program().to_owned();

        assert_eq!(program(Some("tests/oracles/requirements.txt")), "/target/python/tests-oracles/bin/python");
        assert_eq!(
            program(Some("tests/oracles/pcsc/requirements.txt")),
            "/target/python/tests-oracles-pcsc/bin/python"
        );
        assert_eq!(program(None), "python3");
    }
}
