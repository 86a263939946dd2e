//! Amounts as people write them.

use anyhow::bail;

/// An amount in minor units with its decimal point.
pub(crate) fn money(amount: u64, exponent: u8) -> String {
    let digits = usize::from(exponent);
    let text = format!("{amount:0width$}", width = digits + 1);
    match text.split_at_checked(text.len() - digits) {
        Some((whole, fraction)) if !fraction.is_empty() => format!("{whole}.{fraction}"),
        _ => text,
    }
}

/// Reads an amount with at most so many digits behind the point.
pub(crate) fn minor_units(amount: &str, exponent: u8) -> anyhow::Result<u64> {
    let digits = usize::from(exponent);
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    let decimal = |part: &str| part.bytes().all(|digit| digit.is_ascii_digit());
    if whole.is_empty() || !decimal(whole) || !decimal(fraction) || fraction.len() > digits {
        bail!("an amount has digits, a point and at most {digits} digits behind it");
    }
    let number = format!("{whole}{fraction:0<digits$}").parse().unwrap_or(u64::MAX);
    if number > LARGEST_AMOUNT {
        bail!("an amount has at most 12 digits");
    }
    Ok(number)
}

/// 9F02 has twelve digits.
const LARGEST_AMOUNT: u64 = 999_999_999_999;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_and_read_in_their_currency() {
        for (amount, exponent, text) in [(2_500, 2, "25.00"), (5, 2, "0.05"), (300, 0, "300"), (2_500, 3, "2.500")] {
            assert_eq!(money(amount, exponent), text);
            assert_eq!(minor_units(text, exponent).unwrap(), amount);
        }
        assert_eq!(minor_units("25", 2).unwrap(), 2_500);
        for wrong in ["", ".5", "1.234", "-1", "1,5", "99999999999.99", "99999999999999999999999"] {
            assert!(minor_units(wrong, 2).is_err(), "{wrong}");
        }
    }
}
