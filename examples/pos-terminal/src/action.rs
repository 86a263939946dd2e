//! Terminal action analysis: what to ask of the card (EMV Book 3, section 10.7).

use crate::configuration::{Connectivity, TerminalConfiguration};
use crate::data::DataObjects;
use crate::tvr::Tvr;

/// Kinds of application cryptogram, with their bits in the reference control parameter and the CID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
pub enum CryptogramType {
    /// AAC: declined.
    #[serde(rename = "AAC")]
    Decline,
    /// TC: approved offline.
    #[serde(rename = "TC")]
    Approve,
    /// ARQC: the issuer decides.
    #[serde(rename = "ARQC")]
    GoOnline,
}

impl CryptogramType {
    /// Its two bits (EMV Book 3, tables 12 and 14).
    pub const fn bits(self) -> u8 {
        match self {
            Self::Decline => 0x00,
            Self::Approve => 0x40,
            Self::GoOnline => 0x80,
        }
    }

    /// The kind in a CID; `None` for the reserved combination of bits.
    pub fn from_cid(cid: u8) -> Option<Self> {
        [Self::Decline, Self::Approve, Self::GoOnline].into_iter().find(|kind| cid & 0xC0 == kind.bits())
    }

    /// Whether a card may give this when asked for `asked`: the same or less (EMV Book 3, section 9.3).
    pub fn may_answer(self, asked: Self) -> bool {
        match self {
            Self::Decline => true,
            Self::GoOnline => asked != Self::Decline,
            Self::Approve => asked == Self::Approve,
        }
    }
}

/// Weighs the findings against the codes of acquirer and issuer.
pub fn analyse(configuration: &TerminalConfiguration, objects: &DataObjects, tvr: &Tvr) -> CryptogramType {
    let issuer = |tag, absent| objects.fixed(tag).unwrap_or(absent);
    if tvr.matches(&configuration.tac_denial) || tvr.matches(&issuer(IAC_DENIAL, [0x00; 5])) {
        return CryptogramType::Decline;
    }
    let found = |tac, iac| tvr.matches(tac) || tvr.matches(&issuer(iac, ABSENT_ACTION_CODE));
    match configuration.connectivity() {
        Connectivity::OnlineOnly => CryptogramType::GoOnline,
        Connectivity::OfflineWithOnline if found(&configuration.tac_online, IAC_ONLINE) => CryptogramType::GoOnline,
        Connectivity::OfflineOnly if found(&configuration.tac_default, IAC_DEFAULT) => CryptogramType::Decline,
        Connectivity::OfflineWithOnline | Connectivity::OfflineOnly => CryptogramType::Approve,
    }
}

const IAC_DEFAULT: u32 = 0x9F0D;
const IAC_DENIAL: u32 = 0x9F0E;
const IAC_ONLINE: u32 = 0x9F0F;

/// Book C-2, annex A: an absent issuer action code has every bit but those of relay resistance "performed".
const ABSENT_ACTION_CODE: [u8; 5] = [0xFF, 0xFF, 0xFF, 0xFF, 0xFC];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tlv::elements;
    use crate::tvr::Finding;

    fn asked(terminal: &str, card: &str, findings: &[Finding]) -> CryptogramType {
        let mut objects = DataObjects::default();
        let bytes = hex::decode(card).unwrap();
        elements(&bytes).unwrap().iter().for_each(|element| objects.store(element).unwrap());
        let mut tvr = Tvr::default();
        findings.iter().for_each(|finding| tvr.set(*finding));
        analyse(&TerminalConfiguration::builtin(terminal).unwrap(), &objects, &tvr)
    }

    #[test]
    fn findings_meet_action_codes() {
        use CryptogramType::{Approve, Decline, GoOnline};
        use Finding::{Expired, FloorLimitExceeded, NotYetEffective, RelayResistanceNotPerformed};
        let lenient = "9F0D0500000000009F0E0500000000009F0F050000000000";
        let strict = "9F0E050040000000";
        assert_eq!(asked("shop-poland", lenient, &[FloorLimitExceeded]), GoOnline, "the acquirer's code");
        assert_eq!(asked("shop-poland", lenient, &[NotYetEffective]), Approve, "nobody minds");
        assert_eq!(asked("shop-poland", "", &[NotYetEffective]), GoOnline, "absent codes mind everything");
        assert_eq!(asked("shop-poland", "", &[RelayResistanceNotPerformed]), Approve, "but not this");
        assert_eq!(asked("shop-poland", strict, &[Expired]), Decline, "the issuer's denial");
        assert_eq!(asked("mag-stripe", lenient, &[]), GoOnline, "an online-only terminal always asks");
        assert_eq!(asked("offline-only", lenient, &[FloorLimitExceeded]), Decline, "nobody to ask");
        assert_eq!(asked("offline-only", lenient, &[]), Approve);
    }

    #[test]
    fn a_card_may_give_less_than_asked_never_more() {
        use CryptogramType::{Approve, Decline, GoOnline};
        assert!(GoOnline.may_answer(Approve) && Decline.may_answer(GoOnline) && Approve.may_answer(Approve));
        assert!(!Approve.may_answer(GoOnline) && !GoOnline.may_answer(Decline));
        assert_eq!(CryptogramType::from_cid(0xC0), None);
    }
}
