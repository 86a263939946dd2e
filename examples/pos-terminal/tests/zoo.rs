//! The zoo: its data file, and what each terminal of it does on the wire.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use common::{CARD_RECORD, GENERATE_AC, GPO, RuleCard, reference_sale, tlv};
use pos_terminal::outcome::EndReason;
use pos_terminal::zoo::{self, ZooTerminal};
use pos_terminal::{Outcome, Terminal, Visit};

const PPSE: &str = "00A404000E325041592E5359532E444446303100";
const AID: &str = "00A4040007A000000004101000";
const RECORDS: [&str; 4] = ["00B2010C00", "00B2011400", "00B2021400", "00B2031400"];
const NOT_SIGNED: &str = "9F270180 9F36020001 9F2608D9973386371FAE14 9F10120114A540000200000000005F202A7BBA00FF";
const SEE_PHONE: &str =
    "9F270100 9F36020001 9F26080102030405060708 9F10120114A540000200000000005F202A7BBA00FF DF4B03000100";

fn visit(name: &str, card: &mut RuleCard) -> Visit {
    zoo::named(name).unwrap().visit(card, &reference_sale())
}

/// What the reference card hears at a terminal.
fn heard(name: &str) -> Vec<String> {
    let mut card = RuleCard::reference();
    visit(name, &mut card);
    spoken(&card)
}

fn spoken(card: &RuleCard) -> Vec<String> {
    card.seen.iter().map(hex::encode_upper).collect()
}

/// What a terminal without quirks says to it.
fn plain() -> Vec<String> {
    let mut card = RuleCard::reference();
    common::tap_at("shop-poland", &mut card, 25_00);
    spoken(&card)
}

fn without_repetition(mut commands: Vec<String>) -> Vec<String> {
    commands.dedup();
    commands
}

fn edited(name: &str, from: &str, to: &str) -> String {
    assert!(zoo::TEXT.contains(from), "{from}");
    let error = zoo::read(&zoo::TEXT.replacen(from, to, 1)).unwrap_err().to_string();
    assert!(error.contains(name), "{from} -> {to}: {error}");
    error
}

#[test]
fn every_terminal_has_a_name_of_its_own_a_behaviour_and_a_source() {
    let terminals = zoo::terminals().unwrap();
    assert!(terminals.len() >= 25, "{}", terminals.len());
    let names: BTreeSet<&str> = terminals.iter().map(|terminal| terminal.name.as_str()).collect();
    assert_eq!(names.len(), terminals.len());
    for ZooTerminal { name, behaviour, source, configuration, .. } in &terminals {
        assert!(behaviour.ends_with('.') && behaviour.len() > 30, "{name}: {behaviour}");
        let kinds = ["EMV Book ", "Book C-2", "ISO ", "field report: ", "invented: "];
        assert!(kinds.iter().any(|kind| source.starts_with(kind)), "{name}: {source}");
        assert!(!source.contains('\n') && configuration.name == *name, "{name}");
    }
    for name in zoo::names().unwrap() {
        let alone = zoo::read(&zoo::text(&name).unwrap()).unwrap();
        assert_eq!(alone, [zoo::named(&name).unwrap()], "{name}: its text is its own");
    }
    assert_eq!(zoo::text("kiosk"), None);
    let error = zoo::named("kiosk").unwrap_err().to_string();
    assert!(error.contains("kiosk") && error.contains("petrol-pump"), "{error}");
}

#[test]
fn an_error_in_the_file_names_the_field() {
    edited("quirk", "quirks = [\"le-left-out\"]", "quirk = [\"le-left-out\"]");
    edited("source", "source = \"ISO 4217: 392, no minor unit\"", "");
    edited("`source`", "source = \"ISO 4217: 392, no minor unit\"", "source = \" \"");
    edited("`currency`", "currency = \"0392\"", "currency = \"JPY\"");
    edited("currrency", "currency = \"0392\"", "currrency = \"0392\"");
    edited("le-left-in", "\"le-left-out\"]", "\"le-left-in\"]");
    edited("then-wrong", "then-right = false", "then-wrong = false");
    edited("hex digits", "unpredictable-number = \"00000000\"", "unpredictable-number = \"0000\"");
    edited("commands", "commands = [\"80CA9F3600\"", "commands = [\"80CA9F360\"");
    edited("tag in hex", "\"9F33\"] }", "\"9F3X\"] }");
    edited("kiosk", "from = \"mag-stripe\"", "from = \"kiosk\"");
    assert!(edited("`name`", "name = \"yen-shop\"", "name = \"Yen shop\"").contains("small letters"));
    for taken in ["le-left-out", "shop-poland"] {
        assert!(edited("`name`", "name = \"yen-shop\"", &format!("name = \"{taken}\"")).contains("is taken"));
    }
}

#[test]
fn a_command_may_lack_its_le_or_have_another() {
    let cut: Vec<String> = plain().iter().map(|command| command[..command.len() - 2].to_owned()).collect();
    let mut card = RuleCard::reference();
    for command in [PPSE, AID, RECORDS[0], RECORDS[1], RECORDS[2], RECORDS[3]] {
        card = card.answering(&command[..command.len() - 2], &answer_to(command));
    }
    visit("le-left-out", &mut card);
    assert_eq!(spoken(&card), cut);

    assert_eq!(heard("le-wrong"), [PPSE.replace("303100", "303110")], "6D00 ends it");
    let both: Vec<String> =
        plain().iter().flat_map(|right| [right[..right.len() - 2].to_owned() + "FF", right.clone()]).collect();
    assert_eq!(heard("le-wrong-then-right"), both);
}

fn answer_to(command: &str) -> String {
    let trace = common::reference_trace();
    let (_, answer) = trace.iter().find(|(known, _)| hex::encode_upper(known) == command).unwrap();
    hex::encode(answer)
}

#[test]
fn a_command_may_come_in_a_wrong_form_first() {
    let other = |class: &str| if class == "00" { "80" } else { "00" };
    let classes: Vec<String> =
        plain().iter().flat_map(|right| [other(&right[..2]).to_owned() + &right[2..], right.clone()]).collect();
    assert_eq!(heard("wrong-class-first"), classes);

    let long = heard("extended-length-first");
    assert_eq!(long[..2], ["00A4040000000E325041592E5359532E44444630310000", PPSE]);
    assert_eq!(long.len(), 2 * plain().len());
    assert_eq!(long[6], "00B2010C000000");

    let short = heard("short-generate-ac-first");
    let [cut, whole] = [&short[7], &short[8]];
    assert_eq!(*cut, whole[..whole.len() - 4].replacen("80AE90002D", "80AE90002C", 1) + "00");
}

#[test]
fn more_is_said_than_a_tap_needs() {
    let asked = heard("get-data-in-between");
    let counters = ["80CA9F3600", "80CA9F1300", "80CA9F1700"];
    assert_eq!((&asked[2..5], &asked[10..13]), (&counters.map(String::from)[..], &counters.map(String::from)[..]));
    assert_eq!(asked.len(), plain().len() + 6);

    let noisy = heard("unknown-commands-in-between");
    assert_eq!(noisy.len(), 6 * plain().len());
    let right: Vec<String> = noisy.into_iter().skip(5).step_by(6).collect();
    assert_eq!(right, plain());
}

#[test]
fn a_command_may_come_twice() {
    let twice = |name: &str, start: &str, times: usize| {
        let heard = heard(name);
        assert_eq!(heard.len(), plain().len() + times, "{name}");
        assert_eq!(heard.iter().filter(|command| command.starts_with(start)).count(), 2 * times, "{name}");
        assert_eq!(without_repetition(heard), plain(), "{name}");
    };
    twice("gpo-twice", GPO, 1);
    twice("records-twice", "00B2", 4);
    twice("generate-ac-twice", GENERATE_AC, 1);
}

#[test]
fn an_application_is_found_in_another_way() {
    let mut card = RuleCard::reference().answering("00A4040007A0000000046000", "6A82");
    visit("without-directory", &mut card);
    assert_eq!(spoken(&card)[..2], ["00A4040007A000000004600000", AID]);

    let partial = heard("partial-name-first");
    assert_eq!(partial[1..3], ["00A4040005A00000000400", AID]);
    let next = heard("next-occurrence");
    assert_eq!(next[1..4], [AID, "00A4040207A000000004101000", AID]);
    assert_eq!((partial.len(), next.len()), (plain().len() + 1, plain().len() + 2));

    let entry = |aid: &str, priority: &str| tlv("61", &(tlv("4F", aid) + &tlv("87", priority)));
    let directory = tlv("BF0C", &(entry("A0000000041010", "01") + &entry("A0000000042203", "02")));
    let fci = tlv("6F", &(tlv("84", "325041592E5359532E4444463031") + &tlv("A5", &directory))) + "9000";
    let mut card = RuleCard::reference().answering(PPSE, &fci).answering("00A4040007A0000000042203", "6A82");
    visit("prefers-us-debit", &mut card);
    assert_eq!(spoken(&card)[1..3], ["00A4040007A000000004220300", AID], "the other one is its second choice");
}

#[test]
fn records_read_backwards_are_authenticated_in_the_order_of_the_locator() {
    let mut card = RuleCard::reference();
    let visit = visit("records-backwards", &mut card);
    assert_eq!(spoken(&card)[3..7], [RECORDS[3], RECORDS[2], RECORDS[1], RECORDS[0]]);
    let [tap] = visit.taps.as_slice() else { panic!("one tap") };
    assert!(spoken(&card)[7].starts_with("80AE9000"), "the certificates are verified: {}", tap.oda);
}

#[test]
fn another_cryptogram_is_asked_for_than_is_due() {
    for (name, expected) in [
        ("declines-first", &["80AE0000", "80AE9000"][..]),
        ("signed-decline", &["80AE1000"]),
        ("asks-for-approval", &["80AE5000"]),
    ] {
        let mut card = RuleCard::reference();
        let visit = visit(name, &mut card);
        let asked: Vec<String> = spoken(&card).into_iter().filter(|command| command.starts_with(GENERATE_AC)).collect();
        let starts: Vec<&str> = asked.iter().map(|command| &command[..8]).collect();
        assert_eq!((starts.as_slice(), visit.taps.len()), (expected, expected.len()), "{name}");
        assert_eq!(card.left_after.len(), expected.len() - 1, "{name}: the field goes off between taps");
    }
}

#[test]
fn the_field_goes_off_once_at_the_place_that_the_name_tells() {
    for (name, place) in [
        ("drops-after-directory", 1),
        ("drops-after-application", 2),
        ("drops-after-gpo", 3),
        ("drops-after-record-1", 4),
        ("drops-after-record-2", 5),
        ("drops-after-record-3", 6),
        ("drops-after-record-4", 7),
        ("drops-before-cryptogram", 8),
    ] {
        let mut card = RuleCard::reference();
        let visit = visit(name, &mut card);
        assert_eq!(card.left_after, [place], "{name}");
        let [torn, whole] = visit.taps.as_slice() else { panic!("{name}: two taps") };
        assert_eq!(torn.outcome, Outcome::EndApplication { reason: EndReason::FieldOff }, "{name}");
        assert_eq!((torn.exchanges.len(), whole.exchanges.len()), (place, 8), "{name}");
        assert_eq!(torn.exchanges[place - 1].answer.is_empty(), place == 8, "{name}: only a cryptogram stays unread");
    }
}

#[test]
fn a_phone_that_is_looked_at_is_tapped_again_at_once() {
    for (name, left_after) in [("restarts-with-field-on", &[][..]), ("restarts-with-field-off", &[8, 16, 24])] {
        let mut card = RuleCard::reference().answering(GENERATE_AC, &(tlv("77", SEE_PHONE) + "9000"));
        let visit = visit(name, &mut card);
        assert_eq!((visit.taps.len(), card.left_after.as_slice()), (4, left_after), "{name}");
        assert!(visit.outcomes().all(|outcome| matches!(outcome, Outcome::SeePhone { .. })), "{name}");
        // 9F37 stands behind 25 bytes of CDOL1 data.
        let numbers: BTreeSet<&[u8]> =
            card.seen.iter().filter(|command| command[1] == 0xAE).map(|command| &command[30..34]).collect();
        assert_eq!(numbers.len(), 4, "{name}: an unpredictable number for each");
    }
}

#[test]
fn a_gate_gives_up_on_a_slow_card_without_waiting_for_it() {
    let mut quick = RuleCard::reference();
    quick.answer_time = Some(Duration::from_millis(1));
    assert_eq!(visit("impatient-gate", &mut quick).exchanges().count(), 8);

    let mut slow = RuleCard::reference();
    slow.answer_time = Some(Duration::from_millis(70));
    let visit = visit("impatient-gate", &mut slow);
    let limit = Duration::from_millis(300);
    assert_eq!(visit.taps[0].outcome, Outcome::EndApplication { reason: EndReason::TooSlow { limit } });
    assert_eq!((visit.taps.len(), visit.exchanges().count(), slow.left_after.as_slice()), (1, 4, &[4][..]));
}

#[test]
fn lists_are_filled_with_what_the_terminal_holds() {
    // The reference card's PDOL asks for 9F1D, 9F1A and 9F35; its CDOL1 ends with 9F35, 9F45, 9F4C, 9F34 and 9F15.
    let sent = |name: &str| {
        let heard = heard(name);
        let field = |start: &str| heard.iter().find(|command| command.starts_with(start)).unwrap()[10..].to_owned();
        (field(GPO), field(GENERATE_AC))
    };
    let plain = sent("records-twice");
    assert_eq!(plain.0, "830BEC0080000000000006162200");
    for name in ["longer-data-than-asked", "shorter-data-than-asked", "without-capabilities"] {
        assert_eq!(sent(name), plain, "{name}: the card sees no difference");
    }
    assert_eq!(sent("without-risk-management-data").0, "830B0000000000000000061622".to_owned() + "00");
    let (gpo, generate_ac) = sent("knows-few-tags");
    assert_eq!(gpo, "830B0000000000000000061600".to_owned() + "00");
    assert!(generate_ac.ends_with("3F0002000000") && generate_ac.contains("1234ABCD00"), "{generate_ac}");
    assert!(sent("unpredictable-number-zero").1.contains("26011500000000"), "{}", sent("unpredictable-number-zero").1);

    // A card that asks for capabilities, and for tags that nobody knows.
    let longer = |digits: &str| tlv("6F", &(tlv("84", "A0000000041010") + &tlv("A5", &tlv("9F38", digits)))) + "9000";
    let mut card = RuleCard::reference().answering(AID, &longer("9F3303 DF7F04 9F1A02 9F7A20 5F3601"));
    visit("without-capabilities", &mut card);
    let zeros = "00".repeat(32);
    assert!(
        spoken(&card)[2].contains(&format!("832A 000000 00000000 0616 {zeros} 02").replace(' ', "")),
        "{}",
        spoken(&card)[2]
    );
}

#[test]
fn places_have_their_own_money() {
    let values =
        |name: &str| heard(name).iter().find(|command| command.starts_with(GENERATE_AC)).unwrap()[10..].to_owned();
    // 9F02, 9F03, 9F1A, 95, 5F2A.
    assert!(values("yen-shop").starts_with("000000002500 000000000000 0392 0000008001 0392".replace(' ', "").as_str()));
    assert!(
        values("dinar-shop").starts_with("000000002500 000000000000 0414 0000008001 0414".replace(' ', "").as_str())
    );
    assert!(values("gate-without-amount").starts_with("000000000000"));
    assert!(values("gate-without-amount").ends_with("411100"));
    for (name, exponent) in [("yen-shop", 0), ("dinar-shop", 3)] {
        assert_eq!(zoo::named(name).unwrap().configuration.currency_exponent, exponent);
    }
    let mut card = RuleCard::reference();
    visit("never-online", &mut card);
    assert!(spoken(&card)[2].ends_with("06162300"), "terminal type 23");
    assert_eq!(heard("mag-stripe-only")[4][..8], *"802A8E80");
}

#[test]
fn a_petrol_pump_gives_back_in_a_second_tap() {
    let pump = zoo::named("petrol-pump").unwrap();
    let mut configuration = pump.configuration.clone();
    configuration.cda = false;
    let mut card = RuleCard::reference().answering(GENERATE_AC, &(tlv("77", NOT_SIGNED) + "9000"));
    let visit = zoo::visit(&configuration, &pump.quirks, &mut card, &reference_sale());
    assert!(visit.ends_well() && visit.taps.len() == 2 && card.left_after == [8]);
    let asked: Vec<String> = spoken(&card).into_iter().filter(|command| command.starts_with(GENERATE_AC)).collect();
    assert!(asked[0].contains("000000060000") && asked[0].contains("26011500"), "{}", asked[0]);
    assert!(asked[1].contains("000000035000") && asked[1].contains("26011520"), "{}", asked[1]);

    let mut refusing = card.clone().answering(GENERATE_AC, "6985");
    let visit = zoo::visit(&configuration, &pump.quirks, &mut refusing, &reference_sale());
    assert_eq!(visit.taps.len(), 1, "nothing was taken, nothing is given back");
}

#[test]
fn a_visit_without_quirks_is_one_tap() {
    let terminal = common::reference_terminal();
    let mut card = RuleCard::reference();
    let visit = zoo::visit(terminal.configuration(), &Default::default(), &mut card, &reference_sale());
    let tap = Terminal::new(terminal.configuration().clone()).tap(&mut RuleCard::reference(), &reference_sale());
    assert_eq!((visit.taps.len(), visit.taps[0].outcome.clone()), (1, tap.outcome));
    assert!(visit.ends_well() && card.left_after.is_empty());
    assert_eq!(spoken(&card)[4], CARD_RECORD);
}
