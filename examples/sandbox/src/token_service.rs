//! The token service: it makes cards and issues their credentials.

use std::collections::BTreeMap;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::Value;

use crate::card_data::{AlternateApplication, CardData, CardSpec, IssuerChain, issuer_identifier};
use crate::certificates::{Validity, certify_issuer};
use crate::credentials::{CaPublicKey, Credential, CredentialsFile, is_account_number};
use crate::diversification::{CardMasterKeys, DesKey, IssuerMasterKeys};
use crate::issuer::{IssuedCard, Issuer};
use crate::keys::{Exponent, KeyError, KeyPair, PublicKey};
use crate::profile::Profile;

/// Size of the certification authority's key. No key below it can be longer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CaSize {
    /// 144 bytes: the shorter records.
    Bits1152,
    /// 176 bytes: for card keys above 1152 bits.
    Bits1408,
}

impl CaSize {
    /// The smaller authority that can stand above a card key of so many bits.
    pub fn for_icc_key(bits: usize) -> Self {
        if bits <= Self::Bits1152.bits() { Self::Bits1152 } else { Self::Bits1408 }
    }

    fn bits(self) -> usize {
        match self {
            Self::Bits1152 => 1152,
            Self::Bits1408 => 1408,
        }
    }
}

/// A card, ready to be installed in a wallet.
#[derive(Clone, Debug)]
pub struct PersonalisedCard {
    /// Account number of the token.
    pub pan: String,
    /// Sequence number of the token.
    pub psn: u8,
    /// The card profile in version 1.
    pub profile_v1: Value,
    /// The card profile in version 2.
    pub profile_v2: Value,
    /// The key under which the card signs.
    pub icc_public_key: PublicKey,
}

/// Holds the issuer's master keys and one certification authority; knows every card it made.
pub struct TokenService {
    master_keys: IssuerMasterKeys,
    authority: KeyPair,
    seed: u64,
    issuer_keys: BTreeMap<(usize, u32), KeyPair>,
    cards: BTreeMap<String, Token>,
    issuer: Issuer,
}

impl TokenService {
    /// A service whose keys all follow from `seed`.
    pub fn new(seed: u64, ca: CaSize) -> Result<Self, TokenServiceError> {
        let mut rng = stream(seed, Stream::MasterKeys);
        let mut master_key = || {
            let mut bytes = [0; 16];
            rng.fill_bytes(&mut bytes);
            DesKey::new(bytes)
        };
        let master_keys = IssuerMasterKeys { umd: master_key(), md: master_key() };
        let authority = KeyPair::generate(ca.bits(), Exponent::Three, &mut stream(seed, Stream::Authority))?;
        let (issuer_keys, cards) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { master_keys, authority, seed, issuer_keys, cards, issuer: Issuer::default() })
    }

    /// The key that terminals need to check this service's cards.
    pub fn ca(&self) -> CaPublicKey {
        let key = self.authority.public();
        CaPublicKey { rid: RID, index: [CA_INDEX], modulus: key.modulus(), exponent: key.exponent().to_bytes() }
    }

    /// The issuer that judges what these cards answer. A clone judges from the same register.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Makes a card and enters it at the issuer. No two cards may have one account number.
    pub fn personalise(&mut self, spec: &CardSpec) -> Result<PersonalisedCard, TokenServiceError> {
        self.check(spec)?;
        let keys = self.master_keys.derive_card_keys(&spec.pan, spec.psn);
        let ca_index = self.ca().index[0];
        let icc = KeyPair::generate(spec.icc_key_bits, spec.exponent, &mut stream(spec.seed, Stream::IccKey))?;
        let issuer_key = self.issuer_key(spec)?;
        let validity = Validity { expiry: spec.expiry.mmyy(), serial: [0, 0, 1] };
        let certificate = certify_issuer(&self.authority, issuer_key.public(), issuer_identifier(&spec.pan), validity)?;
        let chain = IssuerChain { key: &issuer_key, certificate: &certificate, ca_index };
        let data = CardData::lay_out(spec, icc.public(), &chain)?;
        let profile = Profile { spec, data: &data, icc_private_key: &icc.crt_components()? };

        let mut issued = IssuedCard::new(spec.psn, keys);
        issued.icc = Some(icc.public().clone());
        issued.pin_iv_cvc3 = spec.mag_stripe.map(|mag_stripe| mag_stripe.pin_iv_cvc3);
        issued.umd_generation = spec.umd_generation;
        self.issuer.enter(&spec.pan, issued);
        let token = Token {
            spec: spec.clone(),
            keys,
            issuer_modulus: issuer_key.public().modulus(),
            icc: icc.public().clone(),
            dynamic_numbers: stream(spec.seed, Stream::DynamicNumbers),
            credentials: Vec::new(),
        };
        self.cards.insert(spec.pan.clone(), token);
        Ok(PersonalisedCard {
            pan: spec.pan.clone(),
            psn: spec.psn,
            profile_v1: profile.v1(),
            profile_v2: profile.v2(),
            icc_public_key: icc.public().clone(),
        })
    }

    /// The next `count` credentials of a card: counter values rise by one from 1 and never come twice.
    pub fn issue_credentials(&mut self, pan: &str, count: u16) -> Result<Vec<Credential>, TokenServiceError> {
        let token = self.cards.get_mut(pan).ok_or(TokenServiceError::UnknownCard)?;
        let last = token.credentials.last().map_or(0, |credential| credential.atc);
        let new_last = last.checked_add(count).ok_or(TokenServiceError::CounterExhausted)?;
        let credentials: Vec<Credential> = (last..new_last)
            .map(|before| {
                let mut idn = [0; 8];
                token.dynamic_numbers.fill_bytes(&mut idn);
                Credential::derive(&token.keys, before + 1, idn)
            })
            .collect();
        token.credentials.extend_from_slice(&credentials);
        self.issuer.note_issued(pan, credentials.iter().map(|credential| credential.atc));
        Ok(credentials)
    }

    /// The issuer side of one card with all its credentials: what [`Issuer::load`] reads.
    pub fn credentials_file(&self, pan: &str) -> Result<CredentialsFile, TokenServiceError> {
        let token = self.cards.get(pan).ok_or(TokenServiceError::UnknownCard)?;
        Ok(CredentialsFile {
            imk_umd: self.master_keys.umd,
            imk_md: self.master_keys.md,
            pan: pan.to_owned(),
            psn: format!("{:02}", token.spec.psn),
            ca: Some(self.ca()),
            issuer_modulus: Some(token.issuer_modulus.clone()),
            icc_modulus: Some(token.icc.modulus()),
            icc_exponent: Some(token.icc.exponent().to_bytes()),
            pin_iv_cvc3_track2: token.spec.mag_stripe.map(|mag_stripe| mag_stripe.pin_iv_cvc3.to_vec()),
            umd_generation: token.spec.umd_generation,
            credentials: token.credentials.clone(),
        })
    }

    fn check(&self, spec: &CardSpec) -> Result<(), TokenServiceError> {
        use TokenServiceError::InvalidSpec;
        if !is_account_number(&spec.pan) {
            return Err(InvalidSpec("an account number has 13 to 19 digits"));
        }
        if self.cards.contains_key(&spec.pan) {
            return Err(TokenServiceError::CardExists);
        }
        if spec.psn > 99 {
            return Err(InvalidSpec("a sequence number is at most 99"));
        }
        if spec.country > 999 || spec.currency > 999 {
            return Err(InvalidSpec("country and currency codes have three digits"));
        }
        // Longer account numbers leave fewer than the thirteen digits that mag-stripe mode fills on track 2.
        if spec.mag_stripe.is_some() && spec.pan.len() > 16 {
            return Err(InvalidSpec("mag-stripe mode needs an account number of at most 16 digits"));
        }
        if !(768..=self.authority.public().byte_length() * 8).contains(&spec.icc_key_bits) {
            return Err(InvalidSpec("a card key has 768 bits or more, and no more than the authority's"));
        }
        if let Some(AlternateApplication { aid, label }) = &spec.alternate
            && !((5..=16).contains(&aid.len()) && (1..=16).contains(&label.len()) && label.is_ascii())
        {
            return Err(InvalidSpec("an application identifier has 5 to 16 bytes, a label 1 to 16 characters"));
        }
        Ok(())
    }

    /// The shortest issuer key that may certify this card's: what is cut here is saved on the air.
    fn issuer_key(&mut self, spec: &CardSpec) -> Result<KeyPair, TokenServiceError> {
        let bits = spec.icc_key_bits.max(SMALLEST_ISSUER_KEY);
        if let Some(key) = self.issuer_keys.get(&(bits, spec.exponent.value())) {
            return Ok(key.clone());
        }
        let mut rng = stream(self.seed, Stream::IssuerKey);
        let key = KeyPair::generate(bits, spec.exponent, &mut rng)?;
        self.issuer_keys.insert((bits, spec.exponent.value()), key.clone());
        Ok(key)
    }
}

/// Why the token service refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TokenServiceError {
    /// The account number is taken.
    #[error("there is a card with this account number")]
    CardExists,
    /// A card's counter ends at 65535.
    #[error("the card's counter has no room for so many credentials")]
    CounterExhausted,
    /// The card cannot be made as specified.
    #[error("no such card can be made: {0}")]
    InvalidSpec(&'static str),
    /// A key could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// No card of this account number was made here.
    #[error("no card with this account number")]
    UnknownCard,
}

struct Token {
    spec: CardSpec,
    keys: CardMasterKeys,
    issuer_modulus: Vec<u8>,
    icc: PublicKey,
    dynamic_numbers: ChaCha20Rng,
    credentials: Vec<Credential>,
}

/// What a seed is stretched for; each purpose reads its own stream, so none depends on how much another took.
#[derive(Clone, Copy)]
enum Stream {
    MasterKeys = 1,
    Authority,
    IssuerKey,
    IccKey,
    DynamicNumbers,
}

fn stream(seed: u64, purpose: Stream) -> ChaCha20Rng {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    rng.set_stream(purpose as u64);
    rng
}

const RID: [u8; 5] = [0xA0, 0x00, 0x00, 0x00, 0x04];
/// An index that no scheme key for this RID uses.
const CA_INDEX: u8 = 0xC1;
/// 108 bytes, which fit whole into a certificate of 144: no remainder on the air.
const SMALLEST_ISSUER_KEY: usize = 864;
