use crate::secrets::{credential, tells_a_key};
use arbitrary::{Result, Unstructured};
use bezant::apdu::StatusWord;
use bezant::card::{CardOptions, CardProfile, DolExtension, ProfileKeys, ProfileSource};
use bezant::cdcvm::CdcvmMethod;
use bezant::instrument::InstrumentId;
use bezant::{Wallet, WalletConfig};
use bezant_tests::{Generation, Syn1, bytes};
use serde_json::Value;
use std::sync::LazyLock;

/// A profile: any text where the first byte is even, else SYN-1 of one generation or the other with changes that the
/// rest describes. Every fourth keeps its private key, which is proved each time and takes most of the time.
///
/// It is refused without a word of its keys, or it pays like any other: legal status words in every step, no "internal
/// error", at most one credential for one answer. What it gives to a store, without its keys, is a card that
/// answers.
pub fn profile(data: &[u8]) {
    let Some((how, rest)) = data.split_first() else { return };
    let json = if how & 1 == 0 {
        let Ok(text) = str::from_utf8(rest) else { return };
        text.to_owned()
    } else {
        let base = &BASES[usize::from(how >> 1 & 1)];
        let mut json = if how >> 2 & 3 == 0 { base.whole.clone() } else { base.without_key.clone() };
        let mut changes = Unstructured::new(rest);
        for _ in 0..MOST_CHANGES {
            if changes.is_empty() || change(&mut json, &mut changes).is_err() {
                break;
            }
        }
        json.to_string()
    };
    match CardProfile::parse(&json, &ProfileKeys::default()) {
        Err(error) => assert!(!tells_a_key(&error.to_string()), "{error}"),
        Ok(mut profile) => {
            let aid = profile.aid();
            let source = profile.take_source().unwrap();
            assert_eq!(source.json(), json);
            let kept = ProfileSource::from_bytes(source.to_bytes().expose_secret()).unwrap();
            assert_eq!(kept.json(), json);
            pays_or_refuses(profile, how >> 5);
            let face = source.face().unwrap();
            assert!(!tells_a_key(&face) || tells_a_key_elsewhere(&json), "{face}");
            assert_eq!(CardProfile::parse_face(&face).map(|face| face.aid()), Ok(aid));
        }
    }
}

/// Whether a change has put the private key where a profile has none.
fn tells_a_key_elsewhere(json: &str) -> bool {
    let mut json: Value = serde_json::from_str(json).unwrap();
    for module in ["mppLiteModule", "mchipCardProfile"] {
        if let Some(Value::Object(data)) = json.get_mut(module).and_then(|json| json.get_mut("contactlessPaymentData"))
        {
            data.remove("iccPrivateKeyCrtComponents");
        }
    }
    tells_a_key(&json.to_string())
}

/// One change at a place that the input chooses.
fn change(json: &mut Value, changes: &mut Unstructured<'_>) -> Result<()> {
    let (which, how) = (changes.arbitrary::<u8>()?, changes.arbitrary::<u8>()?);
    let mut places = Vec::new();
    collect(json, String::new(), &mut places);
    let place = places[usize::from(which) % places.len()].clone();
    let other = places[usize::from(changes.arbitrary::<u8>()?) % places.len()].clone();
    let other = json.pointer(&other).cloned().unwrap_or_default();
    let (parent, name) = place.rsplit_once('/').unwrap_or(("", &place));
    match how % 12 {
        // Another digit.
        0..=3 => {
            let (at, digit) = (changes.arbitrary::<u16>()?, changes.arbitrary::<u8>()?);
            if let Some(Value::String(text)) = json.pointer_mut(&place)
                && !text.is_empty()
                && text.is_ascii()
            {
                let at = usize::from(at) % text.len();
                let digit = char::from_digit(u32::from(digit) % 16, 16).unwrap_or('0');
                text.replace_range(at..=at, &digit.to_string());
            }
        }
        // Cut, or with more at its end.
        4 => {
            let (at, more) = (changes.arbitrary::<u8>()?, changes.arbitrary::<u8>()?);
            if let Some(Value::String(text)) = json.pointer_mut(&place) {
                let at = text.len().saturating_sub(usize::from(at));
                text.truncate(if text.is_char_boundary(at) { at } else { 0 });
                (0..more % 8).for_each(|_| text.push_str("9F"));
            }
        }
        // Bytes of the input.
        5 => {
            let length = usize::from(changes.arbitrary::<u8>()?).min(changes.len());
            let bytes = changes.bytes(length)?;
            *json.pointer_mut(&place).unwrap() = Value::String(hex::encode_upper(bytes));
        }
        6 => *json.pointer_mut(&place).unwrap() = other,
        7 => *json.pointer_mut(&place).unwrap() = Value::from(changes.arbitrary::<i16>()?),
        // Without it.
        8 => match json.pointer_mut(parent) {
            Some(Value::Object(members)) => drop(members.remove(name)),
            Some(Value::Array(items)) => drop(name.parse().map(|at: usize| items.remove(at))),
            _ => {}
        },
        // One more member, under a name that a profile may have.
        9 | 10 => {
            let name = OPTIONAL[usize::from(changes.arbitrary::<u8>()?) % OPTIONAL.len()];
            let parent = if json.pointer(&place).is_some_and(Value::is_object) { &place } else { parent };
            if let Some(Value::Object(members)) = json.pointer_mut(parent) {
                members.insert(name.to_owned(), other);
            }
        }
        // Twice.
        _ => {
            if let Some(Value::Array(items)) = json.pointer_mut(parent) {
                let copy = items.first().cloned();
                items.extend(copy);
            } else {
                *json.pointer_mut(&place).unwrap() = Value::Null;
            }
        }
    }
    Ok(())
}

/// The places of all values but the outermost.
fn collect(json: &Value, at: String, into: &mut Vec<String>) {
    let mut below = |name: &str, value: &Value| {
        let place = format!("{at}/{name}");
        into.push(place.clone());
        collect(value, place, into);
    };
    match json {
        Value::Array(items) => items.iter().enumerate().for_each(|(i, item)| below(&i.to_string(), item)),
        Value::Object(members) => members.iter().for_each(|(name, value)| below(name, value)),
        _ => {}
    }
    if into.is_empty() {
        into.push(String::new());
    }
}

/// A tap with a profile that was taken.
fn pays_or_refuses(profile: CardProfile, extensions: u8) {
    let extension = |hex: &&str| DolExtension::parse(&bytes(hex)).unwrap();
    let extra = EXTENSIONS.iter().take(usize::from(extensions / 2)).map(extension);
    let card = CardOptions {
        mag_stripe: profile.has_mag_stripe_data(),
        extra_pdol: extra.clone().collect(),
        extra_udol: extra.filter(|_| extensions & 1 == 1).collect(),
    };
    let wallet = Wallet::new(WalletConfig { card, ..WalletConfig::default() }).unwrap();
    let id = InstrumentId::new("card-1").unwrap();
    let name = profile.aid();
    if wallet.install_profile(id.clone(), profile).is_err() {
        return;
    }
    wallet.load_credentials(&id, vec![credential(1), credential(2)]).unwrap();
    wallet.activate(&id).unwrap();
    wallet.set_user_authenticated(CdcvmMethod::Fingerprint, None, None).unwrap();
    let length = u8::try_from(name.as_bytes().len()).unwrap();
    let select = [&[0x00, 0xA4, 0x04, 0x00, length][..], name.as_bytes(), &[0]].concat();
    let mut answered = 0;
    for command in COMMANDS.iter().enumerate().map(|(at, command)| if at == 1 { &select } else { command }) {
        let answer = wallet.process_command_apdu(command).to_vec();
        assert!((2..=258).contains(&answer.len()), "{}", hex::encode(&answer));
        assert!(StatusWord::ALL.iter().any(|status| answer.ends_with(&status.to_bytes())), "{}", hex::encode(&answer));
        assert!(!answer.ends_with(&StatusWord::INTERNAL.to_bytes()), "{}", hex::encode_upper(command));
        answered += usize::from(bezant::card::asks_for_keys(command) && answer.len() > 2);
    }
    let spent = 2 - wallet.instruments()[0].credentials_left;
    assert!(spent <= answered.min(1), "{spent} credentials for {answered} answers");
}

struct Base {
    whole: Value,
    without_key: Value,
}

static BASES: LazyLock<[Base; 2]> = LazyLock::new(|| {
    [Generation::V1, Generation::V2].map(|generation| {
        let whole = Syn1::profile_json(generation);
        let mut without_key = whole.clone();
        Syn1::contactless(&mut without_key).as_object_mut().unwrap().remove("iccPrivateKeyCrtComponents");
        Base { whole, without_key }
    })
});

/// The second is replaced by a SELECT of the application; both modes, for not every profile has both.
static COMMANDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let commands = [Syn1::SELECT_PPSE, Syn1::SELECT_AID, Syn1::GPO].into_iter().chain(Syn1::READ_RECORDS);
    commands.chain([Syn1::ARQC_CDA, Syn1::ARQC, CHECKSUM]).map(bytes).collect()
});

const CHECKSUM: &str = "802A8E80160000076503000000002500098506160026011554112200";
const MOST_CHANGES: usize = 8;
/// What a configuration may ask for beyond the profile.
const EXTENSIONS: [&str; 3] = ["9F1502", "9F5C08", "9F3303"];
/// Members that SYN-1 has none of, or not in both generations.
const OPTIONAL: [&str; 8] = [
    "alternateContactlessPaymentData",
    "additionalCheckTable",
    "iccKek",
    "dualTapResetTimeout",
    "cvmModel",
    "isUsAipMaskingSupported",
    "ciacDecline",
    "anythingElse",
];
