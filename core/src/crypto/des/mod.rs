//! DES (FIPS PUB 46-3) on two blocks at once, each under a key of its own, in a time that depends on none of them: nothing
//! is looked up by a secret, and no way is taken by one.
//!
//! A half of both blocks is one word of 64 bits: a byte for each S-box, whose lower nibble is the first block's and whose
//! upper nibble the second's. To all lanes of a nibble goes the same input bit of their S-box; so the eight S-boxes become
//! one function of six words, which takes for every lane one of 64 constants, by a tree of 63 choices.

mod tables;

use tables::{CHANGED_BY_FIRST_BIT, KEY_BITS, PERMUTATION, PICKS, TURNED, WITHOUT_FIRST_BIT};
use wide::u64x2;

/// The round keys of two keys. They are for the stack, which is overwritten when the computation has ended.
pub(super) struct TwoKeys([[u64; 6]; 16]);

/// Two blocks between the initial permutation and its inverse.
#[derive(Clone, Copy, Default)]
pub(super) struct TwoBlocks {
    left: u64,
    right: u64,
}

impl TwoKeys {
    /// Parity bits are ignored.
    pub(super) fn new(first: &[u8; 8], second: &[u8; 8]) -> Self {
        let (first, second) = (u64::from_be_bytes(*first), u64::from_be_bytes(*second));
        let nibbles = |at: u32| {
            let bits = ((first >> at) & 1) | (((second >> at) & 1) << 4);
            let [byte, ..] = (bits * 0x0F).to_le_bytes();
            byte
        };
        let [c, d] = KEY_BITS.map(|half| half.map(nibbles));
        // Twice each, so that a window on them is a turned half.
        let (c, d) = ([c, c], [d, d]);
        let mut keys = [[0; 6]; 16];
        for (key, turned) in keys.iter_mut().zip(TURNED) {
            let [c, d] = [&c, &d].map(|half| half.as_flattened().get(turned..).and_then(<[u8]>::first_chunk));
            if let (Some(c), Some(d)) = (c, d) {
                *key = chosen_bits(&[*c, *d]);
            }
        }
        Self(keys)
    }

    pub(super) fn encrypt(&self, blocks: TwoBlocks) -> TwoBlocks {
        self.0.iter().fold(blocks, |blocks, key| blocks.after_round(key)).swapped()
    }

    pub(super) fn decrypt(&self, blocks: TwoBlocks) -> TwoBlocks {
        self.0.iter().rev().fold(blocks, |blocks, key| blocks.after_round(key)).swapped()
    }
}

impl TwoBlocks {
    /// The same block twice.
    pub(super) fn twice(block: [u8; 8]) -> Self {
        let [r0, r1, r2, r3, r4, r5, r6, r7] = transposed(u64::from_be_bytes(block)).to_le_bytes();
        Self { left: laid_out([r6, r4, r2, r0]), right: laid_out([r7, r5, r3, r1]) }
    }

    pub(super) const fn xor(self, other: Self) -> Self {
        Self { left: self.left ^ other.left, right: self.right ^ other.right }
    }

    /// Both as bytes.
    pub(super) fn to_bytes(self) -> [[u8; 8]; 2] {
        [0, 4].map(|nibble| {
            let [r6, r4, r2, r0] = gathered(self.left >> nibble);
            let [r7, r5, r3, r1] = gathered(self.right >> nibble);
            transposed(u64::from_le_bytes([r0, r1, r2, r3, r4, r5, r6, r7])).to_be_bytes()
        })
    }

    fn after_round(self, key: &[u64; 6]) -> Self {
        Self { left: self.right, right: self.left ^ permuted(substituted(expanded(self.right, key))) }
    }

    const fn swapped(self) -> Self {
        Self { left: self.right, right: self.left }
    }
}

/// Permuted choice 2.
fn chosen_bits(halves: &[[u8; 28]; 2]) -> [u64; 6] {
    let bits = halves.as_flattened();
    let mut key = [[0; 8]; 6];
    for (byte, at) in key.as_flattened_mut().iter_mut().zip(PICKS.as_flattened()) {
        *byte = bits.get(*at).copied().unwrap_or_default();
    }
    key.map(u64::from_le_bytes)
}

/// The six input bits of all S-boxes (selection E, and the key).
#[inline(always)]
fn expanded(half: u64, [k1, k2, k3, k4, k5, k6]: &[u64; 6]) -> [u64; 6] {
    let [first, second, third, fourth] = [0, 1, 2, 3].map(|place| ((half >> place) & LOWEST_LANES).wrapping_mul(0x0F));
    let (before, behind) = (fourth.rotate_left(8), first.rotate_right(8));
    [before ^ k1, first ^ k2, second ^ k3, third ^ k4, fourth ^ k5, behind ^ k6]
}

#[inline(always)]
fn substituted([b1, b2, b3, b4, b5, b6]: [u64; 6]) -> u64 {
    let first = u64x2::splat(b1);
    let mut words = [u64x2::ZERO; 16];
    for ((word, zero), change) in words.iter_mut().zip(&WITHOUT_FIRST_BIT).zip(&CHANGED_BY_FIRST_BIT) {
        *word = *zero ^ (*change & first);
    }
    let words = chosen::<8>(&mut words, b2);
    let words = chosen::<4>(words, b3);
    let words = chosen::<2>(words, b4);
    let words = chosen::<1>(words, b5);
    let [zero, one] = words.first().copied().unwrap_or_default().to_array();
    zero ^ ((zero ^ one) & b6)
}

/// For each lane one half or the other.
#[inline(always)]
fn chosen<const N: usize>(words: &mut [u64x2], by: u64) -> &mut [u64x2] {
    let by = u64x2::splat(by);
    let (zeros, ones) = words.split_at_mut(N);
    for (zero, one) in zeros.iter_mut().zip(ones) {
        *zero ^= (*zero ^ *one) & by;
    }
    zeros
}

#[inline(always)]
fn permuted(half: u64) -> u64 {
    PERMUTATION.iter().fold(0, |permuted, (turn, lanes)| permuted | (half.rotate_left(*turn) & lanes))
}

/// Bit i of byte j becomes bit j of byte i.
const fn transposed(square: u64) -> u64 {
    let differing = (square ^ (square >> 7)) & 0x00AA_00AA_00AA_00AA;
    let square = square ^ differing ^ (differing << 7);
    let differing = (square ^ (square >> 14)) & 0x0000_CCCC_0000_CCCC;
    let square = square ^ differing ^ (differing << 14);
    let differing = (square ^ (square >> 28)) & 0x0000_0000_F0F0_F0F0;
    square ^ differing ^ (differing << 28)
}

/// Eight nibbles, each in a byte of its own, twice.
fn laid_out(nibbles: [u8; 4]) -> u64 {
    let word = u64::from(u32::from_le_bytes(nibbles));
    let word = (word | (word << 16)) & 0x0000_FFFF_0000_FFFF;
    let word = (word | (word << 8)) & 0x00FF_00FF_00FF_00FF;
    let word = (word | (word << 4)) & 0x0F0F_0F0F_0F0F_0F0F;
    word | (word << 4)
}

/// The lower nibbles of a word that was laid out.
fn gathered(word: u64) -> [u8; 4] {
    let word = word & 0x0F0F_0F0F_0F0F_0F0F;
    let word = (word | (word >> 4)) & 0x00FF_00FF_00FF_00FF;
    let word = (word | (word >> 8)) & 0x0000_FFFF_0000_FFFF;
    let [n0, n1, n2, n3, ..] = (word | (word >> 16)).to_le_bytes();
    [n0, n1, n2, n3]
}

/// The lanes for the first of the four output bits of each S-box.
const LOWEST_LANES: u64 = 0x1111_1111_1111_1111;

#[cfg(test)]
mod tests {
    use super::*;
    use des::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};

    fn both_ways(first: [u8; 8], second: [u8; 8], block: [u8; 8]) -> [[[u8; 8]; 2]; 2] {
        let keys = TwoKeys::new(&first, &second);
        let blocks = TwoBlocks::twice(block);
        [keys.encrypt(blocks).to_bytes(), keys.decrypt(blocks).to_bytes()]
    }

    fn by_the_library(key: [u8; 8], block: [u8; 8]) -> [[u8; 8]; 2] {
        let cipher = des::Des::new(&Array(key));
        let (mut encrypted, mut decrypted) = (Array(block), Array(block));
        cipher.encrypt_block(&mut encrypted);
        cipher.decrypt_block(&mut decrypted);
        [encrypted.0, decrypted.0]
    }

    fn assert_as_by_the_library(first: u64, second: u64, block: u64) {
        let [first, second, block] = [first, second, block].map(u64::to_be_bytes);
        let ours = both_ways(first, second, block);
        let theirs = [by_the_library(first, block), by_the_library(second, block)];
        for way in 0..2 {
            assert_eq!(ours[way], [theirs[0][way], theirs[1][way]], "{first:02X?} {second:02X?} {block:02X?}");
        }
    }

    /// NIST SP 800-17 tables A.1 to A.4: with every single bit of block and key alone, all permutations and the key
    /// schedule are known; the words between walk through all S-boxes.
    #[test]
    fn every_bit_of_block_and_key_goes_where_a_library_of_others_has_it() {
        let alone = |bit: u32| 1_u64 << bit;
        for bit in 0..64 {
            assert_as_by_the_library(0, alone(bit), alone(bit));
            assert_as_by_the_library(alone(bit), 0, 0);
            assert_as_by_the_library(!alone(bit), alone(63 - bit), u64::MAX);
        }
        let mut state = 0x0123_4567_89AB_CDEF_u64;
        let mut next = || {
            // Numbers without a pattern (D. E. Knuth's MMIX generator).
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state ^ (state >> 33)
        };
        (0..2_000).for_each(|_| assert_as_by_the_library(next(), next(), next()));
    }

    /// NIST SP 800-17 tables A.1 and A.3.
    #[test]
    fn published_answers() {
        let encrypted = |key: u64, block: u64| {
            let [[answer, _], _] = both_ways(key.to_be_bytes(), [0; 8], block.to_be_bytes());
            u64::from_be_bytes(answer)
        };
        assert_eq!(encrypted(0x0101_0101_0101_0101, 0x8000_0000_0000_0000), 0x95F8_A5E5_DD31_D900);
        assert_eq!(encrypted(0x0101_0101_0101_0101, 0x0000_0000_0000_0001), 0x166B_40B4_4ABA_4BD6);
        assert_eq!(encrypted(0x8001_0101_0101_0101, 0), 0x95A8_D728_13DA_A94D);
        assert_eq!(encrypted(0x7CA1_1045_4A1A_6E57, 0x01A1_D6D0_3977_6742), 0x690F_5B0D_9A26_939B);
    }
}
