//! Terminal verification results (tag 95; EMV Book 3, annex C5, and Book C-2 for byte 5).

/// The five bytes that say what the terminal found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tvr(pub [u8; 5]);

impl Tvr {
    /// Sets one finding.
    pub fn set(&mut self, finding: Finding) {
        let [byte, mask] = (finding as u16).to_be_bytes();
        if let Some(byte) = self.0.get_mut(usize::from(byte)) {
            *byte |= mask;
        }
    }

    /// Whether the finding is set.
    pub fn contains(&self, finding: Finding) -> bool {
        let [byte, mask] = (finding as u16).to_be_bytes();
        self.0.get(usize::from(byte)).is_some_and(|byte| byte & mask != 0)
    }

    /// Whether any bit of an action code is set here too.
    pub fn matches(&self, action_code: &[u8; 5]) -> bool {
        self.0.iter().zip(action_code).any(|(finding, action)| finding & action != 0)
    }
}

/// The findings this terminal can make: byte (from 0) and bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Finding {
    /// Offline data authentication was not performed.
    OfflineDataAuthenticationNotPerformed = 0x0080,
    /// Data for authentication or verification is missing.
    IccDataMissing = 0x0020,
    /// CDA failed.
    CdaFailed = 0x0004,
    /// Card and terminal have different application versions.
    ApplicationVersionsDiffer = 0x0180,
    /// Expired application.
    Expired = 0x0140,
    /// Application not yet effective.
    NotYetEffective = 0x0120,
    /// Requested service not allowed for the card.
    ServiceNotAllowed = 0x0110,
    /// Cardholder verification was not successful.
    CardholderVerificationFailed = 0x0280,
    /// Unrecognised CVM.
    UnrecognisedCvm = 0x0240,
    /// Online PIN entered.
    OnlinePinEntered = 0x0204,
    /// The transaction exceeds the floor limit.
    FloorLimitExceeded = 0x0380,
    /// Byte 5, bits 2-1 = 01: the relay resistance protocol was not performed.
    /// This terminal never performs it, hence the bit stands in every transaction.
    RelayResistanceNotPerformed = 0x0401,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_the_bits_of_the_specification() {
        let mut tvr = Tvr::default();
        tvr.set(Finding::FloorLimitExceeded);
        tvr.set(Finding::RelayResistanceNotPerformed);
        assert_eq!(hex::encode(tvr.0), "0000008001");
        assert!(tvr.contains(Finding::FloorLimitExceeded) && !tvr.contains(Finding::CdaFailed));
        assert!(tvr.matches(&[0, 0, 0, 0x80, 0]) && !tvr.matches(&[0xFF, 0xFF, 0xFF, 0x7F, 0xFC]));
    }
}
