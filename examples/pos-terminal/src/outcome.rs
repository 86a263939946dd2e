//! How a tap ends (EMV Contactless Book A, section 6; Book C-2, section 4.4).

use std::collections::BTreeMap;
use std::time::Duration;

use crate::action::CryptogramType;
use crate::apdu::Instruction;
use crate::cvm::Cvm;
use crate::data::DataFault;
use crate::mag_stripe::TrackFault;
use crate::oda::OdaFailure;
use crate::records::AflFault;
use crate::tlv::TlvFault;

/// The end of a tap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The issuer decides (ARQC).
    OnlineRequest(OnlineRequest),
    /// The issuer decides, from dynamic track data.
    MagStripeOnline(MagStripeRequest),
    /// The card approved offline (TC); the same data go to the issuer later.
    ApprovedOffline(OnlineRequest),
    /// The issuer has approved.
    ApprovedOnline,
    /// No payment.
    Declined {
        /// Who said so.
        reason: DeclineReason,
    },
    /// The cardholder has to do something on the phone and tap again: the terminal restarts.
    SeePhone {
        /// DF4B: what has to be done.
        poscii: [u8; 3],
    },
    /// Insert or swipe instead.
    TryAnotherInterface {
        /// Why.
        reason: AnotherInterface,
    },
    /// The tap broke off.
    EndApplication {
        /// Why.
        reason: EndReason,
    },
}

impl Outcome {
    /// Whether the issuer is asked.
    pub fn goes_online(&self) -> bool {
        matches!(self, Self::OnlineRequest(_) | Self::MagStripeOnline(_))
    }

    /// Whether the card has done its part: the issuer is asked, or the payment is made.
    pub fn is_good(&self) -> bool {
        self.goes_online() || matches!(self, Self::ApprovedOffline(_) | Self::ApprovedOnline)
    }

    /// How it ends once the issuer has answered an online request; every other end stays as it is.
    #[must_use]
    pub fn completed(self, approved: bool) -> Self {
        match (self.goes_online(), approved) {
            (false, _) => self,
            (true, true) => Self::ApprovedOnline,
            (true, false) => Self::Declined { reason: DeclineReason::Issuer },
        }
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OnlineRequest(request) if request.online_pin => f.write_str("online request, with online PIN"),
            Self::OnlineRequest(_) => f.write_str("online request"),
            Self::MagStripeOnline(_) => f.write_str("online request with dynamic track data"),
            Self::ApprovedOffline(_) => f.write_str("approved offline"),
            Self::ApprovedOnline => f.write_str("approved online"),
            Self::Declined { reason } => write!(f, "declined: {reason}"),
            Self::SeePhone { poscii } => {
                write!(f, "see phone, then tap again (DF4B {})", hex::encode_upper(poscii))
            }
            Self::TryAnotherInterface { reason } => write!(f, "insert or swipe the card: {reason}"),
            Self::EndApplication { reason } => write!(f, "the tap broke off: {reason}"),
        }
    }
}

/// What goes to the issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnlineRequest {
    /// The account number, digits only.
    pub pan: String,
    /// 5F34 as a number, 0 when the card has none.
    pub psn: u8,
    /// Chip data by tag. 9F26 is the one recovered from the signature when there is one.
    pub elements: BTreeMap<u32, Vec<u8>>,
    /// The signature of CDA and what it covers, when it was asked for. It has been verified.
    pub signed: Option<SignedData>,
    /// Whether an enciphered PIN goes along.
    pub online_pin: bool,
    /// How the cardholder was verified.
    pub cvm: Cvm,
}

/// Signed dynamic application data and the transaction data they cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedData {
    /// 9F4B.
    pub signature: Vec<u8>,
    /// PDOL values, CDOL1 values, data objects of the answer without 9F4B.
    pub hashed: Vec<u8>,
}

/// What goes to the issuer in mag-stripe mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MagStripeRequest {
    /// The account number, digits only.
    pub pan: String,
    /// Track 2 with the dynamic digits filled in, as digits with `D` for the separator.
    pub track_2: String,
    /// Its discretionary data alone.
    pub discretionary: String,
    /// Transaction data by tag, 9F36 and 9F61 as the card gave them.
    pub elements: BTreeMap<u32, Vec<u8>>,
    /// Whether an enciphered PIN goes along.
    pub online_pin: bool,
    /// How the cardholder was verified.
    pub cvm: Cvm,
}

/// Who declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeclineReason {
    /// The issuer, online.
    #[error("the issuer declined")]
    Issuer,
    /// Terminal action analysis.
    #[error("terminal action analysis declined")]
    Terminal,
    /// The card answered with an AAC, or without CVC3.
    #[error("the card declined")]
    Card,
    /// Combined data authentication.
    #[error("combined data authentication failed: {0}")]
    CdaFailed(OdaFailure),
}

/// Why another interface is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnotherInterface {
    /// The amount is above the transaction limit.
    #[error("the amount is above the contactless transaction limit")]
    TransactionLimit,
    /// The card has no EMV mode, the terminal no mag-stripe mode.
    #[error("the card offers mag-stripe mode only")]
    MagStripeMode,
}

/// Why a tap broke off.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndReason {
    /// No answer came.
    #[error("{0}")]
    Link(String),
    /// The terminal switched its field off in the middle.
    #[error("the terminal switched its field off")]
    FieldOff,
    /// The terminal lost its patience.
    #[error("card and air took longer than {} ms", limit.as_millis())]
    TooSlow {
        /// How long they may take together.
        limit: Duration,
    },
    /// The directory holds nothing that the terminal accepts.
    #[error("no application in common")]
    NoCommonApplication,
    /// A status word other than 9000.
    #[error("{command} was answered {status:04X}")]
    Status {
        /// The command.
        command: Instruction,
        /// The status word.
        status: u16,
    },
    /// An answer without status word, or longer than a short APDU.
    #[error("{command} was answered with {length} bytes")]
    AnswerLength {
        /// The command.
        command: Instruction,
        /// How many.
        length: usize,
    },
    /// The answer's body cannot be read.
    #[error("the answer to {command}: {fault}")]
    Tlv {
        /// The command.
        command: Instruction,
        /// What is wrong.
        fault: TlvFault,
    },
    /// A data object list of the card cannot be filled.
    #[error("list {tag:X}: {fault}")]
    List {
        /// The list.
        tag: u32,
        /// What is wrong.
        fault: TlvFault,
    },
    /// The card sent what it may not.
    #[error("{0}")]
    Data(#[from] DataFault),
    /// The file locator leads nowhere.
    #[error("{0}")]
    Afl(#[from] AflFault),
    /// A mandatory data object is absent.
    #[error("the card lacks {0:X}")]
    MissingData(u32),
    /// A data object with an impossible value.
    #[error("{0:X} has an impossible value")]
    Value(u32),
    /// The card gave more than asked for.
    #[error("a card asked for {asked:?} may not answer with CID {cid:02X}")]
    CryptogramType {
        /// What was asked for.
        asked: CryptogramType,
        /// 9F27.
        cid: u8,
    },
    /// The dynamic digits do not fit the track.
    #[error("{0}")]
    Track(#[from] TrackFault),
}

/// What the terminal's display says about the phone (Book C-2, message identifiers).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum PhoneMessage {
    /// "Declined".
    Declined = 0x07,
    /// "See phone for instructions".
    SeePhone = 0x20,
}

impl std::fmt::Display for PhoneMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Declined => "Declined",
            Self::SeePhone => "See phone for instructions",
        })
    }
}

/// The message for POS cardholder interaction information: first row of the table that matches.
pub fn phone_message(poscii: [u8; 3]) -> PhoneMessage {
    let row = PHONE_MESSAGE_TABLE.iter().find(|(mask, value, _)| masked(poscii, *mask) == *value);
    row.map_or(PhoneMessage::Declined, |(_, _, message)| *message)
}

/// Whether POS cardholder interaction information asks for another tap.
pub fn asks_for_second_tap(poscii: [u8; 3]) -> bool {
    masked(poscii, SECOND_TAP) != [0x00; 3]
}

fn masked(poscii: [u8; 3], mask: [u8; 3]) -> [u8; 3] {
    let [a, b, c] = poscii;
    let [x, y, z] = mask;
    [a & x, b & y, c & z]
}

/// Book C-2, processing of the GENERATE AC answer: bits that need an action and a new tap.
const SECOND_TAP: [u8; 3] = [0x00, 0x03, 0x0F];

/// Phone message table (DF8131), default rows: mask, value, message.
const PHONE_MESSAGE_TABLE: [([u8; 3], [u8; 3], PhoneMessage); 5] = [
    ([0x00, 0x08, 0x00], [0x00, 0x08, 0x00], PhoneMessage::SeePhone),
    ([0x00, 0x04, 0x00], [0x00, 0x04, 0x00], PhoneMessage::SeePhone),
    ([0x00, 0x01, 0x00], [0x00, 0x01, 0x00], PhoneMessage::SeePhone),
    ([0x00, 0x02, 0x00], [0x00, 0x02, 0x00], PhoneMessage::SeePhone),
    ([0x00, 0x00, 0x00], [0x00, 0x00, 0x00], PhoneMessage::Declined),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phone_table_decides_on_message_and_restart() {
        for (poscii, message, restart, why) in [
            ([0x00, 0x01, 0x00], PhoneMessage::SeePhone, true, "CDCVM required"),
            ([0x00, 0x02, 0x00], PhoneMessage::SeePhone, true, "consent required"),
            ([0x00, 0x00, 0x01], PhoneMessage::Declined, true, "a second tap is needed"),
            ([0x00, 0x11, 0x00], PhoneMessage::SeePhone, true, "verified, yet more is required"),
            ([0x00, 0x08, 0x00], PhoneMessage::SeePhone, false, "a context conflict ends as declined"),
            ([0x00, 0x04, 0x00], PhoneMessage::SeePhone, false, "PIN change"),
            ([0x00, 0x10, 0x00], PhoneMessage::Declined, false, "verified"),
            ([0x00, 0x00, 0x00], PhoneMessage::Declined, false, "declined"),
        ] {
            assert_eq!((phone_message(poscii), asks_for_second_tap(poscii)), (message, restart), "{why}");
        }
    }
}
