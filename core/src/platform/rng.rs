use ring::rand::{SecureRandom, SystemRandom};

/// Random bytes.
///
/// It is asked in the middle of the wallet's work and must not call the wallet.
pub trait Rng: Send {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// [`RngUnavailable`]; what `bytes` holds then must not be used.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RngUnavailable>;

    /// What all the bytes follow from, for a source that can be repeated; never for one that payments depend on.
    fn seed(&self) -> Option<u64> {
        None
    }
}

/// The source of randomness has failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no random bytes are to be had")]
pub struct RngUnavailable;

/// The randomness of the operating system.
#[derive(Debug)]
pub struct SystemRng(SystemRandom);

impl Default for SystemRng {
    fn default() -> Self {
        Self(SystemRandom::new())
    }
}

impl Rng for SystemRng {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RngUnavailable> {
        self.0.fill(bytes).map_err(|_| RngUnavailable)
    }
}
