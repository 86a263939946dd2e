//! What a terminal sends, and what the documents make of it.

use crate::Syn1;

/// What a terminal asks the card to answer under its keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Question {
    pub kind: Kind,
    pub amount: u64,
    pub foreign: bool,
    /// Merchant category of passenger transport.
    pub transport: bool,
    /// 9F34; mag-stripe mode has none.
    pub results: Results,
    pub offline_only: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Aac,
    Arqc,
    /// COMPUTE CRYPTOGRAPHIC CHECKSUM, with its mobile support indicator.
    Checksum(u8),
    SignedAac,
    SignedArqc,
    Tc,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Results {
    Device,
    NoCvm,
    NoCvmFailed,
    OnlinePin,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Range {
    High,
    Low,
    Unknown,
}

/// One command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sent {
    Ppse,
    Aid,
    UnknownAid,
    Options {
        offline_only: bool,
    },
    Record,
    Ask(Question),
    /// Anything that no card answers by data, in whatever state.
    Odd(&'static str),
}

impl Question {
    pub const HIGH: Self = Self {
        kind: Kind::Arqc,
        amount: 15_000,
        foreign: false,
        transport: false,
        results: Results::Device,
        offline_only: false,
    };

    pub fn is_checksum(&self) -> bool {
        matches!(self.kind, Kind::Checksum(_))
    }

    /// Reference 4.3.
    pub fn is_gate(&self) -> bool {
        self.amount == 0 && self.transport
    }

    /// Reference 4.2; the UDOL of SYN-1 does not ask for 9F33.
    pub fn range(&self) -> Range {
        match (self.kind, self.results) {
            (Kind::Checksum(support), _) if support & 1 == 0 => Range::Unknown,
            (Kind::Checksum(support), _) => [Range::Low, Range::High][usize::from(support >> 1 & 1)],
            (_, Results::NoCvm) => Range::Low,
            _ => Range::High,
        }
    }

    /// Whether the cardholder proves nothing to the terminal.
    pub fn terminal_verifies_nobody(&self) -> bool {
        match self.kind {
            Kind::Checksum(support) => support & 2 != 0,
            _ => self.results != Results::OnlinePin,
        }
    }

    fn command(&self, number: u32) -> String {
        let Self { amount, .. } = *self;
        let currency = if self.foreign { "0978" } else { "0985" };
        let category = if self.transport { "4111" } else { "5411" };
        let terminal_type = if self.offline_only { "23" } else { "22" };
        let p1 = match self.kind {
            Kind::Checksum(support) => {
                return format!(
                    "802A8E8016{number:08}{support:02X}{amount:012}{currency}061600260115{category}{terminal_type}00"
                );
            }
            Kind::Aac => "00",
            Kind::Arqc => "80",
            Kind::SignedAac => "10",
            Kind::SignedArqc => "90",
            Kind::Tc => "40",
        };
        let results = match self.results {
            Results::Device => "010002",
            Results::NoCvm => "1F0302",
            Results::NoCvmFailed => "1F0301",
            Results::OnlinePin => "420300",
        };
        format!(
            "80AE{p1}002D{amount:012}00000000000006160000008001{currency}26011500{number:08X}{terminal_type}\
             00000000000000000000{results}{category}00"
        )
    }
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::Aac,
        Self::Arqc,
        Self::Checksum(0),
        Self::Checksum(1),
        Self::Checksum(3),
        Self::SignedAac,
        Self::SignedArqc,
        Self::Tc,
    ];
}

impl Sent {
    /// From the selection to the question.
    pub fn tap(question: Question) -> Vec<Self> {
        vec![Self::Ppse, Self::Aid, Self::Options { offline_only: false }, Self::Record, Self::Ask(question)]
    }

    /// The command, with the terminal's next unpredictable number.
    pub fn command(&self, number: u32) -> String {
        match self {
            Self::Ppse => Syn1::SELECT_PPSE.into(),
            Self::Aid => Syn1::SELECT_AID.into(),
            Self::UnknownAid => "00A4040007A000000004306000".into(),
            Self::Options { offline_only: false } => Syn1::GPO.into(),
            Self::Options { offline_only: true } => Syn1::GPO.replace("06162200", "06162300"),
            Self::Record => Syn1::READ_RECORDS[0].into(),
            Self::Ask(question) => question.command(number),
            Self::Odd(command) => (*command).into(),
        }
    }
}
