//! The application file locator and the records it names (EMV Book 3, section 10.2).

use std::collections::BTreeSet;

use crate::tlv::{self, TlvFault};

/// One record to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordAddress {
    /// Short file identifier, 1 to 30.
    pub sfi: u8,
    /// Record number, from 1.
    pub record: u8,
    /// Whether it is covered by the ICC certificate.
    pub signed: bool,
}

/// Why a file locator cannot be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AflFault {
    /// Not a whole number of entries, or none, or too many.
    #[error("AFL of {0} bytes")]
    Length(usize),
    /// SFI 0 or 31, or low bits set.
    #[error("AFL entry with SFI byte {0:02X}")]
    Sfi(u8),
    /// First record 0 or behind the last.
    #[error("AFL entry from record {first} to {last}")]
    Range {
        /// First record.
        first: u8,
        /// Last record.
        last: u8,
    },
    /// More signed records than records.
    #[error("AFL entry with {0} signed records")]
    Signed(u8),
    /// A record named twice: the card leads the terminal in circles.
    #[error("AFL names record {record} of file {sfi} twice")]
    Repeated {
        /// The file.
        sfi: u8,
        /// The record.
        record: u8,
    },
}

/// The records of a file locator, in reading order.
pub fn addresses(afl: &[u8]) -> Result<Vec<RecordAddress>, AflFault> {
    let (entries, rest) = afl.as_chunks::<4>();
    if !rest.is_empty() || entries.is_empty() || afl.len() > LONGEST_AFL {
        return Err(AflFault::Length(afl.len()));
    }
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for [file, first, last, signed] in entries {
        let sfi = file >> 3;
        if file & 0x07 != 0 || !(1..=30).contains(&sfi) {
            return Err(AflFault::Sfi(*file));
        }
        if *first == 0 || last < first {
            return Err(AflFault::Range { first: *first, last: *last });
        }
        if *signed > last - first + 1 {
            return Err(AflFault::Signed(*signed));
        }
        for record in *first..=*last {
            if !seen.insert((sfi, record)) {
                return Err(AflFault::Repeated { sfi, record });
            }
            found.push(RecordAddress { sfi, record, signed: record - first < *signed });
        }
    }
    Ok(found)
}

/// The bytes of a record that the ICC certificate covers (EMV Book 3, section 10.3):
/// of files 1 to 10 the content of template 70, of others the whole answer.
pub fn signed_bytes(address: RecordAddress, record: &[u8]) -> Result<&[u8], TlvFault> {
    if address.sfi <= 10 { tlv::template(record, RECORD) } else { Ok(record) }
}

/// Template 70 around every record.
pub const RECORD: u32 = 0x70;

/// Book C-2, annex A: an AFL has at most 248 bytes.
const LONGEST_AFL: usize = 248;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(afl: &str) -> Result<Vec<RecordAddress>, AflFault> {
        addresses(&hex::decode(afl).unwrap())
    }

    #[test]
    fn the_first_records_of_an_entry_are_signed() {
        let found = read("0801010010010302").unwrap();
        let seen: Vec<_> = found.iter().map(|address| (address.sfi, address.record, address.signed)).collect();
        assert_eq!(seen, [(1, 1, false), (2, 1, true), (2, 2, true), (2, 3, false)]);
    }

    #[test]
    fn a_locator_that_leads_nowhere_or_in_circles_is_refused() {
        assert_eq!(read(""), Err(AflFault::Length(0)));
        assert_eq!(read("080101"), Err(AflFault::Length(3)));
        assert_eq!(read("00010100"), Err(AflFault::Sfi(0x00)));
        assert_eq!(read("F8010100"), Err(AflFault::Sfi(0xF8)));
        assert_eq!(read("09010100"), Err(AflFault::Sfi(0x09)));
        assert_eq!(read("08000100"), Err(AflFault::Range { first: 0, last: 1 }));
        assert_eq!(read("08030200"), Err(AflFault::Range { first: 3, last: 2 }));
        assert_eq!(read("08010203"), Err(AflFault::Signed(3)));
        assert_eq!(read("0801010008010100"), Err(AflFault::Repeated { sfi: 1, record: 1 }));
        assert_eq!(read("0801FF00").unwrap().len(), 255);
    }
}
