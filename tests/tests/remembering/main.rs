//! A wallet that remembers: what a user, a reader and an app meet when the process, the device or the disk goes away.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cold;
mod farewell;
mod restart;
mod trouble;

use bezant::crypto::Secret;
use bezant::emv::CvmModel;
use bezant::platform::{KeyVault, KeyVaultError};
use bezant::storage::{BootId, FileVault, StoreLocation, StoreParts};
use bezant::{WalletConfig, WalletError};
use bezant_tests::{Generation, Phone, Syn1};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What stays when a process goes: a folder, and a vault beside it.
struct Device {
    folder: TempDir,
    boot: &'static str,
}

impl Device {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), boot: "first" }
    }

    /// A device with SYN-1, active, with these credentials.
    fn with_syn_1(config: &WalletConfig, atcs: impl IntoIterator<Item = u16>) -> Self {
        let device = Self::new();
        let phone = device.start(config).unwrap();
        let id = Phone::id("card-1");
        phone.wallet.install_profile(id.clone(), Syn1::profile(Generation::V1)).unwrap();
        let credentials = Syn1::issued(atcs).iter().map(Syn1::credential).collect();
        phone.wallet.load_credentials(&id, credentials).unwrap();
        phone.wallet.activate(&id).unwrap();
        device
    }

    fn location(&self) -> StoreLocation {
        StoreLocation::new(self.folder.path().join("state"))
    }

    fn vault(&self) -> FileVault {
        FileVault::new(self.folder.path().join("vault"))
    }

    fn parts(&self, vault: impl KeyVault + 'static) -> StoreParts {
        StoreParts { boot: Some(BootId::new(self.boot)), ..StoreParts::new(Box::new(vault)) }
    }

    fn start(&self, config: &WalletConfig) -> Result<Phone, WalletError> {
        Phone::opened(config.clone(), &self.location(), self.parts(self.vault()))
    }
}

/// A vault that lets itself be watched, and held up.
#[derive(Clone, Default)]
struct Watched {
    unwrapped: Arc<AtomicU32>,
    anchored: Arc<AtomicU32>,
    takes: Duration,
    fails_with: Arc<Mutex<Option<KeyVaultError>>>,
}

struct WatchedVault(FileVault, Watched);

impl KeyVault for WatchedVault {
    fn wrap(&mut self, key: &Secret<32>) -> Result<Vec<u8>, KeyVaultError> {
        self.0.wrap(key)
    }

    fn unwrap(&mut self, wrapped: &[u8]) -> Result<Secret<32>, KeyVaultError> {
        std::thread::sleep(self.1.takes);
        self.1.unwrapped.fetch_add(1, Ordering::SeqCst);
        match *self.1.fails_with.lock().unwrap() {
            Some(error) => Err(error),
            None => self.0.unwrap(wrapped),
        }
    }

    fn anchor(&mut self) -> Result<u64, KeyVaultError> {
        self.0.anchor()
    }

    fn raise_anchor(&mut self, anchor: u64) -> Result<(), KeyVaultError> {
        self.1.anchored.fetch_add(1, Ordering::SeqCst);
        self.0.raise_anchor(anchor)
    }

    fn destroy(&mut self) -> Result<(), KeyVaultError> {
        self.0.destroy()
    }
}

fn always() -> WalletConfig {
    WalletConfig { cvm_model: Some(CvmModel::Always), ..WalletConfig::default() }
}

fn flexible() -> WalletConfig {
    WalletConfig { cvm_model: Some(CvmModel::Flexible), ..WalletConfig::default() }
}

/// The counter in an answer to GENERATE AC.
fn atc(answer: &str) -> u16 {
    let (_, rest) = answer.split_once("9F3602").expect("an answer with an ATC");
    u16::from_str_radix(&rest[..4], 16).unwrap()
}

fn is_approval(answer: &str) -> bool {
    answer.contains("9F270180")
}

/// GENERATE AC over 9.00 PLN, below the terminal's limit.
fn low_value() -> String {
    Syn1::ARQC.replacen("000000002500", "000000000900", 1).replace("010002541100", "1F0302541100")
}

/// Waits for what another thread does.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(10), "not {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
