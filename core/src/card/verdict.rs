use crate::crypto::{RandomKeys, SessionKeys, TransactionId};
use crate::emv::{Advice, Aid, Reasons, TerminalData, TransactionInfo};
use serde::{Deserialize, Serialize};

/// The one question that a tap comes to: is this payment to be made?
///
/// It cannot be copied, so it cannot be answered twice; dropped unanswered, it ends the card's session.
#[derive(Debug)]
#[must_use = "a question that is dropped ends the tap"]
pub struct Asked {
    pub(super) session: u64,
    pub(super) question: Question,
    pub(super) application: Aid,
    pub(super) terminal: TerminalData,
    pub(super) transaction: TransactionInfo,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Question {
    Cryptogram { arqc: bool, cda: bool, additional_check: Option<bool> },
    Checksum,
}

impl Asked {
    /// The facts of the transaction.
    #[must_use]
    pub const fn transaction(&self) -> &TransactionInfo {
        &self.transaction
    }

    /// Which application of the card is asked.
    #[must_use]
    pub const fn application(&self) -> Aid {
        self.application
    }

    /// What the terminal sent.
    #[must_use]
    pub const fn terminal(&self) -> &TerminalData {
        &self.terminal
    }

    /// Whether an approval spends a credential. A terminal that asks for an unsigned AAC declines whatever the card
    /// says, and gets random keys: otherwise it could drain the wallet.
    #[must_use]
    pub const fn needs_credential(&self) -> bool {
        !matches!(self.question, Question::Cryptogram { arqc: false, cda: false, .. })
    }
}

/// The answer to an [`Asked`].
pub enum Verdict {
    /// Answer under real keys; they are used up by it.
    Proceed {
        /// The keys of one credential.
        keys: SessionKeys,
        /// Where [`super::CardApplication::wants_random_umd`], for the UMD cryptogram.
        random: Option<RandomKeys>,
        /// Whether the cardholder was verified on the device.
        cdcvm_done: bool,
    },
    /// Nothing speaks against it, but no credential is needed: see [`Asked::needs_credential`].
    Agree {
        /// For both cryptograms.
        random: RandomKeys,
        /// Whether the cardholder was verified on the device.
        cdcvm_done: bool,
    },
    /// Answer an AAC under random keys.
    Refuse {
        /// Decline, or ask for another tap; anything else counts as decline.
        advice: Advice,
        /// Why.
        reasons: Reasons,
        /// For both cryptograms.
        random: RandomKeys,
        /// Whether the cardholder was verified on the device.
        cdcvm_done: bool,
    },
}

/// How a tap ended, as far as the card can know: what the network says comes later.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TapOutcome {
    /// A signed AAC under real keys: the terminal wanted proof, no payment.
    AuthenticateOffline,
    /// An ARQC or a CVC3 under real keys: the terminal asks the network.
    AuthorizeOnline,
    /// The terminal asked for an AAC.
    DeclinedByTerminal,
    /// The wallet refused.
    DeclinedByWallet,
    /// The tap was cut short by a failure.
    Error,
    /// The link was lost before an answer.
    Interrupted,
    /// The cardholder is to prove something and tap again.
    WalletActionRequired,
}

/// Why a tap was cut short by the card. Everything else that a terminal does wrong gets a status word and leaves the
/// state as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Abort {
    /// A computation failed; nothing of it has left the card.
    Internal,
    /// The profile lacks what GENERATE AC needs.
    MissingMChipData,
    /// The profile lacks what COMPUTE CRYPTOGRAPHIC CHECKSUM needs.
    MissingMagStripeData,
    /// The terminal can never go online.
    OfflineOnlyTerminal,
}

/// What an answered question came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Conclusion {
    /// The outcome of the tap.
    pub outcome: TapOutcome,
    /// The failure behind [`TapOutcome::Error`].
    pub abort: Option<Abort>,
    /// Of an answer under real keys to GENERATE AC.
    pub transaction_id: Option<TransactionId>,
}

impl TapOutcome {
    /// What a refusal with this advice comes to.
    pub(super) fn of_refusal(advice: Advice) -> Self {
        if advice == Advice::AuthenticationRequired { Self::WalletActionRequired } else { Self::DeclinedByWallet }
    }
}

impl Conclusion {
    /// The conclusion of an answer that has no transaction identifier.
    pub(super) const fn of(outcome: TapOutcome) -> Self {
        Self { outcome, abort: None, transaction_id: None }
    }

    /// The conclusion of a tap that failed before its question was answered.
    #[must_use]
    pub const fn failed() -> Self {
        Self { outcome: TapOutcome::Error, abort: Some(Abort::Internal), transaction_id: None }
    }
}
