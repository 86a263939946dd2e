//! Destroying everything, so that a process which dies in the middle of it cannot leave a half.
//!
//! First a mark is made durable, with the report in it; then the vault destroys the key, which is the end of all that was
//! sealed; then the files go; then the mark becomes the report. Whoever finds a mark goes on from the vault.

use super::SqliteStore;
use super::files::{self, Lock};
use super::location::StoreLocation;
use super::open::{self, Opened};
use super::seal::StoreId;
use crate::crypto::Secret;
use crate::platform::KeyVault;
use crate::storage::{SecurityReport, StoreError};

impl StoreLocation {
    /// Destroys the store that is here and the key in the vault: the one call that recovers from a store that can never be
    /// opened again, whatever became of it. The next opening finds an empty store.
    ///
    /// # Errors
    /// [`StoreError::InUse`]; [`StoreError::Vault`], [`StoreError::Io`] and their like when it could not be finished: the
    /// next opening does so first.
    pub fn erase(&self, vault: &mut dyn KeyVault, report: Option<&SecurityReport>) -> Result<(), StoreError> {
        files::make_folder(self.folder())?;
        let _lock = Lock::acquire(&self.lock())?;
        if let Err(error) = self.mark_for_erasure(report) {
            // Where not even a mark can be written, the end of the key is the end of everything.
            vault.destroy()?;
            return Err(error);
        }
        self.finish_erasure(vault)
    }

    /// From here on, whatever happens, the store will be erased.
    pub(super) fn mark_for_erasure(&self, report: Option<&SecurityReport>) -> Result<(), StoreError> {
        // An erasure that has not been finished has a report of its own.
        if let Some(earlier) = files::read(&self.erasure_mark())?.filter(|earlier| !earlier.is_empty()) {
            self.put_into_outbox(&earlier)?;
        }
        files::write_whole(&self.erasure_mark(), &report.map(encoded).unwrap_or_default())
    }

    pub(super) fn is_marked_for_erasure(&self) -> Result<bool, StoreError> {
        Ok(files::read(&self.erasure_mark())?.is_some())
    }

    /// Erases what is marked.
    pub(super) fn finish_erasure(&self, vault: &mut dyn KeyVault) -> Result<(), StoreError> {
        let Some(report) = files::read(&self.erasure_mark())? else { return Ok(()) };
        vault.destroy()?;
        for name in ["store.db", "store.db-wal", "store.db-shm", "store.db-journal", "frozen.mark"] {
            files::remove(&self.folder().join(name))?;
        }
        files::sync_folder(self.folder())?;
        if !report.is_empty() {
            self.put_into_outbox(&report)?;
        }
        files::remove(&self.erasure_mark())?;
        files::sync_folder(self.folder())
    }

    /// Keeps everything, durably out of use until [`StoreLocation::thaw`].
    ///
    /// # Errors
    /// [`StoreError::Io`] and its like.
    pub fn freeze(&self, report: &SecurityReport) -> Result<(), StoreError> {
        files::write_whole(&self.frozen_mark(), &encoded(report))?;
        self.finish_freezing()
    }

    /// Puts the report out; the mark is empty once it is there.
    pub(super) fn finish_freezing(&self) -> Result<(), StoreError> {
        let Some(report) = files::read(&self.frozen_mark())?.filter(|report| !report.is_empty()) else { return Ok(()) };
        self.put_into_outbox(&report)?;
        files::write_whole(&self.frozen_mark(), &[])
    }

    /// Whether the store is frozen.
    ///
    /// # Errors
    /// [`StoreError::Io`] and its like.
    pub fn is_frozen(&self) -> Result<bool, StoreError> {
        Ok(files::read(&self.frozen_mark())?.is_some())
    }

    /// Puts a frozen store back into use.
    ///
    /// # Errors
    /// [`StoreError::Io`] and its like.
    pub fn thaw(&self) -> Result<(), StoreError> {
        files::remove(&self.frozen_mark())?;
        files::sync_folder(self.folder())
    }

    fn put_into_outbox(&self, report: &[u8]) -> Result<(), StoreError> {
        let outbox = self.outbox();
        files::make_folder(&outbox)?;
        // The same report has the same name: one that is put in twice is there once.
        let digest = ring::digest::digest(&ring::digest::SHA256, report);
        let name: String = digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        files::write_whole(&outbox.join(name).with_extension("json"), report)
    }
}

/// Reports that no backend has been told yet, oldest first, each with the name that [`crate::storage::StoreLocation::acknowledge`]
/// takes.
///
/// # Errors
/// [`StoreError::Io`] and its like.
pub fn reports(location: &StoreLocation) -> Result<Vec<(String, SecurityReport)>, StoreError> {
    location.finish_freezing()?;
    let entries = match std::fs::read_dir(location.outbox()) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(files::trouble(&error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| files::trouble(&error))?.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let report = files::read(&path)?.and_then(|bytes| serde_json::from_slice::<SecurityReport>(&bytes).ok());
        let name = path.file_stem().and_then(|name| name.to_str());
        if let (Some(report), Some(name)) = (report, name) {
            found.push((name.to_owned(), report));
        }
    }
    found.sort_by(|(a, first), (b, second)| (first.unix_ms, a).cmp(&(second.unix_ms, b)));
    Ok(found)
}

impl StoreLocation {
    /// Takes a report out of the outbox: its backend has been told.
    ///
    /// # Errors
    /// [`StoreError::Io`] and its like.
    pub fn acknowledge(&self, report: &str) -> Result<(), StoreError> {
        let plain = report.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if plain {
            files::remove(&self.outbox().join(report).with_extension("json"))?;
        }
        Ok(())
    }
}

impl SqliteStore {
    /// Wipes the open store, and begins an empty one.
    pub(super) fn wipe_and_begin_anew(&mut self, report: Option<SecurityReport>) -> Result<(), StoreError> {
        if let Err(error) = self.location.mark_for_erasure(report.as_ref()) {
            // Where not even a mark can be written, the end of the key is the end of everything.
            self.vault.destroy()?;
            return Err(error);
        }
        // Nothing may go on writing into files that are removed.
        self.connection = rusqlite::Connection::open_in_memory().map_err(super::trouble)?;
        self.accounts.clear();
        self.root = super::root::Root::default();
        self.sealer.rekey(Secret::new(|_| {}), StoreId::default())?;
        self.location.finish_erasure(&mut *self.vault)?;
        let connection = open::connect(&self.location)?;
        let opened = open::create(connection, &mut *self.vault, self.sealer.rng())?;
        let Opened { connection, store_key, store_id } = opened;
        self.connection = connection;
        self.restart(store_key, store_id)
    }
}

fn encoded(report: &SecurityReport) -> Vec<u8> {
    serde_json::to_vec(report).unwrap_or_default()
}
