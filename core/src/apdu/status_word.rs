use core::fmt;
use serde::{Deserialize, Serialize};

/// SW1 SW2, the two bytes that end every answer (ISO/IEC 7816-4 section 5.6).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StatusWord(u16);

impl StatusWord {
    /// Normal processing, also of an answer that declines.
    pub const NORMAL: Self = Self(0x9000);
    /// Processing error: the profile lacks what GENERATE AC needs.
    pub const PROCESSING_ERROR: Self = Self(0x6500);
    /// Wrong length: Lc, Le, an inner length or the length of DOL data.
    pub const WRONG_LENGTH: Self = Self(0x6700);
    /// Security status not satisfied: a mag-stripe tap refused where the terminal cannot restart.
    pub const SECURITY_STATUS_NOT_SATISFIED: Self = Self(0x6982);
    /// Conditions of use not satisfied: wrong state, offline-only terminal, missing mag-stripe data.
    pub const CONDITIONS_NOT_SATISFIED: Self = Self(0x6985);
    /// No application of that name.
    pub const FILE_NOT_FOUND: Self = Self(0x6A82);
    /// No such record.
    pub const RECORD_NOT_FOUND: Self = Self(0x6A83);
    /// Wrong P1 or P2.
    pub const INCORRECT_P1_P2: Self = Self(0x6A86);
    /// Unknown instruction.
    pub const INSTRUCTION_NOT_SUPPORTED: Self = Self(0x6D00);
    /// Known instruction under a wrong class.
    pub const CLASS_NOT_SUPPORTED: Self = Self(0x6E00);
    /// Internal failure; the tap is over.
    pub const INTERNAL: Self = Self(0x6F00);

    /// Every status word this card can answer.
    pub const ALL: [Self; 11] = [
        Self::NORMAL,
        Self::PROCESSING_ERROR,
        Self::WRONG_LENGTH,
        Self::SECURITY_STATUS_NOT_SATISFIED,
        Self::CONDITIONS_NOT_SATISFIED,
        Self::FILE_NOT_FOUND,
        Self::RECORD_NOT_FOUND,
        Self::INCORRECT_P1_P2,
        Self::INSTRUCTION_NOT_SUPPORTED,
        Self::CLASS_NOT_SUPPORTED,
        Self::INTERNAL,
    ];

    /// The status word of two bytes, SW1 first.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 2]) -> Self {
        Self(u16::from_be_bytes(bytes))
    }

    /// SW1 SW2.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 2] {
        self.0.to_be_bytes()
    }
}

impl fmt::Debug for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
