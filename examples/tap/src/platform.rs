//! What the phone stands on: a clock that moves when something takes time, and numbers that follow from a seed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use bezant::platform::{Clock, Moment, Rng, RngUnavailable};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng};
use time::OffsetDateTime;

/// A clock that stands still until something takes time; its copies tell the same time.
#[derive(Clone)]
pub(crate) struct PhoneClock {
    unix_ms: u64,
    running_ns: Arc<AtomicU64>,
    switched_on: Instant,
}

impl PhoneClock {
    /// A clock that is set to `start`.
    pub(crate) fn set_to(start: OffsetDateTime) -> anyhow::Result<Self> {
        let unix_ms = u64::try_from(start.unix_timestamp()).context("a date from 1970 on is needed")? * 1_000;
        Ok(Self { unix_ms, running_ns: Arc::default(), switched_on: Instant::now() })
    }

    /// Lets time pass.
    pub(crate) fn advance(&self, time: Duration) {
        self.running_ns.fetch_add(nanoseconds(time), Ordering::Relaxed);
    }

    /// Lets time pass until then, unless it is later already.
    pub(crate) fn wait_until(&self, unix_ms: u64) {
        self.advance(Duration::from_millis(unix_ms.saturating_sub(self.now().unix_ms)));
    }

    /// What it says.
    pub(crate) fn time(&self) -> OffsetDateTime {
        let seconds = i64::try_from(self.now().unix_ms / 1_000).unwrap_or_default();
        OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

impl Clock for PhoneClock {
    fn now(&self) -> Moment {
        let boot_ms = self.running_ns.load(Ordering::Relaxed) / 1_000_000;
        Moment { unix_ms: self.unix_ms + boot_ms, boot_ms }
    }

    // Only timelines are made of it: the air is computed, what the wallet and the terminal need is measured.
    fn boot_us(&self) -> u64 {
        let measured = nanoseconds(self.switched_on.elapsed());
        self.running_ns.load(Ordering::Relaxed).saturating_add(measured) / 1_000
    }
}

/// Numbers that follow from a seed.
pub(crate) struct SeededRng(ChaCha20Rng);

impl SeededRng {
    /// Each stream of a seed has numbers of its own.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut numbers = ChaCha20Rng::seed_from_u64(seed);
        numbers.set_stream(stream);
        Self(numbers)
    }

    /// The next four bytes.
    pub(crate) fn four_bytes(&mut self) -> [u8; 4] {
        let mut bytes = [0; 4];
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}

impl Rng for SeededRng {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RngUnavailable> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
