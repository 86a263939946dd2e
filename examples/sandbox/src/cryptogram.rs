//! What a card computes for its issuer: the application cryptogram, and the dynamic numbers of mag-stripe mode.

use des::Des;
use des::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};

use crate::diversification::{DesKey, SessionKeys};

/// ISO/IEC 9797-1 MAC algorithm 3 with DES and padding method 2, all 8 bytes: EMV Book 2, annex A1.2.1.
pub fn retail_mac(key: &DesKey, message: &[u8]) -> [u8; 8] {
    let mut padded = message.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(8), 0);

    let (left, right) = halves(key);
    let mut chained = [0; 8];
    for block in padded.chunks_exact(8) {
        for (byte, input) in chained.iter_mut().zip(block) {
            *byte ^= input;
        }
        let mut state = chained.into();
        left.encrypt_block(&mut state);
        chained = state.into();
    }
    let mut state = chained.into();
    right.decrypt_block(&mut state);
    left.encrypt_block(&mut state);
    state.into()
}

/// The terminal's and the card's data under an application cryptogram, 39 bytes in this order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CryptogramInput {
    /// 9F02 9F03 9F1A 95 5F2A 9A 9C 9F37: the first 29 bytes of CDOL1 data.
    pub terminal: [u8; 29],
    /// 82, application interchange profile.
    pub aip: [u8; 2],
    /// 9F36, application transaction counter.
    pub atc: u16,
    /// Card verification results, bytes 3 to 8 of 9F10.
    pub cvr: [u8; 6],
}

impl CryptogramInput {
    /// The cryptogram under one session key.
    pub fn cryptogram(&self, key: &DesKey) -> [u8; 8] {
        let message = [&self.terminal[..], &self.aip, &self.atc.to_be_bytes(), &self.cvr].concat();
        retail_mac(key, &message)
    }
}

/// What a card in mag-stripe mode answers to COMPUTE CRYPTOGRAPHIC CHECKSUM.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DynamicNumbers {
    /// 9F60 and 9F61: the dynamic card verification code, four decimal digits.
    pub cvc3: u16,
    /// 9F36 in this mode: four decimal digits in place of the counter.
    pub crypto_atc: u16,
}

impl DynamicNumbers {
    /// From the session keys of `atc`, the profile's initial vector and the terminal's unpredictable number (9F6A).
    /// Each number hides one of the last two decimal digits of the true counter in its thousands.
    pub fn derive(keys: &SessionKeys, pin_iv_cvc3: [u8; 2], unpredictable_number: [u8; 4], atc: u16) -> Self {
        let mut block = [0; 8];
        block[..2].copy_from_slice(&pin_iv_cvc3);
        block[2..6].copy_from_slice(&unpredictable_number);
        block[6..].copy_from_slice(&atc.to_be_bytes());
        let [.., umd_high, umd_low] = keys.umd.encrypt(block);
        let [md_high, md_low, ..] = keys.md.encrypt(block);
        let digits = atc % 100;
        Self {
            cvc3: u16::from_be_bytes([umd_high, umd_low]) % 1000 + 1000 * (digits % 10),
            crypto_atc: u16::from_be_bytes([md_high, md_low]) % 1000 + 1000 * (digits / 10),
        }
    }
}

fn halves(key: &DesKey) -> (Des, Des) {
    let [l0, l1, l2, l3, l4, l5, l6, l7, r0, r1, r2, r3, r4, r5, r6, r7] = *key.expose_bytes();
    (Des::new(&[l0, l1, l2, l3, l4, l5, l6, l7].into()), Des::new(&[r0, r1, r2, r3, r4, r5, r6, r7].into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        let mut bytes = [0; N];
        hex::decode_to_slice(text.replace(' ', ""), &mut bytes).unwrap();
        bytes
    }

    fn key(text: &str) -> DesKey {
        DesKey::new(bytes(text))
    }

    #[test]
    fn the_retail_mac_equals_published_ones_and_no_tampered_one() {
        let vectors = [
            // pyemv 1.5.0, documentation of ac.generate_ac.
            (
                "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBB",
                "000000002000 000000000000 0124 0000008000 0124 110309 00 3804823E 5800 0001",
                "3B76CF10FECD8789",
            ),
            // pyemv 1.5.0 and the crate emv 0.1.1: M/Chip CVN 20.
            (
                "732C6D5B01911025AEAB1C017C1CC72C",
                "000000001000 000000000000 0246 0000008000 0978 261122 00 12345678 1980 0001 A50000020000",
                "A11E48CF016C8E64",
            ),
            // The same two, CVN 16.
            (
                "C767649E3231EC7307BAD6EA8CB54979",
                "000000001000 000000000000 0246 0000008000 0978 261122 00 12345678 1980 0001 A50000020000",
                "7DD2D5B33FC3D4F4",
            ),
            // pyemv and emv: script MAC over header, counter and cryptogram.
            ("4AFE91A82A9DD5B92A5234C79D62864C", "8424000008 0001 A11E48CF016C8E64", "645DB87EBCDEFC47"),
        ];
        for (session, message, expected) in vectors {
            let mut message = hex::decode(message.replace(' ', "")).unwrap();
            assert_eq!(retail_mac(&key(session), &message), bytes(expected), "{expected}");
            for index in 0..message.len() {
                message[index] ^= 0x01;
                assert_ne!(retail_mac(&key(session), &message), bytes(expected), "byte {index}");
                message[index] ^= 0x01;
            }
        }
    }

    #[test]
    fn a_message_of_whole_blocks_is_padded_all_the_same() {
        let session = key("0123456789ABCDEFFEDCBA9876543210");
        assert_ne!(retail_mac(&session, &[0; 8]), retail_mac(&session, &[0; 7]));
        assert_ne!(retail_mac(&session, &[]), [0; 8]);
    }

    #[test]
    fn both_cryptograms_of_the_synthetic_card_are_as_computed_elsewhere() {
        let accepted = CryptogramInput {
            terminal: bytes("000000002500 000000000000 0616 0000008001 0985 260115 00 1234ABCD"),
            aip: bytes("1B80"),
            atc: 1,
            cvr: bytes("A54000020000"),
        };
        assert_eq!(accepted.cryptogram(&key("71BDDBCA08A1BC0CEABD7E208D542F0D")), bytes::<8>("D9973386371FAE14"));
        assert_eq!(accepted.cryptogram(&key("82682D66A898D8A79E4E7BEDCE758672")), bytes::<8>("5F202A7BBAFD1F47"));
        let refused = CryptogramInput {
            terminal: bytes("000000010000 000000000000 0276 0000008001 0978 260115 00 00000001"),
            aip: bytes("1B80"),
            atc: 0x1F,
            cvr: bytes("800000250008"),
        };
        assert_eq!(refused.cryptogram(&key("2D8E84B262BADD97A2AFAB82868578DE")), bytes::<8>("8A50FAA74A56C7DF"));
        assert_eq!(refused.cryptogram(&key("5C10696D2291DA3D6E34837BC6690549")), bytes::<8>("A877F76AAB4331C8"));
    }

    #[test]
    fn the_block_under_a_classic_cvc3_equals_the_published_one() {
        let card = key("6D6425FB9401C21AA1F80451AB85DA3B");
        assert_eq!(card.encrypt(bytes("11BA00000899005E")), bytes::<8>("B652EED7EB0F7330"));
        let track = bytes::<19>("5123456789012345D35121010000000000000F");
        assert_eq!(retail_mac(&card, &track)[6..], bytes::<2>("11BA"));
    }

    #[test]
    fn cvc3_and_crypto_atc_carry_one_counter_digit_each() {
        let card = crate::diversification::CardMasterKeys {
            umd: key("FB7E5FCBB1AA8DFF8CD76D2B37F72314"),
            md: key("732892D4C808DCEB0481A0344E557200"),
        };
        for (un, atc, cvc3, crypto_atc) in [("00000765", 0x0025, 7345, 3088), ("00000999", 0x0190, 889, 848)] {
            let keys = card.derive_session_keys(atc);
            let numbers = DynamicNumbers::derive(&keys, bytes("A1B2"), bytes(un), atc);
            assert_eq!(numbers, DynamicNumbers { cvc3, crypto_atc });
        }
    }
}
