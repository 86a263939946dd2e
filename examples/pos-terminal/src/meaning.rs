//! What values say, in a few words.

use crate::data::parse_tag_list;
use crate::dictionary::{self, Reading};
use crate::mag_stripe::Track2;
use crate::records;

/// The meaning of a value, where more can be said than its digits.
pub fn meaning(tag: u32, value: &[u8]) -> Option<String> {
    let said = match dictionary::entry(tag)?.reading {
        Reading::Text | Reading::Track1 => printable(value)?,
        Reading::Name => name(value)?,
        Reading::Date => date(value)?,
        Reading::Country => country(value)?.to_owned(),
        Reading::Currency => currency(value)?.to_owned(),
        Reading::Amount => amount(value)?,
        Reading::Aip => bits(value, AIP),
        Reading::Tvr => bits(value, TVR),
        Reading::RiskManagement => bits(value, RISK_MANAGEMENT),
        Reading::Capabilities => bits(value, CAPABILITIES),
        Reading::UsageControl => bits(value, USAGE_CONTROL),
        Reading::MobileSupport => bits(value, MOBILE_SUPPORT),
        Reading::Poscii => bits(value, POSCII),
        Reading::ApplicationData => format!("CVR {}", bits(value.get(2..8)?, CVR)),
        Reading::Cid => cid(*value.first()?).to_owned(),
        Reading::CvmResults => cvm_results(value)?,
        Reading::CvmList => cvm_list(value)?,
        Reading::TerminalType => terminal_type(*value.first()?)?,
        Reading::TransactionType => transaction_type(*value.first()?)?.to_owned(),
        Reading::MerchantCategory => merchant_category(value)?.to_owned(),
        Reading::Counter => value.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)).to_string(),
        Reading::Kernel => format!("kernel {}", value.first()?),
        Reading::Afl => afl(value)?,
        Reading::TagList => tags(value)?,
        Reading::Track2 => {
            let track = Track2::parse(value).ok()?;
            format!("valid to {}, service {}", track.fixed.get(..4)?, track.fixed.get(4..)?)
        }
        Reading::Pan | Reading::Dol | Reading::Plain => return None,
    };
    Some(said)
}

/// The meaning of a status word.
pub fn status_word(status: u16) -> &'static str {
    match status {
        0x9000 => "success",
        0x6283 => "selected file invalidated",
        0x6500 => "processing error",
        0x6700 => "wrong length",
        0x6981 => "command incompatible",
        0x6982 => "security status not satisfied",
        0x6985 => "conditions of use not satisfied",
        0x6A82 => "file or application not found",
        0x6A83 => "record not found",
        0x6A86 => "wrong P1 or P2",
        0x6D00 => "instruction not supported",
        0x6E00 => "class not supported",
        0x6F00 => "internal error",
        _ => "other status",
    }
}

type Bits = &'static [(usize, u8, &'static str)];

fn bits(value: &[u8], table: Bits) -> String {
    let set = |(byte, mask, _): &&(usize, u8, &str)| value.get(*byte).is_some_and(|found| found & mask == *mask);
    let words: Vec<&str> = table.iter().filter(set).map(|(_, _, word)| *word).collect();
    if words.is_empty() { "nothing set".to_owned() } else { words.join(", ") }
}

fn printable(value: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(value).ok()?;
    (!text.is_empty() && text.chars().all(|letter| !letter.is_control())).then(|| format!("\"{text}\""))
}

fn name(value: &[u8]) -> Option<String> {
    match hex::encode_upper(value).as_str() {
        "A0000000041010" => Some("Mastercard".to_owned()),
        "A0000000043060" => Some("Maestro".to_owned()),
        "A0000000042203" => Some("US Maestro".to_owned()),
        _ => printable(value),
    }
}

fn date(value: &[u8]) -> Option<String> {
    let [year, month, day] = value else { return None };
    Some(format!("{:04X}-{month:02X}-{day:02X}", crate::restrictions::full_year(*year)))
}

fn amount(value: &[u8]) -> Option<String> {
    let digits = hex::encode(value);
    let number: u64 = digits.parse().ok()?;
    Some(format!("{number} minor units"))
}

fn country(value: &[u8]) -> Option<&'static str> {
    Some(match value {
        [0x06, 0x16] => "Poland",
        [0x02, 0x76] => "Germany",
        [0x02, 0x50] => "France",
        [0x08, 0x26] => "United Kingdom",
        [0x08, 0x40] => "United States",
        _ => return None,
    })
}

fn currency(value: &[u8]) -> Option<&'static str> {
    Some(match value {
        [0x09, 0x85] => "PLN",
        [0x09, 0x78] => "EUR",
        [0x08, 0x26] => "GBP",
        [0x08, 0x40] => "USD",
        _ => return None,
    })
}

fn cid(cid: u8) -> &'static str {
    match cid & 0xC0 {
        0x00 => "AAC: declined",
        0x40 => "TC: approved offline",
        0x80 => "ARQC: go online",
        _ => "reserved",
    }
}

fn cvm_method(code: u8) -> &'static str {
    match code & 0x3F {
        0x00 => "fail",
        0x01 => "plaintext PIN",
        0x02 => "online PIN",
        0x03 => "plaintext PIN and signature",
        0x04 => "enciphered PIN",
        0x05 => "enciphered PIN and signature",
        0x1E => "signature",
        0x1F | 0x3F => "no CVM",
        _ => "unknown method",
    }
}

fn cvm_condition(condition: u8) -> &'static str {
    match condition {
        0x00 => "always",
        0x01 => "unattended cash",
        0x02 => "neither cash nor cash-back",
        0x03 => "if the terminal supports it",
        0x04 => "manual cash",
        0x05 => "cash-back",
        0x06 => "under X",
        0x07 => "over X",
        0x08 => "under Y",
        0x09 => "over Y",
        _ => "unknown condition",
    }
}

fn cvm_results(value: &[u8]) -> Option<String> {
    match value {
        // Kernel 2 writes verification on the device as a plaintext PIN that succeeded.
        [0x01, 0x00, 0x02] => Some("verified on the device".to_owned()),
        [code, condition, result] => {
            let result = match result {
                0x01 => "failed",
                0x02 => "successful",
                _ => "unknown",
            };
            Some(format!("{}, {}, {result}", cvm_method(*code), cvm_condition(*condition)))
        }
        _ => None,
    }
}

fn cvm_list(value: &[u8]) -> Option<String> {
    let (rules, _) = value.get(8..)?.as_chunks::<2>();
    let rules: Vec<String> =
        rules.iter().map(|[code, condition]| format!("{} {}", cvm_method(*code), cvm_condition(*condition))).collect();
    Some(rules.join("; "))
}

fn terminal_type(kind: u8) -> Option<String> {
    let operator = match kind >> 4 {
        1 => "bank",
        2 => "merchant",
        3 => "cardholder",
        _ => return None,
    };
    let ability = match kind & 0x0F {
        1 => "attended, online only",
        2 => "attended, offline with online capability",
        3 => "attended, offline only",
        4 => "unattended, online only",
        5 => "unattended, offline with online capability",
        6 => "unattended, offline only",
        _ => return None,
    };
    Some(format!("{operator}, {ability}"))
}

fn transaction_type(kind: u8) -> Option<&'static str> {
    Some(match kind {
        0x00 => "purchase",
        0x01 => "cash",
        0x09 => "purchase with cash-back",
        0x20 => "refund",
        _ => return None,
    })
}

fn merchant_category(value: &[u8]) -> Option<&'static str> {
    Some(match value {
        [0x54, 0x11] => "grocery",
        [0x41, 0x11] => "local transport",
        [0x41, 0x31] => "bus line",
        [0x47, 0x84] => "tolls",
        [0x75, 0x23] => "parking",
        _ => return None,
    })
}

fn afl(value: &[u8]) -> Option<String> {
    let addresses = records::addresses(value).ok()?;
    let places: Vec<String> = addresses
        .iter()
        .map(|address| format!("{}.{}{}", address.sfi, address.record, if address.signed { " signed" } else { "" }))
        .collect();
    Some(format!("records {}", places.join(", ")))
}

fn tags(value: &[u8]) -> Option<String> {
    let names: Vec<&str> = parse_tag_list(value).ok()?.into_iter().map(dictionary::name).collect();
    Some(names.join(", "))
}

/// EMV Book 3, annex C1; Book C-2 for on-device verification and byte 2.
const AIP: Bits = &[
    (0, 0x40, "SDA"),
    (0, 0x20, "DDA"),
    (0, 0x10, "cardholder verification"),
    (0, 0x08, "terminal risk management"),
    (0, 0x02, "on-device verification"),
    (0, 0x01, "CDA"),
    (1, 0x80, "EMV mode"),
    (1, 0x01, "relay resistance"),
];

/// EMV Book 3, annex C5; Book C-2 for byte 5.
const TVR: Bits = &[
    (0, 0x80, "offline data authentication not performed"),
    (0, 0x40, "SDA failed"),
    (0, 0x20, "ICC data missing"),
    (0, 0x10, "card on exception file"),
    (0, 0x08, "DDA failed"),
    (0, 0x04, "CDA failed"),
    (1, 0x80, "application versions differ"),
    (1, 0x40, "expired"),
    (1, 0x20, "not yet effective"),
    (1, 0x10, "service not allowed"),
    (1, 0x08, "new card"),
    (2, 0x80, "cardholder verification failed"),
    (2, 0x40, "unrecognised CVM"),
    (2, 0x20, "PIN try limit exceeded"),
    (2, 0x10, "no PIN pad"),
    (2, 0x08, "PIN not entered"),
    (2, 0x04, "online PIN entered"),
    (3, 0x80, "floor limit exceeded"),
    (3, 0x40, "lower offline limit exceeded"),
    (3, 0x20, "upper offline limit exceeded"),
    (3, 0x10, "randomly selected for online"),
    (3, 0x08, "merchant forced online"),
    (4, 0x80, "default TDOL used"),
    (4, 0x40, "issuer authentication failed"),
    (4, 0x20, "script failed before the last GENERATE AC"),
    (4, 0x10, "script failed after the last GENERATE AC"),
    (4, 0x08, "relay resistance threshold exceeded"),
    (4, 0x04, "relay resistance time limits exceeded"),
    (4, 0x02, "relay resistance performed"),
    (4, 0x01, "relay resistance not performed"),
];

/// 9F1D.
const RISK_MANAGEMENT: Bits = &[
    (0, 0x80, "restart supported"),
    (0, 0x40, "online PIN"),
    (0, 0x20, "signature"),
    (0, 0x10, "enciphered offline PIN"),
    (0, 0x08, "no CVM"),
    (0, 0x04, "verification on the device"),
    (0, 0x02, "plaintext offline PIN"),
    (0, 0x01, "present and hold"),
    (1, 0x80, "CVM limit exceeded"),
    (2, 0x80, "no mag-stripe mode"),
    (2, 0x40, "no EMV mode"),
    (2, 0x20, "verification on the device without CDA"),
    (3, 0x80, "bypass of verification requested"),
    (3, 0x40, "strong authentication exempt"),
];

/// EMV Book 4, annex A2.
const CAPABILITIES: Bits = &[
    (1, 0x80, "plaintext PIN"),
    (1, 0x40, "online PIN"),
    (1, 0x20, "signature"),
    (1, 0x10, "enciphered offline PIN"),
    (1, 0x08, "no CVM"),
    (2, 0x08, "CDA"),
];

/// EMV Book 3, annex C2.
const USAGE_CONTROL: Bits = &[
    (0, 0x80, "cash at home"),
    (0, 0x40, "cash abroad"),
    (0, 0x20, "goods at home"),
    (0, 0x10, "goods abroad"),
    (0, 0x08, "services at home"),
    (0, 0x04, "services abroad"),
    (0, 0x02, "at ATMs"),
    (0, 0x01, "elsewhere"),
    (1, 0x80, "cash-back at home"),
    (1, 0x40, "cash-back abroad"),
];

/// Book C-2, 9F7E.
const MOBILE_SUPPORT: Bits = &[(0, 0x01, "phones supported"), (0, 0x02, "verification on the device required")];

/// Book C-2, DF4B.
const POSCII: Bits = &[
    (1, 0x10, "verified on the device"),
    (1, 0x08, "conflicting context"),
    (1, 0x04, "PIN change required"),
    (1, 0x02, "consent required"),
    (1, 0x01, "verification on the device required"),
    (2, 0x01, "second tap required"),
];

/// M/Chip, card verification results; the kind of cryptogram is in 9F27.
const CVR: Bits = &[
    (0, 0x08, "date check failed"),
    (0, 0x04, "offline verification performed"),
    (0, 0x01, "verification successful"),
    (1, 0x80, "DDA returned"),
    (1, 0x40, "CDA returned"),
    (3, 0x80, "last online not completed"),
    (3, 0x40, "unable to go online"),
    (3, 0x20, "offline verification not performed"),
    (3, 0x10, "offline verification failed"),
    (3, 0x08, "PIN try limit exceeded"),
    (3, 0x04, "international"),
    (3, 0x02, "domestic"),
    (3, 0x01, "terminal erroneously considers verification done"),
    (4, 0x08, "go online next time"),
    (5, 0x08, "consent limit exceeded"),
    (5, 0x02, "additional check matched"),
    (5, 0x01, "additional check did not match"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_said_in_words() {
        for (tag, value, expected) in [
            (0x82, "1B80", "cardholder verification, terminal risk management, on-device verification, CDA, EMV mode"),
            (0x95, "0000008001", "floor limit exceeded, relay resistance not performed"),
            (0x9F34, "010002", "verified on the device"),
            (0x9F34, "420300", "online PIN, if the terminal supports it, unknown"),
            (0x9F27, "80", "ARQC: go online"),
            (0xDF4B, "000100", "verification on the device required"),
            (
                0x9F10,
                "0114A540000200000000005F202A7BBA00FF",
                "CVR offline verification performed, verification successful, CDA returned, domestic",
            ),
            (0x9F35, "22", "merchant, attended, offline with online capability"),
            (0x5F2A, "0985", "PLN"),
            (0x9A, "260115", "2026-01-15"),
            (0x94, "0801010010010201", "records 1.1, 2.1 signed, 2.2"),
            (0x9F36, "0190", "400"),
            (0x9F02, "000000002500", "2500 minor units"),
        ] {
            assert_eq!(meaning(tag, &hex::decode(value).unwrap()).as_deref(), Some(expected), "{tag:X} {value}");
        }
    }
}
