//! Key vaults that are locked, away, another's, or forgetful.

use crate::desk::{Desk, batch, fingerprint, id, lvt, parts, pay};
use crate::test_vault::TestVault;
use bezant::cdcvm::Charge;
use bezant::emv::Atc;
use bezant::platform::{KeyVault, KeyVaultError, SystemRng};
use bezant::storage::{
    BootId, FileVault, Ledger, LedgerError, SecurityReport, SqliteStore, StoreError, StoreParts, reports,
};
use std::time::Duration;

/// Alpha has spent 1 and has 2 to 4.
fn used() -> Desk {
    let desk = Desk::new();
    let mut store = desk.store();
    store.load(&id("alpha"), batch(1..=4, 1), 100).unwrap();
    pay(&mut store, &id("alpha"), lvt(100)).unwrap();
    store.close().unwrap();
    desk
}

fn assert_sound(desk: &Desk) {
    let mut store = desk.store();
    let alpha = id("alpha");
    assert_eq!(store.high_water_mark(&alpha).unwrap(), Some(Atc::new(1)));
    assert_eq!(store.velocity(&alpha).unwrap().cumulative_lvt, 100);
    assert_eq!(pay(&mut store, &alpha, Charge::None), Ok((2, fingerprint(2, 1))));
}

#[test]
fn what_a_vault_cannot_do_for_now_loses_nothing() {
    for error in [KeyVaultError::Locked, KeyVaultError::Unavailable] {
        let desk = used();
        desk.vault.fails(error);
        for _ in 0..3 {
            let refused = desk.open().err().unwrap();
            assert_eq!(refused, StoreError::Vault(error));
            assert!(!refused.is_loss(), "{error:?}");
        }
        desk.vault.works();
        assert_sound(&desk);
    }
}

#[test]
fn what_a_vault_cannot_do_for_now_when_the_store_is_made_leaves_nothing_half_made() {
    for error in [KeyVaultError::Locked, KeyVaultError::Unavailable] {
        for fails in ["wrap", "anchor"] {
            let desk = Desk::new();
            let failing = Some(error);
            match fails {
                "wrap" => desk.vault.inside().wrap_fails = failing,
                _ => desk.vault.inside().anchor_fails = failing,
            }
            assert_eq!(desk.open().err(), Some(StoreError::Vault(error)), "{fails}");
            desk.vault.works();
            let mut store = desk.store();
            store.load(&id("alpha"), batch(1..=2, 1), 100).unwrap();
            assert_eq!(pay(&mut store, &id("alpha"), Charge::None), Ok((1, fingerprint(1, 1))));
        }
    }
}

#[test]
fn a_vault_that_is_lost_is_told_as_loss_and_one_call_recovers() {
    for error in [KeyVaultError::KeyGone, KeyVaultError::OtherKey] {
        let desk = used();
        desk.vault.inside().unwrap_fails = Some(error);
        for _ in 0..3 {
            let refused = desk.open().err().unwrap();
            assert_eq!(refused, StoreError::Vault(error));
            assert!(refused.is_loss());
        }
        let report = SecurityReport::new("KEY LOST", 1).unwrap();
        desk.location().erase(&mut desk.vault.clone(), Some(&report)).unwrap();
        desk.vault.works();
        let (mut store, remembered) = desk.open().unwrap();
        assert!(remembered.instruments.is_empty() && remembered.damaged.is_empty());
        assert_eq!(pay(&mut store, &id("alpha"), Charge::None).err(), Some(LedgerError::NoneLeft));
        store.load(&id("alpha"), batch(1..=2, 7), 100).unwrap();
        assert_eq!(pay(&mut store, &id("alpha"), Charge::None), Ok((1, fingerprint(1, 7))));
        assert_eq!(reports(&desk.location()).unwrap().len(), 1);
    }
}

#[test]
fn s2_055_a_clone_on_another_device_has_no_credential() {
    let desk = used();
    // One that never had a key, and one that has served a store of its own.
    let fresh = TestVault::new();
    let seasoned = Desk::new();
    drop(seasoned.store());
    for (vault, error) in [(fresh, KeyVaultError::KeyGone), (seasoned.vault.clone(), KeyVaultError::OtherKey)] {
        let clone = desk.as_it_stands();
        let opened = SqliteStore::open(&clone.location(), parts(&vault, "monday"));
        assert_eq!(opened.err(), Some(StoreError::Vault(error)));
    }
    assert_sound(&desk);
}

#[test]
fn s2_055_a_clone_beside_another_vault_file_has_no_credential() {
    let desk = Desk::new();
    let parts = |vault: &str| StoreParts {
        vault: Box::new(FileVault::new(desk.beside(vault))),
        rng: Box::new(SystemRng::default()),
        boot: Some(BootId::new("monday")),
        burn_after_reboot: 2,
    };
    let (mut store, _) = SqliteStore::open(&desk.location(), parts("vault")).unwrap();
    store.load(&id("alpha"), batch(1..=4, 1), 100).unwrap();
    store.close().unwrap();
    drop(store);
    let opened = SqliteStore::open(&desk.location(), parts("other"));
    assert_eq!(opened.err(), Some(StoreError::Vault(KeyVaultError::KeyGone)));
    let mut other = FileVault::new(desk.beside("other"));
    other.wrap(&bezant::crypto::Secret::new(|key: &mut [u8; 32]| key.fill(1))).unwrap();
    let opened = SqliteStore::open(&desk.location(), parts("other"));
    assert_eq!(opened.err(), Some(StoreError::Vault(KeyVaultError::OtherKey)));
    assert!(SqliteStore::open(&desk.location(), parts("vault")).is_ok());
}

#[test]
fn s2_055_a_folder_put_back_after_taps_is_refused() {
    for ends_with in ["tidy", "close"] {
        let desk = used();
        let older = desk.as_it_stands();
        let mut store = desk.store();
        pay(&mut store, &id("alpha"), lvt(1)).unwrap();
        match ends_with {
            "tidy" => store.tidy().unwrap(),
            _ => store.close().unwrap(),
        }
        drop(store);
        desk.put_back(&older);
        let refused = desk.open().err().unwrap();
        assert_eq!(refused, StoreError::RolledBack, "{ends_with}");
        assert!(refused.is_loss());
        desk.location().erase(&mut desk.vault.clone(), None).unwrap();
        assert!(desk.open().is_ok(), "one call recovers");
    }
}

/// The anchor follows when no terminal waits: what can be put back before is what came since, and nothing older.
#[test]
fn s2_055_before_the_anchor_follows_only_what_came_since_can_be_put_back() {
    let desk = used();
    let oldest = desk.as_it_stands();
    let mut store = desk.store();
    pay(&mut store, &id("alpha"), lvt(1)).unwrap();
    store.tidy().unwrap();
    let older = desk.as_it_stands();
    pay(&mut store, &id("alpha"), lvt(1)).unwrap();
    drop(store);
    desk.put_back(&oldest);
    assert_eq!(desk.open().err(), Some(StoreError::RolledBack));
    desk.put_back(&older);
    let mut store = desk.store();
    assert_eq!(pay(&mut store, &id("alpha"), lvt(1)), Ok((3, fingerprint(3, 1))), "one tap, and no more");
}

/// Who can put files back can also kill: that must not make one credential answer as often as they like.
#[test]
fn s2_055_a_folder_put_back_again_and_again_lets_a_credential_answer_once_more_at_most() {
    let desk = used();
    let older = desk.as_it_stands();
    let mut answers = Vec::new();
    for _ in 0..5 {
        desk.put_back(&older);
        let Ok((mut store, _)) = desk.open() else { break };
        // As whoever reserves has to.
        store.anchor().unwrap();
        answers.extend(pay(&mut store, &id("alpha"), lvt(1)));
        // Killed before it was tidied up.
    }
    let answers: Vec<u16> = answers.iter().map(|(atc, _)| *atc).collect();
    assert!(answers.len() <= 2, "these have answered: {answers:?}");
}

/// Also an opening that burns what was found has to be beyond recall once it is tidied up.
#[test]
fn s2_055_what_an_opening_burns_is_not_put_back() {
    let desk = used();
    let mut store = desk.store();
    let reservation = store.reserve(&id("alpha"), lvt(5)).map_err(drop).unwrap();
    drop((reservation, store));
    let torn = desk.as_it_stands();
    let mut store = desk.store();
    assert_eq!(store.high_water_mark(&id("alpha")).unwrap(), Some(Atc::new(2)));
    store.tidy().unwrap();
    drop(store);
    desk.put_back(&torn);
    assert_eq!(desk.open().err(), Some(StoreError::RolledBack));
}

#[test]
fn a_vault_that_cannot_keep_the_anchor_is_asked_again_and_nothing_is_lost() {
    let desk = used();
    let mut store = desk.store();
    let before = desk.vault.inside().anchor;
    desk.vault.inside().raise_fails = Some(KeyVaultError::Unavailable);
    pay(&mut store, &id("alpha"), lvt(1)).unwrap();
    assert_eq!(store.tidy(), Err(LedgerError::Unavailable));
    assert_eq!(store.tidy(), Err(LedgerError::Unavailable));
    assert_eq!(pay(&mut store, &id("alpha"), lvt(1)).map(|(atc, _)| atc), Ok(3), "taps go on");
    assert_eq!(desk.vault.inside().anchor, before);
    desk.vault.works();
    store.tidy().unwrap();
    assert!(desk.vault.inside().anchor > before);
    desk.vault.inside().raise_fails = Some(KeyVaultError::Locked);
    pay(&mut store, &id("alpha"), lvt(1)).unwrap();
    assert_eq!(store.close(), Err(LedgerError::Unavailable));
    drop(store);
    desk.vault.works();
    assert_eq!(desk.store().high_water_mark(&id("alpha")).unwrap(), Some(Atc::new(4)));
}

#[test]
fn a_vault_that_lost_the_anchor_costs_no_credential_and_gets_a_new_one() {
    let desk = used();
    desk.vault.inside().anchor = 0;
    assert_sound(&desk);
    let mut store = desk.store();
    store.tidy().unwrap();
    assert!(desk.vault.inside().anchor > 0);
}

#[test]
fn the_anchor_never_falls_and_is_never_ahead_of_the_disk() {
    let desk = used();
    let mut store = desk.store();
    for _ in 0..3 {
        pay(&mut store, &id("alpha"), lvt(1)).unwrap();
        store.tidy().unwrap();
        // Whatever the vault has been told, the files of this moment are new enough.
        assert!(desk.as_it_stands().open().is_ok());
    }
    store.close().unwrap();
    let anchors = desk.vault.inside().anchors.clone();
    assert!(anchors.is_sorted() && !anchors.is_empty(), "{anchors:?}");
}

#[test]
fn a_key_is_unwrapped_once_per_opening_and_no_tap_calls_the_vault() {
    let desk = used();
    let before = desk.vault.inside().unwraps;
    desk.vault.inside().takes = Duration::from_millis(50);
    let mut store = desk.store();
    assert_eq!(desk.vault.inside().unwraps, before + 1);
    let calls = desk.vault.inside().calls;
    for _ in 0..3 {
        pay(&mut store, &id("alpha"), lvt(1)).unwrap();
    }
    store.load(&id("alpha"), batch(10..=12, 1), 100).unwrap();
    assert_eq!(desk.vault.inside().calls, calls, "none between the terminal's command and the answer");
    store.close().unwrap();
    assert_eq!(desk.vault.inside().unwraps, before + 1);
}

#[test]
fn s2_009_every_byte_of_a_vault_file_counts_or_takes_back_one_anchor_at_most() {
    let desk = Desk::new();
    let folder = desk.beside("");
    std::fs::create_dir_all(desk.state()).unwrap();
    let path = folder.join("vault");
    let mut vault = FileVault::new(&path);
    let key = bezant::crypto::Secret::new(|key: &mut [u8; 32]| key.fill(0xA5));
    let wrapped = vault.wrap(&key).unwrap();
    for anchor in [3, 7, 12] {
        vault.raise_anchor(anchor).unwrap();
    }
    let whole = std::fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        std::fs::write(&path, bytes).unwrap();
        let (anchor, unwrapped) = (vault.anchor(), vault.unwrap(&wrapped));
        match (anchor, unwrapped) {
            (Ok(7 | 12), Ok(unwrapped)) => assert_eq!(unwrapped.expose_secret(), key.expose_secret()),
            (_, Err(error)) => assert!(error.is_loss(), "byte {at}: {error:?}"),
            (anchor, Ok(_)) => panic!("byte {at}: anchor {anchor:?}"),
        }
    }
    for length in 0..whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        assert_eq!(vault.anchor().err(), Some(KeyVaultError::KeyGone), "{length} bytes");
        assert!(vault.unwrap(&wrapped).is_err(), "{length} bytes");
    }
    for at in 0..wrapped.len() {
        std::fs::write(&path, &whole).unwrap();
        let mut bytes = wrapped.clone();
        bytes[at] ^= 1 << (at % 8);
        assert_eq!(vault.unwrap(&bytes).err(), Some(KeyVaultError::OtherKey), "byte {at}");
    }
}

/// It does not know then how far the store had come, and must not say that it never was used.
#[test]
fn s2_055_a_vault_file_whose_anchors_are_both_harmed_does_not_say_zero() {
    let desk = Desk::new();
    let path = desk.beside("vault");
    let mut vault = FileVault::new(&path);
    vault.wrap(&bezant::crypto::Secret::new(|key: &mut [u8; 32]| key.fill(1))).unwrap();
    vault.raise_anchor(3).unwrap();
    vault.raise_anchor(7).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let end = bytes.len();
    (bytes[end - 1], bytes[end - 17]) = (!bytes[end - 1], !bytes[end - 17]);
    std::fs::write(&path, bytes).unwrap();
    assert_ne!(vault.anchor(), Ok(0));
}
