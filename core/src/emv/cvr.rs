use super::{Reason, Reasons, TransactionConditions};

/// Card Verification Results: what the card did and found (M/Chip; six bytes inside [`super::IssuerApplicationData`]).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cvr([u8; 6]);

/// All that decides the bits of a [`Cvr`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CvrInput {
    /// An ARQC is answered, else an AAC.
    pub arqc: bool,
    /// The answer is signed (CDA).
    pub cda: bool,
    /// The cardholder was verified on the device.
    pub cdcvm_done: bool,
    /// The terminal left the verification to the device (9F34).
    pub cdcvm_requested: bool,
    /// At home or abroad; unknown counts as at home.
    pub conditions: TransactionConditions,
    /// The issuer's two discretionary bits, from the profile's application data.
    pub issuer_discretionary: u8,
    /// Whether the additional check table found its entry; `None` when it did not run.
    pub additional_check: Option<bool>,
    /// Why the tap is refused; empty when it proceeds.
    pub reasons: Reasons,
}

impl Cvr {
    /// Composes the results.
    #[must_use]
    pub fn compose(input: &CvrInput) -> Self {
        let mut cvr = [0; 6];
        let [first, second, _, fourth, _, sixth] = &mut cvr;
        *first = if input.arqc { 0xA0 } else { 0x80 };
        *second = input.issuer_discretionary & 0x03;
        if input.cda {
            *second |= 0x40;
        }
        if input.cdcvm_done {
            *first |= 0x05;
        } else {
            *fourth |= 0x20;
        }
        *fourth |= match input.conditions {
            TransactionConditions::International => 0x04,
            TransactionConditions::Domestic | TransactionConditions::Unknown => 0x02,
        };
        let unverified = input.reasons.contains_any(&[Reason::MissingCdcvm, Reason::InsufficientCdcvm]);
        if unverified && input.cdcvm_requested {
            *fourth |= 0x01;
        }
        if input.reasons.contains(Reason::MissingConsent) {
            *sixth |= 0x08;
        }
        *sixth |= match input.additional_check {
            Some(true) => 0x02,
            Some(false) => 0x01,
            None => 0,
        };
        Self(cvr)
    }

    /// The results with the profile's mask laid over them, as both cryptogram and issuer application data carry them.
    #[must_use]
    pub const fn masked(self, mask: [u8; 6]) -> Self {
        let ([a, b, c, d, e, f], [ma, mb, mc, md, me, mf]) = (self.0, mask);
        Self([a & ma, b & mb, c & mc, d & md, e & me, f & mf])
    }

    /// Whether bytes 4 to 6 hit a bit of the Card Issuer Action Code.
    #[must_use]
    pub const fn hits(self, action_code: [u8; 3]) -> bool {
        let ([_, _, _, d, e, f], [cd, ce, cf]) = (self.0, action_code);
        d & cd != 0 || e & ce != 0 || f & cf != 0
    }

    /// The six bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 6] {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APPROVED: CvrInput = CvrInput {
        arqc: true,
        cda: true,
        cdcvm_done: true,
        cdcvm_requested: true,
        conditions: TransactionConditions::Domestic,
        issuer_discretionary: 1,
        additional_check: None,
        reasons: Reasons::NONE,
    };

    #[test]
    fn the_published_examples() {
        let cvr = |input: CvrInput| Cvr::compose(&input).to_bytes();
        assert_eq!(cvr(APPROVED), [0xA5, 0x41, 0, 0x02, 0, 0]);
        assert_eq!(cvr(CvrInput { arqc: false, cda: false, ..APPROVED }), [0x85, 0x01, 0, 0x02, 0, 0]);
        let refused = CvrInput {
            arqc: false,
            cda: false,
            cdcvm_done: false,
            reasons: [Reason::MissingCdcvm].into_iter().collect(),
            ..APPROVED
        };
        assert_eq!(cvr(refused), [0x80, 0x01, 0, 0x23, 0, 0]);
        assert_eq!(cvr(CvrInput { cdcvm_requested: false, ..refused }), [0x80, 0x01, 0, 0x22, 0, 0]);
        assert_eq!(
            cvr(CvrInput { conditions: TransactionConditions::International, ..refused }),
            [0x80, 0x01, 0, 0x25, 0, 0],
        );
    }

    #[test]
    fn consent_and_the_additional_check_stand_in_byte_six() {
        let sixth = |input: CvrInput| Cvr::compose(&input).to_bytes()[5];
        assert_eq!(sixth(CvrInput { reasons: [Reason::MissingConsent].into_iter().collect(), ..APPROVED }), 0x08);
        assert_eq!(sixth(CvrInput { additional_check: Some(true), ..APPROVED }), 0x02);
        assert_eq!(sixth(CvrInput { additional_check: Some(false), ..APPROVED }), 0x01);
    }

    #[test]
    fn a_mask_takes_bits_away_and_an_action_code_hits_the_last_three_bytes() {
        let cvr = Cvr::compose(&APPROVED);
        assert_eq!(cvr.masked([0xFF, 0xBF, 0, 0, 0, 0]).to_bytes(), [0xA5, 0x01, 0, 0, 0, 0]);
        assert!(cvr.hits([0x02, 0, 0]));
        assert!(!cvr.hits([0xFD, 0xFF, 0xFF]));
    }
}
