use serde::Deserialize;

use super::{Application, CDA, CaPublicKey, ConfigurationError, MagStripe, TerminalConfiguration};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    merchant_name: String,
    merchant_category_code: String,
    country: String,
    currency: String,
    currency_exponent: u8,
    terminal_type: String,
    capabilities: String,
    additional_capabilities: String,
    risk_management_data: String,
    floor_limit: u64,
    cvm_required_limit: u64,
    transaction_limit: u64,
    tac_denial: String,
    tac_online: String,
    tac_default: String,
    on_device_cvm: bool,
    cda: bool,
    mag_stripe: MagStripe,
    applications: Vec<FileApplication>,
    ca_public_keys: Vec<FileKey>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileApplication {
    aid: String,
    version: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileKey {
    rid: String,
    index: String,
    modulus: String,
    exponent: String,
}

pub(super) fn read(text: &str) -> Result<TerminalConfiguration, ConfigurationError> {
    configuration(toml::from_str(text)?)
}

pub(super) fn read_table(table: toml::Table) -> Result<TerminalConfiguration, ConfigurationError> {
    configuration(table.try_into()?)
}

fn configuration(file: File) -> Result<TerminalConfiguration, ConfigurationError> {
    let [terminal_type] = bytes("terminal_type", &file.terminal_type)?;
    let configuration = TerminalConfiguration {
        merchant_category_code: decimal("merchant_category_code", &file.merchant_category_code)?,
        country: decimal("country", &file.country)?,
        currency: decimal("currency", &file.currency)?,
        currency_exponent: file.currency_exponent,
        terminal_type,
        capabilities: bytes("capabilities", &file.capabilities)?,
        additional_capabilities: bytes("additional_capabilities", &file.additional_capabilities)?,
        risk_management_data: bytes("risk_management_data", &file.risk_management_data)?,
        floor_limit: file.floor_limit,
        cvm_required_limit: file.cvm_required_limit,
        transaction_limit: file.transaction_limit,
        tac_denial: bytes("tac_denial", &file.tac_denial)?,
        tac_online: bytes("tac_online", &file.tac_online)?,
        tac_default: bytes("tac_default", &file.tac_default)?,
        on_device_cvm: file.on_device_cvm,
        cda: file.cda,
        mag_stripe: file.mag_stripe,
        applications: file.applications.iter().map(application).collect::<Result<_, _>>()?,
        ca_public_keys: file.ca_public_keys.iter().map(key).collect::<Result<_, _>>()?,
        name: file.name,
        merchant_name: file.merchant_name,
    };
    check(&configuration)?;
    Ok(configuration)
}

fn check(configuration: &TerminalConfiguration) -> Result<(), ConfigurationError> {
    let (operator, unit) = (configuration.terminal_type >> 4, configuration.terminal_type & 0x0F);
    if !(1..=3).contains(&operator) || !(1..=6).contains(&unit) {
        return Err(value("terminal_type", "the first digit is 1 to 3, the second 1 to 6 (EMV Book 4, annex A1)"));
    }
    if !configuration.merchant_name.is_ascii() || configuration.merchant_name.len() > 40 {
        return Err(value("merchant_name", "at most 40 letters of ASCII"));
    }
    if configuration.currency_exponent > 4 {
        return Err(value("currency_exponent", "no currency has more than 4 digits behind the point"));
    }
    let [.., security] = configuration.capabilities;
    if configuration.cda != (security & CDA != 0) {
        return Err(value("cda", "says otherwise than `capabilities`, byte 3, bit 08"));
    }
    if configuration.applications.is_empty() {
        return Err(value("applications", "at least one is needed"));
    }
    Ok(())
}

fn application(application: &FileApplication) -> Result<Application, ConfigurationError> {
    let aid = any_bytes("applications.aid", &application.aid)?;
    if !(5..=16).contains(&aid.len()) {
        return Err(value("applications.aid", "5 to 16 bytes"));
    }
    Ok(Application { aid, version: bytes("applications.version", &application.version)? })
}

fn key(key: &FileKey) -> Result<CaPublicKey, ConfigurationError> {
    let [index] = bytes("ca_public_keys.index", &key.index)?;
    let modulus = any_bytes("ca_public_keys.modulus", &key.modulus)?;
    // EMV Book 2, section 11.2.2: at most 248 bytes; the least that holds a certificate is 36.
    if !(36..=248).contains(&modulus.len()) {
        return Err(value("ca_public_keys.modulus", "36 to 248 bytes"));
    }
    let exponent = any_bytes("ca_public_keys.exponent", &key.exponent)?;
    if !matches!(exponent.as_slice(), [0x03] | [0x01, 0x00, 0x01]) {
        return Err(value("ca_public_keys.exponent", "03 or 010001"));
    }
    Ok(CaPublicKey { rid: bytes("ca_public_keys.rid", &key.rid)?, index, modulus, exponent })
}

fn bytes<const N: usize>(field: &str, digits: &str) -> Result<[u8; N], ConfigurationError> {
    let found = any_bytes(field, digits)?;
    found.try_into().map_err(|_| value(field, &format!("{} hex digits are needed, not {digits:?}", 2 * N)))
}

fn decimal<const N: usize>(field: &str, digits: &str) -> Result<[u8; N], ConfigurationError> {
    if digits.bytes().all(|digit| digit.is_ascii_digit()) {
        bytes(field, digits)
    } else {
        Err(value(field, &format!("decimal digits are needed, not {digits:?}")))
    }
}

fn any_bytes(field: &str, digits: &str) -> Result<Vec<u8>, ConfigurationError> {
    hex::decode(digits).map_err(|_| value(field, &format!("hex digits in pairs are needed, not {digits:?}")))
}

fn value(field: &str, reason: &str) -> ConfigurationError {
    ConfigurationError::Value { field: field.to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_builtin_is_valid_and_carries_its_own_name() {
        for name in TerminalConfiguration::builtin_names() {
            let configuration = TerminalConfiguration::builtin(name).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(configuration.name, name);
        }
        let error = TerminalConfiguration::builtin("kiosk").unwrap_err().to_string();
        assert!(error.contains("kiosk") && error.contains("shop-poland"), "{error}");
    }

    #[test]
    fn an_error_names_the_field() {
        let text = TerminalConfiguration::builtin_text("shop-poland").unwrap();
        for (from, to, field) in [
            ("country = \"0616\"", "country = \"616\"", "country"),
            ("country = \"0616\"", "country = \"06A6\"", "country"),
            ("country = \"0616\"", "countri = \"0616\"", "countri"),
            ("country = \"0616\"", "", "country"),
            ("terminal_type = \"22\"", "terminal_type = \"27\"", "terminal_type"),
            ("cda = true", "cda = false", "cda"),
            ("cda = true", "cda = \"yes\"", "cda"),
            ("index = \"F9\"", "index = \"F\"", "ca_public_keys.index"),
            ("exponent = \"010001\"", "exponent = \"05\"", "ca_public_keys.exponent"),
            ("mag_stripe = \"none\"", "mag_stripe = \"maybe\"", "mag_stripe"),
        ] {
            assert!(text.contains(from), "{from}");
            let error = TerminalConfiguration::from_toml(&text.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(field), "{from} -> {to}: {error}");
        }
    }
}
