//! Objects in records, and records behind a file locator, at random.

use crate::dice::Dice;
use crate::random_card::{hexadecimal, template};
use emv::core::tlv::Tlv;
use serde_json::{Value, json};

/// Records and the file locator that leads to them: every entry begins with its signed records.
pub struct Layout {
    entries: Vec<Entry>,
}

struct Entry {
    sfi: u8,
    first: u8,
    signed: usize,
    records: Vec<Vec<Tlv>>,
}

impl Layout {
    pub fn of_signed(dice: &mut Dice, objects: Vec<Tlv>) -> Self {
        let mut layout = Self { entries: Vec::new() };
        let mut records = packed_into_records(dice, objects).into_iter().peekable();
        while records.peek().is_some() {
            let records: Vec<_> = records.by_ref().take(dice.between(1, 3)).collect();
            let entry = layout.entry(dice, records.len(), records);
            layout.entries.push(entry);
        }
        layout
    }

    pub fn add_unsigned(&mut self, dice: &mut Dice, mut objects: Vec<Tlv>) {
        dice.shuffle(&mut objects);
        for record in packed_into_records(dice, objects) {
            if dice.chance(50) {
                let at = dice.between(0, self.entries.len() - 1);
                self.entries[at].records.push(record);
            } else {
                let entry = self.entry(dice, 0, vec![record]);
                let at = dice.between(0, self.entries.len());
                self.entries.insert(at, entry);
            }
        }
    }

    fn entry(&self, dice: &mut Dice, signed: usize, records: Vec<Vec<Tlv>>) -> Entry {
        let free: Vec<u8> = (1..=20).filter(|sfi| self.entries.iter().all(|entry| entry.sfi != *sfi)).collect();
        let first = u8::try_from(dice.between(1, 9)).unwrap();
        Entry { sfi: *dice.pick(&free), first, signed, records }
    }

    /// EMV Book 3 section 10.3: of files 1 to 10 without the record template, of others with it.
    pub fn static_data(&self) -> Vec<u8> {
        let signed = |entry: &Entry| {
            let bare = entry.sfi <= 10;
            let content = move |record: &Vec<Tlv>| {
                let whole = template(0x70, record.clone());
                if bare { record.iter().flat_map(Tlv::encode).collect() } else { whole.encode() }
            };
            entry.records.iter().take(entry.signed).flat_map(content).collect::<Vec<u8>>()
        };
        self.entries.iter().flat_map(signed).collect()
    }

    pub fn file_locator(&self) -> Vec<u8> {
        let line = |entry: &Entry| {
            let count = |records: usize| u8::try_from(records).unwrap();
            [entry.sfi << 3, entry.first, entry.first + count(entry.records.len()) - 1, count(entry.signed)]
        };
        self.entries.iter().flat_map(line).collect()
    }

    pub fn records(&self) -> Value {
        let records = self.entries.iter().flat_map(|entry| {
            (entry.first..).zip(&entry.records).map(|(number, record)| {
                json!({
                    "sfi": hexadecimal(&[entry.sfi << 3 | 0x04]),
                    "recordNumber": number,
                    "recordValue": hexadecimal(&template(0x70, record.clone()).encode()),
                })
            })
        });
        records.collect()
    }
}

/// As many objects into each record as fit under a length that the dice choose.
fn packed_into_records(dice: &mut Dice, objects: Vec<Tlv>) -> Vec<Vec<Tlv>> {
    let mut records: Vec<Vec<Tlv>> = Vec::new();
    let mut room = 0;
    for object in objects {
        if object.wire_len() > room {
            records.push(Vec::new());
            room = dice.between(40, LONGEST_RECORD);
        }
        room = room.saturating_sub(object.wire_len());
        records.last_mut().unwrap().push(object);
    }
    records
}

/// With template and status word it is no longer than an answer.
const LONGEST_RECORD: usize = 240;
