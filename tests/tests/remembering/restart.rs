use super::{Device, always, atc, flexible, is_approval, low_value};
use bezant::ErrorCode;
use bezant::card::TapOutcome;
use bezant::cdcvm::VelocityLimits;
use bezant::emv::CvmModel;
use bezant::instrument::InstrumentStatus;
use bezant::{WalletConfig, WalletError};
use bezant_tests::{Generation, Phone, Syn1};

#[test]
fn cards_choices_and_history_survive_a_restart() {
    let device = Device::with_syn_1(&always(), 1..=5);
    let told = {
        let phone = device.start(&always()).unwrap().verified();
        phone.add_card("card-2", Syn1::second_card());
        phone.wallet.suspend(&Phone::id("card-2")).unwrap();
        phone.wallet.activate(&Phone::id("card-2")).unwrap();
        phone.wallet.set_default_for_contactless(&Phone::id("card-2")).unwrap();
        phone.wallet.select_for_payment(&Phone::id("card-1")).unwrap();
        let (answer, _) = phone.tap(Syn1::ARQC);
        assert!(is_approval(&answer));
        phone.wallet.select_for_payment(&Phone::id("card-1")).unwrap();
        phone.wallet.history(None)
    };
    let phone = device.start(&always()).unwrap();
    let cards = phone.wallet.instruments();
    let seen: Vec<_> = cards.iter().map(|card| (card.id.as_str(), card.is_default, card.is_selected)).collect();
    assert_eq!(seen, [("card-1", false, true), ("card-2", true, false)]);
    assert_eq!(cards[0].credentials_left, 4);
    let remembered = phone.wallet.history(None);
    assert_eq!(format!("{:?}", remembered[0].decision), format!("{:?}", told[0].decision));
    assert_eq!(remembered[0].transaction_id, told[0].transaction_id);
    assert_eq!(phone.wallet.last_tap().unwrap().number, 1);
    phone.verify();
    let (answer, _) = phone.tap(Syn1::ARQC);
    assert_eq!((is_approval(&answer), atc(&answer)), (true, 2));
    let numbers: Vec<_> = phone.wallet.history(None).iter().map(|tap| tap.number).collect();
    assert_eq!(numbers, [2, 1]);
}

#[test]
fn s2_028_counters_are_exact_over_restarts_and_only_stricter_after_a_kill() {
    let velocity = VelocityLimits { max_consecutive_lvt: Some(3), ..VelocityLimits::default() };
    let config = WalletConfig { velocity, ..flexible() };
    let device = Device::with_syn_1(&config, 1..=9);
    for tap in 1..=2 {
        let phone = device.start(&config).unwrap();
        let (answer, _) = phone.tap(&low_value());
        assert!(is_approval(&answer), "tap {tap}");
        assert_eq!(phone.wallet.instruments()[0].counters.consecutive_lvt, tap);
    }
    let phone = device.start(&config).unwrap();
    assert_eq!(phone.wallet.instruments()[0].counters.consecutive_lvt, 2);
    let (answer, _) = phone.tap(&low_value());
    assert!(is_approval(&answer), "the third passes at the limit");
    drop(phone);
    let phone = device.start(&config).unwrap();
    let (answer, outcome) = phone.tap(&low_value());
    assert!(!is_approval(&answer) && outcome == TapOutcome::WalletActionRequired, "the fourth does not");
}

#[test]
fn what_a_card_was_made_for_is_held_against_the_configuration_again() {
    let device = Device::new();
    {
        let phone = device.start(&always()).unwrap();
        let mut json = Syn1::profile_json(Generation::V2);
        Syn1::contactless(&mut json)["cvmModel"] = "CDCVM_ALWAYS".into();
        phone.wallet.install_profile(Phone::id("card-1"), Syn1::parse(&json)).unwrap();
        phone.wallet.activate(&Phone::id("card-1")).unwrap();
    }
    let other = WalletConfig { cvm_model: Some(CvmModel::CardLike), ..WalletConfig::default() };
    let phone = device.start(&other).unwrap();
    let card = &phone.wallet.instruments()[0];
    assert_eq!((card.status, card.fault), (InstrumentStatus::Inactive, Some(ErrorCode::ProfileConfigMismatch)));
    let code = |result: Result<(), WalletError>| result.unwrap_err().code;
    assert_eq!(code(phone.wallet.activate(&Phone::id("card-1"))), ErrorCode::ProfileConfigMismatch);
    assert_eq!(phone.send(Syn1::SELECT_PPSE), "6A82");
    drop(phone);
    let phone = device.start(&always()).unwrap();
    assert_eq!(phone.wallet.instruments()[0].status, InstrumentStatus::Active, "nothing was lost");
}

#[test]
fn a_damaged_card_leaves_the_other_one_alone_and_can_be_made_anew() {
    let device = Device::with_syn_1(&always(), 1..=5);
    {
        let phone = device.start(&always()).unwrap().verified();
        let (answer, _) = phone.tap(Syn1::ARQC);
        assert!(is_approval(&answer));
        phone.add_card("card-2", Syn1::second_card());
    }
    let connection = rusqlite::Connection::open(device.folder.path().join("state/store.db")).unwrap();
    connection.execute("UPDATE account SET sealed = zeroblob(length(sealed)) WHERE id = 1", []).unwrap();
    drop(connection);
    let phone = device.start(&always()).unwrap().verified();
    let fault = |name: &str| {
        let cards = phone.wallet.instruments();
        cards.iter().find(|card| card.id.as_str() == name).and_then(|card| card.fault)
    };
    assert_eq!((fault("card-1"), fault("card-2")), (Some(ErrorCode::InstrumentDamaged), None));
    phone.wallet.select_for_payment(&Phone::id("card-2")).unwrap();
    assert!(phone.answers_as_second_card());
    phone.take_away();
    let id = Phone::id("card-1");
    phone.wallet.install_profile(id.clone(), Syn1::profile(Generation::V1)).unwrap();
    assert_eq!(fault("card-1"), None);
    let issued = |atcs: &[u16]| Syn1::issued(atcs.iter().copied()).iter().map(Syn1::credential).collect();
    let stale = phone.wallet.load_credentials(&id, issued(&[1])).unwrap_err();
    assert_eq!(stale.code, ErrorCode::CredentialsStale, "what it had spent is still known");
    assert_eq!(phone.wallet.load_credentials(&id, issued(&[2, 3])).unwrap(), 2);
}

#[test]
fn a_clock_that_jumps_between_restarts_loosens_nothing() {
    let velocity = VelocityLimits { max_consecutive_lvt: Some(4), ..VelocityLimits::default() };
    let config = WalletConfig { velocity, ..flexible() };
    let device = Device::with_syn_1(&config, 1..=9);
    let today = 1_768_471_200_000;
    for (tap, unix_ms) in (1..).zip([today, 0, today * 2, today - 31_536_000_000]) {
        let phone = device.start(&config).unwrap();
        phone.clock.set_wall_ms(unix_ms);
        let (answer, _) = phone.tap(&low_value());
        assert_eq!((is_approval(&answer), atc(&answer)), (true, tap), "at {unix_ms}");
        let numbers: Vec<_> = phone.wallet.history(None).iter().map(|tap| tap.number).collect();
        assert_eq!(numbers, (1..=u64::from(tap)).rev().collect::<Vec<_>>(), "by number, not by time");
    }
    for unix_ms in [0, today * 3] {
        let phone = device.start(&config).unwrap();
        phone.clock.set_wall_ms(unix_ms);
        assert!(!is_approval(&phone.tap(&low_value()).0), "the limit is reached at any time");
    }
}
