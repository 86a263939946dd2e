use bezant::platform::{Clock, Moment, Rng, RngUnavailable};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng};
use std::sync::{Arc, Mutex, PoisonError};

/// Random bytes that follow from a seed, so that a run can be repeated.
pub(crate) struct SeededRng {
    seed: u64,
    bytes: ChaCha20Rng,
}

impl SeededRng {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, bytes: ChaCha20Rng::seed_from_u64(seed) }
    }
}

impl Rng for SeededRng {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RngUnavailable> {
        self.bytes.fill_bytes(bytes);
        Ok(())
    }

    fn seed(&self) -> Option<u64> {
        Some(self.seed)
    }
}

/// A clock that stands still until it is moved; shared between the wallet and whoever moves it.
#[derive(Clone)]
pub(crate) struct ManualClock(Arc<Mutex<Moment>>);

impl ManualClock {
    pub(crate) fn new(unix_ms: u64) -> Self {
        Self(Arc::new(Mutex::new(Moment { unix_ms, boot_ms: 0 })))
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Moment)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Moment {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
