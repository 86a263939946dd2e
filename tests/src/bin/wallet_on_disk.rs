//! A program for the power-loss laboratory: the wallet behind the driver's requests, and one more, which waits:
//! `{"op":"pause","ms":700}`. At the end of its input it is gone without a farewell, as a process on a phone is.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use driver::{Driver, Line, Lines};
use std::io::{self, Write as _};
use std::process;
use std::thread;
use std::time::Duration;

fn main() {
    let mut driver = Driver::default();
    let mut lines = Lines::new(io::stdin().lock());
    while let Some(line) = lines.read().unwrap() {
        let Line::Text(text) = line else { panic!("not a request") };
        let answer = match pause(text) {
            Some(time) => {
                thread::sleep(time);
                r#"{"ok":true}"#.to_owned()
            }
            None => driver.answer(text),
        };
        // In one write: half an answer leaves nobody any the wiser.
        io::stdout().write_all(format!("{answer}\n").as_bytes()).unwrap();
        if driver.is_shut_down() {
            break;
        }
    }
    process::exit(0);
}

fn pause(text: &str) -> Option<Duration> {
    let request: serde_json::Value = serde_json::from_str(text).ok()?;
    (request["op"] == "pause").then(|| Duration::from_millis(request["ms"].as_u64().unwrap()))
}
