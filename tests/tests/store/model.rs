//! The store does what a book on paper would, whatever is done to it in whatever order.

use crate::desk::{Desk, batch, fingerprint, id, profile, tap};
use crate::paper::{BOOTS, CARDS, End, Paper, Step, step};
use bezant::cdcvm::Charge;
use bezant::emv::Atc;
use bezant::instrument::InstrumentStatus;
use bezant::storage::{Change, Ledger, LedgerError, Recollection, Reservation, Spent, SqliteStore};
use proptest::prelude::*;
use proptest::test_runner::Config;
use std::collections::{BTreeMap, BTreeSet};

struct Bench {
    desk: Desk,
    store: Option<SqliteStore>,
    boot: usize,
    paper: Paper,
    held: BTreeMap<usize, Reservation>,
    stale: Vec<Reservation>,
}

impl Bench {
    fn new() -> Self {
        let desk = Desk::new();
        let store = Some(desk.open_in(BOOTS[0]).unwrap().0);
        Self { desk, store, boot: 0, paper: Paper::default(), held: BTreeMap::new(), stale: Vec::new() }
    }

    fn store(&mut self) -> &mut SqliteStore {
        self.store.as_mut().unwrap()
    }

    fn load(&mut self, card: usize, atcs: &[u16], series: u8, max: usize) {
        let result = self.store().load(&id(CARDS[card]), batch(atcs.iter().copied(), series), max);
        let page = self.paper.pages.entry(card).or_default();
        let stale = atcs.iter().find(|atc| match page.series_of(**atc) {
            Some(held) => held != series,
            None => Some(**atc) <= page.mark,
        });
        let mut fresh = BTreeSet::new();
        let twice = atcs.iter().any(|atc| page.series_of(*atc).is_none() && !fresh.insert(*atc));
        let full = page.left().len() + fresh.len() > max;
        match result {
            Ok(()) => {
                let fits = !full || fresh.is_empty();
                assert!(stale.is_none() && !twice && fits, "{stale:?}, {twice}, {full}");
                page.unspent.extend(fresh.into_iter().map(|atc| (atc, series)));
            }
            Err(LedgerError::Stale(atc)) => assert!(stale.is_some() && atcs.contains(&atc)),
            Err(LedgerError::Duplicate(_)) => assert!(twice),
            Err(LedgerError::Full(limit)) => assert!(full && limit == max),
            Err(error) => panic!("{error:?}"),
        }
    }

    fn reserve(&mut self, card: usize, provisional: Charge) {
        let result = self.store().reserve(&id(CARDS[card]), provisional);
        let page = self.paper.pages.entry(card).or_default();
        match result {
            Ok(reservation) => {
                assert!(page.reserved.is_none());
                let (atc, series) = page.unspent.pop_first().expect("it has a credential that there is none of");
                assert_eq!(reservation.atc().value(), atc);
                assert!(Some(atc) > page.mark && !self.paper.used.contains(&(card, atc)));
                page.reserved = Some((atc, series, provisional));
                let (instrument, credential) = reservation.into_parts();
                assert_eq!(credential.fingerprint(), fingerprint(atc, series));
                self.held.insert(card, Reservation::new(instrument, credential));
            }
            Err(LedgerError::Reserved) => assert!(page.reserved.is_some()),
            Err(LedgerError::NoneLeft) => assert!(page.reserved.is_none() && page.unspent.is_empty()),
            Err(error) => panic!("{error:?}"),
        }
    }

    fn settle(&mut self, card: usize, charge: Charge, kept_with_a_tap: bool) {
        let Some(reservation) = self.held.remove(&card) else { return };
        let (keys, spent) = reservation.spend();
        assert!(self.paper.used.insert((card, keys.atc.value())), "it has answered before");
        if kept_with_a_tap {
            let tap = self.paper.tap(3);
            self.store().keep(&[Change::Settled { spent, charge }, tap]).unwrap();
        } else {
            self.store().settle(spent, charge).unwrap();
        }
        let page = self.paper.pages.get_mut(&card).unwrap();
        let (atc, ..) = page.reserved.take().unwrap();
        page.use_up(atc, charge);
    }

    fn settle_wrong(&mut self, card: usize, atc: u16, kept_with_a_status: bool) {
        let page = self.paper.pages.entry(card).or_default();
        if page.reserved.is_some_and(|(reserved, ..)| reserved == atc) {
            return;
        }
        let spent = Spent { instrument: id(CARDS[card]), atc: Atc::new(atc) };
        let result = if kept_with_a_status {
            // All or nothing: none of the others is kept either.
            let status = Change::Status { instrument: id(CARDS[card]), status: InstrumentStatus::Deleted };
            let choice = Change::Choice { default: None, selected: None };
            let removed = Change::Removed { instrument: id(CARDS[(card + 1) % CARDS.len()]) };
            self.store().keep(&[status, choice, removed, Change::Settled { spent, charge: Charge::Reset }])
        } else {
            self.store().settle(spent, Charge::Reset)
        };
        assert_eq!(result, Err(LedgerError::NotReserved));
    }

    fn stale(&mut self, settle: bool) {
        let Some(reservation) = self.stale.pop() else { return };
        let result = if settle {
            let (_, spent) = reservation.spend();
            self.store().settle(spent, Charge::Reset)
        } else {
            self.store().release(reservation)
        };
        assert_eq!(result, Err(LedgerError::NotReserved), "what was burnt is gone");
    }

    fn burnt(&mut self, card: usize) {
        self.stale.extend(self.held.remove(&card));
    }

    fn reopen(&mut self, how: End, boot: usize) {
        let mut store = self.store.take().unwrap();
        match how {
            End::Closed => {
                store.close().unwrap();
                drop(store);
            }
            End::Dropped => drop(store),
            End::Killed => {
                self.desk = self.desk.as_it_stands();
                drop(store);
            }
        }
        let (store, remembered) = self.desk.open_in(BOOTS[boot]).unwrap();
        self.store = Some(store);
        self.stale.extend(core::mem::take(&mut self.held).into_values());
        self.paper.reopened(matches!(how, End::Closed), boot != self.boot);
        self.boot = boot;
        self.compare_remembered(&remembered);
    }

    fn compare_remembered(&self, remembered: &Recollection) {
        let paper = &self.paper;
        let cards: Vec<_> = remembered
            .instruments
            .iter()
            .map(|card| (card.id.to_string(), card.status, card.profile.json().to_owned()))
            .collect();
        let expected: Vec<_> = paper
            .cards
            .iter()
            .map(|(card, status, which)| (CARDS[*card].to_owned(), *status, profile(*which).json().to_owned()))
            .collect();
        assert!(cards == expected, "other cards, or in another order");
        let name = |card: Option<usize>| card.map(|card| id(CARDS[card]));
        assert_eq!(remembered.default, name(paper.default));
        assert_eq!(remembered.selected, name(paper.selected));
        assert_eq!((remembered.taps, remembered.damaged.len()), (paper.last_tap, 0));
    }

    fn compare(&mut self) {
        for (card, page) in &self.paper.pages {
            let store = self.store.as_ref().unwrap();
            let card = id(CARDS[*card]);
            let unspent: Vec<u16> = store.unspent(&card).unwrap().into_iter().map(Atc::value).collect();
            assert_eq!(unspent, page.left());
            assert_eq!(store.credentials_left(&card).unwrap(), unspent.len());
            assert_eq!(store.high_water_mark(&card).unwrap().map(Atc::value), page.mark);
            assert_eq!(store.velocity(&card).unwrap(), page.velocity);
        }
        let taps: Vec<Vec<u8>> = self.paper.taps.iter().map(|(_, entry)| entry.clone()).collect();
        assert_eq!(self.store().taps().unwrap(), taps);
    }

    fn keep(&mut self, changes: Vec<Change>) {
        self.store().keep(&changes).unwrap();
    }

    fn take(&mut self, step: &Step) {
        let name = |card: &usize| id(CARDS[*card]);
        match step {
            Step::Load { card, atcs, series, max } => self.load(*card, atcs, *series, *max),
            Step::Reserve { card, provisional } => self.reserve(*card, *provisional),
            Step::Settle { card, charge, kept_with_a_tap } => self.settle(*card, *charge, *kept_with_a_tap),
            Step::SettleWrong { card, atc, kept_with_a_status } => self.settle_wrong(*card, *atc, *kept_with_a_status),
            Step::Release { card } => {
                let Some(reservation) = self.held.remove(card) else { return };
                self.store().release(reservation).unwrap();
                let page = self.paper.pages.get_mut(card).unwrap();
                let (atc, series, _) = page.reserved.take().unwrap();
                page.unspent.insert(atc, series);
            }
            Step::Stale { settle } => self.stale(*settle),
            Step::Burn { card } => {
                self.store().burn_reserved(&name(card)).unwrap();
                self.paper.pages.entry(*card).or_default().burn();
                self.burnt(*card);
            }
            Step::Erase { card } => {
                self.store().erase(&name(card)).unwrap();
                let page = self.paper.pages.entry(*card).or_default();
                page.burn();
                page.unspent.clear();
                self.burnt(*card);
            }
            Step::Install { card, which, activated } => {
                let mut changes = vec![Change::Installed { instrument: name(card), profile: profile(*which) }];
                if *activated {
                    changes.push(Change::Status { instrument: name(card), status: InstrumentStatus::Active });
                }
                self.keep(changes);
                if !self.paper.cards.iter().any(|(other, ..)| other == card) {
                    self.paper.cards.push((*card, InstrumentStatus::Inactive, 0));
                }
                let (_, status, profile) = self.paper.cards.iter_mut().find(|(other, ..)| other == card).unwrap();
                *profile = *which;
                *status = if *activated { InstrumentStatus::Active } else { *status };
            }
            Step::Status { card, status } => {
                self.keep(vec![Change::Status { instrument: name(card), status: *status }]);
                self.paper.cards.iter_mut().filter(|(other, ..)| other == card).for_each(|card| card.1 = *status);
            }
            Step::Remove { card } => {
                self.keep(vec![Change::Removed { instrument: name(card) }]);
                self.paper.remove(*card);
                self.burnt(*card);
            }
            Step::Choose { default, selected } => {
                let (name, paper) = (|card: &Option<usize>| card.map(|card| id(CARDS[card])), &mut self.paper);
                (paper.default, paper.selected) = (*default, *selected);
                let choice = Change::Choice { default: name(default), selected: name(selected) };
                self.keep(vec![choice]);
            }
            Step::Tap { limit } => {
                let tap = self.paper.tap(*limit);
                self.keep(vec![tap]);
            }
            Step::Tidy => self.store().tidy().unwrap(),
            Step::Reopen { how, boot } => self.reopen(*how, *boot),
            Step::Wipe => {
                self.store().wipe(None).unwrap();
                self.paper = Paper::default();
                self.stale.extend(core::mem::take(&mut self.held).into_values());
            }
        }
    }
}

/// With `BEZANT_LONG`, twenty times as many.
fn cases() -> u32 {
    if std::env::var_os("BEZANT_LONG").is_some() { 3_000 } else { 150 }
}

proptest! {
    #![proptest_config(Config { cases: cases(), failure_persistence: None, ..Config::default() })]

    #[test]
    fn s2_055_the_store_is_a_book_that_no_kill_makes_wrong(steps in prop::collection::vec(step(), 1..60)) {
        let mut bench = Bench::new();
        for step in &steps {
            bench.take(step);
            bench.compare();
        }
        bench.reopen(End::Killed, 1);
        bench.compare();
    }
}

#[test]
fn s2_055_what_is_released_is_what_was_reserved() {
    let desk = Desk::new();
    let mut store = desk.open_in("monday").unwrap().0;
    let alpha = id("alpha");
    store.load(&alpha, batch(1..=2, 0), 10).unwrap();
    let reservation = store.reserve(&alpha, Charge::None).map_err(drop).unwrap();
    let forged = |card: &str, atc, series| Reservation::new(id(card), batch([atc], series).swap_remove(0));
    for other in [forged("alpha", 1, 1), forged("alpha", 2, 0), forged("beta", 1, 0)] {
        assert_eq!(store.release(other), Err(LedgerError::NotReserved));
    }
    store.release(reservation).unwrap();
    assert_eq!(store.release(forged("alpha", 1, 0)), Err(LedgerError::NotReserved), "once");
    let reservation = store.reserve(&alpha, Charge::None).map_err(drop).unwrap();
    assert_eq!(reservation.into_parts().1.fingerprint(), fingerprint(1, 0));
}

#[test]
fn the_latest_taps_are_remembered_also_when_numbers_are_left_out() {
    let desk = Desk::new();
    let mut store = desk.store();
    for number in [1, 2, 10, 20] {
        store.keep(&[tap(number, &[u8::try_from(number).unwrap()], 3)]).unwrap();
    }
    assert_eq!(store.taps().unwrap(), [vec![20], vec![10], vec![2]]);
}
