//! What a recording must not give away, and what playing a forged one must not do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use bezant::WalletConfig;
use bezant::platform::{Rng, SystemRng};
use bezant::recording::{Act, NotARecording, Recording};
use bezant_tests::{Generation, Phone, Syn1};

const ACCOUNT: &str = "5413330000000019";

fn phone() -> Phone {
    let phone = Phone::new(WalletConfig { recorded_steps: 1_000, ..WalletConfig::default() });
    phone.add_card("card-1", Syn1::profile(Generation::V1));
    phone
}

fn exported(phone: &Phone) -> String {
    serde_json::to_string(&phone.wallet.export_recording()).unwrap()
}

fn system(_: u64) -> Box<dyn Rng> {
    Box::new(SystemRng::default())
}

#[test]
fn an_account_number_is_masked_also_when_its_card_pays_no_more_and_when_a_reader_sends_it() {
    let phone = phone().verified();
    phone.initiate();
    Syn1::READ_RECORDS.iter().for_each(|command| drop(phone.send(command)));
    phone.send(Syn1::ARQC);
    phone.take_away();
    phone.wallet.suspend(&Phone::id("card-1")).unwrap();
    phone.send(&format!("00A4040008{ACCOUNT}00"));
    phone.send(&format!("80AE90000A5708{ACCOUNT}00"));
    phone.send("80CA00000A57085413D301220100000F00");
    phone.wallet.delete(&Phone::id("card-1")).unwrap();
    phone.send(&format!("00A4040008{ACCOUNT}00"));
    let text = exported(&phone);
    assert!(text.contains("9F2608"), "the cryptogram that was sent is in it: {text}");
    for leak in [ACCOUNT, &hex::encode_upper(ACCOUNT), "D3012201", "9F46818022"] {
        assert!(!text.contains(leak), "{leak}: {text}");
    }
}

#[test]
fn a_card_that_is_named_by_its_account_number_is_recorded_without_it() {
    let phone = Phone::new(WalletConfig { recorded_steps: 1_000, ..WalletConfig::default() });
    phone.add_card(ACCOUNT, Syn1::profile(Generation::V1));
    phone.verify();
    phone.tap(Syn1::ARQC);
    let text = exported(&phone);
    assert!(!text.contains(ACCOUNT) && text.contains("XXXXXXXXXXXXXXXX"), "{text}");
}

#[test]
fn a_recording_that_has_lost_its_beginning_says_so_and_is_not_played() {
    let phone = Phone::new(WalletConfig { recorded_steps: 4, ..WalletConfig::default() });
    phone.add_card("card-1", Syn1::profile(Generation::V1));
    phone.verify();
    phone.tap(Syn1::ARQC);
    let recording = phone.wallet.export_recording();
    assert_eq!((recording.complete, recording.steps.len()), (false, 4));
    let replay = phone.wallet.replay(&recording, system);
    assert!(replay.differences[0].to_string().contains("recorded from later on"), "{replay:?}");
}

#[test]
fn without_a_limit_nothing_is_recorded() {
    let phone = Phone::with_syn_1(Generation::V1).verified();
    phone.tap(Syn1::ARQC);
    assert!(phone.wallet.export_recording().steps.is_empty());
}

#[test]
fn playing_a_recording_on_a_phone_spends_nothing_and_compares_all_but_cryptograms() {
    let recorded = phone().verified();
    recorded.tap(Syn1::ARQC);
    let recording = recorded.wallet.export_recording();
    let other = phone();
    let replay = other.wallet.replay(&recording, system);
    assert!(replay.is_same(), "{replay:?}");
    assert_eq!((replay.not_recomputed, other.credentials_left("card-1")), (1, 3));
}

#[test]
fn a_forged_recording_costs_no_credential_and_shows_no_cryptogram() {
    let recorded = phone().verified();
    recorded.tap(Syn1::ARQC);
    let mut forged = recorded.wallet.export_recording();
    // Somebody claims a seed, and another amount under the same decision.
    forged.seed = Some(1);
    for step in &mut forged.steps {
        if let Act::Command { command, .. } = &mut step.act {
            *command = command.replacen("80AE80002D000000002500", "80AE80002D000000999900", 1);
        }
    }
    let other = phone();
    let replay = other.wallet.replay(&forged, system);
    assert_eq!(other.credentials_left("card-1"), 3);
    let said: String = replay.differences.iter().map(ToString::to_string).collect();
    assert!(!said.contains("9F2608") || said.contains("9F2608????????????????"), "{said}");
}

#[test]
fn what_is_no_recording_is_refused_by_place_and_version() {
    assert_eq!(
        Recording::from_json(r#"{"version":2,"complete":true,"config":"","steps":[]}"#),
        Err(NotARecording::Version(2))
    );
    let place = Recording::from_json("{\n  \"version\": one").unwrap_err();
    assert!(place.to_string().starts_with("not a recording, from line 2, column"), "{place}");
}
