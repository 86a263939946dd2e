//! A model of the two cards and of their books of credentials.

use bezant::instrument::InstrumentStatus;
use std::collections::BTreeSet;

/// Credentials that the issuer makes for each card; no counter is made twice.
pub const STOCK: [std::ops::RangeInclusive<u16>; 2] = [1..=16, 101..=116];
pub const NAMES: [&str; 2] = ["card-1", "card-2"];

#[derive(Default)]
pub struct Cards {
    pub cards: [Card; 2],
    /// In the order they were installed.
    pub order: Vec<usize>,
    pub default: Option<usize>,
    pub selected: Option<usize>,
}

#[derive(Default)]
pub struct Card {
    /// `None` where it is not in the wallet.
    pub status: Option<InstrumentStatus>,
    pub unspent: BTreeSet<u16>,
    /// The highest counter that has answered.
    pub mark: u16,
    /// How many of the stock have been handed over so far.
    pub issued: u16,
    pub consecutive_lvt: u32,
    pub cumulative_lvt: u64,
}

impl Cards {
    pub fn payable(&self) -> Option<usize> {
        self.selected.or(self.default).filter(|card| self.is_active(*card))
    }

    pub fn is_active(&self, card: usize) -> bool {
        self.cards[card].status == Some(InstrumentStatus::Active)
    }

    pub fn install(&mut self, card: usize) {
        if self.cards[card].status.is_none() {
            self.cards[card].status = Some(InstrumentStatus::Inactive);
            self.order.push(card);
        }
    }

    /// Gives whether that is possible, as all below do.
    pub fn activate(&mut self, card: usize) -> bool {
        let there = self.cards[card].status.is_some();
        if there {
            self.cards[card].status = Some(InstrumentStatus::Active);
            self.default.get_or_insert(card);
        }
        there
    }

    pub fn suspend(&mut self, card: usize) -> bool {
        let there = matches!(self.cards[card].status, Some(InstrumentStatus::Active | InstrumentStatus::Suspended));
        if there {
            self.cards[card].status = Some(InstrumentStatus::Suspended);
            self.retire(card);
        }
        there
    }

    pub fn delete(&mut self, card: usize) -> bool {
        let there = self.cards[card].status.take().is_some();
        if there {
            self.order.retain(|other| *other != card);
            self.cards[card].unspent.clear();
            self.retire(card);
        }
        there
    }

    pub fn select(&mut self, card: usize) -> bool {
        let active = self.is_active(card);
        if active {
            self.selected = Some(card);
        }
        active
    }

    pub fn set_default(&mut self, card: usize) -> bool {
        let active = self.is_active(card);
        if active {
            self.default = Some(card);
        }
        active
    }

    /// All of them or none.
    pub fn load(&mut self, card: usize, atcs: &[u16]) -> bool {
        let book = &mut self.cards[card];
        let taken = book.status.is_some() && atcs.iter().all(|atc| *atc > book.mark);
        if taken {
            book.unspent.extend(atcs);
        }
        taken
    }

    fn retire(&mut self, card: usize) {
        self.selected = self.selected.filter(|selected| *selected != card);
        if self.default == Some(card) {
            self.default = self.order.iter().copied().find(|other| self.is_active(*other));
        }
    }
}

impl Card {
    /// The credential with the lowest counter answers, and nothing at or below it ever again.
    pub fn spend(&mut self) -> u16 {
        let atc = self.unspent.pop_first().unwrap();
        assert!(atc > self.mark);
        self.mark = atc;
        atc
    }
}
