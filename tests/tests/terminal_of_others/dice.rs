//! Choices that the same seed makes again.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

pub struct Dice(ChaCha20Rng);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha20Rng::seed_from_u64(seed))
    }

    pub fn rng(&mut self) -> &mut ChaCha20Rng {
        &mut self.0
    }

    /// A number from `least` to `most`, both included.
    pub fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.0.next_u32() as usize % (most - least + 1)
    }

    pub fn any(&mut self) -> usize {
        self.0.next_u32() as usize
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.between(1, 100) <= percent
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.between(0, from.len() - 1)]
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.between(0, last));
        }
    }

    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// So many decimal digits.
    pub fn digits(&mut self, least: usize, most: usize) -> String {
        (0..self.between(least, most)).map(|_| char::from(b'0' + (self.between(0, 9) as u8))).collect()
    }
}
