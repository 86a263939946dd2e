//! Whether an answer was made under keys that the issuer has issued: recomputed with the sandbox, from its master keys.

use crate::{Syn1, bytes};
use emv::core::tag::Tag;
use emv::core::tlv::Tlv;
use sandbox::cryptogram::{CryptogramInput, DynamicNumbers};
use sandbox::diversification::SessionKeys;
use sandbox::keys::{Exponent, PublicKey};

/// The issuer of SYN-1.
pub struct Judge {
    issued: Vec<(u16, SessionKeys)>,
    icc: PublicKey,
}

impl Judge {
    /// One who has issued the three credentials of SYN-1.
    #[must_use]
    pub fn of_syn_1() -> Self {
        Self::of_syn_1_with([1, 2, 31])
    }

    /// One who has issued credentials of these counters.
    #[must_use]
    pub fn of_syn_1_with(atcs: impl IntoIterator<Item = u16>) -> Self {
        let card = Syn1::card_keys();
        let issued = atcs.into_iter().map(|atc| (atc, card.derive_session_keys(atc))).collect();
        let modulus = bytes(Syn1::credentials_json()["icc_modulus"].as_str().unwrap());
        Self { issued, icc: PublicKey::new(&modulus, Exponent::F4).unwrap() }
    }

    /// The ATC of the credential that has answered, if one has. Panics when an answer is neither quite real nor quite
    /// random: keys of two credentials, or of one family only.
    #[must_use]
    pub fn credential_behind(&self, command: &[u8], answer: &[u8]) -> Option<u16> {
        let (body, [0x90, 0x00]) = answer.split_at(answer.len() - 2) else { return None };
        match command {
            [0x80, 0xAE, _, _, _, data @ ..] => self.behind_cryptogram(data.first_chunk().unwrap(), body),
            [0x80, 0x2A, _, _, _, number @ ..] => self.behind_checksum(*number.first_chunk().unwrap(), body),
            _ => None,
        }
    }

    fn behind_cryptogram(&self, terminal: &[u8; 29], body: &[u8]) -> Option<u16> {
        let response = Tlv::from_bytes(body).unwrap();
        let object = |tag| response.find(Tag(tag)).map(|object| object.value().as_primitive().unwrap().to_vec());
        let iad = object(0x9F10).unwrap();
        let sent_atc = u16::from_be_bytes(object(0x9F36).unwrap().try_into().unwrap());
        let umd = object(0x9F26).unwrap_or_else(|| {
            let block = self.icc.recover(&object(0x9F4B).unwrap()).unwrap();
            // 6A, format, algorithm, length, the dynamic number with its length, 9F27: then the cryptogram.
            assert_eq!((&block[..5], block[127]), (&[0x6A, 5, 1, 0x26, 8][..], 0xBC));
            block[14..22].to_vec()
        });
        let verifies = |keys: &SessionKeys, atc| {
            let cvr = iad[2..8].try_into().unwrap();
            let input = CryptogramInput { terminal: *terminal, aip: [0x1B, 0x80], atc, cvr };
            (input.cryptogram(&keys.umd)[..] == umd[..], input.cryptogram(&keys.md)[..5] == iad[11..16])
        };
        let mut found = None;
        for (atc, keys) in &self.issued {
            match (verifies(keys, sent_atc), *atc == sent_atc) {
                ((true, true), true) => found = Some(*atc),
                ((false, false), _) => {}
                (verified, _) => panic!("keys of ATC {atc} verify {verified:?} under ATC {sent_atc}"),
            }
            // Nor may they have served under a counter that was not sent.
            assert!(*atc == sent_atc || verifies(keys, *atc) == (false, false), "keys of ATC {atc}");
        }
        let refuses = object(0x9F27).unwrap() == [0x00];
        assert!(found.is_some() || refuses, "an ARQC under keys that nobody knows");
        found
    }

    fn behind_checksum(&self, number: [u8; 4], body: &[u8]) -> Option<u16> {
        let response = Tlv::from_bytes(body).unwrap();
        let object = |tag| {
            let value = response.find(Tag(tag))?.value().as_primitive()?;
            Some(u16::from_be_bytes(value.try_into().unwrap()))
        };
        let cvc3 = object(0x9F61)?;
        assert_eq!(object(0x9F60), Some(cvc3));
        let told = DynamicNumbers { cvc3, crypto_atc: object(0x9F36).unwrap() };
        let made = |(atc, keys): &&(u16, SessionKeys)| DynamicNumbers::derive(keys, [0xA1, 0xB2], number, *atc) == told;
        let (atc, _) = self.issued.iter().find(made).expect("a code under keys that nobody knows");
        Some(*atc)
    }
}
