//! What can happen in the middle of a tap, and what it costs.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use bezant::ErrorCode;
use bezant::card::TapOutcome;
use bezant::cdcvm::CdcvmMethod;
use bezant::emv::CvmModel;
use bezant::platform::{Rng, RngUnavailable, SystemClock};
use bezant::storage::MemoryLedger;
use bezant::wallet::{DeactivationReason, Platform};
use bezant::{Wallet, WalletConfig};
use bezant_tests::{Generation, Phone, Syn1, bytes};

#[test]
fn a_finger_in_mid_tap_is_in_time() {
    let phone = Phone::with_syn_1(Generation::V1);
    phone.initiate();
    phone.verify();
    assert!(phone.send(Syn1::ARQC).contains("9F270180"));
}

#[test]
fn a_link_lost_before_the_answer_costs_nothing() {
    for commands in 1..=3 {
        let phone = Phone::with_syn_1(Generation::V1).verified();
        for command in [Syn1::SELECT_PPSE, Syn1::SELECT_AID, Syn1::GPO].iter().take(commands) {
            phone.send(command);
        }
        assert_eq!(phone.take_away(), Some(TapOutcome::Interrupted));
        assert_eq!(phone.take_away(), None, "one outcome a tap");
        assert_eq!(phone.credentials_left("card-1"), 3);
        assert!(phone.tap(Syn1::ARQC).0.contains("9F36020001"), "the same credential serves the next tap");
    }
}

#[test]
fn a_terminal_that_falls_silent_has_given_up() {
    let phone = Phone::with_syn_1(Generation::V1).verified();
    phone.initiate();
    phone.clock.advance_ms(5_000);
    assert!(phone.send(Syn1::READ_RECORDS[0]).ends_with("9000"), "at the limit");
    phone.clock.advance_ms(5_001);
    assert_eq!(phone.send(Syn1::ARQC), "6985");
    assert!(phone.send(Syn1::SELECT_PPSE).ends_with("9000"), "a new tap");
    assert_eq!(phone.take_away(), Some(TapOutcome::Interrupted));
    phone.initiate();
    phone.clock.advance_ms(5_001);
    assert_eq!(phone.take_away(), Some(TapOutcome::Error));
    assert_eq!(phone.credentials_left("card-1"), 3);
}

#[test]
fn a_card_that_is_suspended_in_mid_tap_does_not_pay() {
    let phone = Phone::with_syn_1(Generation::V1).verified();
    phone.initiate();
    phone.wallet.suspend(&Phone::id("card-1")).unwrap();
    let answer = phone.send(Syn1::ARQC);
    assert!(answer.starts_with("772F9F270100"), "{answer}");
    assert_eq!(phone.take_away(), Some(TapOutcome::DeclinedByWallet));
    assert_eq!(phone.credentials_left("card-1"), 3);
}

#[test]
fn a_card_that_is_deleted_in_mid_tap_is_gone_at_once_and_a_new_one_of_its_name_does_not_revive_it() {
    let phone = Phone::with_syn_1(Generation::V1).verified();
    phone.initiate();
    let id = Phone::id("card-1");
    phone.wallet.delete(&id).unwrap();
    assert_eq!(phone.send(Syn1::READ_RECORDS[0]), "6985");
    phone.wallet.install_profile(id.clone(), Syn1::profile(Generation::V1)).unwrap();
    phone.wallet.activate(&id).unwrap();
    assert_eq!(phone.send(Syn1::ARQC), "6985");
    assert_eq!(phone.take_away(), Some(TapOutcome::DeclinedByWallet));
    assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::DeclinedByWallet, "it has no credentials");
}

#[test]
fn a_deleted_card_that_comes_back_does_not_repeat_a_counter() {
    let phone = Phone::with_syn_1(Generation::V1).verified();
    phone.tap(Syn1::ARQC);
    let id = Phone::id("card-1");
    phone.wallet.delete(&id).unwrap();
    phone.wallet.install_profile(id.clone(), Syn1::profile(Generation::V1)).unwrap();
    let error = phone.wallet.load_credentials(&id, Syn1::credentials()).unwrap_err();
    assert_eq!(error.code, ErrorCode::CredentialsStale);
}

#[test]
fn refusals_differ_from_tap_to_tap_and_verify_under_no_issued_key() {
    let phone = Phone::with_syn_1(Generation::V1);
    let (first, second) = (phone.tap(Syn1::ARQC).0, phone.tap(Syn1::ARQC).0);
    let (umd, md) = (|answer: &str| bytes(&answer[28..44]), |answer: &str| bytes(&answer[72..82]));
    assert!(umd(&first) != umd(&second) && md(&first) != md(&second));
    for answer in [&first, &second] {
        assert_eq!(&answer[24..28], "2608", "{answer}");
        for atc in [1u16, 2, 31] {
            for sent in [1, atc] {
                let input =
                    [&bytes(Syn1::ARQC)[5..34], &bytes("1B80"), &sent.to_be_bytes(), &bytes("800000230000")].concat();
                let keys = Syn1::session_keys(atc);
                let mac =
                    |key: &bezant::crypto::Secret<16>| bezant::crypto::retail_mac(key.expose_secret(), &input).to_vec();
                assert!(umd(answer) != mac(&keys.umd) && md(answer) != mac(&keys.md)[..5], "ATC {atc}: {answer}");
            }
        }
    }
}

#[test]
fn a_choice_made_during_a_tap_is_for_the_next_one() {
    let phone = Phone::with_syn_1(Generation::V1).verified();
    phone.add_card("card-2", Syn1::second_card());
    phone.initiate();
    phone.wallet.select_for_payment(&Phone::id("card-2")).unwrap();
    phone.send(Syn1::ARQC);
    assert_eq!(phone.take_away(), Some(TapOutcome::AuthorizeOnline));
    assert_eq!(phone.credentials_left("card-1"), 2, "the card in the field has paid");
    assert!(phone.answers_as_second_card());
}

#[test]
fn credentials_that_come_in_mid_tap_are_in_time() {
    let phone = Phone::new(WalletConfig::default());
    let id = Phone::id("card-1");
    phone.wallet.install_profile(id.clone(), Syn1::profile(Generation::V1)).unwrap();
    phone.wallet.activate(&id).unwrap();
    phone.verify();
    phone.initiate();
    phone.wallet.load_credentials(&id, Syn1::credentials()).unwrap();
    assert!(phone.send(Syn1::ARQC).contains("9F270180"));
}

/// Randomness that fails in one way or another when it is first asked, and works ever after.
struct FailsOnce {
    failed: bool,
    panics: bool,
}

impl Rng for FailsOnce {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RngUnavailable> {
        if std::mem::replace(&mut self.failed, true) {
            bytes.fill(7);
            return Ok(());
        }
        assert!(!self.panics, "a broken source of randomness");
        Err(RngUnavailable)
    }
}

#[test]
fn a_failure_in_mid_tap_ends_the_tap_and_the_wallet_lives_on() {
    for panics in [false, true] {
        let rng = FailsOnce { failed: false, panics };
        let platform = Platform { clock: Box::new(SystemClock::default()), rng: Box::new(rng), host: None };
        let ledger = Box::new(MemoryLedger::default());
        let wallet = Wallet::with_platform(WalletConfig::default(), platform, ledger).unwrap();
        let id = Phone::id("card-1");
        wallet.install_profile(id.clone(), Syn1::with_random_umd()).unwrap();
        wallet.load_credentials(&id, Syn1::credentials()).unwrap();
        wallet.activate(&id).unwrap();
        wallet.set_user_authenticated(CdcvmMethod::Fingerprint, None, None).unwrap();
        let tap = || {
            let commands = [Syn1::SELECT_AID, Syn1::GPO, Syn1::ARQC];
            let answers = commands.map(|command| wallet.process_command_apdu(&bytes(command)).to_vec());
            hex::encode_upper(&answers[2])
        };
        let first = std::panic::catch_unwind(std::panic::AssertUnwindSafe(tap));
        // A failure gives the credential back; after a panic nobody can tell whether it has answered.
        let (left, next) = if panics { (2, "0002") } else { (3, "0001") };
        assert_eq!(first.ok(), (!panics).then(|| "6F00".to_owned()));
        assert_eq!(wallet.on_deactivated(DeactivationReason::LinkLoss), Some(TapOutcome::Error));
        assert_eq!(wallet.instruments()[0].credentials_left, left);
        assert!(tap().starts_with(&format!("77299F2701809F3602{next}")), "the next tap pays");
    }
}

#[test]
fn a_refusal_without_random_bytes_is_no_answer_and_gives_the_credential_back() {
    let rng = FailsOnce { failed: false, panics: false };
    let platform = Platform { clock: Box::new(SystemClock::default()), rng: Box::new(rng), host: None };
    // Flexible reserves for an unverified tap too, for it might be of low value; this one is not.
    let config = WalletConfig { cvm_model: Some(CvmModel::Flexible), ..WalletConfig::default() };
    let wallet = Wallet::with_platform(config, platform, Box::new(MemoryLedger::default())).unwrap();
    let id = Phone::id("card-1");
    wallet.install_profile(id.clone(), Syn1::profile(Generation::V1)).unwrap();
    wallet.load_credentials(&id, Syn1::credentials()).unwrap();
    wallet.activate(&id).unwrap();
    let tap = || {
        let commands = [Syn1::SELECT_AID, Syn1::GPO, Syn1::ARQC];
        let answers = commands.map(|command| hex::encode_upper(wallet.process_command_apdu(&bytes(command)).to_vec()));
        (answers[2].clone(), wallet.on_deactivated(DeactivationReason::LinkLoss))
    };
    assert_eq!(tap(), ("6F00".to_owned(), Some(TapOutcome::Error)));
    assert_eq!(wallet.instruments()[0].credentials_left, 3);
    assert_eq!(tap().1, Some(TapOutcome::WalletActionRequired), "refused, with random bytes");
    wallet.set_user_authenticated(CdcvmMethod::Fingerprint, None, None).unwrap();
    assert!(tap().0.starts_with("77299F2701809F36020001"), "the first credential pays");
}
