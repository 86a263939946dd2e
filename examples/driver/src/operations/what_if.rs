use super::Session;
use crate::answer::{Failure, Fields, Forecast};
use crate::request::{Digits, Terminal, WhatIf};
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
    if let Some(amount) = terminal.amount {
        let wants = || wants("amount", "minor units of twelve digits at most");
        let bcd = base16ct::mixed::decode_vec(format!("{amount:012}")).ok().filter(|bcd| bcd.len() == 6);
        objects.push((tags::AMOUNT_AUTHORISED, bcd.ok_or_else(wants)?));
    }
    for (tag, name, digits) in [
        (tags::TRANSACTION_CURRENCY, "currency", &terminal.currency),
        (tags::TERMINAL_COUNTRY, "country", &terminal.country),
        (tags::MERCHANT_CATEGORY_CODE, "MCC", &terminal.merchant_category),
    ] {
        if let Some(digits) = digits {
            objects.push((tag, code(digits).ok_or_else(|| wants(name, "four digits at most, such as 985"))?));
        }
    }
    for (name, value) in &terminal.objects {
        let tag = base16ct::mixed::decode_vec(name).ok().and_then(|tag| number(&tag));
        let tag =
            tag.ok_or_else(|| wants("…", "amount, currency, country, MCC, request, cda, mag_stripe, or a tag"))?;
        let tag = Tag::new(tag);
        let value = base16ct::mixed::decode_vec(value).map_err(|_| wants(name, "bytes in hexadecimal"))?;
        if let Some((_, length)) = LENGTHS.iter().find(|(known, length)| *known == tag && *length != value.len()) {
            return Err(wants(name, &format!("{length} bytes")));
        }
        objects.push((tag, value));
    }
    let aac = match terminal.request.as_deref() {
        None | Some("ARQC" | "TC") => false,
        Some("AAC") => true,
        Some(_) => return Err(wants("request", "ARQC, TC or AAC")),
    };
    let request = AcRequest { aac, cda: terminal.cda };
    Ok(Rehearsal { objects, mag_stripe: terminal.mag_stripe, request })
}

fn wants(name: &str, wanted: &str) -> Failure {
    Failure::invalid_request(format!("terminal.{name}: wants {wanted}"))
}

/// Up to four digits, two a byte.
fn code(digits: &Digits) -> Option<Vec<u8>> {
    let text = match digits {
        Digits::Number(number) => format!("{number:04}"),
        Digits::Text(text) => format!("{text:0>4}"),
    };
    let sound = text.len() == 4 && text.bytes().all(|digit| digit.is_ascii_digit());
    base16ct::mixed::decode_vec(text).ok().filter(|_| sound)
}

/// A tag of one to three bytes as a number.
fn number(tag: &[u8]) -> Option<u32> {
    let sound = (1..=3).contains(&tag.len());
    sound.then(|| tag.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

/// What decisions depend on; a terminal's object of another length would be no such object.
const LENGTHS: [(Tag, usize); 10] = [
    (tags::AMOUNT_AUTHORISED, 6),
    (tags::CVM_RESULTS, 3),
    (tags::MERCHANT_CATEGORY_CODE, 2),
    (tags::MOBILE_SUPPORT_INDICATOR, 1),
    (tags::TERMINAL_CAPABILITIES, 3),
    (tags::TERMINAL_COUNTRY, 2),
    (tags::TERMINAL_RISK_MANAGEMENT, 8),
    (tags::TERMINAL_TYPE, 1),
    (tags::TRANSACTION_CURRENCY, 2),
    (tags::TRANSACTION_TYPE, 1),
];
