//! The phone: the wallet core behind the antenna of a terminal.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, anyhow};
use bezant::card::{CardOptions, CardProfile, ProfileKeys, TapOutcome};
use bezant::cdcvm::CdcvmMethod;
use bezant::crypto::Secret;
use bezant::emv::{Atc, CvmModel};
use bezant::instrument::{InstrumentId, TransactionCredential};
use bezant::platform::{Clock, Moment, Rng, RngUnavailable};
use bezant::storage::MemoryLedger;
use bezant::wallet::{CompletedTap, DeactivationReason, Platform};
use bezant::{Wallet, WalletConfig};
use pos_terminal::link::air_time;
use pos_terminal::{Card, LinkError};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng};
use time::OffsetDateTime;

/// A phone with one card in its wallet. Its clock moves only when something takes time, and its randomness follows
/// from a seed, so that all it does can be repeated to the byte.
pub(crate) struct Phone {
    wallet: Wallet,
    card: InstrumentId,
    clock: PhoneClock,
}

/// What the phone knows about a tap, once it has left the field.
#[derive(Clone, Debug)]
pub(crate) struct Felt {
    /// How it ended; `None` when the terminal never got as far as to select anything.
    pub(crate) outcome: Option<TapOutcome>,
    /// Details of the same.
    pub(crate) details: Option<Arc<CompletedTap>>,
}

impl Phone {
    /// A phone switched on at `start`; `cvm_model` is what its wallet insists on.
    pub(crate) fn new(seed: u64, start: OffsetDateTime, cvm_model: Option<CvmModel>) -> anyhow::Result<Self> {
        let unix_ms = u64::try_from(start.unix_timestamp()).context("a date from 1970 on is needed")? * 1_000;
        let clock = PhoneClock { unix_ms, running_ns: Arc::default() };
        let platform = Platform {
            clock: Box::new(clock.clone()),
            rng: Box::new(SeededRng(ChaCha20Rng::seed_from_u64(seed))),
            host: None,
        };
        let card = CardOptions { mag_stripe: true, ..CardOptions::default() };
        let config = WalletConfig { cvm_model, card, ..WalletConfig::default() };
        let ledger = MemoryLedger::default();
        let wallet = Wallet::with_platform(config, platform, Box::new(ledger))?;
        let card = InstrumentId::new("card").ok_or_else(|| anyhow!("a card needs a name"))?;
        Ok(Self { wallet, card, clock })
    }

    /// Puts the card into the wallet and activates it; gives the fields of its profile that nobody knows.
    pub(crate) fn install(&self, profile: &str) -> anyhow::Result<Vec<String>> {
        let profile = CardProfile::parse(profile, &ProfileKeys::default())?;
        let unknown = profile.unknown_fields().to_vec();
        self.wallet.install_profile(self.card.clone(), profile)?;
        self.wallet.activate(&self.card)?;
        Ok(unknown)
    }

    /// Loads the card's single-use keys; gives how many it then has.
    pub(crate) fn load(&self, credentials: &[sandbox::Credential]) -> anyhow::Result<usize> {
        let loaded = credentials.iter().map(|credential| {
            let key = |bytes: &[u8; 16]| Secret::new(|room: &mut [u8; 16]| room.copy_from_slice(bytes));
            let (umd, md) = (credential.contactless_umd.expose_bytes(), credential.contactless_md.expose_bytes());
            TransactionCredential::new(Atc::new(credential.atc), &credential.idn, key(umd), key(md))
                .ok_or_else(|| anyhow!("the credential with ATC {} cannot be used", credential.atc))
        });
        Ok(self.wallet.load_credentials(&self.card, loaded.collect::<anyhow::Result<_>>()?)?)
    }

    /// The cardholder puts a finger on the sensor.
    pub(crate) fn verify_cardholder(&self) -> anyhow::Result<()> {
        self.wallet.set_user_authenticated(CdcvmMethod::Fingerprint, None, None)?;
        Ok(())
    }

    /// Nobody has been verified.
    pub(crate) fn forget_cardholder(&self) {
        self.wallet.clear_user_authentication();
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// What the phone's clock says.
    pub(crate) fn now(&self) -> OffsetDateTime {
        let seconds = i64::try_from(self.clock.now().unix_ms / 1_000).unwrap_or_default();
        OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// Takes the phone out of the field.
    pub(crate) fn leave_field(&self) -> Felt {
        let outcome = self.wallet.on_deactivated(DeactivationReason::Deselected);
        Felt { outcome, details: outcome.and_then(|_| self.wallet.last_tap()) }
    }

    /// Credentials not spent yet.
    pub(crate) fn credentials_left(&self) -> usize {
        let instruments = self.wallet.instruments();
        instruments.iter().find(|summary| summary.id == self.card).map_or(0, |summary| summary.credentials_left)
    }
}

impl Card for Phone {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        self.clock.advance(air_time(command.len()));
        let answer = self.wallet.process_command_apdu(command).to_vec();
        self.clock.advance(air_time(answer.len()));
        Ok(answer)
    }
}

/// A clock that stands still until something takes time.
#[derive(Clone)]
struct PhoneClock {
    unix_ms: u64,
    running_ns: Arc<AtomicU64>,
}

impl PhoneClock {
    fn advance(&self, time: Duration) {
        self.running_ns.fetch_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

impl Clock for PhoneClock {
    fn now(&self) -> Moment {
        let boot_ms = self.running_ns.load(Ordering::Relaxed) / 1_000_000;
        Moment { unix_ms: self.unix_ms + boot_ms, boot_ms }
    }
}

struct SeededRng(ChaCha20Rng);

impl Rng for SeededRng {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RngUnavailable> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}
