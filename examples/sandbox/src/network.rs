//! The network: it carries requests from the acquirer to the issuer, keeps the accounts and decides.

use std::collections::{BTreeMap, BTreeSet};

use crate::authorisation::{AuthorisationRequest, RequestError, tag};
use crate::issuer::Issuer;
use crate::verification::{AmountBinding, Cda, Cryptogram, Freshness, Verification};

/// The money behind a token, in minor units. There are no exchange rates here: a foreign amount counts at par.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Account {
    /// What is left.
    pub balance: u64,
    /// The most that one payment may take.
    pub payment_limit: u64,
}

impl Account {
    /// An account that covers everything.
    pub fn unlimited() -> Self {
        Self { balance: u64::MAX, payment_limit: u64::MAX }
    }
}

/// The acquirer-to-issuer switch.
pub struct Network {
    issuer: Issuer,
    accounts: BTreeMap<String, Account>,
    suspended: BTreeSet<String>,
    approvals: u32,
}

impl Network {
    /// A network in front of one issuer. Cards can pay once their account is open.
    pub fn new(issuer: Issuer) -> Self {
        Self { issuer, accounts: BTreeMap::new(), suspended: BTreeSet::new(), approvals: 0 }
    }

    /// Opens the account behind a token, or sets it anew.
    pub fn open_account(&mut self, pan: &str, account: Account) {
        self.accounts.insert(pan.to_owned(), account);
    }

    /// The account behind a token.
    pub fn account(&self, pan: &str) -> Option<Account> {
        self.accounts.get(pan).copied()
    }

    /// Stops a token until [`Self::resume`].
    pub fn suspend(&mut self, pan: &str) {
        self.suspended.insert(pan.to_owned());
    }

    /// Lets a suspended token pay again.
    pub fn resume(&mut self, pan: &str) {
        self.suspended.remove(pan);
    }

    /// The answer that the acquirer gets.
    pub fn authorise(&mut self, request: &AuthorisationRequest) -> Decision {
        self.assess(request).decision
    }

    /// The same answer with what the issuer found out on the way. The issuer looks at a declined request all the same,
    /// so that a counter value cannot be saved for later.
    pub fn assess(&mut self, request: &AuthorisationRequest) -> Assessment {
        match self.issuer.verify(request) {
            Err(error) => {
                let reason = match error {
                    RequestError::UnknownCard => DeclineReason::UnknownCard,
                    other => DeclineReason::BadRequest(other),
                };
                Assessment { verification: None, decision: Decision::Declined { reason } }
            }
            Ok(verification) => {
                let decision = match self.settle(request, &verification) {
                    Ok(authorisation_code) => Decision::Approved { authorisation_code },
                    Err(reason) => Decision::Declined { reason },
                };
                Assessment { verification: Some(verification), decision }
            }
        }
    }

    fn settle(&mut self, request: &AuthorisationRequest, verification: &Verification) -> Result<String, DeclineReason> {
        if let Some(reason) = refusal(verification) {
            return Err(reason);
        }
        if self.suspended.contains(&request.pan) {
            return Err(DeclineReason::SuspendedToken);
        }
        let account = self.accounts.get_mut(&request.pan).ok_or(DeclineReason::UnknownCard)?;
        let amount = request.amount().map_err(DeclineReason::BadRequest)?;
        if request.element::<1>(tag::TRANSACTION_TYPE).is_ok_and(|[kind]| kind == REFUND) {
            account.balance = account.balance.saturating_add(amount);
        } else {
            let left = account.balance.checked_sub(amount).filter(|_| amount <= account.payment_limit);
            account.balance = left.ok_or(DeclineReason::OverAccountLimit)?;
        }
        self.approvals += 1;
        Ok(format!("{:06}", self.approvals % 1_000_000))
    }
}

/// What the issuer's findings alone forbid. The order matters only for the reason that is told.
fn refusal(verification: &Verification) -> Option<DeclineReason> {
    match verification.freshness {
        Freshness::Fresh => {}
        Freshness::Replayed => return Some(DeclineReason::ReplayedAtc),
        Freshness::NeverIssued => return Some(DeclineReason::AtcNeverIssued),
    }
    if !verification.is_arqc {
        return Some(DeclineReason::Aac);
    }
    if let AmountBinding::Contradicted { .. } = verification.amount {
        return Some(DeclineReason::AmountMismatch);
    }
    let umd_missing = verification.umd_expected && verification.umd != Cryptogram::Valid;
    if verification.md != Cryptogram::Valid || umd_missing {
        return Some(DeclineReason::BadCryptogram);
    }
    // The card says under its cryptogram whether it has signed: a signature cannot be taken away or added on the way.
    match (&verification.cda, verification.cvr.cda_returned) {
        (Cda::Valid, true) | (Cda::NotSigned, false) | (Cda::Unknown, _) => None,
        (Cda::Invalid(_) | Cda::Valid | Cda::NotSigned, _) => Some(DeclineReason::BadSignature),
    }
}

/// A decision with its grounds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Assessment {
    /// What the issuer found; `None` if the request could not even be judged.
    pub verification: Option<Verification>,
    /// The answer that the acquirer gets.
    pub decision: Decision,
}

/// The answer that the acquirer gets.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Decision {
    /// The payment is good.
    Approved {
        /// Six digits for the receipt.
        authorisation_code: String,
    },
    /// It is not.
    Declined {
        /// Why.
        reason: DeclineReason,
    },
}

/// Why a payment was declined.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DeclineReason {
    /// The card refused the payment: an AAC is never authorised, however valid.
    #[error("the card itself refused")]
    Aac,
    /// The card saw another amount than the message tells.
    #[error("the card saw another amount")]
    AmountMismatch,
    /// No credential was issued for this counter value.
    #[error("the counter value was never issued")]
    AtcNeverIssued,
    /// A cryptogram that must verify does not.
    #[error("the cryptogram does not verify")]
    BadCryptogram,
    /// The request cannot be judged.
    #[error("the request cannot be judged: {0}")]
    BadRequest(RequestError),
    /// There is a CDA signature, and it is wrong.
    #[error("the card's signature does not verify")]
    BadSignature,
    /// The account does not cover the amount, or one payment may not take so much.
    #[error("over the account's limit")]
    OverAccountLimit,
    /// The counter value was used before.
    #[error("the counter value was used before")]
    ReplayedAtc,
    /// The token is suspended.
    #[error("the token is suspended")]
    SuspendedToken,
    /// No such token, or no account behind it.
    #[error("unknown card")]
    UnknownCard,
}

impl DeclineReason {
    /// A stable upper-case code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Aac => "AAC",
            Self::AmountMismatch => "AMOUNT_MISMATCH",
            Self::AtcNeverIssued => "ATC_NEVER_ISSUED",
            Self::BadCryptogram => "BAD_CRYPTOGRAM",
            Self::BadRequest(error) => error.code(),
            Self::BadSignature => "BAD_SIGNATURE",
            Self::OverAccountLimit => "OVER_ACCOUNT_LIMIT",
            Self::ReplayedAtc => "REPLAYED_ATC",
            Self::SuspendedToken => "SUSPENDED_TOKEN",
            Self::UnknownCard => "UNKNOWN_CARD",
        }
    }
}

/// Transaction type of a refund, the first two digits of the ISO 8583 processing code.
const REFUND: u8 = 0x20;
