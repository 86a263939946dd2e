//! What a terminal sends in one tap, as commands and as `what_if` wants it.

use serde_json::{Value, json};

/// The terminal's side of a tap.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Tap {
    pub amount: u64,
    /// ISO 4217 and ISO 3166, three digits.
    pub currency: &'static str,
    pub country: &'static str,
    pub category: &'static str,
    /// 9F34, as far as the card asks for it.
    pub cvm_results: Option<&'static str>,
    /// 9F7E; only mag-stripe mode has it.
    pub mobile_support: Option<u8>,
    pub request: Request,
}

/// What is asked of the card; mag-stripe mode knows one question only.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Request {
    Aac,
    Arqc,
    SignedAac,
    SignedArqc,
    Tc,
}

impl Tap {
    /// A purchase without a cardholder verification.
    pub const LOW: Self = Self {
        amount: 2_500,
        currency: "985",
        country: "616",
        category: "5411",
        cvm_results: Some("1F0302"),
        mobile_support: None,
        request: Request::Arqc,
    };
    /// A purchase whose verification is left to the device.
    pub const HIGH: Self = Self { amount: 15_000, cvm_results: Some("010002"), ..Self::LOW };
    /// A purchase with an online PIN.
    pub const ONLINE_PIN: Self = Self { cvm_results: Some("420300"), ..Self::HIGH };
    /// A gate of local transport.
    pub const GATE: Self = Self { amount: 0, category: "4111", ..Self::LOW };
    /// A gate that leaves a verification to the device.
    pub const STRICT_GATE: Self = Self { cvm_results: Some("010002"), ..Self::GATE };
    /// A card that does not ask for the verification's results.
    pub const UNKNOWN: Self = Self { cvm_results: None, ..Self::LOW };
    /// A mag-stripe terminal that can start no second tap and does not tell its capabilities.
    pub const OLD: Self = Self { cvm_results: None, mobile_support: Some(0), ..Self::LOW };

    pub const fn of(self, amount: u64) -> Self {
        Self { amount, ..self }
    }

    pub const fn in_currency(self, currency: &'static str) -> Self {
        Self { currency, ..self }
    }

    pub const fn asking(self, request: Request) -> Self {
        Self { request, ..self }
    }

    /// From the selection to the processing options.
    pub fn opening(&self) -> [String; 3] {
        [
            "00A404000E325041592E5359532E444446303100".into(),
            "00A4040007A000000004101000".into(),
            format!("80A800000D830B2C008000000000000{}2200", self.country),
        ]
    }

    /// The command that asks for the decision. Readers send another number each time.
    pub fn question(&self, number: u32) -> String {
        let Self { amount, currency, country, category, .. } = self;
        if let Some(support) = self.mobile_support {
            return format!(
                "802A8E8016{number:08}{support:02X}{amount:012}0{currency}0{country}00260115{category}2200"
            );
        }
        let p1 = match self.request {
            Request::Aac => "00",
            Request::Arqc => "80",
            Request::SignedAac => "10",
            Request::SignedArqc => "90",
            Request::Tc => "40",
        };
        let results = self.cvm_results.unwrap_or("000001");
        format!(
            "80AE{p1}002D{amount:012}0000000000000{country}00000080010{currency}26011500{number:08X}\
             2200000000000000000000{results}{category}00"
        )
    }

    /// The same for `what_if`.
    pub fn supposed(&self) -> Value {
        let mut terminal = json!({
            "amount": self.amount,
            "currency": self.currency,
            "country": self.country,
            "MCC": self.category,
            "9C": "00",
            "9F1D": "2C00800000000000",
            "9F35": "22",
            "request": match self.request {
                Request::Aac | Request::SignedAac => "AAC",
                Request::Arqc | Request::SignedArqc => "ARQC",
                Request::Tc => "TC",
            },
            "cda": matches!(self.request, Request::SignedAac | Request::SignedArqc),
            "mag_stripe": self.mobile_support.is_some(),
        });
        if let Some(results) = self.cvm_results {
            terminal["9F34"] = json!(results);
        }
        if let Some(support) = self.mobile_support {
            terminal["9F7E"] = json!(format!("{support:02X}"));
        }
        terminal
    }
}
