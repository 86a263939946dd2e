//! A configuration as it crosses: a line `name=value` for each setting that is other than the default.

use crate::failure::Failed;
use bezant::WalletConfig;
use bezant::emv::{CurrencyCode, CvmModel};
use core::str::FromStr;

/// Reads the lines.
pub(crate) fn read(lines: &str) -> Result<WalletConfig, Failed> {
    let mut config = WalletConfig::default();
    for line in lines.lines() {
        let (name, value) = line.split_once('=').ok_or_else(|| invalid("a line", "name=value"))?;
        set(&mut config, name, value)?;
    }
    Ok(config)
}

fn set(config: &mut WalletConfig, name: &str, value: &str) -> Result<(), Failed> {
    match name {
        "allow_when_locked" => config.allow_when_locked = parse(name, value)?,
        "apdu_timeout_ms" => config.apdu_timeout_ms = parse(name, value)?,
        "auth_max_payments" => config.auth_max_payments = parse(name, value)?,
        "auth_validity_s" => config.auth_validity_s = parse(name, value)?,
        "cvm_model" => config.cvm_model = Some(cvm_model(value)?),
        "dual_tap_timeout_s" => config.dual_tap_timeout_s = Some(parse(name, value)?),
        "freeze_on_security_event" => config.freeze_on_security_event = parse(name, value)?,
        "history_limit" => config.history_limit = parse(name, value)?,
        "host_budget_ms" => config.host_budget_ms = parse(name, value)?,
        "link_loss_retry_limit" => config.link_loss_retry_limit = parse(name, value)?,
        "link_loss_retry_window_ms" => config.link_loss_retry_window_ms = parse(name, value)?,
        "mag_stripe" => config.card.mag_stripe = parse(name, value)?,
        "max_stored_credentials" => config.max_stored_credentials = parse(name, value)?,
        "recorded_steps" => config.recorded_steps = parse(name, value)?,
        "replenish_threshold" => config.replenish_threshold = parse(name, value)?,
        "transit_enabled" => config.transit_enabled = parse(name, value)?,
        "transit_without_cdcvm" => config.transit_without_cdcvm = parse(name, value)?,
        "velocity.domestic_currency" => config.velocity.domestic_currency = Some(currency(value)?),
        "velocity.max_consecutive_lvt" => config.velocity.max_consecutive_lvt = Some(parse(name, value)?),
        "velocity.max_cumulative_lvt" => config.velocity.max_cumulative_lvt = Some(parse(name, value)?),
        "velocity.single_lvt_limit" => config.velocity.single_lvt_limit = Some(parse(name, value)?),
        _ => return Err(invalid(name, "to be a name that this version knows")),
    }
    Ok(())
}

fn parse<T: FromStr>(name: &str, value: &str) -> Result<T, Failed> {
    value.parse().map_err(|_| invalid(name, "a number that is not negative, or true or false"))
}

fn cvm_model(value: &str) -> Result<CvmModel, Failed> {
    match value {
        "Always" => Ok(CvmModel::Always),
        "CardLike" => Ok(CvmModel::CardLike),
        "Flexible" => Ok(CvmModel::Flexible),
        _ => Err(invalid("cvm_model", "Always, CardLike or Flexible")),
    }
}

/// Three decimal digits, ISO 4217, in two bytes.
fn currency(digits: &str) -> Result<CurrencyCode, Failed> {
    let wants = || invalid("velocity.domestic_currency", "three digits, ISO 4217, such as 985");
    let sound = digits.len() == 3 && digits.bytes().all(|digit| digit.is_ascii_digit());
    let code = u16::from_str_radix(digits, 16).ok().filter(|_| sound).ok_or_else(wants)?;
    Ok(CurrencyCode::new(code.to_be_bytes()))
}

fn invalid(name: &str, wants: &str) -> Failed {
    Failed::new("INVALID_CONFIG", format!("{name}: wants {wants}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_has_its_default() {
        let config =
            read("cvm_model=Always\nvelocity.max_consecutive_lvt=5\nvelocity.domestic_currency=985\n").unwrap();
        assert_eq!(config.cvm_model, Some(CvmModel::Always));
        assert_eq!(config.velocity.max_consecutive_lvt, Some(5));
        assert_eq!(config.velocity.domestic_currency, Some(CurrencyCode::new([0x09, 0x85])));
        assert_eq!(config.auth_validity_s, WalletConfig::default().auth_validity_s);
    }

    #[test]
    fn a_bad_setting_is_named() {
        for (line, named) in [
            ("auth_validity_s=-1", "auth_validity_s"),
            ("cvm_model=Sometimes", "cvm_model"),
            ("velocity.domestic_currency=9 5", "velocity.domestic_currency"),
            ("no_such_setting=1", "no_such_setting"),
            ("nonsense", "name=value"),
        ] {
            let failed = read(line).unwrap_err();
            assert_eq!(failed.code, "INVALID_CONFIG");
            assert!(failed.detail.contains(named), "{}", failed.detail);
        }
    }
}
