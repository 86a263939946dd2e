use std::time::Duration;

use crate::configuration::TerminalConfiguration;
use crate::kernel::{Tap, Terminal};
use crate::link::{Card, Exchange};
use crate::outcome::{EndReason, Outcome};
use crate::quirks::{Field, Quirks};
use crate::sale::{REFUND, Sale};

/// All the taps of a card at one terminal, until the terminal has done with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// In order; at least one.
    pub taps: Vec<Tap>,
}

impl Visit {
    /// How the taps ended.
    pub fn outcomes(&self) -> impl Iterator<Item = &Outcome> {
        self.taps.iter().map(|tap| &tap.outcome)
    }

    /// Every command and answer of every tap.
    pub fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        self.taps.iter().flat_map(|tap| &tap.exchanges)
    }

    /// Time on the air at 106 kbit/s.
    pub fn air_time(&self) -> Duration {
        self.taps.iter().map(Tap::air_time).sum()
    }

    /// Whether the card had done its part at the last tap.
    pub fn ends_well(&self) -> bool {
        self.taps.last().is_some_and(|tap| tap.outcome.is_good())
    }
}

/// Plays the visit of a card at a terminal with these quirks; without any it is a single tap.
///
/// Each tap has an unpredictable number of its own, counted on from the sale's.
pub fn visit(configuration: &TerminalConfiguration, quirks: &Quirks, card: &mut dyn Card, sale: &Sale) -> Visit {
    let mut course = Course { quirks: quirks.clone(), sale: quirks.sale(sale), restarts: 0, refunded: false };
    let mut taps = Vec::new();
    loop {
        let terminal = Terminal::with_quirks(configuration.clone(), course.quirks.clone());
        let tap = terminal.tap(card, &course.sale);
        let next = course.after(&tap.outcome);
        let is_dark =
            matches!(tap.outcome, Outcome::EndApplication { reason: EndReason::FieldOff | EndReason::TooSlow { .. } });
        taps.push(tap);
        match next {
            None => return Visit { taps },
            Some(Field::GoesOff) if !is_dark => card.leave_field(),
            Some(_) => {}
        }
    }
}

struct Course {
    quirks: Quirks,
    sale: Sale,
    restarts: usize,
    refunded: bool,
}

impl Course {
    /// What happens to the field before the next tap; `None` when there is none.
    fn after(&mut self, outcome: &Outcome) -> Option<Field> {
        let field = self.field_after(outcome)?;
        self.sale.unpredictable_number = self.quirks.number_after(self.sale.unpredictable_number);
        Some(field)
    }

    fn field_after(&mut self, outcome: &Outcome) -> Option<Field> {
        if self.quirks.spoils_first_tap() {
            self.quirks = self.quirks.after_first_tap();
            return Some(Field::GoesOff);
        }
        if let (Outcome::SeePhone { .. }, Some((field, at_most))) = (outcome, self.quirks.restart()) {
            self.restarts += 1;
            return (self.restarts <= at_most).then_some(field);
        }
        let amount = self.quirks.refund().filter(|_| outcome.is_good() && !self.refunded)?;
        self.refunded = true;
        self.sale = Sale { amount, transaction_type: REFUND, ..self.sale };
        Some(Field::GoesOff)
    }
}
