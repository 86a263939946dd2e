use super::authentication::Standing;
use crate::emv::{Advice, Reason, Reasons};

/// What a payment is judged by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Situation {
    /// What the cardholder's verification is worth when GENERATE AC arrives.
    pub standing: Standing,
    /// Whether a credential is there, where the answer needs one.
    pub credential_available: bool,
    /// A transit gate, and profile and configuration serve gates; or no gate at all.
    pub transit_served: bool,
}

/// Advice with its reasons.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Assessment {
    /// What speaks against the payment.
    pub reasons: Reasons,
    /// The cardholder was verified on the device.
    pub cdcvm_done: bool,
}

/// Judges a payment as model Always does: every one needs a fresh verification.
#[must_use]
pub fn advise(situation: Situation) -> Assessment {
    let verification = match situation.standing {
        Standing::Fresh => None,
        Standing::Insufficient => Some(Reason::InsufficientCdcvm),
        Standing::Missing => Some(Reason::MissingCdcvm),
    };
    let credential = (!situation.credential_available).then_some(Reason::CredentialsNotAvailable);
    let transit = (!situation.transit_served).then_some(Reason::UnsupportedTransit);
    Assessment {
        reasons: verification.into_iter().chain(credential).chain(transit).collect(),
        cdcvm_done: situation.standing == Standing::Fresh,
    }
}

impl Assessment {
    /// What the reasons lead to.
    #[must_use]
    pub fn advice(&self) -> Advice {
        self.reasons.advice()
    }
}
