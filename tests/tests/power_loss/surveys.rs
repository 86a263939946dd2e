//! Every crash of what people do with a wallet.

use crate::books::{is_generate_ac, read};
use crate::scene::{Scene, low_value};
use crate::survey::{Survey, honest_boots};
use bezant_tests::power_loss::{CrashKind, Options, states};
use serde_json::json;
use std::env;

/// A shop's day: taps, torn ones, quiet times, a replenishment, and no farewell.
pub fn shop() -> Scene {
    let begun = Scene::new().set_up().with_card("card-1", 1..=12).tap().tap().torn_tap().tap().quiet();
    let begun = begun.tap().torn_tap().torn_tap().quiet().tap().load("card-1", 13..=16);
    begun.tap().tap().initiate().pause(30).command(&low_value()).take_away().quiet()
}

/// Another process goes on where the shop's one was killed in the middle of its last tap.
fn next_process() -> Scene {
    let shop = shop();
    let trace = shop.trace();
    let last = trace.heard().iter().rposition(|line| is_generate_ac(&read(line))).unwrap();
    let kills = Options { kinds: vec![CrashKind::Kill], ..Options::default() };
    // Its credential is reserved by then.
    let killed = states(&trace, kills).filter(|state| state.heard.len() == last && state.said.len() == last).last();
    let next = Scene::after(&shop, &killed.unwrap()).set_up().tap().torn_tap().quiet().tap().tap();
    next.load("card-1", 17..=20).tap().shut_down()
}

/// A security event after taps, one of them torn.
fn security_event() -> Scene {
    let scene = Scene::new().set_up().with_card("card-1", 1..=6).tap().tap().torn_tap();
    scene.ask(&json!({"op": "security_event", "kind": "ROOTED"})).quiet()
}

/// A wipe, and life after it.
fn wipe() -> Scene {
    let scene = Scene::new().set_up().with_card("card-1", 1..=6).tap().tap().quiet().tap();
    scene.ask(&json!({"op": "wipe"})).with_card("card-1", 1..=3).tap().tap().quiet()
}

/// Two cards that come, pay, and go.
fn two_cards() -> Scene {
    let scene = Scene::new().set_up().with_card("card-1", 1..=6).tap().with_card("card-2", 101..=106);
    let scene = scene.with("select", "card-2").tap().with("suspend", "card-2").tap();
    let scene = scene.with("activate", "card-2").with("select", "card-2").tap().with("delete", "card-2");
    scene.with_card("card-2", 107..=110).with("select", "card-2").tap().tap().quiet()
}

/// A lane's worth of states; more, where the environment asks for about so many in all.
fn options() -> Options {
    let wanted =
        env::var("BEZANT_CRASH_STATES").ok().map(|wanted| wanted.parse::<usize>().expect("a number of states"));
    let (window, random_subsets) = wanted.map_or((1, 1), |wanted| (WINDOW, 1 + wanted / PER_SUBSET));
    Options { window, random_subsets, ..Options::default() }
}

/// Looks at every state, and panics where anything is wrong.
fn survives(name: &str, scene: &Scene) {
    let trace = scene.trace();
    Survey::of(scene, &trace, options(), honest_boots).is_clean(name);
}

#[test]
fn s2_028_no_crash_in_a_day_of_payments_answers_twice_or_loosens_a_counter() {
    survives("a day of payments", &shop());
}

#[test]
fn s2_028_a_disk_that_keeps_names_only_by_their_directories_loses_nothing_either() {
    let scene = Scene::new().set_up().with_card("card-1", 1..=6).tap().quiet().tap();
    let scene = scene.ask(&json!({"op": "wipe"})).with_card("card-1", 1..=6).tap().quiet();
    let strict = Options { kinds: vec![CrashKind::PowerLoss], only_directories_keep_names: true, ..options() };
    Survey::of(&scene, &scene.trace(), strict, honest_boots).is_clean("a strict disk");
}

#[test]
fn s2_053_no_crash_after_a_kill_answers_twice_or_loses_more_than_it_may() {
    survives("the process after a kill", &next_process());
}

#[test]
fn s2_064_no_crash_in_a_security_event_leaves_a_half_or_no_report() {
    survives("a security event", &security_event());
}

#[test]
fn s2_064_no_crash_in_a_wipe_leaves_a_half() {
    survives("a wipe", &wipe());
}

#[test]
fn s2_064_no_crash_in_a_freeze_leaves_no_report() {
    let freezes = json!({"freeze_on_security_event": true});
    let scene = Scene::new().set_up_with(&freezes).with_card("card-1", 1..=3).tap();
    survives("a freeze", &scene.ask(&json!({"op": "security_event", "kind": "ROOTED"})).quiet());
}

#[test]
fn s2_053_no_crash_loses_an_acknowledged_card_or_brings_one_back() {
    survives("two cards", &two_cards());
}

const WINDOW: usize = 32;
/// How many states one more random subset at each point gives, roughly.
const PER_SUBSET: usize = 2_000;
