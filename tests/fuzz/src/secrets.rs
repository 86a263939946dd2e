//! Secrets of SYN-1, and whether a text gives one away.

use bezant::crypto::Secret;
use bezant::emv::Atc;
use bezant::instrument::TransactionCredential;
use bezant_tests::stories::STOCK;
use bezant_tests::{Generation, Syn1, array, bytes};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Whether a text holds eight digits in a row of the private key or of a session key.
pub fn tells_a_key(text: &str) -> bool {
    text.as_bytes().windows(8).any(|digits| DIGITS.contains(&digits.to_ascii_uppercase()[..]))
}

/// A credential of SYN-1's issuer.
pub fn credential(atc: u16) -> TransactionCredential {
    let (idn, umd, md) = &CREDENTIALS[&atc];
    let key = |bytes: &[u8; 16]| Secret::new(|room: &mut [u8; 16]| *room = *bytes);
    TransactionCredential::new(Atc::new(atc), idn, key(umd), key(md)).unwrap()
}

static DIGITS: LazyLock<HashSet<Vec<u8>>> = LazyLock::new(|| {
    let mut json = Syn1::profile_json(Generation::V2);
    let parts = Syn1::contactless(&mut json)["iccPrivateKeyCrtComponents"].take();
    let mut secrets: Vec<String> =
        parts.as_object().unwrap().values().map(|part| part.as_str().unwrap().to_uppercase()).collect();
    for credential in Syn1::credentials_json()["credentials"].as_array().unwrap() {
        secrets
            .extend(["contactless_umd", "contactless_md"].map(|key| credential[key].as_str().unwrap().to_uppercase()));
    }
    secrets.iter().flat_map(|secret| secret.as_bytes().windows(8).map(<[u8]>::to_vec)).collect()
});

type Parts = (Vec<u8>, [u8; 16], [u8; 16]);

static CREDENTIALS: LazyLock<HashMap<u16, Parts>> = LazyLock::new(|| {
    let atcs = || STOCK.into_iter().flatten();
    let parts = |json: Value| {
        let text = |name: &str| json[name].as_str().unwrap().to_owned();
        (bytes(&text("idn")), array(&text("contactless_umd")), array(&text("contactless_md")))
    };
    atcs().zip(Syn1::issued(atcs()).into_iter().map(parts)).collect()
});
