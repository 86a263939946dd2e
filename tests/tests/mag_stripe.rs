//! COMPUTE CRYPTOGRAPHIC CHECKSUM: off by default, and right when it is on.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use bezant::WalletConfig;
use bezant::card::{CardOptions, DolExtension, TapOutcome};
use bezant::crypto::Secret;
use bezant::emv::{Atc, CvmModel, TransactionRange};
use bezant::instrument::TransactionCredential;
use bezant_tests::{Generation, Phone, Syn1, array, bytes, vectors};
use serde_json::json;

/// Vector `a`: UN 00000765, mobile-capable and on-device verification wanted, 25.00 PLN.
const CHECKSUM: &str = "802A8E80160000076503000000002500098506160026011554112200";

fn phone(options: CardOptions, change: impl FnOnce(&mut serde_json::Value)) -> Phone {
    let mut json = Syn1::profile_json(Generation::V1);
    change(&mut json);
    let phone =
        Phone::new(WalletConfig { cvm_model: Some(CvmModel::Always), card: options, ..WalletConfig::default() });
    let id = Phone::id("card-1");
    phone.wallet.install_profile(id.clone(), Syn1::parse(&json)).unwrap();
    let key = |hex: &str| Secret::new(|room: &mut [u8; 16]| *room = array(hex));
    let credentials =
        vectors("cvc3.txt").into_iter().filter(|vector| vector.optional("Published").is_none()).map(|vector| {
            let atc = Atc::new(u16::from_be_bytes(vector.array("Atc")));
            TransactionCredential::new(atc, &[0; 8], key(vector.text("Umd")), key(vector.text("Md"))).unwrap()
        });
    phone.wallet.load_credentials(&id, credentials.collect()).unwrap();
    phone.wallet.activate(&id).unwrap();
    phone
}

fn on() -> CardOptions {
    CardOptions { mag_stripe: true, ..CardOptions::default() }
}

#[test]
fn a_mag_stripe_tap_answers_the_published_codes() {
    let phone = phone(on(), |_| {}).verified();
    phone.initiate();
    assert_eq!(phone.send(CHECKSUM), "77159F61021CB19F60021CB19F36020C10DF4B030010009000");
    assert_eq!(phone.send(CHECKSUM), "6985", "one answer");
    assert_eq!(phone.take_away(), Some(TapOutcome::AuthorizeOnline));
    assert_eq!(phone.credentials_left("card-1"), 1);
    let facts = phone.wallet.last_tap().unwrap().transaction.unwrap();
    assert_eq!((facts.range, facts.amount.unwrap().minor_units()), (TransactionRange::High, 2500));

    phone.initiate();
    let second = CHECKSUM.replacen("00000765", "00000999", 1);
    assert_eq!(phone.send(&second), "77159F610203799F600203799F36020350DF4B030010009000");
}

#[test]
fn a_terminal_without_mobile_support_gets_no_interaction_information() {
    let phone = phone(on(), |_| {}).verified();
    phone.initiate();
    assert_eq!(phone.send(&CHECKSUM.replacen("0000076503", "0000076500", 1)), "770F9F61021CB19F60021CB19F36020C109000");
}

#[test]
fn mag_stripe_mode_is_off_unless_profile_and_configuration_want_it() {
    let off = phone(CardOptions::default(), |_| {}).verified();
    off.initiate();
    assert_eq!(off.send(CHECKSUM), "6985");
    assert!(off.send(Syn1::ARQC).starts_with("77299F2701809F360200259F2608"), "and the tap goes on");

    for field in ["pinIvCvc3Track2", "ciacDeclineOnPpms"] {
        let without =
            phone(on(), |json| drop(Syn1::contactless(json).as_object_mut().unwrap().remove(field))).verified();
        without.initiate();
        assert_eq!(without.send(CHECKSUM), "6985", "{field}");
        assert_eq!(without.take_away(), Some(TapOutcome::Error), "{field}: missing card data end the tap");
        assert_eq!(without.credentials_left("card-1"), 2);
    }
}

#[test]
fn a_refusal_without_verification_depends_on_whether_the_terminal_can_start_again() {
    let phone = phone(on(), |_| {});
    phone.initiate();
    let answer = phone.send(CHECKSUM);
    assert!(answer.starts_with("770B9F3602") && answer.ends_with("DF4B030001009000"), "{answer}");
    assert_eq!(phone.take_away(), Some(TapOutcome::WalletActionRequired));
    phone.initiate();
    assert_eq!(phone.send(&CHECKSUM.replacen("0000076503", "0000076500", 1)), "6982");
    assert_eq!(phone.take_away(), Some(TapOutcome::WalletActionRequired));
    assert_eq!(phone.credentials_left("card-1"), 2);
}

#[test]
fn lengths_and_states_of_the_command_are_judged() {
    let phone = phone(on(), |_| {}).verified();
    assert_eq!(phone.send(CHECKSUM), "6985", "nothing is selected");
    phone.initiate();
    assert_eq!(phone.send("802A8E80040000076500"), "6700");
    assert_eq!(phone.send("802A8E8000"), "6700");
    assert_eq!(phone.send("802A8E8100"), "6A86");
    assert_eq!(phone.send(&CHECKSUM.replace("54112200", "54112300")), "6985", "an offline-only terminal");
    assert_eq!(phone.take_away(), Some(TapOutcome::Error));
}

#[test]
fn an_issuers_action_code_declines_mag_stripe_at_home_or_abroad() {
    let outcome = |code: &str, country: &str| {
        let phone = phone(on(), |json| Syn1::contactless(json)["ciacDeclineOnPpms"] = json!(code)).verified();
        phone.initiate();
        phone.send(&CHECKSUM.replacen("09850616", &format!("0985{country}"), 1));
        phone.take_away().unwrap()
    };
    assert_eq!(outcome("0200", "0616"), TapOutcome::DeclinedByWallet);
    assert_eq!(outcome("0200", "0276"), TapOutcome::AuthorizeOnline);
    assert_eq!(outcome("0400", "0276"), TapOutcome::DeclinedByWallet);
    assert_eq!(outcome("0400", "0616"), TapOutcome::AuthorizeOnline);
}

#[test]
fn objects_that_the_wallet_adds_to_the_udol_make_the_record_and_the_command_longer() {
    let merchant_name = DolExtension::parse(&bytes("9F4E14")).unwrap();
    let phone = phone(CardOptions { extra_udol: vec![merchant_name], ..on() }, |_| {}).verified();
    phone.initiate();
    let record = phone.send(Syn1::READ_RECORDS[0]);
    assert!(
        record.starts_with("708189") && record.contains("9F691C9F6A049F7E01") && record.ends_with("9F4E149000"),
        "{record}"
    );
    assert_eq!(phone.send(CHECKSUM), "6700");
    let name = hex::encode_upper(b"Sklep spozywczy, Lut");
    let longer = CHECKSUM.replacen("8016", "802A", 1).replace("54112200", &format!("541122{name}00"));
    assert_eq!(phone.send(&longer), "77159F61021CB19F60021CB19F36020C10DF4B030010009000");
}

#[test]
fn the_number_of_mag_stripe_mode_is_the_one_in_the_command_whatever_was_asked_before() {
    let number = DolExtension::parse(&bytes("9F3704")).unwrap();
    let phone = phone(CardOptions { extra_pdol: vec![number], ..on() }, |_| {}).verified();
    phone.send(Syn1::SELECT_AID);
    assert!(phone.send("80A8000011830F2C0080000000000006162299887766 00").ends_with("9000"));
    assert_eq!(phone.send(CHECKSUM), "77159F61021CB19F60021CB19F36020C10DF4B030010009000");
}

#[test]
fn additions_that_mag_stripe_mode_could_not_live_with_are_refused() {
    let refused = |udol: &str, change: fn(&mut serde_json::Value)| {
        let mut json = Syn1::profile_json(Generation::V1);
        change(&mut json);
        let extra_udol = vec![DolExtension::parse(&bytes(udol)).unwrap()];
        let card = CardOptions { extra_udol, ..on() };
        let wallet = Phone::new(WalletConfig { card, ..WalletConfig::default() }).wallet;
        wallet.install_profile(Phone::id("card-1"), Syn1::parse(&json)).is_err()
    };
    assert!(!refused("9F4E14", |_| {}));
    assert!(refused("9F4EFF", |_| {}), "data that no command carries");
    assert!(refused("9F0204", |_| {}), "an amount of another length than the card asks for already");
    assert!(!refused("9F0206", |_| {}), "what is asked for already");
    let signed = |json: &mut serde_json::Value| {
        Syn1::contactless(json)["gpoResponse"] = json!("770E82021B8094080801010110010301");
    };
    assert!(refused("9F4E14", signed), "a certificate covers the record");
}
