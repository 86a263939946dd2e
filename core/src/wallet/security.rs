//! What ends a wallet's life: a security event, and leaving.

use super::Wallet;
use super::history::History;
use super::host::{StatusCause, WalletEvent};
use super::recorder::Recorder;
use super::state::WalletState;
use super::sync::MutexGuard;
use crate::card::TapOutcome;
use crate::error::{ErrorCode, WalletError};
use crate::instrument::{InstrumentStatus, Instruments};
use crate::storage::SecurityReport;

impl Wallet {
    /// Something has happened after which this device is not to be trusted with a card: `kind` is the app's word for it
    /// (1 to 64 ASCII letters, digits, blanks or `_-.:`). From the first moment on nothing is answered; all that is stored
    /// is destroyed, or, where the configuration says so, frozen; a report that holds no secret stays for the backend
    /// ([`crate::storage::reports`]); the app is told once.
    ///
    /// Every later call answers [`ErrorCode::SecurityEventOccurred`] until the process starts anew.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidConfig`] for such a word; [`ErrorCode::SecurityEventOccurred`] after another event;
    /// [`ErrorCode::StorageFailed`] when not everything could be destroyed yet: it is before the store is next opened.
    pub fn report_security_event(&self, kind: &str) -> Result<(), WalletError> {
        let mut state = self.usable()?;
        let Some(report) = SecurityReport::new(kind, state.clock.now().unix_ms) else {
            let detail = "the kind of a security event: wants 1 to 64 ASCII letters, digits, blanks or _-.:";
            return Err(WalletError::new(ErrorCode::InvalidConfig, detail));
        };
        state.raise_security_issue(report)
    }

    /// Forgets everything, here and on disk, so that nothing can bring it back: for leaving, and for another user. The
    /// wallet goes on without a card.
    ///
    /// # Errors
    /// [`ErrorCode::SecurityEventOccurred`]; [`ErrorCode::StorageFailed`] when not everything could be destroyed yet: it is
    /// before the store is next opened, and this wallet answers nothing any more.
    pub fn wipe(&self) -> Result<(), WalletError> {
        self.usable()?.wipe()
    }

    /// Whether the wallet can be used.
    ///
    /// # Errors
    /// [`ErrorCode::SecurityEventOccurred`], or what else has ended its life.
    pub fn ensure_usable(&self) -> Result<(), WalletError> {
        self.usable().map(drop)
    }

    /// What lies behind the lock, unless the wallet's life is over.
    pub(super) fn usable(&self) -> Result<MutexGuard<'_, WalletState>, WalletError> {
        let state = self.opened();
        match &state.latch {
            None => Ok(state),
            Some(error) => Err(error.clone()),
        }
    }
}

impl WalletState {
    fn raise_security_issue(&mut self, report: SecurityReport) -> Result<(), WalletError> {
        self.latch = Some(Self::security_event());
        self.forget_everything();
        let kind = report.kind.clone();
        let done = if self.config.freeze_on_security_event {
            self.ledger.freeze(report)
        } else {
            self.ledger.wipe(Some(report))
        };
        self.tell(WalletEvent::SecurityIssue { kind });
        Ok(done?)
    }

    /// What everything answers from then on.
    pub(super) fn security_event() -> WalletError {
        let detail = "a security event has happened; nothing is answered before the process starts anew";
        WalletError::new(ErrorCode::SecurityEventOccurred, detail)
    }

    fn wipe(&mut self) -> Result<(), WalletError> {
        let cards: Vec<_> = self.instruments.iter().map(|card| (card.id.clone(), card.status)).collect();
        self.forget_everything();
        if let Err(error) = self.ledger.wipe(None) {
            let error = WalletError::from(error);
            self.latch = Some(error.clone());
            return Err(error);
        }
        for (instrument, old) in cards {
            let (new, cause) = (InstrumentStatus::Deleted, StatusCause::Wiped);
            self.tell(WalletEvent::PaymentInstrumentStatusChanged { instrument, old, new, cause });
        }
        Ok(())
    }

    /// Ends what goes on, and keeps nothing of it in memory.
    fn forget_everything(&mut self) {
        if let Some(torn) = self.torn.take() {
            self.give_up(torn);
        }
        if let Some(mut tap) = self.tap.take()
            && !tap.is_over()
        {
            tap.application.end();
            self.finish(&mut tap, TapOutcome::Error, super::state::TapEnd::default());
            self.abandoned = Some(TapOutcome::Error);
        }
        self.instruments = Instruments::default();
        self.faulty.clear();
        self.replenishments.clear();
        self.authentication = None;
        self.first_tap = None;
        self.history = History::default();
        self.recorder = Recorder::new(self.config.recorded_steps, self.rng.seed());
    }
}
