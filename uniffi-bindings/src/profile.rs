//! Profiles and credentials: what holds secrets, read from buffers that are wiped.

use crate::failure::Failed;
use bezant::card::{CardProfile, ProfileKeys};
use bezant::crypto::{SecretBytes, WrappingKey};
use bezant::instrument::{CredentialDocument, InstrumentId, TransactionCredential};

/// The name of a payment instrument.
pub(crate) fn instrument_id(name: &str) -> Result<InstrumentId, Failed> {
    InstrumentId::new(name)
        .ok_or_else(|| Failed::new("INSTRUMENT_NOT_FOUND", "the name: wants 1 to 128 printable ASCII characters"))
}

/// A profile in UTF-8.
pub(crate) fn parse_profile(json: &[u8], keys: &ProfileKeys) -> Result<CardProfile, Failed> {
    let json = core::str::from_utf8(json).map_err(|_| Failed::new("PROFILE_INVALID", "the profile is not UTF-8"))?;
    Ok(CardProfile::parse(json, keys)?)
}

/// A key that parts of a profile are wrapped under.
pub(crate) fn wrapping_key(name: &str, key: Option<SecretBytes>) -> Result<Option<WrappingKey>, Failed> {
    let wants = || Failed::new("PROFILE_INVALID", format!("{name}: wants an AES key of 16, 24 or 32 bytes"));
    key.map(|key| WrappingKey::new(key).ok_or_else(wants)).transpose()
}

/// A JSON array of credentials in UTF-8.
pub(crate) fn parse_credentials(json: &[u8]) -> Result<Vec<TransactionCredential>, Failed> {
    let invalid = |detail: String| Failed::new("CREDENTIALS_INVALID", detail);
    // The words of the parser may quote what it found.
    let documents: Vec<CredentialDocument<'_>> = serde_json::from_slice(json).map_err(|error| {
        invalid(format!("wants a JSON array of credentials; wrong at line {} column {}", error.line(), error.column()))
    })?;
    let credential = |(i, document): (usize, &CredentialDocument<'_>)| {
        document.read().map_err(|error| invalid(format!("credentials[{i}].{error}")))
    };
    documents.iter().enumerate().map(credential).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_credential_is_named_and_never_quoted() {
        let key = "00112233445566778899AABBCCDDEEFF";
        let json = format!(r#"[{{"atc":1,"idn":"0011","contactless_umd":"{key}","contactless_md":"{key}"}}]"#);
        let failed = parse_credentials(json.as_bytes()).err().unwrap();
        assert_eq!(failed.detail, "credentials[0].idn: wants 8 or 16 bytes of hexadecimal");
        let failed = parse_credentials(json.replace("\"atc\":1", "\"atc\":\"A5A5\"").as_bytes()).err().unwrap();
        assert!(!failed.detail.contains("A5A5"), "{}", failed.detail);
        assert_eq!(failed.code, "CREDENTIALS_INVALID");
    }
}
