//! From the calls of a program to the events of a trace.

use super::LaboratoryError;
use super::call_names::{BLIND, HARMLESS, HARMLESS_REQUESTS};
use super::disk::Disk;
use super::history::Change;
use super::names::Inode;
use super::open_files::{OpenFile, OpenFiles};
use super::strace::{Call, calls};
use super::trace::{Event, Trace};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Where the traced program ran.
pub(super) struct Scene {
    pub directory: PathBuf,
    /// What the system calls the pipe to its standard input.
    pub input: PathBuf,
    /// What the system calls the pipe from its standard output.
    pub output: PathBuf,
}

/// The trace of a program, from the text of strace and what was on the disk before. Gives also the disk as it must be
/// after the run.
pub(super) fn witness(
    text: &str,
    scene: Scene,
    (before, paths): (Disk, Vec<PathBuf>),
) -> Result<(Trace, Disk), LaboratoryError> {
    let mut calls = calls(text)?;
    calls.retain(|call| call.returned().is_some());
    calls.sort_by_key(|call| scene.effect(call));
    let mut witness = Witness {
        scene,
        disk: before.clone(),
        paths,
        events: Vec::new(),
        effects: Vec::new(),
        open: OpenFiles::default(),
        heard: Vec::new(),
        said: Vec::new(),
    };
    for call in &calls {
        let before = witness.events.len();
        witness.see(call)?;
        if witness.events.len() > before {
            witness.effects.push((witness.scene.effect(call), witness.events.len()));
        }
    }
    Ok((Trace::new(before, witness.events, witness.paths), witness.disk))
}

impl Scene {
    /// The line at which a call counts as done.
    fn effect(&self, call: &Call) -> usize {
        match call.name.as_str() {
            // A descriptor is free for others, and a child runs, before the call comes back.
            "close" | "clone" | "clone3" | "fork" | "vfork" => call.begun,
            // The answer may leave before the call comes back.
            "write" | "writev" if call.stands_for(0).is_some_and(|path| path == self.output) => call.begun,
            _ => call.ended,
        }
    }
}

struct Witness {
    scene: Scene,
    disk: Disk,
    paths: Vec<PathBuf>,
    events: Vec<Event>,
    /// After which line there were how many events.
    effects: Vec<(usize, usize)>,
    open: OpenFiles,
    /// The beginnings of lines.
    heard: Vec<u8>,
    said: Vec<u8>,
}

impl Witness {
    fn see(&mut self, call: &Call) -> Result<(), LaboratoryError> {
        let done = match call.name.as_str() {
            "openat" => self.opened(call, Some(2)),
            "open" => self.opened(call, Some(1)),
            "creat" => self.opened(call, None),
            "read" | "readv" => self.read(call),
            "write" | "writev" => self.written(call, None),
            "pwrite64" | "pwritev" => self.written(call, Some(3)),
            "lseek" => self.moved(call),
            "ftruncate" => self.cut(call, None),
            "truncate" => self.cut(call, self.target(call, None, 0)),
            "fsync" | "fdatasync" => self.synced(call),
            "rename" => self.renamed(call, (None, 0), (None, 1)),
            "renameat" => self.renamed(call, (Some(0), 1), (Some(2), 3)),
            "renameat2" if call.flag(4, "0") || call.flag(4, "RENAME_NOREPLACE") => {
                self.renamed(call, (Some(0), 1), (Some(2), 3))
            }
            "unlink" | "rmdir" => self.removed(call, None, call.name == "rmdir"),
            "unlinkat" => self.removed(call, Some(0), call.flag(2, "AT_REMOVEDIR")),
            "mkdir" => self.made(call, None),
            "mkdirat" => self.made(call, Some(0)),
            "dup" | "dup2" | "dup3" => self.copied(call),
            "fcntl" if call.flag(1, "F_DUPFD") || call.flag(1, "F_DUPFD_CLOEXEC") => self.copied(call),
            "fcntl" => self.controlled(call),
            "close" => {
                self.open.close(call.thread, call.descriptor(0).unwrap_or(-1));
                Some(())
            }
            "clone" | "clone3" | "fork" | "vfork" => self.forked(call),
            "mmap" => {
                let shared = call.flag(3, "MAP_SHARED") || call.flag(3, "MAP_SHARED_VALIDATE");
                (!shared || !call.flag(2, "PROT_WRITE") || !self.is_ours(call, 4)).then_some(())
            }
            "ioctl" if HARMLESS_REQUESTS.iter().any(|request| call.flag(1, request)) => Some(()),
            "ioctl" => (!self.is_ours(call, 0)).then_some(()),
            // Relative paths would be understood wrongly from here on.
            "chdir" | "fchdir" => None,
            name if BLIND.contains(&name) => None,
            name if HARMLESS.contains(&name) => Some(()),
            _ => (!self.concerns(call)).then_some(()),
        };
        done.ok_or_else(|| LaboratoryError::NotModelled(call.text()))
    }

    /// Whether a descriptor stands for something below the roots.
    fn is_ours(&self, call: &Call, argument: usize) -> bool {
        call.stands_for(argument).is_some_and(|path| self.disk.names.covers(&path))
    }

    /// Whether anything that the call names is below the roots, or a pipe of the conversation.
    fn concerns(&self, call: &Call) -> bool {
        let named: Vec<PathBuf> = call.paths().collect();
        let from = |base: &PathBuf| named.iter().any(|path| self.disk.names.covers(&plain(&base.join(path))));
        named.iter().any(|path| *path == self.scene.input || *path == self.scene.output)
            || from(&self.scene.directory)
            || named.iter().any(from)
    }

    /// The path below the roots that an argument stands for.
    fn target(&self, call: &Call, directory: Option<usize>, argument: usize) -> Option<PathBuf> {
        let base = directory.and_then(|directory| call.stands_for(directory));
        let path = plain(&base.unwrap_or_else(|| self.scene.directory.clone()).join(call.path(argument)?));
        if self.disk.names.covers(&path) {
            return Some(path);
        }
        // Perhaps by way of a symbolic link.
        let path = fs::canonicalize(path.parent()?).ok()?.join(path.file_name()?);
        self.disk.names.covers(&path).then_some(path)
    }

    fn happened(&mut self, event: Event) -> Option<()> {
        let change = Change::of(&event, &self.disk)?;
        self.disk.apply(&change);
        self.events.push(event);
        Some(())
    }

    fn new_inode(&mut self, path: &Path) -> Inode {
        self.paths.push(path.to_owned());
        Inode(self.paths.len() - 1)
    }

    fn opened(&mut self, call: &Call, flags: Option<usize>) -> Option<()> {
        let path = call.returned_path();
        let Some(path) = path.filter(|path| self.disk.names.covers(path)) else { return Some(()) };
        let has = |flag| flags.is_some_and(|flags| call.flag(flags, flag));
        let (creates, empties) = (flags.is_none() || has("O_CREAT"), flags.is_none() || has("O_TRUNC"));
        // Their writes are syncs as well.
        if ["O_SYNC", "O_DSYNC", "O_TMPFILE"].into_iter().any(has) {
            return None;
        }
        let inode = match self.disk.names.inode(&path) {
            Some(inode) if empties => {
                self.happened(Event::Truncate { file: inode, length: 0 })?;
                inode
            }
            Some(inode) => inode,
            None if creates => {
                let file = self.new_inode(&path);
                self.happened(Event::Create { file, path })?;
                file
            }
            None => return None,
        };
        self.open.open(call.thread, call.returned()?, OpenFile { inode, position: 0, appends: has("O_APPEND") });
        Some(())
    }

    fn read(&mut self, call: &Call) -> Option<()> {
        let length = usize::try_from(call.returned()?).ok()?;
        if call.stands_for(0)? == self.scene.input {
            self.heard.extend(call.data(1)?.get(..length)?);
            let lines = whole_lines(&mut self.heard);
            self.events.extend(lines.into_iter().map(Event::Heard));
        } else if self.is_ours(call, 0) {
            self.open.file(call.thread, call.descriptor(0)?)?.position += length;
        }
        Some(())
    }

    fn written(&mut self, call: &Call, offset: Option<usize>) -> Option<()> {
        let length = usize::try_from(call.returned()?).ok()?;
        if call.stands_for(0).is_some_and(|path| path == self.scene.output) {
            self.said.extend(call.data(1)?.get(..length)?);
            let lines = whole_lines(&mut self.said);
            self.events.extend(lines.into_iter().map(Event::Said));
            return Some(());
        }
        if !self.is_ours(call, 0) {
            return Some(());
        }
        let OpenFile { inode: file, position, appends } = *self.open.file(call.thread, call.descriptor(0)?)?;
        let given = offset.map(|argument| call.number(argument).ok_or(())).transpose().ok()?;
        // The system appends even where an offset is given.
        let offset = if appends { self.disk.length(file) } else { given.unwrap_or(position) };
        if given.is_none() {
            self.open.file(call.thread, call.descriptor(0)?)?.position = offset + length;
        }
        let mut data = call.data(1)?;
        data.truncate(length);
        if data.is_empty() { Some(()) } else { self.happened(Event::Write { file, offset, data }) }
    }

    fn moved(&mut self, call: &Call) -> Option<()> {
        if self.is_ours(call, 0) {
            self.open.file(call.thread, call.descriptor(0)?)?.position = usize::try_from(call.returned()?).ok()?;
        }
        Some(())
    }

    fn cut(&mut self, call: &Call, path: Option<PathBuf>) -> Option<()> {
        let file = match path {
            Some(path) => self.disk.names.inode(&path)?,
            None if self.is_ours(call, 0) => self.open.file(call.thread, call.descriptor(0)?)?.inode,
            None => return Some(()),
        };
        self.happened(Event::Truncate { file, length: call.number(1)? })
    }

    fn synced(&mut self, call: &Call) -> Option<()> {
        if self.is_ours(call, 0) {
            let inode = self.open.file(call.thread, call.descriptor(0)?)?.inode;
            let earlier = self.effects.partition_point(|(line, _)| *line < call.begun);
            let covers = earlier.checked_sub(1).map_or(0, |last| self.effects[last].1);
            let is_directory = self.disk.names.is_directory(inode);
            self.events.push(match is_directory {
                true => Event::SyncDirectory { directory: inode, covers },
                false => Event::Sync { file: inode, covers },
            });
        }
        Some(())
    }

    fn renamed(&mut self, call: &Call, from: (Option<usize>, usize), to: (Option<usize>, usize)) -> Option<()> {
        match (self.target(call, from.0, from.1), self.target(call, to.0, to.1)) {
            (None, None) => Some(()),
            // Into the roots or out of them: none of these can be followed.
            (from, to) => self.happened(Event::Rename { from: from?, to: to? }),
        }
    }

    fn removed(&mut self, call: &Call, directory: Option<usize>, is_directory: bool) -> Option<()> {
        let Some(path) = self.target(call, directory, usize::from(directory.is_some())) else { return Some(()) };
        self.happened(if is_directory { Event::RemoveDirectory { path } } else { Event::Unlink { path } })
    }

    fn made(&mut self, call: &Call, directory: Option<usize>) -> Option<()> {
        let Some(path) = self.target(call, directory, usize::from(directory.is_some())) else { return Some(()) };
        let directory = self.new_inode(&path);
        self.happened(Event::MakeDirectory { directory, path })
    }

    fn copied(&mut self, call: &Call) -> Option<()> {
        if self.is_ours(call, 0) {
            self.open.copy(call.thread, call.descriptor(0)?, call.returned()?)?;
        }
        Some(())
    }

    fn controlled(&mut self, call: &Call) -> Option<()> {
        if call.flag(1, "F_SETFL") && self.is_ours(call, 0) {
            self.open.file(call.thread, call.descriptor(0)?)?.appends = call.flag(2, "O_APPEND");
        }
        Some(())
    }

    fn forked(&mut self, call: &Call) -> Option<()> {
        let shares = (0..call.arguments.len()).any(|argument| call.flag(argument, "CLONE_FILES"));
        self.open.fork(call.thread, u32::try_from(call.returned()?).ok()?, shares);
        Some(())
    }
}

/// Takes the lines that are whole from the front.
fn whole_lines(bytes: &mut Vec<u8>) -> Vec<String> {
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    let whole: Vec<u8> = bytes.drain(..end).collect();
    String::from_utf8_lossy(&whole).lines().map(str::to_owned).collect()
}

/// The path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}
