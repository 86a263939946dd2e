//! Where cards come from: made on the spot by the sandbox, or one that is brought along in two files.

use std::collections::VecDeque;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use bezant::card::{CardProfile, ProfileKeys};
use bezant::emv::CvmModel;
use pos_terminal::configuration::CaPublicKey;
use sandbox::{
    AlternateApplication, CaSize, CardSpec, Credential, CredentialsFile, Issuer, PersonalisedCard, TokenService,
};
use serde::Deserialize;

use crate::bank::Bank;
use crate::phone::{Make, Phone};
use crate::platform::{PhoneClock, SeededRng};
use crate::scenarios::Rules;
use crate::stage::{Stage, Surroundings};

/// The cards that phones can be set up with.
pub(crate) struct Cards(Origin);

enum Origin {
    Made { tokens: Box<TokenService>, cards: Vec<(CvmModel, PersonalisedCard)> },
    Brought { profile: String, model: CvmModel, credentials: VecDeque<Credential> },
}

/// How many credentials a phone gets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Supply {
    /// So many at least; of a card of one's own not more.
    For(usize),
    /// Few of a card that is made, everything that is left of a card of one's own.
    Rest,
}

/// A stage with its cards.
pub(crate) struct Prepared {
    /// The stage.
    pub(crate) stage: Stage,
    /// The card that was brought along, if one was.
    pub(crate) own_card: Option<OwnCard>,
    /// What nobody here will be able to verify, in sentences.
    pub(crate) unverifiable: Vec<&'static str>,
}

/// A card that was brought along.
#[derive(Clone, Copy)]
pub(crate) struct OwnCard {
    /// What the wallet insists on with it.
    pub(crate) model: CvmModel,
    /// How many credentials it came with.
    pub(crate) credentials: usize,
}

impl Cards {
    /// The model in which all phones are set up, where there is no choice.
    pub(crate) fn model(&self) -> Option<CvmModel> {
        match &self.0 {
            Origin::Made { .. } => None,
            Origin::Brought { model, .. } => Some(*model),
        }
    }

    /// The account number of a card that was made here.
    pub(crate) fn number(&self, model: CvmModel) -> anyhow::Result<&str> {
        let Origin::Made { cards, .. } = &self.0 else { bail!("the card was brought along") };
        Ok(&made_for(cards, model)?.pan)
    }

    /// Issues a card that was made here its first `count` credentials, which somebody has already.
    pub(crate) fn skip(&mut self, model: CvmModel, count: u16) -> anyhow::Result<()> {
        let Origin::Made { tokens, cards } = &mut self.0 else { bail!("the card was brought along") };
        tokens.issue_credentials(&made_for(cards, model)?.pan, count)?;
        Ok(())
    }

    /// The card of a model, and credentials for it that nobody had before.
    pub(crate) fn hand_out(&mut self, model: CvmModel, supply: Supply) -> anyhow::Result<(String, Vec<Credential>)> {
        match &mut self.0 {
            Origin::Made { tokens, cards } => {
                let card = made_for(cards, model)?;
                let count = match supply {
                    Supply::For(count) => count + SPARE,
                    Supply::Rest => SPARE,
                };
                let credentials = tokens.issue_credentials(&card.pan, u16::try_from(count)?)?;
                Ok((card.profile_v2.to_string(), credentials))
            }
            Origin::Brought { profile, credentials, .. } => {
                let count = match supply {
                    Supply::For(count) => count.min(credentials.len()),
                    Supply::Rest => credentials.len(),
                };
                Ok((profile.clone(), credentials.drain(..count).collect()))
            }
        }
    }
}

fn made_for(cards: &[(CvmModel, PersonalisedCard)], model: CvmModel) -> anyhow::Result<&PersonalisedCard> {
    let card = cards.iter().find(|(of, _)| *of == model).map(|(_, card)| card);
    card.with_context(|| format!("no card was made for model {model:?}"))
}

/// Has a card made for each of these models.
pub(crate) fn made(seed: u64, clock: PhoneClock, models: &[CvmModel]) -> anyhow::Result<Prepared> {
    let mut tokens = TokenService::new(seed, CaSize::Bits1152)?;
    let mut cards = Vec::new();
    for (model, cvm_model, pan) in SERIES {
        if models.contains(&model) {
            let spec = CardSpec {
                pan: pan.to_owned(),
                cvm_model,
                alternate: Some(AlternateApplication::us_debit()),
                seed: seed.rotate_left(8) ^ u64::try_from(cards.len())?,
                ..CardSpec::default()
            };
            cards.push((model, tokens.personalise(&spec)?));
        }
    }
    let bank = Bank::new(tokens.issuer().clone(), cards.iter().map(|(_, card)| card.pan.as_str()));
    let surroundings = Surroundings { authority: Some(authority(tokens.ca())), ..Surroundings::default() };
    let cards = Cards(Origin::Made { tokens: Box::new(tokens), cards });
    let stage = Stage::new(cards, bank, surroundings, seed, clock);
    Ok(Prepared { stage, own_card: None, unverifiable: Vec::new() })
}

/// Takes a card from its files; without a model asked for, the profile says it.
pub(crate) fn brought(
    seed: u64,
    clock: PhoneClock,
    (profile, credentials): (&Path, &Path),
    model: Option<CvmModel>,
) -> anyhow::Result<Prepared> {
    let profile_name = || profile.display().to_string();
    let credentials_name = || credentials.display().to_string();
    let profile_text = std::fs::read_to_string(profile).with_context(profile_name)?;
    let credentials_text = std::fs::read_to_string(credentials).with_context(credentials_name)?;

    let parsed = CardProfile::parse(&profile_text, &ProfileKeys::default()).with_context(profile_name)?;
    for field in parsed.unknown_fields() {
        anstream::eprintln!("tap: {}: {field} is not known and left out", profile.display());
    }
    let model = model.or(parsed.cvm_model()).unwrap_or(CvmModel::Flexible);
    let file: OwnCredentials =
        serde_json::from_str(&credentials_text).map_err(placed).with_context(credentials_name)?;

    let mut unverifiable = Vec::new();
    let bank = if file.imk_umd.is_some() && file.imk_md.is_some() {
        let file = CredentialsFile::from_json(&credentials_text).with_context(credentials_name)?;
        let issuer = Issuer::default();
        issuer.load(&file).with_context(credentials_name)?;
        if file.icc_modulus.is_none() {
            unverifiable.push("without icc_modulus only the terminal, not the issuer, verifies the card's signature");
        }
        Bank::new(issuer, [file.pan.as_str()].into_iter())
    } else {
        unverifiable.push("without imk_umd and imk_md nobody here can verify the card's cryptograms");
        Bank::unknown()
    };
    if file.ca.is_none() {
        unverifiable.push("without ca no terminal can verify certificates, so none asks for a signature");
    }
    let surroundings = Surroundings { authority: file.ca.map(authority), ..Surroundings::default() };
    let own_card = OwnCard { model, credentials: file.credentials.len() };
    // One phone with everything in it shows whether the files are any good.
    let make = Make {
        model: Some(model),
        rules: Rules::ORDINARY,
        clock: clock.clone(),
        numbers: Box::new(SeededRng::new(seed, 0)),
        measures: false,
    };
    let mut phone = Phone::set_up(&profile_text, &file.credentials, make)
        .with_context(|| format!("{}, {}", profile_name(), credentials_name()))?;
    let cards = Cards(Origin::Brought { profile: profile_text, model, credentials: file.credentials.into() });
    let mut stage = Stage::new(cards, bank, surroundings, seed, clock);
    stage.learn_home(&mut phone)?;
    Ok(Prepared { stage, own_card: Some(own_card), unverifiable })
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

/// A card for each model. In model Card-like it does not announce verification on the device.
const SERIES: [(CvmModel, sandbox::CvmModel, &str); 3] = [
    (CvmModel::Always, sandbox::CvmModel::Always, "5413330000000019"),
    (CvmModel::Flexible, sandbox::CvmModel::Flexible, "5413330000000027"),
    (CvmModel::CardLike, sandbox::CvmModel::CardLike, "5413330000000035"),
];

/// Beyond what a scenario spends, so that the wallet does not call for more.
const SPARE: usize = 2;
