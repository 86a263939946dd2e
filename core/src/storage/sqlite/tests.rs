use super::*;
use crate::crypto::Secret;
use crate::platform::SystemRng;
use core::ops::{Deref, DerefMut};
use tempfile::TempDir;

/// A store in a folder that goes with it.
struct Scratch {
    store: SqliteStore,
    _folder: TempDir,
}

impl Deref for Scratch {
    type Target = SqliteStore;

    fn deref(&self) -> &SqliteStore {
        &self.store
    }
}

impl DerefMut for Scratch {
    fn deref_mut(&mut self) -> &mut SqliteStore {
        &mut self.store
    }
}

fn open(folder: &TempDir) -> Result<SqliteStore, StoreError> {
    let parts = StoreParts {
        vault: Box::new(FileVault::new(folder.path().join("vault"))),
        rng: Box::new(SystemRng::default()),
        boot: Some(BootId::new("today")),
        burn_after_reboot: 2,
    };
    SqliteStore::open(&StoreLocation::new(folder.path().join("state")), parts).map(|(store, _)| store)
}

fn scratch() -> Scratch {
    let folder = TempDir::new().unwrap();
    Scratch { store: open(&folder).unwrap(), _folder: folder }
}

fn card() -> InstrumentId {
    InstrumentId::new("card").unwrap()
}

fn credentials(atcs: core::ops::RangeInclusive<u16>) -> Vec<TransactionCredential> {
    let key = |byte| Secret::new(|bytes: &mut [u8; 16]| bytes.fill(byte));
    let credential = |atc: u16| {
        let byte = atc.to_le_bytes()[0];
        TransactionCredential::new(Atc::new(atc), &[byte; 8], key(byte), key(!byte)).unwrap()
    };
    atcs.map(credential).collect()
}

/// Somebody exchanges the contents of two credentials' rows; gives what the store reserves then.
fn reserved_after_an_exchange() -> Result<(u16, u8), LedgerError> {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder).unwrap();
    store.load(&card(), credentials(1..=2), 10).unwrap();
    store.close().unwrap();
    drop(store);
    let database = Connection::open(folder.path().join("state/store.db")).unwrap();
    let sealed = |id: i64| -> Vec<u8> {
        database.query_row("SELECT sealed FROM credential WHERE id = ?1", [id], |row| row.get(0)).unwrap()
    };
    for (id, other) in [(1, sealed(2)), (2, sealed(1))] {
        database.execute("UPDATE credential SET sealed = ?2 WHERE id = ?1", params![id, other]).unwrap();
    }
    drop(database);
    let (keys, _) = open(&folder).unwrap().reserve(&card(), Charge::None)?.spend();
    Ok((keys.atc.value(), keys.umd.expose_secret()[0]))
}

#[test]
fn s2_009_rows_that_change_places_are_noticed() {
    assert_eq!(reserved_after_an_exchange(), Err(LedgerError::Damaged));
}

#[test]
fn without_associated_data_they_would_answer_under_each_other_s_counter() {
    seal::fault::IS_PLANTED.set(true);
    assert_eq!(reserved_after_an_exchange(), Ok((1, 2)), "so the test above can fail");
}

#[test]
fn a_new_epoch_seals_everything_anew_and_loses_nothing() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder).unwrap();
    store.load(&card(), credentials(1..=20), 50).unwrap();
    let spend = |store: &mut SqliteStore| {
        let (keys, spent) = store.reserve(&card(), Charge::Lvt { amount: 9 }).unwrap().spend();
        store.settle(spent, Charge::Lvt { amount: 5 }).unwrap();
        keys.atc.value()
    };
    assert_eq!(spend(&mut store), 1);
    store.keep(&[Change::Tap { number: 1, entry: Box::new(|| b"tap".to_vec()), limit: 9 }]).unwrap();
    let before = store.root.seals;
    assert!(before > 24, "{before}");
    store.seals_per_epoch = 24;
    store.tidy().unwrap();
    assert_eq!((store.sealer.epoch(), store.root.seals), (1, 22), "19 credentials, a tap, an account, a root …");
    store.close().unwrap();
    drop(store);
    let mut store = open(&folder).unwrap();
    assert_eq!((store.sealer.epoch(), spend(&mut store)), (1, 2));
    assert_eq!(store.velocity(&card()).unwrap().cumulative_lvt, 10);
    assert_eq!(store.taps().unwrap(), [b"tap".to_vec()]);
    assert_eq!(store.load(&card(), credentials(2..=2), 50), Err(LedgerError::Stale(2)));
}

crate::storage::contract::ledger_contract!(scratch);
