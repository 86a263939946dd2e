//! The tables of FIPS PUB 46-3, and what the compiler makes of them. Where it runs, an index out of bounds does not compile.
#![allow(clippy::as_conversions, clippy::indexing_slicing)]

use wide::u64x2;

/// All eight S-boxes for one input: in each byte the output of its S-box, the same in both nibbles. By input, whose first
/// bit is highest.
const OUTPUTS: [u64; 64] = {
    let mut outputs = [0; 64];
    let mut at = 0;
    while at < 64 * 8 * 4 {
        let (input, group, bit) = (at / 32, at / 4 % 8, at % 4);
        // The first and the last bit are the row, the four between them the column.
        let (row, column) = ((input >> 5) * 2 + (input & 1), (input >> 1) & 15);
        let value = (S[group][row * 16 + column] >> (3 - bit)) & 1;
        outputs[input] |= (value as u64 * 0x11) << (group * 8 + PLACES[group][bit]);
        at += 1;
    }
    outputs
};

/// The outputs where the first input bit is 0, two inputs to a vector.
pub(super) const WITHOUT_FIRST_BIT: [u64x2; 16] = {
    let mut vectors = [u64x2::ZERO; 16];
    let mut at = 0;
    while at < 16 {
        vectors[at] = u64x2::new([OUTPUTS[2 * at], OUTPUTS[2 * at + 1]]);
        at += 1;
    }
    vectors
};

/// What the first input bit changes in them.
pub(super) const CHANGED_BY_FIRST_BIT: [u64x2; 16] = {
    let mut vectors = [u64x2::ZERO; 16];
    let mut at = 0;
    while at < 16 {
        let (zero, one) = (2 * at, 2 * at + 32);
        vectors[at] = u64x2::new([OUTPUTS[zero] ^ OUTPUTS[one], OUTPUTS[zero + 1] ^ OUTPUTS[one + 1]]);
        at += 1;
    }
    vectors
};

/// Into which place of its nibble an S-box puts its four output bits, by S-box. Found by search, so that the few turns of
/// [`PERMUTATION`] do.
const PLACES: [[usize; 4]; 8] =
    [[0, 1, 2, 3], [0, 3, 2, 1], [2, 3, 1, 0], [1, 3, 2, 0], [3, 2, 0, 1], [3, 0, 2, 1], [3, 2, 0, 1], [0, 3, 1, 2]];

/// The permutation P, from [`PLACES`] to the order of a half: turns to the left, and the lanes that each of them brings
/// to their place.
pub(super) const PERMUTATION: [(u32, u64); 10] = {
    let mut turns = [(8, 0), (16, 0), (24, 0), (25, 0), (31, 0), (33, 0), (40, 0), (46, 0), (55, 0), (57, 0)];
    let mut to = 0;
    while to < 32 {
        let from = P[to] - 1;
        let distance = 64 + to / 4 * 8 + to % 4 - from / 4 * 8 - PLACES[from / 4][from % 4];
        let mut turn = 0;
        while turns[turn].0 != distance as u32 % 64 {
            turn += 1;
        }
        turns[turn].1 |= 0x11 << (to / 4 * 8 + to % 4);
        to += 1;
    }
    turns
};

/// Where the 28 bits of C, then of D, stand in a key, counted from the lowest (permuted choice 1).
pub(super) const KEY_BITS: [[u32; 28]; 2] = {
    let mut bits = [[0; 28]; 2];
    let mut at = 0;
    while at < 56 {
        bits[at / 28][at % 28] = 64 - PC_1[at];
        at += 1;
    }
    bits
};

/// Which bit of C and D goes to each byte, by input bit of the S-boxes (permuted choice 2).
pub(super) const PICKS: [[usize; 8]; 6] = {
    let mut picks = [[0; 8]; 6];
    let mut at = 0;
    while at < 48 {
        picks[at % 6][at / 6] = PC_2[at] - 1;
        at += 1;
    }
    picks
};

/// How far C and D have been turned to the left in each round.
pub(super) const TURNED: [usize; 16] = [1, 2, 4, 6, 8, 10, 12, 14, 15, 17, 19, 21, 23, 25, 27, 28];

/// S-boxes 1 to 8 (appendix 1): four rows of 16 numbers.
const S: [[u8; 64]; 8] = [
    [
        14, 4, 13, 1, 2, 15, 11, 8, 3, 10, 6, 12, 5, 9, 0, 7, 0, 15, 7, 4, 14, 2, 13, 1, 10, 6, 12, 11, 9, 5, 3, 8, 4,
        1, 14, 8, 13, 6, 2, 11, 15, 12, 9, 7, 3, 10, 5, 0, 15, 12, 8, 2, 4, 9, 1, 7, 5, 11, 3, 14, 10, 0, 6, 13,
    ],
    [
        15, 1, 8, 14, 6, 11, 3, 4, 9, 7, 2, 13, 12, 0, 5, 10, 3, 13, 4, 7, 15, 2, 8, 14, 12, 0, 1, 10, 6, 9, 11, 5, 0,
        14, 7, 11, 10, 4, 13, 1, 5, 8, 12, 6, 9, 3, 2, 15, 13, 8, 10, 1, 3, 15, 4, 2, 11, 6, 7, 12, 0, 5, 14, 9,
    ],
    [
        10, 0, 9, 14, 6, 3, 15, 5, 1, 13, 12, 7, 11, 4, 2, 8, 13, 7, 0, 9, 3, 4, 6, 10, 2, 8, 5, 14, 12, 11, 15, 1, 13,
        6, 4, 9, 8, 15, 3, 0, 11, 1, 2, 12, 5, 10, 14, 7, 1, 10, 13, 0, 6, 9, 8, 7, 4, 15, 14, 3, 11, 5, 2, 12,
    ],
    [
        7, 13, 14, 3, 0, 6, 9, 10, 1, 2, 8, 5, 11, 12, 4, 15, 13, 8, 11, 5, 6, 15, 0, 3, 4, 7, 2, 12, 1, 10, 14, 9, 10,
        6, 9, 0, 12, 11, 7, 13, 15, 1, 3, 14, 5, 2, 8, 4, 3, 15, 0, 6, 10, 1, 13, 8, 9, 4, 5, 11, 12, 7, 2, 14,
    ],
    [
        2, 12, 4, 1, 7, 10, 11, 6, 8, 5, 3, 15, 13, 0, 14, 9, 14, 11, 2, 12, 4, 7, 13, 1, 5, 0, 15, 10, 3, 9, 8, 6, 4,
        2, 1, 11, 10, 13, 7, 8, 15, 9, 12, 5, 6, 3, 0, 14, 11, 8, 12, 7, 1, 14, 2, 13, 6, 15, 0, 9, 10, 4, 5, 3,
    ],
    [
        12, 1, 10, 15, 9, 2, 6, 8, 0, 13, 3, 4, 14, 7, 5, 11, 10, 15, 4, 2, 7, 12, 9, 5, 6, 1, 13, 14, 0, 11, 3, 8, 9,
        14, 15, 5, 2, 8, 12, 3, 7, 0, 4, 10, 1, 13, 11, 6, 4, 3, 2, 12, 9, 5, 15, 10, 11, 14, 1, 7, 6, 0, 8, 13,
    ],
    [
        4, 11, 2, 14, 15, 0, 8, 13, 3, 12, 9, 7, 5, 10, 6, 1, 13, 0, 11, 7, 4, 9, 1, 10, 14, 3, 5, 12, 2, 15, 8, 6, 1,
        4, 11, 13, 12, 3, 7, 14, 10, 15, 6, 8, 0, 5, 9, 2, 6, 11, 13, 8, 1, 4, 10, 7, 9, 5, 0, 15, 14, 2, 3, 12,
    ],
    [
        13, 2, 8, 4, 6, 15, 11, 1, 10, 9, 3, 14, 5, 0, 12, 7, 1, 15, 13, 8, 10, 3, 7, 4, 12, 5, 6, 11, 0, 14, 9, 2, 7,
        11, 4, 1, 9, 12, 14, 2, 0, 6, 10, 13, 15, 3, 5, 8, 2, 1, 14, 7, 4, 10, 8, 13, 15, 12, 9, 0, 3, 5, 6, 11,
    ],
];

/// Bits of a key, counted from 1 at the highest (appendix 1).
const PC_1: [u32; 56] = [
    57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36, 63, 55,
    47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
];
/// Bits of C and D, counted from 1 (appendix 1).
const PC_2: [usize; 48] = [
    14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2, 41, 52, 31, 37, 47, 55, 30,
    40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
];

/// Bits of what the S-boxes give, counted from 1 (the function f).
const P: [usize; 32] = [
    16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4,
    25,
];
