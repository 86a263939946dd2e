//! Dates as cards write them.

use std::fmt;
use std::str::FromStr;

/// The month in which a card expires; it pays to the end of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ExpiryDate {
    year: u8,
    month: u8,
}

impl ExpiryDate {
    pub(crate) const DECEMBER_2030: Self = Self { year: 30, month: 12 };

    /// `year` counts from 2000 (0-99), `month` from 1. `None` where there is no such month.
    pub fn new(year: u8, month: u8) -> Option<Self> {
        (year <= 99 && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    /// YYMM as on a track: four digits.
    pub fn yymm(self) -> String {
        format!("{:02}{:02}", self.year, self.month)
    }

    /// The last day of the month as 5F24 has it: YYMMDD in BCD.
    pub(crate) fn yymmdd(self) -> [u8; 3] {
        let last_day = match self.month {
            2 if self.year.is_multiple_of(4) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        [bcd(self.year), bcd(self.month), bcd(last_day)]
    }

    /// MMYY in BCD as a public key certificate has it (EMV Book 2, tables 6 and 14).
    pub(crate) fn mmyy(self) -> [u8; 2] {
        [bcd(self.month), bcd(self.year)]
    }
}

impl FromStr for ExpiryDate {
    type Err = NoSuchMonth;

    fn from_str(yymm: &str) -> Result<Self, NoSuchMonth> {
        let digits: u16 = match yymm.len() {
            4 if yymm.bytes().all(|byte| byte.is_ascii_digit()) => yymm.parse().map_err(|_| NoSuchMonth)?,
            _ => return Err(NoSuchMonth),
        };
        Self::new((digits / 100) as u8, (digits % 100) as u8).ok_or(NoSuchMonth)
    }
}

impl fmt::Display for ExpiryDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.yymm())
    }
}

/// A text that is no month.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("an expiry date is four digits, YYMM")]
pub struct NoSuchMonth;

/// Two decimal digits in one byte.
pub(crate) fn bcd(number: u8) -> u8 {
    ((number / 10) << 4) | (number % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_pays_to_the_last_day_of_its_month() {
        let last_day = |yymm: &str| hex::encode(yymm.parse::<ExpiryDate>().unwrap().yymmdd());
        assert_eq!(last_day("3012"), "301231");
        assert_eq!(last_day("2802"), "280229");
        assert_eq!(last_day("2702"), "270228");
        assert_eq!(last_day("3011"), "301130");
    }

    #[test]
    fn what_is_no_month_is_refused() {
        for text in ["", "3013", "3000", "30122", "+312", "30-1"] {
            assert_eq!(text.parse::<ExpiryDate>(), Err(NoSuchMonth), "{text}");
        }
    }
}
