//! Taps at a terminal that others wrote: the kernel of the crate `emv` selects, reads, verifies certificates and
//! signature, and decides.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod dice;
mod kernel;
mod layout;
mod random_card;
mod random_cards;

use bezant::WalletConfig;
use bezant::card::{CardProfile, ProfileKeys, TapOutcome};
use bezant_tests::{Generation, Phone, Syn1, bytes};
use emv::core::application_cryptogram::verify_application_cryptogram;
use emv::core::oda::CaPublicKey;
use kernel::{CDA, Ended, Recording, Setup, Tap, first, pay};
use sandbox::keys::Exponent;
use sandbox::{AlternateApplication, CaSize, CardSpec, CvmModel, PersonalisedCard, TokenService};
use std::slice;

#[test]
fn a_terminal_of_others_sends_syn_1_of_both_generations_online() {
    for generation in [Generation::V1, Generation::V2] {
        let phone = Phone::with_syn_1(generation).verified();
        let tap = tap(&phone, CDA);
        assert_signed_and_online(&tap);
        assert_eq!(tap.object(0x9F36), Some(vec![0, 1]));
        assert_eq!(tap.object(0x9F26), None, "under a signature the cryptogram is not sent beside it");
        assert_eq!(issued_key_of(&tap), Some(1));
        assert_eq!(phone.take_away(), Some(TapOutcome::AuthorizeOnline));
        assert_eq!(phone.credentials_left("card-1"), 2);
    }
}

#[test]
fn one_wallet_pays_at_a_terminal_of_others_until_its_credentials_are_spent() {
    let phone = Phone::with_syn_1(Generation::V2).verified();
    for atc in [1, 2, 31] {
        let tap = tap(&phone, CDA);
        assert_signed_and_online(&tap);
        assert_eq!(issued_key_of(&tap), Some(atc));
        phone.take_away();
    }
    phone.verify();
    let tap = tap(&phone, CDA);
    assert_eq!((tap.ended, phone.take_away()), (Ended::Declined, Some(TapOutcome::DeclinedByWallet)));
}

/// The sizes are whole bytes, not whole words: the primes under 97 and 121 bytes have 388 and 484 bits.
#[test]
fn a_terminal_of_others_verifies_cards_of_every_key_size() {
    for (exponent, sizes) in [
        (Exponent::Three, &[96, 97, 100, 112, 121, 127, 128, 129, 144, 145, 160, 175, 176][..]),
        (Exponent::F4, &[96, 97, 121, 144, 176][..]),
    ] {
        for size in sizes {
            let made = Made::new(&CardSpec { icc_key_bits: size * 8, exponent, ..CardSpec::default() });
            for json in [&made.card.profile_v1, &made.card.profile_v2] {
                let phone = made.phone(json);
                let tap = pay(|command| phone.transmit(command), slice::from_ref(&made.authority), CDA, first);
                assert_signed_and_online(&tap);
                assert_eq!(tap.object(0x9F4B).map(|signature| signature.len()), Some(*size));
                assert_eq!(phone.take_away(), Some(TapOutcome::AuthorizeOnline), "{size} bytes");
            }
        }
    }
}

#[test]
fn a_card_like_card_and_its_alternate_application_are_verified_too() {
    let made = Made::new(&CardSpec {
        cvm_model: CvmModel::CardLike,
        alternate: Some(AlternateApplication::us_debit()),
        mag_stripe: None,
        ..CardSpec::default()
    });
    let (primary, alternate) = (bytes("A0000000041010"), bytes("A0000000042203"));
    for chosen in [primary.clone(), alternate.clone()] {
        let phone = made.phone(&made.card.profile_v2);
        let choose = |names: Vec<Vec<u8>>| {
            assert_eq!(names, [primary.clone(), alternate.clone()], "in the order of the PPSE");
            chosen
        };
        assert_signed_and_online(&pay(
            |command| phone.transmit(command),
            slice::from_ref(&made.authority),
            CDA,
            choose,
        ));
    }
}

#[test]
fn a_signature_with_one_flipped_byte_fails_at_a_terminal_of_others() {
    let good = Recording::of(tap(&Phone::with_syn_1(Generation::V2).verified(), CDA));
    let signature = good.signature();
    assert_eq!(signature.len(), 128);
    for at in signature {
        assert_signature_refused(&good.pay_with(&authority_of_syn_1(), at, 0x01));
    }
}

#[test]
fn flipped_bits_of_shorter_and_longer_signatures_fail_too() {
    for size in [96, 121, 176] {
        let made = Made::new(&CardSpec { icc_key_bits: size * 8, ..CardSpec::default() });
        let phone = made.phone(&made.card.profile_v1);
        let good = pay(|command| phone.transmit(command), slice::from_ref(&made.authority), CDA, first);
        let good = Recording::of(good);
        let signature = good.signature();
        assert_eq!(signature.len(), size);
        for at in [signature.start, signature.start + 1, signature.start + size / 2, signature.end - 1] {
            for bit in [0x01, 0x80] {
                assert_signature_refused(&good.pay_with(&made.authority, at, bit));
            }
        }
    }
}

#[test]
fn nothing_that_the_signature_covers_can_be_changed_on_the_air() {
    let good = Recording::of(tap(&Phone::with_syn_1(Generation::V1).verified(), CDA));
    assert_signed_and_online(&good.pay_with(&authority_of_syn_1(), 0, 0));
    // 77 81A2, 9F2701 80, 9F3602 0001, 9F4B8180 …, 9F1012 …, 9000: the counter, and every byte of 9F10.
    let behind_signature = good.signature().end + 3;
    for at in [10, 11].into_iter().chain(behind_signature..good.cryptogram_answer().len() - 2) {
        assert_signature_refused(&good.pay_with(&authority_of_syn_1(), at, 0x01));
    }
}

#[test]
fn a_terminal_that_cannot_trust_the_certificates_asks_for_no_signature() {
    let other = CaPublicKey { modulus: Made::new(&CardSpec::default()).authority.modulus, ..authority_of_syn_1() };
    for authorities in [vec![], vec![other]] {
        let phone = Phone::with_syn_1(Generation::V2).verified();
        let tap = pay(|command| phone.transmit(command), &authorities, CDA, first);
        assert!(tap.results.cda_failed);
        assert_eq!((tap.object(0x9F4B), issued_key_of(&tap)), (None, Some(1)));
    }
}

#[test]
fn a_terminal_without_cda_gets_the_cryptogram_itself() {
    let phone = Phone::with_syn_1(Generation::V2).verified();
    let tap = tap(&phone, Setup { capabilities: "E00800", ..CDA });
    assert_eq!(tap.ended, Ended::Online);
    // "Not performed" is no failure; the amount is above the floor limit of zero.
    assert_eq!(tap.results.to_bytes(), [0x80, 0, 0, 0x80, 0]);
    assert_eq!((tap.object(0x9F4B), issued_key_of(&tap)), (None, Some(1)));
    assert_eq!(phone.take_away(), Some(TapOutcome::AuthorizeOnline));
}

#[test]
fn a_terminal_of_others_takes_see_phone_for_a_decline_and_nothing_is_spent() {
    let phone = Phone::with_syn_1(Generation::V1);
    let tap = tap(&phone, CDA);
    assert_eq!(tap.object(0xDF4B), Some(vec![0x00, 0x01, 0x00]));
    assert_eq!((tap.object(0x9F4B), issued_key_of(&tap)), (None, None));
    assert_eq!((tap.ended, phone.take_away()), (Ended::Declined, Some(TapOutcome::WalletActionRequired)));
    assert_eq!(phone.credentials_left("card-1"), 3);
}

#[test]
fn a_terminal_of_others_that_declines_by_itself_costs_no_credential() {
    let phone = Phone::with_syn_1(Generation::V2).verified();
    let tap = tap(&phone, Setup { denial: "0000008000", ..CDA });
    assert_eq!(tap.generate_ac().map(|(command, _)| command[2]), Some(0x00), "an AAC is asked for");
    assert_eq!(issued_key_of(&tap), None);
    assert_eq!((tap.ended, phone.take_away()), (Ended::Declined, Some(TapOutcome::DeclinedByTerminal)));
    assert_eq!(phone.credentials_left("card-1"), 3);
}

#[test]
fn an_offline_only_terminal_of_others_finds_no_application() {
    for terminal_type in ["23", "26"] {
        let phone = Phone::with_syn_1(Generation::V1).verified();
        let tap = tap(&phone, Setup { terminal_type, ..CDA });
        // 6985 to GET PROCESSING OPTIONS strikes the application off the list (EMV Book 3 section 10.1).
        assert_eq!(tap.ended, Ended::NoApplication);
        assert_eq!(phone.credentials_left("card-1"), 3);
    }
}

fn tap(phone: &Phone, setup: Setup) -> Tap {
    pay(|command| phone.transmit(command), &[authority_of_syn_1()], setup, first)
}

fn assert_signed_and_online(tap: &Tap) {
    assert_eq!(tap.ended, Ended::Online);
    assert_eq!(tap.results.to_bytes(), [0, 0, 0, 0x80, 0], "above the floor limit of zero, and nothing else");
    assert!(tap.object(0x9F4B).is_some() && tap.cryptogram.is_some());
}

fn assert_signature_refused(tap: &Tap) {
    assert!(tap.results.cda_failed);
    // Such a terminal asks for an AAC at once (EMV Book 4 section 6.3.2.1), and a contactless card has no second answer.
    assert_eq!(tap.ended, Ended::SecondCryptogramRefused);
}

/// Under which of SYN-1's credentials the cryptogram verifies.
fn issued_key_of(tap: &Tap) -> Option<u16> {
    let (input, cryptogram) = (tap.cryptogram_input(), tap.cryptogram.unwrap());
    let verifies =
        |atc: &u16| verify_application_cryptogram(Syn1::session_keys(*atc).umd.expose_secret(), &input, cryptogram);
    [1, 2, 31].into_iter().find(verifies)
}

fn authority_of_syn_1() -> CaPublicKey {
    let json = Syn1::credentials_json();
    let part = |name: &str| bytes(json["ca"][name].as_str().unwrap());
    let rid = part("rid").try_into().unwrap();
    CaPublicKey { rid, index: part("index")[0], modulus: part("modulus"), exponent: part("exponent") }
}

/// A card of the sandbox's token service with what a terminal and a wallet need.
struct Made {
    card: PersonalisedCard,
    authority: CaPublicKey,
    credential: serde_json::Value,
}

impl Made {
    fn new(spec: &CardSpec) -> Self {
        let mut service = TokenService::new(7, CaSize::for_icc_key(spec.icc_key_bits)).unwrap();
        let card = service.personalise(spec).unwrap();
        let credentials = service.issue_credentials(&card.pan, 1).unwrap();
        let sandbox::CaPublicKey { rid, index: [index], modulus, exponent } = service.ca();
        let authority = CaPublicKey { rid, index, modulus, exponent };
        Self { card, authority, credential: serde_json::to_value(&credentials[0]).unwrap() }
    }

    /// A phone with this card, its cardholder verified.
    fn phone(&self, profile: &serde_json::Value) -> Phone {
        let phone = Phone::new(WalletConfig::default());
        let id = Phone::id("card-1");
        let profile = CardProfile::parse(&profile.to_string(), &ProfileKeys::default()).unwrap();
        phone.wallet.install_profile(id.clone(), profile).unwrap();
        phone.wallet.load_credentials(&id, vec![Syn1::credential(&self.credential)]).unwrap();
        phone.wallet.activate(&id).unwrap();
        phone.verified()
    }
}
