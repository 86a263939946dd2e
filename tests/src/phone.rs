use crate::{Generation, Syn1, bytes};
#[cfg(feature = "store")]
use bezant::WalletError;
use bezant::card::{CardOptions, CardProfile, TapOutcome};
use bezant::cdcvm::CdcvmMethod;
use bezant::emv::CvmModel;
use bezant::instrument::InstrumentId;
use bezant::platform::{Clock, Moment, Rng, RngUnavailable};
use bezant::storage::{Ledger, MemoryLedger};
#[cfg(feature = "store")]
use bezant::storage::{StoreLocation, StoreParts};
use bezant::wallet::{DeactivationReason, Host, Platform};
use bezant::{Wallet, WalletConfig};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng};
use std::sync::{Arc, Mutex, Weak};

/// A phone with a wallet, whose clock and randomness the test holds.
pub struct Phone {
    /// The wallet.
    pub wallet: Wallet,
    /// Its clock.
    pub clock: MovableClock,
}

/// A clock that moves when it is told to.
#[derive(Clone)]
pub struct MovableClock(Arc<Mutex<Moment>>);

struct Seeded(ChaCha20Rng);

impl Phone {
    /// A phone without a card.
    #[must_use]
    pub fn new(config: WalletConfig) -> Self {
        Self::with_host(config, None)
    }

    /// A phone without a card, whose app may call the wallet from inside.
    #[must_use]
    pub fn with_app(config: WalletConfig, app: impl FnOnce(&Weak<Self>) -> Arc<dyn Host>) -> Arc<Self> {
        Arc::new_cyclic(|phone| Self::with_host(config, Some(app(phone))))
    }

    fn with_host(config: WalletConfig, host: Option<Arc<dyn Host>>) -> Self {
        let (clock, platform) = platform(host);
        let ledger = Box::new(MemoryLedger::default());
        Self { wallet: Wallet::with_platform(config, platform, ledger).unwrap(), clock }
    }

    /// A phone whose wallet is on disk.
    ///
    /// # Errors
    /// What opening gives.
    #[cfg(feature = "store")]
    pub fn opened(config: WalletConfig, location: &StoreLocation, parts: StoreParts) -> Result<Self, WalletError> {
        let (clock, platform) = platform(None);
        Ok(Self { wallet: Wallet::open(config, platform, location, parts)?, clock })
    }

    /// A phone whose wallet is on disk, in a process that a tap has started.
    ///
    /// # Errors
    /// What opening gives at once.
    #[cfg(feature = "store")]
    pub fn awoken(config: WalletConfig, location: &StoreLocation, parts: StoreParts) -> Result<Self, WalletError> {
        let (clock, platform) = platform(None);
        Ok(Self { wallet: Wallet::open_in_background(config, platform, location, parts)?, clock })
    }

    /// A phone whose ledger has a thread of its own.
    #[must_use]
    pub fn on_ledger(config: WalletConfig, ledger: Box<dyn Ledger>) -> Self {
        let (clock, platform) = platform(None);
        Self { wallet: Wallet::with_waiting_ledger(config, platform, ledger).unwrap(), clock }
    }

    /// A phone with SYN-1, its three credentials, and nobody verified.
    #[must_use]
    pub fn with_syn_1(generation: Generation) -> Self {
        Self::with_profile(Syn1::profile(generation), CardOptions::default())
    }

    /// A phone with a profile made of SYN-1's.
    #[must_use]
    pub fn with_profile(profile: CardProfile, card: CardOptions) -> Self {
        let phone = Self::new(WalletConfig { cvm_model: Some(CvmModel::Always), card, ..WalletConfig::default() });
        phone.add_card("card-1", profile);
        phone
    }

    /// Installs a profile, loads SYN-1's credentials and activates the card.
    pub fn add_card(&self, name: &str, profile: CardProfile) {
        let id = Self::id(name);
        self.wallet.install_profile(id.clone(), profile).unwrap();
        self.wallet.load_credentials(&id, Syn1::credentials()).unwrap();
        self.wallet.activate(&id).unwrap();
    }

    /// The instrument of this name.
    #[must_use]
    pub fn id(name: &str) -> InstrumentId {
        InstrumentId::new(name).unwrap()
    }

    /// The cardholder puts a finger on the sensor.
    #[must_use]
    pub fn verified(self) -> Self {
        self.verify();
        self
    }

    /// The cardholder puts a finger on the sensor.
    pub fn verify(&self) {
        self.wallet.set_user_authenticated(CdcvmMethod::Fingerprint, None, None).unwrap();
    }

    /// Sends a command and gives the answer, both in hexadecimal.
    pub fn send(&self, command: &str) -> String {
        hex::encode_upper(self.transmit(&bytes(command)))
    }

    /// Sends a command and gives the answer.
    pub fn transmit(&self, command: &[u8]) -> Vec<u8> {
        self.wallet.process_command_apdu(command).to_vec()
    }

    /// A reader selects SYN-1 and gets its processing options.
    pub fn initiate(&self) {
        for command in [Syn1::SELECT_PPSE, Syn1::SELECT_AID, Syn1::GPO] {
            assert!(self.send(command).ends_with("9000"), "{command}");
        }
    }

    /// Whether a reader that selects the application now meets [`Syn1::second_card`].
    pub fn answers_as_second_card(&self) -> bool {
        self.send(Syn1::SELECT_PPSE);
        self.send(Syn1::SELECT_AID).contains(Syn1::SECOND_LABEL)
    }

    /// A whole tap up to a GENERATE AC; gives its answer and takes the phone away.
    pub fn tap(&self, generate_ac: &str) -> (String, TapOutcome) {
        self.initiate();
        let answer = self.send(generate_ac);
        (answer, self.take_away().unwrap())
    }

    /// The phone leaves the reader.
    pub fn take_away(&self) -> Option<TapOutcome> {
        self.wallet.on_deactivated(DeactivationReason::LinkLoss)
    }

    /// Unspent credentials of a card.
    #[must_use]
    pub fn credentials_left(&self, name: &str) -> usize {
        let instruments = self.wallet.instruments();
        instruments.iter().find(|instrument| instrument.id.as_str() == name).map_or(0, |found| found.credentials_left)
    }
}

fn platform(host: Option<Arc<dyn Host>>) -> (MovableClock, Platform) {
    let clock = MovableClock(Arc::new(Mutex::new(Moment { unix_ms: 1_768_471_200_000, boot_ms: 1_000 })));
    let rng = Box::new(Seeded(ChaCha20Rng::seed_from_u64(1)));
    (clock.clone(), Platform { clock: Box::new(clock), rng, host })
}

impl MovableClock {
    /// Both clocks go on.
    pub fn advance_ms(&self, ms: u64) {
        let mut now = self.0.lock().unwrap();
        *now = Moment { unix_ms: now.unix_ms + ms, boot_ms: now.boot_ms + ms };
    }

    /// The device starts anew.
    pub fn restart(&self) {
        self.0.lock().unwrap().boot_ms = 0;
    }

    /// Somebody sets the wall clock.
    pub fn set_wall_ms(&self, unix_ms: u64) {
        self.0.lock().unwrap().unix_ms = unix_ms;
    }
}

impl Clock for MovableClock {
    fn now(&self) -> Moment {
        *self.0.lock().unwrap()
    }
}

impl Rng for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RngUnavailable> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}
