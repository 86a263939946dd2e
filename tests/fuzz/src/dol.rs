use crate::phone::Phone;
use arbitrary::Unstructured;
use bezant::WalletConfig;
use bezant::card::{AcRequest, DolExtension, Rehearsal};
use bezant::tlv::{Dol, Tag};
use bezant::wallet::WhatIfEnd;
use std::cell::OnceCell;

/// A data object list, the data that a terminal sends for it, and a terminal's data objects that fill the lists of a card.
///
/// The first byte tells where the list ends and the data begin; the objects are read from the data.
///
/// Wherever no tag is longer than two bytes, the crate `emv` reads the same list or refuses it too. A list that parses is what its entries say; each value is cut where the lengths say, also from data that end too soon;
/// a list of a configuration's form is one entry; and a terminal that is imagined with any objects whatever changes
/// nothing, is understood by 9F02, and never ends in "internal error".
pub fn dol(data: &[u8]) {
    let Some((at, rest)) = data.split_first() else { return };
    let (list, values) = rest.split_at(usize::from(*at).min(rest.len()));
    is_read_alike(list);
    if let Ok(list) = Dol::parse(list) {
        holds(&list, values);
    }
    if let Some(extension) = DolExtension::parse(list) {
        let dol = Dol::parse(list).unwrap();
        assert_eq!(dol.entries().count(), 1, "{extension:?}");
    }
    PHONE.with(|phone| imagine(phone.get_or_init(|| Phone::with_syn_1(WalletConfig::default(), None)), rest));
}

/// The other crate knows no tags of three bytes.
fn is_read_alike(list: &[u8]) {
    let lines = |list: Dol<'_>| list.entries().map(|line| (line.tag.number(), line.length)).collect();
    let ours: Option<Vec<(u32, usize)>> = Dol::parse(list).ok().map(lines);
    let theirs = emv::core::dol::Dol::parse(list).ok();
    let theirs: Option<Vec<(u32, usize)>> =
        theirs.map(|list| list.0.iter().map(|line| (line.tag.0, usize::from(line.length))).collect());
    let is_short = |lines: &Vec<(u32, usize)>| lines.iter().all(|(tag, _)| *tag <= 0xFFFF);
    if ours.as_ref().is_some_and(is_short) || theirs.as_ref().is_some_and(is_short) {
        assert_eq!(ours, theirs, "{}", hex::encode_upper(list));
    }
}

fn holds(list: &Dol<'_>, values: &[u8]) {
    let entries: Vec<_> = list.entries().collect();
    assert_eq!(list.data_length(), entries.iter().map(|entry| entry.length).sum::<usize>());
    let mut start = 0;
    for (place, entry) in entries.iter().enumerate() {
        let first = entries.iter().position(|other| other.tag == entry.tag) == Some(place);
        if first {
            assert_eq!(list.entry(entry.tag), Some(*entry));
            assert_eq!(list.find(entry.tag, values), values.get(start..start + entry.length), "{:?}", entry.tag);
        }
        start += entry.length;
    }
    assert!(!entries.is_empty() || list.as_bytes().is_empty());
}

fn imagine(phone: &Phone, objects: &[u8]) {
    let mut objects = Unstructured::new(objects);
    let mut terminal = Rehearsal::default();
    let flags: u8 = objects.arbitrary().unwrap_or_default();
    (terminal.mag_stripe, terminal.request) = (flags & 1 != 0, AcRequest { aac: flags & 2 != 0, cda: flags & 4 != 0 });
    while !objects.is_empty() {
        let place: u8 = objects.arbitrary().unwrap_or_default();
        let tag = TAGS[usize::from(place) % TAGS.len()];
        let length = objects.arbitrary::<u8>().unwrap_or_default() % 16;
        let value = objects.bytes(usize::from(length).min(objects.len())).unwrap_or_default();
        terminal.objects.push((Tag::new(tag), value.to_vec()));
    }
    let answer = phone.wallet.what_if(&terminal).unwrap();
    let amount = terminal.objects.iter().find(|(tag, _)| *tag == Tag::new(0x9F02)).map(|(_, value)| value.as_slice());
    let told = match answer.end {
        WhatIfEnd::Refused(status) => {
            assert_ne!(status, bezant::apdu::StatusWord::INTERNAL);
            return;
        }
        WhatIfEnd::Decided { transaction, decision } => {
            assert!(!decision.to_string().is_empty());
            transaction.amount
        }
        WhatIfEnd::TerminalDeclines { transaction } => transaction.amount,
        _ => return,
    };
    // Numeric: filled with zeros and cut in front.
    let amount = amount.unwrap_or_default();
    let digits = hex::encode(&amount[amount.len().saturating_sub(6)..]);
    assert_eq!(told.map(|amount| amount.minor_units()), Some(digits.parse().unwrap_or(0)), "{digits}");
}

thread_local! {
    static PHONE: OnceCell<Phone> = const { OnceCell::new() };
}

/// What SYN-1 asks for in its three lists, and one that it does not.
const TAGS: [u32; 19] = [
    0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37, 0x9F35, 0x9F45, 0x9F4C, 0x9F34, 0x9F15, 0x9F1D, 0x9F33,
    0x9F6A, 0x9F7E, 0x9F66, 0x9F5C,
];
