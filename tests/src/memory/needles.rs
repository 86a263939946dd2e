use super::des_schedule::DesSchedule;
use aes::Block;
use aes::hazmat::{cipher_round, inv_mix_columns};
use base64ct::{Base64Unpadded, Encoding};
use core::fmt;

/// Everything that one or more secrets are looked for as.
#[derive(Clone, Default)]
pub struct Needles(Vec<Needle>);

#[derive(Clone)]
pub(super) struct Needle {
    pub(super) name: String,
    pub(super) form: Form,
    pub(super) bytes: Vec<u8>,
}

/// What a secret, or a part of it, looks like in memory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Form {
    /// A round key of AES, for encryption or for decryption.
    AesRoundKey,
    /// Base64, wherever in a longer text.
    Base64,
    /// As it stands.
    Bytes,
    /// Half a DES key with its parity bits made odd, or cleared.
    DesParity,
    /// A round key of DES.
    DesRoundKey,
    /// The key bits of two DES keys side by side, a nibble each.
    DesLanes,
    /// Both registers of a DES key schedule.
    DesState,
    /// Hexadecimal digits, of either case.
    Hexadecimal,
    /// Something that gives the secret away although it is not a part of it.
    Hint,
    /// Hexadecimal digits as numbers, one a byte or one in two bytes, as a decoder holds them.
    Nibbles,
    /// Last byte first, as a processor writes a number down.
    Reversed,
    /// Four bytes a word, last byte of each first, as a hash takes its input apart.
    Words,
}

impl Needles {
    /// A secret of any kind: the bytes, whole and in parts of eight, in either order, and as text.
    #[must_use]
    pub fn of_bytes(name: &str, secret: &[u8]) -> Self {
        let mut needles = Self::default();
        let parts = secret.as_chunks::<8>().0.iter().map(<[u8; 8]>::as_slice);
        for bytes in core::iter::once(secret).chain(parts.filter(|_| secret.len() > 8)) {
            needles.add(name, Form::Bytes, bytes.to_vec());
            needles.add(name, Form::Reversed, reversed(bytes));
            needles.add(name, Form::Hexadecimal, hex::encode_upper(bytes).into());
            needles.add(name, Form::Hexadecimal, hex::encode(bytes).into());
            (0..3).for_each(|before| needles.add(name, Form::Base64, base64_behind(before, bytes)));
        }
        for behind in 0..4 {
            let (words, _) = secret[behind..].as_chunks::<4>();
            // One alone could be there by chance.
            for window in words.windows(2) {
                needles.add(name, Form::Words, window.iter().flat_map(|word| reversed(word)).collect());
            }
        }
        let (high, low): (Vec<u8>, Vec<u8>) = secret.iter().map(|byte| (byte >> 4, byte & 0x0F)).unzip();
        let both: Vec<u8> = high.iter().zip(&low).flat_map(|(high, low)| [*high, *low]).collect();
        for digits in [high, low, both] {
            for (sixteen, eights) in digits.as_chunks::<16>().0.iter().map(|part| (part, part.as_chunks::<8>().0)) {
                needles.add(name, Form::Nibbles, sixteen.to_vec());
                let wide = |eight: &[u8; 8]| eight.iter().flat_map(|digit| [*digit, 0]).collect();
                eights.iter().for_each(|eight| needles.add(name, Form::Nibbles, wide(eight)));
            }
        }
        needles
    }

    /// A key of DES (8 bytes), two-key triple DES (16) or AES (16, 24, 32), with all that its schedules leave behind.
    #[must_use]
    pub fn of_key(name: &str, key: &[u8]) -> Self {
        let mut needles = Self::of_bytes(name, key);
        for half in key.as_chunks::<8>().0 {
            for parity in [half.map(with_odd_parity), half.map(|byte| byte & 0xFE)] {
                if parity != *half {
                    needles.add(name, Form::DesParity, parity.to_vec());
                    needles.add(name, Form::DesParity, reversed(&parity));
                }
            }
            let schedule = DesSchedule::of(*half);
            for state in schedule.states {
                // The crate `des` holds the 56 bits at either end of a number.
                needles.add_number(name, Form::DesState, state);
                needles.add_number(name, Form::DesState, state << 8);
            }
            schedule.round_keys.iter().for_each(|key| needles.add_number(name, Form::DesRoundKey, key << 16));
        }
        if [16, 24, 32].contains(&key.len()) {
            for mut round_key in aes_schedule(key).into_iter().map(Block::from) {
                needles.add(name, Form::AesRoundKey, round_key.to_vec());
                inv_mix_columns(&mut round_key);
                needles.add(name, Form::AesRoundKey, round_key.to_vec());
            }
        }
        needles
    }

    /// Two keys of two-key triple DES at work together, as a cipher for two blocks at once holds their bits: first in the
    /// lower nibbles, second in the upper ones.
    #[must_use]
    pub fn of_key_pair(name: &str, first: &[u8], second: &[u8]) -> Self {
        let mut needles = Self::default();
        for (first, second) in first.as_chunks::<8>().0.iter().zip(second.as_chunks::<8>().0) {
            let [first, second] = [first, second].map(|half| DesSchedule::of(*half));
            for (first, second) in first.states.iter().zip(&second.states) {
                let bits: Vec<u8> = (0..56).rev().map(|bit| lanes(*first, *second, bit)).collect();
                bits.chunks(28).for_each(|register| needles.add(name, Form::DesLanes, register.to_vec()));
            }
            for (first, second) in first.round_keys.iter().zip(&second.round_keys) {
                // By input bit of the S-boxes, a byte for each S-box.
                let input = |bit: u32| (0..8).map(move |group| lanes(*first, *second, 47 - (6 * group + bit)));
                for bits in [0..3, 3..6] {
                    needles.add(name, Form::DesLanes, bits.flat_map(input).collect());
                }
            }
        }
        needles
    }

    /// These and those.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Adds one shape of a secret.
    pub(super) fn add(&mut self, name: &str, form: Form, bytes: Vec<u8>) {
        self.0.push(Needle { name: name.into(), form, bytes });
    }

    fn add_number(&mut self, name: &str, form: Form, number: u64) {
        self.add(name, form, number.to_ne_bytes().into());
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Needle> {
        self.0.iter()
    }

    pub(super) fn at(&self, place: usize) -> &Needle {
        &self.0[place]
    }
}

impl FromIterator<Needles> for Needles {
    fn from_iter<T: IntoIterator<Item = Self>>(many: T) -> Self {
        many.into_iter().fold(Self::default(), Self::and)
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AesRoundKey => "a round key of AES",
            Self::Base64 => "Base64",
            Self::Bytes => "bytes",
            Self::DesParity => "bytes with other parity bits",
            Self::DesLanes => "bits of DES keys side by side",
            Self::DesRoundKey => "a round key of DES",
            Self::DesState => "registers of DES",
            Self::Hexadecimal => "hexadecimal digits",
            Self::Hint => "what gives it away",
            Self::Nibbles => "digits as numbers",
            Self::Reversed => "bytes, last one first",
            Self::Words => "words, last byte first",
        })
    }
}

pub(super) fn reversed(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().rev().copied().collect()
}

/// The Base64 characters that are the same whatever stands in the bytes before, of which there are so many in the
/// first group, and behind.
fn base64_behind(before: usize, bytes: &[u8]) -> Vec<u8> {
    let text = Base64Unpadded::encode_string(&[&[0; 3][..before], bytes].concat()).into_bytes();
    let (first, last) = ((8 * before).div_ceil(6), 8 * (before + bytes.len()) / 6);
    text[first..last].to_vec()
}

/// A bit of both numbers, each in all four places of its nibble.
fn lanes(first: u64, second: u64, bit: u32) -> u8 {
    let nibble = |number: u64| if number >> bit & 1 == 1 { 0x0F } else { 0 };
    nibble(first) | nibble(second) << 4
}

fn with_odd_parity(byte: u8) -> u8 {
    byte & 0xFE | u8::from((byte >> 1).count_ones().is_multiple_of(2))
}

/// The round keys but for those that the key itself is made of (FIPS 197, section 5.2).
fn aes_schedule(key: &[u8]) -> Vec<[u8; 16]> {
    let length = key.len() / 4;
    let mut words: Vec<[u8; 4]> = key.as_chunks::<4>().0.to_vec();
    let mut round_constant = 1_u8;
    for i in length..4 * (length + 7) {
        let mut word = words[i - 1];
        if i % length == 0 {
            word.rotate_left(1);
            word = substituted(word);
            word[0] ^= round_constant;
            round_constant = round_constant << 1 ^ if round_constant & 0x80 == 0 { 0 } else { 0x1B };
        } else if length == 8 && i % length == 4 {
            word = substituted(word);
        }
        let before = words[i - length];
        words.push(core::array::from_fn(|at| word[at] ^ before[at]));
    }
    words.concat().as_chunks().0[key.len() / 16..].to_vec()
}

/// The S-box of AES on each byte: one round on four equal columns, which its shift leaves alone, less its mixing.
fn substituted(word: [u8; 4]) -> [u8; 4] {
    let mut block = Block::from([word; 4].as_flattened().first_chunk::<16>().copied().unwrap());
    cipher_round(&mut block, &Block::default());
    inv_mix_columns(&mut block);
    *block.first_chunk().unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{array, bytes};

    /// FIPS 197, Appendix A: the last words of each expanded key.
    #[test]
    fn the_schedules_of_aes_are_those_of_the_standard() {
        for (key, last) in [
            ("2b7e151628aed2a6abf7158809cf4f3c", "d014f9a8c9ee2589e13f0cc8b6630ca6"),
            ("8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", "e98ba06f448c773c8ecc720401002202"),
            ("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", "fe4890d1e6188d0b046df344706c631e"),
        ] {
            assert_eq!(aes_schedule(&bytes(key)).last(), Some(&array(last)), "{key}");
        }
    }

    #[test]
    fn a_key_shows_in_base64_wherever_it_begins() {
        let key = bytes("71BDDBCA08A1BC0CEABD7E208D542F0D");
        for before in 0..4 {
            let text = Base64Unpadded::encode_string(&[&[0xA5; 4][..before], &key, &[0xC3; 5]].concat());
            let needle = String::from_utf8(base64_behind(before % 3, &key)).unwrap();
            assert!(text.contains(&needle), "{needle} in {text}");
            assert!(needle.len() > 19);
        }
    }

    #[test]
    fn parity_bits_are_made_odd() {
        assert_eq!([0x00, 0x01, 0x02, 0x03, 0xFE, 0xFF].map(with_odd_parity), [0x01, 0x01, 0x02, 0x02, 0xFE, 0xFE]);
    }
}
