//! A wallet that remembers: what it finds when it is opened.

use super::state::WalletState;
use super::{Platform, Wallet, WalletConfig, ledger_desk::LedgerDesk};
use crate::card::{Card, CardProfile, ProfileSource};
use crate::error::{ErrorCode, WalletError};
use crate::instrument::PaymentInstrument;
use crate::storage::{Recollection, StoredInstrument};
use crate::storage::{SqliteStore, StoreLocation, StoreParts};
use std::sync::Arc;

impl Wallet {
    /// The wallet that is stored here, or a new one; everything it knows is on disk before a call that changes it returns,
    /// and before an answer under a credential's keys leaves.
    ///
    /// ```
    /// use bezant::storage::{FileVault, StoreLocation, StoreParts};
    /// use bezant::wallet::Platform;
    /// use bezant::{Wallet, WalletConfig};
    /// # let folder = std::env::temp_dir().join(format!("bezant-wallet-{}", std::process::id()));
    /// let location = StoreLocation::new(folder.join("state"));
    /// // On a phone this is the Android Keystore.
    /// let vault = Box::new(FileVault::new(folder.join("vault")));
    /// let parts = StoreParts::new(vault);
    /// let wallet = Wallet::open(WalletConfig::default(), Platform::system(), &location, parts)?;
    /// assert!(wallet.instruments().is_empty());
    /// # drop(wallet);
    /// # std::fs::remove_dir_all(folder).ok();
    /// # Ok::<(), bezant::WalletError>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::InvalidConfig`]. What may pass: [`ErrorCode::StorageLocked`], [`ErrorCode::KeystoreUnavailable`],
    /// [`ErrorCode::StorageInUse`], [`ErrorCode::StorageFailed`], [`ErrorCode::StorageFull`]. What does not:
    /// [`ErrorCode::SdkUpdateRequired`]; and where nothing but [`StoreLocation::erase`] helps,
    /// [`ErrorCode::KeystoreKeyInvalidated`], [`ErrorCode::StorageRolledBack`], [`ErrorCode::StorageCorrupted`].
    pub fn open(
        config: WalletConfig,
        platform: Platform,
        location: &StoreLocation,
        parts: StoreParts,
    ) -> Result<Self, WalletError> {
        config.check()?;
        let (store, recollection) = SqliteStore::open(location, parts)?;
        let stored = recollection.instruments.iter().map(|stored| &stored.id).chain(&recollection.damaged);
        let ids: Vec<_> = stored.cloned().collect();
        let wallet = Self::on_ledger(config, platform, LedgerDesk::on_thread(Box::new(store), &ids));
        wallet.lock().restore(recollection);
        Ok(wallet)
    }
}

impl WalletState {
    fn restore(&mut self, recollection: Recollection) {
        let Recollection { instruments, default, selected, taps, damaged, frozen } = recollection;
        self.taps_begun = taps;
        if frozen {
            self.latch = Some(ErrorCode::SecurityEventOccurred);
            return;
        }
        if !(instruments.is_empty() && damaged.is_empty()) {
            // What is recorded from now on does not begin with an empty wallet.
            self.recorder.iter_mut().for_each(super::recorder::Recorder::lose_track);
        }
        self.faulty.extend(damaged.into_iter().map(|id| (id, ErrorCode::InstrumentDamaged)));
        for StoredInstrument { id, status, profile } in instruments {
            match self.issue_stored(&profile) {
                Ok(card) => {
                    self.recorder.iter_mut().for_each(|recorder| recorder.hide(card.pan()));
                    self.instruments.restore(PaymentInstrument { id, status, card });
                }
                Err(error) => {
                    self.faulty.insert(id, error.code);
                }
            }
        }
        self.instruments.restore_choice(default, selected);
    }

    fn issue_stored(&self, source: &ProfileSource) -> Result<Arc<Card>, WalletError> {
        let mut profile = CardProfile::parse(source.json(), source.keys())?;
        profile.take_source();
        self.issue(profile)
    }
}
