use std::path::{Path, PathBuf};

/// The folder that a wallet's memory lives in. It must not be backed up: a copy is worth nothing, by design.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoreLocation {
    folder: PathBuf,
}

impl StoreLocation {
    /// This folder; it is made when the store is first opened.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn lock(&self) -> PathBuf {
        self.folder.join("lock")
    }

    pub(super) fn database(&self) -> PathBuf {
        self.folder.join("store.db")
    }

    pub(super) fn erasure_mark(&self) -> PathBuf {
        self.folder.join("erase.mark")
    }

    pub(super) fn frozen_mark(&self) -> PathBuf {
        self.folder.join("frozen.mark")
    }

    pub(super) fn outbox(&self) -> PathBuf {
        self.folder.join("reports")
    }
}
