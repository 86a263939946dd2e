use bezant::platform::{Clock, Moment};
use core::time::Duration;
use nix::time::{ClockId, clock_gettime};
use std::time::{SystemTime, UNIX_EPOCH};

/// The clocks of Linux; its boot clock goes on while the device sleeps, as `SystemClock.elapsedRealtime()` does.
pub(crate) struct BootClock;

impl Clock for BootClock {
    fn now(&self) -> Moment {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment { unix_ms: u64::try_from(unix.as_millis()).unwrap_or(u64::MAX), boot_ms: self.boot_us() / 1_000 }
    }

    fn boot_us(&self) -> u64 {
        let since_boot = clock_gettime(ClockId::CLOCK_BOOTTIME).map(Duration::from).unwrap_or_default();
        u64::try_from(since_boot.as_micros()).unwrap_or(u64::MAX)
    }
}
