use super::config::WalletConfig;
use super::tap::{CompletedTap, Tap};
use crate::cdcvm::{Authentication, Standing};
use crate::instrument::{InstrumentId, Instruments};
use crate::platform::{Clock, Moment, Rng};
use crate::storage::Ledger;

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
