//! Command APDUs of the terminal and the answers to them (ISO 7816-4; EMV Book 3, section 6.5).

/// The payment system directory of contactless cards (EMV Contactless Book B).
pub const PPSE: &[u8] = b"2PAY.SYS.DDF01";

/// The commands of a contactless tap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instruction {
    /// SELECT.
    Select,
    /// GET PROCESSING OPTIONS.
    GetProcessingOptions,
    /// READ RECORD.
    ReadRecord,
    /// GENERATE AC.
    GenerateAc,
    /// COMPUTE CRYPTOGRAPHIC CHECKSUM.
    ComputeCryptographicChecksum,
}

impl Instruction {
    /// The command that a header announces.
    pub fn of(command: &[u8]) -> Option<Self> {
        match command.first_chunk()? {
            [0x00, 0xA4] => Some(Self::Select),
            [0x80, 0xA8] => Some(Self::GetProcessingOptions),
            [0x00, 0xB2] => Some(Self::ReadRecord),
            [0x80, 0xAE] => Some(Self::GenerateAc),
            [0x80, 0x2A] => Some(Self::ComputeCryptographicChecksum),
            _ => None,
        }
    }
}

impl std::fmt::Display for Instruction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Select => "SELECT",
            Self::GetProcessingOptions => "GET PROCESSING OPTIONS",
            Self::ReadRecord => "READ RECORD",
            Self::GenerateAc => "GENERATE AC",
            Self::ComputeCryptographicChecksum => "COMPUTE CRYPTOGRAPHIC CHECKSUM",
        })
    }
}

/// SELECT by name.
pub fn select(name: &[u8]) -> Vec<u8> {
    command([0x00, 0xA4, 0x04, 0x00], name)
}

/// GET PROCESSING OPTIONS with the values that the PDOL asks for.
pub fn get_processing_options(pdol_values: &[u8]) -> Vec<u8> {
    let mut template = vec![0x83];
    if pdol_values.len() > 0x7F {
        template.push(0x81);
    }
    template.push(short(pdol_values.len()));
    template.extend_from_slice(pdol_values);
    command([0x80, 0xA8, 0x00, 0x00], &template)
}

/// READ RECORD.
pub fn read_record(sfi: u8, record: u8) -> Vec<u8> {
    vec![0x00, 0xB2, record, sfi << 3 | 0x04, 0x00]
}

/// GENERATE AC.
pub fn generate_ac(reference_control: u8, cdol1_values: &[u8]) -> Vec<u8> {
    command([0x80, 0xAE, reference_control, 0x00], cdol1_values)
}

/// COMPUTE CRYPTOGRAPHIC CHECKSUM.
pub fn compute_cryptographic_checksum(udol_values: &[u8]) -> Vec<u8> {
    command([0x80, 0x2A, 0x8E, 0x80], udol_values)
}

/// The data field of a short command; nothing when it has none.
pub fn data_field(command: &[u8]) -> &[u8] {
    let length = command.get(4).copied().map_or(0, usize::from);
    command.get(5..5 + length).unwrap_or_default()
}

/// An answer split into body and status word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The data field.
    pub body: &'a [u8],
    /// SW1 SW2.
    pub status: u16,
}

impl<'a> Answer<'a> {
    /// `None` when the answer is shorter than a status word or longer than a short APDU allows.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (body, status) = bytes.split_last_chunk::<2>()?;
        (body.len() <= LONGEST_BODY).then(|| Self { body, status: u16::from_be_bytes(*status) })
    }

    /// Whether the status word is 9000.
    pub fn is_success(&self) -> bool {
        self.status == SUCCESS
    }
}

/// Normal processing.
pub const SUCCESS: u16 = 0x9000;

/// Conditions of use not satisfied: the next application may still do.
pub const CONDITIONS_NOT_SATISFIED: u16 = 0x6985;

fn command(header: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut bytes = header.to_vec();
    bytes.push(short(body.len()));
    bytes.extend_from_slice(body);
    bytes.push(0x00);
    bytes
}

// The callers keep bodies within a short APDU: `DataObjects::fill` refuses longer lists.
fn short(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(u8::MAX)
}

/// Contactless EMV knows short APDUs only.
const LONGEST_BODY: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_those_of_the_reference_trace() {
        assert_eq!(hex::encode_upper(select(PPSE)), "00A404000E325041592E5359532E444446303100");
        assert_eq!(hex::encode_upper(read_record(2, 3)), "00B2031400");
        assert_eq!(hex::encode_upper(get_processing_options(&[0x22])), "80A8000003830122".to_owned() + "00");
        assert_eq!(hex::encode_upper(get_processing_options(&[])), "80A8000002830000");
    }

    #[test]
    fn an_answer_has_a_status_word_and_fits_a_short_apdu() {
        assert_eq!(Answer::parse(&[0x6A, 0x82]), Some(Answer { body: &[], status: 0x6A82 }));
        assert_eq!(Answer::parse(&[0x90]), None);
        assert_eq!(Answer::parse(&[]), None);
        assert_eq!(Answer::parse(&[0; 259]), None);
    }
}
