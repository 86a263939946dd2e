//! What each event changes on the disk, and from which event on the change is safe.

use super::disk::Disk;
use super::names::{Inode, Place};
use super::trace::{Event, Trace};

/// What one event changes.
pub(super) enum Change<'a> {
    Bytes { file: Inode, offset: usize, data: &'a [u8] },
    Length { file: Inode, length: usize },
    Names { made: Option<Inode>, made_directory: Option<Inode>, entries: Vec<(Place, Option<Inode>)> },
}

impl<'a> Change<'a> {
    /// What the event changes on this disk; none for lines, syncs, and paths that the disk does not have.
    pub(super) fn of(event: &'a Event, disk: &Disk) -> Option<Self> {
        let names = &disk.names;
        let only = |path| Some(vec![(names.place(path)?, None)]);
        Some(match event {
            Event::Write { file, offset, data } => Self::Bytes { file: *file, offset: *offset, data },
            Event::Truncate { file, length } => Self::Length { file: *file, length: *length },
            Event::Create { file, path } => {
                let entries = vec![(names.place(path)?, Some(*file))];
                Self::Names { made: Some(*file), made_directory: None, entries }
            }
            Event::MakeDirectory { directory, path } => {
                let entries = vec![(names.place(path)?, Some(*directory))];
                Self::Names { made: Some(*directory), made_directory: Some(*directory), entries }
            }
            Event::Rename { from, to } => {
                let moved = names.inode(from)?;
                // Both names of one file: the system leaves them as they are.
                let entries = if names.inode(to) == Some(moved) {
                    Vec::new()
                } else {
                    vec![(names.place(from)?, None), (names.place(to)?, Some(moved))]
                };
                Self::Names { made: None, made_directory: None, entries }
            }
            Event::Unlink { path } | Event::RemoveDirectory { path } => {
                Self::Names { made: None, made_directory: None, entries: only(path)? }
            }
            Event::Sync { .. } | Event::SyncDirectory { .. } | Event::Heard(_) | Event::Said(_) => return None,
        })
    }

    /// The file whose bytes or length change.
    pub(super) fn file(&self) -> Option<Inode> {
        match self {
            Self::Bytes { file, .. } | Self::Length { file, .. } => Some(*file),
            Self::Names { .. } => None,
        }
    }

    /// The file, or the directory whose entry changes: what is lost and kept together in the simplest states.
    pub(super) fn group(&self) -> Inode {
        match self {
            Self::Bytes { file, .. } | Self::Length { file, .. } => *file,
            Self::Names { entries, .. } => entries.last().map_or(Inode(0), |(place, _)| place.directory),
        }
    }
}

/// The changes of a trace.
pub(super) struct History<'a> {
    /// One for each event that changes something.
    pub changes: Vec<Option<Change<'a>>>,
    /// The event whose sync makes the change safe; [`usize::MAX`] for never.
    pub safe_from: Vec<usize>,
    /// Whether a write makes its file longer.
    pub extends: Vec<bool>,
}

/// What still has to be synced before a change is safe.
struct Unsafe {
    change: usize,
    directories: Vec<Inode>,
    either: Option<Inode>,
}

impl<'a> History<'a> {
    /// `only_directories` says that a sync of a new file does not make its name safe.
    pub(super) fn of(trace: &'a Trace, only_directories: bool) -> Self {
        let (mut disk, events) = (trace.before.clone(), trace.events());
        let mut history = Self {
            changes: Vec::with_capacity(events.len()),
            safe_from: vec![usize::MAX; events.len()],
            extends: vec![false; events.len()],
        };
        let mut waiting: Vec<Unsafe> = Vec::new();
        for (number, event) in events.iter().enumerate() {
            let change = Change::of(event, &disk);
            if let (Event::Sync { file: inode, covers } | Event::SyncDirectory { directory: inode, covers }, None) =
                (event, &change)
            {
                waiting.retain_mut(|waits| {
                    if waits.change >= *covers {
                        return true;
                    }
                    waits.directories.retain(|directory| directory != inode);
                    let safe = waits.directories.is_empty() || waits.either == Some(*inode);
                    if safe {
                        history.safe_from[waits.change] = number;
                    }
                    !safe
                });
            }
            if let Some(change) = &change {
                if let Change::Bytes { file, offset, data } = change {
                    history.extends[number] = offset + data.len() > disk.length(*file);
                }
                waiting.push(Unsafe::of(number, change, only_directories));
                disk.apply(change);
            }
            history.changes.push(change);
        }
        history
    }
}

impl Unsafe {
    fn of(number: usize, change: &Change, only_directories: bool) -> Self {
        match change {
            Change::Bytes { file, .. } | Change::Length { file, .. } => {
                Self { change: number, directories: vec![*file], either: None }
            }
            Change::Names { made, entries, .. } => Self {
                change: number,
                directories: entries.iter().map(|(place, _)| place.directory).collect(),
                either: made.filter(|_| !only_directories),
            },
        }
    }
}
