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
    /// Every model decides as `Always` for the time being, which is never looser than what the model itself allows.
    pub cvm_model: Option<CvmModel>,
    /// How long one verification of the cardholder serves, in seconds: 1 to 300.
    pub auth_validity_s: u32,
    /// How many payments one verification serves: 1 to 100.
    pub auth_max_payments: u32,
    /// How long a terminal may stay silent within a tap, in milliseconds: 100 to 60,000.
    pub apdu_timeout_ms: u32,
    /// How many credentials an instrument may hold: 1 to 65,535.
    pub max_stored_credentials: u32,
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
            card: CardOptions::default(),
        }
    }
}

impl WalletConfig {
    pub(super) fn check(&self) -> Result<(), WalletError> {
        let ranges: [(&str, u32, RangeInclusive<u32>); 4] = [
            ("auth_validity_s", self.auth_validity_s, 1..=300),
            ("auth_max_payments", self.auth_max_payments, 1..=100),
            ("apdu_timeout_ms", self.apdu_timeout_ms, 100..=60_000),
            ("max_stored_credentials", self.max_stored_credentials, 1..=65_535),
        ];
        match ranges.into_iter().find(|(_, value, range)| !range.contains(value)) {
            None => Ok(()),
            Some((name, value, range)) => Err(WalletError::new(
                ErrorCode::InvalidConfig,
                format!("{name}: found {value}, wants {} to {}", range.start(), range.end()),
            )),
        }
    }

    pub(super) fn authentication_policy(&self) -> AuthenticationPolicy {
        AuthenticationPolicy {
            validity_ms: u64::from(self.auth_validity_s) * 1_000,
            max_payments: self.auth_max_payments,
        }
    }
}
