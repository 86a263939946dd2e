//! What the store costs: beside a tap, at the start of a process, and on disk. Figures, ratios and goals; never a test.

use bezant::emv::CvmModel;
use bezant::storage::{FileVault, Ledger, MemoryLedger, SqliteStore, StoreLocation, StoreParts};
use bezant::{Wallet, WalletConfig};
use bezant_tests::{Generation, Phone, Syn1, bytes};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub(crate) fn run() {
    generate_ac();
    cold_process();
    opening();
}

fn config() -> WalletConfig {
    WalletConfig { cvm_model: Some(CvmModel::Flexible), max_stored_credentials: 2_000, ..WalletConfig::default() }
}

fn parts(folder: &Path) -> StoreParts {
    StoreParts::new(Box::new(FileVault::new(folder.join("vault"))))
}

fn open(folder: &Path) -> Phone {
    Phone::opened(config(), &StoreLocation::new(folder.join("state")), parts(folder)).unwrap()
}

fn provision(wallet: &Wallet, name: &str, credentials: u16) {
    let id = Phone::id(name);
    wallet.install_profile(id.clone(), Syn1::profile(Generation::V1)).unwrap();
    let issued: Vec<_> = Syn1::issued(1..=credentials).iter().map(Syn1::credential).collect();
    if !issued.is_empty() {
        wallet.load_credentials(&id, issued).unwrap();
    }
    wallet.activate(&id).unwrap();
}

/// One tap with a pause before every command; gives how long GENERATE AC took.
fn tap(phone: &Phone, generate_ac: &[u8]) -> Duration {
    for command in [Syn1::SELECT_PPSE, Syn1::SELECT_AID, Syn1::GPO].into_iter().chain(Syn1::READ_RECORDS) {
        std::thread::sleep(BETWEEN_COMMANDS);
        phone.transmit(&bytes(command));
    }
    std::thread::sleep(BETWEEN_COMMANDS);
    let started = Instant::now();
    let answer = phone.transmit(generate_ac);
    let took = started.elapsed();
    assert!(hex::encode_upper(answer).contains("9F270180"), "an approval");
    phone.take_away();
    took
}

fn generate_ac() {
    println!("GENERATE AC, no CDA, 3 ms between commands; the wallets take turns");
    let generate_ac =
        bytes(&Syn1::ARQC.replacen("000000002500", "000000000900", 1).replace("010002541100", "1F0302541100"));
    let folder = TempDir::new().unwrap();
    let stored = open(folder.path());
    let in_memory = Phone::on_ledger(config(), Box::new(MemoryLedger::default()));
    let plain = Phone::new(config());
    for phone in [&stored, &in_memory, &plain] {
        provision(&phone.wallet, "card", TAPS + 1);
    }
    let mut file = File::create(folder.path().join("bare")).unwrap();
    let inline = rusqlite::Connection::open(folder.path().join("inline.db")).unwrap();
    inline
        .execute_batch(
            "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE credential (id INTEGER PRIMARY KEY, used INTEGER);
             INSERT INTO credential VALUES (1, 0);",
        )
        .unwrap();
    let mut samples: [Vec<Duration>; 5] = Default::default();
    for round in 0..TAPS {
        for (phone, samples) in [&stored, &in_memory, &plain].into_iter().zip(&mut samples) {
            samples.push(tap(phone, &generate_ac));
        }
        std::thread::sleep(BETWEEN_COMMANDS);
        let started = Instant::now();
        file.write_all(&[0; 4_096]).unwrap();
        file.sync_data().unwrap();
        samples[3].push(started.elapsed());
        let started = Instant::now();
        inline.execute("UPDATE credential SET used = ?1", [round]).unwrap();
        samples[4].push(started.elapsed());
    }
    let names = ["durable store", "in memory, own thread", "in memory, inline", "bare fdatasync", "commit, WAL/FULL"];
    let base = percentile(&mut samples[2], 50);
    for (name, samples) in names.iter().zip(&mut samples) {
        let (p50, p99) = (percentile(samples, 50), percentile(samples, 99));
        println!("  {name:24} p50 {:>8.1} us   p99 {:>8.1} us   {:>6.2} x", us(p50), us(p99), us(p50) / us(base));
    }
    let [p50, memory] = [0, 1].map(|at: usize| percentile(&mut samples[at], 50));
    let [p99, memory_p99] = [0, 1].map(|at: usize| percentile(&mut samples[at], 99));
    let well = us(p50) <= 1.10 * us(memory) && us(p99) <= us(memory_p99) + 150.0;
    let goal = "p50 of the durable store at most 1.10 x the one in memory, p99 at most 150 us more";
    println!("  goal: {goal}: {}\n", verdict(well));
}

/// A driver from its start to its first answered command, beside the reading of the same file.
fn cold_process() {
    println!("Cold process to first answered command: 10 instruments, 200 credentials, files in the cache");
    let folder = TempDir::new().unwrap();
    {
        let phone = open(folder.path());
        for card in 0..10 {
            provision(&phone.wallet, &format!("card-{card}"), 20);
        }
    }
    let database = folder.path().join("state/store.db");
    let setup = serde_json::json!({
        "op": "setup",
        "state_dir": folder.path().join("state"),
        "vault": folder.path().join("vault"),
        "config": {"cvm_model": "Flexible", "max_stored_credentials": 2000},
    });
    let request = format!("{setup}\n{{\"op\":\"apdu\",\"hex\":\"{}\"}}\n", Syn1::SELECT_PPSE);
    let (mut cold, mut empty, mut read) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..COLD_STARTS {
        cold.push(answers(&request, 2));
        empty.push(answers("{\"op\":\"setup\"}\n{\"op\":\"apdu\",\"hex\":\"00\"}\n", 2));
        let started = Instant::now();
        let mut bytes = Vec::new();
        File::open(&database).unwrap().read_to_end(&mut bytes).unwrap();
        read.push(started.elapsed());
    }
    let (cold, empty, read) = (percentile(&mut cold, 50), percentile(&mut empty, 50), percentile(&mut read, 50));
    println!("  process, store open, SELECT PPSE answered   p50 {:>8.1} us", us(cold));
    println!("  the same without a store                    p50 {:>8.1} us", us(empty));
    println!("  open and read of the same file              p50 {:>8.1} us", us(read));
    println!(
        "  the store's part                            {:>12.1} us   goal: all at most 2,000 us: {}\n",
        us(cold) - us(empty),
        verdict(us(cold) <= 2_000.0)
    );
}

/// How long a fresh driver takes to give so many answers.
fn answers(requests: &str, number: usize) -> Duration {
    let driver =
        std::env::var("DRIVER").unwrap_or_else(|_| format!("{}/../target/release/driver", env!("CARGO_MANIFEST_DIR")));
    let started = Instant::now();
    let mut process = Command::new(driver).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = process.stdin.take().unwrap();
    input.write_all(requests.as_bytes()).unwrap();
    let mut output = process.stdout.take().unwrap();
    let (mut answered, mut buffer) = (0, [0; 65_536]);
    while answered < number {
        let read = output.read(&mut buffer).unwrap();
        assert!(read > 0, "the driver ended");
        answered += buffer[..read].iter().filter(|byte| **byte == b'\n').count();
    }
    let took = started.elapsed();
    drop(input);
    process.wait().unwrap();
    took
}

fn opening() {
    println!("Opening the store, by credentials stored");
    let (mut base, mut at_thousand) = (None, f64::NAN);
    for (instruments, credentials) in [(1_u16, 10_u16), (1, 100), (1, 1_000), (100, 1_000)] {
        let folder = TempDir::new().unwrap();
        let location = StoreLocation::new(folder.path().join("state"));
        {
            let (mut store, _) = SqliteStore::open(&location, parts(folder.path())).unwrap();
            let issued = Syn1::issued(1..=credentials);
            for card in 0..instruments {
                let issued = issued.iter().map(Syn1::credential).collect();
                store.load(&Phone::id(&format!("card-{card}")), issued, 2_000).unwrap();
            }
            store.close().unwrap();
        }
        let size = std::fs::metadata(folder.path().join("state/store.db")).unwrap().len();
        let mut samples: Vec<Duration> = (0..OPENINGS)
            .map(|_| {
                let started = Instant::now();
                let opened = SqliteStore::open(&location, parts(folder.path())).unwrap();
                let took = started.elapsed();
                let (mut store, _) = opened;
                store.close().unwrap();
                took
            })
            .collect();
        let (p50, stored) = (percentile(&mut samples, 50), u64::from(instruments) * u64::from(credentials));
        let ratio = us(p50) / us(*base.get_or_insert(p50));
        let each = size / stored;
        if stored == 1_000 {
            at_thousand = ratio;
        }
        println!("  {stored:>7} credentials   p50 {:>9.1} us   {ratio:>6.2} x   {each:>5} bytes a credential", us(p50));
    }
    println!("  goal: 1,000 at most 1.5 x 10: {}", verdict(at_thousand <= 1.5));
}

fn percentile(samples: &mut [Duration], percent: usize) -> Duration {
    samples.sort_unstable();
    samples[(samples.len() * percent / 100).min(samples.len() - 1)]
}

const fn verdict(well: bool) -> &'static str {
    if well { "reached" } else { "MISSED" }
}

fn us(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

const BETWEEN_COMMANDS: Duration = Duration::from_millis(3);
const TAPS: u16 = 250;
const COLD_STARTS: usize = 100;
const OPENINGS: usize = 50;
