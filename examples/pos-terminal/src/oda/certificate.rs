use sha1::{Digest, Sha1};

use super::{HEADER, PublicKey, SHA_1, TRAILER};
use crate::restrictions::full_year;

/// What is wrong with a certificate (EMV Book 2, sections 6.3 and 6.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// Not as long as the key that signed it.
    #[error("wrong length")]
    Length,
    /// Not BC at the end.
    #[error("wrong trailer")]
    Trailer,
    /// Not 6A at the beginning.
    #[error("wrong header")]
    Header,
    /// Not format 02 (issuer) or 04 (ICC).
    #[error("wrong format")]
    Format,
    /// The hash over certificate, remainder, exponent and static data differs.
    #[error("wrong hash")]
    Hash,
    /// The issuer identifier is not the beginning of the account number.
    #[error("of another issuer")]
    Issuer,
    /// The account number inside is not the card's.
    #[error("of another account number")]
    AccountNumber,
    /// Past the month in the certificate.
    #[error("expired")]
    Expired,
    /// Not SHA-1 or not RSA.
    #[error("unknown algorithm")]
    Algorithm,
    /// Lengths of modulus, remainder and exponent do not fit together.
    #[error("key of inconsistent length")]
    Key,
}

pub(super) enum Subject<'a> {
    Issuer { pan: &'a [u8] },
    Icc { pan: &'a [u8], static_data: &'a [u8] },
}

/// Opens a certificate with the key above it, in the order of steps of EMV Book 2.
pub(super) fn recover(
    signer: &PublicKey,
    certificate: &[u8],
    remainder: &[u8],
    exponent: &[u8],
    subject: &Subject<'_>,
    date: [u8; 3],
) -> Result<PublicKey, CertificateFault> {
    let block = signer.recover(certificate).ok_or(CertificateFault::Length)?;
    let body = block.strip_suffix(&[TRAILER]).ok_or(CertificateFault::Trailer)?;
    let body = body.strip_prefix(&[HEADER]).ok_or(CertificateFault::Header)?;
    let (covered, hash) = body.split_last_chunk::<20>().ok_or(CertificateFault::Length)?;
    let (format, rest) = covered.split_first().ok_or(CertificateFault::Length)?;
    if *format != subject.format() {
        return Err(CertificateFault::Format);
    }
    let computed = Sha1::new()
        .chain_update(covered)
        .chain_update(remainder)
        .chain_update(exponent)
        .chain_update(subject.static_data())
        .finalize();
    if computed.as_slice() != hash {
        return Err(CertificateFault::Hash);
    }
    let (name, rest) = rest.split_at_checked(subject.name_length()).ok_or(CertificateFault::Length)?;
    subject.check_name(name)?;
    let [month, year, _, _, _, hash_algorithm, key_algorithm, key_length, exponent_length, leftmost @ ..] = rest else {
        return Err(CertificateFault::Length);
    };
    let [today_year, today_month, _] = date;
    if (full_year(*year), *month) < (full_year(today_year), today_month) {
        return Err(CertificateFault::Expired);
    }
    if *hash_algorithm != SHA_1 || *key_algorithm != RSA {
        return Err(CertificateFault::Algorithm);
    }
    if usize::from(*exponent_length) != exponent.len() || !matches!(exponent, [0x03] | [0x01, 0x00, 0x01]) {
        return Err(CertificateFault::Key);
    }
    let modulus = modulus(usize::from(*key_length), leftmost, remainder)?;
    Ok(PublicKey::new(modulus, exponent.to_vec()))
}

fn modulus(length: usize, leftmost: &[u8], remainder: &[u8]) -> Result<Vec<u8>, CertificateFault> {
    let here = length.min(leftmost.len());
    // A short key is padded with BB and needs no remainder; a long one goes on in it.
    if length == 0 || remainder.len() != length - here {
        return Err(CertificateFault::Key);
    }
    Ok(leftmost.iter().take(here).chain(remainder).copied().collect())
}

impl Subject<'_> {
    fn format(&self) -> u8 {
        match self {
            Self::Issuer { .. } => ISSUER_FORMAT,
            Self::Icc { .. } => ICC_FORMAT,
        }
    }

    fn name_length(&self) -> usize {
        match self {
            Self::Issuer { .. } => 4,
            Self::Icc { .. } => 10,
        }
    }

    fn static_data(&self) -> &[u8] {
        match self {
            Self::Issuer { .. } => &[],
            Self::Icc { static_data, .. } => static_data,
        }
    }

    fn check_name(&self, name: &[u8]) -> Result<(), CertificateFault> {
        let digits = unpadded(name);
        match self {
            Self::Issuer { pan } if (3..=8).contains(&digits.len()) && unpadded(pan).starts_with(&digits) => Ok(()),
            Self::Issuer { .. } => Err(CertificateFault::Issuer),
            Self::Icc { pan, .. } if unpadded(pan) == digits => Ok(()),
            Self::Icc { .. } => Err(CertificateFault::AccountNumber),
        }
    }
}

fn unpadded(compressed: &[u8]) -> String {
    hex::encode(compressed).trim_end_matches('f').to_owned()
}

const ISSUER_FORMAT: u8 = 0x02;
const ICC_FORMAT: u8 = 0x04;
const RSA: u8 = 0x01;
