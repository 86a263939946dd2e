use super::TransactionCredential;
use crate::crypto::Secret;
use crate::emv::Atc;
use serde::Deserialize;

/// A transaction credential as JSON carries it: the ATC is a number, the rest hexadecimal. It borrows from the text, so that
/// whoever holds the text can wipe it.
///
/// ```
/// use bezant::instrument::CredentialDocument;
/// let json = r#"{"atc": 1, "idn": "0011223344556677",
///     "contactless_umd": "000102030405060708090A0B0C0D0E0F", "contactless_md": "0F0E0D0C0B0A09080706050403020100"}"#;
/// let document: CredentialDocument<'_> = serde_json::from_str(json).unwrap();
/// assert_eq!(document.read().map(|credential| credential.atc().value()), Ok(1));
/// let short = CredentialDocument { idn: "00", ..document };
/// assert_eq!(short.read().err().unwrap().to_string(), "idn: wants 8 or 16 bytes of hexadecimal");
/// ```
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialDocument<'a> {
    /// The application transaction counter.
    pub atc: u16,
    /// The ICC dynamic number, or what it is derived from: 8 or 16 bytes.
    pub idn: &'a str,
    /// The key of the UMD cryptogram: 16 bytes.
    pub contactless_umd: &'a str,
    /// The key of the MD cryptogram: 16 bytes.
    pub contactless_md: &'a str,
}

/// A field that does not hold what it should. It never quotes what it holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{field}: wants {wants} of hexadecimal")]
pub struct MalformedCredential {
    /// Which.
    pub field: &'static str,
    /// What it should hold.
    pub wants: &'static str,
}

impl CredentialDocument<'_> {
    /// The credential.
    ///
    /// # Errors
    /// [`MalformedCredential`] names the first field that does not hold what it should.
    pub fn read(&self) -> Result<TransactionCredential, MalformedCredential> {
        let malformed = |field, wants| MalformedCredential { field, wants };
        let key = |field, hex| {
            Secret::try_new(|room: &mut [u8; 16]| decode(hex, room)).map_err(|()| malformed(field, "16 bytes"))
        };
        let idn = base16ct::mixed::decode_vec(self.idn).map_err(|_| malformed("idn", "8 or 16 bytes"))?;
        let umd = key("contactless_umd", self.contactless_umd)?;
        let md = key("contactless_md", self.contactless_md)?;
        TransactionCredential::new(Atc::new(self.atc), &idn, umd, md).ok_or_else(|| malformed("idn", "8 or 16 bytes"))
    }
}

fn decode(hex: &str, room: &mut [u8]) -> Result<(), ()> {
    let whole = base16ct::mixed::decode(hex, room).is_ok_and(|decoded| decoded.len() * 2 == hex.len());
    if whole && hex.len() == room.len() * 2 { Ok(()) } else { Err(()) }
}
