//! Locks and threads: the operating system's, or in a model check those of the checker, which tries many interleavings.

#[cfg(bezant_model)]
pub(super) use model::Condvar;
#[cfg(bezant_model)]
pub(super) use shuttle::sync::{Mutex, MutexGuard};
#[cfg(bezant_model)]
pub(super) use shuttle::thread;
#[cfg(not(bezant_model))]
pub(super) use std::sync::{Condvar, Mutex, MutexGuard};
#[cfg(not(bezant_model))]
pub(super) use std::thread;

#[cfg(bezant_model)]
mod model {
    use core::time::Duration;
    use shuttle::sync::{LockResult, MutexGuard, WaitTimeoutResult};
    use std::sync::Arc;
    use std::sync::PoisonError;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// The checker's, whose waits never time out, with a limit that may be over at any moment.
    #[derive(Default)]
    pub struct Condvar(Arc<shuttle::sync::Condvar>);

    /// Whether the time was over.
    pub struct TimedOut(bool);

    impl TimedOut {
        pub const fn timed_out(&self) -> bool {
            self.0
        }
    }

    impl Condvar {
        pub fn new() -> Self {
            Self::default()
        }

        pub fn notify_all(&self) {
            self.0.notify_all();
        }

        pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
            self.0.wait(guard)
        }

        /// Never over: whoever waits here looks at a clock that stands still.
        pub fn wait_timeout<'a, T>(
            &self,
            guard: MutexGuard<'a, T>,
            limit: Duration,
        ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
            self.0.wait_timeout(guard, limit)
        }

        pub fn wait_timeout_while<'a, T>(
            &self,
            mut guard: MutexGuard<'a, T>,
            limit: Duration,
            mut condition: impl FnMut(&mut T) -> bool,
        ) -> LockResult<(MutexGuard<'a, T>, TimedOut)> {
            let (over, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
            if limit < NEVER {
                let (changed, over, done) = (self.0.clone(), over.clone(), done.clone());
                shuttle::thread::spawn(move || {
                    while !done.load(Ordering::SeqCst) {
                        over.store(true, Ordering::SeqCst);
                        changed.notify_all();
                        shuttle::thread::yield_now();
                    }
                });
            }
            let timed_out = loop {
                if !condition(&mut guard) {
                    break false;
                }
                if over.load(Ordering::SeqCst) {
                    break true;
                }
                guard = self.0.wait(guard).unwrap_or_else(PoisonError::into_inner);
            };
            done.store(true, Ordering::SeqCst);
            Ok((guard, TimedOut(timed_out)))
        }
    }

    /// From here on a limit is meant never to be reached.
    const NEVER: Duration = Duration::from_secs(3_600);
}
