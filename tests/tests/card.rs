//! The card as a value: no wallet, no clock, no ledger.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use bezant::apdu::{Reply, StatusWord};
use bezant::card::{Abort, Asked, Card, CardApplication, CardOptions, CardProfile, Handled, TapOutcome, Verdict};
use bezant::crypto::{RandomKeys, retail_mac};
use bezant::emv::{Advice, Reason, Reasons};
use bezant_tests::{Generation, Syn1, bytes};
use serde_json::{Value, json};
use std::sync::Arc;

struct Table {
    card: CardApplication,
    reply: Reply,
}

impl Table {
    fn new(profile: CardProfile, options: &CardOptions) -> Self {
        let card = Card::issue(profile, options).unwrap();
        Self { card: CardApplication::new(Arc::new(card)), reply: Reply::new() }
    }

    fn syn_1() -> Self {
        Self::new(Syn1::profile(Generation::V1), &CardOptions::default())
    }

    fn send(&mut self, command: &str) -> String {
        let handled = self.card.handle(&bytes(command), &mut self.reply);
        assert!(!matches!(handled, Handled::Ask(_)), "{command} asks");
        hex::encode_upper(self.reply.to_vec())
    }

    fn initiate(&mut self) {
        for command in [Syn1::SELECT_PPSE, Syn1::SELECT_AID, Syn1::GPO] {
            assert!(self.send(command).ends_with("9000"), "{command}");
        }
    }

    fn ask(&mut self, command: &str) -> Asked {
        match self.card.handle(&bytes(command), &mut self.reply) {
            Handled::Ask(asked) => asked,
            other => panic!("{command}: {other:?} {:?}", self.reply),
        }
    }

    fn conclude(&mut self, asked: Asked, verdict: Verdict) -> (TapOutcome, String) {
        let conclusion = self.card.conclude(asked, verdict, &mut self.reply);
        (conclusion.outcome, hex::encode_upper(self.reply.to_vec()))
    }
}

fn random() -> RandomKeys {
    RandomKeys::new(|bytes| bytes.fill(0xEE))
}

fn proceed(cdcvm_done: bool) -> Verdict {
    Verdict::Proceed { keys: Syn1::session_keys(1), random: Some(random()), cdcvm_done }
}

fn refuse(advice: Advice, reason: Reason) -> Verdict {
    Verdict::Refuse { advice, reasons: [reason].into_iter().collect(), random: random(), cdcvm_done: false }
}

#[test]
fn a_question_dropped_unanswered_ends_the_session() {
    let mut table = Table::syn_1();
    table.initiate();
    drop(table.ask(Syn1::ARQC));
    for command in [Syn1::ARQC, Syn1::GPO, Syn1::SELECT_PPSE, Syn1::READ_RECORDS[0]] {
        assert_eq!(table.send(command), "6985", "{command}");
    }
}

#[test]
fn while_a_question_is_open_nothing_else_is_answered_and_then_the_answer_still_comes() {
    let mut table = Table::syn_1();
    table.initiate();
    let asked = table.ask(Syn1::ARQC);
    assert_eq!(table.send(Syn1::SELECT_PPSE), "6985");
    assert_eq!(table.send("80CA9F3600"), "6D00");
    let (outcome, answer) = table.conclude(asked, proceed(true));
    assert_eq!(outcome, TapOutcome::AuthorizeOnline);
    assert!(answer.starts_with("77299F2701809F360200019F2608"), "{answer}");
}

#[test]
fn an_answer_to_another_cards_question_gives_nothing_away() {
    let (mut one, mut other) = (Table::syn_1(), Table::syn_1());
    one.initiate();
    other.initiate();
    let asked = one.ask(Syn1::ARQC);
    let (outcome, answer) = other.conclude(asked, proceed(true));
    assert_eq!((outcome, answer.as_str()), (TapOutcome::Error, "6F00"), "this card has asked nothing");

    let (mut one, mut other) = (Table::syn_1(), Table::syn_1());
    one.initiate();
    other.initiate();
    let (asked, _) = (one.ask(Syn1::ARQC), other.ask(Syn1::ARQC));
    assert_eq!(other.conclude(asked, proceed(true)).1, "6F00", "nor has it asked this");
}

#[test]
fn keys_for_an_answer_that_must_not_have_them_are_not_used() {
    let mut table = Table::syn_1();
    table.initiate();
    let asked = table.ask(&Syn1::ARQC.replacen("80AE80", "80AE00", 1));
    assert!(!asked.needs_credential());
    assert_eq!(table.conclude(asked, proceed(true)), (TapOutcome::Error, "6F00".into()));

    let mut table = Table::syn_1();
    table.initiate();
    let asked = table.ask(Syn1::ARQC);
    assert!(asked.needs_credential());
    let agreed = Verdict::Agree { random: random(), cdcvm_done: true };
    assert_eq!(table.conclude(asked, agreed), (TapOutcome::Error, "6F00".into()), "nor an approval without keys");
}

#[test]
fn the_umd_cryptogram_is_true_only_where_the_profile_wants_it() {
    // Generation, verified on the device, UMD cryptogram true.
    let matrix = [
        ("ALWAYS_GENERATE_VALID_UMD", true, true),
        ("ALWAYS_GENERATE_VALID_UMD", false, true),
        ("GENERATE_VALID_UMD_ON_CDCVM", true, true),
        ("GENERATE_VALID_UMD_ON_CDCVM", false, false),
        ("a name that nobody knows", true, true),
        ("a name that nobody knows", false, false),
        ("ALWAYS_GENERATE_RANDOM_UMD", true, false),
        ("ALWAYS_GENERATE_RANDOM_UMD", false, false),
    ];
    for (generation, cdcvm_done, umd_true) in matrix {
        let mut json = Syn1::profile_json(Generation::V2);
        Syn1::contactless(&mut json)["umdGeneration"] = json!(generation);
        let mut table = Table::new(Syn1::parse(&json), &CardOptions::default());
        table.initiate();
        let asked = table.ask(Syn1::ARQC);
        let (outcome, answer) = table.conclude(asked, proceed(cdcvm_done));
        assert_eq!(outcome, TapOutcome::AuthorizeOnline);
        let at = answer.find("9F10120114").unwrap() + 10;
        let (cvr, md) = (&answer[at..at + 12], &answer[at + 18..at + 28]);
        assert_eq!(cvr, if cdcvm_done { "A50000020000" } else { "A00000220000" });
        let input = [&bytes(Syn1::ARQC)[5..34], &bytes("1B800001"), &bytes(cvr)].concat();
        let mac = |key: &[u8; 16]| hex::encode_upper(retail_mac(key, &input));
        let keys = Syn1::session_keys(1);
        let umd = mac(keys.umd.expose_secret());
        assert_eq!(answer.contains(&format!("9F2608{umd}")), umd_true, "{generation}, verified: {cdcvm_done}");
        assert_eq!(md, &mac(keys.md.expose_secret())[..10], "the device itself is always proved");
    }
}

#[test]
fn a_refusal_says_what_is_missing() {
    let rows = [
        (Advice::AuthenticationRequired, Reason::MissingCdcvm, "DF4B03000100", TapOutcome::WalletActionRequired),
        (Advice::AuthenticationRequired, Reason::InsufficientCdcvm, "DF4B03000100", TapOutcome::WalletActionRequired),
        (Advice::AuthenticationRequired, Reason::MissingConsent, "DF4B03000200", TapOutcome::WalletActionRequired),
        (Advice::Decline, Reason::ContextNotMatching, "DF4B03000800", TapOutcome::DeclinedByWallet),
        (Advice::Decline, Reason::CredentialsNotAvailable, "DF4B03000000", TapOutcome::DeclinedByWallet),
        (Advice::Proceed, Reason::MissingCdcvm, "DF4B03000000", TapOutcome::DeclinedByWallet),
    ];
    for (advice, reason, poscii, outcome) in rows {
        let mut table = Table::syn_1();
        table.initiate();
        let asked = table.ask(Syn1::ARQC_CDA);
        let (became, answer) = table.conclude(asked, refuse(advice, reason));
        assert_eq!(became, outcome, "{advice:?} for {reason}");
        assert!(answer.starts_with("772F9F2701009F360200019F2608"), "never signed: {answer}");
        assert!(answer.ends_with(&format!("{poscii}9000")), "{advice:?} for {reason}: {answer}");
    }
}

#[test]
fn conditions_know_what_already_speaks_against_the_payment() {
    let mut json = Syn1::profile_json(Generation::V1);
    // The terminal erroneously considers the offline PIN done (CVR byte 4 bit 1), or nobody was verified (bit 6).
    Syn1::contactless(&mut json)["ciacDecline"] = json!("010000");
    let mut table = Table::new(Syn1::parse(&json), &CardOptions::default());
    table.initiate();
    let asked = table.ask(Syn1::ARQC);
    let missing = [Reason::MissingCdcvm].into_iter().collect();
    assert!(table.card.conditions_allowed(&asked, true, Reasons::NONE));
    assert!(!table.card.conditions_allowed(&asked, false, missing));
}

/// SYN-1 with a United States debit application beside the primary one.
fn with_alternate(generation: Generation) -> Value {
    let mut json = Syn1::profile_json(generation);
    Syn1::contactless(&mut json)["alternateContactlessPaymentData"] = json!({
        "aid": "A0000000042203",
        "paymentFci": "6F158407A0000000042203A50A50054465626974870101",
        "gpoResponse": "770E8202198094080801010010010301",
        "ciacDecline": "000000",
        "cvrMaskAnd": "FFFFFFFFFFFF",
    });
    json
}

#[test]
fn the_alternate_application_answers_with_its_own_data() {
    for generation in [Generation::V1, Generation::V2] {
        let mut table = Table::new(Syn1::parse(&with_alternate(generation)), &CardOptions::default());
        assert_eq!(table.send("00A4040007A000000004220300"), "6F158407A0000000042203A50A500544656269748701019000");
        assert_eq!(table.send("80A8000002830000"), "770E82021980940808010100100103019000", "its PDOL asks for nothing");
        let asked = table.ask(Syn1::ARQC);
        let (outcome, answer) = table.conclude(asked, proceed(true));
        assert_eq!(outcome, TapOutcome::AuthorizeOnline);
        let input = [&bytes(Syn1::ARQC)[5..34], &bytes("1980 0001 A50000020000")].concat();
        let cryptogram = retail_mac(Syn1::session_keys(1).umd.expose_secret(), &input);
        assert!(answer.contains(&format!("9F2608{}", hex::encode_upper(cryptogram))), "the alternate AIP is signed");
        assert_eq!(table.send("00A4040007A000000004220300"), "6985");
    }
    let mut table = Table::syn_1();
    assert_eq!(table.send("00A4040007A000000004220300"), "6A82", "a card without it does not know the name");
}

#[test]
fn a_profile_without_m_chip_data_ends_the_tap_at_generate_ac() {
    for field in
        ["ciacDecline", "cvrMaskAnd", "issuerApplicationData", "iccPrivateKeyCrtComponents", "cdol1RelatedDataLength"]
    {
        let mut json = Syn1::profile_json(Generation::V1);
        Syn1::contactless(&mut json).as_object_mut().unwrap().remove(field);
        let mut table = Table::new(Syn1::parse(&json), &CardOptions::default());
        table.initiate();
        let handled = table.card.handle(&bytes(Syn1::ARQC), &mut table.reply);
        assert!(matches!(handled, Handled::Aborted(Abort::MissingMChipData)), "{field}: {handled:?}");
        assert_eq!(table.reply.status(), StatusWord::PROCESSING_ERROR);
        assert_eq!(table.send(Syn1::GPO), "6985", "the tap is over");
    }
}

const MAG_STRIPE: CardOptions = CardOptions { extra_pdol: Vec::new(), extra_udol: Vec::new(), mag_stripe: true };
const AMERICAN_GPO: &str = "80A800000D830B0000000000000000 0840 2200";

fn masked(options: &CardOptions, profile: &str, gpo: &str) -> bool {
    let mut json = Syn1::profile_json(Generation::V2);
    Syn1::contactless(&mut json)["isUsAipMaskingSupported"] = json!(profile == "masks");
    let mut table = Table::new(Syn1::parse(&json), options);
    table.send(Syn1::SELECT_AID);
    let answer = table.send(gpo);
    assert!(answer.ends_with("940808010100100103019000"), "{answer}");
    assert!(answer.starts_with("770E82021B"), "{answer}");
    answer.contains("82021B00")
}

#[test]
fn the_aip_is_masked_for_readers_at_home_in_the_united_states_only() {
    assert!(masked(&MAG_STRIPE, "masks", AMERICAN_GPO));
    assert!(masked(&MAG_STRIPE, "masks", "80A800000D830B0000000000000000 0000 2200"), "no country given");
    assert!(!masked(&MAG_STRIPE, "masks", "80A800000D830B0000000000000000 0616 2200"), "Poland");
    assert!(
        !masked(&MAG_STRIPE, "masks", "80A800000D830B2C00800000000000 0840 2200"),
        "it tells of its risk management"
    );
    assert!(!masked(&MAG_STRIPE, "does not", AMERICAN_GPO));
    assert!(!masked(&CardOptions::default(), "masks", AMERICAN_GPO), "mag-stripe mode is off");

    // A card that does not ask for the country knows nothing of America.
    let mut json = Syn1::profile_json(Generation::V2);
    Syn1::contactless(&mut json)["isUsAipMaskingSupported"] = json!(true);
    Syn1::contactless(&mut json)["paymentFci"] = json!("6F148407A0000000041010A5095004434152449F3800");
    let mut table = Table::new(Syn1::parse(&json), &MAG_STRIPE);
    table.send(Syn1::SELECT_AID);
    assert!(table.send("80A8000002830000").starts_with("770E82021B80"));
}

#[test]
fn a_masked_aip_is_the_one_under_the_cryptogram() {
    let mut json = Syn1::profile_json(Generation::V2);
    Syn1::contactless(&mut json)["isUsAipMaskingSupported"] = json!(true);
    let mut table = Table::new(Syn1::parse(&json), &MAG_STRIPE);
    table.send(Syn1::SELECT_AID);
    table.send(AMERICAN_GPO);
    let asked = table.ask(Syn1::ARQC);
    let (_, answer) = table.conclude(asked, proceed(true));
    let input = [&bytes(Syn1::ARQC)[5..34], &bytes("1B00 0001 A50000020000")].concat();
    let cryptogram = retail_mac(Syn1::session_keys(1).umd.expose_secret(), &input);
    assert!(answer.contains(&format!("9F2608{}", hex::encode_upper(cryptogram))), "{answer}");
}
