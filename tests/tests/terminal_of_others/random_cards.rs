//! Two hundred cards at random, and the crate `emv` as their only judge.

use crate::dice::Dice;
use crate::kernel::{CDA, Ended, Tap, pay};
use crate::random_card::{Keys, RandomCard};
use bezant::WalletConfig;
use bezant::card::{CardProfile, ProfileKeys, TapOutcome};
use bezant_tests::{Phone, Syn1, bytes};
use emv::core::application_cryptogram::verify_application_cryptogram;
use emv::core::tag::Tag;
use emv::core::tlv::Tlv;
use std::slice;

/// Once for every card key, and once more for some.
const CARDS: u64 = 220;

#[test]
fn a_terminal_of_others_sends_random_cards_online_and_notices_every_damage() {
    let keys = Keys::make();
    for seed in 1..=CARDS {
        let mut dice = Dice::new(seed);
        let at = usize::try_from(seed).unwrap() % keys.cards.len();
        let card = RandomCard::new(&mut dice, &keys, &keys.cards[at]);
        let name = dice.pick(&card.names).clone();

        let good = tap(&card, &name, |_, _| {});
        assert_eq!(good.ended, Ended::Online, "card {seed}");
        let [second, third] = card.results;
        assert_eq!(good.results.to_bytes(), [0, second, third, 0x80, 0], "card {seed}: {:02X?}", card.results);
        assert_eq!(good.object(0x9F4B).map(|signature| signature.len()), Some(keys.cards[at].public().byte_length()));
        let umd = bytes(card.credential["contactless_umd"].as_str().unwrap()).try_into().unwrap();
        let cryptogram = good.cryptogram.unwrap();
        assert!(verify_application_cryptogram(&umd, &good.cryptogram_input(), cryptogram), "card {seed}");

        assert_notices_a_flipped_bit_of_the_answer(&card, &name, &mut dice, seed);
        assert_notices_a_flipped_bit_of_a_certificate(&card, &name, &mut dice, seed);
    }
}

fn assert_notices_a_flipped_bit_of_the_answer(card: &RandomCard, name: &[u8], dice: &mut Dice, seed: u64) {
    let (draw, bit) = (dice.any(), 1 << dice.between(0, 7));
    let tap = tap(card, name, |command, answer| {
        // After a bad signature the kernel asks once more, and is refused.
        if command[1] == GENERATE_AC && answer.len() > 2 {
            let places = covered_places(answer);
            answer[places[draw % places.len()]] ^= bit;
        }
    });
    assert!(tap.results.cda_failed, "card {seed}");
    assert_eq!(tap.ended, Ended::SecondCryptogramRefused, "card {seed}");
}

fn assert_notices_a_flipped_bit_of_a_certificate(card: &RandomCard, name: &[u8], dice: &mut Dice, seed: u64) {
    let damaged = dice.pick(&card.certificates).clone();
    let (place, bit) = (dice.any() % damaged.len(), 1 << dice.between(0, 7));
    let mut damages = 0;
    let tap = tap(card, name, |_, answer| {
        if let Some(start) = answer.windows(damaged.len()).position(|window| window == damaged) {
            answer[start + place] ^= bit;
            damages += 1;
        }
    });
    assert_eq!(damages, 1, "card {seed}");
    assert!(tap.results.cda_failed, "card {seed}: byte {place} of {} of a certificate", damaged.len());
    assert_eq!(tap.object(0x9F4B), None, "card {seed}: no signature is asked for");
}

/// A tap with a wallet of its own, on a line that may change answers.
fn tap(card: &RandomCard, name: &[u8], mut change: impl FnMut(&[u8], &mut [u8])) -> Tap {
    let phone = Phone::new(WalletConfig::default());
    let id = Phone::id("card-1");
    let profile = CardProfile::parse(&card.profile.to_string(), &ProfileKeys::default()).unwrap();
    phone.wallet.install_profile(id.clone(), profile).unwrap();
    phone.wallet.load_credentials(&id, vec![Syn1::credential(&card.credential)]).unwrap();
    phone.wallet.activate(&id).unwrap();
    phone.verify();
    let transmit = |command: &[u8]| {
        let mut answer = phone.transmit(command);
        change(command, &mut answer);
        answer
    };
    let tap = pay(transmit, slice::from_ref(&card.authority), CDA, |names| {
        assert_eq!(names, card.names, "in the order of the PPSE");
        name.to_vec()
    });
    assert_eq!(phone.take_away(), Some(TapOutcome::AuthorizeOnline));
    tap
}

/// Where the counter, the signature and the issuer application data stand in an answer to GENERATE AC.
fn covered_places(answer: &[u8]) -> Vec<usize> {
    let response = Tlv::from_bytes(&answer[..answer.len() - 2]).unwrap();
    let places = [0x9F36, 0x9F4B, 0x9F10].into_iter().flat_map(|tag| {
        let value = response.find(Tag(tag)).unwrap().value().as_primitive().unwrap().to_vec();
        let start = answer.windows(value.len()).position(|window| window == value).unwrap();
        start..start + value.len()
    });
    places.collect()
}

const GENERATE_AC: u8 = 0xAE;
