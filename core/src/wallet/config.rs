use crate::card::{Card, CardOptions};
use crate::cdcvm::{AuthenticationPolicy, PaymentPolicy, VelocityLimits};
use crate::emv::CvmModel;
use crate::error::{ErrorCode, WalletError};
use crate::instrument::ReplenishmentPolicy;
use core::fmt::Display;
use core::ops::RangeInclusive;
use core::time::Duration;

/// How a wallet behaves; [`WalletConfig::default`] is what most apps want.
///
/// ```
/// use bezant::cdcvm::VelocityLimits;
/// use bezant::emv::CvmModel;
/// use bezant::{Wallet, WalletConfig};
/// let velocity = VelocityLimits { max_consecutive_lvt: Some(5), ..VelocityLimits::default() };
/// let config = WalletConfig { cvm_model: Some(CvmModel::Flexible), velocity, ..WalletConfig::default() };
/// Wallet::new(config)?;
/// let error = Wallet::new(WalletConfig { auth_validity_s: 0, ..WalletConfig::default() }).err();
/// assert_eq!(error.unwrap().to_string(), "INVALID_CONFIG: auth_validity_s: found 0, wants 1 to 300");
/// # Ok::<(), bezant::WalletError>(())
/// ```
#[derive(Clone, Debug)]
pub struct WalletConfig {
    /// The CVM model, which profiles that name one must be made for; `None` takes the profile's, and Flexible where it
    /// names none.
    pub cvm_model: Option<CvmModel>,
    /// How long one verification of the cardholder serves, in seconds: 1 to 300.
    pub auth_validity_s: u32,
    /// How many payments one verification serves; 0 allows none.
    pub auth_max_payments: u32,
    /// How long the first of two taps is remembered, in seconds; `None` takes the profile's, and 30 where it names none.
    pub dual_tap_timeout_s: Option<u32>,
    /// How long a terminal may stay silent within a tap, in milliseconds.
    pub apdu_timeout_ms: u32,
    /// Below this number of credentials more are asked for.
    pub replenish_threshold: u32,
    /// How many credentials an instrument may hold; 0 allows none.
    pub max_stored_credentials: u32,
    /// What low-value payments may come to without a verification (Flexible only). Without a domestic currency the
    /// card's own is taken (9F42). At most 50 in a row.
    pub velocity: VelocityLimits,
    /// Whether transit gates are served, where a profile does not forbid it.
    pub transit_enabled: bool,
    /// Whether gates are passed without a verification, in models Flexible and Card-like.
    pub transit_without_cdcvm: bool,
    /// Whether a locked device pays.
    pub allow_when_locked: bool,
    /// How often a phone whose link was lost may come back and still be in the same tap: 0 to 10.
    pub link_loss_retry_limit: u32,
    /// How soon it has to, in milliseconds: 500 to 10,000.
    pub link_loss_retry_window_ms: u32,
    /// How long the app may take for its word, in milliseconds.
    pub host_budget_ms: u32,
    /// How many taps are remembered.
    pub history_limit: u32,
    /// How many steps (commands, verifications, choices …) a recording keeps; 0, the default, records nothing. A tap has
    /// about ten.
    pub recorded_steps: u32,
    /// Whether a security event freezes what is stored instead of destroying it.
    pub freeze_on_security_event: bool,
    /// What is added to every profile, or allowed beyond it.
    pub card: CardOptions,
}

impl Default for WalletConfig {
    fn default() -> Self {
        Self {
            cvm_model: None,
            auth_validity_s: 45,
            auth_max_payments: 3,
            dual_tap_timeout_s: None,
            apdu_timeout_ms: 5_000,
            replenish_threshold: 5,
            max_stored_credentials: 1_000,
            velocity: VelocityLimits::default(),
            transit_enabled: true,
            transit_without_cdcvm: false,
            allow_when_locked: false,
            link_loss_retry_limit: 0,
            link_loss_retry_window_ms: 2_000,
            host_budget_ms: 200,
            history_limit: 100,
            recorded_steps: 0,
            freeze_on_security_event: false,
            card: CardOptions::default(),
        }
    }
}

impl WalletConfig {
    pub(super) fn check(&self) -> Result<(), WalletError> {
        within("auth_validity_s", self.auth_validity_s, 1..=300)?;
        within("link_loss_retry_limit", self.link_loss_retry_limit, 0..=10)?;
        within("link_loss_retry_window_ms", self.link_loss_retry_window_ms, 500..=10_000)?;
        within("velocity.max_consecutive_lvt", self.velocity.max_consecutive_lvt.unwrap_or(0), 0..=50)
    }

    pub(super) fn max_credentials(&self) -> usize {
        size(self.max_stored_credentials)
    }

    pub(super) fn history_limit(&self) -> usize {
        size(self.history_limit)
    }

    pub(super) fn host_budget(&self) -> Duration {
        Duration::from_millis(self.host_budget_ms.into())
    }

    pub(super) fn authentication_policy(&self) -> AuthenticationPolicy {
        AuthenticationPolicy {
            validity_ms: u64::from(self.auth_validity_s) * 1_000,
            max_payments: self.auth_max_payments,
        }
    }

    pub(super) fn replenishment_policy(&self) -> ReplenishmentPolicy {
        ReplenishmentPolicy { threshold: size(self.replenish_threshold), maximum: self.max_credentials() }
    }

    /// What a payment with this card is judged by.
    pub(super) fn payment_policy(&self, card: &Card) -> PaymentPolicy {
        let domestic_currency = self.velocity.domestic_currency.or_else(|| card.currency());
        PaymentPolicy {
            model: self.cvm_model.or(card.profile().cvm_model()).unwrap_or(CvmModel::Flexible),
            transit_enabled: self.transit_enabled,
            transit_without_cdcvm: self.transit_without_cdcvm,
            allow_when_locked: self.allow_when_locked,
            velocity: VelocityLimits { domestic_currency, ..self.velocity },
        }
    }

    /// How long the first of two taps with this card is remembered.
    pub(super) fn dual_tap_timeout_ms(&self, card: &Card) -> u64 {
        let of_profile = || card.profile().dual_tap_timeout_s();
        u64::from(self.dual_tap_timeout_s.or_else(of_profile).unwrap_or(DUAL_TAP_TIMEOUT_S)) * 1_000
    }
}

fn within<T: PartialOrd + Display>(name: &str, found: T, wanted: RangeInclusive<T>) -> Result<(), WalletError> {
    if wanted.contains(&found) {
        return Ok(());
    }
    let detail = format!("{name}: found {found}, wants {} to {}", wanted.start(), wanted.end());
    Err(WalletError::new(ErrorCode::InvalidConfig, detail))
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Where neither configuration nor profile says.
const DUAL_TAP_TIMEOUT_S: u32 = 30;
