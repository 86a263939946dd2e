use super::objection::Objection;
use crate::emv::{Amount, CurrencyCode};
use serde::{Deserialize, Serialize};

/// What low-value payments without a verification may come to before the next one ("lost and stolen" options, model
/// Flexible). An absent limit is off; 0 allows none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VelocityLimits {
    /// How many in a row.
    pub max_consecutive_lvt: Option<u32>,
    /// How much together, in minor units of the domestic currency.
    pub max_cumulative_lvt: Option<u64>,
    /// How much at once, in minor units of the domestic currency.
    pub single_lvt_limit: Option<u64>,
    /// The currency that amounts are compared and added in; no other is ever converted.
    pub domestic_currency: Option<CurrencyCode>,
}

/// What low-value payments have come to since the last verified payment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct VelocityCounters {
    /// How many there were, in any currency.
    pub consecutive_lvt: u32,
    /// How much together, in minor units of the domestic currency.
    pub cumulative_lvt: u64,
}

/// What one payment does to the counters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Charge {
    /// Counts one low-value payment.
    Lvt {
        /// Of this much in the domestic currency.
        amount: u64,
    },
    /// Nothing.
    #[default]
    None,
    /// A verified payment starts them anew.
    Reset,
}

impl VelocityCounters {
    /// The counters after a charge.
    ///
    /// ```
    /// use bezant::cdcvm::{Charge, VelocityCounters};
    /// let counters = VelocityCounters::default().charged(Charge::Lvt { amount: 2_500 });
    /// assert_eq!((counters.consecutive_lvt, counters.cumulative_lvt), (1, 2_500));
    /// assert_eq!(counters.charged(Charge::Reset), VelocityCounters::default());
    /// ```
    #[must_use]
    pub fn charged(self, charge: Charge) -> Self {
        match charge {
            Charge::Lvt { amount } => Self {
                consecutive_lvt: self.consecutive_lvt.saturating_add(1),
                cumulative_lvt: self.cumulative_lvt.saturating_add(amount),
            },
            Charge::None => self,
            Charge::Reset => Self::default(),
        }
    }
}

impl VelocityLimits {
    /// What a low-value payment without a verification counts.
    #[must_use]
    pub fn charge(&self, amount: Option<Amount>, currency: Option<CurrencyCode>) -> Charge {
        Charge::Lvt { amount: self.domestic(amount, currency).unwrap_or(0) }
    }

    /// What is charged before amount and range are known: the worst that may come. After a kill it stands.
    #[must_use]
    pub fn provisional_charge(&self, counters: VelocityCounters) -> Charge {
        Charge::Lvt { amount: self.max_cumulative_lvt.unwrap_or(0).saturating_sub(counters.cumulative_lvt) }
    }

    /// Why a low-value payment needs a verification, if it does. The n-th payment passes, sum and amount pass at their
    /// limits. A foreign amount cannot be compared: where nothing counts it, it needs one.
    #[must_use]
    pub fn objection(
        &self,
        counters: VelocityCounters,
        amount: Option<Amount>,
        currency: Option<CurrencyCode>,
    ) -> Option<Objection> {
        if let Some(limit) = self.max_consecutive_lvt.filter(|limit| counters.consecutive_lvt >= *limit) {
            return Some(Objection::LvtCount { count: counters.consecutive_lvt, limit });
        }
        let limits_amounts = self.single_lvt_limit.is_some() || self.max_cumulative_lvt.is_some();
        let Some(amount) = self.domestic(amount, currency) else {
            let uncounted = limits_amounts && self.max_consecutive_lvt.is_none();
            return uncounted.then_some(Objection::ForeignCurrency);
        };
        if let Some(limit) = self.single_lvt_limit.filter(|limit| amount > *limit) {
            return Some(Objection::LvtAmount { amount, limit });
        }
        let before = counters.cumulative_lvt;
        let limit = self.max_cumulative_lvt.filter(|limit| before.saturating_add(amount) > *limit)?;
        Some(Objection::LvtSum { before, amount, limit })
    }

    fn domestic(&self, amount: Option<Amount>, currency: Option<CurrencyCode>) -> Option<u64> {
        let amount = amount.filter(|_| currency.is_some() && currency == self.domestic_currency)?;
        Some(amount.minor_units())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLN: CurrencyCode = CurrencyCode::new([0x09, 0x85]);
    const EUR: CurrencyCode = CurrencyCode::new([0x09, 0x78]);
    const LIMITS: VelocityLimits = VelocityLimits {
        max_consecutive_lvt: Some(3),
        max_cumulative_lvt: Some(5_000),
        single_lvt_limit: Some(2_000),
        domestic_currency: Some(PLN),
    };

    fn after(consecutive_lvt: u32, cumulative_lvt: u64) -> VelocityCounters {
        VelocityCounters { consecutive_lvt, cumulative_lvt }
    }

    fn objects(limits: VelocityLimits, counters: VelocityCounters, amount: u64, currency: CurrencyCode) -> bool {
        limits.objection(counters, Amount::from_minor_units(amount), Some(currency)).is_some()
    }

    #[test]
    fn s2_028_the_nth_payment_passes_and_sum_and_amount_pass_at_their_limits() {
        assert!(!objects(LIMITS, after(2, 0), 1, PLN) && objects(LIMITS, after(3, 0), 1, PLN));
        assert!(!objects(LIMITS, after(0, 3_000), 2_000, PLN) && objects(LIMITS, after(0, 3_001), 2_000, PLN));
        assert!(!objects(LIMITS, after(0, 0), 2_000, PLN) && objects(LIMITS, after(0, 0), 2_001, PLN));
    }

    #[test]
    fn s2_028_an_absent_limit_is_off_and_zero_allows_none() {
        let off = VelocityLimits::default();
        assert!(!objects(off, after(u32::MAX, u64::MAX), 1, PLN));
        assert!(objects(VelocityLimits { max_consecutive_lvt: Some(0), ..off }, after(0, 0), 1, PLN));
        let nothing = VelocityLimits { max_cumulative_lvt: Some(0), domestic_currency: Some(PLN), ..off };
        assert!(objects(nothing, after(0, 0), 1, PLN));
    }

    #[test]
    fn s2_028_a_foreign_amount_is_counted_never_added_and_asks_where_nothing_counts_it() {
        assert!(!objects(LIMITS, after(2, 5_000), 9_999, EUR));
        assert!(objects(LIMITS, after(3, 0), 1, EUR));
        assert!(objects(VelocityLimits { max_consecutive_lvt: None, ..LIMITS }, after(0, 0), 1, EUR));
        let amount = Amount::from_minor_units(700);
        assert_eq!(LIMITS.charge(amount, Some(EUR)), Charge::Lvt { amount: 0 });
        assert_eq!(LIMITS.charge(amount, Some(PLN)), Charge::Lvt { amount: 700 });
        assert_eq!(LIMITS.charge(amount, None), Charge::Lvt { amount: 0 });
    }

    #[test]
    fn the_provisional_charge_leaves_no_room() {
        let charged = after(1, 1_000).charged(LIMITS.provisional_charge(after(1, 1_000)));
        assert_eq!(charged, after(2, 5_000));
        assert!(objects(LIMITS, charged, 1, PLN));
        assert_eq!(after(0, 9_000).charged(LIMITS.provisional_charge(after(0, 9_000))), after(1, 9_000));
    }

    #[test]
    fn counters_stop_at_their_end_and_never_start_over() {
        let last = after(u32::MAX, u64::MAX);
        assert_eq!(last.charged(Charge::Lvt { amount: 1 }), last);
    }
}
