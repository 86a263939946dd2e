//! The second generation: `mchipCardProfile`.

use super::document::{Document, Value};
use super::error::ProfileError;
use super::payment_data::{CLEAR_KEY, Shared, alternate, application, icc_kek, mag_stripe};
use super::{CardProfile, ProfileKeys, ProfileVersion, UmdGeneration, pan_of_records};
use crate::emv::{CountryCode, CvmModel, Pan};

pub(super) fn parse(mut document: Document<'_>, keys: &ProfileKeys) -> Result<CardProfile, ProfileError> {
    let mut unknown = Vec::new();
    let icc_kek = icc_kek(&mut document, keys)?;
    let icc_kek = icc_kek.as_ref().or(keys.icc_kek.as_ref());
    let mut profile = document
        .required(
            "mchipCardProfile",
            "a profile of the first generation (mppLiteModule) or of the second (mchipCardProfile)",
        )?
        .object()?;

    let mut common = profile.object("commonData")?;
    let country = CountryCode::new(common.required("cardCountryCode", "2 bytes of hexadecimal")?.array()?);
    let pan = common.optional("pan").map(|value| pan(&value)).transpose()?;
    common.ignore(&["accountType", "digitizedCardId", "isTransactionIdRequired", "productType"]);
    let pan_field = common.field("pan");
    common.finish(&mut unknown);

    let mut contactless = profile.object("contactlessPaymentData")?;
    let key_name = if contactless.has_value(PROTECTED_KEY) { PROTECTED_KEY } else { CLEAR_KEY };
    if key_name == PROTECTED_KEY && icc_kek.is_none() {
        let found = "wrapped parts of a private key";
        return Err(contactless
            .field(PROTECTED_KEY)
            .error(found, "the key that they are wrapped under beside the profile"));
    }
    if key_name == CLEAR_KEY {
        contactless.ignore(&[PROTECTED_KEY]);
    }
    let shared = Shared::parse(&mut contactless, &mut unknown, icc_kek, key_name)?;
    // This generation may leave the action codes and the mask out: then nothing is declined and nothing masked.
    let defaults = Some(([0; 3], [0xFF; 6]));
    let primary = application(&mut contactless, &shared, defaults)?;
    let alternate = alternate(&mut contactless, &shared, &primary, defaults, &mut unknown)?;
    let mag_stripe = mag_stripe(&mut contactless, Some([0; 2]))?;
    let cvm_model = contactless.optional("cvmModel").map(|value| cvm_model(&value)).transpose()?;
    let transit_supported = contactless.optional("isTransitSupported").map(|value| value.boolean()).transpose()?;
    let us_aip_masking = contactless.optional("isUsAipMaskingSupported").map(|value| value.boolean()).transpose()?;
    let umd_generation = contactless.optional("umdGeneration").map(|value| umd_generation(&value)).transpose()?;
    contactless.ignore(&["track1ConstructionData", "track2ConstructionData"]);
    contactless.finish(&mut unknown);
    profile.ignore(&["dsrpData"]);
    profile.finish(&mut unknown);
    document.ignore(&["kekId", "version", "walletRelatedData"]);
    document.finish(&mut unknown);

    let pan = pan
        .or_else(|| pan_of_records(&shared.records))
        .ok_or_else(|| pan_field.error("nothing", "an account number here or in a record"))?;
    Ok(CardProfile {
        version: ProfileVersion::V2,
        pan,
        country,
        ppse_fci: shared.ppse_fci,
        primary,
        alternate,
        records: shared.records,
        issuer_application_data: shared.issuer_application_data,
        icc_private_key: shared.icc_private_key,
        additional_check_table: None,
        mag_stripe,
        umd_generation: umd_generation.unwrap_or(UmdGeneration::ValidOnCdcvm),
        us_aip_masking: us_aip_masking.unwrap_or(false),
        cvm_model,
        transit_supported,
        dual_tap_timeout_s: None,
        unknown_fields: unknown,
        source: None,
        is_face: false,
    })
}

fn pan(value: &Value<'_>) -> Result<Pan, ProfileError> {
    let wants = "an account number of 8 to 19 digits";
    Pan::from_digits(value.text()?.trim_end_matches(['F', 'f'])).ok_or_else(|| value.wrong(wants))
}

fn cvm_model(value: &Value<'_>) -> Result<CvmModel, ProfileError> {
    match value.text()?.as_str() {
        "CARD_LIKE" => Ok(CvmModel::CardLike),
        "CDCVM_ALWAYS" => Ok(CvmModel::Always),
        "FLEXIBLE_CDCVM" => Ok(CvmModel::Flexible),
        _ => Err(value.wrong("CDCVM_ALWAYS, FLEXIBLE_CDCVM or CARD_LIKE")),
    }
}

/// A name that is not known counts as the one in the middle.
fn umd_generation(value: &Value<'_>) -> Result<UmdGeneration, ProfileError> {
    Ok(match value.text()?.as_str() {
        "ALWAYS_GENERATE_RANDOM_UMD" => UmdGeneration::AlwaysRandom,
        "ALWAYS_GENERATE_VALID_UMD" => UmdGeneration::AlwaysValid,
        _ => UmdGeneration::ValidOnCdcvm,
    })
}

const PROTECTED_KEY: &str = "protectedIccPrivateKeyCrtComponents";
