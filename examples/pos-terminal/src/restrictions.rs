//! Processing restrictions (EMV Book 3, section 10.4).

use crate::configuration::{Application, TerminalConfiguration};
use crate::data::DataObjects;
use crate::sale::{CASH, PURCHASE_WITH_CASHBACK, Sale};
use crate::tvr::{Finding, Tvr};

/// Compares versions, usage control and dates; what does not fit goes into the TVR.
pub fn check(
    objects: &DataObjects,
    configuration: &TerminalConfiguration,
    application: &Application,
    sale: &Sale,
    tvr: &mut Tvr,
) {
    if objects.value(CARD_VERSION).is_some_and(|version| version != application.version) {
        tvr.set(Finding::ApplicationVersionsDiffer);
    }
    if let Some(control) = objects.fixed(USAGE_CONTROL) {
        let domestic = objects.fixed(ISSUER_COUNTRY).map(|country: [u8; 2]| country == configuration.country);
        if !allows(control, configuration.is_atm(), domestic, sale) {
            tvr.set(Finding::ServiceNotAllowed);
        }
    }
    if objects.fixed(EFFECTIVE_DATE).is_some_and(|date| day(date) > day(sale.date)) {
        tvr.set(Finding::NotYetEffective);
    }
    if objects.fixed(EXPIRATION_DATE).is_some_and(|date| day(date) < day(sale.date)) {
        tvr.set(Finding::Expired);
    }
}

/// The year of two BCD digits: from 50 on the last century (EMV Book 4, section 6.7.3).
pub fn full_year(year: u8) -> u16 {
    if year < 0x50 { 0x2000 | u16::from(year) } else { 0x1900 | u16::from(year) }
}

fn day([year, month, day]: [u8; 3]) -> (u16, u8, u8) {
    (full_year(year), month, day)
}

// EMV Book 3, annex C2, table 36; without the issuer's country only the kind of terminal counts.
fn allows([first, second]: [u8; 2], atm: bool, domestic: Option<bool>, sale: &Sale) -> bool {
    let place = if atm { VALID_AT_ATMS } else { VALID_ELSEWHERE };
    if first & place == 0 {
        return false;
    }
    let Some(domestic) = domestic else { return true };
    let either = |home: u8, abroad: u8| if domestic { home } else { abroad };
    let goods_or_services = either(GOODS_HOME | SERVICES_HOME, GOODS_ABROAD | SERVICES_ABROAD);
    match sale.transaction_type {
        CASH => first & either(CASH_HOME, CASH_ABROAD) != 0,
        PURCHASE_WITH_CASHBACK => {
            first & goods_or_services != 0 && second & either(CASHBACK_HOME, CASHBACK_ABROAD) != 0
        }
        _ => first & goods_or_services != 0,
    }
}

const CARD_VERSION: u32 = 0x9F08;
const USAGE_CONTROL: u32 = 0x9F07;
const ISSUER_COUNTRY: u32 = 0x5F28;
const EFFECTIVE_DATE: u32 = 0x5F25;
const EXPIRATION_DATE: u32 = 0x5F24;

const CASH_HOME: u8 = 0x80;
const CASH_ABROAD: u8 = 0x40;
const GOODS_HOME: u8 = 0x20;
const GOODS_ABROAD: u8 = 0x10;
const SERVICES_HOME: u8 = 0x08;
const SERVICES_ABROAD: u8 = 0x04;
const VALID_AT_ATMS: u8 = 0x02;
const VALID_ELSEWHERE: u8 = 0x01;
const CASHBACK_HOME: u8 = 0x80;
const CASHBACK_ABROAD: u8 = 0x40;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tlv::elements;

    fn findings(card: &str, transaction_type: u8) -> String {
        let mut objects = DataObjects::default();
        let bytes = hex::decode(card).unwrap();
        elements(&bytes).unwrap().iter().for_each(|element| objects.store(element).unwrap());
        let configuration = TerminalConfiguration::builtin("shop-poland").unwrap();
        let sale = Sale { transaction_type, ..Sale::purchase(1, [0x26, 0x01, 0x15], [0; 4]) };
        let mut tvr = Tvr::default();
        check(&objects, &configuration, &configuration.applications[0], &sale, &mut tvr);
        hex::encode_upper(tvr.0)
    }

    #[test]
    fn dates_versions_and_usage_leave_their_bits() {
        for (card, transaction_type, expected, why) in [
            ("", 0x00, "0000000000", "nothing known, nothing wrong"),
            ("5F24032601155F2503260115", 0x00, "0000000000", "first and last day count"),
            ("5F2403260114", 0x00, "0040000000", "expired yesterday"),
            ("5F2403991231", 0x00, "0040000000", "1999"),
            ("5F2503260116", 0x00, "0020000000", "valid from tomorrow"),
            ("9F08020002", 0x00, "0000000000", "same version"),
            ("9F08020003", 0x00, "0080000000", "newer card"),
            ("9F0702FF005F28020616", 0x00, "0000000000", "all but cash-back"),
            ("9F0702FF005F28020616", 0x09, "0010000000", "cash-back"),
            ("9F07022900", 0x01, "0000000000", "issuer's country unknown"),
            ("9F070229005F28020276", 0x00, "0010000000", "goods at home only, and this is abroad"),
            ("9F07020200", 0x00, "0010000000", "ATMs only"),
        ] {
            assert_eq!(findings(card, transaction_type), expected, "{why}");
        }
    }
}
