use crate::answer::Failure;
use crate::request::object;
use bezant::WalletConfig;
use bezant::card::{CardOptions, DolExtension};
use bezant::cdcvm::VelocityLimits;
use bezant::emv::{CurrencyCode, CvmModel};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The names that a configuration may hold.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Config {
    cvm_model: Option<Model>,
    auth_validity_s: Option<u32>,
    auth_max_payments: Option<u32>,
    dual_tap_timeout_s: Option<u32>,
    apdu_timeout_ms: Option<u32>,
    replenish_threshold: Option<u32>,
    max_stored_credentials: Option<u32>,
    velocity: Option<Velocity>,
    transit_enabled: Option<bool>,
    transit_without_cdcvm: Option<bool>,
    allow_when_locked: Option<bool>,
    link_loss_retry_limit: Option<u32>,
    link_loss_retry_window_ms: Option<u32>,
    host_budget_ms: Option<u32>,
    history_limit: Option<u32>,
    mag_stripe: Option<bool>,
    extra_pdol: Vec<String>,
    extra_udol: Vec<String>,
    burn_after_reboot: Option<u32>,
    freeze_on_security_event: Option<bool>,
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
    max_consecutive_lvt: Option<u32>,
    max_cumulative_lvt: Option<u64>,
    single_lvt_limit: Option<u64>,
    domestic_currency: Option<String>,
}

/// What a configuration comes to.
pub(crate) struct Configured {
    pub(crate) wallet: WalletConfig,
    /// How many credentials are burnt after a start of the device that was not clean.
    pub(crate) burn_after_reboot: u32,
}

/// Reads the configuration of a wallet; what is absent has its default.
pub(crate) fn read(config: Option<&RawValue>) -> Result<Configured, Failure> {
    let config: Config = match config {
        None => Config::default(),
        Some(raw) => object(raw.get()).map_err(invalid)?,
    };
    let default = WalletConfig::default();
    let burn_after_reboot = config.burn_after_reboot.unwrap_or(BURN_AFTER_REBOOT);
    let wallet = WalletConfig {
        cvm_model: config.cvm_model.map(|model| match model {
            Model::Always => CvmModel::Always,
            Model::CardLike => CvmModel::CardLike,
            Model::Flexible => CvmModel::Flexible,
        }),
        auth_validity_s: config.auth_validity_s.unwrap_or(default.auth_validity_s),
        auth_max_payments: config.auth_max_payments.unwrap_or(default.auth_max_payments),
        dual_tap_timeout_s: config.dual_tap_timeout_s,
        apdu_timeout_ms: config.apdu_timeout_ms.unwrap_or(default.apdu_timeout_ms),
        replenish_threshold: config.replenish_threshold.unwrap_or(default.replenish_threshold),
        max_stored_credentials: config.max_stored_credentials.unwrap_or(default.max_stored_credentials),
        velocity: config.velocity.map(velocity).transpose()?.unwrap_or_default(),
        transit_enabled: config.transit_enabled.unwrap_or(default.transit_enabled),
        transit_without_cdcvm: config.transit_without_cdcvm.unwrap_or(default.transit_without_cdcvm),
        allow_when_locked: config.allow_when_locked.unwrap_or(default.allow_when_locked),
        link_loss_retry_limit: config.link_loss_retry_limit.unwrap_or(default.link_loss_retry_limit),
        link_loss_retry_window_ms: config.link_loss_retry_window_ms.unwrap_or(default.link_loss_retry_window_ms),
        host_budget_ms: config.host_budget_ms.unwrap_or(default.host_budget_ms),
        history_limit: config.history_limit.unwrap_or(default.history_limit),
        recorded_steps: RECORDED_STEPS,
        freeze_on_security_event: config.freeze_on_security_event.unwrap_or(default.freeze_on_security_event),
        card: CardOptions {
            extra_pdol: extensions("extra_pdol", &config.extra_pdol)?,
            extra_udol: extensions("extra_udol", &config.extra_udol)?,
            mag_stripe: config.mag_stripe.unwrap_or(false),
        },
    };
    Ok(Configured { wallet, burn_after_reboot })
}

fn velocity(velocity: Velocity) -> Result<VelocityLimits, Failure> {
    let currency = |digits: String| {
        numeric_code(&digits)
            .map(CurrencyCode::new)
            .ok_or_else(|| invalid("velocity.domestic_currency: wants three digits, ISO 4217, such as 985"))
    };
    Ok(VelocityLimits {
        max_consecutive_lvt: velocity.max_consecutive_lvt,
        max_cumulative_lvt: velocity.max_cumulative_lvt,
        single_lvt_limit: velocity.single_lvt_limit,
        domestic_currency: velocity.domestic_currency.map(currency).transpose()?,
    })
}

/// Three decimal digits, as ISO 4217 and ISO 3166-1 write them, in two bytes.
fn numeric_code(digits: &str) -> Option<[u8; 2]> {
    let sound = digits.len() == 3 && digits.bytes().all(|digit| digit.is_ascii_digit());
    let code = u16::from_str_radix(digits, 16).ok().filter(|_| sound)?;
    Some(code.to_be_bytes())
}

fn invalid(detail: impl Into<String>) -> Failure {
    Failure::new("INVALID_CONFIG", detail)
}

fn extensions(name: &str, entries: &[String]) -> Result<Vec<DolExtension>, Failure> {
    let extension = |(i, entry): (usize, &String)| {
        base16ct::mixed::decode_vec(entry)
            .ok()
            .and_then(|bytes| DolExtension::parse(&bytes))
            .ok_or_else(|| invalid(format!("{name}[{i}]: wants a tag and a length in hexadecimal, such as 9F1502")))
    };
    entries.iter().enumerate().map(extension).collect()
}

const BURN_AFTER_REBOOT: u32 = 2;
/// A few hundred taps.
const RECORDED_STEPS: u32 = 5_000;
