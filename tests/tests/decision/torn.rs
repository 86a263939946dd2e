//! Taps that break off: one outcome each, nothing spent, and a second try where the configuration allows it.

use crate::bench::{Bench, events, names};
use crate::case::{Model, Rules};
use crate::terminal::{Request, Tap};
use bezant_tests::Syn1;
use serde_json::{Value, json};

/// All commands of a tap before the question.
fn before_the_question() -> Vec<String> {
    let records = Syn1::READ_RECORDS.map(String::from);
    Tap::LOW.opening().into_iter().chain(records).collect()
}

fn lose_the_link(bench: &mut Bench) -> (Value, Vec<Value>) {
    let end = bench.ask(&json!({ "op": "field_off", "reason": "link_loss" }));
    (end["outcome"].clone(), events(&end))
}

fn assert_interrupted(completed: &Value) {
    assert_eq!(completed["event"], "contactless_payment_completed");
    assert_eq!((&completed["outcome"], &completed["reasons"]), (&json!("Interrupted"), &json!([])));
    assert!(completed.get("transaction").is_some_and(Value::is_null), "{completed}");
}

#[test]
fn s2_064_a_link_lost_after_any_apdu_is_one_interrupted_tap_and_costs_nothing() {
    let commands = before_the_question();
    for sent in 1..=commands.len() {
        let mut bench = Bench::new(&Rules { max_consecutive: Some(1), ..Rules::default() });
        let before = bench.status();
        let mut told = Vec::new();
        for command in &commands[..sent] {
            told.extend(bench.send(command).1);
        }
        let (outcome, at_the_end) = lose_the_link(&mut bench);
        assert_eq!(outcome, "Interrupted", "after {sent} commands");
        told.extend(at_the_end);
        assert_eq!(names(&told), ["contactless_payment_started", "contactless_payment_interrupted", COMPLETED]);
        assert_eq!(told[1]["retries_left"], 0);
        assert_interrupted(&told[2]);
        assert_eq!(lose_the_link(&mut bench), (Value::Null, vec![]), "one outcome a tap");
        assert_eq!(bench.status(), before);
        assert_eq!(bench.tap(Tap::LOW).object(0x9F36), Some(vec![0, 1]), "the first credential is still there");
    }
}

#[test]
fn s2_064_a_command_cut_at_any_byte_moves_no_counter() {
    let mut bench = Bench::new(&Rules { max_consecutive: Some(1), ..Rules::default() });
    let mut commands = before_the_question();
    commands.push(Tap::LOW.question(1));
    for (at, command) in commands.iter().enumerate() {
        // The last byte is an Le, which may be missing.
        for length in 0..command.len() / 2 - 1 {
            let mut told = Vec::new();
            for whole in &commands[..at] {
                told.extend(bench.send(whole).1);
            }
            let (answer, more) = bench.send(&command[..2 * length]);
            told.extend(more);
            assert!(answer == "6700" || answer.ends_with("9000") && command.starts_with("00B2"), "{command}: {answer}");
            let (outcome, more) = lose_the_link(&mut bench);
            told.extend(more);
            let completed = names(&told).iter().filter(|name| **name == COMPLETED).count();
            assert_eq!((completed, outcome.is_null()), (usize::from(at > 0), at == 0), "{length} bytes of {command}");
        }
    }
    assert_eq!(bench.tap(Tap::LOW).object(0x9F36), Some(vec![0, 1]));
}

#[test]
fn s2_064_a_link_lost_after_the_answer_changes_nothing() {
    for (tap, outcome) in [(Tap::LOW, "AuthorizeOnline"), (Tap::HIGH, "WalletActionRequired")] {
        let mut bench = Bench::with(&Rules::default(), &json!({ "link_loss_retry_limit": 3 }));
        let mut told = Vec::new();
        for command in tap.opening().into_iter().chain([tap.question(1)]) {
            told.extend(bench.send(&command).1);
        }
        assert_eq!(lose_the_link(&mut bench), (json!(outcome), vec![]));
        assert_eq!(names(&told).iter().filter(|name| **name == COMPLETED).count(), 1);
    }
}

/// May be lost twice, and taken up again within two seconds.
fn patient() -> Bench {
    Bench::with(&Rules::default(), &json!({ "link_loss_retry_limit": 2, "link_loss_retry_window_ms": 2_000 }))
}

fn open(bench: &mut Bench) -> Vec<Value> {
    Tap::LOW.opening().iter().flat_map(|command| bench.send(command).1).collect()
}

#[test]
fn s2_064_the_retries_are_counted_down_and_then_the_tap_is_over() {
    let mut bench = patient();
    for _ in 0..2 {
        assert_eq!(names(&open(&mut bench)), ["contactless_payment_started"]);
        for retries_left in [2, 1, 0] {
            let (outcome, told) = lose_the_link(&mut bench);
            assert_eq!((outcome, &told[0]["retries_left"]), (json!("Interrupted"), &json!(retries_left)));
            assert_eq!(told[0]["event"], "contactless_payment_interrupted");
            if retries_left > 0 {
                assert_eq!(told.len(), 1, "not over yet: {told:?}");
                assert_eq!(open(&mut bench), Vec::<Value>::new(), "the same tap");
            } else {
                assert_eq!(told.len(), 2, "{told:?}");
                assert_interrupted(&told[1]);
            }
        }
    }
    assert_eq!(bench.tap(Tap::LOW).object(0x9F36), Some(vec![0, 1]));
}

#[test]
fn s2_064_a_tap_taken_up_again_in_time_is_started_and_completed_once() {
    let mut bench = patient();
    let mut told = open(&mut bench);
    told.extend(lose_the_link(&mut bench).1);
    told.extend(events(&bench.ask(&json!({ "op": "clock", "advance_ms": 2_000 }))));
    told.extend(bench.unfollowed(Tap::LOW).1);
    assert_eq!(
        names(&told),
        ["contactless_payment_started", "contactless_payment_interrupted", COMPLETED, "next_tap_ready"]
    );
    assert_eq!(told[2]["outcome"], "AuthorizeOnline");
}

#[test]
fn s2_064_after_the_window_the_tap_is_over_once_and_the_next_one_starts() {
    let mut bench = patient();
    let mut told = open(&mut bench);
    told.extend(lose_the_link(&mut bench).1);
    told.extend(events(&bench.ask(&json!({ "op": "clock", "advance_ms": 2_001 }))));
    told.extend(events(&bench.status()));
    told.extend(bench.unfollowed(Tap::LOW).1);
    assert_eq!(
        names(&told),
        [
            "contactless_payment_started",
            "contactless_payment_interrupted",
            COMPLETED,
            "contactless_payment_started",
            COMPLETED,
            "next_tap_ready",
        ]
    );
    assert_interrupted(&told[2]);
    assert_eq!(told[4]["outcome"], "AuthorizeOnline");
}

#[test]
fn s2_064_a_chosen_card_stays_chosen_when_the_tap_is_taken_up_again() {
    let more = json!({ "link_loss_retry_limit": 2 });
    let mut bench = Bench::with(&Rules::default(), &more);
    bench.add_card("card-2");
    bench.ask(&json!({ "op": "select", "instrument": "card-2" }));
    open(&mut bench);
    lose_the_link(&mut bench);
    let (_, told, outcome) = bench.unfollowed(Tap::LOW);
    assert_eq!(outcome, "AuthorizeOnline");
    let completed = told.iter().find(|event| event["event"] == COMPLETED).unwrap();
    assert_eq!(completed["instrument"], "card-2");
}

#[test]
fn s2_064_a_terminal_that_turns_away_interrupts_the_tap_too() {
    let mut bench = Bench::new(&Rules::default());
    open(&mut bench);
    let end = bench.ask(&json!({ "op": "field_off", "reason": "deselected" }));
    assert_eq!(end["outcome"], "Interrupted");
    let told = events(&end);
    assert_eq!(names(&told).iter().filter(|name| **name == COMPLETED).count(), 1);
    assert_interrupted(told.last().unwrap());
}

#[test]
fn s2_064_a_tap_that_is_aborted_is_completed_once_with_an_error() {
    let offline_only: fn(&mut Bench) -> Vec<Value> = |bench| {
        let [ppse, aid, gpo] = Tap::LOW.opening();
        let commands = [ppse, aid, gpo.replace("06162200", "06162300")];
        commands.iter().flat_map(|command| bench.send(command).1).collect()
    };
    let silent: fn(&mut Bench) -> Vec<Value> = |bench| {
        let mut told = open(bench);
        told.extend(events(&bench.ask(&json!({ "op": "clock", "advance_ms": 5_001 }))));
        told.extend(bench.send(Syn1::READ_RECORDS[0]).1);
        told
    };
    for abort in [offline_only, silent] {
        let mut bench = patient();
        let mut told = abort(&mut bench);
        let (outcome, more) = lose_the_link(&mut bench);
        told.extend(more);
        assert_eq!(outcome, "Error");
        assert_eq!(names(&told), ["contactless_payment_started", COMPLETED]);
        assert_eq!((&told[1]["outcome"], &told[1]["transaction"]), (&json!("Error"), &Value::Null));
        assert_eq!(bench.tap(Tap::LOW).object(0x9F36), Some(vec![0, 1]));
    }
}

#[test]
fn a_second_selection_in_one_field_is_no_second_tap() {
    let mut bench = Bench::new(&Rules { model: Model::Always, ..Rules::default() });
    bench.authenticate();
    let mut told = open(&mut bench);
    told.extend(open(&mut bench));
    told.extend(bench.unfollowed(Tap::HIGH.asking(Request::Arqc)).1);
    assert_eq!(names(&told), ["contactless_payment_started", COMPLETED, "next_tap_ready"]);
}

#[test]
fn after_a_refusal_a_selection_in_the_same_field_begins_a_new_tap() {
    let mut bench = Bench::new(&Rules { model: Model::Always, ..Rules::default() });
    for command in Tap::HIGH.opening().into_iter().chain([Tap::HIGH.question(1)]) {
        bench.send(&command);
    }
    bench.authenticate();
    let (_, told, outcome) = bench.unfollowed(Tap::HIGH);
    assert_eq!(outcome, "AuthorizeOnline");
    assert_eq!(names(&told), ["contactless_payment_started", COMPLETED, "next_tap_ready"]);
}

const COMPLETED: &str = "contactless_payment_completed";
