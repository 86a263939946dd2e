//! Names and contents: what is on a disk, read from directories and laid into directories.

use super::content::Content;
use super::history::Change;
use super::names::{Inode, Listing, Names, Place};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is on a disk.
#[derive(Clone, Default)]
pub(super) struct Disk {
    pub names: Names,
    pub files: BTreeMap<Inode, Arc<Content>>,
}

/// The contents of the files of a listing, in its order.
pub(super) type Contents = Vec<Arc<Content>>;

impl Disk {
    /// What is below the roots; also the paths of the inodes.
    pub(super) fn read(roots: &[PathBuf]) -> io::Result<(Self, Vec<PathBuf>)> {
        let (mut disk, mut paths) = (Self::default(), Vec::new());
        for root in roots {
            if roots.iter().any(|other| other != root && root.starts_with(other)) {
                return Err(io::Error::other(format!("{} is inside another root", root.display())));
            }
            let inode = Inode(paths.len());
            paths.push(root.clone());
            disk.names.add_root(root, inode);
            disk.read_directory(root, inode, &mut paths)?;
        }
        Ok((disk, paths))
    }

    fn read_directory(&mut self, path: &Path, directory: Inode, paths: &mut Vec<PathBuf>) -> io::Result<()> {
        let mut entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let (inode, path, kind) = (Inode(paths.len()), entry.path(), entry.file_type()?);
            paths.push(path.clone());
            self.names.set(&Place { directory, name: entry.file_name() }, Some(inode));
            if kind.is_dir() {
                self.names.make_directory(inode);
                self.read_directory(&path, inode, paths)?;
            } else if kind.is_file() {
                self.files.insert(inode, Arc::new(Content::of(&fs::read(&path)?)));
            } else {
                return Err(io::Error::other(format!("{} is neither file nor directory", path.display())));
            }
        }
        Ok(())
    }

    pub(super) fn apply(&mut self, change: &Change) {
        match change {
            Change::Bytes { file, offset, data } => self.file(*file).write(*offset, data),
            Change::Length { file, length } => self.file(*file).set_length(*length),
            Change::Names { made_directory, entries, .. } => {
                made_directory.iter().for_each(|directory| self.names.make_directory(*directory));
                entries.iter().for_each(|(place, inode)| self.names.set(place, *inode));
            }
        }
    }

    pub(super) fn file(&mut self, file: Inode) -> &mut Content {
        Arc::make_mut(self.files.entry(file).or_default())
    }

    pub(super) fn length(&self, file: Inode) -> usize {
        self.files.get(&file).map_or(0, |content| content.length())
    }

    pub(super) fn contents(&self, listing: &Listing) -> Contents {
        listing.files.iter().map(|(_, inode)| self.files.get(inode).cloned().unwrap_or_default()).collect()
    }

    /// Makes the directories hold this disk, each root at its own path.
    pub(super) fn write_home(&self) -> io::Result<()> {
        let listing = self.names.listing();
        lay(&listing, &self.contents(&listing), |path| Some(path.to_owned()))
    }

    /// The first path that differs, or is missing on one of the disks.
    pub(super) fn difference(&self, other: &Self) -> Option<PathBuf> {
        let (ours, theirs) = (self.paths(), other.paths());
        let lacks = ours.keys().find(|path| !theirs.contains_key(*path));
        lacks
            .or_else(|| theirs.iter().find(|(path, digest)| ours.get(*path) != Some(digest)).map(|(path, _)| path))
            .cloned()
    }

    fn paths(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let listing = self.names.listing();
        let directories = listing.directories.iter().map(|path| (path.clone(), Vec::new()));
        let files = listing.files.iter().zip(self.contents(&listing));
        directories.chain(files.map(|((path, _), content)| (path.clone(), content.digest().to_vec()))).collect()
    }
}

/// Writes files where `to` puts them, over what is there, and removes everything else from the directories. What is new
/// is its owner's alone, as programs demand it for secrets.
pub(super) fn lay(listing: &Listing, contents: &Contents, to: impl Fn(&Path) -> Option<PathBuf>) -> io::Result<()> {
    let put = |path: &Path| {
        to(path).ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("{}: no place given", path.display())))
    };
    let directories = listing.directories.iter().map(|path| put(path)).collect::<io::Result<BTreeSet<_>>>()?;
    let files = listing.files.iter().map(|(path, _)| put(path)).collect::<io::Result<Vec<_>>>()?;
    let wanted: BTreeSet<&PathBuf> = files.iter().collect();
    for directory in &directories {
        match fs::read_dir(directory) {
            Ok(entries) => clear(entries, &directories, &wanted)?,
            Err(_) => DirBuilder::new().recursive(true).mode(0o700).create(directory)?,
        }
    }
    for (path, content) in files.iter().zip(contents) {
        // Not cut to nothing first: the pages are used again.
        let mut file = File::options().write(true).create(true).truncate(false).mode(0o600).open(path)?;
        file.write_all(&content.bytes())?;
        if file.metadata()?.len() != content.length() as u64 {
            file.set_len(content.length() as u64)?;
        }
    }
    Ok(())
}

fn clear(entries: fs::ReadDir, directories: &BTreeSet<PathBuf>, files: &BTreeSet<&PathBuf>) -> io::Result<()> {
    for entry in entries {
        let (entry, path) = entry.map(|entry| {
            let path = entry.path();
            (entry, path)
        })?;
        match entry.file_type()?.is_dir() {
            true if !directories.contains(&path) => fs::remove_dir_all(&path)?,
            false if !files.contains(&path) => fs::remove_file(&path)?,
            _ => {}
        }
    }
    Ok(())
}
