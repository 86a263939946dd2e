//! The one wallet of a process, shared by both faces.

use crate::failure::Failed;
use bezant::Wallet;
use core::ops::Deref;
use core::time::Duration;
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};

static WALLET: RwLock<Option<Arc<Wallet>>> = RwLock::new(None);
/// Somebody has let go of the wallet.
static LET_GO: (Mutex<()>, Condvar) = (Mutex::new(()), Condvar::new());

/// The wallet, for the time of a call.
pub(crate) struct Held {
    // Dropped in this order: whoever waits is woken once the wallet has been let go of.
    wallet: Arc<Wallet>,
    _leave: Leave,
}

struct Leave;

/// The wallet, once it is there.
pub(crate) fn wallet() -> Result<Held, Failed> {
    let wallet = WALLET.read().unwrap_or_else(PoisonError::into_inner).clone();
    wallet
        .map(|wallet| Held { wallet, _leave: Leave })
        .ok_or_else(|| Failed::new("NOT_SET_UP", "the native side has no wallet yet"))
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
    let Some(wallet) = taken else { return };
    let let_go = LET_GO.0.lock().unwrap_or_else(PoisonError::into_inner);
    let used = |_: &mut ()| Arc::strong_count(&wallet) > 1;
    drop(LET_GO.1.wait_timeout_while(let_go, LONGEST_CALL, used).unwrap_or_else(PoisonError::into_inner));
}

impl Deref for Held {
    type Target = Wallet;

    fn deref(&self) -> &Wallet {
        &self.wallet
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        let _let_go = LET_GO.0.lock().unwrap_or_else(PoisonError::into_inner);
        LET_GO.1.notify_all();
    }
}

/// Longer than a call may wait for the app or for a credential.
const LONGEST_CALL: Duration = Duration::from_secs(2);
