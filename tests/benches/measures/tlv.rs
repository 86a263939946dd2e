//! Walking through every data object of SYN-1's application template and its longest record, beside other people's BER.

use crate::measuring::{Contender, Goal, Peer, Table, take_turns};
use bezant::tlv::walk;
use bezant_tests::{Generation, Phone, Syn1};
use std::hint::black_box;

pub(crate) fn run() {
    let bytes = objects();
    let table = Table::begin(&format!("Every data object in {} bytes of BER-TLV", bytes.len()));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("tlv {}\n", hex::encode_upper(&bytes))).unwrap();
    let openssl = Peer::openssl(file.path());
    let [own, library, by_openssl] = take_turns(
        60,
        2_000,
        [
            Contender::new(|| walk(black_box(&bytes)).filter(|element| element.is_ok()).count()),
            Contender::new(|| iso7816_tlv::ber::Tlv::parse_all(black_box(&bytes))),
            Contender::of_peer(openssl.as_ref(), "walk"),
        ],
    );
    table.times("walk", own, "crate iso7816-tlv", library, Goal::AtMost(0.05));
    table.times("walk", own, "OpenSSL's ASN1_get_object, in C", by_openssl, Goal::AtMost(0.5));
    let allocations = allocation_counter::measure(|| _ = black_box(walk(&bytes).count())).count_total;
    table.number("heap allocations", allocations as f64, "", Goal::AtMost(0.0));
    table.number("gigabytes a second", bytes.len() as f64 / own.least, "", Goal::AtLeast(1.5));
}

/// What a card answers to SELECT, and its longest record.
pub(crate) fn objects() -> Vec<u8> {
    let phone = Phone::with_syn_1(Generation::V1);
    let mut answers = phone.transmit(&bezant_tests::bytes(Syn1::SELECT_AID));
    answers.truncate(answers.len() - 2);
    phone.transmit(&bezant_tests::bytes(Syn1::GPO));
    let records = Syn1::READ_RECORDS.map(|command| phone.transmit(&bezant_tests::bytes(command)));
    let longest = records.iter().max_by_key(|record| record.len()).unwrap();
    answers.extend_from_slice(&longest[..longest.len() - 2]);
    answers
}
