//! The same bytes through two libraries that others wrote: the crates `emv` and `iso7816-tlv`. What they read otherwise,
//! or do not read, is named here, and nothing else may differ.

use crate::cases;
use crate::parsers::{Object, object, read, tag, written};
use bezant::tlv::{Dol, MAX_DEPTH, Reader, Tag, TlvError, encode, walk};
use bezant_tests::bytes;
use emv::core::tlv::{self as emv_tlv, Value};
use iso7816_tlv::ber;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// How a test spoils bytes.
#[derive(Clone, Debug)]
enum Damage {
    Overwritten(Index, u8),
    Inserted(Index, u8),
    Removed(Index),
    CutOff(Index),
}

/// How one object is written where it need not be in the shortest way.
#[derive(Clone, Debug)]
struct Spelling {
    /// Bytes of the length, or the shortest number for 0.
    length_bytes: usize,
    /// Zero bytes in front.
    padding: usize,
}

proptest! {
    #![proptest_config(cases(3_000))]

    /// EMV Book 3 annex B as two programs read it, to the last byte. They part in three points only: the other crate has
    /// no limit of depth, takes tags of four bytes, and lengths of three and four.
    #[test]
    fn the_emv_crate_takes_and_refuses_the_same_bytes(bytes in anything()) {
        let theirs = emv_tlv::Tlv::parse_all(&bytes).ok().map(|objects| of_emv(&objects));
        match (ours(&bytes), theirs) {
            (Ok(ours), theirs) => prop_assert_eq!(Some(ours), theirs),
            (Err(TlvError::Truncated | TlvError::LengthIndefinite), theirs) => prop_assert_eq!(theirs, None),
            (Err(_), None) => {}
            (Err(TlvError::TooDeep), Some(theirs)) => prop_assert!(depth(&theirs) > MAX_DEPTH),
            (Err(TlvError::TagTooLong), Some(theirs)) => prop_assert!(longest_tag(&theirs) == 4),
            (Err(TlvError::LengthTooLong), Some(theirs)) => prop_assert!(written(&theirs).len() < bytes.len()),
            (Err(other), Some(_)) => prop_assert!(false, "{other}"),
        }
    }

    /// The other crate knows no padding, and measures a template by the shortest spelling of what is in it. Where there
    /// is no padding and every length is in its shortest form, both read the same.
    #[test]
    fn the_iso_7816_crate_reads_the_same_from_what_is_written_in_the_shortest_way(bytes in anything()) {
        let (ours, theirs) = (ours(&bytes), of_iso(&bytes));
        if let Ok(ours) = &ours && written(ours) == bytes {
            prop_assert_eq!(theirs.as_ref(), Some(ours));
        }
        if let Some(theirs) = &theirs && written(theirs) == bytes {
            let expected = if depth(theirs) > MAX_DEPTH { Err(TlvError::TooDeep) } else { Ok(theirs.clone()) };
            prop_assert_eq!(ours, expected);
        }
    }

    /// A list's lengths are one byte (EMV Book 3 section 5.4). The other crate takes tags of one and two bytes, and
    /// they agree wherever there is no longer one.
    #[test]
    fn the_emv_crate_reads_the_same_data_object_lists(
        list in vec((tag(false), 0..=0xFFu8), 0..12),
        damage in damages(),
    ) {
        let line = |(tag, length): &(Tag, u8)| [encode(*tag, &[]).unwrap().split_last().unwrap().1, &[*length]].concat();
        let bytes = damaged(list.iter().flat_map(line).collect(), &damage);
        let ours: Option<Vec<(u32, usize)>> =
            Dol::parse(&bytes).ok().map(|list| list.entries().map(|line| (line.tag.number(), line.length)).collect());
        let theirs: Option<Vec<(u32, usize)>> = emv::core::dol::Dol::parse(&bytes)
            .ok()
            .map(|list| list.0.iter().map(|line| (line.tag.0, usize::from(line.length))).collect());
        let plain = |list: &Option<Vec<(u32, usize)>>| {
            list.as_ref().is_some_and(|list| list.iter().all(|(tag, _)| *tag <= 0xFFFF))
        };
        if plain(&theirs) || plain(&ours) {
            prop_assert_eq!(ours, theirs);
        }
    }
}

#[test]
fn padding_is_passed_over_between_objects_and_within_templates() {
    let padded = bytes("0000 70060000 5A0154 00 0000 9C0100");
    let read = vec![template(0x70, vec![leaf(0x5A, &[0x54])]), leaf(0x9C, &[0])];
    assert_eq!(ours(&padded), Ok(read.clone()));
    assert_eq!(emv_tlv::Tlv::parse_all(&padded).map(|objects| of_emv(&objects)).ok(), Some(read));
    assert_eq!(of_iso(&padded), None, "the ISO 7816 crate takes a zero for a tag");
}

#[test]
fn lengths_may_be_longer_than_they_need_to_be_but_not_than_two_bytes() {
    for (text, taken) in [("5A0154", true), ("5A810154", true), ("5A82000154", true), ("5A8300000154", false)] {
        let bytes = bytes(text);
        let read = vec![leaf(0x5A, &[0x54])];
        assert_eq!(ours(&bytes), if taken { Ok(read.clone()) } else { Err(TlvError::LengthTooLong) }, "{text}");
        let theirs = emv_tlv::Tlv::parse_all(&bytes).map(|objects| of_emv(&objects));
        assert_eq!(theirs.ok(), Some(read.clone()), "{text}: the crate emv takes up to four bytes");
        assert_eq!(of_iso(&bytes), Some(read), "{text}: as does iso7816-tlv");
    }
    // Within a template the ISO 7816 crate expects the shortest form.
    let nested = bytes("7004 5A810154");
    assert_eq!(ours(&nested), Ok(vec![template(0x70, vec![leaf(0x5A, &[0x54])])]));
    assert_eq!(of_iso(&nested), None);
}

#[test]
fn an_indefinite_length_is_refused() {
    let bytes = bytes("7080 5A0154 0000");
    assert_eq!(ours(&bytes), Err(TlvError::LengthIndefinite));
    assert!(emv_tlv::Tlv::parse_all(&bytes).is_err());
    assert!(of_iso(&bytes[..2]).is_some(), "the ISO 7816 crate takes it for a length of zero");
}

/// Objects in any legal spelling, some nested too deep, some spoilt.
fn anything() -> impl Strategy<Value = Vec<u8>> {
    let spelling = (prop_oneof![6 => Just(0usize), 1 => 1..=4usize], prop_oneof![9 => Just(0usize), 1 => 1..3usize])
        .prop_map(|(length_bytes, padding)| Spelling { length_bytes, padding });
    let wraps = prop_oneof![9 => Just(0usize), 1 => 4..10usize];
    let short = prop_oneof![2 => Just(true), 1 => Just(false)];
    (vec(object(), 0..3), wraps, short, vec(spelling, 1..12), damages()).prop_map(
        |(objects, wraps, short, spellings, damage)| {
            let wrap = |objects, _| vec![Object::Template(Tag::new(0x70), objects)];
            let objects = (0..wraps).fold(objects, wrap);
            let mut spellings = spellings.iter().cycle();
            let bytes = if short { written(&objects) } else { spelled(&objects, &mut spellings) };
            damaged(bytes, &damage)
        },
    )
}

fn damages() -> impl Strategy<Value = Vec<Damage>> {
    // Bytes that mean something to a parser come more often than chance would bring them.
    let byte = prop_oneof![
        3 => any::<u8>(),
        2 => prop::sample::select(vec![0x00, 0x1F, 0x3F, 0x70, 0x7F, 0x80, 0x81, 0x82, 0x83, 0x84, 0x9F, 0xFF]),
    ];
    let damage = prop_oneof![
        (any::<Index>(), byte.clone()).prop_map(|(at, byte)| Damage::Overwritten(at, byte)),
        (any::<Index>(), byte).prop_map(|(at, byte)| Damage::Inserted(at, byte)),
        any::<Index>().prop_map(Damage::Removed),
        any::<Index>().prop_map(Damage::CutOff),
    ];
    prop_oneof![1 => Just(Vec::new()), 1 => vec(damage, 1..4)]
}

fn damaged(mut bytes: Vec<u8>, damages: &[Damage]) -> Vec<u8> {
    for damage in damages {
        match damage {
            Damage::Inserted(at, byte) => bytes.insert(at.index(bytes.len() + 1), *byte),
            _ if bytes.is_empty() => {}
            Damage::Overwritten(at, byte) => *at.get_mut(&mut bytes) = *byte,
            Damage::Removed(at) => drop(bytes.remove(at.index(bytes.len()))),
            Damage::CutOff(at) => bytes.truncate(at.index(bytes.len())),
        }
    }
    bytes
}

fn spelled<'a>(objects: &[Object], spellings: &mut impl Iterator<Item = &'a Spelling>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for object in objects {
        let Spelling { length_bytes, padding } = spellings.next().unwrap();
        let (tag, value) = match object {
            Object::Primitive(tag, value) => (tag, value.clone()),
            Object::Template(tag, children) => (tag, spelled(children, spellings)),
        };
        let shortest = encode(*tag, &value).unwrap();
        bytes.resize(bytes.len() + padding, 0);
        let longest = (1_u64 << (8 * length_bytes)) - 1;
        if *length_bytes == 0 || u64::try_from(value.len()).unwrap() > longest {
            bytes.extend(shortest);
        } else {
            bytes.extend(encode(*tag, &[]).unwrap().split_last().unwrap().1);
            bytes.push(0x80 | u8::try_from(*length_bytes).unwrap());
            let length = u32::try_from(value.len()).unwrap().to_be_bytes();
            bytes.extend(&length[4 - length_bytes..]);
            bytes.extend(value);
        }
    }
    bytes
}

/// What the wallet reads; the walk goes first, for it alone limits the depth.
fn ours(bytes: &[u8]) -> Result<Vec<Object>, TlvError> {
    walk(bytes).try_for_each(|element| element.map(drop))?;
    let read = read(bytes)?;
    assert_eq!(Reader::new(bytes).count(), read.len());
    Ok(read)
}

fn of_emv(objects: &[emv_tlv::Tlv]) -> Vec<Object> {
    let object = |object: &emv_tlv::Tlv| match object.value() {
        Value::Primitive(value) => Object::Primitive(Tag::new(object.tag().0), value.clone()),
        Value::Constructed(children) => Object::Template(Tag::new(object.tag().0), of_emv(children)),
    };
    objects.iter().map(object).collect()
}

/// `None` unless the whole is read: `parse_all` of the crate keeps silent about a rest.
fn of_iso(mut bytes: &[u8]) -> Option<Vec<Object>> {
    fn object_of(object: &ber::Tlv) -> Object {
        let tag = Tag::new(u32::try_from(Into::<u64>::into(object.tag().clone())).unwrap());
        match object.value() {
            ber::Value::Primitive(value) => Object::Primitive(tag, value.clone()),
            ber::Value::Constructed(children) => Object::Template(tag, children.iter().map(object_of).collect()),
        }
    }
    let mut objects = Vec::new();
    while !bytes.is_empty() {
        let (read, rest) = ber::Tlv::parse(bytes);
        objects.push(object_of(&read.ok()?));
        bytes = rest;
    }
    Some(objects)
}

fn depth(objects: &[Object]) -> usize {
    let below = |object: &Object| match object {
        Object::Primitive(..) => 0,
        Object::Template(_, children) => depth(children),
    };
    // An empty template has a level below it too, as the wallet's walk counts.
    1 + objects.iter().map(below).max().unwrap_or_default()
}

fn longest_tag(objects: &[Object]) -> usize {
    let length = |object: &Object| match object {
        Object::Primitive(tag, _) => tag_length(*tag),
        Object::Template(tag, children) => tag_length(*tag).max(longest_tag(children)),
    };
    objects.iter().map(length).max().unwrap_or_default()
}

fn tag_length(tag: Tag) -> usize {
    (4 - tag.number().leading_zeros() / 8) as usize
}

fn leaf(tag: u32, value: &[u8]) -> Object {
    Object::Primitive(Tag::new(tag), value.to_vec())
}

fn template(tag: u32, children: Vec<Object>) -> Object {
    Object::Template(Tag::new(tag), children)
}
