//! The issuer's end of the line: what the terminal asks becomes a message, and the message gets a judgement.

use std::collections::BTreeMap;

use pos_terminal::sale::numeric;
use pos_terminal::{MagStripeRequest, OnlineRequest, Outcome, Tap};
use sandbox::{
    Account, Assessment, AuthorisationRequest, Cryptogram, Issuer, MagStripeVerification, Network, SignedData, tag,
};

use crate::scenarios::Acquirer;

/// Everyone behind the terminal. A card whose keys are unknown has no issuer here, and nobody can judge it.
pub(crate) struct Bank {
    known: Option<(Network, Issuer)>,
}

/// What came back from the bank about one tap.
#[derive(Clone, Debug)]
pub(crate) enum Judgement {
    /// The terminal had nothing to ask.
    NotAsked(Refusal),
    /// The network's answers, one for each time the message was sent.
    Assessed(Vec<Assessment>),
    /// The issuer's finding about dynamic track data; `None` when it could not be judged.
    Track(Option<MagStripeVerification>),
    /// The card's keys are unknown.
    Impossible,
}

/// Whether a refusal tells anyone anything: its cryptograms have to be random.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no cryptogram.
    Bare,
    /// It carries cryptograms that verify under nothing.
    Random,
    /// It carries cryptograms that the issuer cannot judge.
    Unjudged,
    /// It carries one that verifies: such an answer must never leave a phone.
    Verifies,
}

impl Bank {
    /// The bank of cards whose issuer is known.
    pub(crate) fn new<'a>(issuer: Issuer, pans: impl Iterator<Item = &'a str>) -> Self {
        let mut network = Network::new(issuer.clone());
        for pan in pans {
            network.open_account(pan, Account { balance: BALANCE, payment_limit: PAYMENT_LIMIT });
        }
        Self { known: Some((network, issuer)) }
    }

    /// No bank: nothing can be judged.
    pub(crate) const fn unknown() -> Self {
        Self { known: None }
    }

    /// The issuer, where there is one.
    pub(crate) fn issuer(&self) -> Option<&Issuer> {
        self.known.as_ref().map(|(_, issuer)| issuer)
    }

    /// Asks about a tap what its terminal would ask; `question` is what the terminal told the card.
    pub(crate) fn judge(&mut self, tap: &Tap, question: &BTreeMap<u32, Vec<u8>>, acquirer: Acquirer) -> Judgement {
        let Some((network, issuer)) = &mut self.known else { return Judgement::Impossible };
        match &tap.outcome {
            Outcome::OnlineRequest(request) | Outcome::ApprovedOffline(request) => {
                let mut message = message(request, question);
                if acquirer == Acquirer::RaisesAmount {
                    let amount = message.amount().unwrap_or_default();
                    message.elements.insert(tag::AMOUNT, numeric(amount * 10, 6));
                }
                let times = if acquirer == Acquirer::SendsTwice { 2 } else { 1 };
                Judgement::Assessed((0..times).map(|_| network.assess(&message)).collect())
            }
            Outcome::MagStripeOnline(request) => {
                Judgement::Track(track(request).and_then(|message| issuer.verify_mag_stripe(&message).ok()))
            }
            _ => Judgement::NotAsked(look_at_refusal(issuer, tap, question)),
        }
    }
}

/// A message has room for what the card's list asks for: a terminal with longer or shorter data sends what it told the
/// card.
fn message(request: &OnlineRequest, question: &BTreeMap<u32, Vec<u8>>) -> AuthorisationRequest {
    let signed = request.signed.as_ref();
    let mut elements = request.elements.clone();
    for (tag, element) in &mut elements {
        if let Some(told) = question.get(tag).filter(|told| told.len() != element.len()) {
            element.clone_from(told);
        }
    }
    AuthorisationRequest {
        pan: request.pan.clone(),
        psn: request.psn,
        elements,
        signed: signed.map(|signed| SignedData { signature: signed.signature.clone(), hashed: signed.hashed.clone() }),
    }
}

fn track(request: &MagStripeRequest) -> Option<sandbox::MagStripeRequest> {
    fn fixed<const N: usize>(request: &MagStripeRequest, tag: u32) -> Option<[u8; N]> {
        request.elements.get(&tag)?.as_slice().try_into().ok()
    }
    Some(sandbox::MagStripeRequest {
        pan: request.pan.clone(),
        unpredictable_number: fixed(request, NUMERIC_UNPREDICTABLE_NUMBER)?,
        cvc3: u16::from_be_bytes(fixed(request, CVC3)?),
        crypto_atc: u16::from_be_bytes(fixed(request, tag::ATC)?),
    })
}

/// A terminal sends no refusal to the issuer; a thief would. So the issuer is shown it all the same.
fn look_at_refusal(issuer: &Issuer, tap: &Tap, question: &BTreeMap<u32, Vec<u8>>) -> Refusal {
    if !tap.data.contains_key(&tag::CRYPTOGRAM) {
        return Refusal::Bare;
    }
    let of_card = [tag::AIP, tag::ATC, tag::ISSUER_APPLICATION_DATA, tag::CRYPTOGRAM, tag::CID];
    let mut elements: BTreeMap<u32, Vec<u8>> =
        of_card.into_iter().filter_map(|tag| Some((tag, tap.data.get(&tag)?.clone()))).collect();
    elements.extend(question.iter().map(|(tag, value)| (*tag, value.clone())));
    let psn = tap.data.get(&PSN).and_then(|value| value.first()).map_or(0, |bcd| (bcd >> 4) * 10 + (bcd & 0x0F));
    let message = AuthorisationRequest { pan: account_number(tap), psn, elements, signed: None };
    match issuer.verify(&message) {
        Ok(found) if found.umd == Cryptogram::Valid || found.md == Cryptogram::Valid => Refusal::Verifies,
        Ok(_) => Refusal::Random,
        Err(_) => Refusal::Unjudged,
    }
}

fn account_number(tap: &Tap) -> String {
    let digits = tap.data.get(&PAN).map(hex::encode_upper).unwrap_or_default();
    digits.trim_end_matches('F').to_owned()
}

const PAN: u32 = 0x5A;
const PSN: u32 = 0x5F34;
const CVC3: u32 = 0x9F61;
const NUMERIC_UNPREDICTABLE_NUMBER: u32 = 0x9F6A;

/// What the account holds, in minor units.
const BALANCE: u64 = 100_000_000;
/// The most that one payment may take.
const PAYMENT_LIMIT: u64 = 50_000;
