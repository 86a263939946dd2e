//! A store in a folder of its own, and what is put into it.

use crate::test_vault::TestVault;
use bezant::card::CardProfile;
use bezant::card::{ProfileKeys, ProfileSource};
use bezant::cdcvm::Charge;
use bezant::crypto::Secret;
use bezant::emv::Atc;
use bezant::instrument::{InstrumentId, TransactionCredential};
use bezant::platform::SystemRng;
use bezant::storage::{
    BootId, Change, Ledger, LedgerError, Recollection, SqliteStore, StoreError, StoreLocation, StoreParts,
};
use bezant_tests::{Generation, Syn1, file};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub type Opened = Result<(SqliteStore, Recollection), StoreError>;

/// A folder with a store, and the vault that belongs to it.
pub struct Desk {
    folder: TempDir,
    pub vault: TestVault,
}

impl Desk {
    pub fn new() -> Self {
        Self::with(TestVault::new())
    }

    /// An empty folder beside a vault that has served before.
    pub fn with(vault: TestVault) -> Self {
        // In memory where there is such a place: thousands of syncs would take minutes.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
        Self { folder: folder.unwrap(), vault }
    }

    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.state().join(name)
    }

    /// A path beside the store's own folder.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn location(&self) -> StoreLocation {
        StoreLocation::new(self.state())
    }

    pub fn open(&self) -> Opened {
        self.open_in("monday")
    }

    pub fn open_in(&self, boot: &str) -> Opened {
        SqliteStore::open(&self.location(), parts(&self.vault, boot))
    }

    pub fn store(&self) -> SqliteStore {
        self.open().map(|(store, _)| store).unwrap()
    }

    /// The files as they are now, in another folder: what a killed process leaves behind. The vault is the same.
    pub fn as_it_stands(&self) -> Self {
        let copy = Self::with(self.vault.clone());
        copy_folder(&self.state(), &copy.state());
        copy
    }

    /// Puts the files of another folder in the place of what is here.
    pub fn put_back(&self, older: &Self) {
        std::fs::remove_dir_all(self.state()).unwrap();
        copy_folder(&older.state(), &self.state());
    }

    /// Every file below the folder, with its bytes.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut folders = vec![self.state()];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push((path.clone(), std::fs::read(path).unwrap()));
                }
            }
        }
        files
    }
}

pub fn parts(vault: &TestVault, boot: &str) -> StoreParts {
    StoreParts {
        vault: Box::new(vault.clone()),
        rng: Box::new(SystemRng::default()),
        boot: Some(BootId::new(boot)),
        burn_after_reboot: 2,
    }
}

pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &to.join(entry.file_name()));
        } else {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

pub fn id(name: &str) -> InstrumentId {
    InstrumentId::new(name).unwrap()
}

/// The 40 bytes of a credential; no two eighths of any two are alike.
pub fn key_bytes(atc: u16, series: u8) -> [u8; 40] {
    let mut bytes = [0; 40];
    for (part, eighth) in bytes.chunks_exact_mut(8).enumerate() {
        // SplitMix64: one number in, one number out.
        let mut z = (u64::from(atc) << 16 | u64::from(series) << 8 | part as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        eighth.copy_from_slice(&(z ^ (z >> 31)).to_be_bytes());
    }
    bytes
}

pub fn credential(atc: u16, series: u8) -> TransactionCredential {
    let bytes = key_bytes(atc, series);
    let key = |from: usize| Secret::new(|key: &mut [u8; 16]| key.copy_from_slice(&bytes[from..from + 16]));
    TransactionCredential::new(Atc::new(atc), &bytes[..8], key(8), key(24)).unwrap()
}

pub fn batch(atcs: impl IntoIterator<Item = u16>, series: u8) -> Vec<TransactionCredential> {
    atcs.into_iter().map(|atc| credential(atc, series)).collect()
}

pub fn fingerprint(atc: u16, series: u8) -> [u8; 32] {
    credential(atc, series).fingerprint()
}

/// The profile of SYN-1 in either generation, or that of the second card.
pub fn profile(which: usize) -> ProfileSource {
    let mut profile = match which {
        0 => CardProfile::parse(&file("vectors/syn-1.profile-v1.json"), &ProfileKeys::default()).unwrap(),
        1 => CardProfile::parse(&file("vectors/syn-1.profile-v2.json"), &ProfileKeys::default()).unwrap(),
        _ => Syn1::second_card(),
    };
    profile.take_source().unwrap()
}

/// The account number on SYN-1, in digits.
pub fn account_number() -> String {
    Syn1::credentials_json()["pan"].as_str().unwrap().to_owned()
}

/// Where its profile says so.
pub fn profile_text() -> String {
    Syn1::profile_json(Generation::V1).to_string()
}

/// A tap that is over.
pub fn tap(number: u64, entry: &[u8], limit: usize) -> Change {
    let entry = entry.to_vec();
    Change::Tap { number, entry: Box::new(move || entry.clone()), limit }
}

pub const fn lvt(amount: u64) -> Charge {
    Charge::Lvt { amount }
}

/// One payment: which credential has answered.
pub fn pay(ledger: &mut dyn Ledger, card: &InstrumentId, charge: Charge) -> Result<(u16, [u8; 32]), LedgerError> {
    let (keys, spent) = ledger.reserve(card, charge)?.spend();
    let answered = (keys.atc.value(), keys.fingerprint());
    ledger.settle(spent, charge)?;
    Ok(answered)
}

/// What every other credential answers, until none is left or an error stands.
pub fn drain(ledger: &mut dyn Ledger, card: &InstrumentId) -> (Vec<(u16, [u8; 32])>, LedgerError) {
    let mut answered = Vec::new();
    loop {
        match pay(ledger, card, Charge::None) {
            Ok(one) => answered.push(one),
            Err(error) => return (answered, error),
        }
    }
}
