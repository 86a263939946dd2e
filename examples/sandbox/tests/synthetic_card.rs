//! The reference trace of the synthetic card, judged whole and tampered with.
#![allow(clippy::unwrap_used, reason = "a test may fall")]

mod common;

use std::collections::BTreeMap;

use common::bytes;
use sandbox::diversification::IssuerMasterKeys;
use sandbox::{
    Account, AmountBinding, Assessment, AuthorisationRequest, Cda, CdaFault, Conditions, Credential, CredentialsError,
    CredentialsFile, Cryptogram, Decision, DeclineReason, Freshness, Issuer, MagStripeRequest, MagStripeVerification,
    Network, SignedData,
};

const PAN: &str = "5413330000000019";

fn credentials_file() -> CredentialsFile {
    CredentialsFile::from_json(include_str!("../../../tests/vectors/syn-1.credentials.json")).unwrap()
}

fn issuer(file: &CredentialsFile) -> Issuer {
    let issuer = Issuer::default();
    issuer.load(file).unwrap();
    issuer
}

fn network() -> Network {
    let mut network = Network::new(issuer(&credentials_file()));
    network.open_account(PAN, Account::unlimited());
    network
}

/// The message that an acquirer makes of the trace.
fn traced_request() -> AuthorisationRequest {
    let trace: BTreeMap<&str, Vec<u8>> = include_str!("data/syn-1.trace.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(' '))
        .map(|(name, value)| (name, bytes(value)))
        .collect();
    let mut cdol1 = trace["cdol1"].as_slice();
    let mut elements = BTreeMap::from([(0x82, vec![0x1B, 0x80])]);
    for (tag, length) in [
        (0x9F02, 6),
        (0x9F03, 6),
        (0x9F1A, 2),
        (0x95, 5),
        (0x5F2A, 2),
        (0x9A, 3),
        (0x9C, 1),
        (0x9F37, 4),
        (0x9F35, 1),
        (0x9F45, 2),
        (0x9F4C, 8),
        (0x9F34, 3),
        (0x9F15, 2),
    ] {
        let (value, rest) = cdol1.split_at(length);
        elements.insert(tag, value.to_vec());
        cdol1 = rest;
    }
    for tag in ["9F27", "9F36", "9F10", "9F26"] {
        elements.insert(u32::from_str_radix(tag, 16).unwrap(), trace[tag].clone());
    }
    let signed = SignedData { signature: trace["9F4B"].clone(), hashed: trace["hashed"].clone() };
    assert!(signed.hashed.starts_with(&[&trace["pdol"][..], &trace["cdol1"]].concat()));
    AuthorisationRequest { pan: PAN.to_owned(), psn: 1, elements, signed: Some(signed) }
}

#[test]
fn the_traced_tap_is_genuine_in_every_respect() {
    let Assessment { verification, decision } = network().assess(&traced_request());
    let verification = verification.unwrap();
    assert_eq!(verification.umd, Cryptogram::Valid);
    assert_eq!(verification.md, Cryptogram::Valid);
    assert_eq!(verification.cda, Cda::Valid);
    assert_eq!(verification.freshness, Freshness::Fresh);
    assert_eq!(verification.amount, AmountBinding::Bound);
    assert_eq!(verification.atc, 1);
    assert!(verification.is_arqc && verification.cvr.cdcvm_done && verification.cvr.cda_returned);
    assert_eq!(verification.cvr.conditions, Conditions::Domestic);
    assert_eq!(decision, Decision::Approved { authorisation_code: "000001".to_owned() });
}

/// Every bit matters: one flipped anywhere must cost the approval.
fn assert_no_tampering_passes(request: &AuthorisationRequest, tags: &[u32]) {
    for tag in tags {
        for index in 0..request.elements[tag].len() {
            for bit in [0x01, 0x10, 0x80] {
                let mut tampered = request.clone();
                tampered.elements.get_mut(tag).unwrap()[index] ^= bit;
                let decision = network().authorise(&tampered);
                assert!(matches!(decision, Decision::Declined { .. }), "{tag:X}, byte {index}, bit {bit:02X}");
            }
        }
    }
}

/// The traced tap as the card would have answered it without a signature.
fn unsigned_request() -> AuthorisationRequest {
    let mut request = AuthorisationRequest { signed: None, ..traced_request() };
    let keys = credentials_file().credentials.swap_remove(0);
    let element = |tag: u32| request.elements[&tag].clone();
    let terminal = [0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37].map(element).concat();
    let mut data = element(0x9F10);
    data[3] &= !0x40;
    let input = sandbox::cryptogram::CryptogramInput {
        terminal: terminal.try_into().unwrap(),
        aip: element(0x82).try_into().unwrap(),
        atc: keys.atc,
        cvr: data[2..8].try_into().unwrap(),
    };
    let (umd, md) = (input.cryptogram(&keys.contactless_umd), input.cryptogram(&keys.contactless_md));
    data[11..16].copy_from_slice(&md[..5]);
    request.elements.insert(0x9F10, data);
    request.elements.insert(0x9F26, umd.to_vec());
    request
}

#[test]
fn a_signature_cannot_be_taken_away_or_added_on_the_way() {
    let stripped = AuthorisationRequest { signed: None, ..traced_request() };
    let bad = |decision| matches!(decision, Decision::Declined { reason: sandbox::DeclineReason::BadSignature });
    assert!(bad(network().authorise(&stripped)));
    let added = AuthorisationRequest { signed: traced_request().signed, ..unsigned_request() };
    assert!(matches!(network().authorise(&added), Decision::Declined { .. }));
}

#[test]
fn no_element_under_the_cryptogram_can_be_changed() {
    let unsigned = unsigned_request();
    assert!(matches!(network().authorise(&unsigned), Decision::Approved { .. }));
    assert_no_tampering_passes(
        &unsigned,
        &[0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37, 0x82, 0x9F36, 0x9F26],
    );
    // Of 9F10 the cryptogram covers the results and is itself in bytes 11 to 15; the version must be ours.
    for index in (1..8).chain(11..16) {
        let mut tampered = unsigned.clone();
        tampered.elements.get_mut(&0x9F10).unwrap()[index] ^= 0x08;
        assert!(matches!(network().authorise(&tampered), Decision::Declined { .. }), "byte {index}");
    }
}

#[test]
fn with_a_signature_no_element_at_all_can_be_changed() {
    let request = traced_request();
    let all: Vec<u32> = request.elements.keys().copied().collect();
    assert_no_tampering_passes(&request, &all);
}

#[test]
fn neither_the_signature_nor_what_it_covers_can_be_changed() {
    let request = traced_request();
    let judged = |tampered: &AuthorisationRequest| issuer(&credentials_file()).verify(tampered).unwrap();
    let SignedData { signature, hashed } = request.signed.clone().unwrap();
    for index in 0..signature.len() {
        let mut tampered = request.clone();
        tampered.signed.as_mut().unwrap().signature[index] ^= 0x01;
        let cda = judged(&tampered).cda;
        assert!(matches!(cda, Cda::Invalid(CdaFault::Block | CdaFault::Hash)), "signature byte {index}: {cda:?}");
        assert!(matches!(network().authorise(&tampered), Decision::Declined { .. }));
    }
    for index in 0..hashed.len() {
        let mut tampered = request.clone();
        tampered.signed.as_mut().unwrap().hashed[index] ^= 0x01;
        assert_eq!(judged(&tampered).cda, Cda::Invalid(CdaFault::TransactionData), "hashed byte {index}");
        let Decision::Declined { reason } = network().authorise(&tampered) else { panic!("hashed byte {index}") };
        assert_eq!(reason, DeclineReason::BadSignature);
    }
    for length in 0..signature.len() {
        let mut shortened = request.clone();
        shortened.signed.as_mut().unwrap().signature.truncate(length);
        assert_eq!(judged(&shortened).cda, Cda::Invalid(CdaFault::Block));
    }
}

#[test]
fn the_right_signature_of_another_transaction_does_not_help() {
    let mut request = traced_request();
    let other_number = vec![0x12, 0x34, 0xAB, 0xCE];
    request.elements.insert(0x9F37, other_number);
    let verification = issuer(&credentials_file()).verify(&request).unwrap();
    assert_eq!(verification.cda, Cda::Invalid(CdaFault::Hash));
}

#[test]
fn an_amount_changed_after_the_tap_is_named_when_the_signature_proves_it() {
    let mut request = traced_request();
    request.elements.insert(0x9F02, bytes("000000000025"));
    let Assessment { verification, decision } = network().assess(&request);
    assert_eq!(verification.unwrap().amount, AmountBinding::Contradicted { under_cryptogram: 2500 });
    assert_eq!(decision, Decision::Declined { reason: DeclineReason::AmountMismatch });

    request.signed = None;
    let Assessment { verification, decision } = network().assess(&request);
    assert_eq!(verification.unwrap().amount, AmountBinding::Unproven);
    assert_eq!(decision, Decision::Declined { reason: DeclineReason::BadCryptogram });
}

#[test]
fn without_the_cards_key_a_signature_stays_unknown() {
    let file = CredentialsFile { icc_modulus: None, ..credentials_file() };
    assert_eq!(issuer(&file).verify(&traced_request()).unwrap().cda, Cda::Unknown);
    let unsigned = AuthorisationRequest { signed: None, ..traced_request() };
    assert_eq!(issuer(&file).verify(&unsigned).unwrap().cda, Cda::NotSigned);
}

#[test]
fn a_refusal_is_never_authorised_however_valid() {
    // The reference's second set of cryptograms: an AAC under true keys, abroad, no verification by the device.
    let mut request = AuthorisationRequest { signed: None, ..traced_request() };
    for (tag, value) in [
        (0x9F02, "000000010000"),
        (0x9F1A, "0276"),
        (0x5F2A, "0978"),
        (0x9F37, "00000001"),
        (0x9F36, "001F"),
        (0x9F10, "01148000002500081A2B00A877F76AAB00FF"),
        (0x9F26, "8A50FAA74A56C7DF"),
        (0x9F27, "00"),
    ] {
        request.elements.insert(tag, bytes(value));
    }
    let verification = issuer(&credentials_file()).verify(&request).unwrap();
    assert_eq!((verification.umd, verification.md), (Cryptogram::Valid, Cryptogram::Valid));
    assert_eq!(verification.cvr.conditions, Conditions::International);
    assert!(!verification.is_arqc && !verification.cvr.cdcvm_done);

    // Nor does it help to leave the card's word out of the message, or to call it an ARQC.
    for cid in [Some("00"), Some("40"), Some("80"), None] {
        match cid {
            Some(cid) => request.elements.insert(0x9F27, bytes(cid)),
            None => request.elements.remove(&0x9F27),
        };
        assert_eq!(network().authorise(&request), Decision::Declined { reason: DeclineReason::Aac }, "{cid:?}");
    }
}

#[test]
fn a_credentials_file_survives_writing_and_reading() {
    let file = credentials_file();
    let written = serde_json::to_value(&file).unwrap();
    let original: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/vectors/syn-1.credentials.json")).unwrap();
    assert_eq!(written, original);
}

#[test]
fn a_credentials_file_that_contradicts_itself_is_refused() {
    let refused = |change: fn(&mut CredentialsFile)| {
        let mut file = credentials_file();
        change(&mut file);
        Issuer::default().load(&file).unwrap_err()
    };
    assert!(matches!(refused(|file| file.psn = "02".to_owned()), CredentialsError::ForeignKey(1)));
    assert!(matches!(refused(|file| file.psn = "+1".to_owned()), CredentialsError::SequenceNumber));
    assert!(matches!(refused(|file| file.pan = "54x".to_owned()), CredentialsError::AccountNumber));
    assert!(matches!(refused(|file| file.credentials[1].atc = 3), CredentialsError::ForeignKey(3)));
    assert!(matches!(refused(|file| file.credentials[1] = file.credentials[0].clone()), CredentialsError::Twice(1)));
    assert!(matches!(refused(|file| file.icc_modulus = Some(vec![1; 128])), CredentialsError::Key(_)));
    assert!(matches!(refused(|file| file.pin_iv_cvc3_track2 = Some(vec![1])), CredentialsError::InitialVector));
    assert!(matches!(CredentialsFile::from_json("{"), Err(CredentialsError::Json { line: 1, column: 1 })));
}

#[test]
fn a_mag_stripe_tap_is_found_among_the_issued_counter_values() {
    let mut file = credentials_file();
    file.pin_iv_cvc3_track2 = Some(bytes("A1B2"));
    let card = IssuerMasterKeys { umd: file.imk_umd, md: file.imk_md }.derive_card_keys(PAN, 1);
    for atc in [0x25, 0x190] {
        let keys = card.derive_session_keys(atc);
        file.credentials.push(Credential { atc, idn: [0; 8], contactless_umd: keys.umd, contactless_md: keys.md });
    }
    let issuer = issuer(&file);
    let tap = |unpredictable_number, cvc3, crypto_atc| {
        let request = MagStripeRequest { pan: PAN.to_owned(), unpredictable_number, cvc3, crypto_atc };
        issuer.verify_mag_stripe(&request).unwrap()
    };
    let valid = |atc, freshness| MagStripeVerification::Valid { atc, freshness };
    assert_eq!(tap([0, 0, 7, 0x65], 7345, 3089), MagStripeVerification::Invalid);
    assert_eq!(tap([0, 0, 7, 0x66], 7345, 3088), MagStripeVerification::Invalid);
    assert_eq!(tap([0, 0, 7, 0x65], 7345, 3088), valid(0x25, Freshness::Fresh));
    assert_eq!(tap([0, 0, 7, 0x65], 7345, 3088), valid(0x25, Freshness::Replayed));
    assert_eq!(tap([0, 0, 9, 0x99], 889, 848), valid(0x190, Freshness::Fresh));
}
