use super::digest::sha1;
use super::{IccDynamicNumber, IccPrivateKey, SignatureFault};
use crate::emv::UnpredictableNumber;

/// What a CDA signature vouches for (EMV Book 2 table 19).
#[derive(Clone, Copy, Debug)]
pub struct DynamicData<'a> {
    /// The transaction's ICC Dynamic Number.
    pub idn: IccDynamicNumber,
    /// Cryptogram Information Data (9F27).
    pub cryptogram_information: u8,
    /// The application cryptogram, which is recovered from the signature and not sent beside it.
    pub application_cryptogram: [u8; 8],
    /// PDOL values, CDOL1 values, and the data objects of the answer in order without 9F4B: the transaction data hash
    /// is made over these.
    pub transaction_data: &'a [&'a [u8]],
    /// The terminal's 9F37.
    pub unpredictable_number: UnpredictableNumber,
}

/// Why there is no signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CdaFault {
    /// The room for the signature is not as long as the key's modulus.
    #[error("the signature has another length than the key")]
    Length,
    /// The arithmetic failed its check.
    #[error(transparent)]
    Signature(#[from] SignatureFault),
}

/// Writes Signed Dynamic Application Data into `room`, which is exactly as long as the key's modulus
/// (EMV Book 2 section 6.6.1, signature scheme of Annex A2.1).
///
/// # Errors
/// A [`CdaFault`]; `room` then holds nothing of use.
pub fn sign_dynamic_data(key: &IccPrivateKey, data: &DynamicData<'_>, room: &mut [u8]) -> Result<(), CdaFault> {
    let filler = key.modulus_length().checked_sub(FIXED_LENGTH).ok_or(CdaFault::Length)?;
    let mut filling = [FILLER; IccPrivateKey::MAX_LENGTH];
    let filling = filling.get_mut(..filler).ok_or(CdaFault::Length)?;
    let transaction_hash = sha1(data.transaction_data);
    let signed: [&[u8]; 6] = [
        &[SIGNED_DATA_FORMAT, SHA_1, DYNAMIC_DATA_LENGTH, IDN_LENGTH],
        &data.idn,
        &[data.cryptogram_information],
        &data.application_cryptogram,
        &transaction_hash,
        filling,
    ];
    let [format, idn, information, cryptogram, hash, padding] = signed;
    let block_hash = sha1(&[format, idn, information, cryptogram, hash, padding, &data.unpredictable_number.0]);
    let block =
        [&[HEADER]].into_iter().flatten().chain(signed.into_iter().flatten()).chain(&block_hash).chain(&[TRAILER]);
    if room.len() != key.modulus_length() {
        return Err(CdaFault::Length);
    }
    room.iter_mut().zip(block).for_each(|(to, from)| *to = *from);
    Ok(key.sign_in_place(room)?)
}

/// EMV Book 2 Annex A2.1: what frames a signed block.
const HEADER: u8 = 0x6A;
const TRAILER: u8 = 0xBC;
/// EMV Book 2 table 19.
const SIGNED_DATA_FORMAT: u8 = 0x05;
const SHA_1: u8 = 0x01;
const FILLER: u8 = 0xBB;
const IDN_LENGTH: u8 = 8;
/// IDN with its length byte, CID, cryptogram, transaction data hash.
const DYNAMIC_DATA_LENGTH: u8 = 38;
/// Everything in the block but the filler: header, three bytes of format, dynamic data, hash, trailer.
const FIXED_LENGTH: usize = 63;
