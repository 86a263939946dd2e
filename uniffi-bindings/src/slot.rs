//! The one wallet of a process, shared by both faces.

use crate::failure::Failed;
use bezant::Wallet;
use core::time::Duration;
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;

static WALLET: RwLock<Option<Arc<Wallet>>> = RwLock::new(None);

/// The wallet, once it is there.
pub(crate) fn wallet() -> Result<Arc<Wallet>, Failed> {
    let wallet = WALLET.read().unwrap_or_else(PoisonError::into_inner);
    wallet.clone().ok_or_else(|| Failed::new("NOT_SET_UP", "the native side has no wallet yet"))
}

/// Fills the slot, once; the wallet is made under its lock, so that nobody makes a second one meanwhile.
pub(crate) fn fill(make: impl FnOnce() -> Result<Wallet, Failed>) -> Result<(), Failed> {
    let mut slot = WALLET.write().unwrap_or_else(PoisonError::into_inner);
    if slot.is_some() {
        return Err(Failed::new("ALREADY_SET_UP", "the native side has a wallet already"));
    }
    *slot = Some(Arc::new(make()?));
    Ok(())
}

/// Empties the slot. What the wallet has begun is on disk, and its store closed, when this returns: the calls that still use it are
/// waited for, unless one of them takes longer than any should.
pub(crate) fn empty() {
    let taken = WALLET.write().unwrap_or_else(PoisonError::into_inner).take();
    let Some(mut wallet) = taken else { return };
    for _ in 0..LONGEST_CALL_MS {
        match Arc::try_unwrap(wallet) {
            Ok(last) => return drop(last),
            Err(used) => wallet = used,
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Longer than a call may wait for the app or for a credential.
const LONGEST_CALL_MS: u32 = 2_000;
