//! Files of other versions: a newer one is refused, an older one opens with all that it holds.

use crate::desk::{Desk, batch, copy_folder, fingerprint, id, lvt, pay, profile, tap};
use crate::harm::raw;
use bezant::cdcvm::{Charge, VelocityCounters};
use bezant::emv::Atc;
use bezant::instrument::InstrumentStatus;
use bezant::platform::SystemRng;
use bezant::storage::{
    BootId, Change, FileVault, Ledger, LedgerError, SqliteStore, StoreError, StoreLocation, StoreParts,
};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

#[test]
fn a_store_of_a_newer_version_is_refused_and_left_alone() {
    for version in [2, 99, i32::MAX] {
        let desk = Desk::new();
        let mut store = desk.store();
        store.load(&id("alpha"), batch(1..=3, 1), 100).unwrap();
        store.close().unwrap();
        drop(store);
        raw(&desk).pragma_update(None, "user_version", version).unwrap();
        let before = std::fs::read(desk.file("store.db")).unwrap();
        let found = u32::try_from(version).unwrap();
        let refused = desk.open().err().unwrap();
        assert_eq!(refused, StoreError::FromTheFuture { found, known: 1 });
        assert!(!refused.is_loss(), "the newer version can still open it");
        assert!(refused.to_string().contains(&found.to_string()));
        assert_eq!(std::fs::read(desk.file("store.db")).unwrap(), before);
        // Back in the newer version's hands.
        raw(&desk).pragma_update(None, "user_version", 1).unwrap();
        assert_eq!(pay(&mut desk.store(), &id("alpha"), Charge::None), Ok((1, fingerprint(1, 1))));
    }
}

#[test]
fn a_schema_that_never_was_is_no_store() {
    for version in [-1, 0] {
        let desk = Desk::new();
        let mut store = desk.store();
        store.load(&id("alpha"), batch(1..=3, 1), 100).unwrap();
        store.close().unwrap();
        drop(store);
        raw(&desk).pragma_update(None, "user_version", version).unwrap();
        assert!(matches!(desk.open(), Err(StoreError::Unreadable(_) | StoreError::FromTheFuture { .. })), "{version}");
    }
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/store/schema-1")
}

fn open(folder: &Path) -> Result<(SqliteStore, bezant::storage::Recollection), StoreError> {
    let parts = StoreParts {
        vault: Box::new(FileVault::new(folder.join("vault"))),
        rng: Box::new(SystemRng::default()),
        boot: Some(BootId::new("fixture")),
        burn_after_reboot: 2,
    };
    SqliteStore::open(&StoreLocation::new(folder.join("state")), parts)
}

/// Writes the fixture anew when `BEZANT_WRITE` is 1; what is committed is never written again.
#[test]
fn the_fixture_of_schema_1_is_written_when_asked_for() {
    if std::env::var("BEZANT_WRITE").as_deref() != Ok("1") {
        return;
    }
    let folder = TempDir::new().unwrap();
    let (mut store, _) = open(folder.path()).unwrap();
    let (alpha, beta, gone) = (id("alpha"), id("beta"), id("gone"));
    for (card, which) in [(&alpha, 0), (&gone, 2), (&beta, 1)] {
        store.keep(&[Change::Installed { instrument: card.clone(), profile: profile(which) }]).unwrap();
    }
    let status = |card, status| Change::Status { instrument: id(card), status };
    let choice = Change::Choice { default: Some(alpha.clone()), selected: None };
    store.keep(&[status("alpha", InstrumentStatus::Active), choice]).unwrap();
    store.keep(&[status("beta", InstrumentStatus::Suspended)]).unwrap();
    store.load(&alpha, batch(1..=6, 1), 100).unwrap();
    store.load(&gone, batch(1..=2, 3), 100).unwrap();
    pay(&mut store, &gone, lvt(5)).unwrap();
    store.keep(&[Change::Removed { instrument: gone }]).unwrap();
    for number in 1..=3 {
        let (_, spent) = store.reserve(&alpha, lvt(9_999)).map_err(drop).unwrap().spend();
        let tap = tap(number, format!("tap {number}").as_bytes(), 2);
        store.keep(&[Change::Settled { spent, charge: lvt(1_000 * number) }, tap]).unwrap();
    }
    // One torn tap.
    let reservation = store.reserve(&alpha, lvt(50)).map_err(drop).unwrap();
    store.close().unwrap();
    drop((reservation, store));
    std::fs::create_dir_all(fixture().join("state")).unwrap();
    for name in ["state/store.db", "vault"] {
        std::fs::copy(folder.path().join(name), fixture().join(name)).unwrap();
    }
}

#[test]
fn a_store_of_schema_1_opens_with_all_that_it_holds() {
    let folder = TempDir::new().unwrap();
    copy_folder(&fixture(), folder.path());
    let (mut store, remembered) = open(folder.path()).unwrap();
    let (alpha, beta, gone) = (id("alpha"), id("beta"), id("gone"));
    let cards: Vec<_> = remembered.instruments.iter().map(|card| (card.id.clone(), card.status)).collect();
    let expected = [(alpha.clone(), InstrumentStatus::Active), (beta.clone(), InstrumentStatus::Suspended)];
    assert_eq!(cards, expected);
    for (card, which) in remembered.instruments.iter().zip([0, 1]) {
        assert_eq!(card.profile.json(), profile(which).json());
    }
    assert_eq!((remembered.default, remembered.selected), (Some(alpha.clone()), None));
    assert_eq!((remembered.taps, remembered.damaged.len()), (3, 0));
    assert_eq!(store.taps().unwrap(), [b"tap 3".to_vec(), b"tap 2".to_vec()]);
    // The torn one is burnt, and charged as feared.
    assert_eq!(store.high_water_mark(&alpha).unwrap(), Some(Atc::new(4)));
    let counters = VelocityCounters { consecutive_lvt: 4, cumulative_lvt: 6_050 };
    assert_eq!(store.velocity(&alpha).unwrap(), counters);
    assert_eq!(store.unspent(&alpha).unwrap(), [Atc::new(5), Atc::new(6)]);
    assert_eq!((store.high_water_mark(&beta).unwrap(), store.credentials_left(&beta).unwrap()), (None, 0));
    assert_eq!(store.high_water_mark(&gone).unwrap(), Some(Atc::new(1)));
    assert_eq!((store.credentials_left(&gone).unwrap(), store.velocity(&gone).unwrap().cumulative_lvt), (0, 5));
    for atc in [5, 6] {
        assert_eq!(pay(&mut store, &alpha, Charge::None), Ok((atc, fingerprint(atc, 1))));
    }
    assert_eq!(pay(&mut store, &alpha, Charge::None), Err(LedgerError::NoneLeft));
}
