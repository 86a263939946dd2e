//! The ledger's own thread: it alone has the ledger, and does one thing after the other, in the order they came.
//!
//! A reservation that comes back is kept for the next tap, and written back when it has been quiet for a while; so is all
//! that can wait until no terminal does. What could not be entered is tried again before anything is reserved.

use super::promise::Answerer;
use super::sync::{Condvar, Mutex, MutexGuard, thread};
use crate::cdcvm::Charge;
use crate::instrument::InstrumentId;
use crate::storage::{Change, Ledger, LedgerError, Reservation};
use core::time::Duration;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};

/// Something that is done with the ledger.
type Call = Box<dyn FnOnce(&mut dyn Ledger) + Send>;

/// What the bookkeeper is to do.
pub(super) enum Job {
    /// Anything that somebody waits for; what has been put aside is written back first.
    Call(Call),
    Close(Answerer<()>),
    /// What could not be written yet is not to be written any more.
    Discard,
    Keep(Vec<Change>),
    Release(Reservation),
    Reserve {
        instrument: InstrumentId,
        provisional: Charge,
        answer: Answerer<Result<Reservation, LedgerError>>,
    },
}

/// Where the wallet leaves what is to be done.
pub(super) struct Inbox {
    jobs: Mutex<VecDeque<Job>>,
    changed: Condvar,
}

struct Bookkeeper {
    ledger: Box<dyn Ledger>,
    inbox: Arc<Inbox>,
    /// Reservations that have come back, each with its provisional charge.
    aside: Vec<(Reservation, Charge)>,
    /// The charges of those that are out.
    out: Vec<(InstrumentId, Charge)>,
    /// What could not be kept yet.
    unkept: VecDeque<Vec<Change>>,
    /// Some of it has just come, and its answer may still be on its way out.
    is_fresh: bool,
    /// Something has been spent since it was last tidy.
    untidy: bool,
}

impl Inbox {
    /// Starts the thread, which opens the ledger first; without one, nobody who waits gets an answer.
    pub(super) fn open(open: impl FnOnce() -> Option<Box<dyn Ledger>> + Send + 'static) -> Arc<Self> {
        let inbox = Arc::new(Self { jobs: Mutex::new(VecDeque::new()), changed: Condvar::new() });
        let own = inbox.clone();
        thread::spawn(move || match open() {
            Some(ledger) => Bookkeeper::new(ledger, own).work(),
            None => while !matches!(own.next(None), Some(Job::Close(_))) {},
        });
        inbox
    }

    pub(super) fn post(&self, job: Job) {
        self.lock().push_back(job);
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Job>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job; `None` when it has been quiet for so long.
    fn next(&self, quiet: Option<Duration>) -> Option<Job> {
        let mut jobs = self.lock();
        if let Some(limit) = quiet {
            let waited = self.changed.wait_timeout_while(jobs, limit, |jobs| jobs.is_empty());
            jobs = waited.unwrap_or_else(PoisonError::into_inner).0;
            return jobs.pop_front();
        }
        loop {
            if let Some(job) = jobs.pop_front() {
                return Some(job);
            }
            jobs = self.changed.wait(jobs).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Bookkeeper {
    fn new(ledger: Box<dyn Ledger>, inbox: Arc<Inbox>) -> Self {
        Self {
            ledger,
            inbox,
            aside: Vec::new(),
            out: Vec::new(),
            unkept: VecDeque::new(),
            is_fresh: false,
            untidy: true,
        }
    }

    fn work(mut self) {
        loop {
            let job = self.inbox.next(self.patience());
            // A job that panics has lost its ledger's trust, not the wallet: whoever waits for it is told.
            let last = catch_unwind(AssertUnwindSafe(|| self.carry_out(job)));
            if let Ok(Some(closed)) = last {
                // Whoever waits may open the ledger again.
                drop(self);
                drop(closed);
                return;
            }
        }
    }

    /// How long to wait for a job before doing something else.
    fn patience(&self) -> Option<Duration> {
        if self.is_fresh {
            return Some(ON_ITS_WAY);
        }
        let waits = self.untidy || !self.aside.is_empty() || !self.unkept.is_empty();
        waits.then_some(QUIET)
    }

    /// Gives who waits for the end, after the last job.
    fn carry_out(&mut self, job: Option<Job>) -> Option<Answerer<()>> {
        match job {
            None if self.is_fresh => {
                let _ = self.keep_unkept();
            }
            None => self.use_quiet_time(),
            Some(Job::Call(call)) => {
                self.write_back();
                let _ = self.keep_unkept();
                call(&mut *self.ledger);
                self.untidy = true;
            }
            Some(Job::Close(answer)) => {
                self.write_back();
                let _ = self.keep_unkept();
                // What could not be closed is made up for when it is opened.
                let _ = self.ledger.close();
                return Some(answer);
            }
            Some(Job::Discard) => {
                self.aside.clear();
                self.out.clear();
                self.unkept.clear();
                self.is_fresh = false;
            }
            Some(Job::Keep(changes)) => {
                self.note_settled(&changes);
                self.unkept.push_back(changes);
                self.is_fresh = true;
            }
            Some(Job::Release(reservation)) => self.put_aside(reservation),
            Some(Job::Reserve { instrument, provisional, answer }) => {
                let result = self.reserve(&instrument, provisional);
                if result.is_ok() {
                    self.out.push((instrument, provisional));
                }
                // The tap may have ended meanwhile.
                if let Some(Ok(unwanted)) = answer.answer(result) {
                    self.put_aside(unwanted);
                }
            }
        }
        None
    }

    fn reserve(&mut self, instrument: &InstrumentId, provisional: Charge) -> Result<Reservation, LedgerError> {
        self.keep_unkept()?;
        self.ledger.anchor()?;
        let place = self.aside.iter().position(|(kept, _)| kept.instrument() == instrument);
        if let Some((kept, charge)) = place.map(|place| self.aside.swap_remove(place)) {
            if charge == provisional {
                return Ok(kept);
            }
            self.ledger.release(kept)?;
        }
        self.ledger.reserve(instrument, provisional)
    }

    fn put_aside(&mut self, reservation: Reservation) {
        let place = self.out.iter().position(|(instrument, _)| instrument == reservation.instrument());
        let charge = place.map_or(Charge::None, |place| self.out.swap_remove(place).1);
        self.aside.push((reservation, charge));
    }

    fn note_settled(&mut self, changes: &[Change]) {
        for change in changes {
            if let Change::Settled { spent, .. } = change {
                self.out.retain(|(instrument, _)| *instrument != spent.instrument);
                self.untidy = true;
            }
        }
    }

    fn use_quiet_time(&mut self) {
        self.write_back();
        if self.keep_unkept().is_ok() && self.untidy {
            // What fails now is tried again before the next reservation.
            self.untidy = self.ledger.tidy().is_err();
        }
    }

    fn write_back(&mut self) {
        for (reservation, _) in self.aside.drain(..) {
            // One that cannot be written back stays reserved, and is burnt when the store is next opened.
            let _ = self.ledger.release(reservation);
            self.untidy = true;
        }
    }

    /// Enters what could not be entered; in order, and nothing twice.
    fn keep_unkept(&mut self) -> Result<(), LedgerError> {
        self.is_fresh = false;
        while let Some(changes) = self.unkept.pop_front() {
            match self.ledger.keep(&changes) {
                Err(error @ (LedgerError::DiskFull | LedgerError::Unavailable)) => {
                    self.unkept.push_front(changes);
                    return Err(error);
                }
                // Whatever else is refused will always be: the rest is entered without it, each by itself.
                Err(_) if changes.len() > 1 => {
                    changes.into_iter().rev().for_each(|change| self.unkept.push_front(vec![change]));
                }
                Err(_) => {}
                Ok(()) => {}
            }
        }
        Ok(())
    }
}

/// An answer that has been made has also been sent by then; nothing of ours runs beside that.
const ON_ITS_WAY: Duration = Duration::from_millis(5);
/// No tap is going on.
const QUIET: Duration = Duration::from_millis(500);
