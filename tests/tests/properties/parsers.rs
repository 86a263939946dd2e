//! Whatever bytes or text come in: nothing panics, and what is read is what was written.

use crate::cases;
use bezant::WalletConfig;
use bezant::apdu::StatusWord;
use bezant::card::{CardProfile, ProfileKeys};
use bezant::tlv::{Dol, MAX_DEPTH, Reader, Tag, TlvError, Writer, WriterFull, encode, encoded_length, walk};
use bezant_tests::{Generation, Phone, Syn1, bytes};
use driver::Driver;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

/// A data object as a test holds it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Object {
    Primitive(Tag, Vec<u8>),
    Template(Tag, Vec<Object>),
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn what_is_written_is_what_is_read(objects in vec(object(), 0..4)) {
        let written = written(&objects);
        prop_assert_eq!(read(&written), Ok(objects.clone()));
        let mut flat = Vec::new();
        flatten(&objects, &mut flat);
        prop_assert_eq!(walked(&written), Ok(flat));
    }

    #[test]
    fn a_buffer_that_is_too_small_holds_whole_objects_only(objects in vec(object(), 1..4), room: Index) {
        let whole = written(&objects);
        let mut buffer = vec![0; room.index(whole.len())];
        let mut writer = Writer::new(&mut buffer);
        let mut fit = 0;
        for object in &objects {
            let (tag, value) = encoded(object);
            match writer.element(tag, &value) {
                Ok(()) => fit += 1,
                Err(WriterFull) => break,
            }
        }
        prop_assert!(fit < objects.len());
        prop_assert_eq!(writer.written(), written(&objects[..fit]));
    }

    #[test]
    fn any_bytes_are_objects_or_an_error(bytes in vec(any::<u8>(), 0..=300)) {
        let elements: Result<Vec<_>, _> = Reader::new(&bytes).collect();
        if let Ok(elements) = elements {
            let again: Vec<u8> = elements.iter().flat_map(|e| encode(e.tag, e.value).unwrap()).collect();
            prop_assert!(again.len() <= bytes.len(), "the shortest lengths are never longer");
            prop_assert_eq!(Reader::new(&again).collect::<Result<Vec<_>, _>>(), Ok(elements));
        }
        // An error ends a walk; it must not turn in circles.
        let steps = walk(&bytes).take(1_000).collect::<Vec<_>>();
        prop_assert!(steps.len() <= bytes.len());
        prop_assert!(steps.iter().rev().skip(1).all(Result::is_ok));
    }

    #[test]
    fn a_data_object_list_is_cut_where_its_lengths_say(
        list in vec((tag(false), 0..=0xFFu8), 0..12),
        noise in vec(any::<u8>(), 0..=300),
    ) {
        let line = |(tag, length): &(Tag, u8)| {
            let tag = encode(*tag, &[]).unwrap();
            [&tag[..tag.len() - 1], &[*length]].concat()
        };
        let text: Vec<u8> = list.iter().flat_map(line).collect();
        let list: Vec<(Tag, usize)> = list.into_iter().map(|(tag, length)| (tag, usize::from(length))).collect();
        let dol = Dol::parse(&text).unwrap();
        let entries: Vec<(Tag, usize)> = dol.entries().map(|entry| (entry.tag, entry.length)).collect();
        prop_assert_eq!(&entries, &list);
        let data: Vec<u8> = (0..dol.data_length()).map(|at| at.to_le_bytes()[0]).collect();
        let mut start = 0;
        for (at, (tag, length)) in list.iter().enumerate() {
            if !list[..at].iter().any(|(earlier, _)| earlier == tag) {
                prop_assert_eq!(dol.find(*tag, &data), Some(&data[start..start + length]));
                prop_assert_eq!(dol.find(*tag, &data[..start + length]), Some(&data[start..start + length]));
                prop_assert!(*length == 0 || dol.find(*tag, &data[..start + length - 1]).is_none());
            }
            start += length;
        }
        if let Ok(noise) = Dol::parse(&noise) {
            prop_assert_eq!(noise.data_length(), noise.entries().map(|entry| entry.length).sum::<usize>());
        }
    }
}

#[test]
fn templates_may_be_nested_eight_deep_and_no_deeper() {
    let nested = |depth: usize| (1..depth).fold(bytes("5A0154"), |inner, _| encode(Tag::new(0x70), &inner).unwrap());
    assert_eq!(walked(&nested(MAX_DEPTH)).map(|found| found.len()), Ok(8));
    assert_eq!(walked(&nested(MAX_DEPTH + 1)), Err(TlvError::TooDeep));
    assert_eq!(walked(&nested(200)), Err(TlvError::TooDeep));
}

proptest! {
    #![proptest_config(cases(150))]

    /// The text of a profile with a few characters changed: refused without a word of its keys, or good for a tap.
    #[test]
    fn a_damaged_profile_is_refused_or_pays_like_any_other(
        second_generation: bool,
        digits in vec(any::<(Index, Index, char)>(), 1..3),
        in_values: bool,
    ) {
        let generation = if second_generation { Generation::V2 } else { Generation::V1 };
        let mut json = Syn1::profile_json(generation);
        let mut text = json.to_string();
        for (value, at, character) in digits {
            if in_values {
                change_digit(&mut json, value, at, character);
                text = json.to_string();
            } else {
                text = changed(&text, at, character);
            }
        }
        match CardProfile::parse(&text, &ProfileKeys::default()) {
            Err(error) => prop_assert!(!tells_a_key(&error.to_string()), "{}", error),
            Ok(profile) => taps_in_order(profile)?,
        }
    }

    #[test]
    fn any_text_is_a_profile_or_an_error(text: String) {
        let parsed = CardProfile::parse(&text, &ProfileKeys::default());
        prop_assert!(parsed.is_err());
    }

    #[test]
    fn the_driver_answers_every_line_and_lives_on(
        lines in vec(any::<String>(), 0..4),
        changes in vec(any::<(Index, Index, char)>(), 0..6),
    ) {
        let (mut requests, untouched) = (requests(), changes.is_empty());
        for (request, at, character) in changes {
            let request = request.get_mut(&mut requests);
            *request = changed(request, at, character);
        }
        let mut driver = Driver::default();
        let status = r#"{"op":"status"}"#.to_owned();
        for (at, line) in requests.iter().chain(&lines).chain([&status]).enumerate() {
            let answer = driver.answer(line);
            prop_assert!(!answer.contains('\n'));
            let answer: Value = serde_json::from_str(&answer).unwrap();
            let ok = answer["ok"].as_bool().unwrap();
            prop_assert_eq!(ok, answer.get("error").is_none());
            prop_assert!(ok || at >= requests.len() || !untouched, "{}", answer);
            prop_assert!(ok || answer["error"]["code"].is_string() && answer["error"]["detail"].is_string());
            prop_assert!(!tells_a_key(&answer.to_string()), "{}", answer);
        }
    }
}

pub fn tag(constructed: bool) -> impl Strategy<Value = Tag> {
    let first = (0..4u32, 1..0x1Fu32).prop_map(move |(class, low)| class << 6 | u32::from(constructed) << 5 | low);
    let long = (0..4u32).prop_map(move |class| class << 6 | u32::from(constructed) << 5 | 0x1F);
    prop_oneof![
        first,
        (long.clone(), 0..0x80u32).prop_map(|(first, last)| first << 8 | last),
        (long, 0x80..=0xFFu32, 0..0x80u32).prop_map(|(first, middle, last)| first << 16 | middle << 8 | last),
    ]
    .prop_map(Tag::new)
}

pub fn object() -> impl Strategy<Value = Object> {
    let value = prop_oneof![9 => vec(any::<u8>(), 0..=16), 1 => vec(any::<u8>(), 100..=400)];
    let primitive = (tag(false), value).prop_map(|(tag, value)| Object::Primitive(tag, value));
    primitive.prop_recursive(7, 40, 4, |inner| {
        (tag(true), vec(inner, 0..4)).prop_map(|(tag, children)| Object::Template(tag, children))
    })
}

fn encoded(object: &Object) -> (Tag, Vec<u8>) {
    match object {
        Object::Primitive(tag, value) => (*tag, value.clone()),
        Object::Template(tag, children) => (*tag, written(children)),
    }
}

pub fn written(objects: &[Object]) -> Vec<u8> {
    let objects: Vec<(Tag, Vec<u8>)> = objects.iter().map(encoded).collect();
    let mut buffer = vec![0; objects.iter().map(|(tag, value)| encoded_length(*tag, value.len())).sum()];
    let mut writer = Writer::new(&mut buffer);
    objects.iter().for_each(|(tag, value)| writer.element(*tag, value).unwrap());
    assert_eq!(writer.written().len(), buffer.len());
    buffer
}

pub fn read(bytes: &[u8]) -> Result<Vec<Object>, TlvError> {
    Reader::new(bytes)
        .map(|element| {
            let element = element?;
            Ok(if element.tag.is_constructed() {
                Object::Template(element.tag, read(element.value)?)
            } else {
                Object::Primitive(element.tag, element.value.to_vec())
            })
        })
        .collect()
}

fn walked(bytes: &[u8]) -> Result<Vec<(Tag, Vec<u8>)>, TlvError> {
    walk(bytes).map(|element| element.map(|element| (element.tag, element.value.to_vec()))).collect()
}

fn flatten(objects: &[Object], into: &mut Vec<(Tag, Vec<u8>)>) {
    for object in objects {
        into.push(encoded(object));
        if let Object::Template(_, children) = object {
            flatten(children, into);
        }
    }
}

/// One character of a text in the place of another.
fn changed(text: &str, at: Index, character: char) -> String {
    let at = at.index(text.chars().count().max(1));
    text.chars().enumerate().map(|(i, old)| if i == at { character } else { old }).collect()
}

/// One digit of one hexadecimal value in the place of another: the JSON stays what it was.
fn change_digit(json: &mut Value, which: Index, at: Index, digit: char) {
    fn values<'a>(json: &'a mut Value, into: &mut Vec<&'a mut String>) {
        match json {
            Value::String(text) if hex::decode(&*text).is_ok() && !text.is_empty() => into.push(text),
            Value::Array(items) => items.iter_mut().for_each(|item| values(item, into)),
            Value::Object(members) => members.values_mut().for_each(|member| values(member, into)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    values(json, &mut found);
    let value = which.get_mut(&mut found);
    let digit = char::from_digit(u32::from(digit) % 16, 16).unwrap();
    **value = changed(value, at, digit);
}

/// Whether a text holds eight digits in a row of the private key or of a session key.
fn tells_a_key(text: &str) -> bool {
    let mut secrets: Vec<String> = Vec::new();
    let mut json = Syn1::profile_json(Generation::V2);
    let parts = Syn1::contactless(&mut json)["iccPrivateKeyCrtComponents"].take();
    secrets.extend(parts.as_object().unwrap().values().map(|part| part.as_str().unwrap().to_owned()));
    for credential in Syn1::credentials_json()["credentials"].as_array().unwrap() {
        secrets.extend(["contactless_umd", "contactless_md"].map(|key| credential[key].as_str().unwrap().to_owned()));
    }
    let text = text.to_uppercase();
    secrets
        .iter()
        .any(|secret| secret.as_bytes().windows(8).any(|digits| text.contains(std::str::from_utf8(digits).unwrap())))
}

/// A tap with a profile that was taken: legal status words in each step, and no credential for nothing.
fn taps_in_order(profile: CardProfile) -> Result<(), TestCaseError> {
    let (phone, id) = (Phone::new(WalletConfig::default()), Phone::id("card-1"));
    let name = profile.aid();
    if phone.wallet.install_profile(id.clone(), profile).is_err() {
        return Ok(());
    }
    phone.wallet.load_credentials(&id, Syn1::credentials()).unwrap();
    phone.wallet.activate(&id).unwrap();
    phone.verify();
    let length = u8::try_from(name.as_bytes().len()).unwrap();
    let select = [&[0x00, 0xA4, 0x04, 0x00, length][..], name.as_bytes(), &[0]].concat();
    let records = Syn1::READ_RECORDS.map(bytes);
    let rest = [Syn1::GPO, Syn1::ARQC_CDA].map(bytes);
    let mut last = Vec::new();
    for command in [bytes(Syn1::SELECT_PPSE), select].iter().chain(&records).chain(&rest) {
        last = phone.transmit(command);
        prop_assert!((2..=258).contains(&last.len()));
        prop_assert!(StatusWord::ALL.iter().any(|status| last.ends_with(&status.to_bytes())));
        prop_assert!(!last.ends_with(&StatusWord::INTERNAL.to_bytes()), "{}", hex::encode_upper(command));
    }
    let spent = 3 - phone.credentials_left("card-1");
    prop_assert_eq!(spent, usize::from(last.len() > 100), "one signature, one credential");
    Ok(())
}

/// A tap as requests of the driver.
fn requests() -> Vec<String> {
    let apdu = |hex: &str| json!({ "op": "apdu", "hex": hex });
    [
        json!({ "op": "setup", "config": { "cvm_model": "Always" }, "seed": 1, "clock": "2026-01-15T10:00:00Z" }),
        json!({ "op": "install_profile", "instrument": "card-1", "profile": Syn1::profile_json(Generation::V2) }),
        json!({
            "op": "load_credentials",
            "instrument": "card-1",
            "credentials": Syn1::credentials_json()["credentials"],
        }),
        json!({ "op": "activate", "instrument": "card-1" }),
        json!({ "op": "set_default", "instrument": "card-1" }),
        json!({ "op": "select", "instrument": "card-1" }),
        json!({ "op": "authenticate", "method": "fingerprint" }),
        apdu(Syn1::SELECT_PPSE),
        apdu(Syn1::SELECT_AID),
        apdu(Syn1::GPO),
        apdu(Syn1::ARQC_CDA),
        json!({ "op": "field_off", "reason": "link_loss" }),
        json!({ "op": "clock", "advance_ms": 1_000 }),
        json!({ "op": "status" }),
        json!({ "op": "clear_authentication" }),
        json!({ "op": "suspend", "instrument": "card-1" }),
        json!({ "op": "delete", "instrument": "card-1" }),
    ]
    .map(|request| request.to_string())
    .to_vec()
}
