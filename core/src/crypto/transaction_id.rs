use super::digest::sha256;
use crate::emv::{Atc, Pan};
use core::fmt;
use serde::{Deserialize, Serialize};

/// What a tap and the server's later message about it have in common: 32 bytes that only they can compute.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TransactionId(pub [u8; 32]);

/// SHA-256 over account number (BCD, padded with F), ATC and UMD cryptogram.
#[must_use]
pub fn derive_transaction_id(pan: &Pan, atc: Atc, umd_cryptogram: [u8; 8]) -> TransactionId {
    TransactionId(sha256(&[pan.as_bcd(), &atc.to_bytes(), &umd_cryptogram]))
}

impl fmt::Display for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl fmt::Debug for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
