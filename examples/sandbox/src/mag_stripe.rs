//! A tap in mag-stripe mode, as the acquirer's message brings it.

use serde::{Deserialize, Serialize};

use crate::verification::Freshness;

/// The dynamic digits of a track, taken apart.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MagStripeRequest {
    /// Account number of the token.
    pub pan: String,
    /// 9F6A as the terminal sent it to the card, four bytes.
    #[serde(serialize_with = "hex::serde::serialize_upper", deserialize_with = "hex::serde::deserialize")]
    pub unpredictable_number: [u8; 4],
    /// 9F61, the dynamic card verification code.
    pub cvc3: u16,
    /// 9F36 as the card answered it in this mode.
    pub crypto_atc: u16,
}

/// What the issuer found out about it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MagStripeVerification {
    /// Both numbers are those of an issued counter value.
    Valid {
        /// The true counter value.
        atc: u16,
        /// Whether it may still be used; never `NeverIssued`.
        freshness: Freshness,
    },
    /// No issued counter value gives these numbers.
    Invalid,
}
