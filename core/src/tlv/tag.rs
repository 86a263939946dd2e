use super::TlvError;
use core::fmt;

/// A tag of one to three bytes, as the number that its bytes spell: `Tag::new(0x9F26)`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(u32);

impl Tag {
    /// The tag whose bytes spell this number.
    ///
    /// Meant for constants; a number that is not a tag's never equals one that was read.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The tag's bytes as a number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Whether the value holds further data objects (bit 6 of the first byte).
    #[must_use]
    #[inline]
    pub const fn is_constructed(self) -> bool {
        let first_byte = match self.0 {
            0..=0xFF => self.0,
            0x100..=0xFFFF => self.0 >> 8,
            0x1_0000..=0xFF_FFFF => self.0 >> 16,
            _ => self.0 >> 24,
        };
        first_byte & 0x20 != 0
    }

    /// Reads one tag; gives it and the bytes behind it.
    ///
    /// # Errors
    /// [`TlvError::Truncated`] or [`TlvError::TagTooLong`].
    #[inline]
    pub fn read(bytes: &[u8]) -> Result<(Self, &[u8]), TlvError> {
        let (&first, mut rest) = bytes.split_first().ok_or(TlvError::Truncated)?;
        let mut number = u32::from(first);
        if first & 0x1F != 0x1F {
            return Ok((Self(number), rest));
        }
        for _ in 1..Self::MAX_LENGTH {
            let (&next, behind) = rest.split_first().ok_or(TlvError::Truncated)?;
            (number, rest) = (number << 8 | u32::from(next), behind);
            if next & 0x80 == 0 {
                return Ok((Self(number), rest));
            }
        }
        Err(TlvError::TagTooLong)
    }

    /// The tag's bytes.
    pub(super) fn encoded(self) -> Encoded {
        Encoded { bytes: self.0.to_be_bytes() }
    }

    const MAX_LENGTH: usize = 3;
}

/// The bytes of a tag, without the leading zeros of its number.
pub(super) struct Encoded {
    bytes: [u8; 4],
}

impl AsRef<[u8]> for Encoded {
    fn as_ref(&self) -> &[u8] {
        match &self.bytes {
            [0, 0, 0, tag @ ..] => tag,
            [0, 0, tag @ ..] => tag,
            [0, tag @ ..] => tag,
            tag => tag,
        }
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02X}", self.0)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
