//! The wallet under a model checker, which tries many interleavings of its threads.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use bezant::WalletConfig;
use bezant::card::TapOutcome;
use bezant::cdcvm::{Charge, VelocityCounters};
use bezant::emv::{Atc, CvmModel};
use bezant::instrument::{InstrumentId, TransactionCredential};
use bezant::storage::{Ledger, LedgerError, MemoryLedger, Reservation, SecurityReport, Spent};
use bezant::wallet::{AdviceInput, DeactivationReason, HostCall, HostFailed, Misbehaviour, WalletEvent};
use bezant_tests::{App, Generation, Phone, Syn1, bytes};
use shuttle::scheduler::DfsScheduler;
use shuttle::scheduler::PctScheduler;
use shuttle::scheduler::RandomScheduler;
use shuttle::sync::Mutex;
use shuttle::sync::mpsc;
use shuttle::thread;
use std::sync::Arc;
use std::sync::Weak;
use std::time::Duration;

/// Many interleavings by chance, as many with few changes of thread at odd moments, and as many one after the other.
fn check(scenario: impl Fn() + Send + Sync + Clone + 'static) {
    check_by_chance(scenario.clone());
    shuttle::Runner::new(DfsScheduler::new(Some(ROUNDS), false), checker()).run(scenario);
}

/// The same for scenarios that wait in loops, which need a fair scheduler.
fn check_by_chance(scenario: impl Fn() + Send + Sync + Clone + 'static) {
    shuttle::Runner::new(RandomScheduler::new(ROUNDS), checker()).run(scenario.clone());
    shuttle::Runner::new(PctScheduler::new(3, ROUNDS), checker()).run(scenario);
}

fn checker() -> shuttle::Config {
    let mut config = shuttle::Config::new();
    // Keys of 1024 bits are computed on the stack.
    config.stack_size = 0x20_0000;
    config
}

/// So many interleavings by each way of choosing them.
const ROUNDS: usize = 200;

fn config() -> WalletConfig {
    // Never late.
    WalletConfig { cvm_model: Some(CvmModel::Always), host_budget_ms: u32::MAX, ..WalletConfig::default() }
}

fn phone(config: WalletConfig, app: impl FnOnce(Weak<Phone>) -> App) -> (Arc<Phone>, Arc<App>) {
    let mut made = None;
    let phone = Phone::with_app(config, |phone| {
        let app = Arc::new(app(phone.clone()));
        made = Some(app.clone());
        app
    });
    phone.add_card("card-1", Syn1::profile(Generation::V1));
    phone.verify();
    (phone, made.unwrap())
}

/// A reader taps; gives whether it got an ARQC.
fn tap(phone: &Phone) -> bool {
    let send = |command: &str| phone.transmit(&bytes(command));
    send(Syn1::SELECT_AID);
    send(Syn1::GPO);
    let answer = send(Syn1::ARQC);
    answer.get(..6).is_some_and(|start| start.ends_with(&[0x01, 0x80]))
}

/// Every tap that has started has ended, once and in order, and as many were paid as readers got an ARQC.
fn check_story(phone: &Phone, app: &App, paid: usize) {
    phone.clock.advance_ms(10_001);
    phone.take_away();
    assert!(phone.wallet.settle_events(Duration::MAX));
    let (taps, open) = app.taps();
    assert!(!open, "{:?}", app.stories());
    assert_eq!(phone.wallet.history(None).len(), taps.len());
    let told = taps.iter().filter(|tap| tap.outcome == TapOutcome::AuthorizeOnline).count();
    assert_eq!(told, paid, "{:?}", app.stories());
}

fn ignore(_: Option<TapOutcome>) {}

/// A tap, and something else beside it.
fn beside(retries: u32, act: fn(&Phone)) -> impl Fn() + Send + Sync + Clone + 'static {
    move || {
        let (phone, app) = phone(WalletConfig { link_loss_retry_limit: retries, ..config() }, |_| App::follows());
        let reader = thread::spawn({
            let phone = phone.clone();
            move || tap(&phone)
        });
        act(&phone);
        let paid = reader.join().unwrap();
        check_story(&phone, &app, usize::from(paid));
        let left = phone.credentials_left("card-1");
        assert!(left == 0 || left == 3 - usize::from(paid), "{left} credentials");
    }
}

#[test]
fn a_card_deleted_beside_its_tap_has_paid_or_has_not() {
    check(beside(0, |phone| {
        phone.wallet.delete(&Phone::id("card-1")).unwrap();
    }));
}

#[test]
fn a_card_suspended_beside_its_tap_has_paid_or_has_not() {
    check(beside(0, |phone| {
        phone.wallet.suspend(&Phone::id("card-1")).unwrap();
        phone.wallet.activate(&Phone::id("card-1")).unwrap();
    }));
}

#[test]
fn a_cardholder_who_verifies_or_forgets_beside_a_tap_leaves_it_whole() {
    check(beside(0, |phone| {
        phone.wallet.clear_user_authentication();
        phone.verify();
    }));
}

#[test]
fn a_field_that_goes_off_beside_a_tap_leaves_one_end() {
    check(beside(0, |phone| ignore(phone.take_away())));
}

#[test]
fn a_link_that_is_lost_beside_a_tap_and_may_come_back_leaves_one_end() {
    check(beside(1, |phone| ignore(phone.take_away())));
}

#[test]
fn two_readers_at_once_get_as_many_answers_as_taps_were_paid() {
    for retries in [0, 1] {
        check(move || {
            let config = WalletConfig { link_loss_retry_limit: retries, ..config() };
            let (phone, app) = phone(config, |_| App::follows());
            let reader = |phone: Arc<Phone>| {
                move || {
                    let paid = tap(&phone);
                    phone.wallet.on_deactivated(DeactivationReason::LinkLoss);
                    usize::from(paid)
                }
            };
            let other = thread::spawn(reader(phone.clone()));
            let paid = reader(phone.clone())() + other.join().unwrap();
            check_story(&phone, &app, paid);
            assert_eq!(phone.credentials_left("card-1"), 3 - paid);
        });
    }
}

/// An app that calls back wherever it is called.
fn calls_back(phone: Weak<Phone>) -> App {
    let decider = phone.clone();
    let call_back = |phone: &Phone| {
        let _ = phone.wallet.instruments();
        let _ = phone.wallet.select_for_payment(&Phone::id("card-1"));
        assert!(!phone.wallet.settle_events(Duration::MAX), "from inside nobody waits");
        let _ = phone.send(Syn1::SELECT_PPSE);
    };
    App::new(
        move |input: &AdviceInput| {
            call_back(&*decider.upgrade().ok_or(HostFailed)?);
            Ok(input.recommended())
        },
        move |event| {
            if let (WalletEvent::ContactlessPaymentStarted { .. }, Some(phone)) = (event, phone.upgrade()) {
                call_back(&phone);
            }
        },
    )
}

#[test]
fn s2_063_an_app_that_calls_back_beside_other_threads_blocks_nobody() {
    check(|| {
        let (phone, app) = phone(config(), calls_back);
        let reader = thread::spawn({
            let phone = phone.clone();
            move || tap(&phone)
        });
        let _ = phone.wallet.suspend(&Phone::id("card-1"));
        assert!(phone.wallet.settle_events(Duration::MAX));
        let _ = phone.wallet.activate(&Phone::id("card-1"));
        let paid = reader.join().unwrap();
        check_story(&phone, &app, usize::from(paid));
    });
}

#[test]
fn a_wallet_dropped_while_its_app_is_called_tells_everything_and_ends_its_thread() {
    check(|| {
        let (sender, told) = mpsc::channel();
        let sender = Mutex::new(sender);
        let app = App::new(
            |input| Ok(input.recommended()),
            move |event| {
                sender.lock().unwrap().send(event.name()).unwrap();
                thread::yield_now();
            },
        );
        let phone = Phone::with_app(config(), |_| Arc::new(app));
        phone.add_card("card-1", Syn1::profile(Generation::V1));
        phone.verify();
        assert!(tap(&phone));
        let other = thread::spawn({
            let phone = phone.clone();
            move || drop(phone)
        });
        drop(phone);
        other.join().unwrap();
        // The thread that tells ends with the last event, and lets the app go.
        let told: Vec<&str> = told.iter().collect();
        assert_eq!(told.first(), Some(&"payment_instrument_status_changed"));
        assert_eq!(told.last(), Some(&"replenish_needed"));
    });
}

/// The app takes its time, and its budget may be over at any moment: two threads serve it then.
#[test]
fn s2_063_a_late_app_costs_no_tap_its_end_and_no_event_is_lost_or_told_twice() {
    check_by_chance(|| {
        let (sender, told) = mpsc::channel();
        let sender = Mutex::new(sender);
        let app = App::new(
            |input| {
                thread::yield_now();
                Ok(input.recommended())
            },
            move |event| {
                thread::yield_now();
                sender.lock().unwrap().send(event.clone()).unwrap();
            },
        );
        let phone = Phone::with_app(WalletConfig { host_budget_ms: 50, ..config() }, |_| Arc::new(app));
        phone.add_card("card-1", Syn1::profile(Generation::V1));
        phone.verify();
        let mut paid = 0;
        for _ in 0..2 {
            paid += usize::from(tap(&phone));
            let outcome = phone.take_away();
            assert!(matches!(outcome, Some(TapOutcome::AuthorizeOnline | TapOutcome::DeclinedByWallet)), "{outcome:?}");
        }
        assert_eq!(phone.credentials_left("card-1"), 3 - paid);
        drop(phone);
        // Until both threads that call the app have ended.
        let told: Vec<WalletEvent> = told.iter().collect();
        let count = |name: &str| told.iter().filter(|event| event.name() == name).count();
        assert_eq!((count("contactless_payment_started"), count("contactless_payment_completed")), (2, 2));
        assert_eq!(count("next_tap_ready"), paid);
        let late = |call: HostCall| {
            let is_late = |event: &&WalletEvent| match event {
                WalletEvent::HostMisbehaved { call: of, how: Misbehaviour::Late } => *of == call,
                _ => false,
            };
            told.iter().filter(is_late).count()
        };
        assert_eq!(late(HostCall::FinalDecision), 2 - paid, "a tap is declined where its question was late");
        assert!(late(HostCall::Event) <= 2);
    });
}

/// A ledger that can still be read when its wallet has gone.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<MemoryLedger>>);

impl Kept {
    fn with<T>(&self, work: impl FnOnce(&mut MemoryLedger) -> T) -> T {
        work(&mut self.0.lock().unwrap())
    }
}

impl Ledger for Kept {
    fn load(
        &mut self,
        instrument: &InstrumentId,
        credentials: Vec<TransactionCredential>,
        max: usize,
    ) -> Result<(), LedgerError> {
        self.with(|ledger| ledger.load(instrument, credentials, max))
    }

    fn reserve(&mut self, instrument: &InstrumentId, provisional: Charge) -> Result<Reservation, LedgerError> {
        self.with(|ledger| ledger.reserve(instrument, provisional))
    }

    fn settle(&mut self, spent: Spent, charge: Charge) -> Result<(), LedgerError> {
        self.with(|ledger| ledger.settle(spent, charge))
    }

    fn release(&mut self, reservation: Reservation) -> Result<(), LedgerError> {
        self.with(|ledger| ledger.release(reservation))
    }

    fn burn_reserved(&mut self, instrument: &InstrumentId) -> Result<(), LedgerError> {
        self.with(|ledger| ledger.burn_reserved(instrument))
    }

    fn erase(&mut self, instrument: &InstrumentId) -> Result<(), LedgerError> {
        self.with(|ledger| ledger.erase(instrument))
    }

    fn unspent(&self, instrument: &InstrumentId) -> Result<Vec<Atc>, LedgerError> {
        self.with(|ledger| ledger.unspent(instrument))
    }

    fn high_water_mark(&self, instrument: &InstrumentId) -> Result<Option<Atc>, LedgerError> {
        self.with(|ledger| ledger.high_water_mark(instrument))
    }

    fn velocity(&self, instrument: &InstrumentId) -> Result<VelocityCounters, LedgerError> {
        self.with(|ledger| ledger.velocity(instrument))
    }

    fn wipe(&mut self, report: Option<SecurityReport>) -> Result<(), LedgerError> {
        self.with(|ledger| ledger.wipe(report))
    }

    fn freeze(&mut self, report: SecurityReport) -> Result<(), LedgerError> {
        self.with(|ledger| ledger.freeze(report))
    }
}

/// Two taps on a ledger with a thread of its own, and something else beside them; what was paid is what is entered.
fn on_thread(act: fn(&Phone)) -> impl Fn() + Send + Sync + Clone + 'static {
    move || {
        let kept = Kept::default();
        let phone = Arc::new(Phone::on_ledger(config(), Box::new(kept.clone())));
        phone.add_card("card-1", Syn1::profile(Generation::V1));
        phone.verify();
        let reader = thread::spawn({
            let phone = phone.clone();
            move || {
                let first = tap(&phone);
                phone.take_away();
                usize::from(first) + usize::from(tap(&phone))
            }
        });
        act(&phone);
        let paid = reader.join().unwrap();
        let shown = phone.credentials_left("card-1");
        drop(phone);
        let id = Phone::id("card-1");
        assert_eq!(kept.with(|ledger| ledger.unspent(&id).unwrap().len()), shown, "the wallet knows its ledger");
        assert!(shown == 0 || shown == 3 - paid, "{paid} payments, {shown} left");
        let reserved = kept.with(|ledger| ledger.reserve(&id, Charge::None).map(drop));
        assert!(matches!(reserved, Ok(()) | Err(LedgerError::NoneLeft)), "nothing stands reserved: {reserved:?}");
    }
}

#[test]
fn s2_055_a_field_that_goes_off_beside_a_reservation_loses_and_doubles_nothing() {
    check_by_chance(on_thread(|phone| ignore(phone.take_away())));
}

#[test]
fn s2_055_a_card_deleted_beside_its_reservation_leaves_none() {
    check_by_chance(on_thread(|phone| phone.wallet.delete(&Phone::id("card-1")).unwrap()));
}

#[test]
fn s2_053_a_wipe_beside_a_tap_leaves_nothing() {
    check_by_chance(on_thread(|phone| phone.wallet.wipe().unwrap()));
}
