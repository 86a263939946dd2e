//! The chain from authority to card, judged by an unrelated crate and signed again after the synthetic card's pattern.
#![allow(clippy::unwrap_used, reason = "a test may fall")]

mod common;

use std::collections::BTreeMap;

use common::{bytes, contactless_v1, content, icc_key, objects, records_read, sign};
use emv::core::oda;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use sandbox::certificates::{Validity, certify_icc, certify_issuer};
use sandbox::keys::{Exponent, KeyError, KeyPair, PublicKey};
use sandbox::{AlternateApplication, CaPublicKey, CaSize, CardSpec, CredentialsFile, CvmModel, TokenService};
use serde_json::Value;
use sha1::{Digest, Sha1};

const TODAY: [u8; 2] = [0x01, 0x26];

fn judge(
    ca: &CaPublicKey,
    contactless: &Value,
    gpo_response: &str,
) -> Result<oda::IccPublicKey, emv::core::error::Error> {
    let records = records_read(contactless, gpo_response);
    let mut data = BTreeMap::new();
    let mut static_data = Vec::new();
    for (record, signed) in &records {
        data.extend(objects(record));
        if *signed {
            static_data.extend_from_slice(content(record));
        }
    }
    assert_eq!(data[&0x9F4A], [0x82]);
    static_data.extend(&objects(&bytes(gpo_response))[&0x82]);

    assert_eq!(data[&0x8F], ca.index);
    let authority = oda::CaPublicKey {
        rid: ca.rid,
        index: ca.index[0],
        modulus: ca.modulus.clone(),
        exponent: ca.exponent.clone(),
    };
    let remainder = |tag| data.get(&tag).map(Vec::as_slice);
    let issuer =
        oda::recover_issuer_public_key(&authority, &data[&0x90], remainder(0x92), &data[&0x9F32], &data[&0x5A], TODAY)?;
    oda::recover_icc_public_key(
        &issuer,
        &data[&0x9F46],
        remainder(0x9F48),
        &data[&0x9F47],
        &static_data,
        &data[&0x5A],
        TODAY,
    )
}

fn gpo_response(contactless: &Value) -> &str {
    contactless["gpoResponse"].as_str().unwrap()
}

#[test]
fn the_chain_of_the_synthetic_card_stands() {
    let profile: Value = serde_json::from_str(include_str!("../../../tests/vectors/syn-1.profile-v1.json")).unwrap();
    let file = CredentialsFile::from_json(include_str!("../../../tests/vectors/syn-1.credentials.json")).unwrap();
    let contactless = contactless_v1(&profile);
    let icc = judge(file.ca.as_ref().unwrap(), contactless, gpo_response(contactless)).unwrap();
    assert_eq!(Some(icc.modulus), file.icc_modulus);
}

#[test]
fn every_card_we_make_has_a_chain_that_an_unrelated_crate_accepts() {
    // 97 and 121 bytes: the primes have no whole number of bytes.
    let cases = [
        (768, Exponent::Three, CvmModel::Always),
        (776, Exponent::F4, CvmModel::CardLike),
        (968, Exponent::Three, CvmModel::Flexible),
        (1024, Exponent::F4, CvmModel::Always),
        (1152, Exponent::Three, CvmModel::CardLike),
        (1160, Exponent::Three, CvmModel::Flexible),
        (1408, Exponent::F4, CvmModel::Always),
    ];
    for (icc_key_bits, exponent, cvm_model) in cases {
        let mut tokens = TokenService::new(3, CaSize::for_icc_key(icc_key_bits)).unwrap();
        let alternate = Some(AlternateApplication::us_debit());
        let spec = CardSpec { icc_key_bits, exponent, cvm_model, alternate, ..CardSpec::default() };
        let card = tokens.personalise(&spec).unwrap();
        let contactless = contactless_v1(&card.profile_v1);
        for application in [contactless, &contactless["alternateContactlessPaymentData"]] {
            let icc = judge(&tokens.ca(), contactless, gpo_response(application)).unwrap();
            assert_eq!(icc.modulus, card.icc_public_key.modulus(), "{icc_key_bits} bits");
        }
        for record in contactless["records"].as_array().unwrap() {
            // A reader cannot take more in one answer (EMV Book 1, section 9.4.1).
            assert!(record["recordValue"].as_str().unwrap().len() / 2 <= 256, "{icc_key_bits} bits");
        }
    }
}

#[test]
fn a_chain_over_other_static_data_falls() {
    let mut tokens = TokenService::new(3, CaSize::Bits1152).unwrap();
    let card = tokens.personalise(&CardSpec { icc_key_bits: 768, ..CardSpec::default() }).unwrap();
    let contactless = contactless_v1(&card.profile_v1);
    let gpo_response = gpo_response(contactless);
    assert!(judge(&tokens.ca(), contactless, gpo_response).is_ok());
    assert!(judge(&tokens.ca(), contactless, &gpo_response.replace("1B80", "1980")).is_err());
    let mut other = contactless.clone();
    let record = &mut other["records"][1]["recordValue"];
    *record = record.as_str().unwrap().replace("5F2403301231", "5F2403311231").into();
    assert!(judge(&tokens.ca(), &other, gpo_response).is_err());
}

#[test]
fn certificates_after_the_synthetic_cards_pattern_recover_to_its_keys() {
    let profile: Value = serde_json::from_str(include_str!("../../../tests/vectors/syn-1.profile-v1.json")).unwrap();
    let file = CredentialsFile::from_json(include_str!("../../../tests/vectors/syn-1.credentials.json")).unwrap();
    let contactless = contactless_v1(&profile);
    let records = records_read(contactless, gpo_response(contactless));
    let key = |bits| KeyPair::generate(bits, Exponent::F4, &mut ChaCha20Rng::seed_from_u64(bits as u64)).unwrap();
    let (authority, issuer) = (key(1152), key(1024));
    let issuer_modulus = PublicKey::new(file.issuer_modulus.as_deref().unwrap(), Exponent::F4).unwrap();
    let icc_modulus = PublicKey::new(file.icc_modulus.as_deref().unwrap(), Exponent::F4).unwrap();
    let validity = Validity { expiry: [0x12, 0x30], serial: [0, 0, 1] };

    let certificate = certify_issuer(&authority, &issuer_modulus, [0x54, 0x13, 0x33, 0xFF], validity).unwrap();
    // What does not depend on who signs is byte for byte what the synthetic card carries.
    let theirs = objects(&records[2].0);
    assert_eq!(certificate.remainder, theirs[&0x92]);
    assert_eq!(certificate.exponent, theirs[&0x9F32]);
    let block = authority.public().recover(&certificate.certificate).unwrap();
    let theirs =
        PublicKey::new(&file.ca.as_ref().unwrap().modulus, Exponent::F4).unwrap().recover(&theirs[&0x90]).unwrap();
    assert_eq!(block, theirs);

    let static_data = [content(&records[1].0), &[0x1B, 0x80]].concat();
    let pan = bytes("5413330000000019FFFF").try_into().unwrap();
    let certificate = certify_icc(&issuer, &icc_modulus, pan, validity, &static_data).unwrap();
    let theirs = objects(&records[3].0);
    assert_eq!(certificate.remainder, theirs[&0x9F48]);
    let block = issuer.public().recover(&certificate.certificate).unwrap();
    assert_eq!(block, issuer_modulus.recover(&theirs[&0x9F46]).unwrap());
}

#[test]
fn no_key_is_certified_by_a_shorter_one() {
    let key = |bits, seed| KeyPair::generate(bits, Exponent::Three, &mut ChaCha20Rng::seed_from_u64(seed)).unwrap();
    let validity = Validity { expiry: [0x12, 0x30], serial: [0, 0, 1] };
    let outcome = certify_issuer(&key(768, 1), key(776, 2).public(), [0x54, 0x13, 0x33, 0xFF], validity);
    assert_eq!(outcome, Err(KeyError::Size(776)));
}

#[test]
fn our_signing_equals_the_published_signature_of_the_synthetic_card() {
    let profile: Value = serde_json::from_str(include_str!("../../../tests/vectors/syn-1.profile-v1.json")).unwrap();
    let icc = icc_key(&profile, Exponent::F4);
    // The reference's other signature: one-tag PDOL, dynamic number 0102030405060708.
    let hash = "9BFBCCC2DFDEF7C29C5C84998B46E87608229067";
    let cdol1 = "0000000025000000000000000616000000800109852601150012 34ABCD 22 0000 0000000000000000 010002 5411";
    let iad = "0114A540000200000000005F202A7BBA00FF";
    let with_cda_not_flagged = bytes(&format!("22 {cdol1} 9F270180 9F36020001 9F1012 {iad}"));
    assert_eq!(Sha1::digest(&with_cda_not_flagged)[..], bytes(hash));
    let dynamic = bytes(&format!("08 0102030405060708 80 D9973386371FAE14 {hash}"));
    let signature = sign(&icc, &dynamic, &bytes("1234ABCD"));
    assert_eq!(
        hex::encode_upper(signature),
        "0C99EC69ACC1E57F3F4EE4FE547F2B20E4E8B83649D442B8654E73A0B91F246773E690238A6317E56673EF176FFC3DFA\
         01569161627C3E1AB9B0B81BEF57DE8354503247553020729FA484879E3CDF554A63308C3F95C29259AB7BB9F9C007A7\
         F00E6C6E6DF93071CC8B42243764211D7717CEBB84A2C0F466B887BBF378B9C1"
    );
}
