use super::Session;
use crate::answer::{Failure, Fields, Forecast};
use crate::config::numeric_code;
use crate::request::{Terminal, WhatIf};
use crate::told::{Facts, reason_codes, spelled};
use bezant::card::{AcRequest, Rehearsal};
use bezant::emv::{Advice, tags};
use bezant::tlv::Tag;
use bezant::wallet::WhatIfEnd;

impl Session {
    pub(super) fn what_if(&self, request: &WhatIf) -> Result<Fields, Failure> {
        let wallet = self.wallet()?;
        let forecast = wallet.what_if(&rehearsal(&request.terminal)?)?;
        let instrument = forecast.instrument.as_str().to_owned();
        let (decline, reasons) = (spelled(Advice::Decline), Vec::new());
        let forecast = match forecast.end {
            WhatIfEnd::Decided { transaction, decision } => Forecast {
                instrument,
                advice: spelled(decision.advice()),
                reasons: reason_codes(decision.reasons()),
                rule: decision.rule(),
                sentence: decision.to_string(),
                facts: Some(Facts::of(&transaction)),
            },
            WhatIfEnd::TerminalDeclines { transaction } => Forecast {
                instrument,
                advice: decline,
                reasons,
                rule: "TERMINAL_DECLINES",
                sentence: "declined: the terminal asks for an unsigned AAC, and gets one under random keys".into(),
                facts: Some(Facts::of(&transaction)),
            },
            WhatIfEnd::Refused(status) => Forecast {
                instrument,
                advice: decline,
                reasons,
                rule: "CARD_REFUSES",
                sentence: format!("declined: the card answers {status} before any question comes up"),
                facts: None,
            },
            _ => return Err(Failure::new("INTERNAL", "an end that this driver does not know")),
        };
        Ok(Fields { forecast: Some(forecast), ..Fields::default() })
    }
}

fn rehearsal(terminal: &Terminal) -> Result<Rehearsal, Failure> {
    let mut objects = Vec::new();
    let mut add = |tag: Tag, value: Option<Vec<u8>>| objects.extend(value.map(|value| (tag, value)));
    add(tags::AMOUNT_AUTHORISED, terminal.amount.map(amount).transpose()?);
    add(tags::TRANSACTION_CURRENCY, code("currency", terminal.currency.as_deref())?);
    add(tags::TERMINAL_COUNTRY, code("country", terminal.country.as_deref())?);
    for (tag, name, length, digits) in [
        (tags::MERCHANT_CATEGORY_CODE, "MCC", 2, &terminal.merchant_category),
        (tags::TRANSACTION_TYPE, "type", 1, &terminal.transaction_type),
        (tags::TERMINAL_CAPABILITIES, "9F33", 3, &terminal.capabilities),
        (tags::CVM_RESULTS, "9F34", 3, &terminal.cvm_results),
        (tags::TERMINAL_TYPE, "9F35", 1, &terminal.terminal_type),
        (tags::TERMINAL_RISK_MANAGEMENT, "9F1D", 8, &terminal.risk_management),
        (tags::MOBILE_SUPPORT_INDICATOR, "9F7E", 1, &terminal.mobile_support),
    ] {
        add(tag, digits.as_deref().map(|digits| bytes(name, length, digits)).transpose()?);
    }
    let aac = match terminal.request.as_deref() {
        None | Some("ARQC" | "TC") => false,
        Some("AAC") => true,
        Some(_) => return Err(Failure::invalid_request("terminal.request: wants ARQC, TC or AAC")),
    };
    let request = AcRequest { aac, cda: terminal.cda };
    Ok(Rehearsal { objects, mag_stripe: terminal.mag_stripe, request })
}

/// Twelve digits, two a byte (9F02, format n 12).
fn amount(minor_units: u64) -> Result<Vec<u8>, Failure> {
    let wants = || Failure::invalid_request("terminal.amount: wants minor units of twelve digits at most");
    base16ct::mixed::decode_vec(format!("{minor_units:012}")).ok().filter(|bcd| bcd.len() == 6).ok_or_else(wants)
}

fn code(name: &str, digits: Option<&str>) -> Result<Option<Vec<u8>>, Failure> {
    let Some(digits) = digits else { return Ok(None) };
    let wants = || Failure::invalid_request(format!("terminal.{name}: wants three digits, such as 985"));
    numeric_code(digits).map(|code| Some(code.to_vec())).ok_or_else(wants)
}

fn bytes(name: &str, length: usize, digits: &str) -> Result<Vec<u8>, Failure> {
    let wants = || Failure::invalid_request(format!("terminal.{name}: wants {length} bytes of hexadecimal"));
    base16ct::mixed::decode_vec(digits).ok().filter(|bytes| bytes.len() == length).ok_or_else(wants)
}
