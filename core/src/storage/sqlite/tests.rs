use super::*;
use crate::platform::SystemRng;
use core::ops::{Deref, DerefMut};
use tempfile::TempDir;

/// A store in a folder that goes with it.
struct Scratch {
    store: SqliteStore,
    _folder: TempDir,
}

impl Deref for Scratch {
    type Target = SqliteStore;

    fn deref(&self) -> &SqliteStore {
        &self.store
    }
}

impl DerefMut for Scratch {
    fn deref_mut(&mut self) -> &mut SqliteStore {
        &mut self.store
    }
}

fn open(folder: &TempDir) -> Result<SqliteStore, StoreError> {
    let parts = StoreParts {
        vault: Box::new(FileVault::new(folder.path().join("vault"))),
        rng: Box::new(SystemRng::default()),
        boot: Some(BootId::new("today")),
        burn_after_reboot: 2,
    };
    SqliteStore::open(&StoreLocation::new(folder.path().join("state")), parts).map(|(store, _)| store)
}

fn scratch() -> Scratch {
    let folder = TempDir::new().unwrap();
    Scratch { store: open(&folder).unwrap(), _folder: folder }
}

crate::storage::contract::ledger_contract!(scratch);
