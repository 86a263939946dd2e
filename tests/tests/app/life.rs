//! Wallets that come and go, alone or beside each other, with an app or without.

use crate::{Door, PAID, budget, follow, listen, panic_quietly, phone, settled};
use bezant::card::TapOutcome;
use bezant::cdcvm::CdcvmMethod;
use bezant::platform::{Rng, RngUnavailable, SystemClock};
use bezant::storage::MemoryLedger;
use bezant::wallet::{AdviceInput, DeactivationReason, HostFailed, Platform, WalletEvent};
use bezant::{Wallet, WalletConfig};
use bezant_tests::{App, Generation, Phone, Syn1, bytes};
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc;
use std::time::Duration;

#[test]
fn a_wallet_that_is_dropped_during_a_call_of_the_app_lets_the_call_end() {
    let (door, ended) = (Door::default(), mpsc::channel());
    let (awaits, tells) = (door.clone(), Mutex::new(ended.0));
    let app = App::new(
        |input| Ok(input.recommended()),
        move |event| {
            if matches!(event, WalletEvent::PaymentInstrumentStatusChanged { .. }) {
                awaits.wait();
            }
            tells.lock().unwrap().send(event.name()).unwrap();
        },
    );
    let phone = Phone::with_app(WalletConfig::default(), |_| Arc::new(app));
    phone.add_card("card-1", Syn1::profile(Generation::V1));
    phone.verify();
    drop(Arc::into_inner(phone).unwrap());
    door.open();
    assert_eq!(ended.1.recv_timeout(Duration::from_secs(20)), Ok("payment_instrument_status_changed"));
    assert_eq!(ended.1.recv_timeout(Duration::from_secs(20)), Ok("ready_to_tap"), "what was told before is heard");
    // The app goes with the thread that called it.
    assert_eq!(ended.1.recv_timeout(Duration::from_secs(20)), Err(mpsc::RecvTimeoutError::Disconnected));
}

#[test]
fn a_wallet_may_be_dropped_by_its_own_app() {
    let (sender, dropped) = mpsc::channel();
    let held: Arc<Mutex<Option<Arc<Phone>>>> = Arc::default();
    let holds = held.clone();
    let sender = Mutex::new(sender);
    let app = App::new(
        |input| Ok(input.recommended()),
        move |event| {
            if matches!(event, WalletEvent::ReadyToTap { .. }) {
                let phone = holds.lock().unwrap().take();
                drop(phone);
                sender.lock().unwrap().send(()).unwrap();
            }
        },
    );
    let phone = Phone::with_app(WalletConfig::default(), |_| Arc::new(app));
    phone.add_card("card-1", Syn1::profile(Generation::V1));
    let weak = Arc::downgrade(&phone);
    *held.lock().unwrap() = Some(phone.clone());
    phone.verify();
    drop(phone);
    dropped.recv_timeout(Duration::from_secs(20)).unwrap();
    assert!(weak.upgrade().is_none());
}

#[test]
fn two_wallets_of_one_app_do_not_wait_for_each_other() {
    let other: Arc<Mutex<Option<Arc<Phone>>>> = Arc::default();
    let calls = other.clone();
    let decides = move |_: &Phone, input: &AdviceInput| {
        let other = calls.lock().unwrap().clone().ok_or(HostFailed)?;
        let (_, outcome) = other.tap(Syn1::ARQC);
        if outcome == TapOutcome::AuthorizeOnline { Ok(input.recommended()) } else { Err(HostFailed) }
    };
    let (first, first_app) = phone(budget(20_000), decides, listen);
    let (second, second_app) = phone(budget(20_000), follow, listen);
    *other.lock().unwrap() = Some(second.clone());
    assert_eq!(first.tap(Syn1::ARQC).1, TapOutcome::AuthorizeOnline);
    settled(&first);
    settled(&second);
    assert_eq!((first_app.stories(), second_app.stories()), (PAID.to_vec(), PAID.to_vec()));
    assert_eq!((first.credentials_left("card-1"), second.credentials_left("card-1")), (2, 2));
}

#[test]
fn a_wallet_without_an_app_decides_alone_and_waits_for_nobody() {
    let phone = Phone::new(budget(0));
    phone.add_card("card-1", Syn1::profile(Generation::V1));
    phone.verify();
    assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::AuthorizeOnline);
    assert!(phone.wallet.settle_events(Duration::ZERO));
    let decision = phone.wallet.last_tap().unwrap().decision.unwrap();
    assert_eq!(decision.host, bezant::cdcvm::HostAnswer::NotAsked);
}

/// Randomness that panics once.
struct PanicsOnce(AtomicBool);

impl Rng for PanicsOnce {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RngUnavailable> {
        if self.0.swap(false, SeqCst) {
            panic_quietly();
        }
        bytes.fill(7);
        Ok(())
    }
}

#[test]
fn a_tap_that_an_internal_panic_ends_is_completed_once() {
    let app = Arc::new(App::follows());
    let platform = Platform {
        clock: Box::new(SystemClock::default()),
        rng: Box::new(PanicsOnce(AtomicBool::new(true))),
        host: Some(app.clone()),
    };
    let wallet = Wallet::with_platform(budget(20_000), platform, Box::new(MemoryLedger::default())).unwrap();
    let id = Phone::id("card-1");
    wallet.install_profile(id.clone(), Syn1::with_random_umd()).unwrap();
    wallet.load_credentials(&id, Syn1::credentials()).unwrap();
    wallet.activate(&id).unwrap();
    wallet.set_user_authenticated(CdcvmMethod::Fingerprint, None, None).unwrap();
    let send = |command| wallet.process_command_apdu(&bytes(command)).to_vec();
    send(Syn1::SELECT_AID);
    send(Syn1::GPO);
    assert!(catch_unwind(AssertUnwindSafe(|| send(Syn1::ARQC))).is_err());
    let outcome = wallet.on_deactivated(DeactivationReason::LinkLoss);
    send(Syn1::SELECT_AID);
    send(Syn1::GPO);
    assert!(
        send(Syn1::ARQC).starts_with(&bytes("77299F2701809F36020002")),
        "the next tap pays, with the next credential"
    );
    assert!(wallet.settle_events(Duration::from_secs(20)));
    let (taps, open) = app.taps();
    assert_eq!((taps.len(), open), (2, false), "{:?}", app.stories());
    assert_eq!((taps[0].outcome, outcome), (TapOutcome::Error, Some(TapOutcome::Error)));
}
