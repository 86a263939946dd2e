//! Mag-stripe mode, against the reference vector "a".
#![allow(clippy::unwrap_used)]

mod common;

use common::{GPO, RuleCard, reference_sale};
use pos_terminal::configuration::MagStripe;
use pos_terminal::cvm::Cvm;
use pos_terminal::outcome::{DeclineReason, EndReason};
use pos_terminal::{Outcome, Sale, Tap, Terminal};

const CHECKSUM: &str = "802A";

fn tap(card: &mut RuleCard) -> Tap {
    let mut configuration = common::reference_terminal().configuration().clone();
    configuration.mag_stripe = MagStripe::Fallback;
    let sale = Sale { unpredictable_number: [0x00, 0x00, 0x07, 0x65], ..reference_sale() };
    Terminal::new(configuration).tap(card, &sale)
}

fn card() -> RuleCard {
    RuleCard::reference().editing(GPO, "1B80", "1B00")
}

#[test]
fn the_command_and_the_track_are_those_of_the_vector() {
    let mut card = card().answering(CHECKSUM, "7715 9F61021CB1 9F60021CB1 9F36020C10 DF4B03001000 9000");
    let tap = tap(&mut card);
    assert_eq!(
        hex::encode_upper(card.seen.last().unwrap()),
        "802A8E801600000765030000000025000985061600260115541122".to_owned() + "00"
    );
    let Outcome::MagStripeOnline(request) = &tap.outcome else { panic!("{}", tap.outcome) };
    assert_eq!(request.pan, "5413330000000019");
    assert_eq!(request.discretionary, ["0", "3088", "7345", "765", "8"].concat());
    assert_eq!(request.track_2, "5413330000000019D30122010308873457658");
    assert_eq!((request.cvm, request.online_pin), (Cvm::OnDevice, false));
    assert_eq!(card.seen.len(), 5, "one record is enough");
}

#[test]
fn a_phone_may_ask_for_its_owner_here_too() {
    let mut waiting = card().answering(CHECKSUM, "770B 9F36020001 DF4B03000100 9000");
    assert_eq!(tap(&mut waiting).outcome, Outcome::SeePhone { poscii: [0x00, 0x01, 0x00] });
    let mut refusing = card().answering(CHECKSUM, "770B 9F36020001 DF4B03000000 9000");
    assert_eq!(tap(&mut refusing).outcome, Outcome::Declined { reason: DeclineReason::Card });
    let mut broken = card().answering(CHECKSUM, "7706 DF4B03000000 9000");
    assert_eq!(tap(&mut broken).outcome, Outcome::EndApplication { reason: EndReason::MissingData(0x9F36) });
}

#[test]
fn a_reader_without_emv_mode_uses_it_with_every_card() {
    let mut card = RuleCard::reference().answering(CHECKSUM, "770F 9F61021CB1 9F60021CB1 9F36020C10 9000");
    let tap = common::tap_at("mag-stripe", &mut card, 25_00);
    let Outcome::MagStripeOnline(request) = &tap.outcome else { panic!("{}", tap.outcome) };
    assert_eq!(request.cvm, Cvm::NoCvm);
    assert!(request.discretionary.ends_with('3'), "not verified on the device");
}
