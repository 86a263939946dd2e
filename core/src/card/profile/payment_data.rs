//! What both generations write alike: keys, records, and the data of each application.

use super::document::{Document, Value};
use super::error::ProfileError;
use super::{
    ApplicationProfile, GpoResponse, MChipProfile, MagStripeProfile, ProfileKeys, Record, cdol1, check_afl,
    is_template, pdol,
};
use crate::apdu::Reply;
use crate::crypto::{CrtParts, CryptogramInput, IccPrivateKey, SecretBytes, WrappingKey};
use crate::emv::{Afl, Aid, Aip, IssuerApplicationData, tags};
use crate::tlv::{Dol, Reader, encode, find};

/// Opens the key-encryption key that stands in the profile, unless the caller has brought it.
pub(super) fn icc_kek(document: &mut Document<'_>, keys: &ProfileKeys) -> Result<Option<WrappingKey>, ProfileError> {
    let Some(value) = document.optional("iccKek").filter(|_| keys.icc_kek.is_none()) else { return Ok(None) };
    let Some(key) = &keys.data_encryption_key else {
        return Err(value.field().error("a wrapped key", "the key that it is wrapped under beside the profile"));
    };
    let opened = open(&value, key, value.secret(16..=64)?)?;
    let length = opened.expose_secret().len();
    let wants = "an AES key of 16, 24 or 32 bytes";
    let kek = WrappingKey::new(opened);
    kek.map(Some).ok_or_else(|| value.field().error(format!("a wrapped key of {length} bytes"), wants))
}

fn open(value: &Value<'_>, key: &WrappingKey, wrapped: SecretBytes) -> Result<SecretBytes, ProfileError> {
    key.unwrap(wrapped).map_err(|error| {
        value.field().error(format!("a wrapped value, but {error}"), "a value wrapped under the key that was given")
    })
}

/// What the applications of one card have in common.
pub(super) struct Shared {
    pub(super) ppse_fci: Vec<u8>,
    pub(super) records: Vec<Record>,
    pub(super) cdol1_length: Option<usize>,
    pub(super) issuer_application_data: Option<IssuerApplicationData>,
    pub(super) icc_private_key: Option<IccPrivateKey>,
}

impl Shared {
    pub(super) fn parse(
        contactless: &mut Document<'_>,
        unknown: &mut Vec<String>,
        icc_kek: Option<&WrappingKey>,
        key_name: &str,
    ) -> Result<Self, ProfileError> {
        let ppse = contactless.required("ppseFci", "an FCI")?;
        let ppse_fci = ppse.bytes(2..=Reply::CAPACITY)?;
        if !is_template(&ppse_fci, tags::FCI) {
            return Err(ppse.field().error("other data", "an FCI template 6F"));
        }
        let records = contactless
            .required("records", "a list of records")?
            .list()?
            .into_iter()
            .map(|value| record(value, unknown))
            .collect::<Result<Vec<_>, _>>()?;
        for (i, a) in records.iter().enumerate() {
            if records.iter().skip(i + 1).any(|b| (a.sfi, a.number) == (b.sfi, b.number)) {
                let found = format!("record {} of SFI {} twice", a.number, a.sfi);
                return Err(contactless.field("records").error(found, "each record once"));
            }
        }
        let cdol1_length =
            contactless.optional("cdol1RelatedDataLength").map(|value| cdol1_length(&value)).transpose()?;
        Ok(Self {
            ppse_fci,
            records,
            cdol1_length,
            issuer_application_data: contactless
                .optional("issuerApplicationData")
                .map(|value| value.array().map(IssuerApplicationData::new))
                .transpose()?,
            icc_private_key: contactless
                .optional(key_name)
                .map(|value| private_key(value, icc_kek, key_name == CLEAR_KEY, unknown))
                .transpose()?,
        })
    }
}

/// `"2D"` in the first generation, `45` in the second; either is read in both.
fn cdol1_length(value: &Value<'_>) -> Result<usize, ProfileError> {
    let length = match value.array::<1>() {
        Ok([length]) => u32::from(length),
        Err(_) => value.integer(0..=255)?,
    };
    usize::try_from(length).map_err(|_| value.wrong("a length"))
}

fn record(value: Value<'_>, unknown: &mut Vec<String>) -> Result<Record, ProfileError> {
    let mut record = value.object()?;
    let number = record.required("recordNumber", "a record number")?.integer(1..=255)?;
    let number = u8::try_from(number).unwrap_or_default();
    // As in P2 of READ RECORD: the identifier in the high five bits, 100 in the low three.
    let location = record.required("sfi", "1 byte of hexadecimal")?;
    let [p2] = location.array::<1>()?;
    let sfi = p2 >> 3;
    if p2 & 0x07 != 0x04 || !(1..=30).contains(&sfi) {
        return Err(location.field().error("another byte", "an SFI from 1 to 30 as in P2 of READ RECORD, such as 0C"));
    }
    let content = record.required("recordValue", "a record")?;
    let value = content.bytes(2..=Reply::CAPACITY)?;
    if !is_template(&value, tags::RECORD) {
        return Err(content.field().error("other data", "a record template 70 with data objects"));
    }
    record.finish(unknown);
    Ok(Record { sfi, number, value })
}

/// Reads the private key. Its parts are wrapped when a key for them was given, unless they prove to be a key as they
/// stand: some services name a key for other things.
fn private_key(
    value: Value<'_>,
    kek: Option<&WrappingKey>,
    may_be_clear: bool,
    unknown: &mut Vec<String>,
) -> Result<IccPrivateKey, ProfileError> {
    let field = value.field().clone();
    let mut document = value.object()?;
    let mut part = |name: &str| {
        let value = document.required(name, "a part of the private key")?;
        let bytes = value.secret(1..=128)?;
        Ok((value, bytes))
    };
    let parts = [part("p")?, part("q")?, part("dp")?, part("dq")?, part("u")?];
    document.finish(unknown);
    let prove = |[p, q, dp, dq, u]: [SecretBytes; 5]| {
        IccPrivateKey::new(&CrtParts { p, q, dp, dq, u })
            .map_err(|error| field.error(format!("five parts, but {error}"), "an RSA key of 768 to 1,408 bits"))
    };
    let copy = |(_, bytes): &(Value<'_>, SecretBytes)| SecretBytes::copy_of(bytes.expose_secret());
    let Some(kek) = kek else { return prove(parts.each_ref().map(copy)) };
    let [p, q, dp, dq, u] = parts.each_ref().map(|part| open(&part.0, kek, copy(part)));
    let unwrapped = (|| prove([p?, q?, dp?, dq?, u?]))();
    match unwrapped {
        Err(_) if may_be_clear && let Ok(key) = prove(parts.each_ref().map(copy)) => Ok(key),
        other => other,
    }
}

/// One application; `defaults` stand in for a missing action code and mask, where the generation knows defaults.
pub(super) fn application(
    data: &mut Document<'_>,
    shared: &Shared,
    defaults: Option<([u8; 3], [u8; 6])>,
) -> Result<ApplicationProfile, ProfileError> {
    let aid = data.required("aid", "5 to 16 bytes of hexadecimal")?;
    let aid = Aid::new(&aid.bytes(5..=16)?).ok_or_else(|| aid.wrong("5 to 16 bytes of hexadecimal"))?;
    let value = data.required("paymentFci", "an FCI")?;
    let fci = value.bytes(2..=Reply::CAPACITY)?;
    if !is_template(&fci, tags::FCI) || find(&fci, tags::FCI_PROPRIETARY).ok().flatten().is_none() {
        return Err(value.field().error("other data", "an FCI template 6F with A5 in it"));
    }
    let pdol =
        pdol(&fci).ok_or_else(|| value.field().error("another 9F38", "a PDOL of up to 252 bytes of data"))?.to_vec();
    let value = data.required("gpoResponse", "an answer to GET PROCESSING OPTIONS")?;
    let gpo = gpo_response(&value)?;
    check_afl(value.field(), &gpo.afl, &shared.records)?;

    let ciac_decline = data.optional("ciacDecline").map(|value| value.array()).transpose()?;
    let cvr_mask = data.optional("cvrMaskAnd").map(|value| value.array()).transpose()?;
    let risk = ciac_decline.or(defaults.map(|(ciac, _)| ciac)).zip(cvr_mask.or(defaults.map(|(_, mask)| mask)));
    let m_chip = match (risk, shared.cdol1_length) {
        (Some((ciac_decline, cvr_mask)), Some(length)) => {
            let cdol1 = checked_cdol1(data, &gpo.afl, shared, length)?;
            Some(MChipProfile { cdol1, ciac_decline, cvr_mask })
        }
        _ => None,
    };
    Ok(ApplicationProfile { aid, fci, pdol, gpo, m_chip })
}

fn checked_cdol1(data: &Document<'_>, afl: &Afl, shared: &Shared, length: usize) -> Result<Vec<u8>, ProfileError> {
    // An alternate application that reads other records shares the only CDOL1 there is.
    let elsewhere = || shared.records.iter().find_map(|record| find(&record.value, tags::CDOL1).ok().flatten());
    let field = data.field("records");
    let bytes = cdol1(afl, &shared.records)
        .or_else(elsewhere)
        .ok_or_else(|| field.error("no CDOL1", "a record with 8C, for GENERATE AC"))?;
    let dol = Dol::parse(bytes).map_err(|error| field.error(format!("an 8C, but {error}"), "a CDOL1"))?;
    if dol.data_length() != length {
        let found = format!("{length} bytes");
        let wants = format!("the {} bytes that the CDOL1 in the records asks for", dol.data_length());
        return Err(data.field("cdol1RelatedDataLength").error(found, wants));
    }
    if length < CryptogramInput::CDOL1_LENGTH {
        let wants = format!("at least the {} bytes that a cryptogram is made over", CryptogramInput::CDOL1_LENGTH);
        return Err(field.error(format!("a CDOL1 of {length} bytes of data"), wants));
    }
    if dol.entry(tags::UNPREDICTABLE_NUMBER).is_none_or(|entry| entry.length != 4) {
        return Err(field.error("a CDOL1 without 9F37", "an unpredictable number of 4 bytes in it"));
    }
    Ok(bytes.to_vec())
}

fn gpo_response(value: &Value<'_>) -> Result<GpoResponse, ProfileError> {
    let bytes = value.bytes(2..=Reply::CAPACITY)?;
    let wants = "a template 77 with AIP (82) and AFL (94)";
    let wrong = || value.field().error("other data", wants);
    if !is_template(&bytes, tags::RESPONSE) {
        return Err(wrong());
    }
    let object = |tag| find(&bytes, tag).ok().flatten();
    let aip = object(tags::AIP).and_then(|aip| aip.try_into().ok()).map(Aip::new).ok_or_else(wrong)?;
    let afl = object(tags::AFL).and_then(Afl::parse).ok_or_else(wrong)?;
    let masked_bytes = with_aip(&bytes, aip.without_emv_mode()).ok_or_else(wrong)?;
    Ok(GpoResponse { bytes, masked_bytes, aip, afl })
}

fn with_aip(response: &[u8], aip: Aip) -> Option<Vec<u8>> {
    let aip = aip.to_bytes();
    let mut objects = Vec::new();
    for element in Reader::new(find(response, tags::RESPONSE).ok()??) {
        let element = element.ok()?;
        objects.extend(encode(element.tag, if element.tag == tags::AIP { &aip } else { element.value }).ok()?);
    }
    encode(tags::RESPONSE, &objects).ok()
}

pub(super) fn alternate(
    contactless: &mut Document<'_>,
    shared: &Shared,
    primary: &ApplicationProfile,
    defaults: Option<([u8; 3], [u8; 6])>,
    unknown: &mut Vec<String>,
) -> Result<Option<ApplicationProfile>, ProfileError> {
    let Some(value) = contactless.optional("alternateContactlessPaymentData") else { return Ok(None) };
    let mut data = value.object()?;
    // Some services write an object of empty fields where there is no alternate application.
    if FIELDS_OF_AN_APPLICATION.iter().all(|name| !data.has_value(name)) {
        data.ignore(&FIELDS_OF_AN_APPLICATION);
        data.finish(unknown);
        return Ok(None);
    }
    let aid = data.field("aid");
    let application = application(&mut data, shared, defaults)?;
    data.finish(unknown);
    if application.aid == primary.aid || application.aid.as_bytes() == Aid::PPSE {
        return Err(aid.error("the name of another application", "a name of its own"));
    }
    Ok(Some(application))
}

pub(super) fn mag_stripe(
    contactless: &mut Document<'_>,
    default_ciac: Option<[u8; 2]>,
) -> Result<Option<MagStripeProfile>, ProfileError> {
    let pin_iv = contactless.optional("pinIvCvc3Track2").map(|value| value.array()).transpose()?;
    let ciac = contactless.optional("ciacDeclineOnPpms").map(|value| value.array()).transpose()?;
    Ok(pin_iv.zip(ciac.or(default_ciac)).map(|(pin_iv_cvc3_track2, ciac_decline_on_ppms)| MagStripeProfile {
        pin_iv_cvc3_track2,
        ciac_decline_on_ppms,
    }))
}

const FIELDS_OF_AN_APPLICATION: [&str; 5] = ["aid", "ciacDecline", "cvrMaskAnd", "gpoResponse", "paymentFci"];
/// The parts of the private key in the clear, or in the first generation wrapped as well.
pub(super) const CLEAR_KEY: &str = "iccPrivateKeyCrtComponents";
