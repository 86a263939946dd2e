//! Card profiles with one thing wrong: the error says where, what was found and what is wanted, and never a value.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod fields;
mod keys;

use bezant::card::{Abort, CardOptions, TapOutcome};
use bezant_tests::{Generation, Phone, Syn1};
use fields::{
    CANARY, CANARY_NUMBER, assert_tells_no_value, at, contactless, optional, parse, refused, refused_text, removed,
    required, wrong_values,
};
use serde_json::{Value, json};

const BOTH: [Generation; 2] = [Generation::V1, Generation::V2];
#[test]
fn every_field_that_is_wrong_is_named_with_what_is_there_and_what_is_wanted() {
    for generation in BOTH {
        for (path, kind) in required(generation).into_iter().chain(optional(generation)) {
            let good = Syn1::profile_json(generation);
            for (value, found, wants) in wrong_values(kind, at(&mut good.clone(), &path)) {
                let mut json = good.clone();
                *at(&mut json, &path) = value.clone();
                let error = refused(&json);
                let told = (error.field.to_string(), error.found.as_str(), error.wants.as_str());
                assert_eq!(told, (path.clone(), found.as_str(), wants.as_str()), "{path} = {value}");
                assert_tells_no_value(&error, &good);
            }
        }
    }
}

#[test]
fn a_missing_field_is_named_unless_the_card_can_do_without_it() {
    for generation in BOTH {
        let good = Syn1::profile_json(generation);
        let missing = |path: &str| {
            let mut nothing = good.clone();
            *at(&mut nothing, path) = Value::Null;
            [removed(&good, path), nothing]
        };
        for (path, _) in required(generation).iter().filter(|(path, _)| path.contains('.')) {
            for json in missing(path) {
                let error = refused(&json);
                assert_eq!((error.field.to_string(), error.found.as_str()), (path.clone(), "nothing"));
                assert!(!error.wants.is_empty(), "{path}");
                assert_tells_no_value(&error, &good);
            }
        }
        for (path, _) in optional(generation) {
            for json in missing(&path) {
                assert!(parse(&json.to_string()).is_ok(), "{path}");
            }
        }
    }
}

#[test]
fn a_document_of_neither_generation_is_told_what_both_look_like() {
    for text in ["{}", r#"{"version": "2.0"}"#, r#"{"mchipCardProfile": null}"#] {
        let error = refused_text(text);
        assert_eq!((error.field.to_string().as_str(), error.found.as_str()), ("mchipCardProfile", "nothing"));
        assert!(error.wants.contains("mppLiteModule") && error.wants.contains("mchipCardProfile"));
    }
    for text in ["", "[]", "7", "null", &format!("\"{CANARY}\""), &format!("{{\"{CANARY}\"")] {
        let error = refused_text(text);
        assert_eq!(error.field.to_string(), "the profile");
        assert!(!error.to_string().contains(CANARY), "{error}");
    }
}

#[test]
fn a_broken_document_tells_the_place_and_nothing_of_what_stands_there() {
    for generation in BOTH {
        let good = Syn1::profile_json(generation);
        let text = serde_json::to_string_pretty(&good).unwrap();
        for end in (0..text.len() - 1).step_by(97) {
            let error = refused_text(&text[..end]);
            assert!(error.found.starts_with("broken JSON at line "), "{error}");
            assert_tells_no_value(&error, &good);
        }
    }
}

#[test]
fn unknown_fields_are_reported_with_their_path_and_left_out() {
    for generation in BOTH {
        let mut json = Syn1::profile_json(generation);
        let data = contactless(generation);
        let mut objects = vec![
            data.clone(),
            format!("{data}.records[0]"),
            format!("{data}.records[3]"),
            format!("{data}.iccPrivateKeyCrtComponents"),
        ];
        match generation {
            Generation::V1 => {
                let more = ["businessLogicModule", "mppLiteModule", "mppLiteModule.cardRiskManagementData"];
                objects.extend(more.map(String::from));
            }
            Generation::V2 => objects.extend(["mchipCardProfile", "mchipCardProfile.commonData"].map(String::from)),
        }
        for object in &objects {
            at(&mut json, object)["later"] = json!({ "aid": CANARY });
        }
        json["later"] = json!(CANARY_NUMBER);
        let profile = parse(&json.to_string()).unwrap();
        let mut expected: Vec<String> = objects.iter().map(|object| format!("{object}.later")).collect();
        expected.push("later".into());
        expected.sort();
        let mut told = profile.unknown_fields().to_vec();
        told.sort();
        assert_eq!(told, expected);
        let phone = Phone::with_profile(profile, CardOptions::default()).verified();
        assert_eq!(phone.tap(Syn1::ARQC_CDA), Phone::with_syn_1(generation).verified().tap(Syn1::ARQC_CDA));
        assert_eq!(Syn1::profile(generation).unknown_fields(), [""; 0]);
    }
}

#[test]
fn a_member_that_stands_twice_is_refused_wherever_it_stands() {
    for generation in BOTH {
        let text = Syn1::profile_json(generation).to_string();
        let data = contactless(generation);
        let (outer, inner) = match generation {
            Generation::V1 => ("mppLiteModule", "cardRiskManagementData"),
            Generation::V2 => ("mchipCardProfile", "commonData"),
        };
        for (name, object) in [
            (outer, "the profile".into()),
            (inner, outer.into()),
            ("aid", data.clone()),
            ("recordValue", format!("{data}.records[0]")),
            ("dp", format!("{data}.iccPrivateKeyCrtComponents")),
        ] {
            let member = format!("\"{name}\":");
            let twice = text.replacen(&member, &format!("{member}\"{CANARY}\",{member}"), 1);
            let error = refused_text(&twice);
            let told = (error.field.to_string(), error.found.as_str(), error.wants.as_str());
            assert_eq!(told, (object, "a member twice", "each member once"), "{name}");
        }
    }
}

#[test]
fn an_afl_may_name_only_records_that_are_there() {
    for generation in BOTH {
        let good = Syn1::profile_json(generation);
        let gpo = format!("{}.gpoResponse", contactless(generation));
        for (response, found) in [
            ("770E82021B8094080801010010010401", "record 4 of SFI 2 in the AFL, but not in the profile"),
            ("770E82021B8094080801020010010301", "record 2 of SFI 1 in the AFL, but not in the profile"),
            ("770A82021B80940418010100", "record 1 of SFI 3 in the AFL, but not in the profile"),
        ] {
            let mut json = good.clone();
            *at(&mut json, &gpo) = json!(response);
            let error = refused(&json);
            assert_eq!((error.field.to_string(), error.found.as_str()), (gpo.clone(), found));
        }
        for index in 0..4 {
            let mut json = good.clone();
            Syn1::contactless(&mut json)["records"].as_array_mut().unwrap().remove(index);
            assert_eq!(refused(&json).field.to_string(), gpo, "without records[{index}]");
            let mut json = good.clone();
            let records = Syn1::contactless(&mut json)["records"].as_array_mut().unwrap();
            records.push(records[index].clone());
            let error = refused(&json);
            assert_eq!(error.field.to_string(), format!("{}.records", contactless(generation)));
            assert_eq!(error.wants, "each record once");
        }
    }
}

#[test]
fn templates_must_be_templates() {
    for generation in BOTH {
        let good = Syn1::profile_json(generation);
        let data = contactless(generation);
        for (name, inner, overhanging) in [
            ("ppseFci", "840E32", "847F32"),
            ("paymentFci", "8407A0", "847FA0"),
            ("gpoResponse", "82021B", "827F1B"),
            ("records[2].recordValue", "8F01F9", "8F7FF9"),
        ] {
            let path = format!("{data}.{name}");
            let value = at(&mut good.clone(), &path).as_str().unwrap().to_owned();
            for wrong in [
                format!("71{}", &value[2..]),
                value[..value.len() - 2].to_owned(),
                format!("{value}00"),
                value.replacen(inner, overhanging, 1),
            ] {
                let mut json = good.clone();
                *at(&mut json, &path) = json!(wrong);
                let error = refused(&json);
                assert_eq!((error.field.to_string(), error.found.as_str()), (path.clone(), "other data"), "{wrong}");
                assert_tells_no_value(&error, &good);
            }
        }
        let mut json = good.clone();
        let path = format!("{data}.records[0].sfi");
        for p2 in ["04", "0D", "08", "FC", "00"] {
            *at(&mut json, &path) = json!(p2);
            let error = refused(&json);
            assert_eq!((error.field.to_string(), error.found.as_str()), (path.clone(), "another byte"), "{p2}");
        }
    }
}

#[test]
fn the_length_of_the_cdol1_is_read_as_hexadecimal_or_as_a_number() {
    for generation in BOTH {
        let with = |length: Value| {
            let mut json = Syn1::profile_json(generation);
            Syn1::contactless(&mut json)["cdol1RelatedDataLength"] = length;
            parse(&json.to_string())
        };
        for length in [json!("2D"), json!("2d"), json!(45)] {
            let phone = Phone::with_profile(with(length).unwrap(), CardOptions::default()).verified();
            assert_eq!(phone.tap(Syn1::ARQC_CDA).1, TapOutcome::AuthorizeOnline);
        }
        for length in [json!("2C"), json!("2E"), json!("45"), json!(44), json!(46), json!(0), json!("00"), json!(255)] {
            let error = with(length.clone()).err().unwrap_or_else(|| panic!("{length} was taken"));
            assert_eq!(error.field.to_string(), format!("{}.cdol1RelatedDataLength", contactless(generation)));
            assert_eq!(error.wants, "the 45 bytes that the CDOL1 in the records asks for");
        }
    }
}

#[test]
fn without_the_data_for_a_cryptogram_the_tap_is_aborted_and_nothing_spent() {
    for name in
        ["ciacDecline", "cvrMaskAnd", "cdol1RelatedDataLength", "issuerApplicationData", "iccPrivateKeyCrtComponents"]
    {
        for gone in [Value::Null, json!("")] {
            let mut json = Syn1::profile_json(Generation::V1);
            Syn1::contactless(&mut json)[name] = gone;
            let phone = Phone::with_profile(Syn1::parse(&json), CardOptions::default()).verified();
            assert_eq!(phone.tap(Syn1::ARQC_CDA), ("6500".into(), TapOutcome::Error), "{name}");
            assert_eq!(phone.wallet.last_tap().unwrap().abort, Some(Abort::MissingMChipData));
            assert_eq!(phone.credentials_left("card-1"), 3);
        }
    }
}
