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

    /// Newest first.
    pub(super) fn taps(&self) -> impl Iterator<Item = &Arc<CompletedTap>> {
        self.taps.iter()
    }

    pub(super) fn latest(&self) -> Option<&Arc<CompletedTap>> {
        self.latest.as_ref()
    }
}
