//! A lane: one way to test the project, as data, and how it is run.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    process::{Command, ExitStatus, Stdio},
    thread,
};

use anyhow::{Context, Result, anyhow};

use crate::{
    count::{Counting, Tally},
    workspace::Workspace,
};

/// One way to test the project.
#[derive(Debug)]
pub struct Lane {
    /// Its name on the command line and in the report.
    pub name: &'static str,
    /// What it shows, in a line.
    pub about: &'static str,
    /// Whether it runs only where it is named: what costs much and seldom finds what the other lanes do not.
    pub on_request: bool,
    /// What the system has to bring.
    pub tools: &'static [SystemTool],
    /// The requirements file, hashes and all, of the Python packages that it imports; each file has its own environment.
    pub python_packages: Option<&'static str>,
    /// What is run, in this order, up to the first failure. The last step runs the tests, or several do whose numbers add up.
    pub steps: &'static [Step],
    /// How the tests are counted in what was said.
    pub counting: Counting,
}

/// Something that comes with the system or not at all.
#[derive(Debug)]
pub struct SystemTool {
    /// What a reader calls it.
    pub name: &'static str,
    /// A call that succeeds where it is present.
    pub probe: &'static [&'static str],
    /// The Debian package that brings it; empty where none does.
    pub package: &'static str,
}

/// One call of a program.
#[derive(Debug)]
pub struct Step {
    /// Who runs it.
    pub program: Program,
    /// Its arguments, with `{root}` for the project's folder where a program wants whole paths.
    pub arguments: &'static [&'static str],
    /// Environment variables on top of ours.
    pub environment: &'static [(&'static str, Setting)],
}

/// Whose call it is.
#[derive(Debug, Clone, Copy)]
pub enum Program {
    /// The Cargo that runs us.
    Cargo,
    /// A script of the project.
    InProject(&'static str),
    /// Maven, on the project of the Android library.
    Maven,
    /// The Python that holds the lane's packages.
    Python,
}

/// The value of an environment variable.
#[derive(Debug, Clone, Copy)]
pub enum Setting {
    /// A path in the project.
    InProject(&'static str),
    /// A path below the build folder.
    InTarget(&'static str),
    /// These words.
    Text(&'static str),
}

/// What a lane that could be started came to.
#[derive(Debug)]
pub struct Finished {
    /// Its tests.
    pub tally: Tally,
    /// What went wrong, beside or before the tests.
    pub broken: Option<String>,
}

impl Lane {
    /// Runs the steps. What they print goes to the reader as it comes.
    ///
    /// # Errors
    ///
    /// Where a program cannot even be started or listened to.
    pub fn run(&self, workspace: &Workspace) -> Result<Finished> {
        let mut tally = Tally::default();
        for (index, step) in self.steps.iter().enumerate() {
            println!("$ {}", step.describe());
            let heard = listen(step.command(workspace, self.python_packages), io::stdout(), io::stderr())?;
            let is_last = index + 1 == self.steps.len();
            let counted = match self.counting {
                counting if counting.adds_up() => counting.count(&heard).map(|more| tally + more),
                counting if is_last => counting.count(&heard),
                _ => Ok(tally),
            };
            if !heard.status.success() {
                // A step that broke may well have no closing line; its status tells more than the lack of one.
                let broken = format!("`{}` ended with {}", step.describe(), heard.status);
                return Ok(Finished { tally: counted.unwrap_or_default(), broken: Some(broken) });
            }
            tally = counted?;
        }
        Ok(Finished { tally, broken: None })
    }
}

impl Step {
    /// The call as one would type it.
    pub fn describe(&self) -> String {
        let program = match self.program {
            Program::Cargo => "cargo",
            Program::InProject(script) => script,
            Program::Maven => "mvn --batch-mode --file android/pom.xml",
            Program::Python => "python",
        };
        let settings = self.environment.iter().map(|(name, setting)| match setting {
            Setting::InProject(path) => format!("{name}={path}"),
            Setting::InTarget(path) => format!("{name}=target/{path}"),
            Setting::Text(text) => format!("{name}='{text}'"),
        });
        let words = self.arguments.iter().map(|word| (*word).to_owned());
        settings.chain([program.to_owned()]).chain(words).collect::<Vec<_>>().join(" ")
    }

    fn command(&self, workspace: &Workspace, python_packages: Option<&str>) -> Command {
        let mut command = match self.program {
            Program::Cargo => workspace.cargo(),
            Program::InProject(script) => workspace.command(workspace.path(script)),
            Program::Maven => workspace.maven(),
            Program::Python => workspace.python(python_packages),
        };
        let root = workspace.root.to_string_lossy();
        command.args(self.arguments.iter().map(|argument| argument.replace(ROOT, &root)));
        for (name, setting) in self.environment {
            match setting {
                Setting::InProject(path) => command.env(name, workspace.path(path)),
                Setting::InTarget(path) => command.env(name, workspace.target.join(path)),
                Setting::Text(text) => command.env(name, text),
            };
        }
        command
    }
}

/// What a program said, and how it ended.
#[derive(Debug)]
pub struct Heard {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

/// Runs a program, passing on what it prints line by line.
fn listen(mut command: Command, out: impl Write, err: impl Write + Send + 'static) -> Result<Heard> {
    let spawned = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.with_context(|| format!("{} cannot be started", command.get_program().display()))?;
    let (stdout, stderr) = child.stdout.take().zip(child.stderr.take()).context("the program has no output")?;
    let errors = thread::spawn(|| pass_on(stderr, err));
    let stdout = pass_on(stdout, out)?;
    let stderr = errors.join().map_err(|_| anyhow!("the reader of standard error panicked"))??;
    Ok(Heard { status: child.wait()?, stdout, stderr })
}

/// Runs a program without a word.
///
/// # Errors
///
/// It cannot be started or listened to.
pub fn listen_quietly(command: Command) -> Result<Heard> {
    listen(command, io::sink(), io::sink())
}

fn pass_on(from: impl Read, mut to: impl Write) -> io::Result<String> {
    let mut from = BufReader::new(from);
    let mut all = Vec::new();
    loop {
        let start = all.len();
        if from.read_until(b'\n', &mut all)? == 0 {
            return Ok(String::from_utf8_lossy(&all).into_owned());
        }
        to.write_all(all.get(start..).unwrap_or_default())?;
        to.flush()?;
    }
}

const ROOT: &str = "{root}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_streams_are_heard_to_the_last_unfinished_line() {
        let mut command = Command::new("sh");
        command.args(["-c", "printf 'one\\ntwo'; printf 'three' >&2; exit 7"]);

        let mut seen = Vec::new();
        let heard = listen(command, &mut seen, io::sink()).unwrap();

        assert_eq!(seen, b"one\ntwo");
        assert_eq!((heard.stdout.as_str(), heard.stderr.as_str()), ("one\ntwo", "three"));
        assert_eq!(heard.status.code(), Some(7));
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = listen(Command::new("no-such-program-here"), io::sink(), io::sink()).unwrap_err();

        assert!(error.to_string().contains("no-such-program-here"));
    }

    #[test]
    fn a_step_reads_like_a_typed_command() {
        let step = Step {
            program: Program::Cargo,
            arguments: &["doc", "--no-deps"],
            environment: &[("RUSTDOCFLAGS", Setting::Text("-D warnings"))],
        };

        assert_eq!(step.describe(), "RUSTDOCFLAGS='-D warnings' cargo doc --no-deps");
    }
}
