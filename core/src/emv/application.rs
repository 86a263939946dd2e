use core::fmt;
use serde::{Deserialize, Serialize};

/// Application Identifier, or any DF name of 5 to 16 bytes (ISO/IEC 7816-4 section 8.2.1.2).
#[derive(Clone, Copy)]
pub struct Aid {
    bytes: [u8; 16],
    length: u8,
}

impl Aid {
    /// The name of the Proximity Payment System Environment (EMV Book B section 3.3.1).
    pub const PPSE: &[u8] = b"2PAY.SYS.DDF01";

    /// The identifier of these bytes; `None` unless there are 5 to 16.
    #[must_use]
    pub fn new(name: &[u8]) -> Option<Self> {
        let length = u8::try_from(name.len()).ok().filter(|length| (5..=16).contains(length))?;
        let mut bytes = [0; 16];
        bytes.get_mut(..name.len())?.copy_from_slice(name);
        Some(Self { bytes, length })
    }

    /// The identifier's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }
}

impl PartialEq for Aid {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Aid {}

impl fmt::Debug for Aid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl fmt::Display for Aid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Application Transaction Counter: one credential, one number, one answer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Atc(u16);

impl Atc {
    /// The counter that answers under random keys carry, whatever the card's own counter is.
    pub const OF_RANDOM_ANSWERS: Self = Self(1);

    /// The counter with this value.
    #[must_use]
    pub const fn new(value: u16) -> Self {
        Self(value)
    }

    /// The value.
    #[must_use]
    pub const fn value(self) -> u16 {
        self.0
    }

    /// Two bytes, most significant first.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 2] {
        self.0.to_be_bytes()
    }
}

/// Application Interchange Profile (EMV Book 3 Annex C1; byte 2 bit 8 from the C-2 kernel).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Aip([u8; 2]);

impl Aip {
    /// The profile of these two bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 2]) -> Self {
        Self(bytes)
    }

    /// The two bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 2] {
        self.0
    }

    /// Without "EMV mode is supported", so that a reader falls back to mag-stripe mode: AND FF7F.
    #[must_use]
    pub const fn without_emv_mode(self) -> Self {
        let Self([first, second]) = self;
        Self([first, second & 0x7F])
    }
}

/// Application File Locator: which records a reader is to read (EMV Book 3 section 10.2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Afl(Vec<AflEntry>);

/// One group of records in an [`Afl`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AflEntry {
    /// Short file identifier, 1 to 30.
    pub sfi: u8,
    /// First record.
    pub first: u8,
    /// Last record.
    pub last: u8,
    /// How many of them, from the first, offline data authentication covers.
    pub signed: u8,
}

impl Afl {
    /// Reads the four-byte groups; `None` when they break a rule of EMV Book 3 section 10.2.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (groups, []) = bytes.as_chunks::<4>() else { return None };
        let entries = groups.iter().map(|group| AflEntry::parse(*group)).collect::<Option<Vec<_>>>()?;
        (!entries.is_empty()).then_some(Self(entries))
    }

    /// The groups in order.
    #[must_use]
    pub fn entries(&self) -> &[AflEntry] {
        &self.0
    }

    /// SFI and number of every record, in reading order.
    pub fn records(&self) -> impl Iterator<Item = (u8, u8)> + '_ {
        self.0.iter().flat_map(|entry| (entry.first..=entry.last).map(|record| (entry.sfi, record)))
    }

    /// SFI and number of the records that offline data authentication covers.
    pub fn signed_records(&self) -> impl Iterator<Item = (u8, u8)> + '_ {
        let signed = |entry: &AflEntry| (entry.first..=entry.last).take(usize::from(entry.signed));
        self.0.iter().flat_map(move |entry| signed(entry).map(|record| (entry.sfi, record)))
    }
}

impl AflEntry {
    fn parse([location, first, last, signed]: [u8; 4]) -> Option<Self> {
        let sfi = location >> 3;
        let sound = location & 0x07 == 0 && (1..=30).contains(&sfi) && first >= 1 && first <= last;
        (sound && signed <= last - first + 1).then_some(Self { sfi, first, last, signed })
    }
}
