//! What a terminal is: read from a TOML file that a person can follow.

mod file;

/// Everything that stays the same from sale to sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalConfiguration {
    /// What this terminal is called in commands and logs.
    pub name: String,
    /// 9F4E.
    pub merchant_name: String,
    /// 9F15.
    pub merchant_category_code: [u8; 2],
    /// 9F1A.
    pub country: [u8; 2],
    /// 5F2A.
    pub currency: [u8; 2],
    /// 5F36: digits behind the decimal point.
    pub currency_exponent: u8,
    /// 9F35.
    pub terminal_type: u8,
    /// 9F33. Byte 2 is what the terminal can do above the CVM required limit; up to it only "no CVM" is announced.
    pub capabilities: [u8; 3],
    /// 9F40.
    pub additional_capabilities: [u8; 5],
    /// 9F1D.
    pub risk_management_data: [u8; 8],
    /// Above it the transaction must go online. Minor units, like all limits.
    pub floor_limit: u64,
    /// Above it the cardholder must be verified.
    pub cvm_required_limit: u64,
    /// Above it contactless is not offered.
    pub transaction_limit: u64,
    /// TAC - denial.
    pub tac_denial: [u8; 5],
    /// TAC - online.
    pub tac_online: [u8; 5],
    /// TAC - default.
    pub tac_default: [u8; 5],
    /// Whether verification on the cardholder's device is accepted.
    pub on_device_cvm: bool,
    /// Whether combined data authentication is asked for.
    pub cda: bool,
    /// Whether mag-stripe mode is spoken.
    pub mag_stripe: MagStripe,
    /// The applications that are accepted.
    pub applications: Vec<Application>,
    /// The keys that open issuer certificates.
    pub ca_public_keys: Vec<CaPublicKey>,
}

/// Mag-stripe mode of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MagStripe {
    /// EMV mode only.
    None,
    /// For cards without EMV mode.
    Fallback,
    /// No EMV mode at all.
    Only,
}

/// An application that the terminal accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// 9F06: matches only a card application with the same AID.
    pub aid: Vec<u8>,
    /// 9F09.
    pub version: [u8; 2],
}

/// A public key of a certification authority (EMV Book 2, section 11.2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaPublicKey {
    /// The payment scheme.
    pub rid: [u8; 5],
    /// Which of its keys.
    pub index: u8,
    /// Big-endian.
    pub modulus: Vec<u8>,
    /// Big-endian.
    pub exponent: Vec<u8>,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    /// No such builtin.
    #[error("there is no builtin terminal {name:?}; there are {}", TerminalConfiguration::builtin_names().join(", "))]
    UnknownBuiltin {
        /// What was asked for.
        name: String,
    },
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Not TOML, a field missing, unknown or of the wrong kind.
    #[error(transparent)]
    Shape(#[from] toml::de::Error),
    /// A field has an impossible value.
    #[error("`{field}`: {reason}")]
    Value {
        /// The field.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl TerminalConfiguration {
    /// Reads a configuration from TOML text.
    pub fn from_toml(text: &str) -> Result<Self, ConfigurationError> {
        file::read(text)
    }

    /// Reads a configuration file.
    pub fn from_file(path: &std::path::Path) -> Result<Self, ConfigurationError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigurationError::Unreadable { path: path.display().to_string(), source })?;
        Self::from_toml(&text)
    }

    /// One of the terminals that come with the program.
    pub fn builtin(name: &str) -> Result<Self, ConfigurationError> {
        match BUILTINS.iter().find(|(builtin, _)| *builtin == name) {
            Some((_, text)) => Self::from_toml(text),
            None => Err(ConfigurationError::UnknownBuiltin { name: name.to_owned() }),
        }
    }

    /// A builtin with some of its fields changed.
    pub(crate) fn builtin_with(name: &str, changes: toml::Table) -> Result<Self, ConfigurationError> {
        let text = Self::builtin_text(name);
        let mut table: toml::Table = match text {
            Some(text) => toml::from_str(text)?,
            None => return Err(ConfigurationError::UnknownBuiltin { name: name.to_owned() }),
        };
        table.extend(changes);
        file::read_table(table)
    }

    /// The names that [`builtin`](Self::builtin) knows.
    pub fn builtin_names() -> Vec<&'static str> {
        BUILTINS.iter().map(|(name, _)| *name).collect()
    }

    /// The text of a builtin, to start a file of one's own from.
    pub fn builtin_text(name: &str) -> Option<&'static str> {
        BUILTINS.iter().find(|(builtin, _)| *builtin == name).map(|(_, text)| *text)
    }

    /// Whether a person must verify themselves for this amount.
    pub fn requires_cvm(&self, amount: u64) -> bool {
        amount > self.cvm_required_limit
    }

    /// 9F33 as announced for this amount (Book C-2: CVM capability - CVM required, or no CVM required).
    pub fn capabilities_for(&self, amount: u64) -> [u8; 3] {
        let [input, verification, security] = self.capabilities;
        let announced = if self.requires_cvm(amount) { verification & !NO_CVM } else { NO_CVM };
        [input, announced, security]
    }

    /// Whether it can go online, stay offline, or both (9F35, units digit; EMV Book 4, annex A1).
    pub fn connectivity(&self) -> Connectivity {
        match self.terminal_type & 0x0F {
            1 | 4 => Connectivity::OnlineOnly,
            3 | 6 => Connectivity::OfflineOnly,
            _ => Connectivity::OfflineWithOnline,
        }
    }

    /// Whether it stands without a cashier.
    pub fn is_unattended(&self) -> bool {
        self.terminal_type & 0x0F >= 4
    }

    /// Whether it gives out cash and stands alone (terminal types 14, 15, 16 with cash in 9F40; EMV Book 4, annex A1).
    pub fn is_atm(&self) -> bool {
        let [transactions, ..] = self.additional_capabilities;
        matches!(self.terminal_type, 0x14..=0x16) && transactions & CASH_TRANSACTIONS != 0
    }

    /// The key of a scheme by index.
    pub fn ca_public_key(&self, rid: &[u8], index: u8) -> Option<&CaPublicKey> {
        self.ca_public_keys.iter().find(|key| key.rid == rid && key.index == index)
    }
}

/// What a terminal can do about the issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connectivity {
    /// Always asks the issuer.
    OnlineOnly,
    /// Asks when it should.
    OfflineWithOnline,
    /// Cannot ask.
    OfflineOnly,
}

/// 9F33 byte 2 (EMV Book 4, annex A2): no CVM required.
pub const NO_CVM: u8 = 0x08;

/// 9F33 byte 2: enciphered PIN for online verification.
pub const ONLINE_PIN: u8 = 0x40;

/// 9F33 byte 2: signature.
pub const SIGNATURE: u8 = 0x20;

/// 9F33 byte 3: CDA.
const CDA: u8 = 0x08;

/// 9F40 byte 1 (EMV Book 4, annex A3): cash.
const CASH_TRANSACTIONS: u8 = 0x80;

const BUILTINS: [(&str, &str); 7] = [
    ("shop-poland", include_str!("../terminals/shop-poland.toml")),
    ("shop-germany", include_str!("../terminals/shop-germany.toml")),
    ("transit-gate", include_str!("../terminals/transit-gate.toml")),
    ("online-pin", include_str!("../terminals/online-pin.toml")),
    ("no-cda", include_str!("../terminals/no-cda.toml")),
    ("mag-stripe", include_str!("../terminals/mag-stripe.toml")),
    ("offline-only", include_str!("../terminals/offline-only.toml")),
];
