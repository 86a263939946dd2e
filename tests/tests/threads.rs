//! Many threads at one wallet: nobody waits for ever, and every tap, event and credential is whole.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use bezant::WalletConfig;
use bezant::card::TapOutcome;
use bezant::cdcvm::CdcvmMethod;
use bezant::emv::{Advice, CvmModel};
use bezant::instrument::InstrumentId;
use bezant::wallet::{AdviceInput, DeactivationReason, DeviceState, HostFailed, WalletEvent};
use bezant_tests::{App, Generation, Judge, Phone, Syn1, bytes};
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::exit;
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::Mutex;
use std::sync::Weak;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use std::time::Instant;

/// What runs beside the taps.
type Act = fn(&Phone, u32);

/// How long the threads are let loose on the wallet.
const RUN: Duration = Duration::from_secs(2);
/// After it something waits for ever.
const LIMIT: Duration = Duration::from_secs(120);

/// Ends the process where a test hangs: its threads would never be joined.
fn watched(name: &'static str, test: impl FnOnce()) {
    let (done, waits) = mpsc::channel::<()>();
    thread::spawn(move || {
        if waits.recv_timeout(LIMIT) == Err(mpsc::RecvTimeoutError::Timeout) {
            eprintln!("{name}: somebody waits for ever");
            exit(101);
        }
    });
    test();
    drop(done);
}

/// A phone with two cards of many credentials; card 1 has the counters 1 to 300, card 2 those above 1000.
fn phone(config: WalletConfig, app: impl FnOnce(&Weak<Phone>) -> App) -> (Arc<Phone>, Arc<App>) {
    let mut made = None;
    let phone = Phone::with_app(config, |phone| {
        let app = Arc::new(app(phone));
        made = Some(app.clone());
        app
    });
    install(&phone, 0);
    install(&phone, 1);
    (phone, made.unwrap())
}

static ISSUED: LazyLock<Vec<Value>> = LazyLock::new(|| Syn1::issued((1..=300).chain(1_001..=1_300)));

fn install(phone: &Phone, card: usize) {
    let (id, first) = ([Phone::id("card-1"), Phone::id("card-2")][card].clone(), [1, 1_001][card]);
    let profile = if card == 0 { Syn1::profile(Generation::V1) } else { Syn1::second_card() };
    phone.wallet.install_profile(id.clone(), profile).unwrap();
    for issued in ISSUED.iter().filter(|issued| (first..first + 300).contains(&issued["atc"].as_u64().unwrap())) {
        // One that has answered, or whose followers have, is not taken back.
        let _ = phone.wallet.load_credentials(&id, vec![Syn1::credential(issued)]);
    }
    phone.wallet.activate(&id).unwrap();
}

fn config() -> WalletConfig {
    WalletConfig {
        cvm_model: Some(CvmModel::Flexible),
        auth_max_payments: 5,
        host_budget_ms: 20_000,
        link_loss_retry_limit: 1,
        link_loss_retry_window_ms: 500,
        history_limit: 10_000,
        ..WalletConfig::default()
    }
}

/// Taps while the others act; gives the commands that were answered under real keys, with their answers.
fn together(phone: &Arc<Phone>, readers: usize, acts: &[Act]) -> Vec<(String, Vec<u8>)> {
    let over = AtomicBool::new(false);
    let answers = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for reader in 0..readers {
            let (over, answers) = (&over, &answers);
            scope.spawn(move || {
                let mut number = u32::try_from(reader).unwrap() << 24;
                while !over.load(SeqCst) {
                    number += 1;
                    read(phone, number, answers);
                }
            });
        }
        for act in acts {
            let over = &over;
            scope.spawn(move || {
                let mut round = 0;
                while !over.load(SeqCst) {
                    round += 1;
                    act(phone, round);
                    // The app is to keep up: a line that is too long is cut.
                    thread::sleep(Duration::from_micros(500));
                }
            });
        }
        let start = Instant::now();
        while start.elapsed() < RUN {
            thread::sleep(Duration::from_millis(20));
        }
        over.store(true, SeqCst);
    });
    answers.into_inner().unwrap()
}

/// One tap of one reader, low or high, signed or not.
fn read(phone: &Phone, number: u32, answers: &Mutex<Vec<(String, Vec<u8>)>>) {
    let results = if number.is_multiple_of(2) { "1F0302" } else { "010002" };
    let ask = Syn1::ARQC.replacen("1234ABCD", &format!("{number:08X}"), 1).replacen("010002", results, 1);
    for command in [Syn1::SELECT_PPSE, Syn1::SELECT_AID, Syn1::GPO, &ask] {
        let answer = phone.transmit(&bytes(command));
        assert!(answer.len() >= 2);
        if command == ask && answer.len() > 2 {
            answers.lock().unwrap().push((ask.clone(), answer));
        }
    }
    phone.wallet.on_deactivated(DeactivationReason::LinkLoss);
}

/// Every tap has one end and no credential answered twice, for all that was told and answered.
fn check(phone: &Phone, app: &App, answers: &[(String, Vec<u8>)]) {
    // A torn tap that nobody comes back to ends with the next look at the clock.
    phone.clock.advance_ms(600);
    phone.take_away();
    assert!(phone.wallet.settle_events(Duration::from_secs(60)), "the app is not told");
    let (taps, open) = app.taps();
    assert!(!open, "a tap has not ended");
    assert!(taps.len() > 20, "{} taps are no crowd", taps.len());
    let history: Vec<u64> = phone.wallet.history(None).iter().rev().map(|tap| tap.number).collect();
    assert_eq!(history, taps.iter().map(|tap| tap.number).collect::<Vec<_>>());
    assert_eq!(app.misbehaviour(), []);

    let paid = |tap: &&Arc<bezant::wallet::CompletedTap>| tap.outcome == TapOutcome::AuthorizeOnline;
    let paid = taps.iter().filter(paid).count();
    let behind = behind(answers);
    assert_eq!(behind.len(), paid, "as many taps as credentials that have answered, each once");
    for instrument in phone.wallet.instruments() {
        let own = if instrument.id.as_str() == "card-1" { 1..=300 } else { 1_001..=1_300 };
        let mark = behind.iter().copied().filter(|atc| own.contains(atc)).max();
        let left = usize::from(own.end() - mark.unwrap_or(own.start() - 1));
        assert!(instrument.credentials_left <= left, "{instrument:?} with ATC {mark:?} spent");
    }
    // The wallet is as good as new.
    install(phone, 0);
    phone.wallet.set_device_state(DeviceState::default());
    phone.wallet.select_for_payment(&Phone::id("card-1")).unwrap();
    phone.wallet.set_user_authenticated(CdcvmMethod::Face, None, None).unwrap();
    let has_credentials = phone.credentials_left("card-1") > 0;
    phone.clock.advance_ms(30_001);
    phone.verify();
    let outcome = phone.tap(Syn1::ARQC).1;
    assert_eq!(outcome == TapOutcome::AuthorizeOnline, has_credentials, "{outcome:?}");
}

/// The counters of the credentials behind the answers. Panics where one of them has answered twice.
fn behind(answers: &[(String, Vec<u8>)]) -> BTreeSet<u16> {
    let is_arqc = |answer: &[u8]| answer.windows(4).any(|window| window == [0x9F, 0x27, 0x01, 0x80]);
    let (approvals, refusals): (Vec<_>, Vec<_>) = answers.iter().partition(|(_, answer)| is_arqc(answer));
    let mut behind = BTreeSet::new();
    // Few at a time: each answer is held against every key.
    for some in approvals.chunks(16) {
        let atcs: BTreeSet<u16> = some.iter().map(|(_, answer)| atc(answer)).collect();
        let judge = Judge::of_syn_1_with(atcs);
        for (command, answer) in some {
            let atc = judge.credential_behind(&bytes(command), answer).unwrap();
            assert!(behind.insert(atc), "ATC {atc} has answered twice");
        }
        for (command, answer) in refusals.iter().take(50) {
            assert_eq!(judge.credential_behind(&bytes(command), answer), None);
        }
    }
    behind
}

/// 77, length, 9F2701 …, 9F3602 and the counter.
fn atc(answer: &[u8]) -> u16 {
    let at = answer.windows(3).position(|window| window == [0x9F, 0x36, 0x02]).unwrap();
    u16::from_be_bytes([answer[at + 3], answer[at + 4]])
}

const CHOOSE: Act = |phone, round| {
    let id = [Phone::id("card-1"), Phone::id("card-2")][round as usize % 2].clone();
    let _ = phone.wallet.select_for_payment(&id);
    let _ = phone.wallet.set_default_for_contactless(&id);
};
const SUSPEND: Act = |phone, _| {
    let id = Phone::id("card-2");
    let _ = phone.wallet.suspend(&id);
    let _ = phone.wallet.activate(&id);
};
const REPLACE: Act = |phone, _| {
    let _ = phone.wallet.delete(&Phone::id("card-2"));
    install(phone, 1);
    // Reading a profile is slow; the taps come first.
    thread::sleep(Duration::from_millis(20));
};
const VERIFY: Act = |phone, round| match round % 4 {
    0 => phone.wallet.clear_user_authentication(),
    1 => phone.wallet.set_device_state(DeviceState { locked: round % 8 == 1, screen_on: true }),
    _ => phone.verify(),
};
const LOAD: Act = |phone, _| {
    let credentials = ISSUED[290..300].iter().map(Syn1::credential).collect();
    let _ = phone.wallet.load_credentials(&Phone::id("card-1"), credentials);
};
const LOOK: Act = |phone, _| {
    let summary = phone.wallet.instruments();
    assert!(summary.iter().filter(|instrument| instrument.is_default).count() <= 1);
    let numbers: Vec<u64> = phone.wallet.history(None).iter().map(|tap| tap.number).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] > pair[1]), "newest first: {numbers:?}");
    let _ = (phone.wallet.last_tap(), phone.wallet.authentication(), phone.wallet.device_state());
};
const TAKE_AWAY: Act = |phone, round| {
    let reason = if round % 2 == 0 { DeactivationReason::Deselected } else { DeactivationReason::LinkLoss };
    let _ = phone.wallet.on_deactivated(reason);
};

#[test]
fn one_reader_and_everything_else_at_once_leave_every_tap_whole() {
    watched("one reader", || {
        let (phone, app) = phone(config(), |_| App::follows());
        let answers = together(&phone, 1, &[CHOOSE, SUSPEND, REPLACE, VERIFY, LOAD, LOOK]);
        check(&phone, &app, &answers);
    });
}

#[test]
fn readers_that_talk_across_each_other_get_no_credential_twice() {
    watched("four readers", || {
        let (phone, app) = phone(config(), |_| App::follows());
        let answers = together(&phone, 4, &[VERIFY, LOOK]);
        check(&phone, &app, &answers);
    });
}

#[test]
fn fields_that_go_off_beside_the_commands_leave_every_tap_whole() {
    watched("fields", || {
        let (phone, app) = phone(config(), |_| App::follows());
        let answers = together(&phone, 2, &[TAKE_AWAY, VERIFY]);
        check(&phone, &app, &answers);
    });
}

#[test]
fn s2_063_an_app_that_calls_back_from_everywhere_blocks_nobody() {
    watched("an app that calls back", || {
        let (phone, app) = phone(config(), |phone| {
            let (to_decide, to_hear) = (phone.clone(), phone.clone());
            App::new(
                move |input: &AdviceInput| {
                    call_back(&*to_decide.upgrade().ok_or(HostFailed)?, &input.instrument);
                    Ok(if input.user_authenticated { Advice::Proceed } else { input.recommended() })
                },
                move |event: &WalletEvent| {
                    if let (WalletEvent::ContactlessPaymentStarted { instrument }, Some(phone)) =
                        (event, to_hear.upgrade())
                    {
                        call_back(&phone, instrument);
                    }
                },
            )
        });
        let answers = together(&phone, 2, &[SUSPEND, VERIFY, LOOK]);
        check(&phone, &app, &answers);
    });
}

fn call_back(phone: &Phone, instrument: &InstrumentId) {
    let _ = phone.wallet.instruments();
    let _ = phone.wallet.select_for_payment(instrument);
    // Another reader may have ended the tap meanwhile, and a new one begins.
    let _ = phone.send(Syn1::GPO);
    let _ = phone.wallet.authentication();
}
