use super::{Advice, Reason, Reasons};

/// POS Cardholder Interaction Information (DF4B; C-2 kernel): what the reader is to tell the cardholder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Poscii([u8; 3]);

impl Poscii {
    /// What an answer under real keys or an approving "decline" says: whether the device verified the cardholder.
    #[must_use]
    pub const fn of_approval(cdcvm_done: bool) -> Self {
        Self([0, if cdcvm_done { Self::CDCVM_SUCCESSFUL } else { 0 }, 0])
    }

    /// What a refusal says: a bit a reason, and whether the device verified the cardholder. A decline asks for nothing,
    /// or the reader would start again; a request for another tap says "tap again" where no reason has a bit. Without
    /// a credential nothing is said at all.
    #[must_use]
    pub fn of_refusal(advice: Advice, reasons: Reasons, cdcvm_done: bool) -> Self {
        let bit = |bit, raised_by: &[Reason]| if reasons.contains_any(raised_by) { bit } else { 0 };
        let conflict = bit(Self::CONTEXT_CONFLICT, &[Reason::ContextNotMatching]);
        let verified = if cdcvm_done { Self::CDCVM_SUCCESSFUL } else { 0 };
        if reasons.contains(Reason::CredentialsNotAvailable) {
            return Self([0; 3]);
        }
        if advice != Advice::AuthenticationRequired {
            return Self([0, conflict | verified, 0]);
        }
        let consent = bit(Self::CONSENT_REQUIRED, &[Reason::MissingConsent]);
        let cdcvm = bit(
            Self::CDCVM_REQUIRED,
            &[Reason::MissingCdcvm, Reason::InsufficientCdcvm, Reason::CredentialsNotAccessibleWithoutCdcvm],
        );
        let asked = conflict | consent | cdcvm;
        let again = if asked == 0 { Self::SECOND_TAP_NEEDED } else { 0 };
        Self([0, asked | verified, again])
    }

    /// The three bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 3] {
        self.0
    }

    const CDCVM_SUCCESSFUL: u8 = 0x10;
    const CONTEXT_CONFLICT: u8 = 0x08;
    const CONSENT_REQUIRED: u8 = 0x02;
    const CDCVM_REQUIRED: u8 = 0x01;
    const SECOND_TAP_NEEDED: u8 = 0x01;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_verification_asks_for_a_second_tap() {
        let poscii = |advice, reasons: &[Reason], cdcvm| {
            Poscii::of_refusal(advice, reasons.iter().copied().collect(), cdcvm).to_bytes()
        };
        assert_eq!(poscii(Advice::AuthenticationRequired, &[Reason::MissingCdcvm], false), [0, 1, 0]);
        assert_eq!(poscii(Advice::AuthenticationRequired, &[Reason::InsufficientCdcvm], false), [0, 1, 0]);
        assert_eq!(poscii(Advice::AuthenticationRequired, &[], false), [0, 0, 1]);
        assert_eq!(poscii(Advice::AuthenticationRequired, &[], true), [0, 0x10, 1]);
        assert_eq!(poscii(Advice::Decline, &[Reason::CredentialsNotAvailable], true), [0, 0, 0]);
        let hopeless = [Reason::CredentialsNotAvailable, Reason::MissingCdcvm];
        assert_eq!(poscii(Advice::Decline, &hopeless, false), [0, 0, 0], "a restart would only loop");
        assert_eq!(poscii(Advice::Decline, &[Reason::ContextNotMatching], false), [0, 8, 0]);
        assert_eq!(poscii(Advice::Decline, &[Reason::ContextNotMatching], true), [0, 0x18, 0]);
        assert_eq!(poscii(Advice::Decline, &[Reason::MissingCdcvm], false), [0, 0, 0], "a decline asks for nothing");
        assert_eq!(Poscii::of_approval(true).to_bytes(), [0, 0x10, 0]);
    }
}
