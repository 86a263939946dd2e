use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::{Card, LinkError, Script};

/// A wallet core behind a driver program: JSON requests in, JSON answers out, one a line.
#[derive(Debug)]
pub struct DriverCard {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    answer_time: Option<Duration>,
    felt: Vec<Value>,
}

impl DriverCard {
    /// Starts the driver.
    pub fn spawn(mut program: Command) -> Result<Self, LinkError> {
        let mut child = program
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|source| LinkError::Io { action: "starting the driver", source })?;
        let (Some(requests), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(LinkError::Closed);
        };
        Ok(Self { child, requests, answers: BufReader::new(answers), answer_time: None, felt: Vec::new() })
    }

    /// Sends one request and returns the answer, be it `"ok": true` or not.
    pub fn request(&mut self, request: &Value) -> Result<Value, LinkError> {
        writeln!(self.requests, "{request}")
            .and_then(|()| self.requests.flush())
            .map_err(|source| LinkError::Io { action: "writing to the driver", source })?;
        let mut line = String::new();
        let read = self
            .answers
            .read_line(&mut line)
            .map_err(|source| LinkError::Io { action: "reading from the driver", source })?;
        if read == 0 {
            return Err(LinkError::Closed);
        }
        serde_json::from_str(&line)
            .map_err(|_| LinkError::Unreadable { line: line.trim().to_owned(), expected: "an answer in JSON" })
    }

    /// Plays the requests of a script; the answers come back in order.
    pub fn play(&mut self, script: &Script) -> Result<Vec<Value>, LinkError> {
        script.requests.iter().map(|request| self.request(request)).collect()
    }

    /// Takes the phone out of the field; `reason` is `deselected` or `link_loss`. Returns the wallet's outcome.
    pub fn field_off(&mut self, reason: &str) -> Result<Value, LinkError> {
        let answer = accepted(self.request(&json!({"op": "field_off", "reason": reason}))?)?;
        Ok(answer.get("outcome").cloned().unwrap_or(Value::Null))
    }

    /// The wallet's outcomes of the taps that the terminal ended by switching its field off, in order.
    pub fn felt(&self) -> &[Value] {
        &self.felt
    }
}

impl Card for DriverCard {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        self.answer_time = None;
        let answer = accepted(self.request(&json!({"op": "apdu", "hex": hex::encode_upper(command)}))?)?;
        self.answer_time = answer.get("micros").and_then(Value::as_u64).map(Duration::from_micros);
        answer
            .get("hex")
            .and_then(Value::as_str)
            .and_then(|digits| hex::decode(digits).ok())
            .ok_or_else(|| LinkError::Unreadable { line: answer.to_string(), expected: "an answer with `hex`" })
    }

    fn leave_field(&mut self) {
        // A driver that is gone says so at the next command.
        let outcome = self.field_off("link_loss");
        self.felt.extend(outcome.ok());
    }

    fn answer_time(&self) -> Option<Duration> {
        self.answer_time
    }
}

impl Drop for DriverCard {
    fn drop(&mut self) {
        let _ = writeln!(self.requests, "{}", json!({"op": "shutdown"})).and_then(|()| self.requests.flush());
        // A driver that does not end by itself must not hold the terminal.
        for _ in 0..SHUTDOWN_POLLS {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(SHUTDOWN_POLL);
        }
        let _ = self.child.kill().and_then(|()| self.child.wait());
    }
}

fn accepted(answer: Value) -> Result<Value, LinkError> {
    if answer.get("ok").and_then(Value::as_bool) == Some(true) {
        return Ok(answer);
    }
    let text = |name| {
        let found = answer.get("error").and_then(|error| error.get(name)).and_then(Value::as_str);
        found.unwrap_or("none given").to_owned()
    };
    Err(LinkError::Refused { code: text("code"), detail: text("detail") })
}

const SHUTDOWN_POLL: Duration = Duration::from_millis(10);

const SHUTDOWN_POLLS: u32 = 200;
