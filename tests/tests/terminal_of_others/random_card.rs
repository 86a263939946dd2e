//! Cards that an issuer could make, laid out at random: which optional objects, in which records, behind which file
//! locator, certified under which keys. Written and encoded with what others wrote; keys and certificates are the sandbox's.

use crate::dice::Dice;
use crate::layout::Layout;
use bezant_tests::{Generation, Syn1};
use emv::core::oda::CaPublicKey;
use emv::core::tag::Tag;
use emv::core::tlv::Tlv;
use sandbox::certificates::{Certificate, Validity, certify_icc, certify_issuer};
use sandbox::keys::{Exponent, KeyPair};
use serde_json::{Value, json};

/// Keys, made once and used by many cards.
pub struct Keys {
    pub authorities: Vec<KeyPair>,
    pub issuers: Vec<KeyPair>,
    pub cards: Vec<KeyPair>,
}

/// A card and what a terminal has to find.
pub struct RandomCard {
    pub profile: Value,
    pub credential: Value,
    pub authority: CaPublicKey,
    pub names: Vec<Vec<u8>>,
    /// Bytes 2 and 3 of the terminal verification results at the end of a good tap.
    pub results: [u8; 2],
    /// Certificates and remainders as they stand in records, to be damaged.
    pub certificates: Vec<Vec<u8>>,
}

impl Keys {
    /// Card keys of every size that a profile may bring, of both exponents.
    pub fn make() -> Self {
        let mut dice = Dice::new(0);
        let mut keys = |lengths: &mut dyn Iterator<Item = usize>| -> Vec<KeyPair> {
            let mut key = |length, exponent| KeyPair::generate(8 * length, exponent, dice.rng()).unwrap();
            lengths.flat_map(|length| [key(length, Exponent::Three), key(length, Exponent::F4)]).collect()
        };
        Self {
            authorities: keys(&mut [128, 144, 176, 248].into_iter()),
            issuers: keys(&mut [96, 97, 112, 127, 128, 144, 145, 160, 176, 200].into_iter()),
            cards: keys(&mut (96..=176)),
        }
    }
}

impl RandomCard {
    pub fn new(dice: &mut Dice, keys: &Keys, icc: &KeyPair) -> Self {
        let above = |keys: &[KeyPair], below: &KeyPair, dice: &mut Dice| {
            let long_enough = |key: &&KeyPair| key.public().byte_length() >= below.public().byte_length();
            let fitting: Vec<&KeyPair> = keys.iter().filter(long_enough).collect();
            dice.pick(&fitting).to_owned().clone()
        };
        let issuer = above(&keys.issuers, icc, dice);
        let authority = above(&keys.authorities, &issuer, dice);

        let pan = format!("5{}", dice.digits(15, 18));
        let data = CardData::random(dice, &pan);
        let mut layout = Layout::of_signed(dice, data.signed.clone());
        let aip = data.aip;
        let static_data = [layout.static_data(), if data.signs_aip { aip.to_vec() } else { Vec::new() }].concat();
        let validity = Validity { expiry: [0x12, 0x40], serial: dice.bytes() };
        let issuer_certificate =
            certify_issuer(&authority, issuer.public(), packed(pan.get(..6).unwrap()), validity).unwrap();
        let card_certificate = certify_icc(&issuer, icc.public(), packed(&pan), validity, &static_data).unwrap();
        let index = dice.bytes::<1>();
        let mut unsigned = vec![object(0x8F, &index)];
        unsigned.extend(objects([0x9F32, 0x92, 0x90], &issuer_certificate));
        unsigned.extend(objects([0x9F47, 0x9F48, 0x9F46], &card_certificate));
        layout.add_unsigned(dice, unsigned);

        let names = data.names.clone();
        let generation = dice.pick(&[Generation::V1, Generation::V2]).to_owned();
        let certificates = [issuer_certificate, card_certificate]
            .into_iter()
            .flat_map(|certificate| [certificate.certificate, certificate.remainder])
            .filter(|value| value.len() > 4)
            .collect();
        Self {
            profile: data.profile(generation, &layout, icc),
            credential: json!({
                "atc": u16::from_be_bytes(dice.bytes()).max(1),
                "idn": hex::encode(dice.bytes::<8>()),
                "contactless_umd": hex::encode(dice.bytes::<16>()),
                "contactless_md": hex::encode(dice.bytes::<16>()),
            }),
            authority: CaPublicKey {
                rid: RID,
                index: index[0],
                modulus: authority.public().modulus(),
                exponent: authority.public().exponent().to_bytes(),
            },
            names,
            results: data.results,
            certificates,
        }
    }
}

/// What the issuer chose, apart from keys and records.
struct CardData {
    signed: Vec<Tlv>,
    aip: [u8; 2],
    signs_aip: bool,
    names: Vec<Vec<u8>>,
    pdols: Vec<Vec<u8>>,
    cdol1_length: usize,
    country: [u8; 2],
    cvm_model: &'static str,
    results: [u8; 2],
}

impl CardData {
    fn random(dice: &mut Dice, pan: &str) -> Self {
        let mut results = [0; 2];
        let mut signed = vec![object(0x5A, &packed::<10>(pan)[..pan.len().div_ceil(2)])];

        // The tap is on 2026-01-15.
        let expiry = dice.pick(&[[0x26, 0x01, 0x15], [0x26, 0x01, 0x31], [0x34, 0x12, 0x31], [0x26, 0x01, 0x14]]);
        results[0] |= if *expiry < TODAY { EXPIRED } else { 0 };
        signed.push(object(0x5F24, expiry));
        if dice.chance(50) {
            let effective = dice.pick(&[[0x25, 0x06, 0x01], [0x26, 0x01, 0x15], [0x26, 0x01, 0x16]]);
            results[0] |= if *effective > TODAY { NOT_YET_EFFECTIVE } else { 0 };
            signed.push(object(0x5F25, effective));
        }
        if dice.chance(50) {
            let version = *dice.pick(&[[0x00, 0x02], [0x00, 0x03]]);
            results[0] |= if version == [0x00, 0x02] { 0 } else { OTHER_VERSION };
            signed.push(object(0x9F08, &version));
        }
        let country = *dice.pick(&[[0x06, 0x16], [0x02, 0x76], [0x08, 0x40]]);
        let names_country = dice.chance(70);
        if names_country {
            signed.push(object(0x5F28, &country));
        }
        if dice.chance(60) {
            let [first] = if dice.chance(50) { [0xFF] } else { dice.bytes() };
            let purchases = if country == [0x06, 0x16] { 0x28 } else { 0x14 };
            let allowed = first & 0x01 != 0 && (!names_country || first & purchases != 0);
            results[0] |= if allowed { 0 } else { SERVICE_NOT_ALLOWED };
            signed.push(object(0x9F07, &[first, 0x00]));
        }

        // CDA; XDA and relay resistance are other protocols.
        let aip = [0x01 | dice.bytes::<1>()[0] & 0x7F, 0x80];
        let (rules, succeeds) = cvm_rules(dice);
        results[1] |= if succeeds || aip[0] & 0x10 == 0 { 0 } else { CVM_FAILED };
        signed.push(object(0x8E, &[vec![0; 8], rules].concat()));

        let cdol1 = data_object_list(dice, CDOL1, &["9F3303", "9F4E14", "9F7C14", "9F1D08"]);
        signed.push(object(0x8C, &cdol1));
        signed.push(object(0x8D, &bezant_tests::bytes("910A8A0295059F37049F4C08")));
        let signs_aip = dice.chance(70);
        if signs_aip {
            signed.push(object(0x9F4A, &[0x82]));
        }
        let optional = [
            object(0x5F34, &[0x01]),
            object(0x9F42, &[0x09, 0x85]),
            object(0x5F30, &[0x02, 0x01]),
            object(0x5F20, b"SYNTHETIC/CARD"),
            object(0x9F0D, &dice.bytes::<5>()),
            object(0x9F0E, &[0; 5]),
            object(0x9F0F, &dice.bytes::<5>()),
            object(0x57, &track_2(pan)),
        ];
        signed.extend(optional.into_iter().filter(|_| dice.chance(50)));
        dice.shuffle(&mut signed);

        let mut names = vec![bezant_tests::bytes("A0000000041010"), bezant_tests::bytes("A0000000043060")];
        dice.shuffle(&mut names);
        names.truncate(dice.between(1, 2));
        let pdol =
            |_: &Vec<u8>| data_object_list(dice, "", &["9F1D08", "9F1A02", "9F3501", "9F1502", "9F3303", "9F4E14"]);
        let pdols = names.iter().map(pdol).collect();
        let cdol1_length = data_length(&cdol1);
        let cvm_model = dice.pick(&["CDCVM_ALWAYS", "FLEXIBLE_CDCVM", "CARD_LIKE"]);
        Self { signed, aip, signs_aip, names, pdols, cdol1_length, country, cvm_model, results }
    }

    fn profile(&self, generation: Generation, layout: &Layout, icc: &KeyPair) -> Value {
        let mut profile = Syn1::profile_json(generation);
        match generation {
            Generation::V1 => {
                profile["mppLiteModule"]["cardRiskManagementData"]["crmCountryCode"] = hexadecimal(&self.country)
            }
            Generation::V2 => {
                let common = &mut profile["mchipCardProfile"]["commonData"];
                common.as_object_mut().unwrap().remove("pan");
                common["cardCountryCode"] = hexadecimal(&self.country);
                Syn1::contactless(&mut profile)["cvmModel"] = json!(self.cvm_model);
            }
        }
        let contactless = Syn1::contactless(&mut profile);
        let options = [object(0x82, &self.aip), object(0x94, &layout.file_locator())];
        let options = hexadecimal(&template(0x77, options).encode());
        let application = |at: usize| {
            let name = &self.names[at];
            let mut proprietary = vec![object(0x50, b"SYNTHETIC"), object(0x87, &[1 + u8::try_from(at).unwrap()])];
            proprietary.extend((!self.pdols[at].is_empty()).then(|| object(0x9F38, &self.pdols[at])));
            let fci = template(0x6F, [object(0x84, name), template(0xA5, proprietary)]);
            json!({
                "aid": hexadecimal(name), "paymentFci": hexadecimal(&fci.encode()), "gpoResponse": options,
                "ciacDecline": "000000", "cvrMaskAnd": "FFFFFFFFFFFF",
            })
        };
        if let Value::Object(fields) = application(0) {
            contactless.as_object_mut().unwrap().extend(fields);
        }
        if self.names.len() > 1 {
            contactless["alternateContactlessPaymentData"] = application(1);
        }
        let entries: Vec<Tlv> = self.names.iter().map(|name| template(0x61, [object(0x4F, name)])).collect();
        let directory = template(0xA5, [template(0xBF0C, entries)]);
        contactless["ppseFci"] = hexadecimal(&template(0x6F, [object(0x84, b"2PAY.SYS.DDF01"), directory]).encode());
        contactless["cdol1RelatedDataLength"] = json!(self.cdol1_length);
        let parts = icc.crt_components().unwrap();
        contactless["iccPrivateKeyCrtComponents"] = json!({
            "p": hexadecimal(&parts.p), "q": hexadecimal(&parts.q), "dp": hexadecimal(&parts.dp),
            "dq": hexadecimal(&parts.dq), "u": hexadecimal(&parts.u),
        });
        contactless["records"] = layout.records();
        profile
    }
}

/// Rules for methods that the terminal lacks, each to be passed over, and at the end mostly one that it has.
fn cvm_rules(dice: &mut Dice) -> (Vec<u8>, bool) {
    let passed_over =
        [[0x42, 0x03], [0x41, 0x03], [0x44, 0x03], [0x5E, 0x03], [0x1E, 0x03], [0x42, 0x01], [0x1F, 0x01]];
    let mut rules: Vec<u8> = Vec::new();
    for _ in 0..dice.between(0, 3) {
        rules.extend(dice.pick(&passed_over));
    }
    let succeeds = dice.chance(80);
    if succeeds {
        rules.extend(dice.pick(&[[0x1F, 0x00], [0x1F, 0x03], [0x5F, 0x03]]));
    }
    if rules.is_empty() {
        rules.extend(passed_over[0]);
    }
    (rules, succeeds)
}

fn data_object_list(dice: &mut Dice, fixed: &str, optional: &[&str]) -> Vec<u8> {
    let mut chosen: Vec<&str> = optional.iter().copied().filter(|_| dice.chance(40)).collect();
    dice.shuffle(&mut chosen);
    bezant_tests::bytes(&[fixed, &chosen.concat()].concat())
}

fn data_length(list: &[u8]) -> usize {
    let list = emv::core::dol::Dol::parse(list).unwrap();
    list.0.iter().map(|entry| usize::from(entry.length)).sum()
}

fn objects([exponent, remainder, certificate]: [u32; 3], made: &Certificate) -> Vec<Tlv> {
    let mut objects = vec![object(exponent, &made.exponent), object(certificate, &made.certificate)];
    objects.extend((!made.remainder.is_empty()).then(|| object(remainder, &made.remainder)));
    objects
}

fn object(tag: u32, value: &[u8]) -> Tlv {
    Tlv::primitive(Tag(tag), value)
}

pub fn template(tag: u32, children: impl Into<Vec<Tlv>>) -> Tlv {
    Tlv::constructed(Tag(tag), children)
}

pub fn hexadecimal(bytes: &[u8]) -> Value {
    json!(hex::encode_upper(bytes))
}

fn packed<const N: usize>(digits: &str) -> [u8; N] {
    bezant_tests::array(&format!("{digits:F<width$}", width = 2 * N))
}

fn track_2(pan: &str) -> Vec<u8> {
    let digits = format!("{pan}D30122010000");
    bezant_tests::bytes(&format!("{digits}{}", if digits.len() % 2 == 1 { "F" } else { "" }))
}

const RID: [u8; 5] = [0xA0, 0x00, 0x00, 0x00, 0x04];
const TODAY: [u8; 3] = [0x26, 0x01, 0x15];
/// The first 45 bytes of CDOL1 data, which every such card asks for.
const CDOL1: &str = "9F02069F03069F1A0295055F2A029A039C019F37049F35019F45029F4C089F34039F1502";

/// Terminal verification results, byte 2.
const OTHER_VERSION: u8 = 0x80;
const EXPIRED: u8 = 0x40;
const NOT_YET_EFFECTIVE: u8 = 0x20;
const SERVICE_NOT_ALLOWED: u8 = 0x10;
/// Byte 3.
const CVM_FAILED: u8 = 0x80;
