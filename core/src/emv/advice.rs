use core::fmt;
use serde::{Deserialize, Serialize};

/// What is to become of a tap that has reached GENERATE AC.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Advice {
    /// The cardholder must prove something and tap again.
    AuthenticationRequired,
    /// The tap ends with a refusal.
    Decline,
    /// The card answers under real keys.
    Proceed,
}

/// How an issuer wants cardholders verified on the device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum CvmModel {
    /// Every payment needs a verification on the device.
    Always,
    /// As a plastic card: the terminal verifies.
    CardLike,
    /// Payments above the terminal's limit need a verification on the device.
    Flexible,
}

/// Why a tap is not simply paid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Reason {
    /// Amount, currency or application differ from the first tap's.
    ContextNotMatching,
    /// The keys may not be used without a verification.
    CredentialsNotAccessibleWithoutCdcvm,
    /// No credential is left.
    CredentialsNotAvailable,
    /// The verification is too old or has served too often.
    InsufficientCdcvm,
    /// The terminal verifies nobody where the model relies on it.
    InsufficientPoiAuthentication,
    /// Nobody has been verified on the device.
    MissingCdcvm,
    /// The cardholder has not consented.
    MissingConsent,
    /// The issuer does not allow payments like this one.
    TransactionConditionsNotAllowed,
    /// A transit gate, and the profile or the configuration does not serve gates.
    UnsupportedTransit,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::ContextNotMatching,
        Self::CredentialsNotAccessibleWithoutCdcvm,
        Self::CredentialsNotAvailable,
        Self::InsufficientCdcvm,
        Self::InsufficientPoiAuthentication,
        Self::MissingCdcvm,
        Self::MissingConsent,
        Self::TransactionConditionsNotAllowed,
        Self::UnsupportedTransit,
    ];

    /// The stable code for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ContextNotMatching => "CONTEXT_NOT_MATCHING",
            Self::CredentialsNotAccessibleWithoutCdcvm => "CREDENTIALS_NOT_ACCESSIBLE_WITHOUT_CDCVM",
            Self::CredentialsNotAvailable => "CREDENTIALS_NOT_AVAILABLE",
            Self::InsufficientCdcvm => "INSUFFICIENT_CDCVM",
            Self::InsufficientPoiAuthentication => "INSUFFICIENT_POI_AUTHENTICATION",
            Self::MissingCdcvm => "MISSING_CDCVM",
            Self::MissingConsent => "MISSING_CONSENT",
            Self::TransactionConditionsNotAllowed => "TRANSACTION_CONDITIONS_NOT_ALLOWED",
            Self::UnsupportedTransit => "UNSUPPORTED_TRANSIT",
        }
    }

    /// What this reason alone leads to; a tap that is declined for want of credentials would only loop if tapped again.
    #[must_use]
    pub const fn advice(self) -> Advice {
        match self {
            Self::ContextNotMatching
            | Self::CredentialsNotAvailable
            | Self::InsufficientPoiAuthentication
            | Self::TransactionConditionsNotAllowed
            | Self::UnsupportedTransit => Advice::Decline,
            Self::CredentialsNotAccessibleWithoutCdcvm
            | Self::InsufficientCdcvm
            | Self::MissingCdcvm
            | Self::MissingConsent => Advice::AuthenticationRequired,
        }
    }

    const fn bit(self) -> u16 {
        match self {
            Self::ContextNotMatching => 1,
            Self::CredentialsNotAccessibleWithoutCdcvm => 1 << 1,
            Self::CredentialsNotAvailable => 1 << 2,
            Self::InsufficientCdcvm => 1 << 3,
            Self::InsufficientPoiAuthentication => 1 << 4,
            Self::MissingCdcvm => 1 << 5,
            Self::MissingConsent => 1 << 6,
            Self::TransactionConditionsNotAllowed => 1 << 7,
            Self::UnsupportedTransit => 1 << 8,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A set of reasons.
///
/// ```
/// use bezant::emv::{Advice, Reason, Reasons};
/// let mut reasons = Reasons::default();
/// assert_eq!(reasons.advice(), Advice::Proceed);
/// reasons.add(Reason::MissingCdcvm);
/// assert_eq!(reasons.advice(), Advice::AuthenticationRequired);
/// reasons.add(Reason::ContextNotMatching);
/// assert_eq!(reasons.advice(), Advice::Decline);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reasons(u16);

impl Reasons {
    /// Nothing speaks against the payment.
    pub const NONE: Self = Self(0);

    /// Adds a reason.
    pub const fn add(&mut self, reason: Reason) {
        self.0 |= reason.bit();
    }

    /// Whether this reason is there.
    #[must_use]
    pub const fn contains(self, reason: Reason) -> bool {
        self.0 & reason.bit() != 0
    }

    /// Whether any of these reasons is there.
    #[must_use]
    pub fn contains_any(self, reasons: &[Reason]) -> bool {
        reasons.iter().any(|reason| self.contains(*reason))
    }

    /// Whether nothing speaks against the payment.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The reasons, in the order of [`Reason::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Reason> {
        Reason::ALL.into_iter().filter(move |reason| self.contains(*reason))
    }

    /// What the set leads to: nothing proceeds, any reason to decline declines, the rest asks for another tap.
    #[must_use]
    pub fn advice(self) -> Advice {
        self.iter().map(Reason::advice).fold(Advice::Proceed, |worst, advice| match (worst, advice) {
            (Advice::Decline, _) | (_, Advice::Decline) => Advice::Decline,
            _ => advice,
        })
    }
}

impl FromIterator<Reason> for Reasons {
    fn from_iter<I: IntoIterator<Item = Reason>>(reasons: I) -> Self {
        let mut set = Self::default();
        reasons.into_iter().for_each(|reason| set.add(reason));
        set
    }
}

impl fmt::Debug for Reasons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
