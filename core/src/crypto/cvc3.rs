use super::retail_mac::encrypt_two_key;
use crate::emv::{Atc, UnpredictableNumber};

/// What mag-stripe mode answers: a three-digit code and a three-digit counter, each led by a digit of the true ATC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cvc3 {
    /// For 9F60 and 9F61 alike: two bytes, binary, most significant first.
    pub code: [u8; 2],
    /// The crypto ATC, for 9F36.
    pub crypto_atc: [u8; 2],
}

/// CVC3 under a UMD session key and crypto ATC under an MD session key, both of one ATC.
#[must_use]
pub fn derive_cvc3(
    umd_key: &[u8; 16],
    md_key: &[u8; 16],
    pin_iv_cvc3: [u8; 2],
    number: UnpredictableNumber,
    atc: Atc,
) -> Cvc3 {
    let ([i0, i1], [n0, n1, n2, n3], [a0, a1]) = (pin_iv_cvc3, number.0, atc.to_bytes());
    let block = [i0, i1, n0, n1, n2, n3, a0, a1];
    let [[.., u0, u1], [m0, m1, ..]] = encrypt_two_key([umd_key, md_key], block);
    let counter = atc.value() % 100;
    let digits = |bytes: [u8; 2], leading: u16| (u16::from_be_bytes(bytes) % 1000 + 1000 * leading).to_be_bytes();
    Cvc3 { code: digits([u0, u1], counter % 10), crypto_atc: digits([m0, m1], counter / 10) }
}
