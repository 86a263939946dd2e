use bezant::WalletError;
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) unknown_fields: Vec<String>,
}

#[derive(Serialize)]
pub(crate) struct Instrument {
    pub(crate) id: String,
    pub(crate) status: &'static str,
    pub(crate) default: bool,
    pub(crate) selected: bool,
    pub(crate) credentials_left: usize,
    pub(crate) counters: Counters,
}

/// Velocity counters; model Always counts nothing.
#[derive(Serialize, Default)]
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

    pub(crate) fn invalid_request(detail: impl Into<String>) -> Self {
        Self::new("INVALID_REQUEST", detail)
    }
}

impl From<WalletError> for Failure {
    fn from(error: WalletError) -> Self {
        Self::new(error.code.as_str(), error.detail)
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Met {
        ok: bool,
        #[serde(flatten)]
        fields: Box<Fields>,
    },
    NotMet {
        ok: bool,
        error: Failure,
    },
}

pub(crate) fn to_line(result: Result<Fields, Failure>) -> String {
    let answer = match result {
        Ok(fields) => Answer::Met { ok: true, fields: Box::new(fields) },
        Err(error) => Answer::NotMet { ok: false, error },
    };
    serde_json::to_string(&answer).unwrap_or_else(|_| {
        r#"{"ok":false,"error":{"code":"INTERNAL","detail":"the answer cannot be written"}}"#.into()
    })
}
