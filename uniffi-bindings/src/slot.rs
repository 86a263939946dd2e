//! The one wallet of a process, shared by both faces.

use crate::failure::Failed;
use bezant::Wallet;
use std::sync::{Arc, PoisonError, RwLock};

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

/// Empties the slot. What the wallet has begun is on disk when the last call that uses it returns.
pub(crate) fn empty() {
    drop(WALLET.write().unwrap_or_else(PoisonError::into_inner).take());
}
