//! The book on paper: what a store has to remember, by its documents, and what can be done to it.

use bezant::cdcvm::{Charge, VelocityCounters};
use bezant::instrument::InstrumentStatus;
use bezant::storage::Change;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

pub const CARDS: [&str; 3] = ["alpha", "beta", "gamma"];
pub const BOOTS: [&str; 3] = ["monday", "tuesday", "wednesday"];
const BURNT_AFTER_A_START: usize = 2;

#[derive(Clone, Debug)]
pub enum Step {
    Load { card: usize, atcs: Vec<u16>, series: u8, max: usize },
    Reserve { card: usize, provisional: Charge },
    Settle { card: usize, charge: Charge, kept_with_a_tap: bool },
    SettleWrong { card: usize, atc: u16, kept_with_a_status: bool },
    Release { card: usize },
    Stale { settle: bool },
    Burn { card: usize },
    Erase { card: usize },
    Install { card: usize, which: usize, activated: bool },
    Status { card: usize, status: InstrumentStatus },
    Remove { card: usize },
    Choose { default: Option<usize>, selected: Option<usize> },
    Tap { limit: usize },
    Tidy,
    Reopen { how: End, boot: usize },
    Wipe,
}

#[derive(Clone, Copy, Debug)]
pub enum End {
    Closed,
    Dropped,
    Killed,
}

fn charge() -> impl Strategy<Value = Charge> {
    prop_oneof![3 => (0..5_000_u64).prop_map(|amount| Charge::Lvt { amount }), 1 => Just(Charge::None), 1 => Just(Charge::Reset)]
}

pub fn step() -> impl Strategy<Value = Step> {
    let card = || 0..CARDS.len();
    let status = prop_oneof![
        Just(InstrumentStatus::Active),
        Just(InstrumentStatus::Suspended),
        Just(InstrumentStatus::MarkedForDeletion)
    ];
    let end = prop_oneof![Just(End::Closed), Just(End::Dropped), Just(End::Killed)];
    let atcs = prop::collection::vec(1..40_u16, 0..7);
    prop_oneof![
        8 => (card(), atcs, 0..2_u8, 3..15_usize).prop_map(|(card, atcs, series, max)| Step::Load { card, atcs, series, max }),
        12 => (card(), charge()).prop_map(|(card, provisional)| Step::Reserve { card, provisional }),
        10 => (card(), charge(), any::<bool>()).prop_map(|(card, charge, kept_with_a_tap)| Step::Settle { card, charge, kept_with_a_tap }),
        2 => (card(), 0..40_u16, any::<bool>()).prop_map(|(card, atc, kept_with_a_status)| Step::SettleWrong { card, atc, kept_with_a_status }),
        4 => card().prop_map(|card| Step::Release { card }),
        3 => any::<bool>().prop_map(|settle| Step::Stale { settle }),
        2 => card().prop_map(|card| Step::Burn { card }),
        2 => card().prop_map(|card| Step::Erase { card }),
        4 => (card(), 0..3_usize, any::<bool>()).prop_map(|(card, which, activated)| Step::Install { card, which, activated }),
        3 => (card(), status).prop_map(|(card, status)| Step::Status { card, status }),
        2 => card().prop_map(|card| Step::Remove { card }),
        2 => (prop::option::of(card()), prop::option::of(card())).prop_map(|(default, selected)| Step::Choose { default, selected }),
        4 => (0..4_usize).prop_map(|limit| Step::Tap { limit }),
        3 => Just(Step::Tidy),
        8 => (end, 0..BOOTS.len()).prop_map(|(how, boot)| Step::Reopen { how, boot }),
        1 => Just(Step::Wipe),
    ]
}

/// What one instrument's page says.
#[derive(Default)]
pub struct Page {
    pub mark: Option<u16>,
    /// By counter: which series of keys.
    pub unspent: BTreeMap<u16, u8>,
    pub reserved: Option<(u16, u8, Charge)>,
    pub velocity: VelocityCounters,
}

impl Page {
    pub fn use_up(&mut self, atc: u16, charge: Charge) {
        self.mark = self.mark.max(Some(atc));
        self.unspent.retain(|unspent, _| *unspent > atc);
        self.velocity = self.velocity.charged(charge);
    }

    pub fn burn(&mut self) {
        if let Some((atc, _, provisional)) = self.reserved.take() {
            self.use_up(atc, provisional);
        }
    }

    pub fn left(&self) -> Vec<u16> {
        let reserved = self.reserved.map(|(atc, ..)| atc);
        let mut left: Vec<u16> = self.unspent.keys().copied().chain(reserved).collect();
        left.sort_unstable();
        left
    }

    pub fn series_of(&self, atc: u16) -> Option<u8> {
        let reserved = self.reserved.filter(|(reserved, ..)| *reserved == atc).map(|(_, series, _)| series);
        self.unspent.get(&atc).copied().or(reserved)
    }
}

#[derive(Default)]
pub struct Paper {
    pub pages: BTreeMap<usize, Page>,
    /// In the order they came: which, where in its life, which profile.
    pub cards: Vec<(usize, InstrumentStatus, usize)>,
    pub default: Option<usize>,
    pub selected: Option<usize>,
    pub taps: Vec<(u64, Vec<u8>)>,
    pub last_tap: u64,
    /// What has been given out or burnt since the last wipe: it may never answer again.
    pub used: BTreeSet<(usize, u16)>,
}

impl Paper {
    pub fn tap(&mut self, limit: usize) -> Change {
        self.last_tap += 1;
        let (number, entry) = (self.last_tap, format!("tap {}", self.last_tap).into_bytes());
        self.taps.insert(0, (number, entry.clone()));
        self.taps.truncate(limit);
        crate::desk::tap(number, &entry, limit)
    }

    pub fn remove(&mut self, card: usize) {
        self.cards.retain(|(other, ..)| *other != card);
        if let Some(page) = self.pages.get_mut(&card) {
            page.burn();
            page.unspent.clear();
        }
    }

    pub fn reopened(&mut self, closed: bool, other_boot: bool) {
        for page in self.pages.values_mut() {
            page.burn();
            if other_boot && !closed {
                let last = page.unspent.keys().take(BURNT_AFTER_A_START).next_back().copied();
                if let Some(last) = last {
                    page.use_up(last, Charge::None);
                }
            }
        }
    }
}
