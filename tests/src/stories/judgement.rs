//! What a question comes to, by the driver's page.

use super::model::{Model, Word};
use super::question::{Kind, Question, Range};
use bezant::card::TapOutcome;
use bezant::emv::{Advice, CvmModel};

/// What must become of a question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Judgement {
    /// The wallet's own.
    pub advice: Advice,
    /// After the app's word.
    pub outcome: TapOutcome,
    /// The cardholder's verification counts.
    pub verified: bool,
    /// Whether the app has a word in it.
    pub asks_host: bool,
}

impl Judgement {
    /// Whether a credential answers.
    pub fn is_real(&self) -> bool {
        matches!(self.outcome, TapOutcome::AuthorizeOnline | TapOutcome::AuthenticateOffline)
    }
}

impl Model {
    pub fn judge(&self, card: usize, question: &Question) -> Judgement {
        let verified = self.claims_verification(card);
        let asks_host = question.kind != Kind::Aac;
        if !asks_host {
            let outcome = TapOutcome::DeclinedByTerminal;
            return Judgement { advice: Advice::Decline, outcome, verified, asks_host };
        }
        let advice = if self.must_decline(card, question) {
            Advice::Decline
        } else if self.wants_verification(card, question) {
            Advice::AuthenticationRequired
        } else {
            Advice::Proceed
        };
        // The app may only tighten.
        let decided = match (advice, self.word) {
            (_, Word::Decline | Word::Fail | Word::Panic) => Advice::Decline,
            (Advice::Proceed, Word::AuthenticationRequired) => Advice::AuthenticationRequired,
            (own, _) => own,
        };
        let outcome = match decided {
            Advice::AuthenticationRequired => TapOutcome::WalletActionRequired,
            Advice::Proceed if question.kind == Kind::SignedAac => TapOutcome::AuthenticateOffline,
            Advice::Proceed => TapOutcome::AuthorizeOnline,
            _ => TapOutcome::DeclinedByWallet,
        };
        Judgement { advice, outcome, verified, asks_host }
    }

    /// What a cryptogram does to the counters and to the verification.
    pub fn charge(&mut self, card: usize, question: &Question, judgement: &Judgement) {
        if judgement.outcome != TapOutcome::AuthorizeOnline {
            return;
        }
        let domestic = !question.foreign;
        let book = &mut self.cards.cards[card];
        if self.config.cvm_model == Some(CvmModel::Flexible) {
            if judgement.verified {
                (book.consecutive_lvt, book.cumulative_lvt) = (0, 0);
            } else if question.range() == Range::Low && !question.is_gate() {
                book.consecutive_lvt += 1;
                book.cumulative_lvt += if domestic { question.amount } else { 0 };
            }
        }
        if judgement.verified {
            self.verification.as_mut().unwrap().payments += 1;
        }
    }

    fn locked(&self) -> bool {
        self.locked && !self.config.allow_when_locked
    }

    /// Fresh, for this card, on an unlocked device.
    fn is_fresh(&self, card: usize) -> bool {
        let Some(verification) = self.verification.as_ref().filter(|found| found.only.is_none_or(|only| only == card))
        else {
            return false;
        };
        let validity = u64::from(self.config.auth_validity_s) * 1_000;
        let young = self.age(verification.at).is_some_and(|age| age <= validity);
        young && verification.payments < self.config.auth_max_payments && !self.locked()
    }

    /// Whether a verification is claimed in an answer of this card.
    pub fn claims_verification(&self, card: usize) -> bool {
        self.config.cvm_model != Some(CvmModel::CardLike) && self.is_fresh(card)
    }

    fn must_decline(&self, card: usize, question: &Question) -> bool {
        let model = self.config.cvm_model.unwrap();
        let gate_not_served =
            !self.config.transit_enabled || (model == CvmModel::CardLike && !self.config.transit_without_cdcvm);
        let nobody_verifies = model == CvmModel::CardLike
            && !self.locked()
            && !question.is_gate()
            && question.range() == Range::High
            && question.terminal_verifies_nobody();
        let another = self.first.as_ref().is_some_and(|first| {
            (first.card, first.amount, first.foreign) != (card, question.amount, question.foreign)
        });
        let none_left = self.cards.cards[card].unspent.is_empty() || !self.cards.is_active(card);
        (question.is_gate() && gate_not_served) || nobody_verifies || another || none_left
    }

    fn wants_verification(&self, card: usize, question: &Question) -> bool {
        if self.locked() {
            return true;
        }
        let unverified = !self.is_fresh(card);
        match self.config.cvm_model.unwrap() {
            CvmModel::Always => unverified,
            CvmModel::Flexible if question.is_gate() => unverified && !self.config.transit_without_cdcvm,
            CvmModel::Flexible if question.range() != Range::Low => unverified,
            CvmModel::Flexible => unverified && self.exceeds(card, question),
            _ => false,
        }
    }

    /// The n-th passes, sum and amount pass at the limit; foreign money is counted, never added.
    fn exceeds(&self, card: usize, question: &Question) -> bool {
        let (limits, book) = (&self.config.velocity, &self.cards.cards[card]);
        if limits.max_consecutive_lvt.is_some_and(|most| book.consecutive_lvt >= most) {
            return true;
        }
        if question.foreign {
            let amounts = limits.max_cumulative_lvt.is_some() || limits.single_lvt_limit.is_some();
            return amounts && limits.max_consecutive_lvt.is_none();
        }
        limits.single_lvt_limit.is_some_and(|most| question.amount > most)
            || limits.max_cumulative_lvt.is_some_and(|most| book.cumulative_lvt + question.amount > most)
    }
}
