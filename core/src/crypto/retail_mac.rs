use super::des::{TwoBlocks, TwoKeys};
use super::stack::{self, wiped_after};

/// ISO/IEC 9797-1 MAC algorithm 3 with padding method 2 over DES, all eight bytes (EMV Book 2 Annex A1.2).
///
/// CBC under the left half of the key; the last block goes through decryption under the right half and encryption
/// under the left half once more.
#[must_use]
pub fn retail_mac(key: &[u8; 16], message: &[u8]) -> [u8; 8] {
    let [mac, _] = retail_macs([key, key], message);
    mac
}

/// The MACs of one message under two keys, at the price of one.
#[must_use]
pub fn retail_macs(keys: [&[u8; 16]; 2], message: &[u8]) -> [[u8; 8]; 2] {
    wiped_after::<{ stack::DES }, _>(|| {
        let [left, right] = halves(keys);
        let (blocks, tail) = message.as_chunks::<8>();
        let mut last = [0; 8];
        last.iter_mut().zip(tail.iter().chain(&[PADDING])).for_each(|(to, from)| *to = *from);
        let chained = blocks
            .iter()
            .chain([&last])
            .fold(TwoBlocks::default(), |state, block| left.encrypt(state.xor(TwoBlocks::twice(*block))));
        left.encrypt(right.decrypt(chained)).to_bytes()
    })
}

/// One block through two-key triple DES, under two keys.
pub(super) fn encrypt_two_key(keys: [&[u8; 16]; 2], block: [u8; 8]) -> [[u8; 8]; 2] {
    wiped_after::<{ stack::DES }, _>(|| {
        let [left, right] = halves(keys);
        left.encrypt(right.decrypt(left.encrypt(TwoBlocks::twice(block)))).to_bytes()
    })
}

/// The left halves of both keys, and the right ones.
fn halves([first, second]: [&[u8; 16]; 2]) -> [TwoKeys; 2] {
    // Borrowed, so that no copy of the keys stays on the stack.
    let [first_left @ .., _, _, _, _, _, _, _, _] = first;
    let [second_left @ .., _, _, _, _, _, _, _, _] = second;
    let [_, _, _, _, _, _, _, _, first_right @ ..] = first;
    let [_, _, _, _, _, _, _, _, second_right @ ..] = second;
    [TwoKeys::new(first_left, second_left), TwoKeys::new(first_right, second_right)]
}

/// The first byte of padding method 2; zeros follow.
const PADDING: u8 = 0x80;
