//! The terminal against a card whose every byte is known.
#![allow(clippy::unwrap_used)]

mod common;

use common::{ReplayCard, Step, reference_sale, reference_terminal, reference_trace};
use emv::core::oda::{CaPublicKey, recover_icc_public_key, recover_issuer_public_key, verify_cda};
use pos_terminal::cvm::Cvm;
use pos_terminal::oda::{OdaFailure, SignatureFault};
use pos_terminal::outcome::DeclineReason;
use pos_terminal::tvr::Finding;
use pos_terminal::{OdaResult, Outcome, Sale, Tap};

/// What the trace's source says is hashed.
const HASHED: &str = "2C00800000000000061622000000002500000000000000061600000080010985260115001234ABCD22000000000000000\
    0000001000254119F2701809F360200019F10120114A540000200000000005F202A7BBA00FF";

const GENERATE_AC: usize = 7;

fn tap(steps: Vec<Step>) -> Tap {
    reference_terminal().tap(&mut ReplayCard::new(steps), &reference_sale())
}

fn flipped(step: usize, byte: usize, mask: u8) -> Vec<Step> {
    let mut steps = reference_trace();
    steps[step].1[byte] ^= mask;
    steps
}

#[test]
fn every_command_is_that_of_the_trace_and_the_signature_holds() {
    let mut card = ReplayCard::new(reference_trace());
    let tap = reference_terminal().tap(&mut card, &reference_sale());
    assert!(card.is_through(), "{}", tap.outcome);
    let Outcome::OnlineRequest(request) = &tap.outcome else { panic!("{}", tap.outcome) };
    assert_eq!((request.pan.as_str(), request.psn), ("5413330000000019", 1));
    assert_eq!((request.cvm, request.online_pin), (Cvm::OnDevice, false));
    for (tag, value) in [
        (0x9F26, "D9973386371FAE14"),
        (0x9F27, "80"),
        (0x9F36, "0001"),
        (0x9F10, "0114A540000200000000005F202A7BBA00FF"),
        (0x9F02, "000000002500"),
        (0x9F03, "000000000000"),
        (0x9F1A, "0616"),
        (0x5F2A, "0985"),
        (0x95, "0000008001"),
        (0x9A, "260115"),
        (0x9C, "00"),
        (0x9F37, "1234ABCD"),
        (0x82, "1B80"),
        (0x9F34, "010002"),
        (0x9F33, "E06008"),
        (0x9F35, "22"),
        (0x57, "5413330000000019D30122010000000000000F"),
        (0x5F34, "01"),
        (0x84, "A0000000041010"),
    ] {
        assert_eq!(hex::encode_upper(&request.elements[&tag]), value, "{tag:X}");
    }
    let signed = request.signed.as_ref().unwrap();
    assert_eq!(hex::encode_upper(&signed.hashed), HASHED.replace(char::is_whitespace, ""));
    assert_eq!(signed.signature, tap.data[&0x9F4B]);
    assert_eq!(tap.oda, OdaResult::CdaVerified { icc_dynamic_number: vec![1, 2, 3, 4, 5, 6, 7, 8] });
    assert_eq!(tap.cvm_results, Some([0x01, 0x00, 0x02]));
    assert_eq!(tap.tvr.0, [0x00, 0x00, 0x00, 0x80, 0x01]);
    assert_eq!(tap.exchanges.len(), 8);
}

#[test]
fn an_unrelated_library_agrees_on_certificates_and_signature() {
    let tap = tap(reference_trace());
    let data = |tag: u32| tap.data[&tag].as_slice();
    let terminal = reference_terminal();
    let key = &terminal.configuration().ca_public_keys[0];
    let ca =
        CaPublicKey { rid: key.rid, index: key.index, modulus: key.modulus.clone(), exponent: key.exponent.clone() };
    let today = [0x01, 0x26];
    let issuer = recover_issuer_public_key(&ca, data(0x90), Some(data(0x92)), data(0x9F32), data(0x5A), today).unwrap();
    // The AFL marks one record as signed: the first of file 2.
    let (_, record) = &reference_trace()[4];
    let mut static_data = record[3..record.len() - 2].to_vec();
    static_data.extend(data(0x82));
    let icc = recover_icc_public_key(
        &issuer,
        data(0x9F46),
        Some(data(0x9F48)),
        data(0x9F47),
        &static_data,
        data(0x5A),
        today,
    )
    .unwrap();
    let Outcome::OnlineRequest(request) = &tap.outcome else { panic!("{}", tap.outcome) };
    let signed = request.signed.as_ref().unwrap();
    let number = reference_sale().unpredictable_number;
    let verified = verify_cda(&icc, &signed.signature, number, &signed.hashed, 0x80).unwrap();
    assert_eq!(verified.application_cryptogram.as_slice(), request.elements[&0x9F26]);
    assert!(verify_cda(&icc, &signed.signature, [0; 4], &signed.hashed, 0x80).is_err());
}

#[test]
fn no_byte_of_the_cryptogram_answer_can_be_changed() {
    for byte in 0..reference_trace()[GENERATE_AC].1.len() {
        for mask in [0x01, 0x10, 0x80] {
            let tap = tap(flipped(GENERATE_AC, byte, mask));
            assert!(
                matches!(tap.outcome, Outcome::Declined { .. } | Outcome::EndApplication { .. }),
                "byte {byte} ^ {mask:02X}: {}",
                tap.outcome
            );
        }
    }
}

#[test]
fn no_byte_of_signed_record_or_certificates_can_be_changed() {
    for step in 4..7 {
        for byte in 0..reference_trace()[step].1.len() {
            let tap = tap(flipped(step, byte, 0x04));
            let verified = matches!(tap.oda, OdaResult::CdaVerified { .. } | OdaResult::KeysRecovered);
            assert!(!tap.outcome.goes_online() && !verified, "step {step}, byte {byte}: {}", tap.outcome);
        }
    }
}

#[test]
fn a_changed_certificate_is_named_marked_and_answered_with_a_decline() {
    let trace = reference_trace();
    let at = |step: usize, tag: &[u8]| trace[step].1.windows(tag.len()).position(|bytes| bytes == tag).unwrap();
    let issuer = tap(flipped(5, at(5, &[0x90, 0x81]) + 10, 0x01));
    assert!(matches!(issuer.oda, OdaResult::Failed(OdaFailure::IssuerCertificate(_))), "{}", issuer.oda);
    let icc = tap(flipped(6, at(6, &[0x9F, 0x46]) + 10, 0x01));
    assert!(matches!(icc.oda, OdaResult::Failed(OdaFailure::IccCertificate(_))), "{}", icc.oda);
    for tap in [issuer, icc] {
        assert!(tap.tvr.contains(Finding::CdaFailed));
        let asked = &tap.exchanges.last().unwrap().command;
        assert_eq!(asked[..4], [0x80, 0xAE, 0x00, 0x00], "an AAC, without CDA");
    }
}

#[test]
fn a_signature_over_other_transaction_data_is_refused() {
    let mut steps = reference_trace();
    // The card's counter outside the signature: only the transaction data hash covers it.
    steps[GENERATE_AC].1[11] = 0x02;
    let tap = tap(steps);
    let failure = OdaFailure::Signature(SignatureFault::TransactionData);
    assert_eq!(tap.outcome, Outcome::Declined { reason: DeclineReason::CdaFailed(failure) });
    assert_eq!(tap.oda, OdaResult::Failed(failure));
    assert!(tap.tvr.contains(Finding::CdaFailed));
}

#[test]
fn an_expired_certificate_is_refused() {
    let late = Sale { date: [0x31, 0x01, 0x01], ..reference_sale() };
    let tap = reference_terminal().tap(&mut ReplayCard::new(reference_trace()), &late);
    assert!(matches!(tap.oda, OdaResult::Failed(OdaFailure::IssuerCertificate(_))), "{}", tap.oda);
    assert!(tap.tvr.contains(Finding::Expired));
}

#[test]
fn an_unknown_certification_authority_is_named() {
    let mut configuration = reference_terminal().configuration().clone();
    configuration.ca_public_keys.clear();
    let terminal = pos_terminal::Terminal::new(configuration);
    let tap = terminal.tap(&mut ReplayCard::new(reference_trace()), &reference_sale());
    assert_eq!(tap.oda, OdaResult::Failed(OdaFailure::CaPublicKeyUnknown { index: 0xF9 }));
}

#[test]
fn the_timeline_names_every_command_and_the_time_on_the_air() {
    let tap = tap(reference_trace());
    let page = pos_terminal::timeline::report(&tap, pos_terminal::Style::default());
    for words in [
        "→ SELECT \"2PAY.SYS.DDF01\"  20 bytes, 2.0 ms on the air",
        "→ SELECT Mastercard",
        "→ GET PROCESSING OPTIONS",
        "  9F1D Terminal risk management data: 2C00800000000000 — signature, no CVM, verification on the device",
        "→ READ RECORD 3 of file 2",
        "→ GENERATE AC ARQC with CDA",
        "  9F02 Amount, authorised: 000000002500 — 2500 minor units",
        "    9F27 Cryptogram information data: 80 — ARQC: go online",
        "← 9000 success",
        "Offline data authentication: certificates and signature verified (CDA)",
        "9F26 Application cryptogram: D9973386371FAE14",
        "Outcome: online request",
    ] {
        assert!(page.contains(words), "{words}\n{page}");
    }
    let masked =
        pos_terminal::timeline::report(&tap, pos_terminal::Style { mask_pan: true, ..pos_terminal::Style::default() });
    assert!(!masked.contains("5413330000000019") && !masked.contains("35343133333330"), "{masked}");
}
