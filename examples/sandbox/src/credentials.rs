//! Transaction credentials, and the file in which a card's issuer side is kept.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::card_data::UmdGeneration;
use crate::diversification::{CardMasterKeys, DesKey, IssuerMasterKeys, SessionKeys};
use crate::keys::{Exponent, KeyError, PublicKey};

/// What a wallet needs for one contactless transaction. Bytes are written as upper-case hexadecimal.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Credential {
    /// The counter value that this credential is for.
    pub atc: u16,
    /// ICC dynamic number for the CDA signature.
    #[serde(serialize_with = "hex::serde::serialize_upper", deserialize_with = "hex::serde::deserialize")]
    pub idn: [u8; 8],
    /// Session key of the UMD cryptogram.
    pub contactless_umd: DesKey,
    /// Session key of the MD cryptogram.
    pub contactless_md: DesKey,
}

impl Credential {
    /// The credential of one counter value.
    pub(crate) fn derive(card: &CardMasterKeys, atc: u16, idn: [u8; 8]) -> Self {
        let SessionKeys { umd, md } = card.derive_session_keys(atc);
        Self { atc, idn, contactless_umd: umd, contactless_md: md }
    }
}

/// A certification authority's public key, as a terminal loads it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CaPublicKey {
    /// Registered application provider identifier.
    #[serde(serialize_with = "hex::serde::serialize_upper", deserialize_with = "hex::serde::deserialize")]
    pub rid: [u8; 5],
    /// Index of the key, tag 8F.
    #[serde(serialize_with = "hex::serde::serialize_upper", deserialize_with = "hex::serde::deserialize")]
    pub index: [u8; 1],
    /// RSA modulus.
    #[serde(serialize_with = "hex::serde::serialize_upper", deserialize_with = "hex::serde::deserialize")]
    pub modulus: Vec<u8>,
    /// RSA public exponent, 1 or 3 bytes.
    #[serde(serialize_with = "hex::serde::serialize_upper", deserialize_with = "hex::serde::deserialize")]
    pub exponent: Vec<u8>,
}

/// One card's issuer side with the credentials issued so far. It holds master keys: synthetic cards only.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CredentialsFile {
    /// Issuer master key of the UMD family.
    pub imk_umd: DesKey,
    /// Issuer master key of the MD family.
    pub imk_md: DesKey,
    /// Account number of the token.
    pub pan: String,
    /// Sequence number of the token, two digits.
    pub psn: String,
    /// The key that a terminal needs to check the chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<CaPublicKey>,
    /// Modulus of the issuer's key.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_hex")]
    pub issuer_modulus: Option<Vec<u8>>,
    /// Modulus of the card's key; without it no CDA signature can be judged.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_hex")]
    pub icc_modulus: Option<Vec<u8>>,
    /// Public exponent of issuer and card; 010001 where the file does not say.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_hex")]
    pub icc_exponent: Option<Vec<u8>>,
    /// Initial vector of mag-stripe mode; without it no mag-stripe tap can be judged.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_hex")]
    pub pin_iv_cvc3_track2: Option<Vec<u8>>,
    /// `Always` unless the file says otherwise: when this card's UMD cryptogram must verify.
    #[serde(default, skip_serializing_if = "is_always")]
    pub umd_generation: UmdGeneration,
    /// The credentials issued so far.
    pub credentials: Vec<Credential>,
}

/// A credentials file in its own words.
pub(crate) struct LoadedCard {
    pub(crate) keys: CardMasterKeys,
    pub(crate) psn: u8,
    pub(crate) icc: Option<PublicKey>,
    pub(crate) pin_iv_cvc3: Option<[u8; 2]>,
    pub(crate) issued: BTreeSet<u16>,
}

impl CredentialsFile {
    /// Reads the text of a credentials file.
    pub fn from_json(text: &str) -> Result<Self, CredentialsError> {
        Ok(serde_json::from_str(text)?)
    }

    /// Checks the file against itself: every credential must be derived from its master keys.
    pub(crate) fn load(&self) -> Result<LoadedCard, CredentialsError> {
        if !is_account_number(&self.pan) {
            return Err(CredentialsError::AccountNumber);
        }
        let digits = self.psn.len() <= 2 && self.psn.bytes().all(|byte| byte.is_ascii_digit());
        let psn = self.psn.parse().ok().filter(|_| digits).ok_or(CredentialsError::SequenceNumber)?;
        let exponent = self.icc_exponent.as_deref().map_or(Ok(Exponent::F4), Exponent::from_bytes)?;
        let icc = self.icc_modulus.as_deref().map(|modulus| PublicKey::new(modulus, exponent)).transpose()?;
        let pin_iv_cvc3 = match &self.pin_iv_cvc3_track2 {
            Some(iv) => Some(iv.as_slice().try_into().map_err(|_| CredentialsError::InitialVector)?),
            None => None,
        };
        let keys = IssuerMasterKeys { umd: self.imk_umd, md: self.imk_md }.derive_card_keys(&self.pan, psn);
        let mut issued = BTreeSet::new();
        for credential in &self.credentials {
            let Credential { atc, idn, .. } = *credential;
            if *credential != Credential::derive(&keys, atc, idn) {
                return Err(CredentialsError::ForeignKey(atc));
            }
            if !issued.insert(atc) {
                return Err(CredentialsError::Twice(atc));
            }
        }
        Ok(LoadedCard { keys, psn, icc, pin_iv_cvc3, issued })
    }
}

/// Why a credentials file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// `pan` is not 13-19 digits.
    #[error("pan: an account number has 13 to 19 digits")]
    AccountNumber,
    /// A credential does not belong to the master keys of the file.
    #[error("the keys of ATC {0} are not derived from the master keys of this file")]
    ForeignKey(u16),
    /// `pin_iv_cvc3_track2` is not 2 bytes.
    #[error("pin_iv_cvc3_track2: two bytes are needed")]
    InitialVector,
    /// The file is no JSON of this shape; what stands there may be a key and is not told.
    #[error("not a credentials file (line {line}, column {column})")]
    Json {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// `icc_modulus` or `icc_exponent` is no key.
    #[error("icc_modulus or icc_exponent: {0}")]
    Key(#[from] KeyError),
    /// `psn` is not a number of two digits.
    #[error("psn: two decimal digits are needed")]
    SequenceNumber,
    /// Two credentials claim one counter value.
    #[error("ATC {0} occurs twice")]
    Twice(u16),
}

fn is_always(generation: &UmdGeneration) -> bool {
    *generation == UmdGeneration::Always
}

pub(crate) fn is_account_number(pan: &str) -> bool {
    (13..=19).contains(&pan.len()) && pan.bytes().all(|byte| byte.is_ascii_digit())
}

mod optional_hex {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        hex::serde::serialize_upper(bytes.as_deref().unwrap_or_default(), serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| hex::decode(text).map_err(serde::de::Error::custom)).transpose()
    }
}

impl From<serde_json::Error> for CredentialsError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json { line: error.line(), column: error.column() }
    }
}
