use super::assess::Assessment;
use super::objection::Objection;
use crate::emv::{Advice, Reason, Reasons};
use core::fmt;
use serde::{Deserialize, Serialize};

/// What the app says to a payment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum HostAnswer {
    /// Its word.
    Advice(Advice),
    /// It failed, or called in a way that cannot be answered.
    Failed,
    /// It follows the recommendation.
    Follows,
    /// It took too long.
    Late,
    /// Nobody asked it.
    NotAsked,
}

/// What becomes of a payment, and why.
///
/// The app has the last word, but only to tighten: whatever it says, the stricter advice stands. Where it fails or is
/// late, the payment is declined.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Decision {
    /// What the wallet made of it.
    pub assessment: Assessment,
    /// What the app said.
    pub host: HostAnswer,
}

impl Decision {
    /// The wallet's assessment and the app's word on it.
    #[must_use]
    pub fn new(mut assessment: Assessment, host: HostAnswer) -> Self {
        let reasons = assessment.reasons();
        let wants_verification = host == HostAnswer::Advice(Advice::AuthenticationRequired);
        if wants_verification && reasons.advice() != Advice::Decline && !reasons.contains(Reason::MissingCdcvm) {
            assessment.object(Objection::HostWantsVerification);
        }
        Self { assessment, host }
    }

    /// What is done.
    #[must_use]
    pub fn advice(&self) -> Advice {
        let own = self.assessment.reasons().advice();
        match (own, self.host) {
            (_, HostAnswer::Advice(Advice::Decline) | HostAnswer::Failed | HostAnswer::Late) => Advice::Decline,
            _ => own,
        }
    }

    /// What speaks against the payment.
    #[must_use]
    pub fn reasons(&self) -> Reasons {
        self.assessment.reasons()
    }

    /// Whether the app wanted to let a payment through that something speaks against.
    #[must_use]
    pub fn is_overruled(&self) -> bool {
        let HostAnswer::Advice(wanted) = self.host else { return false };
        rank(wanted) < rank(self.advice())
    }

    /// The code of the rule that decided.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self.deciding() {
            Deciding::Ground => self.assessment.ground.code(),
            Deciding::Host(code, _) => code,
            Deciding::Objection(objection) => objection.code(),
        }
    }

    /// The heaviest objection; the app's word only where nothing weighs as much.
    fn deciding(&self) -> Deciding {
        let advice = self.advice();
        let heaviest = self.assessment.objections().find(|objection| objection.reason().advice() == advice);
        match (heaviest, self.host) {
            (Some(objection), _) => Deciding::Objection(objection),
            (None, HostAnswer::Late) => Deciding::Host("HOST_LATE", "the app did not answer in time"),
            (None, HostAnswer::Failed) => Deciding::Host("HOST_FAILED", "the app failed when it was asked"),
            (None, HostAnswer::Advice(Advice::Decline)) => Deciding::Host("HOST_DECLINED", "the app declines"),
            (None, _) => Deciding::Ground,
        }
    }
}

/// The sentence for a developer.
impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.advice() {
            Advice::AuthenticationRequired => "authentication required: ",
            Advice::Decline => "declined: ",
            Advice::Proceed => "paid: ",
        })?;
        match self.deciding() {
            Deciding::Ground => self.assessment.ground.fmt(f)?,
            Deciding::Host(_, sentence) => f.write_str(sentence)?,
            Deciding::Objection(objection) => objection.fmt(f)?,
        }
        if self.is_overruled() {
            f.write_str("; the app wanted to be more generous, which it may not")?;
        }
        Ok(())
    }
}

enum Deciding {
    Ground,
    Host(&'static str, &'static str),
    Objection(Objection),
}

/// How strict an advice is.
const fn rank(advice: Advice) -> u8 {
    match advice {
        Advice::Proceed => 0,
        Advice::AuthenticationRequired => 1,
        Advice::Decline => 2,
    }
}
