use crate::{array, bytes, file};
use bezant::card::{CardProfile, ProfileKeys};
use bezant::crypto::{CrtParts, IccPrivateKey, Secret, SecretBytes, SessionKeys};
use bezant::emv::Atc;
use bezant::instrument::TransactionCredential;
use sandbox::diversification::{CardMasterKeys, DesKey, IssuerMasterKeys};
use serde_json::{Value, json};

/// The generation of a profile's JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Generation {
    /// `mppLiteModule`.
    V1,
    /// `mchipCardProfile`.
    V2,
}

/// The synthetic card SYN-1: its profile in both generations, its keys, its account number.
pub struct Syn1;

impl Syn1 {
    /// The profile's JSON.
    #[must_use]
    pub fn profile_json(generation: Generation) -> Value {
        let name = match generation {
            Generation::V1 => "vectors/syn-1.profile-v1.json",
            Generation::V2 => "vectors/syn-1.profile-v2.json",
        };
        serde_json::from_str(&file(name)).unwrap()
    }

    /// The profile.
    #[must_use]
    pub fn profile(generation: Generation) -> CardProfile {
        Self::parse(&Self::profile_json(generation))
    }

    /// A profile made of SYN-1's by hand.
    #[must_use]
    pub fn parse(json: &Value) -> CardProfile {
        CardProfile::parse(&json.to_string(), &ProfileKeys::default()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// A profile whose approvals need random bytes: for their UMD cryptogram.
    #[must_use]
    pub fn with_random_umd() -> CardProfile {
        let mut json = Self::profile_json(Generation::V2);
        Self::contactless(&mut json)["umdGeneration"] = Value::String("ALWAYS_GENERATE_RANDOM_UMD".into());
        Self::parse(&json)
    }

    /// `contactlessPaymentData` of the first generation, to be changed.
    pub fn contactless(json: &mut Value) -> &mut Value {
        let (module, data) = ("mppLiteModule", "contactlessPaymentData");
        if json.get(module).is_some() { &mut json[module][data] } else { &mut json["mchipCardProfile"][data] }
    }

    /// A second card, told from SYN-1 by its label.
    #[must_use]
    pub fn second_card() -> CardProfile {
        let mut json = Self::profile_json(Generation::V1);
        let fci = Self::contactless(&mut json)["paymentFci"].as_str().unwrap();
        let renamed = fci.replace("4D415354455243415244", Self::SECOND_LABEL);
        Self::contactless(&mut json)["paymentFci"] = Value::String(renamed);
        Self::parse(&json)
    }

    /// The file with its keys.
    #[must_use]
    pub fn credentials_json() -> Value {
        serde_json::from_str(&file("vectors/syn-1.credentials.json")).unwrap()
    }

    /// Its three credentials: ATC 1, 2 and 31.
    #[must_use]
    pub fn credentials() -> Vec<TransactionCredential> {
        let json = Self::credentials_json();
        json["credentials"].as_array().unwrap().iter().map(Self::credential).collect()
    }

    /// A credential as it stands in such a file.
    #[must_use]
    pub fn credential(json: &Value) -> TransactionCredential {
        let text = |name: &str| json[name].as_str().unwrap();
        let key = |name: &str| Secret::new(|room: &mut [u8; 16]| *room = array(text(name)));
        let atc = u16::try_from(json["atc"].as_u64().unwrap()).unwrap();
        let (umd, md) = (key("contactless_umd"), key("contactless_md"));
        TransactionCredential::new(Atc::new(atc), &bytes(text("idn")), umd, md).unwrap()
    }

    /// Credentials of any counters, derived from the issuer's keys as the token service would do it.
    #[must_use]
    pub fn issued(atcs: impl IntoIterator<Item = u16>) -> Vec<Value> {
        let card = Self::card_keys();
        let credential = |atc: u16| {
            let keys = card.derive_session_keys(atc);
            json!({
                "atc": atc,
                "idn": format!("{:016X}", 0x5A00_0000_0000_0000 + u64::from(atc)),
                "contactless_umd": hex::encode_upper(keys.umd.expose_bytes()),
                "contactless_md": hex::encode_upper(keys.md.expose_bytes()),
            })
        };
        atcs.into_iter().map(credential).collect()
    }

    /// Its two master keys, which the phone never learns.
    #[must_use]
    pub fn card_keys() -> CardMasterKeys {
        let json = Self::credentials_json();
        let master = |name: &str| DesKey::new(array(json[name].as_str().unwrap()));
        let issuer = IssuerMasterKeys { umd: master("imk_umd"), md: master("imk_md") };
        issuer.derive_card_keys(json["pan"].as_str().unwrap(), 1)
    }

    /// The session keys of one ATC.
    #[must_use]
    pub fn session_keys(atc: u16) -> SessionKeys {
        let credential = Self::credentials().into_iter().find(|credential| credential.atc().value() == atc);
        credential.unwrap().into_session_keys()
    }

    /// The parts of its ICC private key.
    #[must_use]
    pub fn crt_parts() -> CrtParts {
        let mut json = Self::profile_json(Generation::V1);
        let parts = Self::contactless(&mut json)["iccPrivateKeyCrtComponents"].take();
        let part = |name: &str| SecretBytes::copy_of(&bytes(parts[name].as_str().unwrap()));
        CrtParts { p: part("p"), q: part("q"), dp: part("dp"), dq: part("dq"), u: part("u") }
    }

    /// Its ICC private key.
    #[must_use]
    pub fn icc_private_key() -> IccPrivateKey {
        IccPrivateKey::new(&Self::crt_parts()).unwrap()
    }

    /// `SECONDCARD`.
    pub const SECOND_LABEL: &str = "5345434F4E4443415244";
    /// SELECT PPSE.
    pub const SELECT_PPSE: &str = "00A404000E325041592E5359532E444446303100";
    /// SELECT of its application.
    pub const SELECT_AID: &str = "00A4040007A000000004101000";
    /// GET PROCESSING OPTIONS of a Polish attended online terminal.
    pub const GPO: &str = "80A800000D830B2C0080000000000006162200";
    /// GENERATE AC: an ARQC over 25.00 PLN, signed, verified on the device.
    pub const ARQC_CDA: &str =
        "80AE90002D000000002500000000000000061600000080010985260115001234ABCD2200000000000000000000010002541100";
    /// The same without a signature.
    pub const ARQC: &str =
        "80AE80002D000000002500000000000000061600000080010985260115001234ABCD2200000000000000000000010002541100";
    /// The records that its AFL names.
    pub const READ_RECORDS: [&str; 4] = ["00B2010C00", "00B2011400", "00B2021400", "00B2031400"];
}
