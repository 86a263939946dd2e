//! The files around the database: the folder, the lock, and small files that are there whole or not at all.

use crate::storage::StoreError;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

/// Held for as long as the store is open; it goes with the process.
pub(super) struct Lock(#[allow(dead_code, reason = "the lock is the open file")] Locked);

/// `flock`, which the standard library has for Linux and not for Android.
#[cfg(unix)]
type Locked = nix::fcntl::Flock<File>;
#[cfg(not(unix))]
type Locked = File;

impl Lock {
    pub(super) fn acquire(path: &Path) -> Result<Self, StoreError> {
        let file = private().create(true).truncate(false).write(true).open(path).map_err(|error| trouble(&error))?;
        lock(file).map(Self)
    }
}

#[cfg(unix)]
fn lock(file: File) -> Result<Locked, StoreError> {
    match nix::fcntl::Flock::lock(file, nix::fcntl::FlockArg::LockExclusiveNonblock) {
        Ok(locked) => Ok(locked),
        Err((_, nix::errno::Errno::EWOULDBLOCK)) => Err(StoreError::InUse),
        Err((_, error)) => Err(trouble(&error.into())),
    }
}

#[cfg(not(unix))]
fn lock(file: File) -> Result<Locked, StoreError> {
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::InUse),
        Err(std::fs::TryLockError::Error(error)) => Err(trouble(&error)),
    }
}

/// A folder that only its owner sees, in its parent for good.
pub(super) fn make_folder(path: &Path) -> Result<(), StoreError> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| trouble(&error))?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Makes what was created, renamed or removed in a folder durable.
pub(super) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    File::open(path).and_then(|folder| folder.sync_all()).map_err(|error| trouble(&error))
}

/// An empty file that only its owner reads, unless it is there; gives whether it was made.
pub(super) fn make_file(path: &Path) -> Result<bool, StoreError> {
    match private().create_new(true).write(true).open(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(trouble(&error)),
    }
}

/// A file with these bytes, durable when this returns, and never seen half written.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let draft = path.with_extension("draft");
    let write = || {
        let mut file = private().create(true).truncate(true).write(true).open(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&draft, path)
    };
    write().map_err(|error| trouble(&error))?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Removes a file; one that is not there is removed.
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(trouble(&error)),
        _ => Ok(()),
    }
}

/// The bytes of a small file; `None` when it is not there.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(trouble(&error)),
    }
}

/// For files that only their owner reads.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

pub(super) fn trouble(error: &std::io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::DiskFull,
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => StoreError::ReadOnly,
        _ => StoreError::Io("input or output failed"),
    }
}
