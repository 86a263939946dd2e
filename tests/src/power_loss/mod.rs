//! A laboratory for what a program leaves on its disk when it is killed or the power fails.
//!
//! A [`Conversation`] runs the program under strace and writes down every change of the files below its roots as a
//! [`Trace`], with the requests it heard and the answers that left it. From the trace [`states`] makes the disks that
//! may be found after each event: all that was written (a kill), or what the syncs made safe and any part of the rest
//! (a power loss). [`Conversation::kill_at_every_call`] kills the real program instead, before each of its writes.
//!
//! What the model holds:
//! * A sync makes safe what was done to its file before the sync began; of a new file also its name.
//! * Names, that is renaming, removing and creating, are safe once their directories were synced.
//! * What is not safe is there or not, each change for itself; a write also in part, cut between sectors.
//! * Nothing goes wrong with what is safe, and nothing is there that was never written.
//!
//! What it does not hold is refused, not passed over: shared writable mappings, copies inside the system, links,
//! `fallocate`, files opened for synchronous writing, and every call it does not know. Owners, modes and times of files
//! are not followed: laid files are their owner's alone. A write that a kill cuts short is there whole or not at all.

mod altered;
mod call_names;
mod content;
mod conversation;
mod crash;
mod disk;
mod history;
mod kill;
mod names;
mod open_files;
mod pattern;
mod settled;
mod states;
mod strace;
mod trace;
mod witness;

pub use conversation::Conversation;
pub use crash::{CrashKind, CrashState};
pub use kill::Killed;
pub use names::Inode;
pub use states::{Options, States, states};
pub use trace::{Event, Mark, Trace};

use std::io;
use std::path::{Path, PathBuf};

/// Why there is no trace, or no run.
#[derive(Debug, thiserror::Error)]
pub enum LaboratoryError {
    /// strace is not on this machine.
    #[error("strace is missing: install the Debian package strace (apt-get install strace)")]
    NoStrace,
    /// A file or a pipe of the laboratory fails.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The program ended otherwise than it should.
    #[error("the program ended with {status} after {answers} answers: {complaint}")]
    Ended {
        /// Its status.
        status: std::process::ExitStatus,
        /// The lines it had said.
        answers: usize,
        /// What it wrote to its standard error.
        complaint: String,
    },
    /// The program neither answers nor ends.
    #[error("no answer to {request:?} in {seconds} s")]
    Silent {
        /// The request; empty when its end is waited for.
        request: String,
        /// How long it had.
        seconds: u64,
    },
    /// A line of strace that is not understood.
    #[error("not understood in the trace: {0}")]
    Line(String),
    /// A call that changes files, or may, in a way that the model of the disk does not have.
    #[error("not modelled: {0}")]
    NotModelled(String),
    /// After the run the file is not what the calls that were seen make of it.
    #[error("{}: the traced calls do not explain what is there after the run", .0.display())]
    Unexplained(PathBuf),
}

/// A new directory to lay states on: in memory, where the system has such a place.
///
/// # Errors
///
/// Where it cannot be made.
pub fn bench() -> io::Result<tempfile::TempDir> {
    let memory = Path::new("/dev/shm");
    let name = tempfile::Builder::new().prefix("power-loss-").to_owned();
    if memory.is_dir() { name.tempdir_in(memory).or_else(|_| name.tempdir()) } else { name.tempdir() }
}
