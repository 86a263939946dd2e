//! Killing the real program before each of its writes.

use super::LaboratoryError;
use super::conversation::{Conversation, Run};
use super::disk::Disk;
use super::strace::calls;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;

/// The calls before which it is killed; the question mark is for systems that lack one of them.
const DEADLY: [&str; 16] = [
    "?write",
    "?writev",
    "?pwrite64",
    "?pwritev",
    "?ftruncate",
    "?truncate",
    "?fsync",
    "?fdatasync",
    "?rename",
    "?renameat",
    "?renameat2",
    "?unlink",
    "?unlinkat",
    "?mkdir",
    "?mkdirat",
    "?rmdir",
];
const SIGKILL: i32 = 9;

/// A run that was cut short.
pub struct Killed<'a> {
    /// The system call before which it was killed.
    pub call: &'a str,
    /// The how many-th such call of its thread, from 1 on.
    pub time: usize,
    /// The requests it was sent; the last one it may not have read.
    pub asked: &'a [String],
    /// The lines that had left it.
    pub said: &'a [String],
    /// The roots as it left them. They may be changed: each run begins with them as they were at first.
    pub roots: &'a [PathBuf],
}

impl Conversation {
    /// Has the conversation again and again, and kills the program once before each of its calls that write, sync,
    /// rename or remove, whatever file they are for. Gives the number of runs that were cut short; leaves the roots as
    /// they were before.
    ///
    /// # Errors
    ///
    /// Where there is no strace, or a run fails by itself.
    pub fn kill_at_every_call(&self, mut found: impl FnMut(&Killed)) -> Result<usize, LaboratoryError> {
        let roots = self.canonical_roots()?;
        let (before, _) = Disk::read(&roots)?;
        let calls = self.deadly_calls();
        before.write_home()?;
        let mut runs = 0;
        // strace counts each call by itself.
        for call in calls? {
            for time in 1.. {
                let run = self.run_until(&call, time);
                let is_killed = run.as_ref().is_ok_and(|run| run.status.signal() == Some(SIGKILL));
                if let (true, Ok(run)) = (is_killed, &run) {
                    let asked = &self.requests()[..run.asked];
                    found(&Killed { call: &call, time, asked, said: &run.said, roots: &roots });
                    runs += 1;
                }
                before.write_home()?;
                match run? {
                    _ if is_killed => {}
                    run if run.status.success() => break,
                    run => return Err(run.ended()),
                }
            }
        }
        Ok(runs)
    }

    fn run_until(&self, call: &str, time: usize) -> Result<Run, LaboratoryError> {
        let (trace, inject) = (format!("trace={call}"), format!("inject={call}:signal=KILL:when={time}"));
        self.run(&["-e", &trace, "-e", &inject, "-o", "/dev/null"].map(OsStr::new))
    }

    /// Those of the calls that a run makes.
    fn deadly_calls(&self) -> Result<BTreeSet<String>, LaboratoryError> {
        let (text, trace) = (tempfile::NamedTempFile::new()?, format!("trace={}", DEADLY.join(",")));
        let options =
            [OsStr::new("-xx"), OsStr::new("-e"), OsStr::new(&trace), OsStr::new("-o"), text.path().as_os_str()];
        let run = self.run(&options)?;
        if !run.status.success() {
            return Err(run.ended());
        }
        Ok(calls(&fs::read_to_string(text.path())?)?.into_iter().map(|call| call.name).collect())
    }
}
