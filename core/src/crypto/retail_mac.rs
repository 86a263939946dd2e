use super::stack::{self, wiped_after};
use des::Des;
use des::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};

/// ISO/IEC 9797-1 MAC algorithm 3 with padding method 2 over DES, all eight bytes (EMV Book 2 Annex A1.2).
///
/// CBC under the left half of the key; the last block goes through decryption under the right half and encryption
/// under the left half once more.
#[must_use]
pub fn retail_mac(key: &[u8; 16], message: &[u8]) -> [u8; 8] {
    wiped_after::<{ stack::SHALLOW }, _>(|| {
        let [left, right] = halves(key);
        let (blocks, tail) = message.as_chunks::<8>();
        let mut state = [0; 8];
        for block in blocks {
            state = encrypt(&left, xor(state, *block));
        }
        let mut last = [0; 8];
        last.iter_mut().zip(tail.iter().chain(&[PADDING])).for_each(|(to, from)| *to = *from);
        state = encrypt(&left, xor(state, last));
        encrypt(&left, decrypt(&right, state))
    })
}

/// One block through two-key triple DES.
pub(super) fn encrypt_two_key(key: &[u8; 16], block: [u8; 8]) -> [u8; 8] {
    wiped_after::<{ stack::SHALLOW }, _>(|| {
        let [left, right] = halves(key);
        encrypt(&left, decrypt(&right, encrypt(&left, block)))
    })
}

fn halves(key: &[u8; 16]) -> [Des; 2] {
    // Borrowed, so that no copy of the key stays on the stack.
    let [left @ .., _, _, _, _, _, _, _, _] = key;
    let [_, _, _, _, _, _, _, _, right @ ..] = key;
    [Des::new(left.into()), Des::new(right.into())]
}

fn encrypt(cipher: &Des, block: [u8; 8]) -> [u8; 8] {
    let mut block = Array(block);
    cipher.encrypt_block(&mut block);
    block.0
}

fn decrypt(cipher: &Des, block: [u8; 8]) -> [u8; 8] {
    let mut block = Array(block);
    cipher.decrypt_block(&mut block);
    block.0
}

const fn xor(a: [u8; 8], b: [u8; 8]) -> [u8; 8] {
    (u64::from_ne_bytes(a) ^ u64::from_ne_bytes(b)).to_ne_bytes()
}

/// The first byte of padding method 2; zeros follow.
const PADDING: u8 = 0x80;
