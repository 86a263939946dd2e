use crate::platform::Moment;
use serde::{Deserialize, Serialize};

/// How the cardholder was verified by the device. A swipe proves nothing and is no method.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum CdcvmMethod {
    /// The device's own PIN, pattern or password, whichever is set.
    DeviceCredential,
    /// A face.
    Face,
    /// A fingerprint.
    Fingerprint,
    /// The screen lock's password.
    Password,
    /// The screen lock's pattern.
    Pattern,
    /// The screen lock's PIN.
    Pin,
}

impl CdcvmMethod {
    /// Every method.
    pub const ALL: [Self; 6] =
        [Self::DeviceCredential, Self::Face, Self::Fingerprint, Self::Password, Self::Pattern, Self::Pin];

    /// The stable code for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DeviceCredential => "device_credential",
            Self::Face => "face",
            Self::Fingerprint => "fingerprint",
            Self::Password => "password",
            Self::Pattern => "pattern",
            Self::Pin => "pin",
        }
    }

    /// The method with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.code() == code)
    }
}

/// One verification of the cardholder, and how often it has served.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Authentication {
    /// How.
    pub method: CdcvmMethod,
    /// When.
    pub at: Moment,
    /// How many payments it has served.
    pub payments: u32,
}

/// How long and how often one verification serves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AuthenticationPolicy {
    /// Up to this age, in milliseconds.
    pub validity_ms: u64,
    /// For so many payments.
    pub max_payments: u32,
}

/// What a verification is worth at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Standing {
    /// It serves.
    Fresh,
    /// There is none.
    Missing,
    /// It is too old.
    Stale {
        /// How old, in milliseconds; `None` when the device has restarted since.
        age_ms: Option<u64>,
        /// How old it may be.
        validity_ms: u64,
    },
    /// It has served often enough.
    UsedUp {
        /// How many payments it has served.
        payments: u32,
    },
}

impl Standing {
    /// Whether it serves.
    #[must_use]
    pub const fn is_fresh(self) -> bool {
        matches!(self, Self::Fresh)
    }
}

impl Authentication {
    /// A verification that has just happened.
    #[must_use]
    pub const fn new(method: CdcvmMethod, at: Moment) -> Self {
        Self { method, at, payments: 0 }
    }

    /// What it is worth now.
    #[must_use]
    pub fn standing(&self, policy: AuthenticationPolicy, now: Moment) -> Standing {
        let (age_ms, validity_ms) = (now.ms_since(self.at), policy.validity_ms);
        if age_ms.is_none_or(|age| age > validity_ms) {
            return Standing::Stale { age_ms, validity_ms };
        }
        let payments = self.payments;
        if payments < policy.max_payments { Standing::Fresh } else { Standing::UsedUp { payments } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: AuthenticationPolicy = AuthenticationPolicy { validity_ms: 45_000, max_payments: 3 };

    fn standing_at(unix_ms: u64, boot_ms: u64, payments: u32) -> Standing {
        let given = Moment { unix_ms: 100_000, boot_ms: 10_000 };
        let authentication = Authentication { payments, ..Authentication::new(CdcvmMethod::Fingerprint, given) };
        authentication.standing(POLICY, Moment { unix_ms, boot_ms })
    }

    fn stale(age_ms: Option<u64>) -> Standing {
        Standing::Stale { age_ms, validity_ms: 45_000 }
    }

    #[test]
    fn s2_018_a_verification_ends_at_its_border_and_not_before() {
        assert_eq!(standing_at(145_000, 55_000, 0), Standing::Fresh);
        assert_eq!(standing_at(145_001, 55_001, 0), stale(Some(45_001)));
        assert_eq!(standing_at(145_000, 55_000, 2), Standing::Fresh);
        assert_eq!(standing_at(100_000, 10_000, 3), Standing::UsedUp { payments: 3 });
    }

    #[test]
    fn no_clock_that_is_set_back_makes_a_verification_younger() {
        assert_eq!(standing_at(0, 55_001, 0), stale(Some(45_001)));
        assert_eq!(standing_at(145_001, 10_000, 0), stale(Some(45_001)));
        assert_eq!(standing_at(100_001, 9_999, 0), stale(None), "the device has restarted");
    }
}
