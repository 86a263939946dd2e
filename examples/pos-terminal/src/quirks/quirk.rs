use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::action::CryptogramType;
use crate::apdu::{self, Instruction, PPSE};

/// One way in which a terminal differs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Quirk {
    /// Every command ends before its Le.
    LeLeftOut,
    /// Every command has this Le; with `then_right` the right one follows.
    LeWrong {
        /// What stands where 00 should.
        #[serde(deserialize_with = "byte")]
        le: u8,
        /// Whether the command is said again as it should be.
        then_right: bool,
    },
    /// Every command comes first with the class 00 for 80 and 80 for 00.
    WrongClassFirst,
    /// Every command comes first with lengths of three bytes.
    ExtendedLengthFirst,
    /// Commands that a tap does not need, before others.
    Says {
        /// What is said.
        #[serde(deserialize_with = "commands")]
        commands: Vec<Vec<u8>>,
        /// Before which steps.
        before: Vec<Step>,
    },
    /// GET PROCESSING OPTIONS comes twice; the first answer counts.
    ProcessingOptionsTwice,
    /// Every READ RECORD comes twice; the first answer counts.
    RecordsTwice,
    /// The records are read from the last to the first.
    RecordsBackwards,
    /// SELECT comes first with the beginning of the name alone.
    PartialNameFirst {
        /// How many bytes of it.
        bytes: usize,
    },
    /// Looks for another application of the same name, then selects the first one again.
    LooksForNextOccurrence,
    /// Selects the names it knows, without asking for the directory.
    NoDirectory,
    /// Of the common applications this one comes first, whatever the directory says.
    Prefers {
        /// Its name.
        #[serde(deserialize_with = "bytes")]
        aid: Vec<u8>,
    },
    /// Asks for this cryptogram, whatever terminal action analysis says.
    AsksFor {
        /// Its kind.
        cryptogram: CryptogramType,
        /// Whether with CDA.
        signed: bool,
    },
    /// Asks for this cryptogram in the first tap, and for what is due in a second one.
    AsksFirst {
        /// Its kind.
        cryptogram: CryptogramType,
        /// Whether with CDA.
        signed: bool,
    },
    /// GENERATE AC comes first with one byte too few.
    ShortGenerateAcFirst,
    /// GENERATE AC comes twice; the first answer counts.
    GenerateAcTwice,
    /// The first tap ends here; a second one follows.
    DropsField(FieldDrop),
    /// Switches the field off as soon as card and air took longer together.
    GivesUpAfterMs(u64),
    /// When the cardholder has to look at the phone, it taps on without a pause.
    RestartsAtOnce {
        /// What happens to the field in between.
        field: Field,
        /// How often.
        at_most: usize,
    },
    /// Takes this amount, whatever was keyed in.
    Amount(u64),
    /// A later tap gives this amount back (9C 20).
    RefundsLater {
        /// In minor units.
        amount: u64,
    },
    /// 9F37 is always the same.
    #[serde(deserialize_with = "four_bytes")]
    UnpredictableNumber([u8; 4]),
    /// Does not hold these data objects.
    #[serde(deserialize_with = "tags")]
    Without(Vec<u32>),
    /// Holds a data object with this value.
    Holds {
        /// Which.
        #[serde(deserialize_with = "tag")]
        tag: u32,
        /// Of any length.
        #[serde(deserialize_with = "bytes")]
        value: Vec<u8>,
    },
}

impl Quirk {
    /// Whether it shows in the first tap of a visit only.
    pub(super) fn is_over_after_first_tap(&self) -> bool {
        matches!(self, Self::DropsField(_) | Self::AsksFirst { .. })
    }
}

/// The steps of a tap, as commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// SELECT of the directory.
    Directory,
    /// SELECT of an application.
    Application,
    /// GET PROCESSING OPTIONS.
    ProcessingOptions,
    /// READ RECORD.
    Record,
    /// GENERATE AC.
    Cryptogram,
    /// COMPUTE CRYPTOGRAPHIC CHECKSUM.
    Checksum,
}

impl Step {
    pub(crate) fn of(instruction: Instruction, command: &[u8]) -> Self {
        match instruction {
            Instruction::Select if apdu::data_field(command) == PPSE => Self::Directory,
            Instruction::Select => Self::Application,
            Instruction::GetProcessingOptions => Self::ProcessingOptions,
            Instruction::ReadRecord => Self::Record,
            Instruction::GenerateAc => Self::Cryptogram,
            Instruction::ComputeCryptographicChecksum => Self::Checksum,
        }
    }
}

/// Where the field goes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldDrop {
    /// After the directory.
    AfterDirectory,
    /// After SELECT of the application.
    AfterApplication,
    /// After GET PROCESSING OPTIONS.
    AfterProcessingOptions,
    /// After this record, counted from 1 in the order of reading.
    AfterRecord(usize),
    /// The card has answered GENERATE AC, and the terminal never sees it.
    BeforeCryptogramIsRead,
}

impl FieldDrop {
    pub(super) fn is_at(self, step: Step, record: usize) -> bool {
        match self {
            Self::AfterDirectory => step == Step::Directory,
            Self::AfterApplication => step == Step::Application,
            Self::AfterProcessingOptions => step == Step::ProcessingOptions,
            Self::AfterRecord(number) => step == Step::Record && record == number,
            Self::BeforeCryptogramIsRead => step == Step::Cryptogram,
        }
    }
}

/// The terminal's field between two taps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// The card does not notice that another tap begins.
    StaysOn,
    /// The card loses its power.
    GoesOff,
}

fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    decoded(&String::deserialize(deserializer)?)
}

fn byte<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let [byte] = fixed(deserializer)?;
    Ok(byte)
}

fn four_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 4], D::Error> {
    fixed(deserializer)
}

fn commands<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<u8>>, D::Error> {
    Vec::<String>::deserialize(deserializer)?.iter().map(|digits| decoded(digits)).collect()
}

fn tag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    number(&String::deserialize(deserializer)?)
}

fn tags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u32>, D::Error> {
    Vec::<String>::deserialize(deserializer)?.iter().map(|digits| number(digits)).collect()
}

fn fixed<'de, D: Deserializer<'de>, const N: usize>(deserializer: D) -> Result<[u8; N], D::Error> {
    let digits = String::deserialize(deserializer)?;
    let found = decoded(&digits)?;
    found.try_into().map_err(|_| D::Error::custom(format!("{} hex digits are needed, not {digits:?}", 2 * N)))
}

fn decoded<E: Error>(digits: &str) -> Result<Vec<u8>, E> {
    hex::decode(digits).map_err(|_| E::custom(format!("hex digits in pairs are needed, not {digits:?}")))
}

fn number<E: Error>(digits: &str) -> Result<u32, E> {
    u32::from_str_radix(digits, 16).map_err(|_| E::custom(format!("a tag in hex is needed, not {digits:?}")))
}
