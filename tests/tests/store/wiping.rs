//! Wiping: whatever interrupts it, nothing of before opens again, and the report is kept once.

use crate::desk::{Desk, batch, fingerprint, id, lvt, pay, profile, tap};
use bezant::cdcvm::Charge;
use bezant::platform::KeyVaultError;
use bezant::storage::{Change, Ledger, LedgerError, SecurityReport, SqliteStore, StoreError, reports};

fn used() -> Desk {
    let desk = Desk::new();
    let mut store = desk.store();
    let alpha = id("alpha");
    store.keep(&[Change::Installed { instrument: alpha.clone(), profile: profile(0) }]).unwrap();
    store.keep(&[Change::Choice { default: Some(alpha.clone()), selected: None }]).unwrap();
    store.load(&alpha, batch(1..=4, 1), 100).unwrap();
    pay(&mut store, &alpha, lvt(100)).unwrap();
    store.keep(&[tap(1, &[1], 3)]).unwrap();
    store.close().unwrap();
    desk
}

fn report(kind: &str, unix_ms: u64) -> SecurityReport {
    SecurityReport::new(kind, unix_ms).unwrap()
}

/// The kinds of the reports that wait.
fn waiting(desk: &Desk) -> Vec<String> {
    reports(&desk.location()).unwrap().into_iter().map(|(_, report)| report.kind).collect()
}

fn assert_empty(store: &mut SqliteStore) {
    let alpha = id("alpha");
    assert_eq!(store.credentials_left(&alpha), Ok(0));
    assert_eq!(store.high_water_mark(&alpha), Ok(None));
    assert_eq!(store.velocity(&alpha).unwrap().consecutive_lvt, 0);
    assert_eq!(store.taps(), Ok(Vec::new()));
    assert_eq!(pay(store, &alpha, Charge::None), Err(LedgerError::NoneLeft));
}

/// It opens, with nothing in it, and serves again.
fn assert_begins_anew(desk: &Desk) {
    let (mut store, remembered) = desk.open().unwrap();
    assert!(remembered.instruments.is_empty() && remembered.damaged.is_empty());
    assert_eq!((remembered.default, remembered.selected, remembered.taps), (None, None, 0));
    assert_empty(&mut store);
    store.load(&id("alpha"), batch(1..=2, 7), 100).unwrap();
    assert_eq!(pay(&mut store, &id("alpha"), lvt(1)), Ok((1, fingerprint(1, 7))));
    store.close().unwrap();
    drop(store);
    assert_eq!(desk.store().unspent(&id("alpha")).unwrap().len(), 1);
}

#[test]
fn s2_074_an_open_store_that_is_wiped_is_empty_at_once_and_goes_on() {
    let desk = used();
    let mut store = desk.store();
    let reservation = store.reserve(&id("alpha"), lvt(1)).map_err(drop).unwrap();
    store.wipe(Some(report("ROOTED", 5))).unwrap();
    assert_empty(&mut store);
    assert_eq!(store.release(reservation), Err(LedgerError::NotReserved));
    assert_eq!(desk.open().err(), Some(StoreError::InUse), "it is still this one's");
    store.load(&id("alpha"), batch(1..=2, 9), 100).unwrap();
    assert_eq!(pay(&mut store, &id("alpha"), lvt(1)), Ok((1, fingerprint(1, 9))));
    store.close().unwrap();
    drop(store);
    assert_eq!(desk.store().unspent(&id("alpha")).unwrap().len(), 1);
    assert_eq!(waiting(&desk), ["ROOTED"]);
}

#[test]
fn s2_074_wiping_destroys_the_key_so_that_no_copy_opens_again() {
    let desk = used();
    let copy = desk.as_it_stands();
    let mut store = desk.store();
    store.wipe(None).unwrap();
    assert!(copy.open().err().unwrap().is_loss());
    store.close().unwrap();
    drop(store);
    assert!(copy.open().err().unwrap().is_loss());
    assert_eq!(waiting(&desk), [""; 0], "no report, no entry");
    assert_begins_anew(&desk);
}

#[test]
fn s2_053_reports_wait_in_their_order_until_they_are_acknowledged() {
    let desk = used();
    for (kind, unix_ms) in [("SECOND", 20), ("FIRST", 10), ("THIRD", 30), ("FIRST", 10)] {
        desk.location().erase(&mut desk.vault.clone(), Some(&report(kind, unix_ms))).unwrap();
    }
    assert_eq!(waiting(&desk), ["FIRST", "SECOND", "THIRD"], "the same report waits once");
    drop(desk.store());
    let all = reports(&desk.location()).unwrap();
    desk.location().acknowledge(&all[1].0).unwrap();
    desk.location().acknowledge(&all[1].0).unwrap();
    assert_eq!(waiting(&desk), ["FIRST", "THIRD"]);
    // Names that nobody gave touch nothing.
    for name in ["", "../store", "../lock", "..", "nothing"] {
        desk.location().acknowledge(name).ok();
    }
    assert!(desk.file("store.db").exists() && desk.file("lock").exists());
    for (name, _) in reports(&desk.location()).unwrap() {
        desk.location().acknowledge(&name).unwrap();
    }
    assert_eq!(waiting(&desk), [""; 0]);
}

#[test]
fn s2_053_a_vault_that_fails_to_destroy_is_asked_again_before_anything_opens() {
    for destroyed in [false, true] {
        for open in [false, true] {
            let desk = used();
            {
                let mut vault = desk.vault.inside();
                (vault.destroy_fails, vault.destroys_all_the_same) = (Some(KeyVaultError::Unavailable), destroyed);
            }
            if open {
                let mut store = desk.store();
                assert_eq!(store.wipe(Some(report("ROOTED", 5))), Err(LedgerError::Unavailable));
                // Nothing of before is to be had from it.
                assert!(pay(&mut store, &id("alpha"), Charge::None).is_err());
                assert_eq!(store.credentials_left(&id("alpha")).unwrap_or(0), 0);
                assert!(store.taps().is_ok_and(|taps| taps.is_empty()) || store.taps().is_err());
                store.close().ok();
            } else {
                let erased = desk.location().erase(&mut desk.vault.clone(), Some(&report("ROOTED", 5)));
                assert_eq!(erased, Err(StoreError::Vault(KeyVaultError::Unavailable)));
            }
            for _ in 0..2 {
                assert_eq!(desk.open().err(), Some(StoreError::Vault(KeyVaultError::Unavailable)));
            }
            desk.vault.works();
            assert_begins_anew(&desk);
            assert_eq!(waiting(&desk), ["ROOTED"]);
        }
    }
}

#[test]
fn s2_053_a_wipe_that_was_interrupted_anywhere_is_finished_by_the_next_opening() {
    // What a process may have come to after its mark: so many files gone, the key destroyed or not, the report out or not.
    let names = ["store.db", "store.db-wal", "frozen.mark"];
    for gone in 0..=names.len() {
        for destroyed in [false, true] {
            for told in [false, true] {
                let desk = used();
                std::fs::write(desk.file("store.db-wal"), [0; 500]).unwrap();
                desk.location().freeze(&report("ROOTED", 5)).unwrap();
                let (name, waits) = reports(&desk.location()).unwrap().swap_remove(0);
                if !told {
                    desk.location().acknowledge(&name).unwrap();
                }
                let mark = serde_json::to_vec(&report("ROOTED", 5)).unwrap();
                assert_eq!(waits, report("ROOTED", 5));
                std::fs::write(desk.file("erase.mark"), mark).unwrap();
                if destroyed {
                    bezant::platform::KeyVault::destroy(&mut desk.vault.clone()).unwrap();
                }
                names.iter().take(gone).for_each(|name| std::fs::remove_file(desk.file(name)).unwrap());
                assert_begins_anew(&desk);
                assert!(!desk.location().is_frozen().unwrap());
                assert_eq!(waiting(&desk), ["ROOTED"], "{gone} gone, destroyed: {destroyed}, told: {told}");
            }
        }
    }
}

/// Who recovers with the one call, or wipes again, does not unsay what was to be told.
#[test]
fn s2_053_a_second_erasure_keeps_the_report_of_the_first() {
    for second in [None, Some(report("UNPAIRED", 9))] {
        let desk = used();
        desk.vault.inside().destroy_fails = Some(KeyVaultError::Unavailable);
        desk.location().erase(&mut desk.vault.clone(), Some(&report("ROOTED", 5))).unwrap_err();
        desk.vault.works();
        desk.location().erase(&mut desk.vault.clone(), second.as_ref()).unwrap();
        let expected: &[&str] = if second.is_some() { &["ROOTED", "UNPAIRED"] } else { &["ROOTED"] };
        assert_eq!(waiting(&desk), expected, "the second: {second:?}");
    }
}

/// A draft of a report that a killed process left is no second report.
#[test]
fn s2_053_a_report_half_written_is_told_once_and_can_be_acknowledged() {
    let desk = used();
    desk.location().erase(&mut desk.vault.clone(), Some(&report("ROOTED", 5))).unwrap();
    let (name, _) = reports(&desk.location()).unwrap().swap_remove(0);
    let whole = desk.file("reports").join(&name).with_extension("json");
    std::fs::copy(&whole, whole.with_extension("draft")).unwrap();
    assert_eq!(waiting(&desk), ["ROOTED"]);
    for (name, _) in reports(&desk.location()).unwrap() {
        desk.location().acknowledge(&name).unwrap();
    }
    assert_eq!(waiting(&desk), [""; 0]);
}

#[test]
fn s2_053_a_frozen_store_keeps_everything_and_comes_back() {
    let desk = used();
    desk.location().freeze(&report("ROOTED", 5)).unwrap();
    desk.location().freeze(&report("ROOTED", 5)).unwrap();
    assert!(desk.location().is_frozen().unwrap());
    assert_eq!(waiting(&desk), ["ROOTED"]);
    desk.location().thaw().unwrap();
    desk.location().thaw().unwrap();
    assert!(!desk.location().is_frozen().unwrap());
    let mut store = desk.store();
    assert_eq!(pay(&mut store, &id("alpha"), lvt(1)), Ok((2, fingerprint(2, 1))));
    assert_eq!(waiting(&desk), ["ROOTED"], "what was to be told still is");
}

#[test]
fn s2_053_freezing_that_was_interrupted_loses_no_report() {
    let desk = used();
    // No outbox can be made here: the process might as well have been killed before it was.
    std::fs::write(desk.file("reports"), []).unwrap();
    let frozen = desk.location().freeze(&report("ROOTED", 5));
    std::fs::remove_file(desk.file("reports")).unwrap();
    assert!(frozen.is_err() && desk.location().is_frozen().unwrap());
    drop(desk.open());
    assert_eq!(waiting(&desk), ["ROOTED"]);
}

#[test]
fn s2_074_what_can_never_be_opened_again_can_be_erased() {
    type Ruin = fn(&Desk);
    let ruins: [(&str, Ruin); 4] = [
        ("garbage", |desk| std::fs::write(desk.file("store.db"), [0x5A; 9_000]).unwrap()),
        ("no folder", |desk| std::fs::remove_dir_all(desk.state()).unwrap()),
        ("a later version", |desk| crate::harm::raw(desk).pragma_update(None, "user_version", 99).unwrap()),
        ("no root", |desk| crate::harm::raw(desk).execute_batch("DELETE FROM root").unwrap()),
    ];
    let mut stuck = Vec::new();
    for (what, ruin) in ruins {
        let desk = used();
        ruin(&desk);
        match desk.location().erase(&mut desk.vault.clone(), Some(&report("LOST", 5))) {
            Ok(()) => {
                assert_begins_anew(&desk);
                assert_eq!(waiting(&desk), ["LOST"], "{what}");
            }
            Err(error) => stuck.push(format!("{what}: {error:?}")),
        }
    }
    assert!(stuck.is_empty(), "{}", stuck.join("\n"));
}
