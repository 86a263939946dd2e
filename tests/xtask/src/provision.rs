//! Getting a lane what it needs: in user space always, from the system's packages only where asked to.

use std::{
    fs,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    lane::{Lane, SystemTool},
    workspace::Workspace,
};

/// What may be done about a missing system package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SystemPackages {
    /// Install it, where we may.
    Install,
    /// Say that it is missing.
    LeaveAlone,
}

/// Brings a lane what it needs.
///
/// # Errors
///
/// Something is missing and cannot be had here; the lane cannot run.
pub fn prepare(lane: &Lane, workspace: &Workspace, packages: SystemPackages) -> Result<()> {
    let missing: Vec<&SystemTool> = lane.tools.iter().filter(|tool| !is_present(tool, workspace)).collect();
    if let Some(tool) = missing.iter().find(|tool| tool.package.is_empty()) {
        bail!("missing: {}", tool.name);
    }
    if !missing.is_empty() {
        let apt_get = AptGet::for_tools(&missing);
        if packages == SystemPackages::LeaveAlone {
            bail!("{} (or pass --install)", apt_get.advice());
        }
        apt_get.install(workspace)?;
        if let Some(tool) = missing.iter().find(|tool| !is_present(tool, workspace)) {
            bail!("{} is still missing with the package {} installed", tool.name, tool.package);
        }
    }
    lane.python_packages.map_or(Ok(()), |requirements| make_python_environment(workspace, requirements))
}

fn is_present(tool: &SystemTool, workspace: &Workspace) -> bool {
    let [program, arguments @ ..] = tool.probe else { return false };
    succeeds_quietly(workspace.command(*program).args(arguments))
}

struct AptGet<'a> {
    tools: String,
    packages: Vec<&'a str>,
}

impl<'a> AptGet<'a> {
    fn for_tools(tools: &[&'a SystemTool]) -> Self {
        Self {
            tools: tools.iter().map(|tool| tool.name).collect::<Vec<_>>().join(", "),
            packages: tools.iter().map(|tool| tool.package).collect(),
        }
    }

    fn advice(&self) -> String {
        format!("missing: {}; on Debian: apt-get install {}", self.tools, self.packages.join(" "))
    }

    fn install(&self, workspace: &Workspace) -> Result<()> {
        ensure!(is_root(workspace), "{} (needs root)", self.advice());
        ensure!(succeeds_quietly(workspace.command("apt-get").arg("--version")), "{} (no apt-get here)", self.advice());
        let apt_get = |arguments: &[&str]| {
            let mut command = workspace.command("apt-get");
            command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments);
            command
        };
        must_succeed(apt_get(&["update", "--quiet"])).with_context(|| self.advice())?;
        let mut install = apt_get(&["install", "--yes", "--quiet", "--no-install-recommends"]);
        install.args(&self.packages);
        must_succeed(install).with_context(|| self.advice())
    }
}

fn is_root(workspace: &Workspace) -> bool {
    workspace.command("id").arg("-u").output().is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}

/// Makes the Python environment anew, unless it already holds exactly these packages.
fn make_python_environment(workspace: &Workspace, requirements: &str) -> Result<()> {
    let environment = workspace.python_environment(requirements);
    let installed = environment.join(INSTALLED);
    let wanted = fs::read(workspace.path(requirements)).with_context(|| format!("{requirements} cannot be read"))?;
    // Its Python is a link to the system's and breaks when that goes away.
    let is_ready = fs::read(&installed).is_ok_and(|present| present == wanted)
        && succeeds_quietly(workspace.python(Some(requirements)).args(["-c", "import sys"]));
    if is_ready {
        return Ok(());
    }

    let mut create = workspace.command("python3");
    create.args(["-m", "venv", "--clear"]).arg(&environment);
    must_succeed(create)?;
    must_succeed(pip_install(workspace, requirements))?;
    // Last, so that an installation cut short is done again.
    fs::write(&installed, wanted).with_context(|| format!("{} cannot be written", installed.display()))
}

fn pip_install(workspace: &Workspace, requirements: &str) -> Command {
    let mut command = workspace.python(Some(requirements));
    command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]);
    command.args(["--require-hashes", "--requirement"]).arg(requirements);
    command
}

/// Runs the call without a word.
pub fn succeeds_quietly(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Shows the call, and runs it.
///
/// # Errors
///
/// It cannot be started or does not succeed.
pub fn must_succeed(mut command: Command) -> Result<()> {
    println!("$ {}", shown(&command));
    let status = command.status().with_context(|| format!("`{}` cannot be started", shown(&command)))?;
    ensure!(status.success(), "`{}` ended with {status}", shown(&command));
    Ok(())
}

fn shown(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// A copy of the requirements file, in the environment that they were installed in.
const INSTALLED: &str = "installed-requirements.txt";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{count::Counting, lane::Step};

    const NO_STEPS: &[Step] = &[];

    fn lane(tools: &'static [SystemTool]) -> Lane {
        Lane {
            name: "l",
            about: "",
            on_request: false,
            tools,
            python_packages: None,
            steps: NO_STEPS,
            counting: Counting::Whole,
        }
    }

    #[test]
    fn a_missing_tool_is_named_with_its_package_and_nothing_is_installed() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace { root: folder.path().into(), target: folder.path().join("target") };
        let lane = lane(&[
            SystemTool { name: "a shell", probe: &["sh", "-c", "true"], package: "dash" },
            SystemTool { name: "a reader", probe: &["sh", "-c", "false"], package: "pcscd" },
            SystemTool { name: "a tracer", probe: &["no-such-program-here"], package: "valgrind" },
        ]);

        let error = prepare(&lane, &workspace, SystemPackages::LeaveAlone).unwrap_err().to_string();

        assert_eq!(error, "missing: a reader, a tracer; on Debian: apt-get install pcscd valgrind (or pass --install)");
    }

    #[test]
    fn what_no_package_brings_is_named_and_never_installed() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace { root: folder.path().into(), target: folder.path().join("target") };
        let lane = lane(&[SystemTool { name: "a repository", probe: &["sh", "-c", "false"], package: "" }]);

        let error = prepare(&lane, &workspace, SystemPackages::Install).unwrap_err().to_string();

        assert_eq!(error, "missing: a repository");
    }

    #[test]
    fn a_lane_whose_tools_are_there_is_ready() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace { root: folder.path().into(), target: folder.path().join("target") };
        let lane = lane(&[SystemTool { name: "a shell", probe: &["sh", "-c", "true"], package: "dash" }]);

        prepare(&lane, &workspace, SystemPackages::LeaveAlone).unwrap();
    }
}
