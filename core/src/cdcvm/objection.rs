use super::authentication::Standing;
use super::context::ContextConflict;
use crate::emv::Reason;
use core::fmt;
use serde::{Deserialize, Serialize};

/// One thing that speaks against a payment, with what it was judged by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Objection {
    /// The issuer's action codes forbid it.
    ConditionsNotAllowed,
    /// The second tap is not the one that the cardholder has verified for.
    ContextDiffers(ContextConflict),
    /// The device is locked.
    DeviceLocked,
    /// Amounts are limited, and this one is in another currency and counted by nothing.
    ForeignCurrency,
    /// At a gate the terminal verifies nobody, and a card-like wallet cannot.
    GateNeedsVerification,
    /// The configuration does not serve gates.
    GateNotServed,
    /// The profile does not serve gates.
    GateNotInProfile,
    /// The app wants a verification.
    HostWantsVerification,
    /// Too much at once.
    LvtAmount {
        /// This payment, in minor units.
        amount: u64,
        /// What passes.
        limit: u64,
    },
    /// Too many in a row.
    LvtCount {
        /// Payments since the last verified one.
        count: u32,
        /// What passes.
        limit: u32,
    },
    /// Too much together.
    LvtSum {
        /// Payments since the last verified one, in minor units.
        before: u64,
        /// This payment.
        amount: u64,
        /// What passes.
        limit: u64,
    },
    /// No credential is left.
    NoCredential,
    /// The terminal verifies nobody, and a card-like wallet cannot.
    NobodyVerifies,
    /// A verification is wanted that there is not.
    Unverified {
        /// Why one is wanted.
        wanted: Wanted,
        /// What there is; never fresh.
        standing: Standing,
    },
}

/// Why a model wants a verification.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Wanted {
    /// Model Always wants one for every payment.
    ForEveryPayment,
    /// At this gate.
    ForGate,
    /// Above the terminal's limit.
    ForHighValue,
    /// The terminal does not tell whether the amount is above its limit.
    ForUnknownRange,
}

impl Objection {
    /// The code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ConditionsNotAllowed => "ISSUER_ACTION_CODE",
            Self::ContextDiffers(_) => "CONTEXT_DIFFERS",
            Self::DeviceLocked => "DEVICE_LOCKED",
            Self::ForeignCurrency => "FOREIGN_CURRENCY",
            Self::GateNeedsVerification => "GATE_NEEDS_VERIFICATION",
            Self::GateNotServed => "GATE_NOT_SERVED",
            Self::GateNotInProfile => "GATE_NOT_IN_PROFILE",
            Self::HostWantsVerification => "HOST_WANTS_VERIFICATION",
            Self::LvtAmount { .. } => "SINGLE_LVT_LIMIT",
            Self::LvtCount { .. } => "MAX_CONSECUTIVE_LVT",
            Self::LvtSum { .. } => "MAX_CUMULATIVE_LVT",
            Self::NoCredential => "NO_CREDENTIAL",
            Self::NobodyVerifies => "NOBODY_VERIFIES",
            Self::Unverified { standing: Standing::Missing | Standing::Fresh, .. } => "NOT_VERIFIED",
            Self::Unverified { standing: Standing::Stale { .. }, .. } => "VERIFICATION_STALE",
            Self::Unverified { standing: Standing::UsedUp { .. }, .. } => "VERIFICATION_USED_UP",
        }
    }

    /// The reason that it gives.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        match self {
            Self::ConditionsNotAllowed => Reason::TransactionConditionsNotAllowed,
            Self::ContextDiffers(_) => Reason::ContextNotMatching,
            Self::GateNeedsVerification | Self::GateNotServed | Self::GateNotInProfile => Reason::UnsupportedTransit,
            Self::NoCredential => Reason::CredentialsNotAvailable,
            Self::NobodyVerifies => Reason::InsufficientPoiAuthentication,
            Self::Unverified { standing: Standing::Stale { .. } | Standing::UsedUp { .. }, .. } => {
                Reason::InsufficientCdcvm
            }
            Self::DeviceLocked
            | Self::ForeignCurrency
            | Self::HostWantsVerification
            | Self::LvtAmount { .. }
            | Self::LvtCount { .. }
            | Self::LvtSum { .. }
            | Self::Unverified { .. } => Reason::MissingCdcvm,
        }
    }
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ConditionsNotAllowed => f.write_str("the issuer's action codes decline a payment like this"),
            Self::ContextDiffers(what) => write!(f, "the {what} is not the one of the first tap"),
            Self::DeviceLocked => f.write_str("the device is locked, and allow_when_locked is off"),
            Self::ForeignCurrency => f.write_str(
                "low-value amounts are limited, but this one is not in the domestic currency and no limit counts it",
            ),
            Self::GateNeedsVerification => f.write_str(
                "transit_without_cdcvm is off, and a card-like wallet verifies nobody: it cannot pay at a gate",
            ),
            Self::GateNotServed => f.write_str("a transit gate, and transit_enabled is off"),
            Self::GateNotInProfile => f.write_str("a transit gate, and the profile does not support transit"),
            Self::HostWantsVerification => f.write_str("the app wants a verification for this payment"),
            Self::LvtAmount { amount, limit } => {
                write!(f, "a low-value payment of {amount} minor units, and {limit} pass without a verification")
            }
            Self::LvtCount { count, limit } => {
                write!(f, "{count} low-value payments since the last verified one, and {limit} pass")
            }
            Self::LvtSum { before, amount, limit } => write!(
                f,
                "low-value payments of {before} minor units since the last verified one, {amount} more, and {limit} pass"
            ),
            Self::NoCredential => f.write_str("no credential is left, or none can be had"),
            Self::NobodyVerifies => f.write_str(
                "above the limit, the terminal verifies nobody, and a card-like wallet leaves it to the terminal",
            ),
            Self::Unverified { wanted, standing } => write!(f, "{wanted}, and {standing}"),
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ForEveryPayment => "model Always wants a verification for every payment",
            Self::ForGate => "this gate wants a verification, for transit_without_cdcvm is off",
            Self::ForHighValue => "a payment above the terminal's limit wants a verification",
            Self::ForUnknownRange => "the terminal does not tell its limit, so the payment wants a verification",
        })
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fresh => f.write_str("there is one"),
            Self::Missing => f.write_str("there is none"),
            Self::Stale { age_ms: Some(age_ms), validity_ms } => {
                write!(f, "the last one is {age_ms} ms old and serves {validity_ms} ms")
            }
            Self::Stale { age_ms: None, .. } => f.write_str("the device has restarted since"),
            Self::UsedUp { payments } => write!(f, "the last one has served {payments} payments, which is all it may"),
        }
    }
}
