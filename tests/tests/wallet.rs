//! The wallet, use case by use case; names carry the acceptance rows.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use bezant::ErrorCode;
use bezant::card::{CardOptions, TapOutcome};
use bezant::cdcvm::CdcvmMethod;
use bezant::emv::{CardholderAction, CvmModel, Reason, TransactionRange};
use bezant::instrument::InstrumentStatus;
use bezant::{Wallet, WalletConfig};
use bezant_tests::{Generation, Phone, Syn1, bytes};
use serde_json::json;

fn code<T>(result: Result<T, bezant::WalletError>) -> Option<ErrorCode> {
    result.err().map(|error| error.code)
}

#[test]
fn s2_017_a_mobile_pin_is_refused_and_kept_nowhere() {
    let phone = Phone::with_syn_1(Generation::V1);
    let refused = phone.wallet.set_user_authenticated(CdcvmMethod::Pin, None, Some(b"7391"));
    let error = refused.unwrap_err();
    assert_eq!(error.code, ErrorCode::MobilePinNotSupported);
    assert!(!error.to_string().contains("7391") && !format!("{error:?}").contains("7391"));
    assert_eq!(phone.wallet.authentication(), None, "nobody has been verified by it");
    assert!(phone.wallet.set_user_authenticated(CdcvmMethod::Pin, None, Some(b"")).is_ok(), "an empty one is none");
}

#[test]
fn s2_019_always_pays_in_one_tap_when_the_cardholder_was_verified_before() {
    let low = Syn1::ARQC.replacen("000000002500", "000000000900", 1).replace("010002541100", "1F0302541100");
    for (generate_ac, range) in [(low.as_str(), TransactionRange::Low), (Syn1::ARQC, TransactionRange::High)] {
        let phone = Phone::with_syn_1(Generation::V1).verified();
        let (answer, outcome) = phone.tap(generate_ac);
        assert_eq!(outcome, TapOutcome::AuthorizeOnline, "{range:?}");
        assert_eq!(phone.wallet.last_tap().unwrap().transaction.unwrap().range, range);
        // CVR byte 1: ARQC, offline verification performed and successful.
        assert!(answer.contains("9F10120114A5"), "{range:?}: the terminal and the issuer see the verification");
    }
}

#[test]
fn s2_020_always_asks_for_a_verification_and_pays_the_second_tap() {
    let phone = Phone::with_syn_1(Generation::V1);
    let (answer, outcome) = phone.tap(Syn1::ARQC_CDA);
    assert_eq!(outcome, TapOutcome::WalletActionRequired);
    assert!(answer.starts_with("772F9F2701009F360200019F2608"), "an unsigned AAC: {answer}");
    assert!(answer.contains("9F10120114800000230000"), "{answer}");
    assert!(answer.ends_with("DF4B030001009000"), "the reader shows `see phone`: {answer}");
    let first = phone.wallet.last_tap().unwrap();
    assert_eq!(first.reasons.iter().collect::<Vec<_>>(), [Reason::MissingCdcvm]);
    assert_eq!(phone.credentials_left("card-1"), 3, "nothing is spent on asking");

    phone.verify();
    let (_, outcome) = phone.tap(Syn1::ARQC_CDA);
    assert_eq!(outcome, TapOutcome::AuthorizeOnline);
    let second = phone.wallet.last_tap().unwrap();
    assert_eq!(second.transaction.unwrap().amount, first.transaction.unwrap().amount);
}

#[test]
fn s2_021_where_the_terminal_asks_for_its_own_pin_the_app_learns_of_it() {
    let phone = Phone::with_syn_1(Generation::V1).verified();
    let (_, outcome) = phone.tap(&Syn1::ARQC.replace("010002541100", "420300541100"));
    assert_eq!(outcome, TapOutcome::AuthorizeOnline);
    let facts = phone.wallet.last_tap().unwrap().transaction.unwrap();
    assert_eq!(facts.cardholder_action, CardholderAction::OnlinePin);
    assert!(!facts.cdcvm_requested);
}

#[test]
fn s2_055_one_credential_answers_once_and_counters_only_rise() {
    let phone = Phone::with_syn_1(Generation::V1);
    let mut atcs = Vec::new();
    for left in [2, 1, 0] {
        phone.verify();
        let (answer, outcome) = phone.tap(Syn1::ARQC);
        assert_eq!(outcome, TapOutcome::AuthorizeOnline);
        atcs.push(answer[18..22].to_owned());
        assert_eq!(phone.credentials_left("card-1"), left);
    }
    assert_eq!(atcs, ["0001", "0002", "001F"]);

    phone.verify();
    let (answer, outcome) = phone.tap(Syn1::ARQC_CDA);
    assert_eq!(outcome, TapOutcome::DeclinedByWallet, "a restart would only loop");
    assert!(answer.starts_with("772F9F270100") && answer.ends_with("DF4B030000009000"), "{answer}");
    let reasons = phone.wallet.last_tap().unwrap().reasons;
    assert_eq!(reasons.iter().collect::<Vec<_>>(), [Reason::CredentialsNotAvailable]);

    let again = phone.wallet.load_credentials(&Phone::id("card-1"), Syn1::credentials());
    assert_eq!(code(again), Some(ErrorCode::CredentialsStale), "what has answered never answers again");
}

#[test]
fn s2_055_no_more_credentials_are_kept_than_the_configured_maximum() {
    let phone = Phone::new(WalletConfig { max_stored_credentials: 2, ..WalletConfig::default() });
    phone.wallet.install_profile(Phone::id("card-1"), Syn1::profile(Generation::V1)).unwrap();
    let loaded = phone.wallet.load_credentials(&Phone::id("card-1"), Syn1::credentials());
    assert_eq!(code(loaded), Some(ErrorCode::TooManyCredentials));
    assert_eq!(phone.credentials_left("card-1"), 0, "all or nothing");
}

#[test]
fn without_credentials_nobody_is_sent_off_to_verify() {
    let phone = Phone::new(WalletConfig::default());
    let id = Phone::id("card-1");
    phone.wallet.install_profile(id.clone(), Syn1::profile(Generation::V1)).unwrap();
    phone.wallet.activate(&id).unwrap();
    let (answer, outcome) = phone.tap(Syn1::ARQC);
    assert_eq!(outcome, TapOutcome::DeclinedByWallet);
    assert!(answer.ends_with("DF4B030000009000"), "{answer}");
}

#[test]
fn s2_059_the_default_card_answers_and_a_chosen_one_for_one_tap() {
    let phone = Phone::with_syn_1(Generation::V1).verified();
    phone.add_card("card-2", Syn1::second_card());
    assert!(!phone.answers_as_second_card(), "the first activated card is the default");
    phone.take_away();

    phone.wallet.select_for_payment(&Phone::id("card-2")).unwrap();
    assert!(phone.answers_as_second_card());
    assert!(phone.send(Syn1::GPO).ends_with("9000"));
    phone.send(Syn1::ARQC);
    assert_eq!(phone.take_away(), Some(TapOutcome::AuthorizeOnline));
    assert_eq!((phone.credentials_left("card-1"), phone.credentials_left("card-2")), (3, 2));
    assert!(!phone.answers_as_second_card(), "the choice has served");
    phone.take_away();

    phone.wallet.set_default_for_contactless(&Phone::id("card-2")).unwrap();
    assert!(phone.answers_as_second_card());
}

#[test]
fn s2_059_a_choice_survives_the_tap_that_only_asks_for_a_verification() {
    let phone = Phone::with_syn_1(Generation::V1);
    phone.add_card("card-2", Syn1::second_card());
    phone.wallet.select_for_payment(&Phone::id("card-2")).unwrap();
    assert!(phone.answers_as_second_card());
    phone.send(Syn1::GPO);
    phone.send(Syn1::ARQC);
    assert_eq!(phone.take_away(), Some(TapOutcome::WalletActionRequired));
    phone.verify();
    assert!(phone.answers_as_second_card());
}

#[test]
fn s2_059_a_card_that_is_not_active_cannot_be_chosen() {
    let phone = Phone::with_syn_1(Generation::V1);
    let second = Phone::id("card-2");
    assert_eq!(code(phone.wallet.select_for_payment(&second)), Some(ErrorCode::InstrumentNotFound));
    phone.wallet.install_profile(second.clone(), Syn1::second_card()).unwrap();
    assert_eq!(code(phone.wallet.select_for_payment(&second)), Some(ErrorCode::InstrumentNotActive));
    assert_eq!(code(phone.wallet.set_default_for_contactless(&second)), Some(ErrorCode::InstrumentNotActive));
    assert_eq!(code(phone.wallet.suspend(&second)), Some(ErrorCode::InstrumentNotActive));
    phone.wallet.activate(&second).unwrap();
    phone.wallet.select_for_payment(&second).unwrap();
    phone.wallet.suspend(&second).unwrap();
    assert!(!phone.answers_as_second_card(), "a suspended card loses its turn");
}

#[test]
fn a_suspended_default_is_followed_by_the_first_active_card_and_by_none() {
    let phone = Phone::with_syn_1(Generation::V1);
    phone.add_card("card-2", Syn1::second_card());
    phone.wallet.suspend(&Phone::id("card-1")).unwrap();
    assert!(phone.answers_as_second_card());
    phone.take_away();
    phone.wallet.delete(&Phone::id("card-2")).unwrap();
    assert_eq!(phone.send(Syn1::SELECT_PPSE), "6A82");
    assert_eq!(phone.send(Syn1::GPO), "6985");
    let left = phone.wallet.instruments();
    assert_eq!(left.len(), 1);
    assert_eq!((left[0].status, left[0].is_default), (InstrumentStatus::Suspended, false));
}

#[test]
fn s2_060_a_payment_is_verified_by_the_token_service() {
    let phone = Phone::with_syn_1(Generation::V1).verified();
    let (answer, outcome) = phone.tap(Syn1::ARQC);
    assert_eq!(outcome, TapOutcome::AuthorizeOnline);
    let issuer = sandbox::Issuer::default();
    let credentials = sandbox::CredentialsFile::from_json(&Syn1::credentials_json().to_string()).unwrap();
    issuer.load(&credentials).unwrap();
    let value = |tag: &str, length: usize| {
        let at = answer.find(tag).unwrap() + tag.len() + 2;
        bytes(&answer[at..at + 2 * length])
    };
    let cdol1 = &bytes(Syn1::ARQC)[5..];
    let elements = [
        (0x9F02, cdol1[0..6].to_vec()),
        (0x9F03, cdol1[6..12].to_vec()),
        (0x9F1A, cdol1[12..14].to_vec()),
        (0x95, cdol1[14..19].to_vec()),
        (0x5F2A, cdol1[19..21].to_vec()),
        (0x9A, cdol1[21..24].to_vec()),
        (0x9C, cdol1[24..25].to_vec()),
        (0x9F37, cdol1[25..29].to_vec()),
        (0x82, bytes("1B80")),
        (0x9F36, value("9F36", 2)),
        (0x9F10, value("9F10", 18)),
        (0x9F26, value("9F26", 8)),
        (0x9F27, value("9F27", 1)),
    ];
    let request = sandbox::AuthorisationRequest {
        pan: "5413330000000019".into(),
        psn: 1,
        elements: elements.into_iter().collect(),
        signed: None,
    };
    let verified = issuer.verify(&request).unwrap();
    assert!(matches!(verified.umd, sandbox::Cryptogram::Valid), "{verified:?}");
    assert!(matches!(verified.md, sandbox::Cryptogram::Valid), "{verified:?}");
    assert!(matches!(verified.freshness, sandbox::Freshness::Fresh), "{verified:?}");
    let told = phone.wallet.last_tap().unwrap();
    assert_eq!(told.transaction.unwrap().amount.unwrap().minor_units(), 2500);
    assert!(told.transaction_id.is_some());
}

#[test]
fn a_verification_serves_as_long_and_as_often_as_configured() {
    let phone = Phone::with_syn_1(Generation::V1).verified();
    phone.clock.advance_ms(45_000);
    assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::AuthorizeOnline, "at the border");
    phone.clock.advance_ms(1);
    assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::WalletActionRequired);
    let reasons = phone.wallet.last_tap().unwrap().reasons;
    assert_eq!(reasons.iter().collect::<Vec<_>>(), [Reason::InsufficientCdcvm]);

    let once = Phone::new(WalletConfig { auth_max_payments: 1, ..WalletConfig::default() });
    once.add_card("card-1", Syn1::profile(Generation::V1));
    once.verify();
    assert_eq!(once.tap(Syn1::ARQC).1, TapOutcome::AuthorizeOnline);
    assert_eq!(once.tap(Syn1::ARQC).1, TapOutcome::WalletActionRequired);
}

#[test]
fn a_wall_clock_that_is_set_back_makes_no_verification_younger() {
    let phone = Phone::with_syn_1(Generation::V1).verified();
    phone.clock.advance_ms(46_000);
    phone.clock.set_wall_ms(0);
    assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::WalletActionRequired);
}

#[test]
fn a_verification_for_one_card_serves_no_other() {
    let phone = Phone::with_syn_1(Generation::V1);
    phone.add_card("card-2", Syn1::second_card());
    let second = Phone::id("card-2");
    phone.wallet.set_user_authenticated(CdcvmMethod::Face, Some(&second), None).unwrap();
    assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::WalletActionRequired);
    // By then the first tap, which was another card's, is forgotten.
    phone.clock.advance_ms(30_001);
    phone.wallet.select_for_payment(&second).unwrap();
    assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::AuthorizeOnline);
    phone.wallet.clear_user_authentication();
    phone.wallet.select_for_payment(&second).unwrap();
    assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::WalletActionRequired);
}

#[test]
fn a_profile_for_another_cvm_model_is_not_installed() {
    let phone = Phone::new(WalletConfig { cvm_model: Some(CvmModel::Flexible), ..WalletConfig::default() });
    let installed = phone.wallet.install_profile(Phone::id("card-1"), Syn1::profile(Generation::V2));
    assert_eq!(code(installed), Some(ErrorCode::ProfileConfigMismatch));
    let installed = phone.wallet.install_profile(Phone::id("card-1"), Syn1::profile(Generation::V1));
    assert!(installed.is_ok(), "the first generation does not say");
}

#[test]
fn a_configuration_out_of_range_is_told_by_name() {
    let wrong = WalletConfig { auth_validity_s: 301, ..WalletConfig::default() };
    let error = Wallet::new(wrong).err().unwrap();
    assert_eq!(error.code, ErrorCode::InvalidConfig);
    assert_eq!(error.detail, "auth_validity_s: found 301, wants 1 to 300");
}

#[test]
fn a_gate_is_not_served_where_profile_or_configuration_forbid_it() {
    let gate = Syn1::ARQC.replacen("000000002500", "000000000000", 1).replace("010002541100", "010002411100");
    assert_eq!(Phone::with_syn_1(Generation::V1).verified().tap(&gate).1, TapOutcome::AuthorizeOnline);

    let mut json = Syn1::profile_json(Generation::V2);
    Syn1::contactless(&mut json)["isTransitSupported"] = json!(false);
    let by_profile = Phone::with_profile(Syn1::parse(&json), CardOptions::default());
    let by_configuration = Phone::new(WalletConfig { transit_enabled: false, ..WalletConfig::default() });
    by_configuration.add_card("card-1", Syn1::profile(Generation::V2));
    for phone in [by_profile, by_configuration] {
        let phone = phone.verified();
        let (answer, outcome) = phone.tap(&gate);
        assert_eq!(outcome, TapOutcome::DeclinedByWallet);
        assert!(answer.ends_with("DF4B030010009000"), "{answer}");
        let reasons = phone.wallet.last_tap().unwrap().reasons;
        assert_eq!(reasons.iter().collect::<Vec<_>>(), [Reason::UnsupportedTransit]);
        assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::AuthorizeOnline, "a shop is no gate");
    }
}

#[test]
fn a_profile_of_another_account_does_not_take_over_the_credentials() {
    let phone = Phone::with_syn_1(Generation::V2);
    let mut json = Syn1::profile_json(Generation::V2);
    json["mchipCardProfile"]["commonData"]["pan"] = json!("5413330000000027");
    let error = phone.wallet.install_profile(Phone::id("card-1"), Syn1::parse(&json)).unwrap_err();
    assert_eq!(error.code, ErrorCode::ProfileInvalid);
    assert!(!error.detail.contains("5413330000000027"));
}

#[test]
fn the_age_of_a_verification_is_unknown_after_a_restart_and_it_serves_no_more() {
    let phone = Phone::with_syn_1(Generation::V1).verified();
    phone.clock.restart();
    assert_eq!(phone.wallet.authentication().unwrap().age_ms, None);
    assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::WalletActionRequired);
}

#[test]
fn additions_that_do_not_fit_are_refused_when_the_profile_is_installed() {
    let many = (0..120u8).filter_map(|i| bezant::card::DolExtension::parse(&[0xDF, 0x01 + (i % 0x7E), 1])).collect();
    let card = CardOptions { extra_pdol: many, ..CardOptions::default() };
    let phone = Phone::new(WalletConfig { card, ..WalletConfig::default() });
    let error = phone.wallet.install_profile(Phone::id("card-1"), Syn1::profile(Generation::V1)).unwrap_err();
    assert_eq!(error.code, ErrorCode::ProfileInvalid);
    assert!(error.detail.starts_with("extra_pdol:"), "{error}");
}
