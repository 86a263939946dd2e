use crate::apdu::{Command, StatusWord};

/// A command that this card knows, with its parameters as types.
///
/// INS, CLA, P1 P2 and the outer lengths have been judged, in this order; state and data have not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Instruction<'a> {
    /// COMPUTE CRYPTOGRAPHIC CHECKSUM, with the data of the UDOL.
    ComputeChecksum(&'a [u8]),
    /// GENERATE AC, with the data of the CDOL1.
    GenerateAc(AcRequest, &'a [u8]),
    /// GET PROCESSING OPTIONS, with the command template 83.
    GetProcessingOptions(&'a [u8]),
    /// READ RECORD.
    ReadRecord {
        /// Short file identifier.
        sfi: u8,
        /// Record number, from 1.
        number: u8,
    },
    /// SELECT by DF name, 5 to 16 bytes.
    Select(&'a [u8]),
}

/// Which cryptogram a terminal asks for (EMV Book 3 section 6.5.5).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AcRequest {
    /// The terminal means to decline: it wants an AAC. Otherwise it wants an ARQC, or a TC, which an online-only card
    /// answers by an ARQC.
    pub aac: bool,
    /// The terminal wants the answer signed.
    pub cda: bool,
}

impl<'a> TryFrom<&Command<'a>> for Instruction<'a> {
    type Error = StatusWord;

    fn try_from(command: &Command<'a>) -> Result<Self, StatusWord> {
        let &Command { cla, ins, p1, p2, .. } = command;
        let class = match ins {
            SELECT | READ_RECORD => 0x00,
            GET_PROCESSING_OPTIONS | GENERATE_AC | COMPUTE_CHECKSUM => 0x80,
            _ => return Err(StatusWord::INSTRUCTION_NOT_SUPPORTED),
        };
        if cla != class {
            return Err(StatusWord::CLASS_NOT_SUPPORTED);
        }
        let parameters_allowed = match ins {
            SELECT => (p1, p2) == (0x04, 0x00),
            READ_RECORD => p1 != 0 && p2 & 0x07 == 0x04,
            GENERATE_AC => AcRequest::from_p1(p1).is_some() && p2 == 0,
            COMPUTE_CHECKSUM => (p1, p2) == (0x8E, 0x80),
            _ => (p1, p2) == (0, 0),
        };
        if !parameters_allowed {
            return Err(StatusWord::INCORRECT_P1_P2);
        }
        match ins {
            SELECT => {
                let name = command.data()?;
                if (5..=16).contains(&name.len()) { Ok(Self::Select(name)) } else { Err(StatusWord::WRONG_LENGTH) }
            }
            READ_RECORD => command.no_data().map(|()| Self::ReadRecord { sfi: p2 >> 3, number: p1 }),
            GENERATE_AC => {
                let request = AcRequest::from_p1(p1).ok_or(StatusWord::INCORRECT_P1_P2)?;
                Ok(Self::GenerateAc(request, command.data()?))
            }
            COMPUTE_CHECKSUM => Ok(Self::ComputeChecksum(command.data()?)),
            _ => Ok(Self::GetProcessingOptions(command.data()?)),
        }
    }
}

impl AcRequest {
    /// Types 00 (AAC), 40 (TC) and 80 (ARQC); bit 10 asks for CDA; no other bit may be set.
    fn from_p1(p1: u8) -> Option<Self> {
        let cda = p1 & 0x10 != 0;
        match p1 & !0x10 {
            0x00 => Some(Self { aac: true, cda }),
            0x40 | 0x80 => Some(Self { aac: false, cda }),
            _ => None,
        }
    }

    /// P1 as a terminal writes it.
    pub(super) const fn p1(self) -> u8 {
        let cda = if self.cda { 0x10 } else { 0x00 };
        if self.aac { cda } else { 0x80 | cda }
    }
}

/// What a phone without a payable card answers: no application has that name, and nothing else is in order.
#[must_use]
pub fn answer_without_card(command: &[u8]) -> StatusWord {
    let instruction = Command::parse(command).and_then(|command| Instruction::try_from(&command));
    match instruction {
        Ok(Instruction::Select(_)) => StatusWord::FILE_NOT_FOUND,
        Ok(_) => StatusWord::CONDITIONS_NOT_SATISFIED,
        Err(status) => status,
    }
}

/// ISO/IEC 7816-4 section 11.1.1, 11.3.3; EMV Book 3 table 4; C-2 kernel for the checksum.
/// Whether a command asks for an answer under the keys of a credential.
#[must_use]
pub fn asks_for_keys(command: &[u8]) -> bool {
    matches!(command.get(1), Some(&(GENERATE_AC | COMPUTE_CHECKSUM)))
}

const SELECT: u8 = 0xA4;
const READ_RECORD: u8 = 0xB2;
const GET_PROCESSING_OPTIONS: u8 = 0xA8;
const GENERATE_AC: u8 = 0xAE;
const COMPUTE_CHECKSUM: u8 = 0x2A;
