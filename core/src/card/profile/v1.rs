//! The first generation: `mppLiteModule` and `businessLogicModule`.

use super::document::Document;
use super::error::ProfileError;
use super::payment_data::{CLEAR_KEY, Shared, alternate, application, icc_kek, mag_stripe};
use super::{CardProfile, ProfileKeys, ProfileVersion, UmdGeneration, pan_of_records};
use crate::emv::CountryCode;

pub(super) fn parse(mut document: Document<'_>, keys: &ProfileKeys) -> Result<CardProfile, ProfileError> {
    let mut unknown = Vec::new();
    let icc_kek = icc_kek(&mut document, keys)?;
    let icc_kek = icc_kek.as_ref().or(keys.icc_kek.as_ref());

    let mut module = document.object("mppLiteModule")?;
    let mut risk = module.object("cardRiskManagementData")?;
    let country = CountryCode::new(risk.required("crmCountryCode", "2 bytes of hexadecimal")?.array()?);
    let additional_check_table = risk.optional("additionalCheckTable").map(|value| value.array()).transpose()?;
    risk.finish(&mut unknown);

    let mut contactless = module.object("contactlessPaymentData")?;
    let shared = Shared::parse(&mut contactless, &mut unknown, icc_kek, CLEAR_KEY)?;
    let primary = application(&mut contactless, &shared, None)?;
    let alternate = alternate(&mut contactless, &shared, &primary, None, &mut unknown)?;
    let mag_stripe = mag_stripe(&mut contactless, None)?;
    let pan_field = contactless.field("records");
    contactless.finish(&mut unknown);
    module.ignore(&["remotePaymentData"]);
    module.finish(&mut unknown);

    let dual_tap_timeout_s = match document.optional("businessLogicModule") {
        None => None,
        Some(value) => {
            let mut logic = value.object()?;
            let timeout = logic.optional("dualTapResetTimeout").map(|value| value.integer(0..=86_400)).transpose()?;
            logic.ignore(&[
                "applicationLifeCycleData",
                "cardLayoutDescription",
                "cardholderValidators",
                "cvmResetTimeout",
                "mChipCvmIssuerOptions",
                "magstripeCvmIssuerOptions",
                "securityWord",
            ]);
            logic.finish(&mut unknown);
            timeout
        }
    };
    document.ignore(&["digitizedCardId", "kekId", "maximumPinTry", "mobilePinInitialConfiguration"]);
    document.finish(&mut unknown);

    let pan = pan_of_records(&shared.records)
        .ok_or_else(|| pan_field.error("no account number", "a record with 5A or 57"))?;
    Ok(CardProfile {
        version: ProfileVersion::V1,
        pan,
        country,
        ppse_fci: shared.ppse_fci,
        primary,
        alternate,
        records: shared.records,
        issuer_application_data: shared.issuer_application_data,
        icc_private_key: shared.icc_private_key,
        additional_check_table,
        mag_stripe,
        umd_generation: UmdGeneration::AlwaysValid,
        us_aip_masking: false,
        cvm_model: None,
        transit_supported: None,
        dual_tap_timeout_s,
        unknown_fields: unknown,
        source: None,
        is_face: false,
    })
}
