use core::fmt;
use serde::{Deserialize, Serialize};

/// An amount in minor units of its currency, up to twelve digits (9F02, format n 12).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Amount(u64);

impl Amount {
    /// The amount of this many minor units; `None` beyond twelve digits.
    #[must_use]
    pub fn from_minor_units(units: u64) -> Option<Self> {
        (units <= 999_999_999_999).then_some(Self(units))
    }

    /// Reads six bytes of binary-coded decimals; `None` when a digit is above nine.
    #[must_use]
    pub fn from_bcd(bytes: [u8; 6]) -> Option<Self> {
        bytes
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 0x0F])
            .try_fold(0, |sum, digit| (digit <= 9).then(|| sum * 10 + u64::from(digit)))
            .map(Self)
    }

    /// How many minor units.
    #[must_use]
    pub const fn minor_units(self) -> u64 {
        self.0
    }

    /// Whether it is zero, as at a transit gate.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

macro_rules! numeric_code {
    ($(#[$doc:meta])* $name:ident, $digits:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name([u8; 2]);

        impl $name {
            /// The code of its two bytes of binary-coded decimals.
            #[must_use]
            pub const fn new(bytes: [u8; 2]) -> Self {
                Self(bytes)
            }

            /// The two bytes.
            #[must_use]
            pub const fn to_bytes(self) -> [u8; 2] {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!("{:0", $digits, "X}"), u16::from_be_bytes(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

numeric_code! {
    /// Country, ISO 3166-1 numeric: `0616` on the wire is shown as `616`.
    CountryCode, 3
}
numeric_code! {
    /// Currency, ISO 4217 numeric: `0985` on the wire is shown as `985`.
    CurrencyCode, 3
}
numeric_code! {
    /// What a merchant sells, ISO 18245.
    MerchantCategoryCode, 4
}

impl MerchantCategoryCode {
    /// Whether this is one of the four categories of passenger transport for which an amount of zero means a gate.
    #[must_use]
    pub const fn is_transit(self) -> bool {
        // Local transport, bus lines, tolls, parking.
        matches!(self.0, [0x41, 0x11] | [0x41, 0x31] | [0x47, 0x84] | [0x75, 0x23])
    }
}

/// The terminal's fresh number that keeps a cryptogram from being replayed (9F37, and 9F6A in mag-stripe mode).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnpredictableNumber(pub [u8; 4]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_decimal_digits() {
        assert_eq!(Amount::from_bcd([0, 0, 0, 0, 0x25, 0x00]), Some(Amount(2500)));
        assert_eq!(Amount::from_bcd([0x99; 6]), Some(Amount(999_999_999_999)));
        assert_eq!(Amount::from_bcd([0, 0, 0, 0, 0x0A, 0]), None);
        assert_eq!(Amount::from_bcd([0xA0, 0, 0, 0, 0, 0]), None);
        assert_eq!(Amount::from_minor_units(1_000_000_000_000), None);
    }

    #[test]
    fn codes_are_shown_as_people_write_them() {
        assert_eq!(CurrencyCode::new([0x09, 0x85]).to_string(), "985");
        assert_eq!(CurrencyCode::new([0x00, 0x36]).to_string(), "036");
        assert_eq!(MerchantCategoryCode::new([0x54, 0x11]).to_string(), "5411");
    }
}
