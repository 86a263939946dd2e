//! What a terminal does that another one does not: the kernel asks here at the few places where it may differ.

mod quirk;
mod words;

use std::time::Duration;

use crate::action::CryptogramType;
use crate::data::DataObjects;
use crate::sale::Sale;
use crate::selection::Candidate;

pub use quirk::{Field, FieldDrop, Quirk, Step};
pub(crate) use words::Words;

/// The quirks of one terminal; none by default.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
pub struct Quirks(Vec<Quirk>);

impl Quirks {
    /// A terminal that does all of these.
    pub fn new(quirks: Vec<Quirk>) -> Self {
        Self(quirks)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Quirk> {
        self.0.iter()
    }

    /// What remains of them after the first tap of a visit.
    pub(crate) fn after_first_tap(&self) -> Self {
        Self(self.iter().filter(|quirk| !quirk.is_over_after_first_tap()).cloned().collect())
    }

    /// Whether the terminal goes for another tap, however the first one ended.
    pub(crate) fn spoils_first_tap(&self) -> bool {
        self.iter().any(Quirk::is_over_after_first_tap)
    }

    /// How often, and with which field, it starts again while the cardholder looks at the phone.
    pub(crate) fn restart(&self) -> Option<(Field, usize)> {
        self.first(|quirk| match quirk {
            Quirk::RestartsAtOnce { field, at_most } => Some((*field, *at_most)),
            _ => None,
        })
    }

    /// What is given back in a later tap, in minor units.
    pub(crate) fn refund(&self) -> Option<u64> {
        self.first(|quirk| if let Quirk::RefundsLater { amount } = quirk { Some(*amount) } else { None })
    }

    /// The sale as this terminal understands it.
    pub(crate) fn sale(&self, sale: &Sale) -> Sale {
        self.iter().fold(*sale, |sale, quirk| match quirk {
            Quirk::Amount(amount) => Sale { amount: *amount, ..sale },
            Quirk::UnpredictableNumber(number) => Sale { unpredictable_number: *number, ..sale },
            _ => sale,
        })
    }

    /// The unpredictable number of the tap after the one with `number`.
    pub(crate) fn number_after(&self, number: [u8; 4]) -> [u8; 4] {
        let fixed = self.iter().any(|quirk| matches!(quirk, Quirk::UnpredictableNumber(_)));
        if fixed { number } else { u32::from_be_bytes(number).wrapping_add(1).to_be_bytes() }
    }

    pub(crate) fn change_objects(&self, objects: &mut DataObjects) {
        for quirk in self.iter() {
            match quirk {
                Quirk::Without(tags) => tags.iter().for_each(|tag| objects.lack(*tag)),
                Quirk::Holds { tag, value } => objects.hold(*tag, value.clone()),
                _ => {}
            }
        }
    }

    pub(crate) fn skips_directory(&self) -> bool {
        self.iter().any(|quirk| *quirk == Quirk::NoDirectory)
    }

    pub(crate) fn order_candidates(&self, candidates: &mut [Candidate]) {
        for quirk in self.iter() {
            if let Quirk::Prefers { aid } = quirk {
                candidates.sort_by_key(|candidate| candidate.aid != *aid);
            }
        }
    }

    pub(crate) fn order_records<T>(&self, records: &mut [T]) {
        if self.iter().any(|quirk| *quirk == Quirk::RecordsBackwards) {
            records.reverse();
        }
    }

    /// What is asked for where `decided` is due, and whether with a signature.
    pub(crate) fn cryptogram(&self, decided: CryptogramType) -> (CryptogramType, bool) {
        let wanted = self.first(|quirk| match quirk {
            Quirk::AsksFor { cryptogram, signed } | Quirk::AsksFirst { cryptogram, signed } => {
                Some((*cryptogram, *signed))
            }
            _ => None,
        });
        wanted.unwrap_or((decided, decided != CryptogramType::Decline))
    }

    /// All that is said where `command` is due.
    pub(crate) fn words(&self, step: Step, command: Vec<u8>) -> Words {
        self.iter().fold(Words::plain(command), |words, quirk| words.with(quirk, step))
    }

    /// Whether the field goes off at this step; `record` counts the records read so far.
    pub(crate) fn drops_field(&self, step: Step, record: usize) -> bool {
        self.iter().any(|quirk| match quirk {
            Quirk::DropsField(drop) => drop.is_at(step, record),
            _ => false,
        })
    }

    /// How long card and air may take together.
    pub(crate) fn patience(&self) -> Option<Duration> {
        self.first(|quirk| match quirk {
            Quirk::GivesUpAfterMs(limit) => Some(Duration::from_millis(*limit)),
            _ => None,
        })
    }

    fn first<T>(&self, found: impl Fn(&Quirk) -> Option<T>) -> Option<T> {
        self.iter().find_map(found)
    }
}
