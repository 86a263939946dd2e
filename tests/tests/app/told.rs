//! What an app learns of a tap afterwards, and how it asks for credentials on its own account.

use crate::{budget, follow, listen, phone, settled};
use bezant::wallet::{TimingPoint, WalletEvent};
use bezant_tests::{App, Phone, Syn1};

fn requests(app: &App) -> usize {
    app.told().iter().filter(|event| matches!(event, WalletEvent::ReplenishNeeded { .. })).count()
}

#[test]
fn a_tap_in_the_history_tells_when_each_of_its_parts_happened() {
    let (phone, _) = phone(budget(20_000), follow, listen);
    phone.initiate();
    phone.clock.advance_ms(7);
    phone.send(Syn1::ARQC);
    phone.clock.advance_ms(3);
    phone.take_away();
    let tap = phone.wallet.last_tap().unwrap();
    let names: Vec<&str> = tap.timeline.marks().iter().map(|mark| mark.point.name()).collect();
    let started = ["field_on", "command_in", "response_out", "credential_ready"];
    let prepared = ["command_in", "response_out", "command_in", "response_out"];
    let decided = ["command_in", "decided", "host_answered", "response_out", "field_off"];
    assert_eq!(names, [&started[..], &prepared, &decided].concat());
    let at = |point: &str| tap.timeline.marks().iter().rfind(|mark| mark.point.name() == point).unwrap().at_us;
    assert_eq!((at("field_on"), at("decided"), at("response_out"), at("field_off")), (0, 7_000, 7_000, 10_000));
    assert!(tap.timeline.marks().iter().any(|mark| mark.point == TimingPoint::CommandIn(Some(0xAE))));
}

#[test]
fn s2_058_an_app_may_ask_for_credentials_once_until_they_come_or_are_given_up() {
    let (phone, app) = phone(budget(20_000), follow, listen);
    let card = Phone::id("card-1");
    assert_eq!(phone.wallet.replenish_credentials(&card), Ok(true));
    assert_eq!(phone.wallet.replenish_credentials(&card), Ok(false), "one is on its way");
    phone.wallet.give_up_replenishment(&card).unwrap();
    assert_eq!(phone.wallet.replenish_credentials(&card), Ok(true));
    phone.wallet.load_credentials(&card, Syn1::credentials()).unwrap();
    assert_eq!(phone.wallet.replenish_credentials(&card), Ok(true), "what was asked for has come");
    phone.wallet.suspend(&card).unwrap();
    assert!(phone.wallet.replenish_credentials(&card).is_err(), "a suspended card asks for nothing");
    settled(&phone);
    assert_eq!(requests(&app), 3);
}
