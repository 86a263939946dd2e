use super::config::WalletConfig;
use crate::card::{Abort, CardApplication, TapOutcome};
use crate::cdcvm::{Authentication, Standing};
use crate::crypto::TransactionId;
use crate::emv::{Reasons, TransactionInfo};
use crate::instrument::{InstrumentId, Instruments};
use crate::platform::{Clock, Moment, Rng};
use crate::storage::{Ledger, Reservation};

/// Everything behind the wallet's lock.
pub(super) struct WalletState {
    pub(super) config: WalletConfig,
    pub(super) clock: Box<dyn Clock>,
    pub(super) rng: Box<dyn Rng>,
    pub(super) ledger: Box<dyn Ledger>,
    pub(super) instruments: Instruments,
    pub(super) authentication: Option<UserAuthentication>,
    pub(super) tap: Option<Tap>,
    pub(super) last_tap: Option<CompletedTap>,
}

/// The latest verification of the cardholder, for all instruments or for one.
pub(super) struct UserAuthentication {
    pub(super) authentication: Authentication,
    pub(super) instrument: Option<InstrumentId>,
}

/// A card in the field: from the first good SELECT until the reader has gone.
pub(super) struct Tap {
    pub(super) instrument: InstrumentId,
    pub(super) application: CardApplication,
    pub(super) reservation: Option<Reservation>,
    pub(super) last_command: Moment,
    /// Set once the tap is over.
    pub(super) outcome: Option<TapOutcome>,
}

/// How a tap ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CompletedTap {
    /// Which card it was.
    pub instrument: InstrumentId,
    /// How it ended, as far as a card can know.
    pub outcome: TapOutcome,
    /// What spoke against the payment.
    pub reasons: Reasons,
    /// The facts, where the tap came to a decision.
    pub transaction: Option<TransactionInfo>,
    /// What the server's later message about this payment will carry.
    pub transaction_id: Option<TransactionId>,
    /// The failure behind [`TapOutcome::Error`], where the card saw one.
    pub abort: Option<Abort>,
}

impl WalletState {
    /// What the cardholder's verification is worth for this instrument now.
    pub(super) fn standing(&self, instrument: &InstrumentId, now: Moment) -> Standing {
        let serves = |user: &&UserAuthentication| user.instrument.as_ref().is_none_or(|only| only == instrument);
        let policy = self.config.authentication_policy();
        let user = self.authentication.as_ref().filter(serves);
        user.map_or(Standing::Missing, |user| user.authentication.standing(policy, now))
    }

    pub(super) fn count_payment(&mut self) {
        if let Some(user) = &mut self.authentication {
            user.authentication.payments += 1;
        }
    }
}
