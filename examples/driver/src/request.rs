//! Requests as they stand on the line, and what is wrong with them when they cannot be read.

use crate::answer::Failure;
use bezant::instrument::CredentialDocument;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The name of the operation; the other fields are read once it is known.
#[derive(Deserialize)]
pub(crate) struct Envelope {
    pub(crate) op: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Setup<'a> {
    #[serde(rename = "op")]
    _op: IgnoredAny,
    pub(crate) state_dir: Option<String>,
    pub(crate) vault: Option<String>,
    /// Which start of the device this is meant to be; the device's own, where nothing is said.
    pub(crate) boot: Option<String>,
    /// Destroys what is there first: the way out of a store that can never be opened again.
    #[serde(default)]
    pub(crate) start_over: bool,
    #[serde(borrow)]
    pub(crate) config: Option<&'a RawValue>,
    pub(crate) seed: Option<u64>,
    pub(crate) clock: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InstallProfile<'a> {
    #[serde(rename = "op")]
    _op: IgnoredAny,
    pub(crate) instrument: String,
    #[serde(borrow)]
    pub(crate) profile: &'a RawValue,
    #[serde(borrow)]
    pub(crate) keys: Option<Keys<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keys<'a> {
    pub(crate) data_encryption_key: Option<&'a str>,
    pub(crate) icc_kek: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoadCredentials<'a> {
    #[serde(rename = "op")]
    _op: IgnoredAny,
    pub(crate) instrument: String,
    #[serde(borrow)]
    pub(crate) credentials: Vec<CredentialDocument<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfInstrument {
    #[serde(rename = "op")]
    _op: IgnoredAny,
    pub(crate) instrument: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Authenticate<'a> {
    #[serde(rename = "op")]
    _op: IgnoredAny,
    pub(crate) method: String,
    pub(crate) instrument: Option<String>,
    #[serde(borrow)]
    pub(crate) pin: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Apdu {
    #[serde(rename = "op")]
    _op: IgnoredAny,
    pub(crate) hex: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldOff {
    #[serde(rename = "op")]
    _op: IgnoredAny,
    pub(crate) reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CardInsert {
    #[serde(rename = "op")]
    _op: IgnoredAny,
    pub(crate) atr: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Clock {
    #[serde(rename = "op")]
    _op: IgnoredAny,
    pub(crate) set: Option<String>,
    pub(crate) advance_ms: Option<u64>,
    pub(crate) boot_ms: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Device {
    #[serde(rename = "op")]
    _op: IgnoredAny,
    pub(crate) locked: Option<bool>,
    pub(crate) screen_on: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HostDecision {
    #[serde(rename = "op")]
    _op: IgnoredAny,
    pub(crate) decision: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct History {
    #[serde(rename = "op")]
    _op: IgnoredAny,
    pub(crate) instrument: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhatIf {
    #[serde(rename = "op")]
    _op: IgnoredAny,
    pub(crate) terminal: Terminal,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Replay<'a> {
    #[serde(rename = "op")]
    _op: IgnoredAny,
    #[serde(borrow)]
    pub(crate) trace: &'a RawValue,
}

/// A terminal that is imagined: people's words, and data objects by their tags.
#[derive(Deserialize)]
pub(crate) struct Terminal {
    pub(crate) amount: Option<u64>,
    pub(crate) currency: Option<Digits>,
    pub(crate) country: Option<Digits>,
    #[serde(rename = "MCC", alias = "mcc")]
    pub(crate) merchant_category: Option<Digits>,
    #[serde(default)]
    pub(crate) cda: bool,
    #[serde(default)]
    pub(crate) mag_stripe: bool,
    pub(crate) request: Option<String>,
    #[serde(flatten)]
    pub(crate) objects: BTreeMap<String, String>,
}

/// A numeric code, written as a number or as digits.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Digits {
    Number(u16),
    Text(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecurityEvent {
    #[serde(rename = "op")]
    _op: IgnoredAny,
    pub(crate) kind: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bare {
    #[serde(rename = "op")]
    _op: IgnoredAny,
}

/// Reads a request; what is wrong with it is told by name and kind, for the value may be a key.
pub(crate) fn read<'a, T: Deserialize<'a>>(line: &'a str) -> Result<T, Failure> {
    object(line).map_err(Failure::invalid_request)
}

/// Reads a JSON object; serde would take a list of the same values for one.
pub(crate) fn object<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, String> {
    if !json.trim_start().starts_with('{') {
        return Err("wants a JSON object".into());
    }
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| complaint(&error))?;
    deserializer.end().map_err(|_| "something follows the object")?;
    Ok(value)
}

/// The words of serde where they name only fields, our own where they would quote a value.
fn complaint(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    let words = error.inner().to_string();
    let names_fields_only =
        ["missing field `", "unknown field `", "duplicate field `"].iter().any(|start| words.starts_with(start));
    let what = if names_fields_only {
        words.split(" at line ").next().unwrap_or_default().split(", expected").next().unwrap_or_default().to_owned()
    } else if error.inner().is_data() {
        "wrong type or value".to_owned()
    } else {
        format!("broken JSON at column {}", error.inner().column())
    };
    let path = error.path().to_string();
    if path == "." || path == "?" { what } else { format!("{path}: {what}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_in_the_wrong_place_is_never_quoted() {
        let line = r#"{"op":"load_credentials","instrument":"c","credentials":[{"atc":"71BDDBCA08A1BC0C"}]}"#;
        let failure = read::<LoadCredentials<'_>>(line).err().map(|failure| serde_json::to_string(&failure).unwrap());
        let text = failure.unwrap();
        assert!(!text.contains("71BDDBCA"), "{text}");
        assert!(text.contains("credentials[0].atc: wrong type or value"), "{text}");
    }
}
