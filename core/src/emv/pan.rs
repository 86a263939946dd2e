use core::fmt;

/// A primary account number, here always a token's: up to 19 digits, in BCD padded with F (5A, format cn).
#[derive(Clone, PartialEq, Eq)]
pub struct Pan {
    bcd: Vec<u8>,
}

impl Pan {
    /// Reads packed digits, padded with F; `None` unless there are 8 to 19 and nothing but digits before the padding.
    #[must_use]
    pub fn from_bcd(bytes: &[u8]) -> Option<Self> {
        let nibbles: Vec<u8> = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]).collect();
        Self::from_nibbles(nibbles.split(|nibble| *nibble == 0x0F).next()?)
    }

    /// Reads the account number in front of the separator D of track 2 data (57).
    #[must_use]
    pub fn from_track_2(bytes: &[u8]) -> Option<Self> {
        let nibbles: Vec<u8> = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]).collect();
        Self::from_nibbles(nibbles.split(|nibble| *nibble == 0x0D).next()?)
    }

    /// Reads written digits.
    #[must_use]
    pub fn from_digits(digits: &str) -> Option<Self> {
        let nibbles: Vec<u8> =
            digits.chars().map(|c| c.to_digit(10).and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
        Self::from_nibbles(&nibbles)
    }

    /// The digits in BCD, a last F where their number is odd.
    #[must_use]
    pub fn as_bcd(&self) -> &[u8] {
        &self.bcd
    }

    fn from_nibbles(digits: &[u8]) -> Option<Self> {
        let sound = (8..=19).contains(&digits.len()) && digits.iter().all(|digit| *digit <= 9);
        sound.then(|| Self {
            bcd: digits
                .chunks(2)
                .map(|pair| match pair {
                    [high, low] => high << 4 | low,
                    [high] => high << 4 | 0x0F,
                    _ => 0xFF,
                })
                .collect(),
        })
    }
}

/// Never shows the number.
impl fmt::Debug for Pan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pan(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_numbers_are_padded() {
        assert_eq!(Pan::from_digits("541333000000001").unwrap().as_bcd(), [0x54, 0x13, 0x33, 0, 0, 0, 0, 0x1F]);
        assert_eq!(Pan::from_bcd(&[0x54, 0x13, 0x33, 0, 0, 0, 0, 0x1F]), Pan::from_digits("541333000000001"));
        assert_eq!(Pan::from_track_2(&[0x54, 0x13, 0x33, 0, 0, 0, 0, 0x1D, 0x30]), Pan::from_digits("541333000000001"));
        assert_eq!(Pan::from_digits("5413x3000000001"), None);
        assert_eq!(Pan::from_bcd(&[0x54, 0xA3, 0x33, 0, 0, 0, 0, 0x1F]), None);
    }

    #[test]
    fn an_account_number_is_never_shown() {
        assert_eq!(format!("{:?}", Pan::from_digits("5413330000000019").unwrap()), "Pan(..)");
    }
}
