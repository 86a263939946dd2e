//! The way to a card: one command in, one answer out.

mod driver;
mod hex_lines;
mod script;

use std::time::Duration;

pub use driver::DriverCard;
pub use hex_lines::HexLines;
pub use script::Script;

/// Anything that answers command APDUs.
pub trait Card {
    /// Sends a command APDU and returns the answer, status word included.
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError>;

    /// The terminal's field goes off, or the phone is taken away.
    fn leave_field(&mut self) {}

    /// How long the last answer took by the card's own clock; without one the terminal measures.
    fn answer_time(&self) -> Option<Duration> {
        None
    }
}

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The operating system refused.
    #[error("{action}: {source}")]
    Io {
        /// What was being done.
        action: &'static str,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The other side ended.
    #[error("the card side closed the link")]
    Closed,
    /// A line that is not what the link speaks.
    #[error("the card side wrote {line:?}, which is not {expected}")]
    Unreadable {
        /// The line.
        line: String,
        /// What was expected.
        expected: &'static str,
    },
    /// The driver answered `"ok": false`.
    #[error("the driver refused: {code}: {detail}")]
    Refused {
        /// The stable error code.
        code: String,
        /// The sentence beside it.
        detail: String,
    },
    /// The field was lost, for card implementations that simulate it.
    #[error("the card left the field")]
    FieldLost,
}

/// One command with its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The command APDU.
    pub command: Vec<u8>,
    /// The answer with its status word; empty when none came.
    pub answer: Vec<u8>,
    /// How long the card side took.
    pub elapsed: Duration,
}

impl Exchange {
    /// Time on the air at 106 kbit/s, both ways, frame overhead included.
    pub fn air_time(&self) -> Duration {
        air_time(self.command.len()) + air_time(self.answer.len())
    }
}

/// Time that one frame with so many bytes of payload is on the air at 106 kbit/s.
pub fn air_time(payload: usize) -> Duration {
    let bytes = u64::try_from(payload + FRAME_OVERHEAD).unwrap_or(u64::MAX);
    Duration::from_nanos(NANOSECONDS_PER_BYTE.saturating_mul(bytes))
}

/// ISO 14443-3 type A at 106 kbit/s: 8 bits and parity, 9 etu of 9.44 us.
const NANOSECONDS_PER_BYTE: u64 = 84_960;

/// ISO 14443-4: block prologue (PCB) and two bytes of CRC.
const FRAME_OVERHEAD: usize = 3;
