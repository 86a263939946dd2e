//! The real process, killed before each of its calls that change files or sync them.

use crate::books::Told;
use crate::inspection::{Wrong, inspect};
use crate::scene::{FIRST_BOOT, Place, Scene};
use bezant_tests::power_loss::CrashKind;
use std::time::Instant;

/// Kills the program at every call; panics where anything is wrong afterwards.
fn survives_every_kill(name: &str, scene: &Scene) -> usize {
    let (began, mut found) = (Instant::now(), Vec::<(Wrong, String)>::new());
    let kills = scene.conversation.kill_at_every_call(|killed| {
        let place = Place { state: killed.roots[0].clone(), vault: killed.roots[1].clone() };
        let told = Told::of(&scene.earlier, killed.asked, killed.said);
        let verdict = inspect(&place, CrashKind::Kill, FIRST_BOOT, &told);
        let story = |what: String| format!("{what}: {} {}, {} said", killed.call, killed.time, killed.said.len());
        found.extend(verdict.violations.into_iter().map(|(wrong, what)| (wrong, story(what))));
    });
    let kills = kills.unwrap_or_else(|error| panic!("{error}"));
    println!("{name}: killed {kills} times in {:.1} s, {} violations", began.elapsed().as_secs_f32(), found.len());
    assert!(found.is_empty(), "{name}: {found:?}");
    kills
}

#[test]
fn s2_053_a_process_killed_at_any_call_in_taps_has_lost_no_answer_and_at_most_one_credential() {
    let scene = Scene::new().set_up().with_card("card-1", 1..=4).tap().tap().load("card-1", 5..=6).tap().shut_down();
    assert!(survives_every_kill("taps", &scene) > 100);
}

#[test]
fn s2_064_a_process_killed_at_any_call_of_a_wipe_leaves_everything_or_nothing() {
    let scene = Scene::new().set_up().with_card("card-1", 1..=3).tap();
    let scene = scene.ask(&serde_json::json!({"op": "wipe"})).with_card("card-1", 1..=3).tap().shut_down();
    assert!(survives_every_kill("a wipe", &scene) > 100);
}
