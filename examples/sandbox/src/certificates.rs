//! Public key certificates with message recovery (EMV Book 2, sections 5.1 and 6.1, tables 6 and 14).
//!
//! A certificate holds as much of the certified modulus as fits; what does not fit travels beside it as the remainder.

use sha1::{Digest, Sha1};

use crate::keys::{KeyError, KeyPair, PublicKey};
use crate::tlv::tlv;

/// A certificate and what a terminal needs besides.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Certificate {
    /// 90 or 9F46: as long as the signer's modulus.
    pub certificate: Vec<u8>,
    /// 92 or 9F48: empty if the certificate holds the whole modulus; the tag is then left out.
    pub remainder: Vec<u8>,
    /// 9F32 or 9F47.
    pub exponent: Vec<u8>,
}

impl Certificate {
    /// The data objects of a record, in the order 9F32 92 90.
    pub(crate) fn issuer_objects(&self) -> Vec<u8> {
        self.objects([0x9F32, 0x92, 0x90])
    }

    /// The data objects of a record, in the order 9F47 9F48 9F46.
    pub(crate) fn icc_objects(&self) -> Vec<u8> {
        self.objects([0x9F47, 0x9F48, 0x9F46])
    }

    fn objects(&self, [exponent, remainder, certificate]: [u32; 3]) -> Vec<u8> {
        let mut objects = tlv(exponent, &self.exponent);
        if !self.remainder.is_empty() {
            objects.extend(tlv(remainder, &self.remainder));
        }
        objects.extend(tlv(certificate, &self.certificate));
        objects
    }
}

/// The dates and numbers of a certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Validity {
    /// Month and year after which the certificate is void, MMYY in BCD.
    pub expiry: [u8; 2],
    /// The signer's number for this certificate.
    pub serial: [u8; 3],
}

/// Tag 90: the certification authority signs the issuer's key. `identifier` is the leftmost 3-8 digits of the account
/// number, BCD, padded with F.
pub fn certify_issuer(
    authority: &KeyPair,
    issuer: &PublicKey,
    identifier: [u8; 4],
    validity: Validity,
) -> Result<Certificate, KeyError> {
    let subject = [&[ISSUER_FORMAT][..], &identifier].concat();
    certify(authority, issuer, &subject, validity, &[])
}

/// Tag 9F46: the issuer signs the card's key together with the static data: the contents of the records that the AFL
/// marks as signed, then the AIP where 9F4A names it (EMV Book 3, section 10.3). `pan` is BCD, padded with F.
pub fn certify_icc(
    issuer: &KeyPair,
    icc: &PublicKey,
    pan: [u8; 10],
    validity: Validity,
    static_data: &[u8],
) -> Result<Certificate, KeyError> {
    let subject = [&[ICC_FORMAT][..], &pan].concat();
    certify(issuer, icc, &subject, validity, static_data)
}

fn certify(
    signer: &KeyPair,
    certified: &PublicKey,
    subject: &[u8],
    validity: Validity,
    static_data: &[u8],
) -> Result<Certificate, KeyError> {
    let length = signer.public().byte_length();
    // EMV Book 2, annex D: no key may be longer than the one that certifies it.
    if certified.byte_length() > length {
        return Err(KeyError::Size(8 * certified.byte_length()));
    }
    let exponent = certified.exponent().to_bytes();

    let mut signed = subject.to_vec();
    signed.extend(validity.expiry);
    signed.extend(validity.serial);
    signed.extend([SHA_1, RSA, certified.byte_length() as u8, exponent.len() as u8]);

    let mut modulus = certified.modulus();
    let room = length - signed.len() - HEADER_HASH_TRAILER;
    let remainder = if modulus.len() > room { modulus.split_off(room) } else { Vec::new() };
    modulus.resize(room, PADDING);
    signed.extend(modulus);

    let hash = Sha1::new()
        .chain_update(&signed)
        .chain_update(&remainder)
        .chain_update(&exponent)
        .chain_update(static_data)
        .finalize();
    let block = [&[HEADER][..], &signed, &hash, &[TRAILER]].concat();
    Ok(Certificate { certificate: signer.sign(&block)?, remainder, exponent })
}

/// First byte of everything signed with message recovery (EMV Book 2, annex A2.1).
pub(crate) const HEADER: u8 = 0x6A;
/// Last byte of the same.
pub(crate) const TRAILER: u8 = 0xBC;
/// Filler of the same.
pub(crate) const PADDING: u8 = 0xBB;
/// Hash algorithm indicator of SHA-1 (EMV Book 2, annex B3.1).
pub(crate) const SHA_1: u8 = 0x01;
/// Public key algorithm indicator of RSA (EMV Book 2, annex B2.1).
const RSA: u8 = 0x01;
/// Certificate formats of tables 6 and 14.
const ISSUER_FORMAT: u8 = 0x02;
const ICC_FORMAT: u8 = 0x04;
/// One byte before, 20 of hash and one byte after the signed part.
const HEADER_HASH_TRAILER: usize = 22;
