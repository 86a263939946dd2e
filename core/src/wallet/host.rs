use super::history::CompletedTap;
use crate::cdcvm::{Decision, VelocityCounters};
use crate::emv::{Advice, TransactionInfo};
use crate::instrument::{InstrumentId, InstrumentStatus, ReplenishReason};
use crate::platform::Moment;
use std::sync::Arc;

/// The app behind the wallet.
///
/// It is called on threads of its own, with no lock held, so it may call the wallet from inside. Events come one at a time
/// and in order; the last word is asked for on another thread, possibly while an event is still being handled. A panic is
/// caught and counts as a failure.
///
/// ```
/// use bezant::emv::Advice;
/// use bezant::wallet::{AdviceInput, Host, HostFailed, WalletEvent};
///
/// /// Lets nobody pay more than 500.00 in one go.
/// struct Careful;
///
/// impl Host for Careful {
///     fn final_decision(&self, input: &AdviceInput) -> Result<Option<Advice>, HostFailed> {
///         let amount = input.transaction.amount.ok_or(HostFailed)?;
///         Ok((amount.minor_units() > 50_000).then_some(Advice::Decline))
///     }
///
///     fn on_event(&self, event: &WalletEvent) {
///         println!("{}", event.name());
///     }
/// }
/// ```
pub trait Host: Send + Sync {
    /// The last word on a payment: `None` follows the recommendation, an advice of its own may be stricter. A more generous
    /// one is not followed. An app that wants a verification gives that as a reason of its own, `MISSING_CDCVM`.
    ///
    /// The terminal waits: the answer must come within the configured budget, or the payment is declined.
    ///
    /// # Errors
    /// [`HostFailed`] declines.
    fn final_decision(&self, input: &AdviceInput) -> Result<Option<Advice>, HostFailed> {
        let _ = input;
        Ok(None)
    }

    /// Something has happened.
    ///
    /// A tap's start is waited for, within the budget: a card chosen or a cardholder verified from inside that call
    /// counts for this very tap. Everything else is told without waiting.
    fn on_event(&self, event: &WalletEvent) {
        let _ = event;
    }
}

/// The app could not say.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the app could not decide")]
pub struct HostFailed;

/// What the app is told before it has the last word.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AdviceInput {
    /// Which card is to pay.
    pub instrument: InstrumentId,
    /// The facts.
    pub transaction: TransactionInfo,
    /// What the wallet makes of them; printed, it is the sentence for a developer.
    pub decision: Decision,
    /// What low-value payments have come to before this one.
    pub counters: VelocityCounters,
    /// Whether the cardholder's verification counts for this payment.
    pub user_authenticated: bool,
}

impl AdviceInput {
    /// What the wallet would do.
    #[must_use]
    pub fn recommended(&self) -> Advice {
        self.decision.advice()
    }
}

/// What the app is told. New events may come in any minor version.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum WalletEvent {
    /// The terminal must be shown a verified cardholder: verify for this payment, and tap again before the deadline.
    AuthenticationRequired {
        /// Which card.
        instrument: InstrumentId,
        /// The facts to be shown; the second tap must have the same amount, currency and application.
        transaction: TransactionInfo,
        /// After it the first tap is forgotten.
        deadline: Moment,
    },
    /// A tap is over: told exactly once for each.
    ContactlessPaymentCompleted(Arc<CompletedTap>),
    /// The link was lost before an answer.
    ContactlessPaymentInterrupted {
        /// Which card.
        instrument: InstrumentId,
        /// How often the phone may come back within the window and still be in the same tap.
        retries_left: u32,
    },
    /// A reader has found a card.
    ContactlessPaymentStarted {
        /// The card that pays if none is chosen now.
        instrument: InstrumentId,
    },
    /// Fewer credentials than the threshold are left.
    CredentialsLow {
        /// Of which card.
        instrument: InstrumentId,
        /// How many.
        credentials_left: usize,
    },
    /// The app itself did not do as it should; the wallet went on without it.
    HostMisbehaved {
        /// In which call.
        call: HostCall,
        /// How.
        how: Misbehaviour,
    },
    /// The next tap can be paid.
    NextTapReady {
        /// With which card.
        instrument: InstrumentId,
        /// How many credentials it has.
        credentials_left: usize,
    },
    /// A payment was declined because no credential is left.
    NoTransactionCredentials {
        /// Of which card.
        instrument: InstrumentId,
    },
    /// A card has changed its status.
    PaymentInstrumentStatusChanged {
        /// Which card.
        instrument: InstrumentId,
        /// From.
        old: InstrumentStatus,
        /// To.
        new: InstrumentStatus,
        /// Why.
        cause: StatusCause,
    },
    /// The cardholder has been verified and a card can pay.
    ReadyToTap {
        /// For so long.
        seconds_left: u32,
    },
    /// Credentials are to be fetched: told once, until they have come or the refill is given up.
    ReplenishNeeded {
        /// For which card.
        instrument: InstrumentId,
        /// Why.
        reason: ReplenishReason,
    },
    /// A security event has ended the wallet's life: told once.
    SecurityIssue {
        /// What has happened, in the app's words.
        kind: String,
    },
}

/// A call of the wallet into the app.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum HostCall {
    /// [`Host::on_event`].
    Event,
    /// [`Host::final_decision`].
    FinalDecision,
}

/// What an app can do wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Misbehaviour {
    /// It failed or panicked.
    Failed,
    /// It took longer than its budget; what it said later was not heard.
    Late,
}

/// Why a card has another status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum StatusCause {
    /// It was activated here.
    Activated,
    /// What is stored of it was found damaged.
    Damaged,
    /// It was deleted here.
    Deleted,
    /// It was suspended here.
    Suspended,
    /// The wallet was wiped.
    Wiped,
}

impl WalletEvent {
    /// The name for programs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AuthenticationRequired { .. } => "authentication_required",
            Self::ContactlessPaymentCompleted(_) => "contactless_payment_completed",
            Self::ContactlessPaymentInterrupted { .. } => "contactless_payment_interrupted",
            Self::ContactlessPaymentStarted { .. } => "contactless_payment_started",
            Self::CredentialsLow { .. } => "credentials_low",
            Self::HostMisbehaved { .. } => "host_misbehaved",
            Self::NextTapReady { .. } => "next_tap_ready",
            Self::NoTransactionCredentials { .. } => "no_transaction_credentials",
            Self::PaymentInstrumentStatusChanged { .. } => "payment_instrument_status_changed",
            Self::ReadyToTap { .. } => "ready_to_tap",
            Self::ReplenishNeeded { .. } => "replenish_needed",
            Self::SecurityIssue { .. } => "security_issue",
        }
    }
}
