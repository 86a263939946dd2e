//! What the issuer found out about one request, fact by fact.

use serde::Serialize;

/// Every fact is reported for itself; whether they suffice for a payment is the network's decision.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Verification {
    /// The counter value of the request.
    pub atc: u16,
    /// Whether that value may still be used.
    pub freshness: Freshness,
    /// The cryptogram of user and device, 9F26.
    pub umd: Cryptogram,
    /// Whether a genuine card of this kind would have answered with a true UMD cryptogram here.
    pub umd_expected: bool,
    /// The cryptogram of the device, five bytes in 9F10.
    pub md: Cryptogram,
    /// The card's signature.
    pub cda: Cda,
    /// Whether the amount of the message is the one that the card saw.
    pub amount: AmountBinding,
    /// What the card says of itself. As true as the cryptograms, which cover it.
    pub cvr: CvrFacts,
    /// Whether the card agreed to an authorisation: true only if every part of its answer says ARQC.
    pub is_arqc: bool,
}

/// The result for one of the two cryptograms.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cryptogram {
    /// Made with the session key of this card and counter over the data of this message.
    Valid,
    /// Not so; a card that answers under random keys cannot be told from a forger.
    RandomOrInvalid,
}

/// Where a counter value stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Freshness {
    /// Issued and not seen before.
    Fresh,
    /// Issued, and seen before with a true cryptogram, be it in the same bytes.
    Replayed,
    /// No credential was issued for it.
    NeverIssued,
}

/// The result for the card's signature.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cda {
    /// Signed by this card over this message.
    Valid,
    /// Not so, because.
    Invalid(CdaFault),
    /// The message carries no signature.
    NotSigned,
    /// There is a signature, but the issuer does not know the card's key.
    Unknown,
}

/// What is wrong with a signature.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CdaFault {
    /// It was not made with this card's key: nothing of the right form can be recovered.
    Block,
    /// The recovered hash is of other data or of another unpredictable number.
    Hash,
    /// The transaction data hash code is not that of the data said to be hashed.
    TransactionData,
    /// The signed cryptogram or its kind differs from the message's.
    Cryptogram,
    /// The signed answer differs from what the message says of it: counter, issuer application data.
    Answer,
    /// A signed terminal element differs from the message's.
    Element(u32),
}

/// Whether the amount of the message is the one that the card saw.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountBinding {
    /// A cryptogram verifies over the message's amount.
    Bound,
    /// A cryptogram verifies over the amount in the signed data, which is another.
    Contradicted {
        /// The amount that the card saw.
        under_cryptogram: u64,
    },
    /// No cryptogram verifies, so nothing is known.
    Unproven,
}

/// The card verification results of 9F10 that matter to an issuer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct CvrFacts {
    /// The device verified its user for this payment.
    pub cdcvm_done: bool,
    /// The card answered the first GENERATE AC with an ARQC, not an AAC.
    pub is_arqc: bool,
    /// The card answered with a CDA signature.
    pub cda_returned: bool,
    /// Where the card thinks the terminal is.
    pub conditions: Conditions,
}

/// Where the terminal is, seen from the card.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Conditions {
    /// In the issuer's country.
    Domestic,
    /// In another.
    International,
    /// The card did not say, or said both.
    Unstated,
}

impl CvrFacts {
    /// Reads six bytes, named as in the field from byte 1 and bit 80 down.
    pub(crate) fn of([b1, b2, _, b4, _, _]: [u8; 6]) -> Self {
        Self {
            // "Offline PIN performed" together with "PIN successful".
            cdcvm_done: b1 & 0x05 == 0x05,
            // "Second GENERATE AC not requested" and "ARQC in the first".
            is_arqc: b1 & 0xF0 == 0xA0,
            cda_returned: b2 & 0x40 != 0,
            conditions: match b4 & 0x06 {
                0x02 => Conditions::Domestic,
                0x04 => Conditions::International,
                _ => Conditions::Unstated,
            },
        }
    }
}
