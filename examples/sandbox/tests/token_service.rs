//! Cards as the token service makes them.
#![allow(clippy::unwrap_used, reason = "a test may fall")]

mod common;

use std::collections::BTreeSet;

use common::{bytes, contactless_v1, objects, records_read};
use sandbox::{
    AlternateApplication, CaSize, CardSpec, CvmModel, Issuer, MagStripe, TokenService, TokenServiceError, UmdGeneration,
};
use serde_json::Value;

fn service() -> TokenService {
    TokenService::new(1, CaSize::Bits1152).unwrap()
}

/// Every path of an object with the kind of value at its end; of lists, the first element.
fn shape(value: &Value, path: &str, paths: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| shape(value, &format!("{path}.{name}"), paths));
        }
        Value::Array(elements) => elements.iter().for_each(|value| shape(value, &format!("{path}[]"), paths)),
        Value::String(_) => drop(paths.insert(format!("{path}: text"))),
        Value::Number(_) => drop(paths.insert(format!("{path}: number"))),
        Value::Bool(_) => drop(paths.insert(format!("{path}: bool"))),
        Value::Null => drop(paths.insert(format!("{path}: null"))),
    }
}

fn shape_of(value: &Value) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    shape(value, "", &mut paths);
    paths
}

#[test]
fn profiles_have_the_shape_of_the_synthetic_cards() {
    let card = service().personalise(&CardSpec::default()).unwrap();
    let v1: Value = serde_json::from_str(include_str!("../../../tests/vectors/syn-1.profile-v1.json")).unwrap();
    let v2: Value = serde_json::from_str(include_str!("../../../tests/vectors/syn-1.profile-v2.json")).unwrap();
    assert_eq!(shape_of(&card.profile_v1), shape_of(&v1));
    assert_eq!(shape_of(&card.profile_v2), shape_of(&v2));
    for field in ["digitizedCardId", "maximumPinTry", "businessLogicModule"] {
        assert_eq!(card.profile_v1[field], v1[field]);
    }
    // The same account, so the same static mag-stripe record to the byte.
    let record = |profile| contactless_v1(profile)["records"][0].clone();
    assert_eq!(record(&card.profile_v1), record(&v1));
    let common = |profile: &Value| profile["mchipCardProfile"]["commonData"].clone();
    assert_eq!(common(&card.profile_v2), common(&v2));
}

/// Commands and answers of a whole tap with their headers and status words.
fn bytes_on_air(contactless: &Value, cda: bool) -> usize {
    let length = |name: &str| contactless[name].as_str().unwrap().len() / 2;
    let select = |name: usize| 6 + name;
    let records: usize = records_read(contactless, contactless["gpoResponse"].as_str().unwrap())
        .iter()
        .map(|(record, _)| 5 + record.len() + 2)
        .sum();
    let icc = contactless["iccPrivateKeyCrtComponents"]["p"].as_str().unwrap().len();
    // Template, CID, ATC, issuer application data, then either 9F26 or 9F4B with its three-byte length.
    let answer = if cda { 3 + 4 + 5 + 21 + 5 + icc } else { 2 + 4 + 5 + 21 + 11 };
    select(14)
        + length("ppseFci")
        + 2
        + select(7)
        + length("paymentFci")
        + 2
        + (5 + 13 + 1)
        + length("gpoResponse")
        + 2
        + records
        + (5 + 45 + 1)
        + answer
        + 2
}

#[test]
fn a_tap_of_the_reference_card_fits_into_a_thousand_bytes() {
    let card = service().personalise(&CardSpec::default()).unwrap();
    let contactless = contactless_v1(&card.profile_v1);
    let (without_cda, with_cda) = (bytes_on_air(contactless, false), bytes_on_air(contactless, true));
    println!("bytes on the air: {without_cda}, with CDA {with_cda}");
    assert!(without_cda <= 1000, "{without_cda}");
    assert!(with_cda <= 1150, "{with_cda}");
}

#[test]
fn the_cvm_model_decides_what_the_card_promises() {
    for (cvm_model, aip, name) in [
        (CvmModel::Always, "1B80", "CDCVM_ALWAYS"),
        (CvmModel::Flexible, "1B80", "FLEXIBLE_CDCVM"),
        (CvmModel::CardLike, "1980", "CARD_LIKE"),
    ] {
        let card = service().personalise(&CardSpec { cvm_model, ..CardSpec::default() }).unwrap();
        let contactless = contactless_v1(&card.profile_v1);
        let gpo_response = objects(&bytes(contactless["gpoResponse"].as_str().unwrap()));
        assert_eq!(gpo_response[&0x82], bytes(aip));
        assert_eq!(gpo_response[&0x94], bytes("08010100 10010301"));
        let record = objects(&bytes(contactless["records"][1]["recordValue"].as_str().unwrap()));
        assert_eq!(record[&0x8E], bytes("0000000000000000 4203 1F03"));
        assert_eq!(record[&0x8C], bytes("9F02069F03069F1A0295055F2A029A039C019F37049F35019F45029F4C089F34039F1502"));
        assert_eq!(card.profile_v2["mchipCardProfile"]["contactlessPaymentData"]["cvmModel"], name);
    }
}

#[test]
fn a_card_without_mag_stripe_mode_carries_nothing_of_it() {
    let card = service().personalise(&CardSpec { mag_stripe: None, ..CardSpec::default() }).unwrap();
    let contactless = contactless_v1(&card.profile_v1);
    assert_eq!(contactless["gpoResponse"], "770A82021B80940410010301");
    assert!(contactless.get("pinIvCvc3Track2").is_none() && contactless.get("ciacDeclineOnPpms").is_none());
    let v2 = &card.profile_v2["mchipCardProfile"]["contactlessPaymentData"];
    assert!(v2.get("track1ConstructionData").is_none() && v2.get("track2ConstructionData").is_none());
}

#[test]
fn an_alternate_application_is_listed_second_and_has_its_own_data() {
    let alternate = Some(AlternateApplication::us_debit());
    let card = service().personalise(&CardSpec { alternate, ..CardSpec::default() }).unwrap();
    let contactless = contactless_v1(&card.profile_v1);
    assert_eq!(
        contactless["ppseFci"],
        "6F31840E325041592E5359532E4444463031A51FBF0C1C610C4F07A0000000041010870101610C4F07A00000000422038701\
         02"
    );
    let alternate = &contactless["alternateContactlessPaymentData"];
    assert_eq!(alternate["aid"], "A0000000042203");
    assert_eq!(alternate["paymentFci"], "6F1B8407A0000000042203A51050054445424954870102 9F38039F3501".replace(' ', ""));
    assert_eq!(alternate["gpoResponse"], "770E82021980940810020200 20010201".replace(' ', ""));
    assert_eq!(records_read(contactless, alternate["gpoResponse"].as_str().unwrap()).len(), 3);
}

#[test]
fn account_numbers_of_every_length_make_a_card() {
    let mut tokens = service();
    for length in 13..=19 {
        let pan = &"5413330000000000000"[..length];
        let mag_stripe = (length <= 16).then_some(MagStripe { pin_iv_cvc3: [1, 2] });
        let spec = CardSpec { pan: pan.to_owned(), mag_stripe, icc_key_bits: 768, ..CardSpec::default() };
        let card = tokens.personalise(&spec).unwrap();
        let records = records_read(
            contactless_v1(&card.profile_v1),
            contactless_v1(&card.profile_v1)["gpoResponse"].as_str().unwrap(),
        );
        let data: Vec<_> = records.iter().map(|(record, _)| objects(record)).collect();
        let application = data.iter().find(|data| data.contains_key(&0x5A)).unwrap();
        assert_eq!(hex::encode(&application[&0x5A]).trim_end_matches('f'), pan);
        let track_2 = hex::encode(&application[&0x57]);
        assert!(track_2.starts_with(&format!("{pan}d3012201")) && track_2.trim_end_matches('f').len() <= 37);
        assert_eq!(card.profile_v1["digitizedCardId"].as_str().unwrap().len(), 32);
    }
}

#[test]
fn counter_values_rise_and_never_come_twice() {
    let mut tokens = service();
    let pan = tokens.personalise(&CardSpec::default()).unwrap().pan;
    let atcs = |tokens: &mut TokenService, count| -> Vec<u16> {
        tokens.issue_credentials(&pan, count).unwrap().iter().map(|credential| credential.atc).collect()
    };
    assert_eq!(atcs(&mut tokens, 3), [1, 2, 3]);
    assert_eq!(atcs(&mut tokens, 0), [0; 0]);
    assert_eq!(atcs(&mut tokens, 2), [4, 5]);
    let file = tokens.credentials_file(&pan).unwrap();
    let numbers: BTreeSet<[u8; 8]> = file.credentials.iter().map(|credential| credential.idn).collect();
    assert_eq!(numbers.len(), 5, "an ICC dynamic number came twice");

    assert_eq!(tokens.issue_credentials(&pan, u16::MAX), Err(TokenServiceError::CounterExhausted));
    assert_eq!(atcs(&mut tokens, u16::MAX - 5).last(), Some(&u16::MAX));
    assert_eq!(atcs(&mut tokens, 0), [0; 0]);
    assert_eq!(tokens.issue_credentials(&pan, 1), Err(TokenServiceError::CounterExhausted));
    assert_eq!(tokens.issue_credentials("5413330000000000", 1), Err(TokenServiceError::UnknownCard));
}

#[test]
fn one_seed_makes_one_card_to_the_byte() {
    let make = |service_seed, seed| {
        let mut tokens = TokenService::new(service_seed, CaSize::Bits1152).unwrap();
        let card = tokens.personalise(&CardSpec { seed, icc_key_bits: 768, ..CardSpec::default() }).unwrap();
        tokens.issue_credentials(&card.pan, 2).unwrap();
        (card.profile_v1, card.profile_v2, serde_json::to_string(&tokens.credentials_file(&card.pan).unwrap()).unwrap())
    };
    assert_eq!(make(1, 1), make(1, 1));
    assert_ne!(make(1, 1).0, make(1, 2).0);
    assert_ne!(make(1, 1).2, make(2, 1).2);
}

#[test]
fn the_credentials_file_of_a_card_loads_again() {
    let mut tokens = service();
    let spec = CardSpec { umd_generation: UmdGeneration::OnCdcvm, icc_key_bits: 776, ..CardSpec::default() };
    let pan = tokens.personalise(&spec).unwrap().pan;
    tokens.issue_credentials(&pan, 4).unwrap();
    let file = tokens.credentials_file(&pan).unwrap();
    let text = serde_json::to_string(&file).unwrap();
    let read = sandbox::CredentialsFile::from_json(&text).unwrap();
    assert_eq!(read, file);
    let issuer = Issuer::default();
    issuer.load(&read).unwrap();
    assert!(issuer.knows(&pan));
}

#[test]
fn a_card_that_cannot_be_made_is_refused() {
    let mut tokens = service();
    let mut refuse = |change: fn(&mut CardSpec)| {
        let mut spec = CardSpec::default();
        change(&mut spec);
        assert!(matches!(tokens.personalise(&spec), Err(TokenServiceError::InvalidSpec(_))), "{spec:?}");
    };
    refuse(|spec| spec.pan = "541333000000".to_owned());
    refuse(|spec| spec.pan = "541333000000001a".to_owned());
    refuse(|spec| spec.pan = "54133300000000191".to_owned());
    refuse(|spec| spec.psn = 100);
    refuse(|spec| spec.country = 1000);
    refuse(|spec| spec.icc_key_bits = 760);
    refuse(|spec| spec.icc_key_bits = 1160);
    refuse(|spec| spec.alternate = Some(AlternateApplication { aid: vec![1; 4], label: "X".to_owned() }));
    let odd = CardSpec { icc_key_bits: 1000 + 3, ..CardSpec::default() };
    assert!(matches!(tokens.personalise(&odd), Err(TokenServiceError::Key(_))));

    tokens.personalise(&CardSpec { icc_key_bits: 768, ..CardSpec::default() }).unwrap();
    assert_eq!(tokens.personalise(&CardSpec::default()).err(), Some(TokenServiceError::CardExists));
}
