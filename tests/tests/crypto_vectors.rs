//! Cryptograms against vectors that others computed: each whole, then tampered at every byte.

use bezant::crypto::{
    CryptogramInput, DynamicData, application_cryptogram, derive_cvc3, derive_transaction_id, retail_mac,
    sign_dynamic_data,
};
use bezant::emv::{
    Aip, Atc, Cvr, CvrInput, IssuerApplicationData, Pan, Reasons, TransactionConditions, UnpredictableNumber,
};
use bezant_tests::{Syn1, Vector, vectors};

/// Every way to flip the lowest bit that counts of one byte: bit 1, for bit 0 of a DES key byte is parity.
fn tampered(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    (0..bytes.len()).map(|at| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 0x02;
        bytes
    })
}

#[test]
fn the_retail_mac_is_the_one_that_others_compute() {
    for vector in vectors("retail-mac.txt") {
        let (key, message, mac) = (vector.array("Key"), vector.bytes("Message"), vector.bytes("Mac"));
        let ends_as = |key: &[u8; 16], message: &[u8]| retail_mac(key, message).ends_with(&mac);
        assert!(ends_as(&key, &message), "{}", vector.at());
        for other in tampered(&key) {
            assert!(!ends_as(&other.try_into().unwrap(), &message), "{} under another key", vector.at());
        }
        for other in tampered(&message) {
            assert!(!ends_as(&key, &other), "{} over another message", vector.at());
        }
        assert!(
            !ends_as(&key, &[&message[..], &[0x80]].concat()),
            "{}: padding is not a byte of the message",
            vector.at()
        );
    }
}

#[test]
fn parity_bits_of_a_session_key_do_not_count() {
    let keys = Syn1::session_keys(1);
    let mut odd = *keys.umd.expose_secret();
    odd.iter_mut().for_each(|byte| *byte ^= 1);
    assert_eq!(retail_mac(keys.umd.expose_secret(), b"any message"), retail_mac(&odd, b"any message"));
}

struct Cryptograms {
    umd: [u8; 8],
    md: [u8; 8],
    input: CryptogramInput,
}

fn compute(vector: &Vector, cdol1: [u8; 29], aip: [u8; 2], atc: [u8; 2], cvr: Cvr) -> Cryptograms {
    let input = CryptogramInput::compose(&cdol1, Aip::new(aip), Atc::new(u16::from_be_bytes(atc)), cvr);
    Cryptograms {
        umd: application_cryptogram(&vector.array("Umd"), &input),
        md: application_cryptogram(&vector.array("Md"), &input),
        input,
    }
}

/// The CVR of a vector, through the card's own composition where that can give it.
fn cvr(vector: &Vector) -> Cvr {
    let arqc = vector.text("Cvr").starts_with('A');
    let composed = Cvr::compose(&CvrInput {
        arqc,
        cda: arqc,
        cdcvm_done: arqc,
        cdcvm_requested: true,
        conditions: if arqc { TransactionConditions::Domestic } else { TransactionConditions::International },
        issuer_discretionary: 0,
        additional_check: None,
        reasons: if arqc {
            Reasons::NONE
        } else {
            [bezant::emv::Reason::MissingCdcvm, bezant::emv::Reason::MissingConsent].into_iter().collect()
        },
    });
    assert_eq!(composed.to_bytes(), vector.array("Cvr"), "{}", vector.at());
    composed
}

#[test]
fn both_cryptograms_and_the_issuer_data_are_the_ones_that_others_compute() {
    for vector in vectors("application-cryptogram.txt") {
        let cvr = cvr(&vector);
        let computed = compute(&vector, vector.array("Cdol1"), vector.array("Aip"), vector.array("Atc"), cvr);
        assert_eq!(computed.input.as_bytes()[..], vector.bytes("Input"), "{}", vector.at());
        assert_eq!(computed.umd, vector.array("UmdCryptogram"), "{}", vector.at());
        assert_eq!(computed.md, vector.array("MdCryptogram"), "{}", vector.at());

        let template = IssuerApplicationData::new(bezant_tests::array("0114000000000000000000000000000000FF"));
        let data = template.filled(cvr, vector.array("Dynamic"), computed.md);
        assert_eq!(data.as_bytes()[..], vector.bytes("IssuerApplicationData"), "{}", vector.at());

        if vector.optional("TransactionId").is_some() {
            let pan = Pan::from_digits("5413330000000019").unwrap();
            let atc = Atc::new(u16::from_be_bytes(vector.array("Atc")));
            assert_eq!(derive_transaction_id(&pan, atc, computed.umd).0, vector.array("TransactionId"));
        }
    }
}

#[test]
fn every_byte_under_a_cryptogram_counts() {
    for vector in vectors("application-cryptogram.txt") {
        let (cvr, aip, atc) = (cvr(&vector), vector.array("Aip"), vector.array("Atc"));
        let good = compute(&vector, vector.array("Cdol1"), aip, atc, cvr);
        let differs = |other: Cryptograms| assert!(other.umd != good.umd && other.md != good.md, "{}", vector.at());
        for cdol1 in tampered(&vector.bytes("Cdol1")) {
            differs(compute(&vector, cdol1.try_into().unwrap(), aip, atc, cvr));
        }
        for aip in tampered(&aip) {
            differs(compute(&vector, vector.array("Cdol1"), aip.try_into().unwrap(), atc, cvr));
        }
        for atc in tampered(&atc) {
            differs(compute(&vector, vector.array("Cdol1"), aip, atc.try_into().unwrap(), cvr));
        }
        for mask in [[0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xF9, 0xFF, 0xFF]] {
            differs(compute(&vector, vector.array("Cdol1"), aip, atc, cvr.masked(mask)));
        }
    }
}

#[test]
fn cvc3_and_the_crypto_atc_are_the_ones_that_others_compute() {
    for vector in vectors("cvc3.txt") {
        let cvc3 = |umd: [u8; 16], md: [u8; 16], iv: [u8; 2], number: [u8; 4], atc: [u8; 2]| {
            derive_cvc3(&umd, &md, iv, UnpredictableNumber(number), Atc::new(u16::from_be_bytes(atc)))
        };
        let (umd, md, iv, number, atc) = (
            vector.array("Umd"),
            vector.array("Md"),
            vector.array("PinIvCvc3"),
            vector.array("Number"),
            vector.array("Atc"),
        );
        let good = cvc3(umd, md, iv, number, atc);
        assert_eq!(good.code, vector.array("Code"), "{}", vector.at());
        if vector.optional("CryptoAtc").is_some() {
            assert_eq!(good.crypto_atc, vector.array("CryptoAtc"), "{}", vector.at());
        }
        // Of three decimal digits two sets meet by chance once in a thousand: each pair of numbers is looked at as one.
        let mut others = Vec::new();
        others.extend(tampered(&umd).map(|umd| (true, cvc3(umd.try_into().unwrap(), md, iv, number, atc))));
        others.extend(tampered(&md).map(|md| (false, cvc3(umd, md.try_into().unwrap(), iv, number, atc))));
        let meets = |(of_umd, other): &&(bool, bezant::crypto::Cvc3)| {
            if *of_umd { other.code == good.code } else { other.crypto_atc == good.crypto_atc }
        };
        assert!(others.iter().filter(meets).count() <= 2, "{}", vector.at());
        for iv in tampered(&iv) {
            assert_ne!(cvc3(umd, md, iv.try_into().unwrap(), number, atc), good, "{}", vector.at());
        }
        for number in tampered(&number) {
            assert_ne!(cvc3(umd, md, iv, number.try_into().unwrap(), atc), good, "{}", vector.at());
        }
        for atc in tampered(&atc) {
            assert_ne!(cvc3(umd, md, iv, number, atc.try_into().unwrap()), good, "{}", vector.at());
        }
    }
}

#[test]
fn codes_of_cards_of_others_keep_their_last_three_digits() {
    let published = vectors("cvc3.txt").into_iter().filter(|vector| vector.optional("Published").is_some());
    let mut checked = 0;
    for vector in published {
        let track_mac = retail_mac(&vector.array("Umd"), &vector.bytes("Track"));
        assert_eq!(track_mac[6..], vector.bytes("PinIvCvc3"), "{}: IVCVC3", vector.at());

        let atc = Atc::new(u16::from_be_bytes(vector.array("Atc")));
        let number = UnpredictableNumber(vector.array("Number"));
        let (umd, md) = (vector.array("Umd"), vector.array("Md"));
        let cvc3 = derive_cvc3(&umd, &md, [track_mac[6], track_mac[7]], number, atc);
        let whole: u16 = vector.text("Published").parse().unwrap();
        assert_eq!(u16::from_be_bytes(cvc3.code) % 1000, whole % 1000, "{}: CVC3", vector.at());
        checked += 1;
    }
    assert_eq!(checked, 4);
}

#[test]
fn the_digits_of_cvc3_and_crypto_atc_are_led_by_those_of_the_atc() {
    let keys = Syn1::session_keys(1);
    let (umd, md) = (keys.umd.expose_secret(), keys.md.expose_secret());
    for atc in [0u16, 1, 9, 10, 37, 99, 100, 400, 65_535] {
        let cvc3 = derive_cvc3(umd, md, [0xA1, 0xB2], UnpredictableNumber([0, 0, 7, 0x65]), Atc::new(atc));
        assert_eq!(u16::from_be_bytes(cvc3.code) / 1000, atc % 10, "ATC {atc}");
        assert_eq!(u16::from_be_bytes(cvc3.crypto_atc) / 1000, atc % 100 / 10, "ATC {atc}");
    }
}

#[test]
fn a_signature_is_the_one_that_others_verify_and_covers_every_byte() {
    let key = Syn1::icc_private_key();
    let sign = |idn: &[u8], cid: &[u8], cryptogram: &[u8], parts: [&[u8]; 3], number: &[u8]| {
        let data = DynamicData {
            idn: idn.try_into().unwrap(),
            cryptogram_information: cid[0],
            application_cryptogram: cryptogram.try_into().unwrap(),
            transaction_data: &parts,
            unpredictable_number: UnpredictableNumber(number.try_into().unwrap()),
        };
        let mut room = vec![0; key.modulus_length()];
        sign_dynamic_data(&key, &data, &mut room).unwrap();
        room
    };
    for vector in vectors("cda.txt") {
        let fields = ["Idn", "Cid", "Cryptogram", "PdolData", "Cdol1Data", "Objects", "Number"];
        let good: Vec<Vec<u8>> = fields.iter().map(|field| vector.bytes(field)).collect();
        let signature =
            |given: &[Vec<u8>]| sign(&given[0], &given[1], &given[2], [&given[3], &given[4], &given[5]], &given[6]);
        assert_eq!(signature(&good), vector.bytes("Signature"), "{}", vector.at());
        for (i, field) in fields.iter().enumerate() {
            for (at, tampered) in tampered(&good[i]).enumerate() {
                let mut other = good.clone();
                other[i] = tampered;
                assert_ne!(signature(&other), vector.bytes("Signature"), "{}: byte {at} of {field}", vector.at());
            }
        }
    }
}
