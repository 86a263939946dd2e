//! Locks and threads: the operating system's, or in a model check those of the checker, which tries many interleavings.

#[cfg(bezant_model)]
pub(super) use shuttle::sync::{Condvar, Mutex, MutexGuard};
#[cfg(bezant_model)]
pub(super) use shuttle::thread;
#[cfg(not(bezant_model))]
pub(super) use std::sync::{Condvar, Mutex, MutexGuard};
#[cfg(not(bezant_model))]
pub(super) use std::thread;
