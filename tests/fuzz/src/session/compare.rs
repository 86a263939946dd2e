//! What the wallet shows, held against the model.

use super::story::Story;
use bezant_tests::stories::{NAMES, Told};

impl Story<'_> {
    /// Takes over what a question beyond the model has done to the counters, if it can be.
    pub(super) fn learn(&mut self, card: usize) {
        let wallet = &self.stage.phone.wallet;
        if let Some(company) = &self.stage.company {
            assert!(std::mem::take(&mut company.notes().asked).len() <= 1, "one question a tap");
        }
        if let (Some(shown), Some(known)) = (wallet.authentication(), &mut self.model.verification) {
            assert!((known.payments..=known.payments + 1).contains(&shown.payments));
            known.payments = shown.payments;
        }
        let shown = wallet.instruments().into_iter().find(|shown| shown.id == self.stage.phone.cards[card]);
        let (Some(shown), book) = (shown, &mut self.model.cards.cards[card]) else { return };
        let counters = shown.counters;
        let count = counters.consecutive_lvt;
        assert!(count == 0 || (book.consecutive_lvt..=book.consecutive_lvt + 1).contains(&count));
        assert!(counters.cumulative_lvt == 0 || counters.cumulative_lvt >= book.cumulative_lvt);
        (book.consecutive_lvt, book.cumulative_lvt) = (count, counters.cumulative_lvt);
    }

    /// Holds everything that the wallet shows against the model.
    pub(super) fn compare(&mut self) {
        self.model.tick();
        let wallet = &self.stage.phone.wallet;
        let shown = wallet.instruments();
        assert_eq!(shown.len(), self.model.cards.order.len());
        for (instrument, card) in shown.iter().zip(&self.model.cards.order) {
            let (cards, book) = (&self.model.cards, &self.model.cards.cards[*card]);
            assert_eq!((instrument.id.as_str(), Some(instrument.status)), (NAMES[*card], book.status));
            assert_eq!(instrument.is_default, cards.default == Some(*card), "default");
            assert_eq!(instrument.is_selected, cards.selected == Some(*card), "selected");
            assert_eq!(instrument.credentials_left, book.unspent.len(), "credentials");
            let counters = (instrument.counters.consecutive_lvt, instrument.counters.cumulative_lvt);
            assert_eq!(counters, (book.consecutive_lvt, book.cumulative_lvt), "counters");
        }
        let verification = wallet.authentication().map(|shown| (shown.age_ms, shown.payments));
        let expected = self.model.verification.as_ref().map(|found| (self.model.age(found.at), found.payments));
        assert_eq!(verification, expected, "verification");
        let last = wallet.last_tap().filter(|tap| tap.number > self.taps_before);
        let last = last.map(|tap| (tap.number - self.taps_before, tap.outcome));
        assert_eq!(last, self.model.ended.last().map(|(number, _, outcome)| (*number, *outcome)));
        let expected = std::mem::take(&mut self.model.told);
        if let Some(company) = &self.stage.company {
            let mut told = company.take_told(wallet);
            for told in &mut told {
                if let Told::Completed { number, .. } = told {
                    *number -= self.taps_before;
                }
            }
            assert!(self.is_beyond || told == expected, "told {told:?} instead of {expected:?}");
        }
    }
}
