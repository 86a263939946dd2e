//! Running a program under strace, and talking with it.

use super::LaboratoryError;
use super::disk::Disk;
use super::trace::Trace;
use super::witness::{Scene, witness};
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, Write as _};
use std::mem;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Every call with a path or a descriptor, so that none that changes a file goes unseen; and what makes processes.
const TRACED: &str = "trace=%file,%desc,?clone,?clone3,?fork,?vfork,?io_setup,?sync";
/// Longer writes are cut by strace, and then refused here.
const LONGEST_WRITE: &str = "16777216";
const PATIENCE: Duration = Duration::from_secs(60);

/// A program, its directories, and what it is asked.
///
/// It is asked one line at a time: it answers each with one line before it gets the next. After the last answer its
/// standard input ends, and it ends by itself.
#[derive(Clone, Debug)]
pub struct Conversation {
    program: OsString,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    roots: Vec<PathBuf>,
    requests: Vec<String>,
}

/// How a conversation went.
pub(super) struct Run {
    /// How many requests were sent.
    pub asked: usize,
    pub said: Vec<String>,
    pub status: ExitStatus,
    pub complaint: String,
    scene: Scene,
}

impl Conversation {
    /// With this program.
    pub fn with(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            environment: Vec::new(),
            roots: Vec::new(),
            requests: Vec::new(),
        }
    }

    /// One more argument of the program.
    #[must_use]
    pub fn argument(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// A variable of its environment.
    #[must_use]
    pub fn variable(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// A directory whose files count. It must be there before the program runs.
    #[must_use]
    pub fn root(mut self, directory: impl Into<PathBuf>) -> Self {
        self.roots.push(directory.into());
        self
    }

    /// One more line for the program.
    #[must_use]
    pub fn request(mut self, line: impl Into<String>) -> Self {
        let line = line.into();
        assert!(!line.contains('\n'), "a request is one line: {line:?}");
        self.requests.push(line);
        self
    }

    /// The requests, in order.
    #[must_use]
    pub fn requests(&self) -> &[String] {
        &self.requests
    }

    /// Has the conversation and writes down what the program does to its files. Leaves the roots as they were before.
    ///
    /// # Errors
    ///
    /// Where there is no strace, the program fails, or it changes its files in a way that is not modelled.
    pub fn trace(&self) -> Result<Trace, LaboratoryError> {
        let roots = self.canonical_roots()?;
        let before = Disk::read(&roots)?;
        let text = tempfile::NamedTempFile::new()?;
        let options = ["-e", TRACED, "-y", "-xx", "-s", LONGEST_WRITE, "-o"].map(OsStr::new);
        let run = self.run(&[&options[..], &[text.path().as_os_str()]].concat())?;
        let found = Disk::read(&roots)?.0;
        before.0.write_home()?;
        if !run.status.success() || run.said.len() < self.requests.len() {
            return Err(run.ended());
        }
        let (trace, after) = witness(&fs::read_to_string(text.path())?, run.scene, before)?;
        // What the calls make of the files must be what is there: this finds what strace cannot show.
        match after.difference(&found) {
            Some(path) => Err(LaboratoryError::Unexplained(path)),
            None => Ok(trace),
        }
    }

    pub(super) fn canonical_roots(&self) -> io::Result<Vec<PathBuf>> {
        self.roots.iter().map(fs::canonicalize).collect()
    }

    /// Has the conversation, as far as it goes.
    pub(super) fn run(&self, strace: &[&OsStr]) -> Result<Run, LaboratoryError> {
        let mut complaint = tempfile::tempfile()?;
        let mut command = Command::new("strace");
        command.args(["-f", "-qq"]).args(strace).arg("--").arg(&self.program).args(&self.arguments);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(complaint.try_clone()?);
        let mut child = command.spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => LaboratoryError::NoStrace,
            _ => error.into(),
        })?;
        let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else { unreachable!() };
        let pipe = |number| fs::read_link(Path::new("/proc/self/fd").join(format!("{number}")));
        let scene = Scene {
            directory: env::current_dir()?,
            input: pipe(input.as_raw_fd())?,
            output: pipe(output.as_raw_fd())?,
        };
        let lines = read_aside(output);
        let (mut asked, mut said) = (0, Vec::new());
        for request in &self.requests {
            // A program that is gone is no fault of the pipe.
            if writeln!(input, "{request}").is_err() {
                break;
            }
            asked += 1;
            match next(&lines, &mut child, request)? {
                Some(line) => said.push(line),
                None => break,
            }
        }
        drop(input);
        while let Some(line) = next(&lines, &mut child, "")? {
            said.push(line);
        }
        let status = child.wait()?;
        let mut text = Vec::new();
        complaint.rewind()?;
        complaint.read_to_end(&mut text)?;
        Ok(Run { asked, said, status, complaint: String::from_utf8_lossy(&text).into_owned(), scene })
    }
}

impl Run {
    pub(super) fn ended(self) -> LaboratoryError {
        LaboratoryError::Ended { status: self.status, answers: self.said.len(), complaint: self.complaint }
    }
}

/// The lines of the program, from a thread, so that waiting for one can end.
fn read_aside(output: ChildStdout) -> Receiver<String> {
    let (line, lines) = mpsc::channel();
    thread::spawn(move || {
        let (mut output, mut text) = (BufReader::new(output), String::new());
        // A line without an end has not left whole.
        while output.read_line(&mut text).is_ok() && text.ends_with('\n') {
            text.pop();
            drop(line.send(mem::take(&mut text)));
        }
    });
    lines
}

fn next(lines: &Receiver<String>, child: &mut Child, request: &str) -> Result<Option<String>, LaboratoryError> {
    match lines.recv_timeout(PATIENCE) {
        Ok(line) => Ok(Some(line)),
        Err(RecvTimeoutError::Disconnected) => Ok(None),
        Err(RecvTimeoutError::Timeout) => {
            child.kill()?;
            child.wait()?;
            Err(LaboratoryError::Silent { request: request.to_owned(), seconds: PATIENCE.as_secs() })
        }
    }
}
