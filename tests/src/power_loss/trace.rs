//! What a program did to its files, heard and said, in order.

use super::disk::Disk;
use super::names::Inode;
use std::path::{Path, PathBuf};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A new, empty file.
    Create {
        /// The file.
        file: Inode,
        /// Where it stands.
        path: PathBuf,
    },
    /// Bytes were written.
    Write {
        /// The file.
        file: Inode,
        /// Where the bytes begin.
        offset: usize,
        /// The bytes.
        data: Vec<u8>,
    },
    /// A file was cut off, or grew by zeros.
    Truncate {
        /// The file.
        file: Inode,
        /// How long it is now.
        length: usize,
    },
    /// A sync of a file came back.
    Sync {
        /// The file.
        file: Inode,
        /// What stands before this event had been done when the sync began.
        covers: usize,
    },
    /// A sync of a directory came back.
    SyncDirectory {
        /// The directory.
        directory: Inode,
        /// What stands before this event had been done when the sync began.
        covers: usize,
    },
    /// A file or directory has another name; what had that name is gone.
    Rename {
        /// The old path.
        from: PathBuf,
        /// The new path.
        to: PathBuf,
    },
    /// A file's name is gone.
    Unlink {
        /// The path.
        path: PathBuf,
    },
    /// A new directory.
    MakeDirectory {
        /// The directory.
        directory: Inode,
        /// Where it stands.
        path: PathBuf,
    },
    /// An empty directory is gone.
    RemoveDirectory {
        /// The path.
        path: PathBuf,
    },
    /// The program has read this line from its standard input.
    Heard(String),
    /// This line has left the program by its standard output.
    Said(String),
}

/// A line of the conversation, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The n-th request has been read.
    Heard(usize),
    /// The n-th answer leaves.
    Said(usize),
}

/// What a program did to the files below its roots, from what was there before.
pub struct Trace {
    pub(super) before: Disk,
    events: Vec<Event>,
    paths: Vec<PathBuf>,
    heard: Vec<String>,
    said: Vec<String>,
}

impl Trace {
    /// `paths` are those that the inodes were first seen under.
    pub(super) fn new(before: Disk, events: Vec<Event>, paths: Vec<PathBuf>) -> Self {
        let (mut heard, mut said) = (Vec::new(), Vec::new());
        for event in &events {
            match event {
                Event::Heard(line) => heard.push(line.clone()),
                Event::Said(line) => said.push(line.clone()),
                _ => {}
            }
        }
        Self { before, events, paths, heard, said }
    }

    /// Everything that happened.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The requests it read.
    #[must_use]
    pub fn heard(&self) -> &[String] {
        &self.heard
    }

    /// The lines that left it.
    #[must_use]
    pub fn said(&self) -> &[String] {
        &self.said
    }

    /// The path under which a file or directory was first seen.
    #[must_use]
    pub fn path(&self, inode: Inode) -> &Path {
        &self.paths[inode.0]
    }

    /// What happened between two lines; none where one of them never came, or they came the other way round.
    #[must_use]
    pub fn calls_between(&self, from: Mark, to: Mark) -> Option<&[Event]> {
        self.events.get(self.position(from)? + 1..self.position(to)?)
    }

    /// The paths under which files and directories were first seen, by inode.
    pub(super) fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Which event a line is.
    #[must_use]
    pub fn position(&self, mark: Mark) -> Option<usize> {
        let mut lines = self.events.iter().enumerate().filter(|(_, event)| match mark {
            Mark::Heard(_) => matches!(event, Event::Heard(_)),
            Mark::Said(_) => matches!(event, Event::Said(_)),
        });
        let (Mark::Heard(number) | Mark::Said(number)) = mark;
        lines.nth(number).map(|(position, _)| position)
    }

    /// An event in one line.
    #[must_use]
    pub fn describe(&self, number: usize) -> String {
        let path = |inode: &Inode| self.path(*inode).display();
        let what = match &self.events[number] {
            Event::Create { path, .. } => format!("create {}", path.display()),
            Event::Write { file, offset, data } => format!("write {}, {} bytes at {offset}", path(file), data.len()),
            Event::Truncate { file, length } => format!("truncate {} to {length}", path(file)),
            Event::Sync { file, .. } => format!("sync {}", path(file)),
            Event::SyncDirectory { directory, .. } => format!("sync directory {}", path(directory)),
            Event::Rename { from, to } => format!("rename {} to {}", from.display(), to.display()),
            Event::Unlink { path } => format!("unlink {}", path.display()),
            Event::MakeDirectory { path, .. } => format!("make directory {}", path.display()),
            Event::RemoveDirectory { path } => format!("remove directory {}", path.display()),
            Event::Heard(line) => format!("heard {line:?}"),
            Event::Said(line) => format!("said {line:?}"),
        };
        format!("#{number} {what}")
    }
}
