use super::{Finding, Needles, scan};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

/// The driver as its users run it: the program, in a process of its own.
pub struct DriverProcess {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl DriverProcess {
    /// Starts the program that the environment variable `DRIVER` names, or else builds it, optimised, and starts that.
    #[must_use]
    pub fn start() -> Self {
        let mut child = Command::new(program()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (requests, answers) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, requests, answers: BufReader::new(answers) }
    }

    /// Sends a request and gives the answer.
    pub fn ask(&mut self, request: &Value) -> Value {
        self.ask_line(&request.to_string())
    }

    /// Sends a line, a request or not, and gives the answer.
    pub fn ask_line(&mut self, line: &str) -> Value {
        // At once, as far as the pipe takes it: a writer of its own for each piece would spread it over the buffers.
        self.requests.write_all(format!("{line}\n").as_bytes()).unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{line}: {error}: {answer}"))
    }

    /// Sends a request that is to be met, and gives the answer.
    pub fn tell(&mut self, request: &Value) -> Value {
        let answer = self.ask(request);
        assert_eq!(answer["ok"], true, "{request}: {answer}");
        answer
    }

    /// Looks for needles in its memory while it waits for the next line.
    #[must_use]
    pub fn scan(&self, needles: &Needles) -> Vec<Finding> {
        scan(self.child.id(), needles).unwrap()
    }
}

impl Drop for DriverProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program, built once.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| std::env::var_os("DRIVER").map_or_else(built, PathBuf::from))
}

fn built() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--release", "--locked", "--package", "driver", "--message-format", "json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "the driver could not be built");
    let messages = String::from_utf8(output.stdout).unwrap();
    let messages = messages.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut made = messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    made.next_back().expect("cargo names the program it has built")
}
