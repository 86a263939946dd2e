//! From issuer master keys to the session keys of one transaction: EMV Book 2, annexes A1.4 (option A) and A1.3 (common
//! session key).
//!
//! Every key comes in two families. UMD speaks for user and device together, MD for the device alone; each family starts
//! at its own issuer master key.

use std::fmt;

use des::TdesEde2;
use des::cipher::{BlockCipherEncrypt, KeyInit};
use serde::{Deserialize, Serialize};

/// A double-length triple-DES key. Parity bits are kept as they come: no step of EMV sets them.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(transparent)]
pub struct DesKey(
    #[serde(serialize_with = "hex::serde::serialize_upper", deserialize_with = "hex::serde::deserialize")] [u8; 16],
);

impl DesKey {
    /// A key of 16 bytes.
    pub fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The key itself, for a credential that a wallet will hold.
    pub fn expose_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// One block through triple DES.
    pub fn encrypt(&self, block: [u8; 8]) -> [u8; 8] {
        let mut block = block.into();
        TdesEde2::new(&self.0.into()).encrypt_block(&mut block);
        block.into()
    }

    fn diversify(&self, left: [u8; 8], right: [u8; 8]) -> Self {
        let mut key = [0; 16];
        key[..8].copy_from_slice(&self.encrypt(left));
        key[8..].copy_from_slice(&self.encrypt(right));
        Self(key)
    }

    /// EMV Book 2, annex A1.4.1, option A: the card's master key from its account number and sequence number.
    pub fn derive_card_key(&self, pan: &str, psn: u8) -> Self {
        let digits = format!("{pan:0>14}{psn:02}");
        let rightmost = digits.get(digits.len() - 16..).unwrap_or_default();
        let mut y = [0; 8];
        for (packed, pair) in y.iter_mut().zip(rightmost.as_bytes().chunks_exact(2)) {
            *packed = (pair[0] & 0x0F) << 4 | pair[1] & 0x0F;
        }
        self.diversify(y, y.map(|byte| !byte))
    }

    /// EMV Book 2, annex A1.3.1, common session key: the key of one application transaction counter.
    pub fn derive_session_key(&self, atc: u16) -> Self {
        let [high, low] = atc.to_be_bytes();
        self.diversify([high, low, 0xF0, 0, 0, 0, 0, 0], [high, low, 0x0F, 0, 0, 0, 0, 0])
    }
}

impl PartialEq for DesKey {
    /// Equal as DES sees it: parity bits, the lowest of each byte, do not count.
    fn eq(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0).all(|(ours, theirs)| ours | 1 == theirs | 1)
    }
}

impl Eq for DesKey {}

impl fmt::Debug for DesKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DesKey(..)")
    }
}

/// The two issuer master keys of a range of cards.
#[derive(Clone, Copy, Debug)]
pub struct IssuerMasterKeys {
    /// Master key of the UMD family.
    pub umd: DesKey,
    /// Master key of the MD family.
    pub md: DesKey,
}

impl IssuerMasterKeys {
    /// The master keys of one card.
    pub fn derive_card_keys(&self, pan: &str, psn: u8) -> CardMasterKeys {
        CardMasterKeys { umd: self.umd.derive_card_key(pan, psn), md: self.md.derive_card_key(pan, psn) }
    }
}

/// The two master keys of one card. They never leave the issuer side.
#[derive(Clone, Copy, Debug)]
pub struct CardMasterKeys {
    /// Master key of the UMD family.
    pub umd: DesKey,
    /// Master key of the MD family.
    pub md: DesKey,
}

impl CardMasterKeys {
    /// The keys that one transaction uses: those a wallet receives in a credential.
    pub fn derive_session_keys(&self, atc: u16) -> SessionKeys {
        SessionKeys { umd: self.umd.derive_session_key(atc), md: self.md.derive_session_key(atc) }
    }
}

/// The two keys of one transaction.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SessionKeys {
    /// Key of the cryptogram that goes into 9F26.
    pub umd: DesKey,
    /// Key of the cryptogram of which five bytes go into the issuer application data.
    pub md: DesKey,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> DesKey {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).unwrap();
        DesKey(bytes)
    }

    #[test]
    fn a_card_key_by_option_a_equals_the_published_ones() {
        // pyemv 1.5.0, documentation of kd.derive_icc_mk_a: a PAN of 17 digits, of which the rightmost 14 count.
        let master = key("0123456789ABCDEFFEDCBA9876543210");
        assert_eq!(master.derive_card_key("99012345678901234", 45), key("67F8292358083E5EA7AB7FDA58D53B6B"));
        // pyemv 1.5.0 and the crate emv 0.1.1.
        assert_eq!(master.derive_card_key("5413330089020011", 1), key("73C4677545D991E986074A16BFBACD75"));
        // pyemv 1.5.0, documentation of cvv.generate_cvc3.
        let master = key("01234567899876543210012345678998");
        assert_eq!(master.derive_card_key("5123456789012345", 0), key("6D6425FB9401C21AA1F80451AB85DA3B"));
    }

    #[test]
    fn a_short_account_number_is_filled_with_zeros_on_the_left() {
        let master = key("0123456789ABCDEFFEDCBA9876543210");
        assert_eq!(master.derive_card_key("1234567890123", 7), master.derive_card_key("01234567890123", 7));
    }

    #[test]
    fn a_common_session_key_equals_the_published_ones() {
        // pyemv 1.5.0, documentation of kd.derive_common_sk.
        let master = key("0123456789ABCDEFFEDCBA9876543210");
        assert_eq!(master.derive_session_key(0x001C), key("E9FB384AF807B940FEDCEA613461B0C4"));
        // pyemv 1.5.0; the crate emv 0.1.1 gives the same but for parity.
        let card = key("73C4677545D991E986074A16BFBACD75");
        assert_eq!(card.derive_session_key(1), key("732C6D5B01911025AEAB1C017C1CC72C"));
        assert_eq!(card.derive_session_key(1).0, key("722C6D5A00911025AFAB1C017D1CC72D").0);
    }

    #[test]
    fn both_families_of_the_synthetic_card_are_as_computed_elsewhere() {
        let issuer = IssuerMasterKeys {
            umd: key("00112233445566778899AABBCCDDEEFF"),
            md: key("FFEEDDCCBBAA99887766554433221100"),
        };
        let card = issuer.derive_card_keys("5413330000000019", 1);
        assert_eq!(card.umd.0, key("FB7E5FCBB1AA8DFF8CD76D2B37F72314").0);
        assert_eq!(card.md.0, key("732892D4C808DCEB0481A0344E557200").0);
        let first = card.derive_session_keys(1);
        assert_eq!(first.umd.0, key("71BDDBCA08A1BC0CEABD7E208D542F0D").0);
        assert_eq!(first.umd, key("70BCDACB08A1BC0DEABC7F208C542F0D"));
        assert_eq!(first.md.0, key("82682D66A898D8A79E4E7BEDCE758672").0);
        let later = card.derive_session_keys(0x1F);
        assert_eq!(later.umd.0, key("2D8E84B262BADD97A2AFAB82868578DE").0);
        assert_eq!(later.md.0, key("5C10696D2291DA3D6E34837BC6690549").0);
    }

    #[test]
    fn keys_differ_when_more_than_parity_differs() {
        assert_ne!(key("00000000000000000000000000000002"), key("00000000000000000000000000000000"));
    }
}
