//! Which name stands for which file.

use super::content::Digest;
use sha1::{Digest as _, Sha1};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file or a directory, whatever name it goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Inode(pub(super) usize);

/// A name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub directory: Inode,
    pub name: OsString,
}

/// The directories below the roots.
#[derive(Clone, Default)]
pub(super) struct Names {
    roots: Vec<(PathBuf, Inode)>,
    directories: BTreeMap<Inode, BTreeMap<OsString, Inode>>,
}

/// Every path below the roots; directories stand before what is in them.
#[derive(Default)]
pub(super) struct Listing {
    pub directories: Vec<PathBuf>,
    pub files: Vec<(PathBuf, Inode)>,
    pub digest: Digest,
}

impl Names {
    pub(super) fn add_root(&mut self, path: &Path, inode: Inode) {
        self.roots.push((path.to_owned(), inode));
        self.make_directory(inode);
    }

    pub(super) fn make_directory(&mut self, inode: Inode) {
        self.directories.entry(inode).or_default();
    }

    pub(super) fn is_directory(&self, inode: Inode) -> bool {
        self.directories.contains_key(&inode)
    }

    pub(super) fn set(&mut self, place: &Place, inode: Option<Inode>) {
        // A directory that was itself lost may get entries: nothing leads there.
        let entries = self.directories.entry(place.directory).or_default();
        match inode {
            Some(inode) => entries.insert(place.name.clone(), inode),
            None => entries.remove(&place.name),
        };
    }

    /// Whether the path is a root or below one.
    pub(super) fn covers(&self, path: &Path) -> bool {
        self.roots.iter().any(|(root, _)| path.starts_with(root))
    }

    pub(super) fn inode(&self, path: &Path) -> Option<Inode> {
        let (root, inode) = self.roots.iter().find(|(root, _)| path.starts_with(root))?;
        let mut inode = *inode;
        for name in path.strip_prefix(root).ok()? {
            inode = *self.directories.get(&inode)?.get(name)?;
        }
        Some(inode)
    }

    /// The place of a path in its directory; none where that is outside.
    pub(super) fn place(&self, path: &Path) -> Option<Place> {
        let directory = self.inode(path.parent()?).filter(|inode| self.is_directory(*inode))?;
        Some(Place { directory, name: path.file_name()?.to_owned() })
    }

    pub(super) fn listing(&self) -> Arc<Listing> {
        let mut listing = Listing::default();
        for (root, inode) in &self.roots {
            self.list(root, *inode, &mut listing);
        }
        let mut digest = Sha1::new();
        for directory in &listing.directories {
            digest.update(directory.as_os_str().as_encoded_bytes());
            digest.update([b'/', 0]);
        }
        for (path, _) in &listing.files {
            digest.update(path.as_os_str().as_encoded_bytes());
            digest.update([0]);
        }
        listing.digest = digest.finalize().into();
        Arc::new(listing)
    }

    fn list(&self, path: &Path, inode: Inode, listing: &mut Listing) {
        match self.directories.get(&inode) {
            None => listing.files.push((path.to_owned(), inode)),
            Some(entries) => {
                listing.directories.push(path.to_owned());
                for (name, inode) in entries {
                    self.list(&path.join(name), *inode, listing);
                }
            }
        }
    }
}
