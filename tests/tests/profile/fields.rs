//! The fields of a card profile, what each may hold, and ways to get them wrong.

use bezant::card::{CardProfile, ProfileError, ProfileKeys};
use bezant_tests::Generation;
use serde_json::{Value, json};

/// Stands where a value is wrong; must never be seen again.
pub const CANARY: &str = "C0FFEE15BADC0DE5";
pub const CANARY_NUMBER: u32 = 3_141_592_653;

/// What a field holds.
#[derive(Clone, Copy)]
pub enum Kind {
    Bytes(usize, usize),
    Flag,
    List,
    Names(&'static str),
    Object,
    Whole(u32, u32),
}

use Kind::{Bytes, Flag, List, Names, Object, Whole};

/// Fields that must be there, below the path in front.
const REQUIRED_OF_V1: [(&str, Kind); 20] = [
    ("mppLiteModule.cardRiskManagementData", Object),
    ("mppLiteModule.cardRiskManagementData.crmCountryCode", Bytes(2, 2)),
    ("mppLiteModule.contactlessPaymentData", Object),
    ("mppLiteModule.contactlessPaymentData.aid", Bytes(5, 16)),
    ("mppLiteModule.contactlessPaymentData.ppseFci", Bytes(2, 256)),
    ("mppLiteModule.contactlessPaymentData.paymentFci", Bytes(2, 256)),
    ("mppLiteModule.contactlessPaymentData.gpoResponse", Bytes(2, 256)),
    ("mppLiteModule.contactlessPaymentData.records", List),
    ("mppLiteModule.contactlessPaymentData.records[0].recordNumber", Whole(1, 255)),
    ("mppLiteModule.contactlessPaymentData.records[0].sfi", Bytes(1, 1)),
    ("mppLiteModule.contactlessPaymentData.records[0].recordValue", Bytes(2, 256)),
    ("mppLiteModule.contactlessPaymentData.records[3].recordNumber", Whole(1, 255)),
    ("mppLiteModule.contactlessPaymentData.records[3].sfi", Bytes(1, 1)),
    ("mppLiteModule.contactlessPaymentData.records[3].recordValue", Bytes(2, 256)),
    ("mppLiteModule.contactlessPaymentData.iccPrivateKeyCrtComponents.p", Bytes(1, 128)),
    ("mppLiteModule.contactlessPaymentData.iccPrivateKeyCrtComponents.q", Bytes(1, 128)),
    ("mppLiteModule.contactlessPaymentData.iccPrivateKeyCrtComponents.dp", Bytes(1, 128)),
    ("mppLiteModule.contactlessPaymentData.iccPrivateKeyCrtComponents.dq", Bytes(1, 128)),
    ("mppLiteModule.contactlessPaymentData.iccPrivateKeyCrtComponents.u", Bytes(1, 128)),
    ("mppLiteModule", Object),
];

/// Fields without which a card can do less, or nothing less.
const OPTIONAL_OF_V1: [(&str, Kind); 10] = [
    ("businessLogicModule", Object),
    ("businessLogicModule.dualTapResetTimeout", Whole(0, 86_400)),
    ("mppLiteModule.cardRiskManagementData.additionalCheckTable", Bytes(18, 18)),
    ("mppLiteModule.contactlessPaymentData.ciacDecline", Bytes(3, 3)),
    ("mppLiteModule.contactlessPaymentData.ciacDeclineOnPpms", Bytes(2, 2)),
    ("mppLiteModule.contactlessPaymentData.cdol1RelatedDataLength", Whole(0, 255)),
    ("mppLiteModule.contactlessPaymentData.cvrMaskAnd", Bytes(6, 6)),
    ("mppLiteModule.contactlessPaymentData.iccPrivateKeyCrtComponents", Object),
    ("mppLiteModule.contactlessPaymentData.issuerApplicationData", Bytes(18, 18)),
    ("mppLiteModule.contactlessPaymentData.pinIvCvc3Track2", Bytes(2, 2)),
];

/// What only the second generation has.
const OPTIONAL_OF_V2: [(&str, Kind); 4] = [
    ("mchipCardProfile.contactlessPaymentData.cvmModel", Names("CDCVM_ALWAYS, FLEXIBLE_CDCVM or CARD_LIKE")),
    ("mchipCardProfile.contactlessPaymentData.isTransitSupported", Flag),
    ("mchipCardProfile.contactlessPaymentData.isUsAipMaskingSupported", Flag),
    ("mchipCardProfile.commonData.pan", Names("an account number of 8 to 19 digits")),
];

/// Where the contactless data of a generation stand.
pub fn contactless(generation: Generation) -> String {
    match generation {
        Generation::V1 => "mppLiteModule.contactlessPaymentData".into(),
        Generation::V2 => "mchipCardProfile.contactlessPaymentData".into(),
    }
}

/// Fields that must be there.
pub fn required(generation: Generation) -> Vec<(String, Kind)> {
    of(generation, &REQUIRED_OF_V1)
}

/// Fields that a profile may leave out.
pub fn optional(generation: Generation) -> Vec<(String, Kind)> {
    let mut fields = of(generation, &OPTIONAL_OF_V1);
    if generation == Generation::V2 {
        fields.retain(|(path, _)| !path.starts_with("businessLogicModule") && !path.ends_with("additionalCheckTable"));
        fields.extend(OPTIONAL_OF_V2.map(|(path, kind)| (path.to_owned(), kind)));
    }
    fields
}

/// The fields of the first generation under the names of another.
fn of(generation: Generation, fields: &[(&str, Kind)]) -> Vec<(String, Kind)> {
    let renamed = |path: &str| match generation {
        Generation::V1 => path.to_owned(),
        Generation::V2 => path
            .replace("mppLiteModule", "mchipCardProfile")
            .replace("cardRiskManagementData", "commonData")
            .replace("crmCountryCode", "cardCountryCode"),
    };
    fields.iter().map(|(path, kind)| (renamed(path), *kind)).collect()
}

/// The value at a path such as `a.b[2].c`, which need not be there yet.
pub fn at<'a>(json: &'a mut Value, path: &str) -> &'a mut Value {
    path.split('.').fold(json, |value, step| match step.split_once('[') {
        None => &mut value[step],
        Some((name, index)) => &mut value[name][index.trim_end_matches(']').parse::<usize>().unwrap()],
    })
}

/// The document without the member at this path.
pub fn removed(json: &Value, path: &str) -> Value {
    let mut json = json.clone();
    let (parent, name) = match path.rsplit_once('.') {
        Some((parent, name)) => (at(&mut json, parent), name),
        None => (&mut json, path),
    };
    parent.as_object_mut().unwrap().remove(name).unwrap();
    json
}

pub fn parse(text: &str) -> Result<CardProfile, ProfileError> {
    CardProfile::parse(text, &ProfileKeys::default())
}

/// The error of a document that must not be taken.
pub fn refused(json: &Value) -> ProfileError {
    refused_text(&json.to_string())
}

/// The error of a text that must not be taken.
pub fn refused_text(text: &str) -> ProfileError {
    parse(text).err().unwrap_or_else(|| panic!("was taken: {text}"))
}

/// Values that a field must not have, with what the error is to say was found, and what is wanted.
pub fn wrong_values(kind: Kind, good: &Value) -> Vec<(Value, String, String)> {
    let digits = |bytes: usize| CANARY.repeat(bytes / 8 + 1)[..2 * bytes].to_owned();
    let wants = match kind {
        Bytes(least, most) if least == most => format!("{least} bytes of hexadecimal"),
        Bytes(least, most) => format!("{least} to {most} bytes of hexadecimal"),
        Flag => "true or false".into(),
        List => "a list".into(),
        Names(_) => "a string".into(),
        Object => "an object".into(),
        Whole(least, most) => format!("a whole number from {least} to {most}"),
    };
    let mut wrong = Vec::new();
    let mut add = |value: Value, found: &str| wrong.push((value, found.to_owned(), wants.clone()));
    if !matches!(kind, Whole(..)) {
        add(json!(CANARY_NUMBER), "a number");
    }
    if !matches!(kind, Object) {
        add(json!({ "aid": CANARY }), "an object");
    }
    if !matches!(kind, List) {
        add(json!([CANARY]), "a list");
    }
    if !matches!(kind, Flag) {
        add(json!(true), "true or false");
    }
    if !matches!(kind, Bytes(..) | Names(_)) {
        add(json!(CANARY), "a string of 16 characters");
    }
    match kind {
        Bytes(least, most) => {
            let good = good.as_str().unwrap();
            for text in [digits(least - 1), digits(most + 1), digits(most + 500), good[1..].to_owned()] {
                if !text.is_empty() {
                    add(json!(text), &format!("a string of {} characters", text.len()));
                }
            }
            for digit in ["G", " ", "-", "\u{7f}"] {
                add(json!(format!("{}{digit}", &good[1..])), NO_DIGIT);
            }
            // Two bytes of text, one character.
            add(json!(format!("é{}", &good[2..])), NO_DIGIT);
        }
        Whole(least, most) => {
            add(json!(CANARY_NUMBER), "a number out of range");
            add(json!(most + 1), "a number out of range");
            if least > 0 {
                add(json!(least - 1), "a number out of range");
            }
            for number in [json!(-1), json!(1.5), json!(u64::MAX)] {
                add(number, "a number");
            }
        }
        Names(names) => wrong.push((json!(CANARY), "a string of 16 characters".into(), names.into())),
        Flag | List | Object => {}
    }
    wrong
}

/// No eight characters of the error stand in any value of the document, or in what was planted.
pub fn assert_tells_no_value(error: &ProfileError, document: &Value) {
    let mut values = vec![CANARY.repeat(2), CANARY_NUMBER.to_string()];
    hexadecimals(document, &mut values);
    let told = format!("{error} {error:?}").to_uppercase();
    for window in told.as_bytes().windows(8) {
        let window = std::str::from_utf8(window).unwrap_or("not of ASCII");
        assert!(!values.iter().any(|value| value.contains(window)), "{error} tells {window}");
    }
}

fn hexadecimals(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) if hex::decode(text).is_ok() => into.push(text.to_uppercase()),
        Value::Array(items) => items.iter().for_each(|item| hexadecimals(item, into)),
        Value::Object(members) => members.values().for_each(|member| hexadecimals(member, into)),
        _ => {}
    }
}

const NO_DIGIT: &str = "a character that is no hexadecimal digit";
