use crate::card::CardOptions;
use crate::cdcvm::AuthenticationPolicy;
use crate::emv::CvmModel;
use crate::error::{ErrorCode, WalletError};
use core::ops::RangeInclusive;

/// How a wallet behaves; [`WalletConfig::default`] is what most apps want.
#[derive(Clone, Debug)]
pub struct WalletConfig {
    /// The CVM model that profiles must be made for; `None` takes whatever a profile says.
    ///
    /// Every model decides as `Always` for the time being: each payment needs a fresh verification.
    pub cvm_model: Option<CvmModel>,
    /// How long one verification of the cardholder serves, in seconds: 1 to 300.
    pub auth_validity_s: u32,
    /// How many payments one verification serves; 0 allows none.
    pub auth_max_payments: u32,
    /// How long a terminal may stay silent within a tap, in milliseconds.
    pub apdu_timeout_ms: u32,
    /// How many credentials an instrument may hold; 0 allows none.
    pub max_stored_credentials: u32,
    /// Whether transit gates are served, where a profile does not forbid it.
    pub transit_enabled: bool,
    /// What is added to every profile, or allowed beyond it.
    pub card: CardOptions,
}

impl Default for WalletConfig {
    fn default() -> Self {
        Self {
            cvm_model: None,
            auth_validity_s: 45,
            auth_max_payments: 3,
            apdu_timeout_ms: 5_000,
            max_stored_credentials: 1_000,
            transit_enabled: true,
            card: CardOptions::default(),
        }
    }
}

impl WalletConfig {
    pub(super) fn check(&self) -> Result<(), WalletError> {
        if AUTH_VALIDITY_S.contains(&self.auth_validity_s) {
            return Ok(());
        }
        let (found, start, end) = (self.auth_validity_s, AUTH_VALIDITY_S.start(), AUTH_VALIDITY_S.end());
        let detail = format!("auth_validity_s: found {found}, wants {start} to {end}");
        Err(WalletError::new(ErrorCode::InvalidConfig, detail))
    }

    pub(super) fn max_credentials(&self) -> usize {
        usize::try_from(self.max_stored_credentials).unwrap_or(usize::MAX)
    }

    pub(super) fn authentication_policy(&self) -> AuthenticationPolicy {
        AuthenticationPolicy {
            validity_ms: u64::from(self.auth_validity_s) * 1_000,
            max_payments: self.auth_max_payments,
        }
    }
}

const AUTH_VALIDITY_S: RangeInclusive<u32> = 1..=300;
