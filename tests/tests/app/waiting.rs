//! A command that is begun where nobody may wait, and finished where one may.

use crate::{Door, PAID, budget, follow, listen, phone, settled};
use bezant::apdu::Reply;
use bezant::card::TapOutcome;
use bezant::wallet::{Progress, Unanswered, WalletEvent};
use bezant_tests::{Generation, Phone, Syn1, bytes};
use std::sync::Arc;

fn begin(phone: &Phone, command: &str) -> Result<String, Box<Unanswered>> {
    match phone.wallet.begin_command_apdu(&bytes(command)) {
        Progress::Answered(reply) => Ok(shown(&reply)),
        Progress::Waiting(unanswered) => Err(Box::new(unanswered)),
    }
}

fn shown(reply: &Reply) -> String {
    hex::encode_upper(reply.to_vec())
}

fn finish(phone: &Phone, unanswered: Option<Box<Unanswered>>) -> String {
    shown(&phone.wallet.finish_command_apdu(*unanswered.expect("has to wait")))
}

#[test]
fn without_an_app_the_whole_tap_is_answered_on_the_spot_and_alike() {
    let commands =
        || [Syn1::SELECT_PPSE, Syn1::SELECT_AID, Syn1::GPO].into_iter().chain(Syn1::READ_RECORDS).chain([Syn1::ARQC]);
    let (at_once, waited) = (Phone::with_syn_1(Generation::V1), Phone::with_syn_1(Generation::V1));
    let (at_once, waited) = (at_once.verified(), waited.verified());
    for command in commands() {
        assert_eq!(begin(&at_once, command).ok(), Some(waited.send(command)), "{command}");
    }
    assert_eq!(at_once.take_away(), Some(TapOutcome::AuthorizeOnline));
}

#[test]
fn s2_063_what_the_app_is_waited_for_is_finished_elsewhere_and_told_once() {
    let (phone, app) = phone(budget(20_000), follow, listen);
    let select = begin(&phone, Syn1::SELECT_PPSE).err();
    assert_eq!(begin(&phone, Syn1::SELECT_AID).ok().as_deref(), Some("6985"), "one command at a time");
    assert!(finish(&phone, select).ends_with("9000"));
    for command in [Syn1::SELECT_AID, Syn1::GPO] {
        assert!(begin(&phone, command).is_ok_and(|answer| answer.ends_with("9000")), "{command}");
    }
    let asked = begin(&phone, Syn1::ARQC).err();
    assert!(app.asked().is_empty(), "whoever begins does not wait for the app");
    assert!(finish(&phone, asked).contains("9F270180"));
    assert_eq!(phone.take_away(), Some(TapOutcome::AuthorizeOnline));
    settled(&phone);
    assert_eq!((app.stories(), phone.credentials_left("card-1")), (PAID.to_vec(), 2));
}

#[test]
fn a_question_whose_field_has_gone_is_answered_by_a_refusal_and_spends_nothing() {
    let (phone, app) = phone(budget(20_000), follow, listen);
    phone.initiate();
    let asked = begin(&phone, Syn1::ARQC).err();
    phone.take_away();
    assert_eq!(finish(&phone, asked), "6985");
    settled(&phone);
    assert_eq!((app.taps().0.len(), phone.credentials_left("card-1")), (1, 3));
}

#[test]
fn beside_a_call_that_holds_the_wallet_nobody_waits_and_nothing_is_lost() {
    let (entered, leave) = (Door::default(), Door::default());
    let doors = (entered.clone(), leave.clone());
    let hears = move |_: &Phone, event: &WalletEvent| {
        if matches!(event, WalletEvent::ContactlessPaymentStarted { .. }) {
            doors.0.open();
            doors.1.wait();
        }
    };
    let (phone, _) = phone(budget(20_000), follow, hears);
    let select = begin(&phone, Syn1::SELECT_PPSE).err();
    let worker = std::thread::spawn({
        let phone: Arc<Phone> = phone.clone();
        move || finish(&phone, select)
    });
    entered.wait();
    assert_eq!(begin(&phone, Syn1::SELECT_AID).ok().as_deref(), Some("6985"), "while the app is being told");
    leave.open();
    assert!(worker.join().unwrap().ends_with("9000"));
    assert!(begin(&phone, Syn1::SELECT_AID).is_ok_and(|answer| answer.ends_with("9000")));
}
