use super::authentication::Standing;
use super::context::ContextConflict;
use super::objection::{Objection, Wanted};
use super::velocity::{Charge, VelocityCounters, VelocityLimits};
use crate::emv::{CardholderAction, CvmModel, Reasons, RichTransactionType, TransactionInfo, TransactionRange};
use core::fmt;
use serde::{Deserialize, Serialize};

/// What a wallet's configuration says about payments.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PaymentPolicy {
    /// Who verifies the cardholder, and when.
    pub model: CvmModel,
    /// Whether transit gates are served at all.
    pub transit_enabled: bool,
    /// Whether models Flexible and Card-like let gates be passed without a verification.
    pub transit_without_cdcvm: bool,
    /// Whether a locked device pays.
    pub allow_when_locked: bool,
    /// What low-value payments may come to (Flexible only).
    pub velocity: VelocityLimits,
}

/// What one payment is judged by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Situation<'a> {
    /// The facts.
    pub transaction: &'a TransactionInfo,
    /// What the cardholder's verification is worth when GENERATE AC arrives.
    pub standing: Standing,
    /// Whether the device is locked.
    pub device_locked: bool,
    /// What low-value payments have come to.
    pub counters: VelocityCounters,
    /// What differs from a first tap that is remembered.
    pub conflict: Option<ContextConflict>,
    /// Whether the profile serves gates.
    pub profile_serves_transit: bool,
    /// Whether a credential is there, where the answer needs one.
    pub credential_available: bool,
}

/// What the wallet itself makes of a payment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Assessment {
    /// What the payment rests on if nothing speaks against it.
    pub ground: Ground,
    /// The cardholder was verified on the device, and the answer may say so.
    pub cdcvm_done: bool,
    /// What an approval does to the velocity counters.
    pub charge: Charge,
    objections: [Option<Objection>; Self::MOST],
}

/// What a payment rests on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Ground {
    /// Model Card-like: as with plastic, whatever is needed happens at the terminal.
    AsPlastic,
    /// A transit gate that asks nobody.
    Gate,
    /// Model Flexible: below the terminal's limit, and the velocity limits are kept.
    LowValue {
        /// Before this payment.
        counters: VelocityCounters,
    },
    /// A fresh verification on the device.
    Verified,
}

/// Judges a payment by the wallet's own rules.
///
/// Transit comes before the range: a gate has no amount. On a locked device nothing counts but that it is to be unlocked,
/// unless nothing would help. A verification is never claimed by a card-like wallet.
#[must_use]
pub fn assess(policy: &PaymentPolicy, situation: &Situation<'_>) -> Assessment {
    let locked = situation.device_locked && !policy.allow_when_locked;
    let standing = if locked { Standing::Missing } else { situation.standing };
    let cdcvm_done = standing.is_fresh() && policy.model != CvmModel::CardLike;
    let (ground, objection) = match closed_gate(policy, situation) {
        Some(objection) => (Ground::Gate, Some(objection)),
        None if locked => (Ground::Verified, Some(Objection::DeviceLocked)),
        None => judge(policy, &Situation { standing, ..*situation }),
    };
    let mut assessment = Assessment {
        ground,
        cdcvm_done,
        charge: charge(policy, situation.transaction, cdcvm_done),
        objections: [None; Assessment::MOST],
    };
    let context = situation.conflict.map(Objection::ContextDiffers);
    let credential = (!situation.credential_available).then_some(Objection::NoCredential);
    [context, credential, objection].into_iter().flatten().for_each(|found| assessment.object(found));
    assessment
}

/// Why no verification would open this gate, if none would.
fn closed_gate(policy: &PaymentPolicy, situation: &Situation<'_>) -> Option<Objection> {
    if situation.transaction.rich_type != RichTransactionType::Transit {
        None
    } else if !policy.transit_enabled {
        Some(Objection::GateNotServed)
    } else if !situation.profile_serves_transit {
        Some(Objection::GateNotInProfile)
    } else {
        let opens = policy.model != CvmModel::CardLike || policy.transit_without_cdcvm;
        (!opens).then_some(Objection::GateNeedsVerification)
    }
}

/// What the model says.
fn judge(policy: &PaymentPolicy, situation: &Situation<'_>) -> (Ground, Option<Objection>) {
    let Situation { transaction, standing, counters, .. } = *situation;
    let verified = |wanted| {
        let objection = (!standing.is_fresh()).then_some(Objection::Unverified { wanted, standing });
        (Ground::Verified, objection)
    };
    let at_gate = transaction.rich_type == RichTransactionType::Transit;
    match (policy.model, transaction.range) {
        (CvmModel::Always, _) => verified(Wanted::ForEveryPayment),
        _ if at_gate && policy.transit_without_cdcvm => (Ground::Gate, None),
        (CvmModel::Flexible, _) if at_gate => verified(Wanted::ForGate),
        (CvmModel::CardLike, TransactionRange::High) if transaction.cardholder_action == CardholderAction::None => {
            (Ground::AsPlastic, Some(Objection::NobodyVerifies))
        }
        (CvmModel::CardLike, _) => (Ground::AsPlastic, None),
        (CvmModel::Flexible, TransactionRange::High) => verified(Wanted::ForHighValue),
        (CvmModel::Flexible, TransactionRange::Unknown) => verified(Wanted::ForUnknownRange),
        (CvmModel::Flexible, TransactionRange::Low) if standing.is_fresh() => (Ground::Verified, None),
        (CvmModel::Flexible, TransactionRange::Low) => (
            Ground::LowValue { counters },
            policy.velocity.objection(counters, transaction.amount, transaction.currency),
        ),
    }
}

/// Velocity counters exist in model Flexible alone; a gate never counts.
fn charge(policy: &PaymentPolicy, transaction: &TransactionInfo, cdcvm_done: bool) -> Charge {
    let low = transaction.range == TransactionRange::Low && transaction.rich_type != RichTransactionType::Transit;
    match policy.model {
        CvmModel::Flexible if cdcvm_done => Charge::Reset,
        CvmModel::Flexible if low => policy.velocity.charge(transaction.amount, transaction.currency),
        _ => Charge::None,
    }
}

impl Assessment {
    /// No payment has more against it: one objection of a kind.
    const MOST: usize = 6;

    /// Adds an objection.
    pub fn object(&mut self, objection: Objection) {
        if let Some(room) = self.objections.iter_mut().find(|room| room.is_none()) {
            *room = Some(objection);
        }
    }

    /// What speaks against the payment.
    pub fn objections(&self) -> impl Iterator<Item = Objection> + '_ {
        self.objections.iter().flatten().copied()
    }

    /// The same as reasons.
    #[must_use]
    pub fn reasons(&self) -> Reasons {
        self.objections().map(|objection| objection.reason()).collect()
    }
}

impl Ground {
    /// The code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AsPlastic => "AS_PLASTIC",
            Self::Gate => "GATE",
            Self::LowValue { .. } => "LOW_VALUE",
            Self::Verified => "VERIFIED",
        }
    }
}

impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AsPlastic => f.write_str("a card-like wallet leaves the cardholder to the terminal"),
            Self::Gate => f.write_str("a transit gate, which asks nobody"),
            Self::LowValue { counters } => write!(
                f,
                "below the terminal's limit, after {} low-value payments since the last verified one",
                counters.consecutive_lvt
            ),
            Self::Verified => f.write_str("the cardholder has just been verified on the device"),
        }
    }
}
