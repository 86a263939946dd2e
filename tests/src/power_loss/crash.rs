//! A disk as it may be found after a crash.

use super::content::Digest;
use super::disk::{Contents, lay};
use super::names::Listing;
use super::pattern::Fate;
use super::trace::Trace;
use sha1::{Digest as _, Sha1};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What befell the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CrashKind {
    /// It was killed: everything it wrote is there.
    Kill,
    /// The power failed: what was synced is there.
    PowerLoss,
    /// The power failed on a disk that did not carry out the last sync before.
    LastSyncIgnored,
}

/// A disk as it may be found after a crash.
pub struct CrashState<'a> {
    /// How many events of the trace had happened.
    pub point: usize,
    /// What befell the program.
    pub kind: CrashKind,
    /// The requests it had read.
    pub heard: &'a [String],
    /// The lines that had left it.
    pub said: &'a [String],
    pub(super) trace: &'a Trace,
    pub(super) listing: Arc<Listing>,
    pub(super) contents: Contents,
    /// What became of the changes that were not safe.
    pub(super) fates: Vec<(usize, Fate)>,
}

impl CrashState<'_> {
    /// Lays the files into directories: each root, given as it was traced, to its place. What else is there is removed;
    /// what has the same path is written over.
    ///
    /// # Errors
    ///
    /// Where a file cannot be written, or a root has no place.
    pub fn write_to(&self, roots: &[(PathBuf, PathBuf)]) -> io::Result<()> {
        let place = |path: &Path| {
            let below = roots.iter().find_map(|(root, to)| path.strip_prefix(root).ok().map(|below| (below, to)));
            below.map(|(below, to)| if below.as_os_str().is_empty() { to.clone() } else { to.join(below) })
        };
        lay(&self.listing, &self.contents, place)
    }

    /// The files, with their paths as they were traced.
    pub fn files(&self) -> impl Iterator<Item = (&Path, Vec<u8>)> {
        self.listing.files.iter().zip(&self.contents).map(|((path, _), content)| (path.as_path(), content.bytes()))
    }

    /// The bytes of a file, by its path as it was traced.
    #[must_use]
    pub fn read(&self, path: &Path) -> Option<Vec<u8>> {
        let position = self.listing.files.iter().position(|(known, _)| known == path)?;
        Some(self.contents[position].bytes())
    }

    pub(super) fn digest(&self) -> Digest {
        let mut digest = Sha1::new();
        digest.update(self.listing.digest);
        for content in &self.contents {
            digest.update(content.digest());
        }
        digest.update(self.said.len().to_le_bytes());
        digest.finalize().into()
    }
}

/// What happened last, and what is not there of the changes before.
impl fmt::Display for CrashState<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.point.checked_sub(1).map_or_else(|| "nothing".to_owned(), |last| self.trace.describe(last));
        write!(out, "{:?} after {last}; {} lines said", self.kind, self.said.len())?;
        for (event, fate) in self.fates.iter().filter(|(_, fate)| *fate != Fate::Kept) {
            write!(out, "\n  {fate:?}: {}", self.trace.describe(*event))?;
        }
        Ok(())
    }
}
