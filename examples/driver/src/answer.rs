use crate::told::{Facts, TapEntry, Told};
use bezant::WalletError;
use bezant::recording::Recording;
use serde::Serialize;

/// What a request that was met answers beside `ok`.
#[derive(Serialize, Default)]
pub(crate) struct Fields {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) micros: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) outcome: Option<Option<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) credentials_left: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) instruments: Option<Vec<Instrument>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) authentication: Option<Option<Authentication>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) taps: Option<Vec<TapEntry>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trace: Option<Recording>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) same: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) differs: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) not_recomputed: Option<usize>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(crate) forecast: Option<Forecast>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) unknown_fields: Vec<String>,
}

/// What would happen at a terminal.
#[derive(Serialize)]
pub(crate) struct Forecast {
    pub(crate) instrument: String,
    pub(crate) advice: String,
    pub(crate) reasons: Vec<&'static str>,
    pub(crate) rule: &'static str,
    pub(crate) sentence: String,
    #[serde(flatten)]
    pub(crate) facts: Option<Facts>,
}

#[derive(Serialize)]
pub(crate) struct Instrument {
    pub(crate) id: String,
    pub(crate) status: &'static str,
    pub(crate) default: bool,
    pub(crate) selected: bool,
    pub(crate) credentials_left: usize,
    pub(crate) counters: Counters,
    /// Why what is stored of it cannot be used, if it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<&'static str>,
}

/// Velocity counters; only model Flexible counts.
#[derive(Serialize)]
pub(crate) struct Counters {
    pub(crate) consecutive_lvt: u32,
    pub(crate) cumulative_lvt: u64,
}

#[derive(Serialize)]
pub(crate) struct Authentication {
    pub(crate) method: &'static str,
    pub(crate) age_ms: Option<u64>,
    pub(crate) payments: u32,
}

/// Why a request was not met.
#[derive(Serialize)]
pub(crate) struct Failure {
    code: &'static str,
    detail: String,
}

impl Failure {
    pub(crate) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// What is wrong, in words.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    pub(crate) fn invalid_request(detail: impl Into<String>) -> Self {
        Self::new("INVALID_REQUEST", detail)
    }
}

impl From<WalletError> for Failure {
    fn from(error: WalletError) -> Self {
        Self::new(error.code.as_str(), error.detail)
    }
}

/// One answer: what the request came to, and what the app was told meanwhile.
#[derive(Serialize)]
pub(crate) struct Answer {
    ok: bool,
    #[serde(flatten)]
    fields: Option<Box<Fields>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Failure>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    events: Vec<Told>,
}

impl Answer {
    pub(crate) fn new(result: Result<Fields, Failure>, events: Vec<Told>) -> Self {
        match result {
            Ok(fields) => Self { ok: true, fields: Some(Box::new(fields)), error: None, events },
            Err(error) => Self { ok: false, fields: None, error: Some(error), events },
        }
    }

    /// The answer as a JSON object on one line.
    pub(crate) fn to_line(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| {
            r#"{"ok":false,"error":{"code":"INTERNAL","detail":"the answer cannot be written"}}"#.into()
        })
    }
}
