//! When an instrument's credentials are to be refilled. Pure: the wallet asks, and raises the request.

/// Why credentials are asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ReplenishReason {
    /// A payment has left fewer than the threshold.
    Automatic,
    /// The instrument has just been activated and has none.
    Initial,
    /// The app asks.
    Manual,
}

/// How many credentials an instrument should have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReplenishmentPolicy {
    /// Below it a refill is asked for.
    pub threshold: usize,
    /// The most that are stored.
    pub maximum: usize,
}

/// The refill of one instrument: asked for once, until it is over.
///
/// ```
/// use bezant::instrument::{Replenishment, ReplenishmentPolicy, ReplenishReason};
/// let policy = ReplenishmentPolicy { threshold: 5, maximum: 20 };
/// let mut replenishment = Replenishment::default();
/// assert!(!replenishment.ask(policy, ReplenishReason::Automatic, 5));
/// assert!(replenishment.ask(policy, ReplenishReason::Automatic, 4));
/// assert!(!replenishment.ask(policy, ReplenishReason::Automatic, 3), "one is on its way");
/// replenishment.end();
/// assert!(replenishment.ask(policy, ReplenishReason::Automatic, 3));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Replenishment {
    under_way: bool,
}

impl ReplenishmentPolicy {
    /// Whether so few are left that the app should know.
    #[must_use]
    pub const fn is_low(self, credentials_left: usize) -> bool {
        credentials_left < self.threshold
    }

    const fn wants(self, reason: ReplenishReason, credentials_left: usize) -> bool {
        let wanted = match reason {
            ReplenishReason::Automatic => self.is_low(credentials_left),
            ReplenishReason::Initial => credentials_left == 0,
            ReplenishReason::Manual => true,
        };
        wanted && credentials_left < self.maximum
    }
}

impl Replenishment {
    /// Whether to ask for credentials now; if so, one refill is under way.
    pub const fn ask(&mut self, policy: ReplenishmentPolicy, reason: ReplenishReason, credentials_left: usize) -> bool {
        let asks = !self.under_way && policy.wants(reason, credentials_left);
        self.under_way |= asks;
        asks
    }

    /// The refill is over: credentials have come, or it has failed.
    pub const fn end(&mut self) {
        self.under_way = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: ReplenishmentPolicy = ReplenishmentPolicy { threshold: 5, maximum: 10 };

    fn asks(reason: ReplenishReason, credentials_left: usize) -> bool {
        Replenishment::default().ask(POLICY, reason, credentials_left)
    }

    #[test]
    fn s2_056_the_threshold_itself_is_enough() {
        assert!(!asks(ReplenishReason::Automatic, 5) && asks(ReplenishReason::Automatic, 4));
    }

    #[test]
    fn s2_057_a_new_card_asks_only_while_it_has_none() {
        assert!(asks(ReplenishReason::Initial, 0) && !asks(ReplenishReason::Initial, 1));
    }

    #[test]
    fn s2_058_the_app_may_ask_at_any_time_but_not_beyond_the_maximum() {
        assert!(asks(ReplenishReason::Manual, 9) && !asks(ReplenishReason::Manual, 10));
        let none_stored = ReplenishmentPolicy { threshold: 5, maximum: 0 };
        assert!(!Replenishment::default().ask(none_stored, ReplenishReason::Automatic, 0));
    }
}
