//! An app that calls the wallet from inside, where it is asked or told.

use crate::{Door, PAID, budget, follow, listen, phone, settled};
use bezant::card::TapOutcome;
use bezant::emv::Advice;
use bezant::wallet::{AdviceInput, HostFailed, WalletEvent};
use bezant::{ErrorCode, WalletConfig};
use bezant_tests::{Generation, Phone, Syn1};
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

fn wait(phone: &Phone) {
    let _ = phone.wallet.settle_events(Duration::from_millis(1));
}

/// Everything that an app may do to the wallet while it is asked for its word, and what becomes of the payment.

#[test]
fn s2_063_an_app_may_call_the_wallet_from_inside_its_word() {
    type Act = fn(&Phone);
    let acts: [(&str, Act, TapOutcome, usize); 8] = [
        ("looks", |phone| assert_eq!(phone.wallet.instruments().len(), 2), TapOutcome::AuthorizeOnline, 2),
        (
            "chooses",
            |phone| phone.wallet.select_for_payment(&Phone::id("card-2")).unwrap(),
            TapOutcome::AuthorizeOnline,
            2,
        ),
        ("authenticates", Phone::verify, TapOutcome::AuthorizeOnline, 2),
        ("taps", |phone| assert_eq!(phone.send(Syn1::SELECT_PPSE), "6985"), TapOutcome::AuthorizeOnline, 2),
        ("asks", |phone| assert_eq!(phone.send(Syn1::ARQC), "6985"), TapOutcome::AuthorizeOnline, 2),
        ("waits", wait, TapOutcome::AuthorizeOnline, 2),
        ("forgets", |phone| phone.wallet.clear_user_authentication(), TapOutcome::WalletActionRequired, 3),
        ("suspends", |phone| phone.wallet.suspend(&Phone::id("card-1")).unwrap(), TapOutcome::DeclinedByWallet, 3),
    ];
    for (name, act, outcome, left) in acts {
        let decides = move |phone: &Phone, _: &AdviceInput| {
            act(phone);
            Ok(Advice::Proceed)
        };
        let (phone, app) = phone(budget(20_000), decides, listen);
        phone.add_card("card-2", Syn1::second_card());
        assert_eq!((phone.tap(Syn1::ARQC).1, phone.credentials_left("card-1")), (outcome, left), "{name}");
        settled(&phone);
        assert_eq!((app.taps().0.len(), app.misbehaviour()), (1, Vec::new()), "{name}");
        assert_eq!(app.taps().0[0].outcome, outcome, "{name}");
    }
}

#[test]
fn a_card_that_the_app_deletes_while_it_is_asked_pays_nothing() {
    let decides = |phone: &Phone, _: &AdviceInput| {
        phone.wallet.delete(&Phone::id("card-1")).map_err(|_| HostFailed)?;
        Ok(Advice::Proceed)
    };
    let (phone, app) = phone(budget(20_000), decides, listen);
    phone.initiate();
    assert_eq!(phone.send(Syn1::ARQC), "6985");
    assert_eq!(phone.send(Syn1::SELECT_PPSE), "6A82");
    assert_eq!(phone.take_away(), Some(TapOutcome::DeclinedByWallet));
    settled(&phone);
    assert_eq!((app.stories(), app.misbehaviour()), (PAID.to_vec(), Vec::new()));
    phone.wallet.install_profile(Phone::id("card-1"), Syn1::profile(Generation::V1)).unwrap();
    let loaded = phone.wallet.load_credentials(&Phone::id("card-1"), Syn1::credentials());
    assert_eq!(loaded, Ok(3), "none of them has answered");
}

#[test]
fn a_phone_that_is_taken_away_while_the_app_is_asked_answers_nothing() {
    for again in [false, true] {
        let decides = move |phone: &Phone, _: &AdviceInput| {
            assert_eq!(phone.take_away(), Some(TapOutcome::Interrupted));
            if again {
                // Another tap, for which nobody has been asked.
                phone.initiate();
            }
            Ok(Advice::Proceed)
        };
        let (phone, app) = phone(budget(20_000), decides, listen);
        phone.initiate();
        assert_eq!(phone.send(Syn1::ARQC), "6985");
        assert_eq!(phone.credentials_left("card-1"), 3);
        assert_eq!(phone.take_away(), again.then_some(TapOutcome::Interrupted));
        settled(&phone);
        assert_eq!((app.taps().0.len(), app.misbehaviour()), (1 + usize::from(again), Vec::new()));
    }
}

#[test]
fn s2_059_a_card_chosen_when_the_tap_starts_pays_this_very_tap() {
    let hears = |phone: &Phone, event: &WalletEvent| {
        if matches!(event, WalletEvent::ContactlessPaymentStarted { .. }) {
            assert_eq!(phone.send(Syn1::SELECT_PPSE), "6985");
            phone.wallet.select_for_payment(&Phone::id("card-2")).unwrap();
        }
    };
    let (phone, app) = phone(budget(20_000), follow, hears);
    phone.add_card("card-2", Syn1::second_card());
    assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::AuthorizeOnline);
    assert_eq!((phone.credentials_left("card-1"), phone.credentials_left("card-2")), (3, 2));
    settled(&phone);
    assert_eq!((app.stories(), app.taps().0[0].instrument.as_str()), (PAID.to_vec(), "card-2"));
}

#[test]
fn a_cardholder_verified_when_the_tap_starts_pays_this_very_tap() {
    let hears = |phone: &Phone, event: &WalletEvent| {
        if matches!(event, WalletEvent::ContactlessPaymentStarted { .. }) {
            phone.verify();
        }
    };
    let (phone, _) = phone(budget(20_000), follow, hears);
    phone.wallet.clear_user_authentication();
    assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::AuthorizeOnline);
    assert_eq!(phone.wallet.authentication().unwrap().payments, 1);
}

#[test]
fn a_card_that_is_taken_away_when_the_tap_starts_pays_nothing() {
    type Act = fn(&Phone);
    let acts: [(Act, &str, Option<TapOutcome>); 3] = [
        (|phone| phone.wallet.delete(&Phone::id("card-1")).unwrap(), "6985", Some(TapOutcome::DeclinedByWallet)),
        (|phone| assert_eq!(phone.take_away(), Some(TapOutcome::Interrupted)), "6985", None),
        (|phone| phone.wallet.clear_user_authentication(), "9000", Some(TapOutcome::Interrupted)),
    ];
    for (act, status, outcome) in acts {
        let hears = move |phone: &Phone, event: &WalletEvent| {
            if matches!(event, WalletEvent::ContactlessPaymentStarted { .. }) {
                act(phone);
            }
        };
        let (phone, app) = phone(budget(20_000), follow, hears);
        let answer = phone.send(Syn1::SELECT_PPSE);
        assert!(answer.ends_with(status), "{answer}");
        assert_eq!(phone.take_away(), outcome);
        settled(&phone);
        assert_eq!((app.taps().0.len(), app.misbehaviour()), (1, Vec::new()));
    }
}

/// Both threads that may call the app are lost to it, one after the other.

#[test]
fn a_second_verification_while_the_app_is_asked_makes_the_first_no_worse() {
    let decides = |phone: &Phone, input: &AdviceInput| {
        phone.clock.advance_ms(1);
        phone.verify();
        Ok(input.recommended())
    };
    let (phone, _) = phone(budget(20_000), decides, listen);
    let (_, outcome) = phone.tap(Syn1::ARQC);
    assert_eq!(outcome, TapOutcome::AuthorizeOnline, "{:?}", phone.wallet.last_tap().unwrap().reasons);
}

/// The reader comes back to the same tap with another amount while the app still thinks about the first.

#[test]
fn a_word_on_one_question_answers_no_other() {
    let doors = [Door::default(), Door::default()];
    let awaits = doors.clone();
    let decides = move |_: &Phone, input: &AdviceInput| {
        let is_first = input.transaction.amount.is_some_and(|amount| amount.minor_units() == 2_500);
        awaits[usize::from(!is_first)].wait();
        Ok(if is_first { Advice::Proceed } else { Advice::Decline })
    };
    let config = WalletConfig { link_loss_retry_limit: 1, ..budget(20_000) };
    let (phone, app) = phone(config, decides, listen);
    phone.initiate();
    let first = thread::spawn({
        let phone = phone.clone();
        move || phone.send(Syn1::ARQC)
    });
    while app.asked().is_empty() {
        thread::yield_now();
    }
    assert_eq!(phone.take_away(), Some(TapOutcome::Interrupted));
    phone.initiate();
    let second = thread::spawn({
        let phone = phone.clone();
        move || phone.send(&Syn1::ARQC.replacen("000000002500", "000000990000", 1))
    });
    // Until the second question is being put, the card still answers other commands.
    while phone.send(Syn1::READ_RECORDS[0]).ends_with("9000") {
        thread::yield_now();
    }
    doors[0].open();
    let first = first.join().unwrap();
    doors[1].open();
    let second = second.join().unwrap();
    assert_eq!(first, "6985", "its reader has gone");
    assert!(second.starts_with("772F9F270100"), "{second}");
    assert_eq!(phone.take_away(), Some(TapOutcome::DeclinedByWallet));
    assert_eq!(phone.credentials_left("card-1"), 3);
}

#[test]
fn what_an_app_does_wrong_from_inside_is_its_own_affair() {
    let errors: Arc<Mutex<Vec<ErrorCode>>> = Arc::default();
    let noted = errors.clone();
    let hears = move |phone: &Phone, event: &WalletEvent| {
        if matches!(event, WalletEvent::ContactlessPaymentStarted { .. }) {
            let chosen = phone.wallet.select_for_payment(&Phone::id("card-9"));
            noted.lock().unwrap().extend(chosen.err().map(|error| error.code));
        }
    };
    let (phone, app) = phone(budget(20_000), follow, hears);
    assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::AuthorizeOnline);
    settled(&phone);
    assert_eq!(
        (errors.lock().unwrap().as_slice(), app.stories()),
        (&[ErrorCode::InstrumentNotFound][..], PAID.to_vec())
    );
}
