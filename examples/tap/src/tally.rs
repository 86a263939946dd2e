//! What a run comes to.

use std::time::Duration;

use bezant::card::TapOutcome;
use sandbox::{AmountBinding, Cda, Cryptogram, Freshness, MagStripeVerification, Verification};

use crate::bank::Judgement;
use crate::played::PlayedTap;

/// Sums over all taps.
#[derive(Default)]
pub(crate) struct Tally {
    /// Each scenario, and whether it went as expected.
    pub(crate) scenarios: Vec<(String, bool)>,
    /// Taps.
    pub(crate) taps: usize,
    /// Payments whose proof held at the issuer.
    pub(crate) verified: usize,
    /// Credentials spent.
    pub(crate) spent: usize,
    /// Credentials that are left in the phones.
    pub(crate) left: usize,
    /// On the air.
    pub(crate) bytes: usize,
    /// On the air.
    pub(crate) air_time: Duration,
}

impl Tally {
    /// Adds a tap.
    pub(crate) fn add(&mut self, played: &PlayedTap) {
        let name = &played.subject.name;
        let good = played.deviations.is_empty();
        match self.scenarios.last_mut().filter(|(last, _)| last == name) {
            Some((_, all_good)) => *all_good &= good,
            None => {
                self.scenarios.push((name.clone(), good));
                self.left += played.felt.left + played.felt.spent;
            }
        }
        self.taps += 1;
        self.verified += usize::from(played.felt.outcome == Some(TapOutcome::AuthorizeOnline) && is_proven(played));
        self.spent += played.felt.spent;
        self.left -= played.felt.spent;
        self.bytes += played.bytes();
        self.air_time += played.tap.air_time();
    }

    /// How many scenarios went as expected.
    pub(crate) fn scenarios_as_expected(&self) -> usize {
        self.scenarios.iter().filter(|(_, good)| *good).count()
    }

    /// Whether all did, and there was one.
    pub(crate) fn is_good(&self) -> bool {
        !self.scenarios.is_empty() && self.scenarios_as_expected() == self.scenarios.len()
    }
}

/// Whether the issuer knows for sure that this card answered, and about which amount.
fn is_proven(played: &PlayedTap) -> bool {
    match &played.judgement {
        Judgement::Assessed(assessments) => assessments
            .first()
            .and_then(|assessment| assessment.verification.as_ref())
            .is_some_and(|Verification { umd, umd_expected, md, cda, amount, freshness, .. }| {
                let verifies = *md == Cryptogram::Valid && (!umd_expected || *umd == Cryptogram::Valid);
                let bound = verifies || matches!(amount, AmountBinding::Contradicted { .. });
                bound && *freshness == Freshness::Fresh && !matches!(cda, Cda::Invalid(_))
            }),
        Judgement::Track(verification) => matches!(verification, Some(MagStripeVerification::Valid { .. })),
        Judgement::NotAsked(_) | Judgement::Impossible => false,
    }
}
