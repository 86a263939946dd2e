//! Several that open one store: at most one has it, and no credential answers two of them.

use crate::desk::{Desk, batch, id, pay};
use bezant::cdcvm::Charge;
use bezant::platform::SystemRng;
use bezant::storage::{BootId, FileVault, Ledger, LedgerError, SqliteStore, StoreError, StoreLocation, StoreParts};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

const FOLDER: &str = "BEZANT_RIVAL_FOLDER";
const ATTEMPTS: &str = "BEZANT_RIVAL_ATTEMPTS";

fn open(folder: &Path) -> Result<SqliteStore, StoreError> {
    let parts = StoreParts {
        vault: Box::new(FileVault::new(folder.join("vault"))),
        rng: Box::new(SystemRng::default()),
        boot: Some(BootId::new("monday")),
        burn_after_reboot: 2,
    };
    SqliteStore::open(&StoreLocation::new(folder.join("state")), parts).map(|(store, _)| store)
}

/// This test, run in another process.
fn rival(folder: &Path, attempts: u32) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "rivals::another_process", "--nocapture", "--test-threads", "1"]);
    command.env(FOLDER, folder).env(ATTEMPTS, attempts.to_string()).stdout(Stdio::piped());
    command
}

/// Does nothing unless it is told where: then it is the other process.
#[test]
fn another_process() {
    let (Ok(folder), Ok(attempts)) = (std::env::var(FOLDER), std::env::var(ATTEMPTS)) else { return };
    let attempts: u32 = attempts.parse().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| attempt(Path::new(&folder), attempts / 2));
        }
    });
}

fn attempt(folder: &Path, attempts: u32) {
    for at in 0..attempts {
        match open(folder) {
            Err(StoreError::InUse) => {
                println!("BUSY");
                std::thread::yield_now();
            }
            Err(error) => println!("ERROR {error:?}"),
            Ok(mut store) => {
                for _ in 0..=at % 3 {
                    match pay(&mut store, &id("alpha"), Charge::None) {
                        Ok((atc, _)) => println!("PAID {atc}"),
                        Err(LedgerError::NoneLeft) => println!("NONE"),
                        Err(error) => println!("ERROR {error:?}"),
                    }
                }
                match at % 4 {
                    // What it leaves reserved is burnt by whoever is next.
                    0 => drop(store.reserve(&id("alpha"), Charge::None)),
                    1 => store.close().unwrap(),
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn s2_055_a_second_opening_is_refused_here_and_in_another_process() {
    let desk = Desk::new();
    let folder = desk.beside("");
    std::fs::create_dir_all(desk.state()).unwrap();
    let store = open(&folder).unwrap();
    assert_eq!(open(&folder).err(), Some(StoreError::InUse));
    let vault = &mut FileVault::new(folder.join("vault"));
    assert_eq!(desk.location().erase(vault, None).err(), Some(StoreError::InUse), "nor erased under somebody's feet");
    let output = rival(&folder, 2).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(said.matches("BUSY").count(), 2, "{said}");
    // By another name it is the same folder.
    let link = desk.beside("link");
    std::os::unix::fs::symlink(desk.state(), &link).unwrap();
    let parts = crate::desk::parts(&desk.vault, "monday");
    assert_eq!(SqliteStore::open(&StoreLocation::new(&link), parts).err(), Some(StoreError::InUse));
    drop(store);
    assert!(open(&folder).is_ok());
}

#[test]
fn s2_055_a_second_opening_is_refused_even_when_somebody_has_removed_the_lock() {
    let desk = Desk::new();
    let folder = desk.beside("");
    std::fs::create_dir_all(desk.state()).unwrap();
    let mut store = open(&folder).unwrap();
    store.load(&id("alpha"), batch(1..=9, 1), 100).unwrap();
    std::fs::remove_file(desk.file("lock")).unwrap();
    assert_eq!(open(&folder).err(), Some(StoreError::InUse));
    std::fs::remove_file(desk.file("lock")).ok();
    let output = rival(&folder, 2).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(said.matches("BUSY").count(), 2, "{said}");
    assert_eq!(pay(&mut store, &id("alpha"), Charge::None).map(|(atc, _)| atc), Ok(1));
}

/// The control: a book that reads and then writes, without a lock, does what the others here must not.
#[test]
fn rivals_on_a_book_that_reads_and_then_writes_spend_a_credential_twice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("careless.db");
    let open = || {
        let book = rusqlite::Connection::open(&path).unwrap();
        book.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
        book
    };
    open()
        .execute_batch(
            "PRAGMA journal_mode = WAL;
             CREATE TABLE credential (atc INTEGER PRIMARY KEY, used INTEGER NOT NULL DEFAULT 0);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
             INSERT INTO credential (atc) SELECT i FROM n;",
        )
        .unwrap();
    let start = std::sync::Barrier::new(4);
    let spend = || {
        let book = open();
        let next = "SELECT min(atc) FROM credential WHERE used = 0";
        let mut paid = Vec::new();
        start.wait();
        while let Some(atc) = book.query_row(next, [], |row| row.get::<_, Option<u16>>(0)).unwrap() {
            std::thread::yield_now();
            book.execute("UPDATE credential SET used = 1 WHERE atc = ?1", [atc]).unwrap();
            paid.push(atc);
        }
        paid
    };
    let paid: Vec<u16> = std::thread::scope(|scope| {
        let rivals: Vec<_> = (0..4).map(|_| scope.spawn(spend)).collect();
        rivals.into_iter().flat_map(|rival| rival.join().unwrap()).collect()
    });
    let different: BTreeSet<u16> = paid.iter().copied().collect();
    assert!(different.len() < paid.len(), "{} payments, each with another credential", paid.len());
}

#[test]
fn s2_055_ten_thousand_attempts_of_rivals_spend_no_credential_twice() {
    let desk = Desk::new();
    let folder = desk.beside("");
    std::fs::create_dir_all(desk.state()).unwrap();
    let mut store = open(&folder).unwrap();
    store.load(&id("alpha"), batch(1..=4_000, 1), 5_000).unwrap();
    store.close().unwrap();
    drop(store);
    let children: Vec<_> = (0..4).map(|_| rival(&folder, 2_500).spawn().unwrap()).collect();
    let said: String = children
        .into_iter()
        .map(|child| String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap())
        .collect();
    let lines = |word: &str| said.lines().filter(|line| line.contains(word)).count();
    let paid: Vec<u16> = said.lines().filter_map(|line| line.split_once("PAID ")?.1.trim().parse().ok()).collect();
    let different: BTreeSet<u16> = paid.iter().copied().collect();
    println!(
        "{} openings refused, {} payments with {} credentials, {} times none left, {} errors",
        lines("BUSY"),
        paid.len(),
        different.len(),
        lines("NONE"),
        lines("ERROR")
    );
    assert_eq!(different.len(), paid.len(), "a credential has answered twice");
    assert_eq!(lines("ERROR"), 0, "{:?}", said.lines().find(|line| line.contains("ERROR")));
    assert!(!paid.is_empty() && lines("BUSY") > 0);
    let store = open(&folder).unwrap();
    let mark = store.high_water_mark(&id("alpha")).unwrap().unwrap().value();
    assert!(paid.iter().all(|atc| *atc <= mark));
    assert!(store.unspent(&id("alpha")).unwrap().iter().all(|atc| atc.value() > mark));
}
