//! What the acquirer sends: chip data as they came from the card and the terminal.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::cryptogram::CryptogramInput;

/// A request for authorisation, for one tap in EMV mode.
///
/// In JSON, tags and values are hexadecimal: `{"pan": "5413…", "psn": 1, "elements": {"9F02": "000000002500", …}}`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorisationRequest {
    /// Account number of the token.
    pub pan: String,
    /// Sequence number of the token (5F34).
    #[serde(default)]
    pub psn: u8,
    /// Chip data by tag. Needed are 9F02 9F1A 95 5F2A 9A 9C 9F37 82 9F36 9F10 9F26; 9F03 counts as zero where absent.
    #[serde(with = "elements_in_hex")]
    pub elements: BTreeMap<u32, Vec<u8>>,
    /// The CDA signature, where the terminal asked for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<SignedData>,
}

/// A CDA signature and what it covers.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SignedData {
    /// 9F4B, signed dynamic application data.
    #[serde(serialize_with = "hex::serde::serialize_upper", deserialize_with = "hex::serde::deserialize")]
    pub signature: Vec<u8>,
    /// PDOL values, CDOL1 values, then the data objects of the GENERATE AC answer without 9F4B, each in its order.
    #[serde(serialize_with = "hex::serde::serialize_upper", deserialize_with = "hex::serde::deserialize")]
    pub hashed: Vec<u8>,
}

impl AuthorisationRequest {
    /// Authorised amount (9F02) in minor units.
    pub fn amount(&self) -> Result<u64, RequestError> {
        decimal(tag::AMOUNT, &self.element::<6>(tag::AMOUNT)?)
    }

    /// Application transaction counter (9F36).
    pub fn atc(&self) -> Result<u16, RequestError> {
        self.element(tag::ATC).map(u16::from_be_bytes)
    }

    pub(crate) fn element<const N: usize>(&self, tag: u32) -> Result<[u8; N], RequestError> {
        let value = self.elements.get(&tag).ok_or(RequestError::Missing { tag })?;
        value.as_slice().try_into().map_err(|_| RequestError::Length { tag, expected: N, got: value.len() })
    }

    pub(crate) fn optional_element<const N: usize>(&self, tag: u32) -> Result<Option<[u8; N]>, RequestError> {
        self.elements.contains_key(&tag).then(|| self.element(tag)).transpose()
    }

    /// The input of both cryptograms as this message tells it.
    pub(crate) fn cryptogram_input(&self) -> Result<CryptogramInput, RequestError> {
        let terminal = [
            &self.element::<6>(tag::AMOUNT)?[..],
            &self.optional_element::<6>(tag::OTHER_AMOUNT)?.unwrap_or_default(),
            &self.element::<2>(tag::TERMINAL_COUNTRY)?,
            &self.element::<5>(tag::TVR)?,
            &self.element::<2>(tag::CURRENCY)?,
            &self.element::<3>(tag::DATE)?,
            &self.element::<1>(tag::TRANSACTION_TYPE)?,
            &self.element::<4>(tag::UNPREDICTABLE_NUMBER)?,
        ]
        .concat();
        let mut input = CryptogramInput {
            terminal: [0; 29],
            aip: self.element(tag::AIP)?,
            atc: self.atc()?,
            cvr: self.issuer_application_data()?.cvr,
        };
        input.terminal.copy_from_slice(&terminal);
        Ok(input)
    }

    pub(crate) fn issuer_application_data(&self) -> Result<IssuerApplicationData, RequestError> {
        let bytes: [u8; 18] = self.element(tag::ISSUER_APPLICATION_DATA)?;
        let [_, version, c1, c2, c3, c4, c5, c6, _, _, _, m1, m2, m3, m4, m5, _, _] = bytes;
        if version != CRYPTOGRAM_VERSION {
            return Err(RequestError::CryptogramVersion(version));
        }
        Ok(IssuerApplicationData { cvr: [c1, c2, c3, c4, c5, c6], md_cryptogram: [m1, m2, m3, m4, m5] })
    }
}

/// 9F10 as a card without counters fills it, 18 bytes.
pub(crate) struct IssuerApplicationData {
    pub(crate) cvr: [u8; 6],
    /// The first five bytes of the MD cryptogram.
    pub(crate) md_cryptogram: [u8; 5],
}

/// Why a request cannot even be judged.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RequestError {
    /// The cryptogram is of a kind this issuer gives no keys for.
    #[error("cryptogram version {0:02X} is not 14")]
    CryptogramVersion(u8),
    /// A decimal element has other digits.
    #[error("{tag:X} is not decimal")]
    Decimal {
        /// The element.
        tag: u32,
    },
    /// An element has not its length.
    #[error("{tag:X} has {got} bytes instead of {expected}")]
    Length {
        /// The element.
        tag: u32,
        /// Bytes it has by definition.
        expected: usize,
        /// Bytes that came.
        got: usize,
    },
    /// A needed element did not come.
    #[error("{tag:X} is missing")]
    Missing {
        /// The element.
        tag: u32,
    },
    /// The card was not issued for mag-stripe mode, or the issuer does not know its initial vector.
    #[error("this card has no mag-stripe mode")]
    NoMagStripe,
    /// No such token, or another sequence number.
    #[error("unknown card")]
    UnknownCard,
}

impl RequestError {
    /// A stable upper-case code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::CryptogramVersion(_) => "UNSUPPORTED_CRYPTOGRAM_VERSION",
            Self::Decimal { .. } => "NOT_DECIMAL",
            Self::Length { .. } => "BAD_LENGTH",
            Self::Missing { .. } => "MISSING_ELEMENT",
            Self::NoMagStripe => "NO_MAG_STRIPE",
            Self::UnknownCard => "UNKNOWN_CARD",
        }
    }
}

pub(crate) fn decimal(tag: u32, bcd: &[u8]) -> Result<u64, RequestError> {
    bcd.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]).try_fold(0_u64, |number, digit| match digit {
        0..=9 => Ok(number * 10 + u64::from(digit)),
        _ => Err(RequestError::Decimal { tag }),
    })
}

/// Tags of the elements that an issuer reads (EMV Book 3, annex A).
pub mod tag {
    /// 82, application interchange profile.
    pub const AIP: u32 = 0x82;
    /// 95, terminal verification results.
    pub const TVR: u32 = 0x95;
    /// 9A, transaction date.
    pub const DATE: u32 = 0x9A;
    /// 9C, transaction type.
    pub const TRANSACTION_TYPE: u32 = 0x9C;
    /// 5F2A, transaction currency.
    pub const CURRENCY: u32 = 0x5F2A;
    /// 9F02, amount authorised.
    pub const AMOUNT: u32 = 0x9F02;
    /// 9F03, amount other.
    pub const OTHER_AMOUNT: u32 = 0x9F03;
    /// 9F10, issuer application data.
    pub const ISSUER_APPLICATION_DATA: u32 = 0x9F10;
    /// 9F1A, terminal country.
    pub const TERMINAL_COUNTRY: u32 = 0x9F1A;
    /// 9F26, application cryptogram.
    pub const CRYPTOGRAM: u32 = 0x9F26;
    /// 9F27, cryptogram information data.
    pub const CID: u32 = 0x9F27;
    /// 9F36, application transaction counter.
    pub const ATC: u32 = 0x9F36;
    /// 9F37, unpredictable number.
    pub const UNPREDICTABLE_NUMBER: u32 = 0x9F37;
}

/// Common session key, no counters in the issuer application data.
const CRYPTOGRAM_VERSION: u8 = 0x14;

mod elements_in_hex {
    use std::collections::BTreeMap;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        elements: &BTreeMap<u32, Vec<u8>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(elements.iter().map(|(tag, value)| (format!("{tag:02X}"), hex::encode_upper(value))))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<u32, Vec<u8>>, D::Error> {
        let texts = BTreeMap::<String, String>::deserialize(deserializer)?;
        let mut elements = BTreeMap::new();
        for (tag, value) in texts {
            let number = u32::from_str_radix(&tag, 16).map_err(|_| D::Error::custom(format!("{tag} is no tag")))?;
            let value = hex::decode(value).map_err(|error| D::Error::custom(format!("{tag}: {error}")))?;
            if elements.insert(number, value).is_some() {
                return Err(D::Error::custom(format!("{tag} occurs twice")));
            }
        }
        Ok(elements)
    }
}
