use super::timeline::{Timeline, TimingPoint};
use crate::card::{Abort, TapOutcome};
use crate::cdcvm::Decision;
use crate::crypto::TransactionId;
use crate::emv::{Reasons, TransactionInfo};
use crate::instrument::InstrumentId;
use crate::platform::Moment;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::Arc;

/// A tap that is over. It holds no account number and no key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CompletedTap {
    /// Counts the taps of this wallet since it was set up.
    pub number: u64,
    /// When it began.
    pub began: Moment,
    /// Which card it was.
    pub instrument: InstrumentId,
    /// How it ended, as far as a card can know.
    pub outcome: TapOutcome,
    /// What spoke against the payment.
    pub reasons: Reasons,
    /// How it was decided, where it came to a decision; printed, it is the sentence for a developer.
    pub decision: Option<Decision>,
    /// The facts, where the tap came to a decision.
    pub transaction: Option<TransactionInfo>,
    /// What the server's later message about this payment will carry.
    pub transaction_id: Option<TransactionId>,
    /// The failure behind [`TapOutcome::Error`], where the card saw one.
    pub abort: Option<Abort>,
    /// When its parts happened.
    pub timeline: Timeline,
}

/// The latest taps, bounded.
#[derive(Default)]
pub(super) struct History {
    taps: VecDeque<Arc<CompletedTap>>,
    latest: Option<Arc<CompletedTap>>,
    /// Whether those of earlier processes are here too.
    is_whole: bool,
}

/// A tap as it is stored. The names of fields and variants are part of the file's schema.
pub(super) fn entry(tap: &CompletedTap) -> Vec<u8> {
    serde_json::to_vec(tap).unwrap_or_default()
}

impl History {
    pub(super) fn add(&mut self, tap: Arc<CompletedTap>, limit: usize) {
        self.taps.push_front(tap.clone());
        self.taps.truncate(limit);
        self.latest = Some(tap);
    }

    /// Notes what still happens to a tap that is over.
    pub(super) fn mark_latest(&mut self, number: u64, now_us: u64, point: TimingPoint) {
        if let Some(tap) = self.taps.front_mut().filter(|tap| tap.number == number) {
            Arc::make_mut(tap).timeline.mark(now_us, point);
            self.latest = Some(tap.clone());
        }
    }

    pub(super) const fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Takes in what was stored, newest first; what this process has seen itself, it knows better.
    pub(super) fn add_stored(&mut self, entries: &[Vec<u8>], limit: usize) {
        let oldest = self.taps.back().map_or(u64::MAX, |tap| tap.number);
        let stored = entries.iter().filter_map(|entry| serde_json::from_slice::<CompletedTap>(entry).ok());
        self.taps.extend(stored.filter(|tap| tap.number < oldest).map(Arc::new));
        self.taps.truncate(limit);
        if self.latest.is_none() {
            self.latest = self.taps.front().cloned();
        }
        self.is_whole = true;
    }

    /// Newest first.
    pub(super) fn taps(&self) -> impl Iterator<Item = &Arc<CompletedTap>> {
        self.taps.iter()
    }

    pub(super) fn latest(&self) -> Option<&Arc<CompletedTap>> {
        self.latest.as_ref()
    }
}
