//! A wallet that remembers: what it finds when it is opened.

use super::ledger_desk::{LedgerDesk, Opened, Opening};
use super::promise::Promised;
use super::recorder::Recorder;
use super::state::{TapEnd, WalletState};
use super::{Platform, Wallet, WalletConfig};
use crate::card::{Card, CardProfile, ProfileSource, TapOutcome};
use crate::error::{ErrorCode, WalletError};
use crate::instrument::{InstrumentStatus, Instruments, PaymentInstrument, ReplenishReason};
use crate::storage::{Face, LockedStore, Recollection, StoreLocation, StoreParts, StoredInstrument};
use std::sync::{Arc, PoisonError};

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
        let wallet = Self::open_in_background(config, platform, location, parts)?;
        wallet.ensure_usable()?;
        Ok(wallet)
    }

    /// Like [`Wallet::open`], for a process that a tap may have started: it returns before the vault has been asked. Meanwhile
    /// a terminal is answered up to READ RECORD as the card that pays answers, and GENERATE AC waits, for 300 ms at most.
    /// Every other call waits until the store is open; [`Wallet::ensure_usable`] tells whether it could be opened.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidConfig`], [`ErrorCode::StorageInUse`], [`ErrorCode::SdkUpdateRequired`],
    /// [`ErrorCode::StorageCorrupted`] and what a device can fail with; the others of [`Wallet::open`] come later.
    pub fn open_in_background(
        config: WalletConfig,
        platform: Platform,
        location: &StoreLocation,
        parts: StoreParts,
    ) -> Result<Self, WalletError> {
        config.check()?;
        let mut locked = LockedStore::take(location)?;
        let face = locked.take_face();
        let (ledger, awaited) = LedgerDesk::opening(move || {
            let (store, recollection) = locked.open(parts)?;
            Ok((Box::new(store), recollection))
        });
        let wallet = Self::on_ledger(config, platform, ledger);
        wallet.shared.state.lock().unwrap_or_else(PoisonError::into_inner).show(face, awaited);
        Ok(wallet)
    }
}

impl WalletState {
    /// Shows a card to readers until the store is open.
    fn show(&mut self, face: Option<Face>, awaited: Promised<Result<Opened, WalletError>>) {
        let mut shown = None;
        if let Some(Face { instrument, profile, digest }) = face
            && let Ok(card) = CardProfile::parse_face(&profile)
            && let Ok(card) = self.issue(card)
        {
            let (id, status) = (instrument, InstrumentStatus::Active);
            self.instruments.restore(PaymentInstrument { id: id.clone(), status, card });
            self.instruments.restore_choice(Some(id), None);
            shown = Some(digest);
        }
        self.opening = Some(Opening { awaited, shown });
    }

    /// Takes over what the store remembers, once it is open.
    pub(super) fn look_for_store(&mut self) {
        let Some(opening) = self.opening.take_if(|opening| !opening.awaited.is_waiting()) else { return };
        self.instruments = Instruments::default();
        match opening.awaited.take() {
            Some(Ok(Opened { recollection, accounts })) => {
                let is_genuine = opening.shown == recollection.face;
                self.ledger.take_over(accounts);
                self.restore(recollection);
                self.complete_shown_card(is_genuine);
            }
            Some(Err(error)) => {
                self.latch = Some(error);
                self.complete_shown_card(false);
            }
            None => {
                self.latch = Some(WalletError::new(ErrorCode::Internal, "the store could not be opened"));
                self.complete_shown_card(false);
            }
        }
    }

    /// A tap that began with the face of a card goes on with the card itself; with another one it ends.
    fn complete_shown_card(&mut self, is_genuine: bool) {
        let Some(mut tap) = self.tap.take() else { return };
        let card = self.instruments.get(&tap.story.instrument).filter(|_| is_genuine).map(|found| found.card.clone());
        match card {
            Some(card) => tap.application.complete(card),
            None if !tap.is_over() => {
                tap.application.end();
                self.finish(&mut tap, TapOutcome::Error, TapEnd::default());
            }
            None => {}
        }
        self.tap = Some(tap);
    }

    fn restore(&mut self, recollection: Recollection) {
        let Recollection { instruments, default, selected, taps, damaged, frozen, .. } = recollection;
        self.taps_before = taps;
        if frozen {
            self.latch = Some(Self::security_event());
            return;
        }
        if !(instruments.is_empty() && damaged.is_empty()) {
            // What is recorded from now on does not begin with an empty wallet.
            self.recorder.iter_mut().for_each(Recorder::lose_track);
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
        // A refill that was under way has gone with its process.
        let active = self.instruments.iter().filter(|card| card.status == InstrumentStatus::Active);
        let active: Vec<_> = active.map(|card| card.id.clone()).collect();
        for id in active {
            self.replenish(&id, ReplenishReason::Automatic);
        }
    }

    fn issue_stored(&self, source: &ProfileSource) -> Result<Arc<Card>, WalletError> {
        let mut profile = CardProfile::parse(source.json(), source.keys())?;
        profile.take_source();
        self.issue(profile)
    }
}
