//! The terminal's data objects: what it holds itself, what the card sent, and lists filled from both.

use std::collections::BTreeMap;

use crate::dictionary::{self, Format, Source};
use crate::tlv::{Element, TlvFault};

/// Values by tag; the card can never replace what the terminal holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DataObjects {
    terminal: BTreeMap<u32, Vec<u8>>,
    card: BTreeMap<u32, Vec<u8>>,
}

/// Why data of the card cannot be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DataFault {
    /// The card sent it before.
    #[error("the card sent {0:X} twice")]
    Duplicate(u32),
    /// Only the terminal may set it.
    #[error("the card sent {0:X}, which is the terminal's")]
    TerminalObject(u32),
}

impl DataObjects {
    /// Sets one of the terminal's own values.
    pub fn hold(&mut self, tag: u32, value: impl Into<Vec<u8>>) {
        self.terminal.insert(tag, value.into());
    }

    /// Takes one of the terminal's own values away: lists that ask for it are filled with zeros.
    pub fn lack(&mut self, tag: u32) {
        self.terminal.remove(&tag);
    }

    /// Stores what the card sent (Book C-2, section 4.1.5: known objects of the terminal and repetitions are errors).
    pub fn store(&mut self, element: &Element<'_>) -> Result<(), DataFault> {
        let tag = element.tag;
        let of_terminal = dictionary::entry(tag).is_some_and(|entry| entry.source == Source::Terminal);
        if of_terminal || self.terminal.contains_key(&tag) {
            return Err(DataFault::TerminalObject(tag));
        }
        if self.card.get(&tag).is_some_and(|value| !value.is_empty()) {
            return Err(DataFault::Duplicate(tag));
        }
        self.card.insert(tag, element.value.to_vec());
        Ok(())
    }

    /// The value of a tag, whoever set it.
    pub fn value(&self, tag: u32) -> Option<&[u8]> {
        self.terminal.get(&tag).or_else(|| self.card.get(&tag)).map(Vec::as_slice)
    }

    /// The value of a tag when it has exactly `N` bytes.
    pub fn fixed<const N: usize>(&self, tag: u32) -> Option<[u8; N]> {
        self.value(tag).and_then(|value| value.try_into().ok())
    }

    /// What the card sent.
    pub fn of_card(&self) -> &BTreeMap<u32, Vec<u8>> {
        &self.card
    }

    /// Forgets what the card sent, for the next application on it.
    pub fn forget_card(&mut self) {
        self.card.clear();
    }

    /// The values that a data object list asks for, one after the other (EMV Book 3, section 5.4).
    pub fn fill(&self, list: &[u8]) -> Result<Vec<u8>, TlvFault> {
        let mut filled = Vec::new();
        for DolEntry { tag, length } in parse_dol(list)? {
            match self.value(tag) {
                Some(value) => filled.extend(fit(value, usize::from(length), format(tag))),
                None => filled.resize(filled.len() + usize::from(length), 0x00),
            }
        }
        if filled.len() > LONGEST_FILLED { Err(TlvFault::TooLong) } else { Ok(filled) }
    }
}

/// One line of a data object list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DolEntry {
    /// What is asked for.
    pub tag: u32,
    /// In how many bytes.
    pub length: u8,
}

/// Reads a data object list: tags and lengths without values.
pub fn parse_dol(list: &[u8]) -> Result<Vec<DolEntry>, TlvFault> {
    let mut bytes = list.iter().copied();
    let mut entries = Vec::new();
    while let Some(tag) = next_tag(&mut bytes)? {
        let length = bytes.next().filter(|length| *length < 0x80).ok_or(TlvFault::Malformed)?;
        entries.push(DolEntry { tag, length });
    }
    Ok(entries)
}

/// Reads a list of tags alone.
pub fn parse_tag_list(list: &[u8]) -> Result<Vec<u32>, TlvFault> {
    let mut bytes = list.iter().copied();
    let mut tags = Vec::new();
    while let Some(tag) = next_tag(&mut bytes)? {
        tags.push(tag);
    }
    Ok(tags)
}

fn next_tag(bytes: &mut impl Iterator<Item = u8>) -> Result<Option<u32>, TlvFault> {
    let Some(first) = bytes.next() else { return Ok(None) };
    let mut tag = u32::from(first);
    if first & 0x1F == 0x1F {
        loop {
            let next = bytes.next().ok_or(TlvFault::Malformed)?;
            if tag > 0xFFFF {
                return Err(TlvFault::Malformed);
            }
            tag = tag << 8 | u32::from(next);
            if next & 0x80 == 0 {
                break;
            }
        }
    }
    Ok(Some(tag))
}

fn format(tag: u32) -> Format {
    dictionary::entry(tag).map_or(Format::B, |entry| entry.format)
}

fn fit(value: &[u8], length: usize, format: Format) -> Vec<u8> {
    let missing = length.saturating_sub(value.len());
    let surplus = value.len().saturating_sub(length);
    match format {
        Format::N => {
            let mut fitted = vec![0x00; missing];
            fitted.extend(value.iter().skip(surplus));
            fitted
        }
        Format::Cn | Format::An | Format::B => {
            let mut fitted: Vec<u8> = value.iter().take(length).copied().collect();
            fitted.resize(length, if format == Format::Cn { 0xFF } else { 0x00 });
            fitted
        }
    }
}

/// What fits a short command beside the command template 83 81 xx.
const LONGEST_FILLED: usize = 252;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_filled_by_format() {
        let mut objects = DataObjects::default();
        objects.hold(0x9F02, [0x00, 0x00, 0x00, 0x01, 0x23, 0x45]);
        objects.hold(0x9F4E, *b"KIOSK");
        objects.hold(0x9F37, [0x12, 0x34, 0xAB, 0xCD]);
        objects.card.insert(0x5A, vec![0x54, 0x13]);
        for (list, expected, why) in [
            ("9F0206", "000000012345", "as it is"),
            ("9F0203", "012345", "n loses leading digits"),
            ("9F0208", "0000000000012345", "n gains leading zeros"),
            ("9F4E03", "4B494F", "an is cut at the end"),
            ("9F4E07", "4B494F534B0000", "an is padded at the end"),
            ("9F3702", "1234", "b is cut at the end"),
            ("9F3706", "1234ABCD0000", "b is padded at the end"),
            ("5A04", "5413FFFF", "cn is padded with F"),
            ("5A01", "54", "cn is cut at the end"),
            ("DF7F02", "0000", "an unknown tag is zeros"),
            ("7000", "", "nothing is nothing"),
            ("9F02009F3704", "1234ABCD", "length 0 asks for nothing"),
        ] {
            assert_eq!(hex::encode_upper(objects.fill(&hex::decode(list).unwrap()).unwrap()), expected, "{why}");
        }
    }

    #[test]
    fn a_broken_list_is_a_fault() {
        let objects = DataObjects::default();
        for list in ["9F", "9F02", "9F0281", "DF818181810101"] {
            assert_eq!(objects.fill(&hex::decode(list).unwrap()), Err(TlvFault::Malformed), "{list}");
        }
        assert_eq!(objects.fill(&[0x5A, 0x7F].repeat(2)), Err(TlvFault::TooLong));
    }

    #[test]
    fn a_card_cannot_set_the_amount_nor_repeat_itself() {
        let mut objects = DataObjects::default();
        let element = |tag| Element { tag, encoded: &[], value: &[0x01], constructed: false };
        assert_eq!(objects.store(&element(0x9F02)), Err(DataFault::TerminalObject(0x9F02)));
        assert_eq!(objects.store(&element(0x5F34)), Ok(()));
        assert_eq!(objects.store(&element(0x5F34)), Err(DataFault::Duplicate(0x5F34)));
        objects.forget_card();
        assert_eq!(objects.store(&element(0x5F34)), Ok(()));
    }
}
