//! Terminal verification results (tag 95; EMV Book 3, annex C5, and Book C-2 for byte 5).

/// The five bytes that say what the terminal found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tvr(pub [u8; 5]);

impl Tvr {
    /// Sets one finding.
    pub fn set(&mut self, finding: Finding) {
        let (byte, mask) = finding.place();
        if let Some(byte) = self.0.get_mut(byte) {
            *byte |= mask;
        }
    }

    /// Whether the finding is set.
    pub fn contains(&self, finding: Finding) -> bool {
        let (byte, mask) = finding.place();
        self.0.get(byte).is_some_and(|byte| byte & mask != 0)
    }

    /// Whether any bit of an action code is set here too.
    pub fn matches(&self, action_code: &[u8; 5]) -> bool {
        self.0.iter().zip(action_code).any(|(finding, action)| finding & action != 0)
    }
}

/// The findings this terminal can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// Offline data authentication was not performed.
    OfflineDataAuthenticationNotPerformed,
    /// Data for authentication or verification is missing.
    IccDataMissing,
    /// CDA failed.
    CdaFailed,
    /// Card and terminal have different application versions.
    ApplicationVersionsDiffer,
    /// Expired application.
    Expired,
    /// Application not yet effective.
    NotYetEffective,
    /// Requested service not allowed for the card.
    ServiceNotAllowed,
    /// Cardholder verification was not successful.
    CardholderVerificationFailed,
    /// Unrecognised CVM.
    UnrecognisedCvm,
    /// Online PIN entered.
    OnlinePinEntered,
    /// The transaction exceeds the floor limit.
    FloorLimitExceeded,
    /// Byte 5, bits 2-1 = 01: the relay resistance protocol was not performed.
    /// This terminal never performs it, hence the bit stands in every transaction.
    RelayResistanceNotPerformed,
}

impl Finding {
    /// Byte, from 0, and bit.
    const fn place(self) -> (usize, u8) {
        match self {
            Self::OfflineDataAuthenticationNotPerformed => (0, 0x80),
            Self::IccDataMissing => (0, 0x20),
            Self::CdaFailed => (0, 0x04),
            Self::ApplicationVersionsDiffer => (1, 0x80),
            Self::Expired => (1, 0x40),
            Self::NotYetEffective => (1, 0x20),
            Self::ServiceNotAllowed => (1, 0x10),
            Self::CardholderVerificationFailed => (2, 0x80),
            Self::UnrecognisedCvm => (2, 0x40),
            Self::OnlinePinEntered => (2, 0x04),
            Self::FloorLimitExceeded => (3, 0x80),
            Self::RelayResistanceNotPerformed => (4, 0x01),
        }
    }
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
