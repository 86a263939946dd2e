//! Offline data authentication: the certificate chain and combined DDA (EMV Book 2, sections 6.3 to 6.6).

mod certificate;

use num_bigint::BigUint;
use sha1::{Digest, Sha1};

use crate::configuration::TerminalConfiguration;
use crate::data::{DataObjects, parse_tag_list};
use certificate::Subject;

pub use certificate::CertificateFault;

/// How far authentication came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum OdaResult {
    /// Card or terminal does not support CDA, or the tap ended before it.
    #[default]
    NotPerformed,
    /// The certificates hold; no signature was asked for or given.
    KeysRecovered,
    /// Certificates and signature hold.
    CdaVerified {
        /// The card's own contribution to the signature (9F4C).
        icc_dynamic_number: Vec<u8>,
    },
    /// Something does not hold.
    Failed(OdaFailure),
}

impl std::fmt::Display for OdaResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotPerformed => f.write_str("not performed"),
            Self::KeysRecovered => f.write_str("certificates verified, no signature"),
            Self::CdaVerified { .. } => f.write_str("certificates and signature verified (CDA)"),
            Self::Failed(failure) => write!(f, "failed: {failure}"),
        }
    }
}

/// What does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OdaFailure {
    /// The card did not send what the method needs.
    #[error("the card lacks {0:X}")]
    MissingData(u32),
    /// No such key of a certification authority.
    #[error("no CA public key {index:02X} of this scheme")]
    CaPublicKeyUnknown {
        /// 8F.
        index: u8,
    },
    /// 9F4A names something else than the AIP.
    #[error("the static data authentication tag list is not 82")]
    StaticDataTagList,
    /// Tag 90.
    #[error("issuer certificate: {0}")]
    IssuerCertificate(CertificateFault),
    /// Tag 9F46.
    #[error("ICC certificate: {0}")]
    IccCertificate(CertificateFault),
    /// Tag 9F4B.
    #[error("signature: {0}")]
    Signature(SignatureFault),
}

/// What is wrong with signed dynamic application data (EMV Book 2, section 6.6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// CDA was asked for, the cryptogram came in clear.
    #[error("absent")]
    Absent,
    /// Not as long as the ICC key.
    #[error("wrong length")]
    Length,
    /// Not BC at the end.
    #[error("wrong trailer")]
    Trailer,
    /// Not 6A at the beginning.
    #[error("wrong header")]
    Header,
    /// Not format 05.
    #[error("wrong format")]
    Format,
    /// Not SHA-1.
    #[error("unknown hash algorithm")]
    HashAlgorithm,
    /// The hash, over the unpredictable number too, differs.
    #[error("wrong hash")]
    Hash,
    /// The ICC dynamic data do not have their lengths.
    #[error("malformed dynamic data")]
    DynamicData,
    /// The cryptogram information data inside differ from those outside.
    #[error("other cryptogram information data inside than outside")]
    Cid,
    /// The transaction data hash code differs.
    #[error("wrong transaction data hash")]
    TransactionData,
}

/// An RSA public key found in a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

/// What a valid signature says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DynamicData {
    /// 9F4C.
    pub icc_dynamic_number: Vec<u8>,
    /// 9F26.
    pub cryptogram: [u8; 8],
}

impl PublicKey {
    /// A key from big-endian bytes.
    pub fn new(modulus: Vec<u8>, exponent: Vec<u8>) -> Self {
        Self { modulus, exponent }
    }

    /// The modulus, big-endian.
    pub fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    /// The exponent, big-endian.
    pub fn exponent(&self) -> &[u8] {
        &self.exponent
    }

    // RSA recovery (EMV Book 2, annex B2.1): what was signed, as long as the modulus.
    fn recover(&self, signature: &[u8]) -> Option<Vec<u8>> {
        let modulus = BigUint::from_bytes_be(&self.modulus);
        if signature.len() != self.modulus.len() || modulus == BigUint::ZERO {
            return None;
        }
        let exponent = BigUint::from_bytes_be(&self.exponent);
        let recovered = BigUint::from_bytes_be(signature).modpow(&exponent, &modulus).to_bytes_be();
        let mut block = vec![0x00; self.modulus.len().saturating_sub(recovered.len())];
        block.extend(recovered);
        Some(block)
    }
}

/// Recovers the ICC public key from what the card sent; `signed_records` as the AFL marks them.
pub fn recover_icc_public_key(
    objects: &DataObjects,
    rid: &[u8],
    configuration: &TerminalConfiguration,
    signed_records: &[u8],
    date: [u8; 3],
) -> Result<PublicKey, OdaFailure> {
    let needed = |tag| objects.value(tag).ok_or(OdaFailure::MissingData(tag));
    let index = match needed(CA_PUBLIC_KEY_INDEX)? {
        [index] => *index,
        _ => return Err(OdaFailure::MissingData(CA_PUBLIC_KEY_INDEX)),
    };
    let ca = configuration.ca_public_key(rid, index).ok_or(OdaFailure::CaPublicKeyUnknown { index })?;
    let ca = PublicKey::new(ca.modulus.clone(), ca.exponent.clone());
    let (issuer_certificate, issuer_exponent) = (needed(ISSUER_CERTIFICATE)?, needed(ISSUER_EXPONENT)?);
    let (icc_certificate, icc_exponent) = (needed(ICC_CERTIFICATE)?, needed(ICC_EXPONENT)?);
    let pan = needed(PAN)?;
    let issuer = certificate::recover(
        &ca,
        issuer_certificate,
        objects.value(ISSUER_REMAINDER).unwrap_or_default(),
        issuer_exponent,
        &Subject::Issuer { pan },
        date,
    )
    .map_err(OdaFailure::IssuerCertificate)?;
    let static_data = static_data(objects, signed_records)?;
    certificate::recover(
        &issuer,
        icc_certificate,
        objects.value(ICC_REMAINDER).unwrap_or_default(),
        icc_exponent,
        &Subject::Icc { pan, static_data: &static_data },
        date,
    )
    .map_err(OdaFailure::IccCertificate)
}

/// Verifies signed dynamic application data of a GENERATE AC answer.
///
/// `hashed` is PDOL values, CDOL1 values and the answer's data objects without 9F4B.
pub fn verify_cda(
    key: &PublicKey,
    signature: &[u8],
    unpredictable_number: [u8; 4],
    cid: u8,
    hashed: &[u8],
) -> Result<DynamicData, SignatureFault> {
    let block = key.recover(signature).ok_or(SignatureFault::Length)?;
    let body = block.strip_suffix(&[TRAILER]).ok_or(SignatureFault::Trailer)?;
    let body = body.strip_prefix(&[HEADER]).ok_or(SignatureFault::Header)?;
    let (covered, hash) = body.split_last_chunk::<20>().ok_or(SignatureFault::Length)?;
    let [format, algorithm, length, rest @ ..] = covered else { return Err(SignatureFault::Length) };
    if *format != SIGNED_DYNAMIC_DATA {
        return Err(SignatureFault::Format);
    }
    if *algorithm != SHA_1 {
        return Err(SignatureFault::HashAlgorithm);
    }
    if Sha1::new().chain_update(covered).chain_update(unpredictable_number).finalize().as_slice() != hash {
        return Err(SignatureFault::Hash);
    }
    // Table 19: length of the dynamic number, the number, CID, cryptogram, transaction data hash code.
    let dynamic = rest.get(..usize::from(*length)).ok_or(SignatureFault::DynamicData)?;
    let (number_length, rest) = dynamic.split_first().ok_or(SignatureFault::DynamicData)?;
    if !(2..=8).contains(number_length) {
        return Err(SignatureFault::DynamicData);
    }
    let (number, rest) = rest.split_at_checked(usize::from(*number_length)).ok_or(SignatureFault::DynamicData)?;
    let (inner_cid, rest) = rest.split_first().ok_or(SignatureFault::DynamicData)?;
    let (cryptogram, rest) = rest.split_first_chunk::<8>().ok_or(SignatureFault::DynamicData)?;
    let (transaction_hash, _) = rest.split_first_chunk::<20>().ok_or(SignatureFault::DynamicData)?;
    if *inner_cid != cid {
        return Err(SignatureFault::Cid);
    }
    if Sha1::digest(hashed).as_slice() != transaction_hash {
        return Err(SignatureFault::TransactionData);
    }
    Ok(DynamicData { icc_dynamic_number: number.to_vec(), cryptogram: *cryptogram })
}

// EMV Book 3, section 10.3: the tag list may name the AIP and nothing else.
fn static_data(objects: &DataObjects, signed_records: &[u8]) -> Result<Vec<u8>, OdaFailure> {
    let mut covered = signed_records.to_vec();
    if let Some(list) = objects.value(STATIC_DATA_TAG_LIST) {
        if parse_tag_list(list).as_deref() != Ok(&[AIP]) {
            return Err(OdaFailure::StaticDataTagList);
        }
        covered.extend_from_slice(objects.value(AIP).ok_or(OdaFailure::MissingData(AIP))?);
    }
    Ok(covered)
}

const HEADER: u8 = 0x6A;
const TRAILER: u8 = 0xBC;
const SHA_1: u8 = 0x01;
const SIGNED_DYNAMIC_DATA: u8 = 0x05;
const AIP: u32 = 0x82;
const PAN: u32 = 0x5A;
const CA_PUBLIC_KEY_INDEX: u32 = 0x8F;
const ISSUER_CERTIFICATE: u32 = 0x90;
const ISSUER_REMAINDER: u32 = 0x92;
const ISSUER_EXPONENT: u32 = 0x9F32;
const ICC_CERTIFICATE: u32 = 0x9F46;
const ICC_EXPONENT: u32 = 0x9F47;
const ICC_REMAINDER: u32 = 0x9F48;
const STATIC_DATA_TAG_LIST: u32 = 0x9F4A;
