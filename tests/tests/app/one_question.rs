//! A word counts for the payment it was asked about, a verification for the moment at which the question came, and a tap
//! that has begun ends once, whatever happens to it.

use crate::{Door, budget, follow, listen, phone, settled};
use bezant::WalletConfig;
use bezant::card::TapOutcome;
use bezant::emv::{Advice, CvmModel};
use bezant::wallet::AdviceInput;
use bezant_tests::{App, Generation, Phone, Syn1};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// 9999.00 PLN instead of 25.00.
fn dear() -> String {
    Syn1::ARQC.replacen("000000002500", "000000999900", 1)
}

#[test]
fn a_word_on_one_payment_never_pays_another_in_the_same_tap() {
    let (asked, questions) = mpsc::channel();
    let asked = std::sync::Mutex::new(asked);
    let (cheap, dearer) = (Door::default(), Door::default());
    let (awaits_cheap, awaits_dearer) = (cheap.clone(), dearer.clone());
    let decides = move |_: &Phone, input: &AdviceInput| {
        let amount = input.transaction.amount.unwrap().minor_units();
        asked.lock().unwrap().send(amount).unwrap();
        if amount == 2_500 {
            awaits_cheap.wait();
            return Ok(Advice::Proceed);
        }
        awaits_dearer.wait();
        Ok(Advice::Decline)
    };
    let config = WalletConfig { link_loss_retry_limit: 1, cvm_model: Some(CvmModel::Always), ..budget(20_000) };
    let (phone, app) = phone(config, decides, listen);
    let reader = |question: String| {
        let phone = phone.clone();
        phone.initiate();
        thread::spawn(move || phone.send(&question))
    };
    let first = reader(Syn1::ARQC.to_owned());
    assert_eq!(questions.recv_timeout(Duration::from_secs(20)), Ok(2_500));
    // The link is lost while the app thinks, and comes back: the same tap, another amount. Both calls are left open.
    assert_eq!(phone.take_away(), Some(TapOutcome::Interrupted));
    let second = reader(dear());
    cheap.open();
    assert_eq!(first.join().unwrap(), "6985", "its reader has gone");
    dearer.open();
    assert!(second.join().unwrap().starts_with("772F9F2701009F36020001"), "declined, under random keys");
    assert_eq!(phone.take_away(), Some(TapOutcome::DeclinedByWallet));
    settled(&phone);
    assert_eq!(phone.credentials_left("card-1"), 3);
    assert_eq!(app.taps().0.len(), 1);
}

#[test]
fn a_cardholder_who_verifies_again_while_the_app_is_asked_was_verified_all_along() {
    let decides = |phone: &Phone, input: &AdviceInput| {
        phone.clock.advance_ms(30);
        phone.verify();
        Ok(input.recommended())
    };
    let always = WalletConfig { cvm_model: Some(CvmModel::Always), ..budget(20_000) };
    let (phone, _) = phone(always.clone(), decides, listen);
    assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::AuthorizeOnline);
    // Whoever was not verified when the question came was not, and may tap again.
    phone.wallet.clear_user_authentication();
    assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::WalletActionRequired);
    assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::AuthorizeOnline);
}

#[test]
fn a_tap_that_is_open_when_its_wallet_goes_is_completed_as_interrupted() {
    for torn in [false, true] {
        let app = Arc::new(App::follows());
        let told = app.clone();
        let config = WalletConfig { link_loss_retry_limit: u32::from(torn), ..WalletConfig::default() };
        let phone = Phone::with_app(config, |_| told);
        phone.add_card("card-1", Syn1::profile(Generation::V1));
        phone.initiate();
        if torn {
            phone.take_away();
        }
        drop(phone);
        // The app goes with the last thread that calls it.
        while Arc::strong_count(&app) > 1 {
            thread::yield_now();
        }
        let (taps, open) = app.taps();
        assert_eq!((taps.len(), open), (1, false), "{:?}", app.stories());
        assert_eq!(taps[0].outcome, TapOutcome::Interrupted);
    }
}

#[test]
fn a_terminal_that_falls_silent_ends_its_tap_though_nobody_calls() {
    let config = WalletConfig { apdu_timeout_ms: 100, ..WalletConfig::default() };
    let (phone, app) = phone(config, follow, listen);
    phone.initiate();
    settled(&phone);
    assert!(app.taps().1);
    phone.clock.advance_ms(101);
    // Only the wallet's own alarm looks at the clock now.
    while app.taps().1 {
        thread::yield_now();
    }
    assert_eq!(app.taps().0[0].outcome, TapOutcome::Error);
}

#[test]
fn a_first_tap_is_forgotten_with_its_card() {
    let always = WalletConfig { cvm_model: Some(CvmModel::Always), ..WalletConfig::default() };
    for delete in [true, false] {
        let phone = Phone::new(always.clone());
        phone.add_card("card-1", Syn1::profile(Generation::V1));
        phone.add_card("card-2", Syn1::second_card());
        assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::WalletActionRequired);
        let first = Phone::id("card-1");
        if delete {
            phone.wallet.delete(&first).unwrap();
        } else {
            phone.wallet.suspend(&first).unwrap();
        }
        phone.verify();
        assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::AuthorizeOnline, "it was another card's tap");
    }
}
