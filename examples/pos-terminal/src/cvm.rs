//! Cardholder verification (EMV Book 3, section 10.5; on-device verification: Book C-2, procedure CVM).

use crate::configuration::{NO_CVM, ONLINE_PIN, SIGNATURE, TerminalConfiguration};
use crate::data::DataObjects;
use crate::sale::{CASH, PURCHASE_WITH_CASHBACK, Sale};
use crate::tvr::{Finding, Tvr};

/// How the cardholder is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cvm {
    /// On the cardholder's own device.
    OnDevice,
    /// The PIN goes to the issuer.
    OnlinePin,
    /// On paper.
    Signature,
    /// Not at all, as agreed.
    NoCvm,
    /// Nothing that both sides accept.
    Failed,
}

/// Chooses the method; returns it with the CVM results (9F34).
pub fn choose(
    objects: &DataObjects,
    aip: [u8; 2],
    configuration: &TerminalConfiguration,
    sale: &Sale,
    tvr: &mut Tvr,
) -> (Cvm, [u8; 3]) {
    let [profile, _] = aip;
    if profile & ON_DEVICE != 0 && configuration.on_device_cvm {
        return if configuration.requires_cvm(sale.amount) {
            (Cvm::OnDevice, ON_DEVICE_DONE)
        } else {
            (Cvm::NoCvm, NOT_REQUIRED)
        };
    }
    if profile & CARDHOLDER_VERIFICATION == 0 {
        return (Cvm::NoCvm, NOT_PERFORMED);
    }
    match objects.value(CVM_LIST).and_then(CvmList::parse) {
        Some(list) => list.walk(objects, configuration, sale, tvr),
        None => {
            tvr.set(Finding::IccDataMissing);
            (Cvm::NoCvm, NOT_PERFORMED)
        }
    }
}

struct CvmList<'a> {
    x: u64,
    y: u64,
    rules: &'a [[u8; 2]],
}

impl<'a> CvmList<'a> {
    // A list without rules is no list (EMV Book 3, section 10.5).
    fn parse(value: &'a [u8]) -> Option<Self> {
        let (x, rest) = value.split_first_chunk::<4>()?;
        let (y, rules) = rest.split_first_chunk::<4>()?;
        let (rules, odd) = rules.as_chunks::<2>();
        (odd.is_empty() && !rules.is_empty()).then(|| Self {
            x: u32::from_be_bytes(*x).into(),
            y: u32::from_be_bytes(*y).into(),
            rules,
        })
    }

    fn walk(
        &self,
        objects: &DataObjects,
        configuration: &TerminalConfiguration,
        sale: &Sale,
        tvr: &mut Tvr,
    ) -> (Cvm, [u8; 3]) {
        let [_, supported, _] = configuration.capabilities_for(sale.amount);
        for [code, condition] in self.rules {
            let method = Method::of(*code);
            let supports = method.is_some_and(|method| supported & method.capability() != 0);
            if !self.condition_holds(*condition, supports, objects, configuration, sale) {
                continue;
            }
            match method {
                Some(method) if supports => return method.apply(*code, *condition, tvr),
                Some(_) => {}
                None if *code & METHOD_BITS == FAIL => {
                    tvr.set(Finding::CardholderVerificationFailed);
                    return (Cvm::Failed, [*code, *condition, FAILED]);
                }
                None if KNOWN_ELSEWHERE.contains(&(*code & METHOD_BITS)) => {}
                None => tvr.set(Finding::UnrecognisedCvm),
            }
            if code & APPLY_NEXT == 0 {
                tvr.set(Finding::CardholderVerificationFailed);
                return (Cvm::Failed, [*code, *condition, FAILED]);
            }
        }
        tvr.set(Finding::CardholderVerificationFailed);
        (Cvm::Failed, NOTHING_APPLIED)
    }

    // EMV Book 3, annex C3, table 40.
    fn condition_holds(
        &self,
        condition: u8,
        supports: bool,
        objects: &DataObjects,
        configuration: &TerminalConfiguration,
        sale: &Sale,
    ) -> bool {
        let cash = sale.transaction_type == CASH;
        let cashback = sale.transaction_type == PURCHASE_WITH_CASHBACK;
        let own_currency = objects.fixed(APPLICATION_CURRENCY) == Some(configuration.currency);
        match condition {
            0x00 => true,
            0x01 => cash && configuration.is_unattended(),
            0x02 => !cash && !cashback,
            0x03 => supports,
            0x04 => cash && !configuration.is_unattended(),
            0x05 => cashback,
            0x06 => own_currency && sale.amount < self.x,
            0x07 => own_currency && sale.amount > self.x,
            0x08 => own_currency && sale.amount < self.y,
            0x09 => own_currency && sale.amount > self.y,
            _ => false,
        }
    }
}

/// The methods a contactless terminal can perform.
#[derive(Clone, Copy)]
enum Method {
    OnlinePin,
    Signature,
    NoCvm,
}

impl Method {
    fn of(code: u8) -> Option<Self> {
        match code & METHOD_BITS {
            0x02 => Some(Self::OnlinePin),
            0x1E => Some(Self::Signature),
            0x1F => Some(Self::NoCvm),
            _ => None,
        }
    }

    fn capability(self) -> u8 {
        match self {
            Self::OnlinePin => ONLINE_PIN,
            Self::Signature => SIGNATURE,
            Self::NoCvm => NO_CVM,
        }
    }

    fn apply(self, code: u8, condition: u8, tvr: &mut Tvr) -> (Cvm, [u8; 3]) {
        match self {
            Self::OnlinePin => {
                tvr.set(Finding::OnlinePinEntered);
                (Cvm::OnlinePin, [code, condition, UNKNOWN])
            }
            Self::Signature => (Cvm::Signature, [code, condition, UNKNOWN]),
            Self::NoCvm => (Cvm::NoCvm, [code, condition, SUCCESSFUL]),
        }
    }
}

/// AIP byte 1: on-device cardholder verification is supported.
pub const ON_DEVICE: u8 = 0x02;

/// AIP byte 1: cardholder verification is supported.
const CARDHOLDER_VERIFICATION: u8 = 0x10;

/// Plaintext PIN verified by the card, always, successful: how kernel 2 writes "done on the device".
const ON_DEVICE_DONE: [u8; 3] = [0x01, 0x00, 0x02];

/// No CVM performed, always, successful: below the CVM required limit.
const NOT_REQUIRED: [u8; 3] = [0x3F, 0x00, 0x02];

/// No CVM performed, result unknown.
const NOT_PERFORMED: [u8; 3] = [0x3F, 0x00, 0x00];

/// No CVM performed, failed.
const NOTHING_APPLIED: [u8; 3] = [0x3F, 0x00, 0x01];

const CVM_LIST: u32 = 0x8E;
const APPLICATION_CURRENCY: u32 = 0x9F42;

/// CVM code (EMV Book 3, annex C3, table 39): bit 40 = go on with the next rule when unsuccessful.
const APPLY_NEXT: u8 = 0x40;
const METHOD_BITS: u8 = 0x3F;
const FAIL: u8 = 0x00;

/// Offline PIN in its four forms: known, never done over the contactless interface.
const KNOWN_ELSEWHERE: [u8; 4] = [0x01, 0x03, 0x04, 0x05];

const UNKNOWN: u8 = 0x00;
const FAILED: u8 = 0x01;
const SUCCESSFUL: u8 = 0x02;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tlv::elements;

    fn chosen(terminal: &str, aip: [u8; 2], list: &str, amount: u64) -> (Cvm, String, String) {
        let mut objects = DataObjects::default();
        let bytes = hex::decode(list).unwrap();
        elements(&bytes).unwrap().iter().for_each(|element| objects.store(element).unwrap());
        let configuration = TerminalConfiguration::builtin(terminal).unwrap();
        let sale = Sale::purchase(amount, [0x26, 0x01, 0x15], [0; 4]);
        let mut tvr = Tvr::default();
        let (cvm, results) = choose(&objects, aip, &configuration, &sale, &mut tvr);
        (cvm, hex::encode_upper(results), hex::encode_upper(tvr.0))
    }

    #[test]
    fn a_phone_verifies_its_owner_above_the_limit() {
        let list = "8E0A00000000000000001F03";
        let phone = [0x1B, 0x80];
        assert_eq!(chosen("shop-poland", phone, list, 10_000).1, "3F0002", "at the limit");
        assert_eq!(chosen("shop-poland", phone, list, 10_001).1, "010002", "above it");
        assert_eq!(chosen("online-pin", phone, list, 10_000).1, "1F0302", "the terminal does not know devices");
    }

    #[test]
    fn the_list_is_walked_without_on_device_verification() {
        let card = [0x19, 0x80];
        let pin_first = "8E0C000000000000000042031F03";
        let none_first = "8E0C00000000000000001F034203";
        for (list, amount, expected, tvr) in [
            (pin_first, 100, "1F0302", "0000000000"),
            (none_first, 100, "1F0302", "0000000000"),
            (pin_first, 20_000, "420300", "0000040000"),
            (none_first, 20_000, "420300", "0000040000"),
            ("8E0A00000000000000001F03", 20_000, "3F0001", "0000800000"),
            ("8E0A00000000000000000103", 100, "3F0001", "0000800000"),
            ("8E0A00000000000000000100", 100, "010001", "0000800000"),
            ("8E0A00000000000000000000", 100, "000001", "0000800000"),
            ("8E0C000000000000000060001F03", 100, "1F0302", "0000400000"),
            ("8E0800000000000000009F42020985", 100, "3F0000", "2000000000"),
            ("", 100, "3F0000", "2000000000"),
        ] {
            let (_, results, findings) = chosen("online-pin", card, list, amount);
            assert_eq!((results.as_str(), findings.as_str()), (expected, tvr), "{list} {amount}");
        }
        assert_eq!(chosen("online-pin", card, pin_first, 20_000).0, Cvm::OnlinePin);
        assert_eq!(chosen("online-pin", [0x09, 0x80], pin_first, 20_000).1, "3F0000", "the card verifies nobody");
    }

    #[test]
    fn conditions_on_the_amount_hold_in_the_cards_own_currency() {
        let under_x = "8E0A000003E8000007D01F069F42020985";
        assert_eq!(chosen("online-pin", [0x19, 0x80], under_x, 999).1, "1F0602");
        assert_eq!(chosen("online-pin", [0x19, 0x80], under_x, 1000).1, "3F0001");
        let foreign = "8E0A000003E8000007D01F069F42020978";
        assert_eq!(chosen("online-pin", [0x19, 0x80], foreign, 999).1, "3F0001");
    }
}
