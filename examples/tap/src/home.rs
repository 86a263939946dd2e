//! Where a phone keeps what it remembers: the wallet's store in a folder, the key vault in a file beside it.

use std::path::{Path, PathBuf};

use anyhow::Context;
use bezant::storage::{FileVault, StoreLocation, StoreParts};
use bezant::wallet::Platform;
use bezant::{Wallet, WalletConfig, WalletError};
use tempfile::TempDir;

/// A phone's place on disk.
pub(crate) struct Home {
    store: StoreLocation,
    vault: PathBuf,
    /// A folder that goes with the phone.
    _passing: Option<TempDir>,
}

impl Home {
    /// A place that is gone when the phone is.
    pub(crate) fn passing() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("tap-phone-").tempdir().context("a folder for the phone")?;
        let home = Self::lasting(folder.path());
        Ok(Self { _passing: Some(folder), ..home })
    }

    /// A place that outlives the program.
    pub(crate) fn lasting(folder: &Path) -> Self {
        Self { store: StoreLocation::new(folder.join(STORE)), vault: folder.join(VAULT), _passing: None }
    }

    /// The wallet that lives here, or a new one.
    pub(crate) fn open(&self, config: WalletConfig, platform: Platform) -> Result<Wallet, WalletError> {
        let vault = FileVault::new(&self.vault);
        Wallet::open(config, platform, &self.store, StoreParts::new(Box::new(vault)))
    }

    /// Destroys what lives here, whatever has become of it.
    pub(crate) fn clear(&self) -> Result<(), WalletError> {
        Ok(self.store.erase(&mut FileVault::new(&self.vault), None)?)
    }
}

const STORE: &str = "wallet";
const VAULT: &str = "vault";
