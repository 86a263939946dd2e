//! Combined data authentication, judged from the issuer's side (EMV Book 2, section 6.6).

use sha1::{Digest, Sha1};

use crate::authorisation::{AuthorisationRequest, RequestError, SignedData, tag};
use crate::card_data::{CDOL1, CDOL1_LENGTH};
use crate::certificates::{HEADER, PADDING, SHA_1, TRAILER};
use crate::keys::PublicKey;
use crate::verification::{Cda, CdaFault};

/// Judges the request's signature against the card's key and against the rest of the request. The amount is left to the
/// caller, who can tell a changed one from a forged signature.
pub(crate) fn judge(request: &AuthorisationRequest, icc: Option<&PublicKey>) -> Result<Cda, RequestError> {
    let (Some(signed), icc) = (&request.signed, icc) else { return Ok(Cda::NotSigned) };
    let Some(icc) = icc else { return Ok(Cda::Unknown) };
    let unpredictable_number = request.element(tag::UNPREDICTABLE_NUMBER)?;
    let dynamic = match DynamicData::recover(icc, &signed.signature, unpredictable_number) {
        Ok(dynamic) => dynamic,
        Err(fault) => return Ok(Cda::Invalid(fault)),
    };
    if Sha1::digest(&signed.hashed)[..] != dynamic.transaction_data_hash {
        return Ok(Cda::Invalid(CdaFault::TransactionData));
    }
    Ok(match contradiction(request, signed, &dynamic)? {
        Some(fault) => Cda::Invalid(fault),
        None => Cda::Valid,
    })
}

/// The CDOL1 data under a signature: they stand before the answer's data objects, whose lengths are fixed.
pub(crate) fn signed_cdol1(signed: &SignedData) -> Option<[u8; CDOL1_LENGTH]> {
    let (before, _) = split_answer(&signed.hashed)?;
    before.last_chunk().copied()
}

/// ICC dynamic data of a CDA signature: table 19.
struct DynamicData {
    cid: u8,
    cryptogram: [u8; 8],
    transaction_data_hash: [u8; 20],
}

impl DynamicData {
    fn recover(icc: &PublicKey, signature: &[u8], unpredictable_number: [u8; 4]) -> Result<Self, CdaFault> {
        let block = icc.recover(signature).map_err(|_| CdaFault::Block)?;
        let [HEADER, signed @ .., TRAILER] = block.as_slice() else { return Err(CdaFault::Block) };
        let (signed, hash) = signed.split_last_chunk::<20>().ok_or(CdaFault::Block)?;
        if Sha1::new().chain_update(signed).chain_update(unpredictable_number).finalize()[..] != *hash {
            return Err(CdaFault::Hash);
        }
        let [SIGNED_DATA_FORMAT, SHA_1, DYNAMIC_DATA_LENGTH, dynamic @ ..] = signed else {
            return Err(CdaFault::Block);
        };
        let (dynamic, padding) = dynamic.split_first_chunk::<38>().ok_or(CdaFault::Block)?;
        if padding.iter().any(|byte| *byte != PADDING) {
            return Err(CdaFault::Block);
        }
        let [DYNAMIC_NUMBER_LENGTH, dynamic @ ..] = dynamic else { return Err(CdaFault::Block) };
        // The ICC dynamic number itself proves nothing to an issuer.
        let [_, _, _, _, _, _, _, _, cid, rest @ ..] = dynamic;
        let (cryptogram, hash) = rest.split_first_chunk::<8>().ok_or(CdaFault::Block)?;
        let transaction_data_hash = hash.try_into().map_err(|_| CdaFault::Block)?;
        Ok(Self { cid: *cid, cryptogram: *cryptogram, transaction_data_hash })
    }
}

/// Where the message differs from what the card signed.
fn contradiction(
    request: &AuthorisationRequest,
    signed: &SignedData,
    dynamic: &DynamicData,
) -> Result<Option<CdaFault>, RequestError> {
    let cid = request.optional_element::<1>(tag::CID)?;
    if request.element(tag::CRYPTOGRAM)? != dynamic.cryptogram || cid.is_some_and(|[cid]| cid != dynamic.cid) {
        return Ok(Some(CdaFault::Cryptogram));
    }
    let iad = request.element::<18>(tag::ISSUER_APPLICATION_DATA)?;
    let told = Answer { cid: dynamic.cid, atc: request.element(tag::ATC)?, iad };
    let Some((before, answer)) = split_answer(&signed.hashed) else { return Ok(Some(CdaFault::Answer)) };
    if answer != told {
        return Ok(Some(CdaFault::Answer));
    }
    let Some(mut cdol1) = before.last_chunk::<CDOL1_LENGTH>().map(|chunk| &chunk[..]) else {
        return Ok(Some(CdaFault::TransactionData));
    };
    for (tag, length) in CDOL1 {
        let (value, rest) = cdol1.split_at(usize::from(length));
        cdol1 = rest;
        if tag != tag::AMOUNT && request.elements.get(&tag).is_some_and(|told| told != value) {
            return Ok(Some(CdaFault::Element(tag)));
        }
    }
    Ok(None)
}

/// The answer to GENERATE AC as it is signed.
#[derive(Eq, PartialEq)]
struct Answer {
    cid: u8,
    atc: [u8; 2],
    iad: [u8; 18],
}

/// Parts the hashed data into the terminal's and the card's: 9F27 9F36 9F10, and DF4B with an AAC.
fn split_answer(hashed: &[u8]) -> Option<(&[u8], Answer)> {
    split_fixed_answer(hashed).or_else(|| match hashed {
        [rest @ .., 0xDF, 0x4B, 3, _, _, _] => split_fixed_answer(rest),
        _ => None,
    })
}

fn split_fixed_answer(hashed: &[u8]) -> Option<(&[u8], Answer)> {
    let (before, answer) = hashed.split_last_chunk::<30>()?;
    let [0x9F, 0x27, 1, cid, 0x9F, 0x36, 2, a1, a2, 0x9F, 0x10, 18, iad @ ..] = answer else { return None };
    Some((before, Answer { cid: *cid, atc: [*a1, *a2], iad: *iad }))
}

/// Table 22.
const SIGNED_DATA_FORMAT: u8 = 0x05;
const DYNAMIC_DATA_LENGTH: u8 = 0x26;
const DYNAMIC_NUMBER_LENGTH: u8 = 8;
