//! The ledger as the wallet works with it: whatever is asked in a tap is answered at once, from what is known here.

use super::bookkeeper::{Inbox, Job};
use super::promise::{Promised, promise};
use crate::cdcvm::{Charge, VelocityCounters};
use crate::emv::Atc;
#[cfg(feature = "store")]
use crate::error::WalletError;
use crate::instrument::{InstrumentId, TransactionCredential};
#[cfg(feature = "store")]
use crate::storage::Recollection;
use crate::storage::{Change, Ledger, LedgerError, Reservation, SecurityReport, Spent};
use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(super) struct LedgerDesk {
    line: Line,
    accounts: BTreeMap<InstrumentId, Account>,
}

enum Line {
    /// A ledger that waits for nothing.
    Here(Box<dyn Ledger>),
    /// A ledger with a thread of its own.
    Thread(Arc<Inbox>),
}

/// What was found when a ledger was opened.
#[cfg(feature = "store")]
pub(super) struct Opened {
    pub(super) recollection: Recollection,
    pub(super) accounts: BTreeMap<InstrumentId, Account>,
}

/// A store that is being opened.
#[cfg(feature = "store")]
pub(super) struct Opening {
    pub(super) awaited: Promised<Result<Opened, WalletError>>,
    /// The digest of the face that readers are shown meanwhile.
    pub(super) shown: Option<[u8; 32]>,
}

/// What is known of an account.
#[derive(Clone, Default)]
pub(super) struct Account {
    unspent: BTreeSet<Atc>,
    velocity: VelocityCounters,
}

/// A credential that a tap has, or will have.
pub(super) enum Hold {
    Coming(Promised<Result<Reservation, LedgerError>>),
    Nothing,
    Ready(Reservation),
}

impl LedgerDesk {
    /// A ledger that is asked on the caller's thread.
    pub(super) fn here(ledger: Box<dyn Ledger>) -> Self {
        Self { line: Line::Here(ledger), accounts: BTreeMap::new() }
    }

    /// A ledger that may have to wait for a disk.
    pub(super) fn on_thread(ledger: Box<dyn Ledger>) -> Self {
        Self { line: Line::Thread(Inbox::open(move || Some(ledger))), accounts: BTreeMap::new() }
    }

    /// A ledger that has to be opened first, which takes its time.
    #[cfg(feature = "store")]
    pub(super) fn opening(
        open: impl FnOnce() -> Result<(Box<dyn Ledger>, Recollection), WalletError> + Send + 'static,
    ) -> (Self, Promised<Result<Opened, WalletError>>) {
        let (promised, answer) = promise();
        let inbox = Inbox::open(move || match open() {
            Ok((ledger, recollection)) => {
                let stored = recollection.instruments.iter().map(|stored| &stored.id);
                let ids = stored.chain(&recollection.damaged);
                let accounts = ids.map(|id| (id.clone(), Account::of(&*ledger, id))).collect();
                answer.answer(Ok(Opened { recollection, accounts }));
                Some(ledger)
            }
            Err(error) => {
                answer.answer(Err(error));
                None
            }
        });
        (Self { line: Line::Thread(inbox), accounts: BTreeMap::new() }, promised)
    }

    /// What the ledger that was opened has.
    #[cfg(feature = "store")]
    pub(super) fn take_over(&mut self, accounts: BTreeMap<InstrumentId, Account>) {
        self.accounts = accounts;
    }

    pub(super) fn load(
        &mut self,
        id: &InstrumentId,
        credentials: Vec<TransactionCredential>,
        max: usize,
    ) -> Result<(), LedgerError> {
        let instrument = id.clone();
        self.change(id, move |ledger| ledger.load(&instrument, credentials, max))
    }

    pub(super) fn burn_reserved(&mut self, id: &InstrumentId) -> Result<(), LedgerError> {
        let instrument = id.clone();
        self.change(id, move |ledger| ledger.burn_reserved(&instrument))
    }

    /// Remembers, before this returns.
    pub(super) fn keep_now(&mut self, id: &InstrumentId, changes: Vec<Change>) -> Result<(), LedgerError> {
        self.change(id, move |ledger| ledger.keep(&changes))
    }

    /// Remembers, after this returns and before anything that follows.
    pub(super) fn keep(&mut self, changes: Vec<Change>) {
        match &mut self.line {
            // The keys are gone whatever the book says: where it cannot enter that, the reservation stands and blocks.
            Line::Here(ledger) => {
                let _ = ledger.keep(&changes);
            }
            Line::Thread(inbox) => inbox.post(Job::Keep(changes)),
        }
    }

    /// Counts a credential as spent that is about to be settled.
    pub(super) fn count(&mut self, spent: &Spent, charge: Charge) {
        let account = self.accounts.entry(spent.instrument.clone()).or_default();
        while account.unspent.first().is_some_and(|atc| *atc <= spent.atc) {
            account.unspent.pop_first();
        }
        account.velocity = account.velocity.charged(charge);
    }

    pub(super) fn reserve(&mut self, id: &InstrumentId, provisional: Charge) -> Hold {
        match &mut self.line {
            Line::Here(ledger) => ledger.reserve(id, provisional).map_or(Hold::Nothing, Hold::Ready),
            Line::Thread(inbox) => {
                let (promised, answer) = promise();
                inbox.post(Job::Reserve { instrument: id.clone(), provisional, answer });
                Hold::Coming(promised)
            }
        }
    }

    /// Reserves before this returns.
    pub(super) fn reserve_now(&mut self, id: &InstrumentId) -> Result<Reservation, LedgerError> {
        let instrument = id.clone();
        self.call(move |ledger| ledger.reserve(&instrument, Charge::None))
    }

    /// Puts an unspent credential back, also one that is still to come.
    pub(super) fn give_back(&mut self, hold: Hold) {
        let reservation = match hold {
            Hold::Coming(promised) => promised.give_up().and_then(Result::ok),
            Hold::Nothing => None,
            Hold::Ready(reservation) => Some(reservation),
        };
        let Some(reservation) = reservation else { return };
        match &mut self.line {
            // An instrument that was deleted meanwhile has no book to go back to.
            Line::Here(ledger) => {
                let _ = ledger.release(reservation);
            }
            Line::Thread(inbox) => inbox.post(Job::Release(reservation)),
        }
    }

    pub(super) fn credentials_left(&self, id: &InstrumentId) -> usize {
        self.accounts.get(id).map_or(0, |account| account.unspent.len())
    }

    pub(super) fn velocity(&self, id: &InstrumentId) -> VelocityCounters {
        self.accounts.get(id).map(|account| account.velocity).unwrap_or_default()
    }

    /// The taps that are remembered, newest first.
    pub(super) fn taps(&mut self) -> Result<Vec<Vec<u8>>, LedgerError> {
        self.call(|ledger| ledger.taps())
    }

    /// Destroys everything.
    pub(super) fn wipe(&mut self, report: Option<SecurityReport>) -> Result<(), LedgerError> {
        self.accounts.clear();
        if let Line::Thread(inbox) = &self.line {
            // Nothing of before may be entered into what begins afterwards.
            inbox.post(Job::Discard);
        }
        self.call(|ledger| ledger.wipe(report))
    }

    /// Puts everything out of use.
    pub(super) fn freeze(&mut self, report: SecurityReport) -> Result<(), LedgerError> {
        self.accounts.clear();
        self.call(|ledger| ledger.freeze(report))
    }

    /// Nothing follows. What stood open is entered, and the ledger is closed, when this returns.
    pub(super) fn close(&mut self) {
        match &mut self.line {
            Line::Here(ledger) => {
                let _ = ledger.close();
            }
            Line::Thread(inbox) => {
                let (closed, answer) = promise();
                inbox.post(Job::Close(answer));
                closed.wait();
            }
        }
    }

    fn change(
        &mut self,
        id: &InstrumentId,
        change: impl FnOnce(&mut dyn Ledger) -> Result<(), LedgerError> + Send + 'static,
    ) -> Result<(), LedgerError> {
        let instrument = id.clone();
        let (result, account) = self.call(move |ledger| {
            let result = change(ledger);
            Ok((result, Account::of(ledger, &instrument)))
        })?;
        self.accounts.insert(id.clone(), account);
        result
    }

    fn call<T: Send + 'static>(
        &mut self,
        call: impl FnOnce(&mut dyn Ledger) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        match &mut self.line {
            Line::Here(ledger) => call(&mut **ledger),
            Line::Thread(inbox) => {
                let (promised, answer) = promise();
                inbox.post(Job::Call(Box::new(move |ledger| drop(answer.answer(call(ledger))))));
                promised.wait().unwrap_or(Err(LedgerError::Unavailable))
            }
        }
    }
}

impl Hold {
    pub(super) const fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    pub(super) const fn is_ready(&self) -> bool {
        matches!(self, Self::Ready(_))
    }

    /// What has just come, if anything.
    pub(super) fn look(&mut self) -> Result<(), LedgerError> {
        let Self::Coming(promised) = self else { return Ok(()) };
        if promised.is_waiting() {
            return Ok(());
        }
        match promised.take().unwrap_or(Err(LedgerError::Unavailable)) {
            Ok(reservation) => *self = Self::Ready(reservation),
            Err(error) => {
                *self = Self::Nothing;
                return Err(error);
            }
        }
        Ok(())
    }

    /// To be waited for without the wallet's lock.
    pub(super) fn awaited(&self) -> Option<Promised<Result<Reservation, LedgerError>>> {
        match self {
            Self::Coming(promised) if promised.is_waiting() => Some(promised.clone()),
            _ => None,
        }
    }

    /// Takes what is there.
    pub(super) fn take(&mut self) -> Self {
        core::mem::replace(self, Self::Nothing)
    }

    /// Takes a credential that is there.
    pub(super) fn take_ready(&mut self) -> Option<Reservation> {
        match self.take() {
            Self::Ready(reservation) => Some(reservation),
            other => {
                *self = other;
                None
            }
        }
    }
}

impl Account {
    fn of(ledger: &dyn Ledger, id: &InstrumentId) -> Self {
        Self {
            unspent: ledger.unspent(id).unwrap_or_default().into_iter().collect(),
            velocity: ledger.velocity(id).unwrap_or_default(),
        }
    }
}

/// How long a terminal waits for a credential; then the payment is declined.
pub(super) const RESERVATION_BUDGET: Duration = Duration::from_millis(300);
