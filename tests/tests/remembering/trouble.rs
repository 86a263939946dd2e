use super::{always, atc, is_approval, until};
use bezant::cdcvm::{Charge, VelocityCounters};
use bezant::emv::Atc;
use bezant::instrument::{InstrumentId, TransactionCredential};
use bezant::storage::{Change, Ledger, LedgerError, MemoryLedger, Reservation, SecurityReport, Spent};
use bezant::wallet::{DeactivationReason, DeviceState, Progress};
use bezant_tests::{Generation, Phone, Syn1};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How the disk behaves.
#[derive(Clone, Default)]
struct Disk(Arc<Mutex<Behaviour>>);

#[derive(Clone, Default)]
struct Behaviour {
    takes: Duration,
    fails: Option<LedgerError>,
    /// Only this fails.
    refuses: Option<&'static str>,
    done: Vec<&'static str>,
}

struct OnDisk(MemoryLedger, Disk);

impl OnDisk {
    fn write<T>(
        &mut self,
        what: &'static str,
        work: impl FnOnce(&mut MemoryLedger) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let Behaviour { takes, fails, refuses, .. } = self.1.0.lock().unwrap().clone();
        std::thread::sleep(takes);
        if refuses == Some(what) {
            return Err(LedgerError::DiskFull);
        }
        if let Some(error) = fails {
            return Err(error);
        }
        self.1.0.lock().unwrap().done.push(what);
        work(&mut self.0)
    }
}

impl Ledger for OnDisk {
    fn load(
        &mut self,
        instrument: &InstrumentId,
        credentials: Vec<TransactionCredential>,
        max: usize,
    ) -> Result<(), LedgerError> {
        self.write("load", |ledger| ledger.load(instrument, credentials, max))
    }

    fn reserve(&mut self, instrument: &InstrumentId, provisional: Charge) -> Result<Reservation, LedgerError> {
        self.write("reserve", |ledger| ledger.reserve(instrument, provisional))
    }

    fn settle(&mut self, spent: Spent, charge: Charge) -> Result<(), LedgerError> {
        self.write("settle", |ledger| ledger.settle(spent, charge))
    }

    fn release(&mut self, reservation: Reservation) -> Result<(), LedgerError> {
        self.write("release", |ledger| ledger.release(reservation))
    }

    fn burn_reserved(&mut self, instrument: &InstrumentId) -> Result<(), LedgerError> {
        self.write("burn", |ledger| ledger.burn_reserved(instrument))
    }

    fn erase(&mut self, instrument: &InstrumentId) -> Result<(), LedgerError> {
        self.write("erase", |ledger| ledger.erase(instrument))
    }

    fn unspent(&self, instrument: &InstrumentId) -> Result<Vec<Atc>, LedgerError> {
        self.0.unspent(instrument)
    }

    fn high_water_mark(&self, instrument: &InstrumentId) -> Result<Option<Atc>, LedgerError> {
        self.0.high_water_mark(instrument)
    }

    fn velocity(&self, instrument: &InstrumentId) -> Result<VelocityCounters, LedgerError> {
        self.0.velocity(instrument)
    }

    fn keep(&mut self, changes: &[Change]) -> Result<(), LedgerError> {
        self.write("keep", |ledger| ledger.keep(changes))
    }

    fn wipe(&mut self, report: Option<SecurityReport>) -> Result<(), LedgerError> {
        self.write("wipe", |ledger| ledger.wipe(report))
    }

    fn freeze(&mut self, report: SecurityReport) -> Result<(), LedgerError> {
        self.write("freeze", |ledger| ledger.freeze(report))
    }
}

impl Disk {
    fn takes(&self, ms: u64) {
        self.0.lock().unwrap().takes = Duration::from_millis(ms);
    }

    fn fails(&self, error: Option<LedgerError>) {
        self.0.lock().unwrap().fails = error;
    }

    fn refuses(&self, what: Option<&'static str>) {
        self.0.lock().unwrap().refuses = what;
    }

    fn done(&self) -> Vec<&'static str> {
        self.0.lock().unwrap().done.clone()
    }

    fn reservations(&self) -> usize {
        self.0.lock().unwrap().done.iter().filter(|what| **what == "reserve").count()
    }
}

fn phone_on(disk: &Disk) -> Phone {
    let phone = Phone::on_ledger(always(), Box::new(OnDisk(MemoryLedger::default(), disk.clone())));
    phone.add_card("card-1", Syn1::profile(Generation::V1));
    phone.verified()
}

#[test]
fn whoever_begins_a_command_waits_neither_for_the_disk_nor_for_a_call_that_writes() {
    let disk = Disk::default();
    let phone = phone_on(&disk);
    phone.initiate();
    phone.take_away();
    disk.takes(400);
    std::thread::scope(|scope| {
        let suspending = scope.spawn(|| phone.wallet.set_default_for_contactless(&Phone::id("card-1")));
        std::thread::sleep(Duration::from_millis(100));
        let started = Instant::now();
        let progress = phone.wallet.begin_command_apdu(&bezant_tests::bytes(Syn1::SELECT_PPSE));
        assert!(started.elapsed() < Duration::from_millis(100), "{:?}", started.elapsed());
        let Progress::Waiting(unanswered) = progress else { panic!("the wallet is busy") };
        assert!(!phone.wallet.try_on_deactivated(DeactivationReason::LinkLoss), "nor for the field");
        assert!(
            !phone.wallet.try_set_device_state(DeviceState { locked: true, screen_on: true }),
            "nor for the lock screen"
        );
        assert!(started.elapsed() < Duration::from_millis(200), "{:?}", started.elapsed());
        assert_eq!(phone.wallet.finish_command_apdu(unanswered).status().to_bytes(), [0x90, 0x00]);
        suspending.join().unwrap().unwrap();
    });
    assert!(phone.wallet.try_on_deactivated(DeactivationReason::LinkLoss));
    phone.initiate();
    let started = Instant::now();
    let progress = phone.wallet.begin_command_apdu(&bezant_tests::bytes(Syn1::ARQC));
    assert!(started.elapsed() < Duration::from_millis(100), "{:?}", started.elapsed());
    if let Progress::Waiting(unanswered) = progress {
        let answer = hex::encode_upper(phone.wallet.finish_command_apdu(unanswered).to_vec());
        assert!(answer.contains("9F270180") || answer.contains("9F270100"), "{answer}");
    }
}

#[test]
fn a_disk_that_takes_its_time_is_waited_for_beside_the_reading_of_records() {
    let disk = Disk::default();
    let phone = phone_on(&disk);
    disk.takes(250);
    let started = Instant::now();
    phone.initiate();
    assert!(started.elapsed() < Duration::from_millis(200), "no command but GENERATE AC waits");
    let answer = phone.send(Syn1::ARQC);
    assert!(is_approval(&answer) && started.elapsed() >= Duration::from_millis(250));
}

#[test]
fn a_disk_that_takes_too_long_declines_and_the_credential_serves_the_next_tap() {
    let disk = Disk::default();
    let phone = phone_on(&disk);
    disk.takes(600);
    phone.initiate();
    let asked = Instant::now();
    let answer = phone.send(Syn1::ARQC);
    assert!(!is_approval(&answer) && answer.contains("9F270100"), "{answer}");
    assert!(asked.elapsed() < Duration::from_millis(550), "{:?}", asked.elapsed());
    phone.take_away();
    until("reserved after all", || disk.reservations() == 1);
    disk.takes(0);
    let (answer, _) = phone.tap(Syn1::ARQC);
    assert_eq!((is_approval(&answer), atc(&answer)), (true, 1));
    assert_eq!(phone.credentials_left("card-1"), 2);
}

#[test]
fn s2_055_a_disk_that_fails_answers_nothing_and_loses_nothing() {
    for error in [LedgerError::DiskFull, LedgerError::Unavailable] {
        let disk = Disk::default();
        let phone = phone_on(&disk);
        disk.fails(Some(error));
        let (answer, _) = phone.tap(Syn1::ARQC);
        assert!(!is_approval(&answer), "{error}");
        assert!(phone.wallet.load_credentials(&Phone::id("card-1"), Syn1::credentials()).is_err());
        assert!(phone.wallet.suspend(&Phone::id("card-1")).is_err());
        disk.fails(None);
        let (answer, _) = phone.tap(Syn1::ARQC);
        assert_eq!((is_approval(&answer), atc(&answer)), (true, 1), "{error}");
    }
}

#[test]
fn a_settlement_that_fails_is_entered_before_the_next_reservation() {
    let disk = Disk::default();
    let phone = phone_on(&disk);
    phone.initiate();
    until("reserved", || disk.reservations() == 1);
    disk.fails(Some(LedgerError::DiskFull));
    assert!(is_approval(&phone.send(Syn1::ARQC)), "the reservation is the durable record");
    phone.take_away();
    phone.verify();
    let (answer, _) = phone.tap(Syn1::ARQC);
    assert!(!is_approval(&answer), "nothing is reserved before the last payment is entered");
    disk.fails(None);
    let (answer, _) = phone.tap(Syn1::ARQC);
    assert_eq!((is_approval(&answer), atc(&answer)), (true, 2));
}

#[test]
fn a_tap_that_is_torn_leaves_its_reservation_to_the_next_one() {
    let disk = Disk::default();
    let phone = phone_on(&disk);
    for _ in 0..3 {
        phone.initiate();
        phone.take_away();
    }
    let (answer, _) = phone.tap(Syn1::ARQC);
    assert_eq!((is_approval(&answer), atc(&answer)), (true, 1));
    assert_eq!(disk.reservations(), 1, "the disk has been asked once");
}

#[test]
fn s2_074_what_could_not_be_written_before_a_wipe_is_not_written_after_it() {
    let disk = Disk::default();
    let phone = phone_on(&disk);
    disk.refuses(Some("keep"));
    assert!(is_approval(&phone.tap(Syn1::ARQC).0));
    phone.wallet.wipe().unwrap();
    disk.refuses(None);
    drop(phone);
    assert_eq!(disk.done().last(), Some(&"wipe"), "{:?}", disk.done());
}
