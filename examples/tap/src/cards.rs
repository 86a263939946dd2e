//! Where the card comes from: made on the spot by the sandbox, or brought along in two files.

use std::path::Path;

use anyhow::{Context, anyhow};
use bezant::emv::CvmModel;
use pos_terminal::configuration::CaPublicKey;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use sandbox::{AlternateApplication, CaSize, CardSpec, Credential, CredentialsFile, Issuer, TokenService};
use serde::Deserialize;
use time::OffsetDateTime;

use crate::bank::Bank;
use crate::phone::Phone;
use crate::scenarios::Scenario;
use crate::stage::{Stage, Surroundings};

/// A stage with a card in its phone.
pub(crate) struct Prepared {
    /// The stage.
    pub(crate) stage: Stage,
    /// How many credentials the phone has.
    pub(crate) credentials: usize,
    /// What nobody here will be able to verify, in sentences.
    pub(crate) unverifiable: Vec<&'static str>,
}

/// Has a card made for these scenarios, with as many credentials as they spend and one more.
pub(crate) fn made(seed: u64, start: OffsetDateTime, scenarios: &[&Scenario]) -> anyhow::Result<Prepared> {
    let mut tokens = TokenService::new(seed, CaSize::Bits1152)?;
    let spec = CardSpec {
        cvm_model: sandbox::CvmModel::Always,
        alternate: Some(AlternateApplication::us_debit()),
        seed,
        ..CardSpec::default()
    };
    let card = tokens.personalise(&spec)?;
    let needed = scenarios.iter().map(|scenario| scenario.credentials()).sum::<usize>() + 1;
    let credentials = tokens.issue_credentials(&card.pan, u16::try_from(needed)?)?;

    let phone = Phone::new(seed, start, Some(CvmModel::Always))?;
    phone.install(&card.profile_v2.to_string())?;
    let credentials = phone.load(&credentials)?;
    let bank = Bank::new(tokens.issuer().clone(), &card.pan);
    let surroundings = Surroundings { authority: Some(authority(tokens.ca())), ..Surroundings::default() };
    let stage = Stage { phone, bank, surroundings, numbers: numbers(seed) };
    Ok(Prepared { stage, credentials, unverifiable: Vec::new() })
}

/// Takes a card from its files.
pub(crate) fn brought(
    seed: u64,
    start: OffsetDateTime,
    profile: &Path,
    credentials: &Path,
) -> anyhow::Result<Prepared> {
    let profile_name = || profile.display().to_string();
    let credentials_name = || credentials.display().to_string();
    let profile_text = std::fs::read_to_string(profile).with_context(profile_name)?;
    let credentials_text = std::fs::read_to_string(credentials).with_context(credentials_name)?;

    let phone = Phone::new(seed, start, None)?;
    for field in phone.install(&profile_text).with_context(profile_name)? {
        anstream::eprintln!("tap: {}: {field} is not known and left out", profile.display());
    }
    let file: OwnCredentials =
        serde_json::from_str(&credentials_text).map_err(placed).with_context(credentials_name)?;
    let loaded = phone.load(&file.credentials).with_context(credentials_name)?;

    let mut unverifiable = Vec::new();
    let bank = if file.imk_umd.is_some() && file.imk_md.is_some() {
        let file = CredentialsFile::from_json(&credentials_text).with_context(credentials_name)?;
        let issuer = Issuer::default();
        issuer.load(&file).with_context(credentials_name)?;
        if file.icc_modulus.is_none() {
            unverifiable.push("without icc_modulus only the terminal, not the issuer, verifies the card's signature");
        }
        Bank::new(issuer, &file.pan)
    } else {
        unverifiable.push("without imk_umd and imk_md nobody here can verify the card's cryptograms");
        Bank::unknown()
    };
    if file.ca.is_none() {
        unverifiable.push("without ca no terminal can verify certificates, so none asks for a signature");
    }
    let surroundings = Surroundings { authority: file.ca.map(authority), ..Surroundings::default() };
    let mut stage = Stage { phone, bank, surroundings, numbers: numbers(seed) };
    stage.learn_home()?;
    Ok(Prepared { stage, credentials: loaded, unverifiable })
}

/// The least that a credentials file has to hold.
#[derive(Deserialize)]
struct OwnCredentials {
    imk_umd: Option<serde::de::IgnoredAny>,
    imk_md: Option<serde::de::IgnoredAny>,
    ca: Option<sandbox::CaPublicKey>,
    credentials: Vec<Credential>,
}

/// Where a file is wrong, and not what stands there: it may be a key.
#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn placed(error: serde_json::Error) -> anyhow::Error {
    anyhow!(
        "not a credentials file (line {}, column {}); it wants \"credentials\": [{{\"atc\", \"idn\", \
         \"contactless_umd\", \"contactless_md\"}}] in hexadecimal",
        error.line(),
        error.column()
    )
}

fn authority(key: sandbox::CaPublicKey) -> CaPublicKey {
    let [index] = key.index;
    CaPublicKey { rid: key.rid, index, modulus: key.modulus, exponent: key.exponent }
}

/// The terminals' numbers must not be the phone's.
fn numbers(seed: u64) -> ChaCha20Rng {
    let mut numbers = ChaCha20Rng::seed_from_u64(seed);
    numbers.set_stream(TERMINALS);
    numbers
}

const TERMINALS: u64 = 0x905;
