use super::extension::{DolExtension, extend_fci, extend_record};
use super::profile::{ApplicationProfile, CardProfile, ProfileError, ProfileField, Record};
use crate::emv::{CurrencyCode, Pan, tags};
use crate::tlv::{Dol, find};

/// A profile made ready for taps, with what the wallet's configuration adds to it.
///
/// ```
/// # fn card(profile: bezant::card::CardProfile) -> Result<(), bezant::card::ProfileError> {
/// use bezant::card::{Card, CardOptions, DolExtension};
/// // Ask terminals for the merchant category in GET PROCESSING OPTIONS already.
/// let merchant_category = DolExtension::parse(&[0x9F, 0x15, 0x02]).ok_or("9F1502 is a tag and a length").unwrap();
/// let card = Card::issue(profile, &CardOptions { extra_pdol: vec![merchant_category], ..CardOptions::default() })?;
/// # Ok(())
/// # }
/// ```
pub struct Card {
    pub(super) profile: CardProfile,
    pub(super) udol: Vec<u8>,
    currency: Option<CurrencyCode>,
    pub(super) mag_stripe_allowed: bool,
}

/// What the wallet adds to every profile, or allows beyond it.
#[derive(Clone, Debug, Default)]
pub struct CardOptions {
    /// Objects that the card asks for in GET PROCESSING OPTIONS beside those of the profile.
    pub extra_pdol: Vec<DolExtension>,
    /// Objects that the card asks for in COMPUTE CRYPTOGRAPHIC CHECKSUM beside those of the profile.
    pub extra_udol: Vec<DolExtension>,
    /// Whether a profile that brings mag-stripe data may use them.
    pub mag_stripe: bool,
}

impl Card {
    /// Makes a profile ready.
    ///
    /// # Errors
    /// A [`ProfileError`] when an addition does not fit into the answer that carries it.
    pub fn issue(mut profile: CardProfile, options: &CardOptions) -> Result<Self, ProfileError> {
        if !options.extra_pdol.is_empty() {
            for application in [Some(&mut profile.primary), profile.alternate.as_mut()].into_iter().flatten() {
                extend_pdol(application, &options.extra_pdol)?;
            }
        }
        let mag_stripe_allowed = options.mag_stripe && profile.mag_stripe.is_some();
        if mag_stripe_allowed && !options.extra_udol.is_empty() {
            extend_udol(&mut profile, &options.extra_udol)?;
        }
        let udol = profile.records.iter().find_map(|record| find(&record.value, tags::UDOL).ok().flatten());
        let udol = udol.unwrap_or(&DEFAULT_UDOL).to_vec();
        if mag_stripe_allowed && !is_usable_udol(&udol) {
            let field = ProfileField::of_configuration("records");
            let wants = "an unpredictable number of 4 bytes in it, and data of 255 bytes at most";
            return Err(field.error("another UDOL", wants));
        }
        let currency =
            profile.records.iter().find_map(|record| find(&record.value, tags::APPLICATION_CURRENCY).ok().flatten());
        let currency = currency.and_then(|code| code.try_into().ok()).map(CurrencyCode::new);
        Ok(Self { profile, udol, currency, mag_stripe_allowed })
    }

    /// The profile.
    #[must_use]
    pub const fn profile(&self) -> &CardProfile {
        &self.profile
    }

    /// Whether both cards stand for the same account number.
    #[must_use]
    pub fn is_same_account(&self, other: &Self) -> bool {
        self.profile.pan == other.profile.pan
    }

    /// Whether the profile lets transit gates be served.
    #[must_use]
    pub fn serves_transit(&self) -> bool {
        self.profile.transit_supported.unwrap_or(true)
    }

    /// The currency of the account as its records name it (9F42), where they do.
    #[must_use]
    pub const fn currency(&self) -> Option<CurrencyCode> {
        self.currency
    }

    /// The account number: for masking it wherever it shows.
    pub(crate) const fn pan(&self) -> &Pan {
        &self.profile.pan
    }

    pub(super) fn application(&self, alternate: bool) -> &ApplicationProfile {
        self.profile.alternate.as_ref().filter(|_| alternate).unwrap_or(&self.profile.primary)
    }
}

fn extend_pdol(application: &mut ApplicationProfile, additions: &[DolExtension]) -> Result<(), ProfileError> {
    let field = ProfileField::of_configuration("extra_pdol");
    let too_long = || field.error(NO_ROOM, "an FCI of 256 and data of 252 bytes at most");
    application.fci = extend_fci(&application.fci, additions).ok_or_else(too_long)?;
    application.pdol = super::profile::pdol(&application.fci).ok_or_else(too_long)?.to_vec();
    Ok(())
}

fn extend_udol(profile: &mut CardProfile, additions: &[DolExtension]) -> Result<(), ProfileError> {
    let field = ProfileField::of_configuration("extra_udol");
    let holds_udol = |record: &&mut Record| find(&record.value, tags::UDOL).is_ok_and(|udol| udol.is_some());
    let signed: Vec<(u8, u8)> = profile.signed_records().collect();
    let Some(record) = profile.records.iter_mut().find(holds_udol) else {
        return Err(field.error("a profile without UDOL", "a UDOL to add to"));
    };
    if signed.contains(&(record.sfi, record.number)) {
        return Err(field.error("a UDOL in a signed record", "a record that no certificate covers"));
    }
    let extended = extend_record(&record.value, tags::UDOL, additions);
    record.value = extended.ok_or_else(|| field.error(NO_ROOM, "a record of 256 bytes at most"))?;
    Ok(())
}

/// Whether mag-stripe mode can live with it.
fn is_usable_udol(udol: &[u8]) -> bool {
    Dol::parse(udol).is_ok_and(|dol| {
        let number = dol.entry(tags::UNPREDICTABLE_NUMBER_NUMERIC);
        number.is_some_and(|entry| entry.length == 4) && dol.data_length() <= super::MAX_COMMAND_DATA
    })
}

const NO_ROOM: &str = "an object asked for twice with two lengths, or more objects than there is room for";

/// What a reader sends for a card that brings no UDOL (C-2 kernel, DF811A).
const DEFAULT_UDOL: [u8; 3] = [0x9F, 0x6A, 0x04];
