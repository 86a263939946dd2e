//! The wide face: what no tap touches and no secret crosses.

use crate::failure::{Failed, WideFailure};
use crate::profile::instrument_id;
use crate::slot::{self, Held};
use crate::told::status;
use bezant::Wallet;
use bezant::instrument::InstrumentId;

/// A card as it stands.
#[derive(Clone, Debug, uniffi::Record)]
pub struct WideInstrument {
    /// Its name.
    pub id: String,
    /// Where it stands in its life.
    pub status: String,
    /// It pays when none is chosen.
    pub is_default: bool,
    /// It is chosen for the next tap.
    pub is_selected: bool,
    /// Unspent credentials.
    pub credentials_left: u32,
    /// Low-value payments since the last verified one.
    pub consecutive_lvt: u32,
    /// What they come to, in minor units.
    pub cumulative_lvt: u64,
    /// Why what is stored of it cannot be used.
    pub fault: Option<String>,
}

/// What a backend is to be told of a security event.
#[derive(Clone, Debug, uniffi::Record)]
pub struct WideReport {
    /// What has happened.
    pub kind: String,
    /// When, in milliseconds since 1970.
    pub unix_ms: u64,
}

/// All cards, in the order they came.
///
/// # Errors
/// `NOT_SET_UP`, or what has ended the wallet's life.
#[uniffi::export]
pub fn instruments() -> Result<Vec<WideInstrument>, WideFailure> {
    let wallet = usable()?;
    Ok(wallet.instruments().into_iter().map(WideInstrument::from).collect())
}

/// Makes a card one that pays.
///
/// # Errors
/// As the wallet's.
#[uniffi::export]
pub fn activate(id: &str) -> Result<(), WideFailure> {
    with(id, Wallet::activate)
}

/// Makes a card one that does not pay.
///
/// # Errors
/// As the wallet's.
#[uniffi::export]
pub fn suspend_instrument(id: &str) -> Result<(), WideFailure> {
    with(id, Wallet::suspend)
}

/// Removes a card.
///
/// # Errors
/// As the wallet's.
#[uniffi::export]
pub fn delete_instrument(id: &str) -> Result<(), WideFailure> {
    with(id, Wallet::delete)
}

/// Makes a card the one that pays when none is chosen.
///
/// # Errors
/// As the wallet's.
#[uniffi::export]
pub fn set_default_for_contactless(id: &str) -> Result<(), WideFailure> {
    with(id, Wallet::set_default_for_contactless)
}

/// Asks for credentials.
///
/// # Errors
/// As the wallet's.
#[uniffi::export]
pub fn replenish_credentials(id: &str) -> Result<bool, WideFailure> {
    with(id, Wallet::replenish_credentials)
}

/// Gives a refill up.
///
/// # Errors
/// As the wallet's.
#[uniffi::export]
pub fn give_up_replenishment(id: &str) -> Result<(), WideFailure> {
    with(id, Wallet::give_up_replenishment)
}

/// Ends the wallet's life.
///
/// # Errors
/// As the wallet's.
#[uniffi::export]
pub fn report_security_event(kind: &str) -> Result<(), WideFailure> {
    Ok(slot::wallet()?.report_security_event(kind)?)
}

/// Forgets everything.
///
/// # Errors
/// As the wallet's.
#[uniffi::export]
pub fn wipe() -> Result<(), WideFailure> {
    Ok(slot::wallet()?.wipe()?)
}

/// What has been recorded, masked, as JSON.
///
/// # Errors
/// `NOT_SET_UP`, `INTERNAL`.
#[uniffi::export]
pub fn export_recording() -> Result<Vec<u8>, WideFailure> {
    let recording = usable()?.export_recording();
    let json = serde_json::to_vec(&recording).map_err(|_| Failed::new("INTERNAL", "the recording has no JSON"))?;
    Ok(json)
}

/// The reports of security events in this folder, which outlive the wallet.
///
/// # Errors
/// `STORAGE_FAILED`.
#[uniffi::export]
pub fn security_reports(folder: &str) -> Result<Vec<WideReport>, WideFailure> {
    let location = bezant::storage::StoreLocation::new(folder);
    let reports = bezant::storage::reports(&location).map_err(bezant::WalletError::from)?;
    Ok(reports.into_iter().map(|(_, report)| WideReport { kind: report.kind, unix_ms: report.unix_ms }).collect())
}

/// The version of this library.
#[uniffi::export]
#[must_use]
pub fn library_version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

impl From<bezant::wallet::InstrumentSummary> for WideInstrument {
    fn from(card: bezant::wallet::InstrumentSummary) -> Self {
        Self {
            id: card.id.as_str().to_owned(),
            status: status(card.status).to_owned(),
            is_default: card.is_default,
            is_selected: card.is_selected,
            credentials_left: u32::try_from(card.credentials_left).unwrap_or(u32::MAX),
            consecutive_lvt: card.counters.consecutive_lvt,
            cumulative_lvt: card.counters.cumulative_lvt,
            fault: card.fault.map(|code| code.as_str().to_owned()),
        }
    }
}

fn usable() -> Result<Held, Failed> {
    let wallet = slot::wallet()?;
    wallet.ensure_usable()?;
    Ok(wallet)
}

fn with<T>(
    id: &str,
    call: impl FnOnce(&Wallet, &InstrumentId) -> Result<T, bezant::WalletError>,
) -> Result<T, WideFailure> {
    let wallet = slot::wallet()?;
    Ok(call(&wallet, &instrument_id(id)?)?)
}
