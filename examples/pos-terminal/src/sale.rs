//! What the merchant wants: the values that change from tap to tap.

use time::OffsetDateTime;

/// One transaction as the cashier enters it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sale {
    /// 9F02, in minor units of the terminal's currency.
    pub amount: u64,
    /// 9F03, the part that is cash-back.
    pub amount_other: u64,
    /// 9C: 00 purchase, 01 cash, 09 purchase with cash-back, 20 refund.
    pub transaction_type: u8,
    /// 9A, YYMMDD in BCD.
    pub date: [u8; 3],
    /// 9F21, HHMMSS in BCD.
    pub time: [u8; 3],
    /// 9F37. In mag-stripe mode its last hex digits, each modulo 10, become 9F6A.
    pub unpredictable_number: [u8; 4],
}

impl Sale {
    /// A purchase at noon.
    pub fn purchase(amount: u64, date: [u8; 3], unpredictable_number: [u8; 4]) -> Self {
        Self {
            amount,
            amount_other: 0,
            transaction_type: PURCHASE,
            date,
            time: [0x12, 0x00, 0x00],
            unpredictable_number,
        }
    }

    /// The same sale at another moment.
    pub fn at(self, moment: OffsetDateTime) -> Self {
        let year = u8::try_from(moment.year().rem_euclid(100)).unwrap_or_default();
        Self {
            date: [bcd(year), bcd(moment.month().into()), bcd(moment.day())],
            time: [bcd(moment.hour()), bcd(moment.minute()), bcd(moment.second())],
            ..self
        }
    }
}

/// A number as `length` bytes of BCD, leading digits cut off when it is too large (format n).
pub fn numeric(number: u64, length: usize) -> Vec<u8> {
    let mut rest = number;
    let mut bytes: Vec<u8> = (0..length)
        .map(|_| {
            let pair = u8::try_from(rest % 100).unwrap_or_default();
            rest /= 100;
            bcd(pair)
        })
        .collect();
    bytes.reverse();
    bytes
}

/// Transaction type "goods and services" (ISO 8583 processing code 00).
pub const PURCHASE: u8 = 0x00;

/// Transaction type "cash".
pub const CASH: u8 = 0x01;

/// Transaction type "goods with cash-back".
pub const PURCHASE_WITH_CASHBACK: u8 = 0x09;

/// Transaction type "returns" (ISO 8583 processing code 20).
pub const REFUND: u8 = 0x20;

fn bcd(number: u8) -> u8 {
    (number / 10) << 4 | (number % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_moments_are_decimal() {
        assert_eq!(hex::encode(numeric(2500, 6)), "000000002500");
        assert_eq!(hex::encode(numeric(12_345, 2)), "2345");
        let moment = OffsetDateTime::from_unix_timestamp(1_768_471_445).unwrap();
        let sale = Sale::purchase(1, [0; 3], [0; 4]).at(moment);
        assert_eq!((hex::encode(sale.date), hex::encode(sale.time)), ("260115".into(), "100405".into()));
    }
}
