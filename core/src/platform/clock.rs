use serde::{Deserialize, Serialize};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Tells the time twice: as the wall clock has it, which people set, and since the device started, which nobody sets.
///
/// It is asked in the middle of the wallet's work and must not call the wallet.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Moment;

    /// Microseconds on the boot clock, for telling what in a tap took how long; nothing is decided by them.
    fn boot_us(&self) -> u64 {
        self.now().boot_ms.saturating_mul(1_000)
    }
}

/// A point in time on both clocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Moment {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub unix_ms: u64,
    /// Milliseconds since the device started, sleep included where the platform tells it.
    pub boot_ms: u64,
}

impl Moment {
    /// Milliseconds since `earlier`: the larger of the two clocks' differences, so that setting the wall clock back
    /// makes nothing younger. `None` when the boot clock went back: the device has restarted.
    #[must_use]
    pub fn ms_since(self, earlier: Self) -> Option<u64> {
        let running = self.boot_ms.checked_sub(earlier.boot_ms)?;
        Some(self.unix_ms.saturating_sub(earlier.unix_ms).max(running))
    }

    /// This long after.
    #[must_use]
    pub const fn plus_ms(self, ms: u64) -> Self {
        Self { unix_ms: self.unix_ms.saturating_add(ms), boot_ms: self.boot_ms.saturating_add(ms) }
    }
}

/// The clocks of the operating system; its boot clock starts with this value and may stand still while the device sleeps.
/// Good for desks and tests; a phone brings a clock of its own.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        let ms = |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Moment {
            unix_ms: SystemTime::now().duration_since(UNIX_EPOCH).map(ms).unwrap_or_default(),
            boot_ms: ms(self.start.elapsed()),
        }
    }

    fn boot_us(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_the_larger_of_two_differences() {
        let at = |unix_ms, boot_ms| Moment { unix_ms, boot_ms };
        assert_eq!(at(5_000, 1_200).ms_since(at(1_000, 1_000)), Some(4_000));
        assert_eq!(at(500, 1_200).ms_since(at(1_000, 1_000)), Some(200), "the wall clock went back");
        assert_eq!(at(5_000, 200).ms_since(at(1_000, 1_000)), None, "the device has restarted");
    }
}
