use crate::emv::{Aid, Amount, CurrencyCode, TransactionInfo};
use core::fmt;
use serde::{Deserialize, Serialize};

/// What the second of two taps must have in common with the first, for which the cardholder has verified: never the
/// unpredictable number, the date or the TVR, which differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PaymentContext {
    /// How much.
    pub amount: Amount,
    /// In which currency.
    pub currency: CurrencyCode,
    /// With which application of the card.
    pub application: Aid,
}

/// What differs between two taps.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ContextConflict {
    /// The amount.
    Amount,
    /// The application.
    Application,
    /// The currency.
    Currency,
    /// The payment instrument.
    Instrument,
}

impl PaymentContext {
    /// The context of a tap; `None` where the terminal names no amount or no currency.
    #[must_use]
    pub fn of(transaction: &TransactionInfo, application: Aid) -> Option<Self> {
        Some(Self { amount: transaction.amount?, currency: transaction.currency?, application })
    }

    /// What differs in a second tap with this card; data that the terminal left out differ.
    #[must_use]
    pub fn conflict(&self, transaction: &TransactionInfo, application: Aid) -> Option<ContextConflict> {
        if transaction.amount != Some(self.amount) {
            Some(ContextConflict::Amount)
        } else if transaction.currency != Some(self.currency) {
            Some(ContextConflict::Currency)
        } else {
            (application != self.application).then_some(ContextConflict::Application)
        }
    }
}

impl fmt::Display for ContextConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Amount => "amount",
            Self::Application => "application",
            Self::Currency => "currency",
            Self::Instrument => "payment instrument",
        })
    }
}
