//! Disks that are full, read-only or moved: nothing is answered without a record that lasts, and afterwards all is sound.

use crate::desk::{Desk, batch, fingerprint, id, key_bytes, lvt, parts, pay, tap};
use crate::test_vault::TestVault;
use bezant::cdcvm::Charge;
use bezant::platform::{Rng, RngUnavailable, SystemRng};
use bezant::storage::{
    BootId, FileVault, Ledger, LedgerError, SecurityReport, SqliteStore, StoreError, StoreLocation, StoreParts,
};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

/// A small file system of its own; `None` where this user may not mount any.
struct Disk {
    folder: TempDir,
}

impl Disk {
    fn new(kilobytes: u32) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let size = format!("size={kilobytes}k");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).status();
        if !mounted.is_ok_and(|status| status.success()) {
            println!("skipped: no file system can be mounted here");
            return None;
        }
        Some(Self { folder })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn location(&self) -> StoreLocation {
        StoreLocation::new(self.path("state"))
    }

    fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        assert!(Command::new("mount").args(["-o", &options]).arg(self.folder.path()).status().unwrap().success());
    }

    /// Leaves so many bytes of room, a whole number of pages.
    fn fill(&self, room: usize) {
        // A busy kernel takes its time to count what was given back.
        for _ in 0..100 {
            std::fs::write(self.path("ballast"), []).unwrap();
            let ballast = vec![1; self.room().saturating_sub(room)];
            if std::fs::write(self.path("ballast"), ballast).is_ok() && self.room() == room {
                return;
            }
        }
        panic!("the disk cannot be filled but for {room} bytes");
    }

    fn room(&self) -> usize {
        let stat = Command::new("stat").args(["-f", "-c", "%a %S"]).arg(self.folder.path()).output().unwrap();
        let numbers = String::from_utf8(stat.stdout).unwrap();
        numbers.split_whitespace().map(|number| number.parse::<usize>().unwrap()).product()
    }

    fn free(&self) {
        std::fs::remove_file(self.path("ballast")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(self.folder.path()).status().ok();
    }
}

#[test]
fn s2_055_a_full_disk_answers_nothing_and_loses_nothing() {
    for room in [0, 4_096, 8_192, 16_384, 32_768, 65_536] {
        let Some(disk) = Disk::new(1_024) else { return };
        let vault = TestVault::new();
        let (mut store, _) = SqliteStore::open(&disk.location(), parts(&vault, "monday")).unwrap();
        let alpha = id("alpha");
        store.load(&alpha, batch(1..=200, 1), 300).unwrap();
        store.tidy().unwrap();
        disk.fill(room);
        let mut answered = Vec::new();
        let error = loop {
            match store.reserve(&alpha, lvt(7)) {
                Ok(reservation) => {
                    // It has answered, whether or not the entry can be made.
                    let (keys, spent) = reservation.spend();
                    answered.push(keys.atc.value());
                    if let Err(error) = store.settle(spent, lvt(1)) {
                        break error;
                    }
                }
                Err(error) => break error,
            }
            assert!(answered.len() < 200, "the disk is never full");
        };
        assert_eq!(error, LedgerError::DiskFull, "with room for {room}");
        // Nothing that needs a record works, and reading does.
        assert_eq!(store.load(&alpha, batch([300], 1), 300), Err(LedgerError::DiskFull));
        assert_eq!(store.keep(&[tap(1, &[1; 5_000], 5)]), Err(LedgerError::DiskFull));
        assert!(store.unspent(&alpha).is_ok() && store.taps().is_ok());
        let left = store.credentials_left(&alpha).unwrap();
        assert!(left == 200 - answered.len() || left == 201 - answered.len(), "{left} left of 200, {answered:?}");
        disk.free();
        // Here, and after an opening.
        store.burn_reserved(&alpha).unwrap();
        let next = pay(&mut store, &alpha, lvt(1)).unwrap().0;
        assert!(answered.iter().all(|atc| *atc < next));
        drop(store);
        let (mut store, _) = SqliteStore::open(&disk.location(), parts(&vault, "monday")).unwrap();
        let after = pay(&mut store, &alpha, lvt(1)).unwrap();
        assert_eq!(after, (next + 1, fingerprint(next + 1, 1)));
    }
}

#[test]
fn s2_055_a_process_that_dies_on_a_full_disk_leaves_every_answer_on_record() {
    for room in [0, 8_192, 16_384, 65_536] {
        let Some(disk) = Disk::new(1_024) else { return };
        let vault = TestVault::new();
        let (mut store, _) = SqliteStore::open(&disk.location(), parts(&vault, "monday")).unwrap();
        let alpha = id("alpha");
        store.load(&alpha, batch(1..=200, 1), 300).unwrap();
        disk.fill(room);
        let mut answered = vec![0];
        while let Ok(reservation) = store.reserve(&alpha, lvt(7)) {
            let (keys, spent) = reservation.spend();
            answered.push(keys.atc.value());
            if store.settle(spent, lvt(1)).is_err() {
                break;
            }
        }
        drop(store);
        let while_full = SqliteStore::open(&disk.location(), parts(&vault, "monday")).map(drop);
        assert!(matches!(while_full, Ok(()) | Err(StoreError::DiskFull)), "{while_full:?}");
        disk.free();
        let (mut store, _) = SqliteStore::open(&disk.location(), parts(&vault, "monday")).unwrap();
        let next = pay(&mut store, &alpha, lvt(1)).unwrap().0;
        assert!(answered.iter().all(|atc| *atc < next), "{answered:?}, then {next}");
    }
}

#[test]
fn a_store_that_cannot_be_made_on_a_full_disk_is_made_later() {
    let Some(disk) = Disk::new(256) else { return };
    let vault = TestVault::new();
    for room in [0, 4_096, 8_192, 20_480] {
        disk.fill(room);
        let opened = SqliteStore::open(&disk.location(), parts(&vault, "monday")).map(drop);
        assert_eq!(opened.err(), Some(StoreError::DiskFull), "with room for {room}");
        disk.free();
    }
    let (mut store, _) = SqliteStore::open(&disk.location(), parts(&vault, "monday")).unwrap();
    store.load(&id("alpha"), batch(1..=3, 1), 300).unwrap();
}

/// A wipe that could not be finished is when the store is next opened: also one that found no room for its mark.
#[test]
fn s2_053_a_full_disk_does_not_keep_a_wipe_from_happening() {
    let Some(disk) = Disk::new(512) else { return };
    let vault = TestVault::new();
    let (mut store, _) = SqliteStore::open(&disk.location(), parts(&vault, "monday")).unwrap();
    store.load(&id("alpha"), batch(1..=3, 1), 300).unwrap();
    store.tidy().unwrap();
    disk.fill(0);
    let wiped = store.wipe(SecurityReport::new("ROOTED", 1));
    drop(store);
    disk.free();
    let opened = SqliteStore::open(&disk.location(), parts(&vault, "monday"));
    let paid = opened.map(|(mut store, _)| pay(&mut store, &id("alpha"), Charge::None).map(|(atc, _)| atc));
    assert!(!matches!(paid, Ok(Ok(_))), "the wipe said {wiped:?}, and a credential has answered after: {paid:?}");
}

#[test]
fn a_store_that_cannot_be_written_is_told_so_and_is_there_again() {
    let Some(disk) = Disk::new(1_024) else { return };
    let vault = TestVault::new();
    let (mut store, _) = SqliteStore::open(&disk.location(), parts(&vault, "monday")).unwrap();
    store.load(&id("alpha"), batch(1..=3, 1), 300).unwrap();
    store.close().unwrap();
    drop(store);
    disk.remount("ro");
    let opened = SqliteStore::open(&disk.location(), parts(&vault, "monday")).map(drop);
    assert_eq!(opened.err(), Some(StoreError::ReadOnly));
    assert!(!StoreError::ReadOnly.is_loss());
    assert_eq!(disk.location().erase(&mut vault.clone(), None).err(), Some(StoreError::ReadOnly));
    disk.remount("rw");
    let (mut store, _) = SqliteStore::open(&disk.location(), parts(&vault, "monday")).unwrap();
    assert_eq!(pay(&mut store, &id("alpha"), Charge::None), Ok((1, fingerprint(1, 1))));
}

#[test]
fn s2_055_a_folder_that_is_moved_meanwhile_makes_no_credential_answer_twice() {
    let desk = Desk::new();
    let mut store = desk.store();
    let alpha = id("alpha");
    store.load(&alpha, batch(1..=9, 1), 100).unwrap();
    store.tidy().unwrap();
    std::fs::rename(desk.state(), desk.beside("moved")).unwrap();
    let mut answered = vec![0];
    for _ in 0..3 {
        if let Ok(reservation) = store.reserve(&alpha, Charge::None) {
            let (keys, spent) = reservation.spend();
            answered.push(keys.atc.value());
            store.settle(spent, Charge::None).ok();
        }
    }
    store.tidy().ok();
    drop(store);
    std::fs::rename(desk.beside("moved"), desk.state()).unwrap();
    let next = pay(&mut desk.store(), &alpha, Charge::None).unwrap().0;
    assert!(answered.iter().all(|atc| *atc < next), "{answered:?}, then {next}");
}

const FOLDER: &str = "BEZANT_LIMITED_FOLDER";

/// Does nothing unless it is told where: then it is a process that may write no long files.
#[test]
fn limited_process() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let parts = StoreParts {
        vault: Box::new(FileVault::new(Path::new(&folder).join("vault"))),
        rng: Box::new(SystemRng::default()),
        boot: Some(BootId::new("monday")),
        burn_after_reboot: 2,
    };
    match SqliteStore::open(&StoreLocation::new(Path::new(&folder).join("state")), parts) {
        Err(error) => println!("OPEN {error:?}"),
        Ok((mut store, _)) => loop {
            match pay(&mut store, &id("alpha"), lvt(1)) {
                Ok((atc, _)) => println!("PAID {atc}"),
                Err(error) => {
                    println!("ERROR {error:?}");
                    break;
                }
            }
        },
    }
}

#[test]
fn s2_055_a_process_that_may_not_write_on_answers_nothing_more() {
    for blocks in [4, 60, 100, 150] {
        let desk = Desk::new();
        let folder = desk.beside("");
        std::fs::create_dir_all(desk.state()).unwrap();
        let parts = || StoreParts {
            vault: Box::new(FileVault::new(folder.join("vault"))),
            rng: Box::new(SystemRng::default()),
            boot: Some(BootId::new("monday")),
            burn_after_reboot: 2,
        };
        let (mut store, _) = SqliteStore::open(&desk.location(), parts()).unwrap();
        store.load(&id("alpha"), batch(1..=100, 1), 300).unwrap();
        store.close().unwrap();
        drop(store);
        // The limit is an error to the process, not its end.
        let script =
            format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" --exact faults::limited_process --nocapture");
        let test = std::env::current_exe().unwrap();
        let mut child = Command::new("bash");
        child.args(["-c", &script]).arg(test).env(FOLDER, &folder).stdout(Stdio::piped());
        let said = String::from_utf8(child.output().unwrap().stdout).unwrap();
        let paid = said.lines().filter_map(|line| line.split_once("PAID ")?.1.trim().parse().ok());
        let paid: Vec<u16> = paid.collect();
        assert!(said.contains("ERROR") || said.contains("OPEN"), "{blocks}: {said}");
        assert!(!said.contains("Unreadable") && !said.contains("panicked"), "no loss: {said}");
        let (mut store, _) = SqliteStore::open(&desk.location(), parts()).unwrap();
        let (next, print) = pay(&mut store, &id("alpha"), lvt(1)).unwrap();
        assert!(paid.iter().all(|atc| *atc < next), "{blocks}: {paid:?}, then {next}");
        assert_eq!(print, fingerprint(next, 1));
        println!(
            "{blocks} KiB: {} payments, then {:?}",
            paid.len(),
            said.lines().find(|line| line.contains("ERROR") || line.contains("OPEN"))
        );
    }
}

/// Random bytes, for as long as they last.
struct Fickle(Arc<AtomicBool>);

impl Rng for Fickle {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RngUnavailable> {
        if self.0.load(Ordering::Relaxed) {
            return Err(RngUnavailable);
        }
        SystemRng::default().fill(bytes)
    }
}

#[test]
fn s2_055_without_random_bytes_nothing_is_sealed_and_nothing_answers() {
    let desk = Desk::new();
    let dry = Arc::new(AtomicBool::new(true));
    let parts = || StoreParts { rng: Box::new(Fickle(dry.clone())), ..parts(&desk.vault, "monday") };
    let refused = SqliteStore::open(&desk.location(), parts()).map(drop).err().unwrap();
    assert!(matches!(refused, StoreError::Io(_)) && !refused.is_loss());
    dry.store(false, Ordering::Relaxed);
    let (mut store, _) = SqliteStore::open(&desk.location(), parts()).unwrap();
    let alpha = id("alpha");
    store.load(&alpha, batch(1..=3, 1), 100).unwrap();
    dry.store(true, Ordering::Relaxed);
    assert_eq!(store.reserve(&alpha, lvt(1)).map(drop), Err(LedgerError::Unavailable));
    assert_eq!(store.load(&alpha, batch([9], 1), 100), Err(LedgerError::Unavailable));
    assert_eq!(store.credentials_left(&alpha), Ok(3));
    dry.store(false, Ordering::Relaxed);
    let reservation = store.reserve(&alpha, lvt(1)).map_err(drop).unwrap();
    assert_eq!(reservation.atc().value(), 1);
    dry.store(true, Ordering::Relaxed);
    let (_, spent) = reservation.spend();
    assert_eq!(store.settle(spent.clone(), lvt(1)), Err(LedgerError::Unavailable));
    dry.store(false, Ordering::Relaxed);
    assert_eq!(store.settle(spent, lvt(1)), Ok(()));
    assert_eq!(store.velocity(&alpha).unwrap().consecutive_lvt, 1);
    drop(store);
    let needle = &key_bytes(2, 1)[8..16];
    let open = desk.files().iter().any(|(_, bytes)| bytes.windows(8).any(|window| window == needle));
    assert!(!open, "keys of an unspent credential stand open in a file");
}
