//! Harm that is done to the files of a closed store, and what came of it.

use crate::desk::{Desk, batch, id, lvt, pay, profile, tap};
use crate::meaning::{Meaning, Verdict, judge};
use bezant::instrument::InstrumentStatus;
use bezant::storage::{Change, Ledger, LedgerError, SqliteStore, StoreError};
use core::fmt::Display;
use rusqlite::Connection;
use std::time::{Duration, Instant};

/// A store of two cards that has been closed, an older copy of it, and what it means.
pub struct Sample {
    pub desk: Desk,
    pub older: Desk,
    pub truth: Meaning,
}

pub const NAMES: [&str; 2] = ["alpha", "beta"];

impl Sample {
    /// Alpha has spent 1 and 2 and has 3 to 5; beta has spent 7 and has 8 and 9. The older copy has what they spent last.
    pub fn new() -> Self {
        Self::on(Desk::new())
    }

    /// The same, on this desk.
    pub fn on(desk: Desk) -> Self {
        let mut store = desk.store();
        furnish(&mut store);
        store.close().unwrap();
        let older = desk.as_it_stands();
        let alpha = id("alpha");
        pay(&mut store, &alpha, lvt(700)).unwrap();
        pay(&mut store, &id("beta"), lvt(50)).unwrap();
        let suspended = Change::Status { instrument: id("beta"), status: InstrumentStatus::Suspended };
        store.keep(&[suspended, tap(3, b"third", 3)]).unwrap();
        store.close().unwrap();
        drop(store);
        let truth = truth_of(&desk.as_it_stands(), "monday");
        Self { desk, older, truth }
    }

    /// A copy that comes to harm.
    pub fn harmed(&self, harm: impl FnOnce(&Desk)) -> Desk {
        let copy = self.desk.as_it_stands();
        harm(&copy);
        copy
    }

    /// Harms a copy, opens it, and judges.
    pub fn judge(&self, harmed: Option<&[&str]>, harm: impl FnOnce(&Desk)) -> Verdict {
        judge(&self.truth, self.harmed(harm).open(), harmed)
    }

    /// Harms a copy with a statement.
    pub fn judge_sql(&self, harmed: Option<&[&str]>, sql: &str) -> Verdict {
        self.judge(harmed, |desk| raw(desk).execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}")))
    }
}

/// What an honest copy means; opening it consumes it.
pub fn truth_of(desk: &Desk, boot: &str) -> Meaning {
    let (mut store, remembered) = desk.open_in(boot).unwrap();
    let truth = Meaning::of(&mut store, &remembered, &NAMES);
    assert!(truth.accounts.values().all(|account| account.end == LedgerError::NoneLeft && account.goes_on));
    truth
}

fn furnish(store: &mut SqliteStore) {
    let (alpha, beta) = (id("alpha"), id("beta"));
    let active = |card: &bezant::instrument::InstrumentId| Change::Status {
        instrument: card.clone(),
        status: InstrumentStatus::Active,
    };
    store.keep(&[Change::Installed { instrument: alpha.clone(), profile: profile(0) }, active(&alpha)]).unwrap();
    store.keep(&[Change::Installed { instrument: beta.clone(), profile: profile(1) }, active(&beta)]).unwrap();
    store.keep(&[Change::Choice { default: Some(alpha.clone()), selected: Some(beta.clone()) }]).unwrap();
    store.load(&alpha, batch(1..=5, 1), 100).unwrap();
    store.load(&beta, batch(7..=9, 2), 100).unwrap();
    pay(store, &alpha, lvt(300)).unwrap();
    for (number, entry) in [(1, &b"first"[..]), (2, b"second")] {
        store.keep(&[tap(number, entry, 3)]).unwrap();
    }
}

/// The file, opened past the store.
pub fn raw(desk: &Desk) -> Connection {
    let connection = Connection::open(desk.file("store.db")).unwrap();
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 0;").unwrap();
    connection
}

/// Every sealed value: table, row, length, and whose it is (none: the whole store's, or the history's).
pub fn sealed(desk: &Desk) -> Vec<(&'static str, i64, usize, Option<&'static str>)> {
    let connection = raw(desk);
    let mut found = Vec::new();
    for (table, owner) in
        [("root", "0"), ("account", "id"), ("profile", "account"), ("credential", "account"), ("tap", "0")]
    {
        let sql = format!("SELECT rowid, length(sealed), {owner} FROM {table} ORDER BY rowid");
        let mut statement = connection.prepare(&sql).unwrap();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            // Accounts are numbered in the order they came.
            let owner = usize::try_from(row.get::<_, i64>(2).unwrap()).unwrap().checked_sub(1).map(|at| NAMES[at]);
            let length = usize::try_from(row.get::<_, i64>(1).unwrap()).unwrap();
            found.push((table, row.get(0).unwrap(), length, owner));
        }
    }
    found
}

/// All numbers below `end`, far apart from one to the next.
pub fn spread(end: usize) -> impl Iterator<Item = usize> {
    let step = (end * 618 / 1000 + 1..).find(|step| gcd(*step, end) == 1).unwrap_or(1);
    (0..end).map(move |at| at.wrapping_mul(step) % end)
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// How often what came of harm.
pub struct Count {
    pub tried: u32,
    pub refused: u32,
    pub quarantined: u32,
    pub harmless: u32,
    pub forgetful: u32,
    wrong: Vec<String>,
    errors: Vec<StoreError>,
    begun: Instant,
}

impl Count {
    pub fn new() -> Self {
        let (wrong, errors) = (Vec::new(), Vec::new());
        Self { tried: 0, refused: 0, quarantined: 0, harmless: 0, forgetful: 0, wrong, errors, begun: Instant::now() }
    }

    pub fn take(&mut self, what: impl Display, verdict: Verdict) {
        self.tried += 1;
        match verdict {
            Verdict::Refused(error) => {
                self.refused += 1;
                if !self.errors.contains(&error) {
                    self.errors.push(error);
                }
            }
            Verdict::Quarantined => self.quarantined += 1,
            Verdict::Harmless => self.harmless += 1,
            Verdict::Forgetful => self.forgetful += 1,
            Verdict::Wrong(text) => self.wrong.push(format!("{what}: {text}")),
        }
    }

    /// Whether there is time for more: 12 seconds, or as many as `BEZANT_LONG` says. What is tried is spread, so that any
    /// part of it is a fair sample.
    pub fn has_time(&self) -> bool {
        let seconds = std::env::var("BEZANT_LONG").ok().and_then(|seconds| seconds.parse().ok());
        self.begun.elapsed() < Duration::from_secs(seconds.unwrap_or(12))
    }

    /// Prints the figures; nothing may have been wrong.
    pub fn done(self, title: &str) {
        let Self { tried, refused, quarantined, harmless, forgetful, wrong, errors, begun } = self;
        let seconds = begun.elapsed().as_secs_f32();
        println!(
            "{title}: {tried} tried, {refused} refused, {quarantined} quarantined, {harmless} harmless, \
             {forgetful} taps forgotten, {} WRONG; {seconds:.1} s; {errors:?}",
            wrong.len()
        );
        assert!(wrong.is_empty(), "{title}: {} wrong:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
        assert!(tried > 0);
    }
}
