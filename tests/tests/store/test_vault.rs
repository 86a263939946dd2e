//! A key vault that does what a test wants, shared by all who hold a copy.

use bezant::crypto::Secret;
use bezant::platform::{KeyVault, KeyVaultError};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// Copies are the same vault.
#[derive(Clone, Default)]
pub struct TestVault(Arc<Mutex<Inside>>);

#[derive(Default)]
pub struct Inside {
    /// The keys that have been wrapped; what it gives out is where they stand, and its own name.
    keys: Vec<[u8; 32]>,
    has_key: bool,
    pub anchor: u64,
    pub anchors: Vec<u64>,
    /// What each call answers instead.
    pub wrap_fails: Option<KeyVaultError>,
    pub unwrap_fails: Option<KeyVaultError>,
    pub anchor_fails: Option<KeyVaultError>,
    pub raise_fails: Option<KeyVaultError>,
    pub destroy_fails: Option<KeyVaultError>,
    /// It has destroyed the key when it says that it failed.
    pub destroys_all_the_same: bool,
    pub takes: Duration,
    pub unwraps: usize,
    pub destroys: usize,
    /// How often any of it was called.
    pub calls: usize,
}

impl TestVault {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap()
    }

    /// Everything fails like this, until [`TestVault::works`].
    pub fn fails(&self, error: KeyVaultError) {
        let mut inside = self.inside();
        let error = Some(error);
        (inside.wrap_fails, inside.unwrap_fails, inside.anchor_fails) = (error, error, error);
        (inside.raise_fails, inside.destroy_fails) = (error, error);
    }

    pub fn works(&self) {
        let mut inside = self.inside();
        (inside.wrap_fails, inside.unwrap_fails, inside.anchor_fails) = (None, None, None);
        (inside.raise_fails, inside.destroy_fails) = (None, None);
    }

    fn name(&self) -> [u8; 8] {
        (Arc::as_ptr(&self.0) as usize as u64).to_be_bytes()
    }

    fn call(&self) -> MutexGuard<'_, Inside> {
        let mut inside = self.inside();
        inside.calls += 1;
        std::thread::sleep(inside.takes);
        inside
    }
}

fn or_fail(failure: Option<KeyVaultError>) -> Result<(), KeyVaultError> {
    failure.map_or(Ok(()), Err)
}

impl KeyVault for TestVault {
    fn wrap(&mut self, key: &Secret<32>) -> Result<Vec<u8>, KeyVaultError> {
        let mut inside = self.call();
        or_fail(inside.wrap_fails)?;
        inside.has_key = true;
        inside.keys.push(*key.expose_secret());
        let at = u64::try_from(inside.keys.len() - 1).unwrap();
        drop(inside);
        Ok([&self.name()[..], &at.to_be_bytes()].concat())
    }

    fn unwrap(&mut self, wrapped: &[u8]) -> Result<Secret<32>, KeyVaultError> {
        let mut inside = self.call();
        inside.unwraps += 1;
        or_fail(inside.unwrap_fails)?;
        if !inside.has_key {
            return Err(KeyVaultError::KeyGone);
        }
        let at = wrapped.strip_prefix(&self.name()).and_then(|at| at.try_into().ok()).map(u64::from_be_bytes);
        let key = at.and_then(|at| inside.keys.get(usize::try_from(at).ok()?)).ok_or(KeyVaultError::OtherKey)?;
        Ok(Secret::new(|bytes: &mut [u8; 32]| *bytes = *key))
    }

    fn anchor(&mut self) -> Result<u64, KeyVaultError> {
        let inside = self.call();
        or_fail(inside.anchor_fails)?;
        Ok(inside.anchor)
    }

    fn raise_anchor(&mut self, anchor: u64) -> Result<(), KeyVaultError> {
        let mut inside = self.call();
        or_fail(inside.raise_fails)?;
        inside.anchor = inside.anchor.max(anchor);
        inside.anchors.push(anchor);
        Ok(())
    }

    fn destroy(&mut self) -> Result<(), KeyVaultError> {
        let mut inside = self.call();
        inside.destroys += 1;
        if inside.destroy_fails.is_none() || inside.destroys_all_the_same {
            inside.keys.iter_mut().for_each(|key| key.fill(0xEE));
            (inside.has_key, inside.anchor) = (false, 0);
        }
        or_fail(inside.destroy_fails)
    }
}
