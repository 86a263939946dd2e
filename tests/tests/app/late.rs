//! An app that is late, fails, panics, wants too much, or never comes back.

use crate::{Door, MISBEHAVED, PAID, budget, follow, listen, panic_quietly, phone, settled};
use bezant::card::TapOutcome;
use bezant::emv::{Advice, Reason};
use bezant::wallet::{AdviceInput, HostCall, HostFailed, Misbehaviour, WalletEvent};
use bezant_tests::{Phone, Syn1};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use std::time::Duration;

#[test]
fn s2_063_a_late_word_is_not_waited_for_is_told_once_and_comes_to_nothing() {
    let (door, late) = (Door::default(), Arc::new(AtomicBool::new(true)));
    let (awaits, is_late) = (door.clone(), late.clone());
    let decides = move |_: &Phone, input: &AdviceInput| {
        if is_late.swap(false, SeqCst) {
            awaits.wait();
            return Ok(Advice::Proceed);
        }
        Ok(input.recommended())
    };
    let (phone, app) = phone(budget(2_000), decides, listen);
    // The app sleeps until the door is opened, which is after the answer.
    let (answer, outcome) = phone.tap(Syn1::ARQC_CDA);
    assert_eq!(outcome, TapOutcome::DeclinedByWallet);
    assert!(answer.starts_with("772F9F270100"), "{answer}");
    assert_eq!(phone.credentials_left("card-1"), 3);
    settled(&phone);
    assert_eq!(app.stories(), MISBEHAVED);
    assert_eq!(app.misbehaviour(), [(HostCall::FinalDecision, Misbehaviour::Late)]);

    let (answer, outcome) = phone.tap(Syn1::ARQC);
    assert_eq!(outcome, TapOutcome::AuthorizeOnline, "while the first answer is still out");
    assert!(answer.contains("9F36020001"), "{answer}");
    door.open();
    for atc in ["0002", "001F"] {
        phone.verify();
        let (answer, outcome) = phone.tap(Syn1::ARQC);
        assert_eq!((outcome, &answer[18..22]), (TapOutcome::AuthorizeOnline, atc));
    }
    settled(&phone);
    assert_eq!(app.stories(), [&MISBEHAVED[..], &PAID, &PAID, &PAID].concat());
    assert_eq!((app.taps().0.len(), app.asked().len()), (4, 4));
}

#[test]
fn s2_063_a_late_start_is_told_once_and_the_tap_goes_on_without_it() {
    let (door, late) = (Door::default(), Arc::new(AtomicBool::new(true)));
    let (awaits, is_late) = (door.clone(), late.clone());
    let hears = move |phone: &Phone, event: &WalletEvent| {
        if matches!(event, WalletEvent::ContactlessPaymentStarted { .. }) && is_late.swap(false, SeqCst) {
            awaits.wait();
            // Too late for this tap, and in time for the next.
            phone.wallet.select_for_payment(&Phone::id("card-2")).unwrap();
        }
    };
    let (phone, app) = phone(budget(2_000), follow, hears);
    phone.add_card("card-2", Syn1::second_card());
    let (_, outcome) = phone.tap(Syn1::ARQC);
    assert_eq!(outcome, TapOutcome::AuthorizeOnline);
    assert_eq!((phone.credentials_left("card-1"), phone.credentials_left("card-2")), (2, 3));
    door.open();
    settled(&phone);
    assert_eq!(app.stories(), MISBEHAVED);
    assert_eq!(app.misbehaviour(), [(HostCall::Event, Misbehaviour::Late)]);
    while !phone.wallet.instruments()[1].is_selected {
        thread::yield_now();
    }
    assert!(phone.answers_as_second_card());
}

#[test]
fn s2_063_an_app_that_fails_or_panics_declines_and_the_next_tap_is_asked_again() {
    for panics in [false, true] {
        let broken = Arc::new(AtomicBool::new(true));
        let is_broken = broken.clone();
        let decides = move |_: &Phone, input: &AdviceInput| match (is_broken.load(SeqCst), panics) {
            (false, _) => Ok(input.recommended()),
            (true, false) => Err(HostFailed),
            (true, true) => panic_quietly(),
        };
        let (phone, app) = phone(budget(20_000), decides, listen);
        for _ in 0..3 {
            assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::DeclinedByWallet);
        }
        broken.store(false, SeqCst);
        assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::AuthorizeOnline);
        settled(&phone);
        assert_eq!(app.stories(), [&MISBEHAVED[..], &MISBEHAVED, &MISBEHAVED, &PAID].concat());
        assert_eq!(app.misbehaviour(), [(HostCall::FinalDecision, Misbehaviour::Failed); 3]);
        assert_eq!(phone.credentials_left("card-1"), 2);
    }
}

#[test]
fn s2_063_an_app_that_panics_at_every_event_misses_none_and_the_tap_pays() {
    let (phone, app) = phone(budget(20_000), follow, |_, _| panic_quietly());
    assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::AuthorizeOnline);
    settled(&phone);
    assert_eq!(app.taps().0.len(), 1);
    let own = |event: &&WalletEvent| matches!(event, WalletEvent::HostMisbehaved { .. });
    let told = app.told();
    let (misbehaved, others) = (told.iter().filter(own).count(), told.iter().filter(|event| !own(event)).count());
    assert_eq!(misbehaved, others, "one for each, none for being told of it: {told:?}");
}

#[test]
fn s2_063_an_app_that_never_comes_back_holds_up_neither_taps_nor_the_process() {
    let lost = Arc::new(AtomicUsize::new(0));
    let is_lost = lost.clone();
    let hears = move |_: &Phone, event: &WalletEvent| {
        if matches!(event, WalletEvent::ContactlessPaymentCompleted(_)) {
            is_lost.fetch_add(1, SeqCst);
            loop {
                thread::park();
            }
        }
    };
    let (phone, app) = phone(budget(1_000), follow, hears);
    assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::AuthorizeOnline, "it is lost only when the tap is over");
    while lost.load(SeqCst) == 0 {
        thread::yield_now();
    }
    // Nothing more is heard of them, yet they are asked about, and end.
    for _ in 0..2 {
        phone.verify();
        assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::AuthorizeOnline);
    }
    assert!(!phone.wallet.settle_events(Duration::from_millis(1)));
    assert_eq!((lost.load(SeqCst), app.taps().0.len()), (1, 1));
    assert_eq!(phone.wallet.history(None).len(), 3);
}

#[test]
fn s2_022_an_app_that_proceeds_against_a_reason_is_overruled() {
    let (phone, _) = phone(budget(20_000), |_, _| Ok(Advice::Proceed), listen);
    phone.wallet.clear_user_authentication();
    assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::WalletActionRequired);
    let tap = phone.wallet.last_tap().unwrap();
    assert_eq!(tap.reasons.iter().collect::<Vec<_>>(), [Reason::MissingCdcvm]);
    assert!(tap.decision.unwrap().is_overruled());
    assert_eq!(phone.credentials_left("card-1"), 3);
}
