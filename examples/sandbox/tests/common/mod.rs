//! A card and a terminal in one, small enough to be judged by: the sandbox judges what they say to each other.
#![allow(dead_code, reason = "each test program uses its part")]

use std::collections::BTreeMap;

use sandbox::cryptogram::CryptogramInput;
use sandbox::keys::{Exponent, KeyPair};
use sandbox::{AuthorisationRequest, Credential, SignedData, TokenService};
use serde_json::Value;
use sha1::{Digest, Sha1};

pub fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "")).unwrap()
}

/// All data objects of a BER-TLV string, templates opened.
pub fn objects(mut input: &[u8]) -> BTreeMap<u32, Vec<u8>> {
    let mut found = BTreeMap::new();
    while let [first, ..] = input {
        let tag_length = if first & 0x1F == 0x1F { 2 } else { 1 };
        let tag = input[..tag_length].iter().fold(0, |tag, byte| tag << 8 | u32::from(*byte));
        let (header, length) = match input[tag_length] {
            0x81 => (2, usize::from(input[tag_length + 1])),
            short => (1, usize::from(short)),
        };
        let value = &input[tag_length + header..][..length];
        if first & 0x20 != 0 {
            found.extend(objects(value));
        }
        found.insert(tag, value.to_vec());
        input = &input[tag_length + header + length..];
    }
    found
}

/// What a record holds without its template: the form in which it is signed.
pub fn content(record: &[u8]) -> &[u8] {
    if record[1] == 0x81 { &record[3..] } else { &record[2..] }
}

pub fn contactless_v1(profile: &Value) -> &Value {
    &profile["mppLiteModule"]["contactlessPaymentData"]
}

/// The records of an application, in the order of its file locator, and how many of each entry are signed.
pub fn records_read(contactless: &Value, gpo_response: &str) -> Vec<(Vec<u8>, bool)> {
    let locator = objects(&bytes(gpo_response))[&0x94].clone();
    let mut read = Vec::new();
    for entry in locator.chunks_exact(4) {
        for number in entry[1]..=entry[2] {
            let record =
                contactless["records"].as_array().unwrap().iter().find(|record| {
                    record["recordNumber"] == number && record["sfi"] == format!("{:02X}", entry[0] | 4)
                });
            let value = bytes(record.unwrap()["recordValue"].as_str().unwrap());
            read.push((value, number < entry[1] + entry[3]));
        }
    }
    read
}

/// What happens in a tap; fields to be changed as a test wants.
#[derive(Clone)]
pub struct Tap {
    pub amount: u64,
    pub transaction_type: u8,
    pub cvr: [u8; 6],
    pub cid: u8,
    pub cda: bool,
    pub random_umd: bool,
    pub aip: [u8; 2],
}

impl Default for Tap {
    fn default() -> Self {
        Self {
            amount: 2500,
            transaction_type: 0,
            cvr: [0xA5, 0, 0, 0x02, 0, 0],
            cid: 0x80,
            cda: false,
            random_umd: false,
            aip: [0x1B, 0x80],
        }
    }
}

impl Tap {
    /// The card answers with this credential, and the acquirer sends on what came.
    pub fn request(
        &self,
        tokens: &TokenService,
        pan: &str,
        credential: &Credential,
        icc: &KeyPair,
    ) -> AuthorisationRequest {
        assert!(tokens.issuer().knows(pan));
        let amount = bytes(&format!("{:012}", self.amount));
        let kind = [self.transaction_type];
        let atc = credential.atc.to_be_bytes();
        let terminal: [(u32, &[u8]); 8] = [
            (0x9F02, &amount),
            (0x9F03, &[0; 6]),
            (0x9F1A, &[0x06, 0x16]),
            (0x95, &[0, 0, 0, 0x80, 0x01]),
            (0x5F2A, &[0x09, 0x85]),
            (0x9A, &[0x26, 0x01, 0x15]),
            (0x9C, &kind),
            (0x9F37, &[0x12, 0x34, 0xAB, 0xCD]),
        ];
        let rest: [(u32, &[u8]); 5] = [
            (0x9F35, &[0x22]),
            (0x9F45, &[0; 2]),
            (0x9F4C, &[0; 8]),
            (0x9F34, &[0x01, 0x00, 0x02]),
            (0x9F15, &[0x54, 0x11]),
        ];
        let cdol1: Vec<u8> = terminal.iter().chain(&rest).flat_map(|(_, value)| value.to_vec()).collect();
        let mut cvr = self.cvr;
        if self.cda {
            cvr[1] |= 0x40;
        }
        let input =
            CryptogramInput { terminal: cdol1[..29].try_into().unwrap(), aip: self.aip, atc: credential.atc, cvr };
        let umd = if self.random_umd { [0x5A; 8] } else { input.cryptogram(&credential.contactless_umd) };
        let md = input.cryptogram(&credential.contactless_md);
        let iad = [&[0x01, 0x14][..], &cvr, &[0, 0, 0], &md[..5], &[0x00, 0xFF]].concat();

        let mut elements: BTreeMap<u32, Vec<u8>> =
            terminal.iter().chain(&rest).map(|(tag, value)| (*tag, value.to_vec())).collect();
        elements.insert(0x82, self.aip.to_vec());
        elements.insert(0x9F36, atc.to_vec());
        elements.insert(0x9F10, iad.clone());
        elements.insert(0x9F26, umd.to_vec());
        elements.insert(0x9F27, vec![self.cid]);
        let signed = self.cda.then(|| {
            let mut answer = [&[0x9F, 0x27, 1, self.cid, 0x9F, 0x36, 2][..], &atc, &[0x9F, 0x10, 18], &iad].concat();
            if self.cid == 0 {
                answer.extend([0xDF, 0x4B, 3, 0, 0x10, 0]);
            }
            let hashed = [&bytes("2C00800000000000061622")[..], &cdol1, &answer].concat();
            let dynamic = [&[8][..], &credential.idn, &[self.cid], &umd, &Sha1::digest(&hashed)].concat();
            SignedData { signature: sign(icc, &dynamic, &elements[&0x9F37]), hashed }
        });
        AuthorisationRequest { pan: pan.to_owned(), psn: 1, elements, signed }
    }
}

/// The card's key out of the profile that a wallet would install.
pub fn icc_key(profile_v1: &Value, exponent: Exponent) -> KeyPair {
    let part = |name: &str| bytes(contactless_v1(profile_v1)["iccPrivateKeyCrtComponents"][name].as_str().unwrap());
    KeyPair::from_primes(&part("p"), &part("q"), exponent).unwrap()
}

/// EMV Book 2, section 6.6.1.
pub fn sign(icc: &KeyPair, dynamic: &[u8], unpredictable_number: &[u8]) -> Vec<u8> {
    sign_padded_with(0xBB, icc, dynamic, unpredictable_number)
}

pub fn sign_padded_with(padding: u8, icc: &KeyPair, dynamic: &[u8], unpredictable_number: &[u8]) -> Vec<u8> {
    let mut signed = [&[5, 1, dynamic.len() as u8][..], dynamic].concat();
    signed.resize(icc.public().byte_length() - 22, padding);
    let hash = Sha1::new().chain_update(&signed).chain_update(unpredictable_number).finalize();
    icc.sign(&[&[0x6A][..], &signed, &hash, &[0xBC]].concat()).unwrap()
}
