//! What the network decides, and that it cannot be talked into another decision.
#![allow(clippy::unwrap_used, reason = "a test may fall")]

mod common;

use common::{Tap, icc_key, sign_padded_with};
use sandbox::keys::{Exponent, KeyPair};
use sandbox::{
    Account, AmountBinding, Assessment, AuthorisationRequest, CaSize, CardSpec, Cda, CdaFault, Credential, Cryptogram,
    Decision, DeclineReason, Freshness, Network, RequestError, TokenService, UmdGeneration,
};

/// A token service, its network and one card with its wallet's share.
struct World {
    tokens: TokenService,
    network: Network,
    pan: String,
    icc: KeyPair,
    credentials: Vec<Credential>,
}

impl World {
    fn new() -> Self {
        Self::with(UmdGeneration::Always)
    }

    fn with(umd_generation: UmdGeneration) -> Self {
        let mut tokens = TokenService::new(9, CaSize::Bits1152).unwrap();
        let spec = CardSpec { icc_key_bits: 768, umd_generation, ..CardSpec::default() };
        let card = tokens.personalise(&spec).unwrap();
        let credentials = tokens.issue_credentials(&card.pan, 5).unwrap();
        let mut network = Network::new(tokens.issuer().clone());
        network.open_account(&card.pan, Account { balance: 10_000, payment_limit: 6_000 });
        Self { tokens, network, pan: card.pan, icc: icc_key(&card.profile_v1, Exponent::Three), credentials }
    }

    fn request(&self, tap: &Tap, credential: usize) -> AuthorisationRequest {
        tap.request(&self.tokens, &self.pan, &self.credentials[credential], &self.icc)
    }

    fn declined(&mut self, request: &AuthorisationRequest) -> DeclineReason {
        match self.network.authorise(request) {
            Decision::Declined { reason } => reason,
            approved => panic!("{approved:?}"),
        }
    }

    fn approved(&mut self, request: &AuthorisationRequest) -> bool {
        matches!(self.network.authorise(request), Decision::Approved { .. })
    }
}

#[test]
fn an_issuer_that_has_been_away_knows_what_was_used() {
    let (mut before, mut after) = (World::new(), World::new());
    let (first, second) = (before.request(&Tap::default(), 0), before.request(&Tap::default(), 1));
    assert!(before.approved(&first));
    let kept = before.tokens.issuer().seen(&before.pan);
    assert_eq!(kept, [1]);
    after.tokens.issuer().note_seen(&after.pan, kept);
    assert_eq!(after.declined(&first), DeclineReason::ReplayedAtc);
    assert!(after.approved(&second));
    assert_eq!(after.tokens.issuer().seen(&after.pan), [1, 2]);
}

#[test]
fn a_genuine_tap_is_approved_with_and_without_a_signature() {
    let mut world = World::new();
    let plain = world.request(&Tap::default(), 0);
    let signed = world.request(&Tap { cda: true, ..Tap::default() }, 1);
    let Assessment { verification, decision } = world.network.assess(&plain);
    assert_eq!(verification.unwrap().cda, Cda::NotSigned);
    assert_eq!(decision, Decision::Approved { authorisation_code: "000001".to_owned() });
    let Assessment { verification, decision } = world.network.assess(&signed);
    assert_eq!(verification.unwrap().cda, Cda::Valid);
    assert_eq!(decision, Decision::Approved { authorisation_code: "000002".to_owned() });
    assert_eq!(world.network.account(&world.pan).unwrap().balance, 5_000);
}

#[test]
fn a_replayed_atc_is_refused_even_with_identical_bytes() {
    let mut world = World::new();
    let request = world.request(&Tap::default(), 0);
    assert!(world.approved(&request));
    assert_eq!(world.declined(&request), DeclineReason::ReplayedAtc);
    // A true cryptogram over other data under the same counter value is as bad.
    let other = world.request(&Tap { amount: 1, ..Tap::default() }, 0);
    assert_eq!(world.declined(&other), DeclineReason::ReplayedAtc);
    assert_eq!(world.network.account(&world.pan).unwrap().balance, 7_500);
}

#[test]
fn a_declined_tap_has_used_its_atc_all_the_same() {
    let mut world = World::new();
    let too_much = world.request(&Tap { amount: 6_001, ..Tap::default() }, 0);
    assert_eq!(world.declined(&too_much), DeclineReason::OverAccountLimit);
    let pan = world.pan.clone();
    world.network.open_account(&pan, Account::unlimited());
    assert_eq!(world.declined(&too_much), DeclineReason::ReplayedAtc);
}

#[test]
fn a_forger_cannot_use_up_the_counter_values_of_others() {
    let mut world = World::new();
    let genuine = world.request(&Tap::default(), 0);
    let mut forged = genuine.clone();
    forged.elements.insert(0x9F26, vec![0; 8]);
    forged.elements.get_mut(&0x9F10).unwrap()[11..16].fill(0);
    assert_eq!(world.declined(&forged), DeclineReason::BadCryptogram);
    assert!(world.approved(&genuine));
}

#[test]
fn counter_values_may_come_out_of_order_but_must_have_been_issued() {
    let mut world = World::new();
    for credential in [3, 0, 2] {
        let request = world.request(&Tap { amount: 1, ..Tap::default() }, credential);
        assert!(world.approved(&request));
    }
    // Keys can be derived for every counter value; being derivable is not being issued.
    let mut other = TokenService::new(9, CaSize::Bits1152).unwrap();
    let spec = CardSpec { icc_key_bits: 768, ..CardSpec::default() };
    other.personalise(&spec).unwrap();
    let never_issued_here = other.issue_credentials(&world.pan, 6).unwrap().pop().unwrap();
    let request = Tap::default().request(&world.tokens, &world.pan, &never_issued_here, &world.icc);
    let Assessment { verification, decision } = world.network.assess(&request);
    let verification = verification.unwrap();
    assert_eq!((verification.freshness, verification.md), (Freshness::NeverIssued, Cryptogram::Valid));
    assert_eq!(decision, Decision::Declined { reason: DeclineReason::AtcNeverIssued });
}

#[test]
fn a_changed_amount_is_refused() {
    let mut world = World::new();
    let mut plain = world.request(&Tap::default(), 0);
    plain.elements.insert(0x9F02, vec![0, 0, 0, 0, 0, 1]);
    assert_eq!(world.declined(&plain), DeclineReason::BadCryptogram);
    let mut signed = world.request(&Tap { cda: true, ..Tap::default() }, 1);
    signed.elements.insert(0x9F02, vec![0, 0, 0, 0, 0, 1]);
    let Assessment { verification, decision } = world.network.assess(&signed);
    assert_eq!(verification.unwrap().amount, AmountBinding::Contradicted { under_cryptogram: 2_500 });
    assert_eq!(decision, Decision::Declined { reason: DeclineReason::AmountMismatch });
}

#[test]
fn a_refusal_of_the_card_is_never_authorised() {
    let mut world = World::new();
    let aac = Tap { cvr: [0x85, 0, 0, 0x02, 0, 0], cid: 0, ..Tap::default() };
    let signed_aac = world.request(&Tap { cda: true, ..aac.clone() }, 0);
    let Assessment { verification, decision } = world.network.assess(&signed_aac);
    assert_eq!(verification.unwrap().cda, Cda::Valid, "the signature over DF4B");
    assert_eq!(decision, Decision::Declined { reason: DeclineReason::Aac });
    // Refused in the results, an ARQC by the message's word; and the other way round.
    let dressed_up = world.request(&Tap { cid: 0x80, ..aac }, 1);
    assert_eq!(world.declined(&dressed_up), DeclineReason::Aac);
    let dressed_down = world.request(&Tap { cid: 0, ..Tap::default() }, 2);
    assert_eq!(world.declined(&dressed_down), DeclineReason::Aac);
}

#[test]
fn a_random_umd_cryptogram_is_accepted_only_where_the_card_gives_one() {
    let without_cdcvm = [0xA0, 0, 0, 0x22, 0, 0];
    let random = |cvr| Tap { random_umd: true, cvr, ..Tap::default() };
    for (generation, with_cdcvm_passes, without_passes) in [
        (UmdGeneration::Always, false, false),
        (UmdGeneration::OnCdcvm, false, true),
        (UmdGeneration::Random, true, true),
    ] {
        let mut world = World::with(generation);
        let (with, without) = (random(Tap::default().cvr), random(without_cdcvm));
        let (with, without) = (world.request(&with, 0), world.request(&without, 1));
        assert_eq!(world.approved(&with), with_cdcvm_passes, "{generation:?} with CDCVM");
        assert_eq!(world.approved(&without), without_passes, "{generation:?} without");
    }
}

#[test]
fn a_cdcvm_claimed_after_the_tap_is_found_out() {
    let mut world = World::with(UmdGeneration::OnCdcvm);
    let mut request = world.request(&Tap { cvr: [0xA0, 0, 0, 0x22, 0, 0], random_umd: true, ..Tap::default() }, 0);
    request.elements.get_mut(&0x9F10).unwrap()[2] |= 0x05;
    assert_eq!(world.declined(&request), DeclineReason::BadCryptogram);
}

#[test]
fn a_signature_of_another_card_is_refused() {
    let mut world = World::new();
    let other = {
        let mut tokens = TokenService::new(9, CaSize::Bits1152).unwrap();
        let spec = CardSpec { icc_key_bits: 768, seed: 2, ..CardSpec::default() };
        icc_key(&tokens.personalise(&spec).unwrap().profile_v1, Exponent::Three)
    };
    let tap = Tap { cda: true, ..Tap::default() };
    let request = tap.request(&world.tokens, &world.pan, &world.credentials[0], &other);
    let Assessment { verification, decision } = world.network.assess(&request);
    assert!(matches!(verification.unwrap().cda, Cda::Invalid(CdaFault::Block)));
    assert_eq!(decision, Decision::Declined { reason: DeclineReason::BadSignature });
}

#[test]
fn a_signature_moved_to_another_tap_is_refused() {
    let mut world = World::new();
    let tap = Tap { cda: true, ..Tap::default() };
    let (first, mut second) = (world.request(&tap, 0), world.request(&tap, 1));
    second.signed = first.signed;
    assert_eq!(world.declined(&second), DeclineReason::BadSignature);
}

#[test]
fn a_signature_of_another_form_is_refused_though_the_right_key_made_it() {
    let world = World::new();
    let genuine = world.request(&Tap { cda: true, ..Tap::default() }, 0);
    let block = world.icc.public().recover(&genuine.signed.as_ref().unwrap().signature).unwrap();
    let dynamic = &block[4..42];
    let cda = |padding, dynamic: &[u8]| {
        let mut request = genuine.clone();
        let number = request.elements[&0x9F37].clone();
        request.signed.as_mut().unwrap().signature = sign_padded_with(padding, &world.icc, dynamic, &number);
        world.tokens.issuer().verify(&request).unwrap().cda
    };
    assert_eq!(cda(0xBB, dynamic), Cda::Valid);
    assert_eq!(cda(0xAA, dynamic), Cda::Invalid(CdaFault::Block));
    assert_eq!(cda(0xBB, &dynamic[..37]), Cda::Invalid(CdaFault::Block));
    let short_number = [&[4], &dynamic[1..]].concat();
    assert_eq!(cda(0xBB, &short_number), Cda::Invalid(CdaFault::Block));
    for (part, fault) in [(9, CdaFault::Cryptogram), (10, CdaFault::Cryptogram), (18, CdaFault::TransactionData)] {
        let mut changed = dynamic.to_vec();
        changed[part] ^= 0x01;
        assert_eq!(cda(0xBB, &changed), Cda::Invalid(fault), "byte {part}");
    }
}

#[test]
fn a_suspended_token_cannot_pay_until_it_is_resumed() {
    let mut world = World::new();
    let (first, second) = (world.request(&Tap::default(), 0), world.request(&Tap::default(), 1));
    let pan = world.pan.clone();
    world.network.suspend(&pan);
    assert_eq!(world.declined(&first), DeclineReason::SuspendedToken);
    world.network.resume(&pan);
    assert!(world.approved(&second));
}

#[test]
fn an_account_pays_to_its_limit_and_no_further() {
    let mut world = World::new();
    let tap = |amount| Tap { amount, ..Tap::default() };
    let requests: Vec<_> = [6_000, 4_001, 4_000, 1]
        .iter()
        .enumerate()
        .map(|(index, amount)| world.request(&tap(*amount), index))
        .collect();
    assert!(world.approved(&requests[0]));
    assert_eq!(world.declined(&requests[1]), DeclineReason::OverAccountLimit);
    assert!(world.approved(&requests[2]));
    assert_eq!(world.declined(&requests[3]), DeclineReason::OverAccountLimit);
    let refund = world.request(&Tap { transaction_type: 0x20, ..tap(700) }, 4);
    assert!(world.approved(&refund));
    assert_eq!(world.network.account(&world.pan).unwrap().balance, 700);
}

#[test]
fn nobody_elses_card_is_known() {
    let mut world = World::new();
    let genuine = world.request(&Tap::default(), 0);
    let other_pan = AuthorisationRequest { pan: "5413330000000027".to_owned(), ..genuine.clone() };
    assert_eq!(world.declined(&other_pan), DeclineReason::UnknownCard);
    let other_psn = AuthorisationRequest { psn: 2, ..genuine.clone() };
    assert_eq!(world.declined(&other_psn), DeclineReason::UnknownCard);
    let mut no_account = Network::new(world.tokens.issuer().clone());
    assert_eq!(no_account.authorise(&genuine), Decision::Declined { reason: DeclineReason::UnknownCard });
}

#[test]
fn a_request_that_lacks_something_says_what() {
    let mut world = World::new();
    let genuine = world.request(&Tap::default(), 0);
    let mut bad = |tag, value: Option<Vec<u8>>, error| {
        let mut request = genuine.clone();
        match value {
            Some(value) => request.elements.insert(tag, value),
            None => request.elements.remove(&tag),
        };
        assert_eq!(world.declined(&request), DeclineReason::BadRequest(error));
    };
    for tag in [0x9F02, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37, 0x82, 0x9F36, 0x9F10, 0x9F26] {
        bad(tag, None, RequestError::Missing { tag });
        bad(tag, Some(vec![0; 25]), RequestError::Length { tag, expected: genuine.elements[&tag].len(), got: 25 });
    }
    bad(0x9F02, Some(vec![0xFF; 6]), RequestError::Decimal { tag: 0x9F02 });
    bad(0x9F10, Some(vec![0x10; 18]), RequestError::CryptogramVersion(0x10));
    // What may be left out.
    let mut request = genuine.clone();
    for tag in [0x9F03, 0x9F27, 0x9F34, 0x9F35, 0x9F45, 0x9F4C, 0x9F15] {
        request.elements.remove(&tag);
    }
    assert!(world.approved(&request));
}

#[test]
fn of_many_acquirers_at_once_only_one_gets_the_approval() {
    let world = World::new();
    let request = world.request(&Tap::default(), 0);
    let approvals: usize = std::thread::scope(|scope| {
        let ask = || {
            let mut network = Network::new(world.tokens.issuer().clone());
            network.open_account(&world.pan, Account::unlimited());
            usize::from(matches!(network.authorise(&request), Decision::Approved { .. }))
        };
        let acquirers: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        acquirers.into_iter().map(|acquirer| acquirer.join().unwrap()).sum()
    });
    assert_eq!(approvals, 1);
}
