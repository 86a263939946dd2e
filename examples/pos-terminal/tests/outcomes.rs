//! Every way a tap can end, and what leads there.
#![allow(clippy::unwrap_used)]

mod common;

use common::{CARD_RECORD, GENERATE_AC, GPO, ICC_RECORD, RuleCard, reference_sale, reference_trace, tap_at, tlv};
use pos_terminal::action::CryptogramType;
use pos_terminal::apdu::Instruction;
use pos_terminal::cvm::Cvm;
use pos_terminal::data::DataFault;
use pos_terminal::oda::{OdaFailure, SignatureFault};
use pos_terminal::outcome::{AnotherInterface, DeclineReason, EndReason};
use pos_terminal::records::AflFault;
use pos_terminal::tvr::Finding;
use pos_terminal::{Card, LinkError, OdaResult, Outcome, Terminal, TerminalConfiguration};

const IAD: &str = "9F10120114A540000200000000005F202A7BBA00FF";

fn answer(objects: &str) -> String {
    tlv("77", objects) + "9000"
}

fn without_cda(cid: &str) -> String {
    answer(&format!("9F2701{cid} 9F36020001 9F2608D9973386371FAE14 {IAD}"))
}

fn refusal(poscii: &str) -> String {
    answer(&format!("9F270100 9F36020001 9F26080102030405060708 {IAD} DF4B03{poscii}"))
}

fn last_command(card: &RuleCard) -> String {
    hex::encode_upper(card.seen.last().unwrap())
}

#[test]
fn a_phone_that_wants_its_owner_first_is_looked_at() {
    for poscii in ["000100", "000200", "000001", "001100"] {
        let mut card = RuleCard::reference().answering(GENERATE_AC, &refusal(poscii));
        let tap = tap_at("shop-poland", &mut card, 25_00);
        let expected: [u8; 3] = hex::decode(poscii).unwrap().try_into().unwrap();
        assert_eq!(tap.outcome, Outcome::SeePhone { poscii: expected });
        assert_eq!(tap.oda, OdaResult::KeysRecovered, "a refusal carries no signature");
        let page = pos_terminal::timeline::report(&tap, pos_terminal::Style::default());
        let display = if poscii == "000001" { "Declined" } else { "See phone" };
        assert!(page.contains(&format!("Terminal display: {display}")), "{page}");
    }
}

#[test]
fn a_decline_of_the_card_is_a_decline() {
    for poscii in ["000000", "000800", "001000"] {
        let mut card = RuleCard::reference().answering(GENERATE_AC, &refusal(poscii));
        let tap = tap_at("shop-poland", &mut card, 25_00);
        assert_eq!(tap.outcome, Outcome::Declined { reason: DeclineReason::Card }, "{poscii}");
    }
}

#[test]
fn a_wrong_length_around_a_refusal_breaks_off() {
    let mut card = RuleCard::reference().answering(GENERATE_AC, &refusal("000100").replacen("77", "7701", 1));
    let tap = tap_at("shop-poland", &mut card, 25_00);
    assert!(matches!(tap.outcome, Outcome::EndApplication { reason: EndReason::Tlv { .. } }), "{}", tap.outcome);
}

#[test]
fn an_online_answer_without_the_signature_asked_for_is_declined() {
    let mut card = RuleCard::reference().answering(GENERATE_AC, &without_cda("80"));
    let tap = tap_at("shop-poland", &mut card, 25_00);
    let failure = OdaFailure::Signature(SignatureFault::Absent);
    assert_eq!(tap.outcome, Outcome::Declined { reason: DeclineReason::CdaFailed(failure) });
    assert!(tap.tvr.contains(Finding::CdaFailed));
}

#[test]
fn a_terminal_without_cda_sends_the_plain_cryptogram_online() {
    let mut card = RuleCard::reference().answering(GENERATE_AC, &without_cda("80"));
    let tap = tap_at("no-cda", &mut card, 25_00);
    let Outcome::OnlineRequest(request) = &tap.outcome else { panic!("{}", tap.outcome) };
    assert_eq!(request.signed, None);
    assert_eq!(hex::encode_upper(&request.elements[&0x9F26]), "D9973386371FAE14");
    assert_eq!(tap.oda, OdaResult::NotPerformed);
    assert!(tap.tvr.contains(Finding::OfflineDataAuthenticationNotPerformed));
    assert!(last_command(&card).starts_with("80AE8000"));
}

#[test]
fn an_answer_in_format_1_is_read_too() {
    let value = "80 0001 D9973386371FAE14 0114A540000200000000005F202A7BBA00FF";
    let mut card = RuleCard::reference()
        .answering(GPO, "800A 1B80 08010100 10010301 9000")
        .answering(GENERATE_AC, &format!("801D {value} 9000"));
    let tap = tap_at("no-cda", &mut card, 25_00);
    let Outcome::OnlineRequest(request) = &tap.outcome else { panic!("{}", tap.outcome) };
    assert_eq!(request.elements[&0x9F10].len(), 18);
}

#[test]
fn the_gate_asks_for_an_approval_and_takes_an_online_request() {
    let mut configuration = TerminalConfiguration::builtin("transit-gate").unwrap();
    configuration.cda = false;
    // The reference issuer wants online what was not authenticated; this gate's card does not.
    let mut card = RuleCard::reference()
        .editing(CARD_RECORD, "9F0F05B470848000", "9F0F050000000000")
        .answering(GENERATE_AC, &without_cda("80"));
    configuration.tac_online = [0; 5];
    let tap =
        Terminal::new(configuration.clone()).tap(&mut card, &pos_terminal::Sale { amount: 0, ..reference_sale() });
    assert!(matches!(tap.outcome, Outcome::OnlineRequest(_)), "{}", tap.outcome);
    assert!(last_command(&card).starts_with("80AE4000"), "a TC");
    assert_eq!(tap.cvm_results, Some([0x3F, 0x00, 0x02]));

    let mut card = card.answering(GENERATE_AC, &without_cda("40"));
    let tap = Terminal::new(configuration).tap(&mut card, &pos_terminal::Sale { amount: 0, ..reference_sale() });
    assert!(matches!(tap.outcome, Outcome::ApprovedOffline(_)), "{}", tap.outcome);
}

#[test]
fn a_card_cannot_give_more_than_asked_for() {
    for (cid, why) in [("40", "a TC for an ARQC"), ("C0", "a reserved kind")] {
        let mut card = RuleCard::reference().answering(GENERATE_AC, &without_cda(cid));
        let tap = tap_at("no-cda", &mut card, 25_00);
        let cid = hex::decode(cid).unwrap()[0];
        let reason = EndReason::CryptogramType { asked: CryptogramType::GoOnline, cid };
        assert_eq!(tap.outcome, Outcome::EndApplication { reason }, "{why}");
    }
}

#[test]
fn an_issuer_that_denies_gets_its_decline() {
    // IAC denial on "floor limit exceeded".
    let mut card = RuleCard::reference()
        .editing(CARD_RECORD, "9F0E050000000000", "9F0E050000008000")
        .answering(GENERATE_AC, &refusal("000000"));
    let tap = tap_at("no-cda", &mut card, 25_00);
    assert_eq!(tap.outcome, Outcome::Declined { reason: DeclineReason::Terminal });
    assert!(last_command(&card).starts_with("80AE0000"));
}

#[test]
fn an_offline_only_terminal_is_refused_at_processing_options() {
    let mut card = RuleCard::reference().answering(GPO, "6985");
    let tap = tap_at("offline-only", &mut card, 25_00);
    let reason = EndReason::Status { command: Instruction::GetProcessingOptions, status: 0x6985 };
    assert_eq!(tap.outcome, Outcome::EndApplication { reason });
    assert!(last_command(&card).ends_with("2600"), "terminal type 26 was in the list");
}

#[test]
fn the_next_application_gets_its_turn() {
    let mastercard = tlv("61", "4F07A0000000041010 870101");
    let maestro = tlv("61", "4F07A0000000043060 870102 9F2A0102");
    let entries = tlv("A5", &tlv("BF0C", &(mastercard + &maestro)));
    let directory = tlv("6F", &(tlv("84", "325041592E5359532E4444463031") + &entries));
    let fci = tlv("6F", "8407A0000000043060 A506 9F38039F3501") + "9000";
    let base = RuleCard::reference()
        .answering("00A404000E", &format!("{directory}9000"))
        .answering("00A4040007A0000000043060", &fci);

    for (command, status) in [("00A4040007A0000000041010", "6A82"), ("00A4040007A0000000041010", "6283")] {
        let mut card = base.clone().answering(command, status).answering(GPO, "6A80");
        let tap = tap_at("shop-poland", &mut card, 25_00);
        assert_eq!(hex::encode_upper(&card.seen[2]), "00A4040007A000000004306000", "{}", tap.outcome);
        assert_eq!(hex::encode_upper(&card.seen[3]), "80A800000383012200");
        let reason = EndReason::Status { command: Instruction::GetProcessingOptions, status: 0x6A80 };
        assert_eq!(tap.outcome, Outcome::EndApplication { reason });
    }

    let mut card = base.clone().answering(GPO, "6985");
    let tap = tap_at("shop-poland", &mut card, 25_00);
    assert_eq!(card.seen.len(), 5, "6985 to processing options moves on too: {}", tap.outcome);

    let mut card = base.answering("00A4040007A0000000041010", "6A82").answering("00A4040007A0000000043060", "6A82");
    let tap = tap_at("shop-poland", &mut card, 25_00);
    let reason = EndReason::Status { command: Instruction::Select, status: 0x6A82 };
    assert_eq!(tap.outcome, Outcome::EndApplication { reason });
}

#[test]
fn limits_and_modes_send_the_customer_to_another_interface() {
    let mut configuration = TerminalConfiguration::builtin("shop-poland").unwrap();
    configuration.transaction_limit = 24_99;
    let tap = Terminal::new(configuration).tap(&mut RuleCard::reference(), &reference_sale());
    assert_eq!(tap.outcome, Outcome::TryAnotherInterface { reason: AnotherInterface::TransactionLimit });

    let mut card = RuleCard::reference().editing(GPO, "1B80", "1B00");
    let tap = tap_at("shop-poland", &mut card, 25_00);
    assert_eq!(tap.outcome, Outcome::TryAnotherInterface { reason: AnotherInterface::MagStripeMode });
}

#[test]
fn a_card_like_profile_gets_its_pin_online_above_the_limit() {
    let mut configuration = TerminalConfiguration::builtin("online-pin").unwrap();
    configuration.cda = false;
    let terminal = Terminal::new(configuration);
    let mut card = RuleCard::reference()
        .editing(GPO, "1B80", "1980")
        .editing(CARD_RECORD, "00001F039F0D", "000042039F0D")
        .answering(GENERATE_AC, &without_cda("80"));
    let tap = terminal.tap(&mut card, &pos_terminal::Sale { amount: 20_000, ..reference_sale() });
    let Outcome::OnlineRequest(request) = &tap.outcome else { panic!("{}", tap.outcome) };
    assert_eq!((request.cvm, request.online_pin), (Cvm::OnlinePin, true));
    assert_eq!(tap.cvm_results, Some([0x42, 0x03, 0x00]));
    assert!(tap.tvr.contains(Finding::OnlinePinEntered));
    assert_eq!(request.elements[&0x9F33], [0xE0, 0x40, 0x08]);
    assert!(last_command(&card).contains("4203005541"), "9F34 and the filling station's category");
}

#[test]
fn a_failed_authentication_without_a_phones_word_goes_online_with_its_finding() {
    let mut card = RuleCard::reference()
        .editing(GPO, "1B80", "1980")
        .answering(ICC_RECORD, "7000 9000")
        .answering(GENERATE_AC, &without_cda("80"));
    let tap = tap_at("online-pin", &mut card, 25_00);
    let Outcome::OnlineRequest(request) = &tap.outcome else { panic!("{}", tap.outcome) };
    assert_eq!(hex::encode_upper(&request.elements[&0x95]), "2400008001", "data missing, CDA failed");
    assert_eq!(request.signed, None);
}

#[test]
fn a_card_may_neither_set_the_amount_nor_repeat_itself_nor_lead_in_circles() {
    let ends = |card: RuleCard| match tap_at("shop-poland", &mut { card }, 25_00).outcome {
        Outcome::EndApplication { reason } => reason,
        other => panic!("{other}"),
    };
    let reference = RuleCard::reference;
    let record = "00B2010C00";
    assert_eq!(
        ends(reference().answering(record, "7009 9F0206000000000001 9000")),
        EndReason::Data(DataFault::TerminalObject(0x9F02))
    );
    assert_eq!(
        ends(reference().answering(record, "7008 5F340101 5F340102 9000")),
        EndReason::Data(DataFault::Duplicate(0x5F34))
    );
    let circle = reference().answering(GPO, "770E 82021B80 940808010100 08010100 9000");
    assert_eq!(ends(circle), EndReason::Afl(AflFault::Repeated { sfi: 1, record: 1 }));
    assert_eq!(ends(reference().answering(GPO, "7706 82021B80 9400 9000")), EndReason::MissingData(0x94));
    assert_eq!(ends(reference().answering(GPO, "7706 940408010100 9000")), EndReason::MissingData(0x82));
    assert_eq!(ends(reference().answering(CARD_RECORD, "7000 9000")), EndReason::MissingData(0x5A));
    assert_eq!(
        ends(reference().editing("00A4040007", "8407A0000000041010", "8407A0000000043060")),
        EndReason::Value(0x84)
    );
    assert_eq!(ends(reference().answering("00A404000E", "6F00 9000")), EndReason::NoCommonApplication);
    assert!(matches!(ends(reference().answering(record, "7100 9000")), EndReason::Tlv { .. }));
}

#[test]
fn a_status_word_at_any_step_ends_the_tap_there() {
    for step in 0..8 {
        for status in [0x6283_u16, 0x6500, 0x6700, 0x6A83, 0x6D00, 0x6F00] {
            let mut steps = reference_trace();
            steps[step].1 = status.to_be_bytes().to_vec();
            let tap = common::reference_terminal().tap(&mut common::ReplayCard::new(steps), &reference_sale());
            let Outcome::EndApplication { reason: EndReason::Status { status: found, .. } } = tap.outcome else {
                panic!("{}", tap.outcome)
            };
            assert_eq!((found, tap.exchanges.len()), (status, step + 1));
        }
    }
}

struct Leaving(usize, RuleCard);

impl Card for Leaving {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        self.0 = self.0.checked_sub(1).ok_or(LinkError::FieldLost)?;
        self.1.transmit(command)
    }
}

#[test]
fn a_card_that_leaves_at_any_step_ends_the_tap_there() {
    for step in 0..8 {
        let mut card = Leaving(step, RuleCard::reference());
        let tap = common::reference_terminal().tap(&mut card, &reference_sale());
        let reason = EndReason::Link("the card left the field".to_owned());
        assert_eq!(tap.outcome, Outcome::EndApplication { reason });
        assert_eq!(tap.exchanges.len(), step + 1, "the command without answer is recorded");
    }
}

#[test]
fn an_online_request_ends_as_the_issuer_says_and_nothing_else_does() {
    let online = Outcome::MagStripeOnline(pos_terminal::MagStripeRequest {
        pan: String::new(),
        track_2: String::new(),
        discretionary: String::new(),
        elements: std::collections::BTreeMap::new(),
        online_pin: false,
        cvm: pos_terminal::cvm::Cvm::NoCvm,
    });
    assert_eq!(online.clone().completed(true).to_string(), "approved online");
    assert_eq!(online.completed(false).to_string(), "declined: the issuer declined");
    let see_phone = Outcome::SeePhone { poscii: [0, 1, 0] };
    assert_eq!(see_phone.clone().completed(true), see_phone);
}
