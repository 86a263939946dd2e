//! A phone that is set up once and put back after each use: building one costs a hundred times what a tap does.

use bezant::card::CardProfile;
use bezant::cdcvm::{Charge, VelocityCounters};
use bezant::emv::Atc;
use bezant::instrument::{InstrumentId, TransactionCredential};
use bezant::platform::{Clock, Moment, Rng, RngUnavailable};
use bezant::storage::{Ledger, LedgerError, MemoryLedger, Reservation, SecurityReport, Spent};
use bezant::wallet::{DeactivationReason, DeviceState, Host, Platform};
use bezant::{Wallet, WalletConfig};
use bezant_tests::{Generation, Syn1};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A wallet, and what it stands on.
pub struct Phone {
    /// The wallet, with its cards installed and active, the first one the default.
    pub wallet: Arc<Wallet>,
    /// Its clock.
    pub clock: FuzzClock,
    /// Its cards.
    pub cards: Vec<InstrumentId>,
    book: Book,
    random: Arc<AtomicU64>,
}

/// A clock that stands still until it is moved.
#[derive(Clone)]
pub struct FuzzClock(Arc<(AtomicU64, AtomicU64)>);

/// A ledger in memory that can be replaced by an empty one behind the wallet's back.
#[derive(Clone, Default)]
struct Book(Arc<Mutex<MemoryLedger>>);

struct FuzzRng {
    state: Arc<AtomicU64>,
    seed: Option<u64>,
}

impl Phone {
    /// A phone with these cards and without credentials. `seed` is what its random bytes are said to follow from.
    pub fn new(
        config: WalletConfig,
        seed: Option<u64>,
        host: Option<Arc<dyn Host>>,
        cards: Vec<(&str, CardProfile)>,
    ) -> Self {
        let (clock, book, random) = (FuzzClock::new(), Book::default(), Arc::new(AtomicU64::new(0)));
        let rng = Box::new(FuzzRng { state: random.clone(), seed });
        let platform = Platform { clock: Box::new(clock.clone()), rng, host };
        let wallet = Arc::new(Wallet::with_platform(config, platform, Box::new(book.clone())).unwrap());
        let install = |(name, profile): (&str, CardProfile)| {
            let id = InstrumentId::new(name).unwrap();
            wallet.install_profile(id.clone(), profile).unwrap();
            id
        };
        let cards = cards.into_iter().map(install).collect();
        let phone = Self { wallet, clock, cards, book, random };
        phone.put_back();
        phone
    }

    /// A phone with SYN-1.
    pub fn with_syn_1(config: WalletConfig, seed: Option<u64>) -> Self {
        Self::new(config, seed, None, vec![("card-1", Syn1::profile(Generation::V1))])
    }

    /// Out of the field, unlocked, nobody verified, every card active, the first the default, and an empty book: what
    /// follows begins as in a phone that is new, but for the taps in its history.
    pub fn put_back(&self) {
        self.wallet.on_deactivated(DeactivationReason::Deselected);
        // Whatever waited for its time gives up.
        self.clock.advance_ms(3_600_000);
        self.wallet.clear_user_authentication();
        self.wallet.set_device_state(DeviceState::default());
        *self.book.lock() = MemoryLedger::default();
        for card in &self.cards {
            // A card that is suspended is chosen by nobody and waited for by no second tap.
            let _ = self.wallet.suspend(card);
            self.wallet.activate(card).unwrap();
            self.load(card, Vec::new());
        }
        self.wallet.set_default_for_contactless(&self.cards[0]).unwrap();
        self.clock.set(START);
        self.random.store(0, Ordering::Relaxed);
    }

    /// Loads credentials that must be taken.
    pub fn load(&self, card: &InstrumentId, credentials: Vec<TransactionCredential>) {
        self.wallet.load_credentials(card, credentials).unwrap();
    }
}

impl FuzzClock {
    fn new() -> Self {
        Self(Arc::new((AtomicU64::new(START.unix_ms), AtomicU64::new(START.boot_ms))))
    }

    /// Both clocks go on.
    pub fn advance_ms(&self, ms: u64) {
        self.set(self.now().plus_ms(ms));
    }

    /// Sets both clocks.
    pub fn set(&self, now: Moment) {
        self.0.0.store(now.unix_ms, Ordering::Relaxed);
        self.0.1.store(now.boot_ms, Ordering::Relaxed);
    }
}

impl Clock for FuzzClock {
    fn now(&self) -> Moment {
        let Self(clocks) = self;
        Moment { unix_ms: clocks.0.load(Ordering::Relaxed), boot_ms: clocks.1.load(Ordering::Relaxed) }
    }
}

impl Rng for FuzzRng {
    /// SplitMix64: quick, and the same after each putting back.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RngUnavailable> {
        for chunk in bytes.chunks_mut(8) {
            let state = self.state.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            chunk.copy_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }

    fn seed(&self) -> Option<u64> {
        self.seed
    }
}

impl Book {
    fn lock(&self) -> MutexGuard<'_, MemoryLedger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger for Book {
    fn load(
        &mut self,
        instrument: &InstrumentId,
        credentials: Vec<TransactionCredential>,
        max: usize,
    ) -> Result<(), LedgerError> {
        self.lock().load(instrument, credentials, max)
    }

    fn reserve(&mut self, instrument: &InstrumentId, provisional: Charge) -> Result<Reservation, LedgerError> {
        self.lock().reserve(instrument, provisional)
    }

    fn settle(&mut self, spent: Spent, charge: Charge) -> Result<(), LedgerError> {
        self.lock().settle(spent, charge)
    }

    fn release(&mut self, reservation: Reservation) -> Result<(), LedgerError> {
        self.lock().release(reservation)
    }

    fn burn_reserved(&mut self, instrument: &InstrumentId) -> Result<(), LedgerError> {
        self.lock().burn_reserved(instrument)
    }

    fn erase(&mut self, instrument: &InstrumentId) -> Result<(), LedgerError> {
        self.lock().erase(instrument)
    }

    fn unspent(&self, instrument: &InstrumentId) -> Result<Vec<Atc>, LedgerError> {
        self.lock().unspent(instrument)
    }

    fn high_water_mark(&self, instrument: &InstrumentId) -> Result<Option<Atc>, LedgerError> {
        self.lock().high_water_mark(instrument)
    }

    fn velocity(&self, instrument: &InstrumentId) -> Result<VelocityCounters, LedgerError> {
        self.lock().velocity(instrument)
    }

    fn wipe(&mut self, report: Option<SecurityReport>) -> Result<(), LedgerError> {
        self.lock().wipe(report)
    }

    fn freeze(&mut self, report: SecurityReport) -> Result<(), LedgerError> {
        self.lock().freeze(report)
    }
}

/// 2026-01-15T10:00:00Z, a second after the device has started.
pub const START: Moment = Moment { unix_ms: 1_768_471_200_000, boot_ms: 1_000 };
