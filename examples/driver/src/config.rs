use crate::answer::Failure;
use crate::request::object;
use bezant::WalletConfig;
use bezant::card::{CardOptions, DolExtension};
use bezant::emv::CvmModel;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The names that a configuration may hold. Those that start with an underscore are checked by type and change nothing
/// yet.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Config {
    cvm_model: Option<Model>,
    auth_validity_s: Option<u32>,
    auth_max_payments: Option<u32>,
    apdu_timeout_ms: Option<u32>,
    max_stored_credentials: Option<u32>,
    mag_stripe: Option<bool>,
    extra_pdol: Vec<String>,
    extra_udol: Vec<String>,
    #[serde(rename = "dual_tap_timeout_s")]
    _dual_tap_timeout_s: Option<u32>,
    #[serde(rename = "replenish_threshold")]
    _replenish_threshold: Option<u32>,
    #[serde(rename = "velocity")]
    _velocity: Option<Velocity>,
    transit_enabled: Option<bool>,
    #[serde(rename = "transit_without_cdcvm")]
    _transit_without_cdcvm: Option<bool>,
    #[serde(rename = "allow_when_locked")]
    _allow_when_locked: Option<bool>,
    #[serde(rename = "link_loss_retry_limit")]
    _link_loss_retry_limit: Option<u32>,
    #[serde(rename = "link_loss_retry_window_ms")]
    _link_loss_retry_window_ms: Option<u32>,
    #[serde(rename = "host_budget_ms")]
    _host_budget_ms: Option<u32>,
    #[serde(rename = "history_limit")]
    _history_limit: Option<u32>,
    #[serde(rename = "burn_after_reboot")]
    _burn_after_reboot: Option<u32>,
}

#[derive(Deserialize, Clone, Copy)]
enum Model {
    Always,
    CardLike,
    Flexible,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Velocity {
    #[serde(rename = "max_consecutive_lvt")]
    _max_consecutive_lvt: Option<u32>,
    #[serde(rename = "max_cumulative_lvt")]
    _max_cumulative_lvt: Option<u64>,
    #[serde(rename = "single_lvt_limit")]
    _single_lvt_limit: Option<u64>,
    #[serde(rename = "domestic_currency")]
    _domestic_currency: Option<String>,
}

/// Reads the configuration of a wallet; what is absent has its default.
pub(crate) fn read(config: Option<&RawValue>) -> Result<WalletConfig, Failure> {
    let config: Config = match config {
        None => Config::default(),
        Some(raw) => object(raw.get()).map_err(|detail| Failure::new("INVALID_CONFIG", detail))?,
    };
    let default = WalletConfig::default();
    Ok(WalletConfig {
        cvm_model: config.cvm_model.map(|model| match model {
            Model::Always => CvmModel::Always,
            Model::CardLike => CvmModel::CardLike,
            Model::Flexible => CvmModel::Flexible,
        }),
        auth_validity_s: config.auth_validity_s.unwrap_or(default.auth_validity_s),
        auth_max_payments: config.auth_max_payments.unwrap_or(default.auth_max_payments),
        apdu_timeout_ms: config.apdu_timeout_ms.unwrap_or(default.apdu_timeout_ms),
        max_stored_credentials: config.max_stored_credentials.unwrap_or(default.max_stored_credentials),
        transit_enabled: config.transit_enabled.unwrap_or(default.transit_enabled),
        card: CardOptions {
            extra_pdol: extensions("extra_pdol", &config.extra_pdol)?,
            extra_udol: extensions("extra_udol", &config.extra_udol)?,
            mag_stripe: config.mag_stripe.unwrap_or(false),
        },
    })
}

fn extensions(name: &str, entries: &[String]) -> Result<Vec<DolExtension>, Failure> {
    let extension = |(i, entry): (usize, &String)| {
        base16ct::mixed::decode_vec(entry).ok().and_then(|bytes| DolExtension::parse(&bytes)).ok_or_else(|| {
            Failure::new(
                "INVALID_CONFIG",
                format!("{name}[{i}]: wants a tag and a length in hexadecimal, such as 9F1502"),
            )
        })
    };
    entries.iter().enumerate().map(extension).collect()
}
