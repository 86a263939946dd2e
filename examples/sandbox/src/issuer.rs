//! The issuer: it knows the keys of every card and which counter values it gave out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::authorisation::{AuthorisationRequest, RequestError, decimal, tag};
use crate::card_data::UmdGeneration;
use crate::credentials::{CredentialsError, CredentialsFile};
use crate::cryptogram::{CryptogramInput, DynamicNumbers};
use crate::diversification::{CardMasterKeys, SessionKeys};
use crate::keys::PublicKey;
use crate::mag_stripe::{MagStripeRequest, MagStripeVerification};
use crate::signature;
use crate::verification::{AmountBinding, Cryptogram, CvrFacts, Freshness, Verification};

/// The register of issued cards. Clones share it, so that the token service, the network and a test see one truth.
#[derive(Clone, Default)]
pub struct Issuer {
    cards: Arc<Mutex<BTreeMap<String, IssuedCard>>>,
}

impl Issuer {
    /// Enters the card of a credentials file, with no counter value seen yet; it replaces a card of the same number.
    pub fn load(&self, file: &CredentialsFile) -> Result<(), CredentialsError> {
        let card = file.load()?;
        let entry = IssuedCard {
            icc: card.icc,
            pin_iv_cvc3: card.pin_iv_cvc3,
            umd_generation: file.umd_generation,
            issued: card.issued,
            ..IssuedCard::new(card.psn, card.keys)
        };
        self.enter(&file.pan, entry);
        Ok(())
    }

    /// Whether there is such a card.
    pub fn knows(&self, pan: &str) -> bool {
        self.register().contains_key(pan)
    }

    /// The counter values under which this card has answered, rising: what an issuer has to keep.
    pub fn seen(&self, pan: &str) -> Vec<u16> {
        self.register().get(pan).map(|card| card.seen.iter().copied().collect()).unwrap_or_default()
    }

    /// Takes in what was kept.
    pub fn note_seen(&self, pan: &str, atcs: impl IntoIterator<Item = u16>) {
        if let Some(card) = self.register().get_mut(pan) {
            card.seen.extend(atcs);
        }
    }

    /// Judges one request. A counter value is used up as soon as one cryptogram under it verifies, whatever else is
    /// wrong: the card has answered with it.
    pub fn verify(&self, request: &AuthorisationRequest) -> Result<Verification, RequestError> {
        let mut register = self.register();
        let card = register.get_mut(&request.pan).filter(|card| card.psn == request.psn);
        let card = card.ok_or(RequestError::UnknownCard)?;
        request.amount()?;
        let input = request.cryptogram_input()?;
        let cid = request.optional_element::<1>(tag::CID)?;
        let cvr = CvrFacts::of(input.cvr);
        let session = card.keys.derive_session_keys(input.atc);
        let (umd, md) = Answered::by(request)?.judge(&input, &session);
        let cda = signature::judge(request, card.icc.as_ref())?;
        let amount = if umd == Cryptogram::Valid || md == Cryptogram::Valid {
            AmountBinding::Bound
        } else {
            signed_amount(request, &input, &session)?
        };
        let freshness = card.freshness(input.atc);
        if amount != AmountBinding::Unproven && freshness == Freshness::Fresh {
            card.seen.insert(input.atc);
        }
        Ok(Verification {
            atc: input.atc,
            freshness,
            umd,
            umd_expected: card.umd_generation.expects_valid(cvr.cdcvm_done),
            md,
            cda,
            amount,
            cvr,
            is_arqc: cvr.is_arqc && cid.is_none_or(|[cid]| cid & CRYPTOGRAM_TYPE == ARQC),
        })
    }

    /// Judges a tap in mag-stripe mode: finds the issued counter value whose keys give both numbers.
    pub fn verify_mag_stripe(&self, request: &MagStripeRequest) -> Result<MagStripeVerification, RequestError> {
        let mut register = self.register();
        let card = register.get_mut(&request.pan).ok_or(RequestError::UnknownCard)?;
        let pin_iv_cvc3 = card.pin_iv_cvc3.ok_or(RequestError::NoMagStripe)?;
        let told = DynamicNumbers { cvc3: request.cvc3, crypto_atc: request.crypto_atc };
        let fits = |atc: u16| {
            let keys = card.keys.derive_session_keys(atc);
            told == DynamicNumbers::derive(&keys, pin_iv_cvc3, request.unpredictable_number, atc)
        };
        // Eight digits: two counter values may give the same ones, and then the unused one is meant.
        let fitting: Vec<u16> = card.issued.iter().copied().filter(|atc| fits(*atc)).collect();
        let fresh = fitting.iter().find(|atc| !card.seen.contains(atc)).copied();
        Ok(match (fresh, fitting.first()) {
            (Some(atc), _) => {
                card.seen.insert(atc);
                MagStripeVerification::Valid { atc, freshness: Freshness::Fresh }
            }
            (None, Some(atc)) => MagStripeVerification::Valid { atc: *atc, freshness: Freshness::Replayed },
            (None, None) => MagStripeVerification::Invalid,
        })
    }

    pub(crate) fn enter(&self, pan: &str, card: IssuedCard) {
        self.register().insert(pan.to_owned(), card);
    }

    pub(crate) fn note_issued(&self, pan: &str, atcs: impl Iterator<Item = u16>) {
        if let Some(card) = self.register().get_mut(pan) {
            card.issued.extend(atcs);
        }
    }

    /// A thread that panicked with the register open has not harmed it: every change is one insertion.
    fn register(&self) -> MutexGuard<'_, BTreeMap<String, IssuedCard>> {
        self.cards.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the issuer keeps of one card.
pub(crate) struct IssuedCard {
    pub(crate) psn: u8,
    pub(crate) keys: CardMasterKeys,
    pub(crate) icc: Option<PublicKey>,
    pub(crate) pin_iv_cvc3: Option<[u8; 2]>,
    pub(crate) umd_generation: UmdGeneration,
    pub(crate) issued: BTreeSet<u16>,
    seen: BTreeSet<u16>,
}

impl IssuedCard {
    pub(crate) fn new(psn: u8, keys: CardMasterKeys) -> Self {
        Self {
            psn,
            keys,
            icc: None,
            pin_iv_cvc3: None,
            umd_generation: UmdGeneration::Always,
            issued: BTreeSet::new(),
            seen: BTreeSet::new(),
        }
    }

    fn freshness(&self, atc: u16) -> Freshness {
        match (self.issued.contains(&atc), self.seen.contains(&atc)) {
            (false, _) => Freshness::NeverIssued,
            (true, false) => Freshness::Fresh,
            (true, true) => Freshness::Replayed,
        }
    }
}

/// The cryptograms as they came.
struct Answered {
    umd: [u8; 8],
    md: [u8; 5],
}

impl Answered {
    fn by(request: &AuthorisationRequest) -> Result<Self, RequestError> {
        let md = request.issuer_application_data()?.md_cryptogram;
        Ok(Self { umd: request.element(tag::CRYPTOGRAM)?, md })
    }

    fn judge(&self, input: &CryptogramInput, session: &SessionKeys) -> (Cryptogram, Cryptogram) {
        let result = |fits| if fits { Cryptogram::Valid } else { Cryptogram::RandomOrInvalid };
        let md = input.cryptogram(&session.md);
        (result(input.cryptogram(&session.umd) == self.umd), result(md.starts_with(&self.md)))
    }
}

/// Where no cryptogram fits the message: does one fit the terminal data that the card signed, with another amount?
fn signed_amount(
    request: &AuthorisationRequest,
    input: &CryptogramInput,
    session: &SessionKeys,
) -> Result<AmountBinding, RequestError> {
    let Some(cdol1) = request.signed.as_ref().and_then(signature::signed_cdol1) else {
        return Ok(AmountBinding::Unproven);
    };
    let Some((terminal, _)) = cdol1.split_first_chunk() else { return Ok(AmountBinding::Unproven) };
    let seen_by_card = CryptogramInput { terminal: *terminal, ..*input };
    let (umd, md) = Answered::by(request)?.judge(&seen_by_card, session);
    let proven = (umd, md) != (INVALID, INVALID);
    let amount_differs = terminal[..6] != input.terminal[..6];
    if proven && amount_differs {
        let under_cryptogram = decimal(tag::AMOUNT, &terminal[..6])?;
        return Ok(AmountBinding::Contradicted { under_cryptogram });
    }
    Ok(AmountBinding::Unproven)
}

const INVALID: Cryptogram = Cryptogram::RandomOrInvalid;
/// Cryptogram information data (EMV Book 3, table 15).
const CRYPTOGRAM_TYPE: u8 = 0xC0;
const ARQC: u8 = 0x80;
