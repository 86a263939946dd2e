use super::{retail_mac, retail_macs};
use crate::emv::{Aip, Atc, Cvr};

/// How many bytes an application cryptogram is made over.
pub const CRYPTOGRAM_INPUT_LENGTH: usize = 39;

/// The input of an application cryptogram: 29 bytes of CDOL1 data, AIP, ATC, CVR (M/Chip, cryptogram version 14).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CryptogramInput([u8; CRYPTOGRAM_INPUT_LENGTH]);

impl CryptogramInput {
    /// How many bytes of the CDOL1 data go in: always the first ones, whatever the CDOL1 asks for.
    pub const CDOL1_LENGTH: usize = 29;

    /// Composes the input; `aip` is the one that was answered to GET PROCESSING OPTIONS.
    #[must_use]
    pub fn compose(cdol1_data: &[u8; Self::CDOL1_LENGTH], aip: Aip, atc: Atc, cvr: Cvr) -> Self {
        let mut input = [0; CRYPTOGRAM_INPUT_LENGTH];
        let parts: [&[u8]; 4] = [cdol1_data, &aip.to_bytes(), &atc.to_bytes(), &cvr.to_bytes()];
        input.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
        Self(input)
    }

    /// The 39 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; CRYPTOGRAM_INPUT_LENGTH] {
        &self.0
    }
}

/// An application cryptogram under one session key; UMD and MD cryptograms differ in the key alone.
#[must_use]
pub fn application_cryptogram(session_key: &[u8; 16], input: &CryptogramInput) -> [u8; 8] {
    retail_mac(session_key, input.as_bytes())
}

/// The application cryptograms of one transaction: under the UMD and under the MD session key.
#[must_use]
pub fn application_cryptograms(umd_key: &[u8; 16], md_key: &[u8; 16], input: &CryptogramInput) -> [[u8; 8]; 2] {
    retail_macs([umd_key, md_key], input.as_bytes())
}
