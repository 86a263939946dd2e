//! Card profiles: the JSON of two generations, parsed and validated once.

mod document;
mod error;
mod face;
mod payment_data;
mod source;
mod v1;
mod v2;

pub use error::{ProfileError, ProfileField};
pub use source::ProfileSource;

use crate::crypto::{IccPrivateKey, WrappingKey};
use crate::emv::{Afl, Aid, Aip, CountryCode, CvmModel, IssuerApplicationData, Pan, tags};
use crate::tlv::{Dol, Tag, find, walk};
use document::Document;

/// A card as the token service made it; one that exists is valid.
///
/// ```
/// use bezant::card::CardProfile;
/// let error = CardProfile::parse(r#"{"mppLiteModule": {}}"#, &Default::default()).err();
/// assert_eq!(
///     error.map(|error| error.to_string()).as_deref(),
///     Some("mppLiteModule.cardRiskManagementData: found nothing, wants an object"),
/// );
/// ```
pub struct CardProfile {
    pub(super) version: ProfileVersion,
    pub(super) pan: Pan,
    pub(super) country: CountryCode,
    pub(super) ppse_fci: Vec<u8>,
    pub(super) primary: ApplicationProfile,
    pub(super) alternate: Option<ApplicationProfile>,
    pub(super) records: Vec<Record>,
    pub(super) issuer_application_data: Option<IssuerApplicationData>,
    pub(super) icc_private_key: Option<IccPrivateKey>,
    pub(super) additional_check_table: Option<[u8; 18]>,
    pub(super) mag_stripe: Option<MagStripeProfile>,
    pub(super) umd_generation: UmdGeneration,
    pub(super) us_aip_masking: bool,
    pub(super) cvm_model: Option<CvmModel>,
    pub(super) transit_supported: Option<bool>,
    pub(super) dual_tap_timeout_s: Option<u32>,
    pub(super) unknown_fields: Vec<String>,
    pub(super) source: Option<ProfileSource>,
    /// Its keys are known elsewhere.
    pub(super) is_face: bool,
}

/// Which generation of the JSON a profile came in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ProfileVersion {
    /// With `mppLiteModule`.
    V1,
    /// With `mchipCardProfile`.
    V2,
}

/// When the UMD cryptogram is a true one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum UmdGeneration {
    /// Never: only the MD cryptogram proves anything.
    AlwaysRandom,
    /// In every approval.
    AlwaysValid,
    /// In approvals with a verified cardholder.
    ValidOnCdcvm,
}

/// Keys under which parts of a profile are wrapped; none are needed when the parts are in the clear.
#[derive(Default)]
pub struct ProfileKeys {
    /// Opens the field `iccKek`.
    pub data_encryption_key: Option<WrappingKey>,
    /// Opens the parts of the ICC private key; where it is absent, `iccKek` gives it.
    pub icc_kek: Option<WrappingKey>,
}

impl ProfileKeys {
    fn copy(&self) -> Self {
        let copy = |key: &Option<WrappingKey>| key.as_ref().map(WrappingKey::copy);
        Self { data_encryption_key: copy(&self.data_encryption_key), icc_kek: copy(&self.icc_kek) }
    }
}

pub(super) struct ApplicationProfile {
    pub(super) aid: Aid,
    pub(super) fci: Vec<u8>,
    pub(super) pdol: Vec<u8>,
    pub(super) gpo: GpoResponse,
    pub(super) m_chip: Option<MChipProfile>,
}

pub(super) struct MChipProfile {
    pub(super) cdol1: Vec<u8>,
    pub(super) ciac_decline: [u8; 3],
    pub(super) cvr_mask: [u8; 6],
}

pub(super) struct GpoResponse {
    pub(super) bytes: Vec<u8>,
    /// The same answer with [`Aip::without_emv_mode`].
    pub(super) masked_bytes: Vec<u8>,
    pub(super) aip: Aip,
    pub(super) afl: Afl,
}

pub(super) struct MagStripeProfile {
    pub(super) pin_iv_cvc3_track2: [u8; 2],
    pub(super) ciac_decline_on_ppms: [u8; 2],
}

pub(super) struct Record {
    pub(super) sfi: u8,
    pub(super) number: u8,
    pub(super) value: Vec<u8>,
}

impl CardProfile {
    /// Parses and validates the JSON of either generation.
    ///
    /// # Errors
    /// A [`ProfileError`] with the path of the first field that is wrong, what was found there, and what is wanted.
    /// It never holds the value of a field.
    pub fn parse(json: &str, keys: &ProfileKeys) -> Result<Self, ProfileError> {
        let document = Document::parse(json)?;
        let profile = if document.has("mppLiteModule") { v1::parse(document, keys) } else { v2::parse(document, keys) };
        Ok(Self { source: Some(ProfileSource::new(json, keys)), ..profile? })
    }

    /// Parses what [`ProfileSource::face`] gave: a card that answers as the whole one does, and refuses every payment.
    ///
    /// # Errors
    /// Those of [`CardProfile::parse`].
    pub fn parse_face(json: &str) -> Result<Self, ProfileError> {
        Ok(Self { source: None, is_face: true, ..Self::parse(json, &ProfileKeys::default())? })
    }

    /// How the profile came, once: for a store.
    pub fn take_source(&mut self) -> Option<ProfileSource> {
        self.source.take()
    }

    /// The generation of its JSON.
    #[must_use]
    pub const fn version(&self) -> ProfileVersion {
        self.version
    }

    /// The primary application.
    #[must_use]
    pub const fn aid(&self) -> Aid {
        self.primary.aid
    }

    /// The alternate application, where there is one.
    #[must_use]
    pub fn alternate_aid(&self) -> Option<Aid> {
        self.alternate.as_ref().map(|application| application.aid)
    }

    /// The CVM model that the profile was made for; the first generation does not say.
    #[must_use]
    pub const fn cvm_model(&self) -> Option<CvmModel> {
        self.cvm_model
    }

    /// Whether transit gates are served; the first generation does not say.
    #[must_use]
    pub const fn transit_supported(&self) -> Option<bool> {
        self.transit_supported
    }

    /// How long the first of two taps is remembered, in seconds; the second generation does not say.
    #[must_use]
    pub const fn dual_tap_timeout_s(&self) -> Option<u32> {
        self.dual_tap_timeout_s
    }

    /// Whether the profile brings what mag-stripe mode needs.
    #[must_use]
    pub const fn has_mag_stripe_data(&self) -> bool {
        self.mag_stripe.is_some()
    }

    /// SFI and number of the records that offline data authentication covers, of both applications.
    pub(super) fn signed_records(&self) -> impl Iterator<Item = (u8, u8)> + '_ {
        let applications = [Some(&self.primary), self.alternate.as_ref()].into_iter().flatten();
        applications.flat_map(|application| application.gpo.afl.signed_records())
    }

    /// Paths of fields that this version does not know; they were left out.
    #[must_use]
    pub fn unknown_fields(&self) -> &[String] {
        &self.unknown_fields
    }
}

/// What both generations check alike once their fields are read: the records against each AFL.
pub(super) fn check_afl(field: &ProfileField, afl: &Afl, records: &[Record]) -> Result<(), ProfileError> {
    let held = |(sfi, number)| records.iter().any(|record| record.sfi == sfi && record.number == number);
    match afl.records().find(|location| !held(*location)) {
        None => Ok(()),
        Some((sfi, number)) => Err(field.error(
            format!("record {number} of SFI {sfi} in the AFL, but not in the profile"),
            "an AFL of records that are there",
        )),
    }
}

/// The CDOL1 that a reader of these records meets first.
pub(super) fn cdol1<'a>(afl: &Afl, records: &'a [Record]) -> Option<&'a [u8]> {
    afl.records().find_map(|(sfi, number)| {
        let record = records.iter().find(|record| record.sfi == sfi && record.number == number)?;
        find(&record.value, tags::CDOL1).ok().flatten()
    })
}

/// The account number as the records carry it.
pub(super) fn pan_of_records(records: &[Record]) -> Option<Pan> {
    let value = |tag| records.iter().find_map(|record| find(&record.value, tag).ok().flatten());
    value(tags::PAN).and_then(Pan::from_bcd).or_else(|| value(tags::TRACK_2_EQUIVALENT).and_then(Pan::from_track_2))
}

/// Whether bytes are one template with this tag and nothing behind it, TLV at every depth.
pub(super) fn is_template(bytes: &[u8], tag: Tag) -> bool {
    let mut elements = walk(bytes);
    let first = elements.next();
    let whole =
        matches!(first, Some(Ok(e)) if e.tag == tag && crate::tlv::encoded_length(tag, e.value.len()) == bytes.len());
    whole && elements.all(|element| element.is_ok())
}

/// The PDOL of an FCI; an FCI without one asks for nothing.
pub(super) fn pdol(fci: &[u8]) -> Option<&[u8]> {
    let pdol = find(fci, tags::PDOL).ok()?.unwrap_or_default();
    Dol::parse(pdol).ok().filter(|dol| dol.data_length() <= super::MAX_COMMAND_DATA - 3)?;
    Some(pdol)
}
