//! Every terminal of the zoo meets the wallet.
#![allow(clippy::unwrap_used)]

use bezant::card::{CardOptions, DolExtension, TapOutcome};
use bezant_tests::{Generation, Phone, Syn1, bytes};
use pos_terminal::apdu::Answer;
use pos_terminal::zoo::{self, ZooTerminal};
use pos_terminal::{Card, LinkError, OdaResult, Outcome, Sale, Visit};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

/// Name; what the wallet says of each tap; credentials left of three; how each tap ends at the terminal; the status
/// words with which the card refuses something on the way.
type Row = (&'static str, &'static [Option<TapOutcome>], usize, &'static [&'static str], &'static [u16]);

const PAID: Option<TapOutcome> = Some(TapOutcome::AuthorizeOnline);
const TORN: Option<TapOutcome> = Some(TapOutcome::Interrupted);
const ONLINE: &str = "online request";
const DECLINED: &str = "declined: terminal action analysis declined";
const FIELD_OFF: &str = "the tap broke off: the terminal switched its field off";

const ZOO: [Row; 42] = [
    ("le-left-out", &[PAID], 2, &[ONLINE], &[]),
    ("le-wrong", &[None], 3, &["the tap broke off: SELECT was answered 6700"], &[0x6700]),
    ("le-wrong-then-right", &[PAID], 2, &[ONLINE], &[0x6700]),
    ("extended-length-first", &[PAID], 2, &[ONLINE], &[0x6700]),
    ("wrong-class-first", &[PAID], 2, &[ONLINE], &[0x6E00]),
    ("get-data-in-between", &[PAID], 2, &[ONLINE], &[0x6D00]),
    ("unknown-commands-in-between", &[PAID], 2, &[ONLINE], &[0x6700, 0x6D00]),
    ("gpo-twice", &[PAID], 2, &[ONLINE], &[0x6985]),
    ("records-twice", &[PAID], 2, &[ONLINE], &[]),
    ("generate-ac-twice", &[PAID], 2, &[ONLINE], &[0x6985]),
    ("short-generate-ac-first", &[PAID], 2, &[ONLINE], &[0x6700]),
    ("without-directory", &[PAID], 2, &[ONLINE], &[0x6A82]),
    ("partial-name-first", &[PAID], 2, &[ONLINE], &[0x6A82]),
    ("next-occurrence", &[PAID], 2, &[ONLINE], &[0x6A86]),
    ("prefers-us-debit", &[PAID], 2, &[ONLINE], &[]),
    ("records-backwards", &[PAID], 2, &[ONLINE], &[]),
    ("declines-first", &[Some(TapOutcome::DeclinedByTerminal), PAID], 2, &[DECLINED, ONLINE], &[]),
    // A proof under real keys costs a credential as a payment does.
    ("signed-decline", &[Some(TapOutcome::AuthenticateOffline)], 2, &[DECLINED], &[]),
    ("asks-for-approval", &[PAID], 2, &[ONLINE], &[]),
    ("restarts-with-field-on", &[PAID], 2, &[ONLINE], &[]),
    ("restarts-with-field-off", &[PAID], 2, &[ONLINE], &[]),
    ("drops-after-directory", &[TORN, PAID], 2, &[FIELD_OFF, ONLINE], &[]),
    ("drops-after-application", &[TORN, PAID], 2, &[FIELD_OFF, ONLINE], &[]),
    ("drops-after-gpo", &[TORN, PAID], 2, &[FIELD_OFF, ONLINE], &[]),
    ("drops-after-record-1", &[TORN, PAID], 2, &[FIELD_OFF, ONLINE], &[]),
    ("drops-after-record-2", &[TORN, PAID], 2, &[FIELD_OFF, ONLINE], &[]),
    ("drops-after-record-3", &[TORN, PAID], 2, &[FIELD_OFF, ONLINE], &[]),
    ("drops-after-record-4", &[TORN, PAID], 2, &[FIELD_OFF, ONLINE], &[]),
    // What was answered is spent, whether anybody heard it or not.
    ("drops-before-cryptogram", &[PAID, PAID], 1, &[FIELD_OFF, ONLINE], &[]),
    ("impatient-gate", &[PAID], 2, &[ONLINE], &[]),
    ("knows-few-tags", &[PAID], 2, &[ONLINE], &[]),
    ("longer-data-than-asked", &[PAID], 2, &[ONLINE], &[]),
    ("shorter-data-than-asked", &[PAID], 2, &[ONLINE], &[]),
    ("unpredictable-number-zero", &[PAID], 2, &[ONLINE], &[]),
    ("without-capabilities", &[PAID], 2, &[ONLINE], &[]),
    ("without-risk-management-data", &[PAID], 2, &[ONLINE], &[]),
    ("yen-shop", &[PAID], 2, &[ONLINE], &[]),
    ("dinar-shop", &[PAID], 2, &[ONLINE], &[]),
    ("gate-without-amount", &[PAID], 2, &[ONLINE], &[]),
    ("petrol-pump", &[PAID, PAID], 1, &[ONLINE, ONLINE], &[]),
    (
        "never-online",
        &[Some(TapOutcome::Error)],
        3,
        &["the tap broke off: GET PROCESSING OPTIONS was answered 6985"],
        &[0x6985],
    ),
    // Mag-stripe mode is off in this wallet.
    (
        "mag-stripe-only",
        &[TORN],
        3,
        &["the tap broke off: COMPUTE CRYPTOGRAPHIC CHECKSUM was answered 6985"],
        &[0x6985],
    ),
];

/// A phone in its owner's hand, and what the wallet says of each tap that a lost field ended.
struct Hand {
    phone: Phone,
    said: Vec<Option<TapOutcome>>,
    /// The owner puts a finger on the sensor as soon as the phone asks for it.
    attentive: bool,
}

impl Card for Hand {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        let answer = self.phone.transmit(command);
        if self.attentive && answer.ends_with(&bytes("DF4B030001009000")) {
            self.phone.verify();
        }
        Ok(answer)
    }

    fn leave_field(&mut self) {
        self.said.push(self.phone.take_away());
    }

    // A loaded machine must not look like a slow card.
    fn answer_time(&self) -> Option<Duration> {
        Some(Duration::ZERO)
    }
}

impl Hand {
    fn holding(phone: Phone) -> Self {
        Self { phone, said: Vec::new(), attentive: false }
    }

    fn visits(&mut self, name: &str) -> Visit {
        self.visits_terminal(&zoo::named(name).unwrap())
    }

    fn visits_terminal(&mut self, terminal: &ZooTerminal) -> Visit {
        let sale = Sale::purchase(25_00, [0x26, 0x01, 0x15], [0x12, 0x34, 0xAB, 0xCD]);
        let visit = terminal.visit(self, &sale);
        self.leave_field();
        visit
    }

    fn credentials_left(&self) -> usize {
        self.phone.credentials_left("card-1")
    }
}

fn ends(visit: &Visit) -> Vec<String> {
    visit.outcomes().map(ToString::to_string).collect()
}

fn refusals(visit: &Visit) -> Vec<u16> {
    let answers = visit.exchanges().filter_map(|exchange| Answer::parse(&exchange.answer));
    answers
        .map(|answer| answer.status)
        .filter(|status| *status != 0x9000)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

#[test]
fn every_terminal_of_the_zoo_gets_what_it_is_due_and_no_more() {
    let names: BTreeSet<String> = zoo::names().unwrap().into_iter().collect();
    assert_eq!(
        names,
        ZOO.iter().map(|(name, ..)| (*name).to_owned()).collect(),
        "the table misses some, or knows more"
    );
    for generation in [Generation::V1, Generation::V2] {
        for (name, said, left, terminal, refused) in ZOO {
            let mut hand = Hand::holding(Phone::with_syn_1(generation).verified());
            let visit = hand.visits(name);
            assert_eq!(ends(&visit), terminal, "{name}, {generation:?}");
            assert_eq!(hand.said, said, "{name}, {generation:?}");
            assert_eq!(hand.credentials_left(), left, "{name}, {generation:?}");
            assert_eq!(refusals(&visit), refused, "{name}, {generation:?}");
        }
    }
}

#[test]
fn every_payment_at_the_zoo_carries_a_signature_that_verifies() {
    for terminal in zoo::terminals().unwrap() {
        let visit = Hand::holding(Phone::with_syn_1(Generation::V1).verified()).visits_terminal(&terminal);
        for tap in visit.taps.iter().filter(|tap| tap.outcome.goes_online()) {
            assert!(matches!(tap.oda, OdaResult::CdaVerified { .. }), "{}: {}", terminal.name, tap.oda);
        }
    }
}

#[test]
fn no_terminal_of_the_zoo_gets_a_payment_out_of_an_unverified_phone() {
    for terminal in zoo::terminals().unwrap() {
        let mut hand = Hand::holding(Phone::with_syn_1(Generation::V1));
        let visit = hand.visits_terminal(&terminal);
        assert_eq!(hand.credentials_left(), 3, "{}", terminal.name);
        assert!(!visit.outcomes().any(Outcome::is_good), "{}", terminal.name);
    }
}

#[test]
fn a_terminal_that_taps_on_at_once_sees_the_phone_until_its_owner_has_a_finger_on_the_sensor() {
    let (asks, see_phone) = (Some(TapOutcome::WalletActionRequired), "see phone, then tap again (DF4B 000100)");
    // A field that stays on tells the phone of the last tap only.
    for (name, said, said_to_attentive) in
        [("restarts-with-field-on", &[asks][..], &[PAID][..]), ("restarts-with-field-off", &[asks; 4], &[asks, PAID])]
    {
        let mut absent = Hand::holding(Phone::with_syn_1(Generation::V1));
        assert_eq!(ends(&absent.visits(name)), [see_phone; 4], "{name}");
        assert_eq!((absent.said.as_slice(), absent.credentials_left()), (said, 3), "{name}");

        let mut hand = Hand { attentive: true, ..Hand::holding(Phone::with_syn_1(Generation::V1)) };
        assert_eq!(ends(&hand.visits(name)), [see_phone, ONLINE], "{name}");
        assert_eq!((hand.said.as_slice(), hand.credentials_left()), (said_to_attentive, 2), "{name}");
    }
}

#[test]
fn a_long_pdol_with_unknown_tags_is_filled_with_zeros_and_signed() {
    let asked = ["9F1502", "9F4E14", "9F2103", "9F3303", "DF7F04", "9F7A20", "9F0206"];
    let extra_pdol = asked.map(|entry| DolExtension::parse(&bytes(entry)).unwrap()).to_vec();
    for (name, merchant) in [("knows-few-tags", "0000"), ("longer-data-than-asked", "5411")] {
        let options = CardOptions { extra_pdol: extra_pdol.clone(), ..CardOptions::default() };
        let mut hand = Hand::holding(Phone::with_profile(Syn1::profile(Generation::V1), options).verified());
        let visit = hand.visits(name);
        assert_eq!((ends(&visit).as_slice(), hand.said.as_slice()), (&[ONLINE.to_owned()][..], &[PAID][..]), "{name}");
        assert!(matches!(visit.taps[0].oda, OdaResult::CdaVerified { .. }), "{name}: the long list is signed");
        let gpo = hex::encode_upper(&visit.taps[0].exchanges[2].command);
        assert!(gpo[36..].starts_with(merchant), "{name}: {gpo}");
        assert!(gpo.ends_with(&format!("{}00000000250000", "00".repeat(36))), "{name}: {gpo}");
    }
}

#[test]
fn a_mag_stripe_reader_is_paid_where_the_wallet_allows_it() {
    let options = CardOptions { mag_stripe: true, ..CardOptions::default() };
    let mut hand = Hand::holding(Phone::with_profile(Syn1::profile(Generation::V1), options).verified());
    assert_eq!(ends(&hand.visits("mag-stripe-only")), ["online request with dynamic track data"]);
    assert_eq!((hand.said.as_slice(), hand.credentials_left()), (&[PAID][..], 2));
}

#[test]
fn an_alternate_application_is_served_as_the_first_one_is() {
    let mut profile = Syn1::profile_json(Generation::V1);
    let contactless = Syn1::contactless(&mut profile);
    contactless["ppseFci"] = json!(concat!(
        "6F31840E325041592E5359532E4444463031A51FBF0C1C",
        "610C4F07A0000000041010870101",
        "610C4F07A0000000042203870102",
    ));
    contactless["alternateContactlessPaymentData"] = json!({
        "aid": "A0000000042203",
        "paymentFci": "6F158407A0000000042203A50A50054465626974870101",
        "gpoResponse": contactless["gpoResponse"],
        "ciacDecline": "000000",
        "cvrMaskAnd": "FFFFFFFFFFFF",
    });
    for (name, chosen) in [("prefers-us-debit", "A0000000042203"), ("without-capabilities", "A0000000041010")] {
        let phone = Phone::with_profile(Syn1::parse(&profile), CardOptions::default()).verified();
        let mut hand = Hand::holding(phone);
        let visit = hand.visits(name);
        let Outcome::OnlineRequest(request) = &visit.taps[0].outcome else { panic!("{name}: {:?}", ends(&visit)) };
        assert_eq!(hex::encode_upper(&request.elements[&0x84]), chosen, "{name}");
        assert_eq!((hand.said.as_slice(), hand.credentials_left()), (&[PAID][..], 2), "{name}");
    }
}
