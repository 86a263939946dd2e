//! What a store means, read through its interface alone: two stores that mean the same pay the same.

use crate::desk::{Opened, batch, drain, fingerprint, id, pay};
use bezant::cdcvm::{Charge, VelocityCounters};
use bezant::emv::Atc;
use bezant::instrument::InstrumentStatus;
use bezant::storage::{Ledger, LedgerError, Recollection, SqliteStore, StoreError};
use std::collections::BTreeMap;

/// All of it.
pub struct Meaning {
    pub cards: Vec<(String, InstrumentStatus, String)>,
    pub damaged: Vec<String>,
    pub default: Option<String>,
    pub selected: Option<String>,
    pub taps: Result<Vec<Vec<u8>>, LedgerError>,
    pub accounts: BTreeMap<String, Account>,
}

/// What one instrument's account comes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    pub mark: Option<u16>,
    pub velocity: VelocityCounters,
    pub unspent: Vec<u16>,
    /// What its credentials are, found by spending them.
    pub answers: Vec<(u16, [u8; 32])>,
    pub end: LedgerError,
    /// Whether it takes in a new credential, and pays with it.
    pub goes_on: bool,
}

/// What became of harm.
#[derive(Debug)]
pub enum Verdict {
    /// The store would not open.
    Refused(StoreError),
    /// It opened, and some instruments said that they are damaged.
    Quarantined,
    /// It means what it meant.
    Harmless,
    /// It has forgotten a tap, and no more.
    Forgetful,
    /// It lied.
    Wrong(String),
}

impl Meaning {
    /// Reads it; every credential is spent by that.
    pub fn of(store: &mut SqliteStore, remembered: &Recollection, names: &[&str]) -> Self {
        let cards = remembered.instruments.iter();
        let cards = cards.map(|card| (card.id.to_string(), card.status, card.profile.json().to_owned())).collect();
        Self {
            cards,
            damaged: remembered.damaged.iter().map(ToString::to_string).collect(),
            default: remembered.default.as_ref().map(ToString::to_string),
            selected: remembered.selected.as_ref().map(ToString::to_string),
            taps: store.taps(),
            accounts: names.iter().map(|name| ((*name).to_owned(), Account::of(store, name))).collect(),
        }
    }
}

impl Account {
    fn of(store: &mut SqliteStore, name: &str) -> Self {
        let card = id(name);
        let mark = store.high_water_mark(&card).unwrap().map(Atc::value);
        let velocity = store.velocity(&card).unwrap();
        let unspent = store.unspent(&card).unwrap().into_iter().map(Atc::value).collect();
        let (answers, end) = drain(store, &card);
        let goes_on = store.load(&card, batch([NEXT], 9), 100).is_ok()
            && pay(store, &card, Charge::None) == Ok((NEXT, fingerprint(NEXT, 9)));
        Self { mark, velocity, unspent, answers, end, goes_on }
    }

    /// It has told the truth for as long as it told anything, and then that it cannot go on. `strictly`: in so many words,
    /// as harm to the rows of one instrument has to be told.
    fn is_quarantined(&self, truth: &Self, strictly: bool) -> bool {
        let dearer = self.velocity.consecutive_lvt >= truth.velocity.consecutive_lvt
            && self.velocity.cumulative_lvt >= truth.velocity.cumulative_lvt;
        let tells = match strictly {
            true => self.end == LedgerError::Damaged && !self.goes_on,
            false => self.end != LedgerError::NoneLeft || (!self.goes_on && self.answers == truth.answers),
        };
        tells && self.mark >= truth.mark && dearer && self.answers.iter().all(|answer| truth.answers.contains(answer))
    }
}

impl core::fmt::Display for Account {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { mark, velocity, unspent, answers, end, goes_on } = self;
        let answers: Vec<u16> = answers.iter().map(|(atc, _)| *atc).collect();
        let velocity = (velocity.consecutive_lvt, velocity.cumulative_lvt);
        write!(
            f,
            "mark {mark:?}, counters {velocity:?}, unspent {unspent:?}, answers {answers:?}, then {end:?}, goes on: {goes_on}"
        )
    }
}

/// Holds a store that came to harm against what it had been. Where only rows of `harmed` were touched, everything else
/// has to be as it was.
pub fn judge(truth: &Meaning, opened: Opened, harmed: Option<&[&str]>) -> Verdict {
    let names: Vec<&str> = truth.accounts.keys().map(String::as_str).collect();
    let (mut store, remembered) = match opened {
        Ok(opened) => opened,
        Err(error) if harmed.is_none() => return Verdict::Refused(error),
        Err(error) => return Verdict::Wrong(format!("rows of one instrument, and the store does not open: {error}")),
    };
    let found = Meaning::of(&mut store, &remembered, &names);
    let mut quarantined = false;
    for (name, account) in &truth.accounts {
        let now = &found.accounts[name];
        let may_be_harmed = harmed.is_none_or(|harmed| harmed.contains(&name.as_str()));
        if now == account && !found.damaged.contains(name) {
            continue;
        }
        if !may_be_harmed || !now.is_quarantined(account, harmed.is_some()) {
            return Verdict::Wrong(format!("{name}: {now} instead of {account}"));
        }
        quarantined = true;
    }
    let kept: Vec<_> = truth.cards.iter().filter(|(name, ..)| !found.damaged.contains(name)).cloned().collect();
    if found.cards != kept {
        let names = |cards: &[(String, InstrumentStatus, String)]| {
            cards.iter().map(|(name, status, _)| format!("{name} {status:?}")).collect::<Vec<_>>()
        };
        return Verdict::Wrong(format!("cards {:?} instead of {:?}", names(&found.cards), names(&truth.cards)));
    }
    if (&found.default, &found.selected) != (&truth.default, &truth.selected) {
        return Verdict::Wrong("another default".to_owned());
    }
    let forgetful = match (&found.taps, &truth.taps) {
        (found, truth) if found == truth => false,
        (Err(_), _) => {
            quarantined = true;
            false
        }
        (Ok(found), Ok(truth)) if is_part(found, truth) => true,
        _ => return Verdict::Wrong("another history of taps".to_owned()),
    };
    match (quarantined, forgetful) {
        (true, _) => Verdict::Quarantined,
        (false, true) => Verdict::Forgetful,
        (false, false) => Verdict::Harmless,
    }
}

/// Whether the taps are some of the others, in their order.
fn is_part(some: &[Vec<u8>], all: &[Vec<u8>]) -> bool {
    let mut all = all.iter();
    some.iter().all(|tap| all.any(|other| other == tap))
}

/// Above every counter that tests use.
const NEXT: u16 = 60_000;
