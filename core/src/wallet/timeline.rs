use crate::apdu::StatusWord;
use serde::{Deserialize, Serialize};

/// When the parts of a tap happened, so that a slow one can be explained.
///
/// Times are microseconds since the tap began, as [`crate::platform::Clock::boot_us`] tells them.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Timeline {
    marks: Vec<Mark>,
    begun_us: u64,
}

/// One moment of a tap.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Mark {
    /// Microseconds since the tap began.
    pub at_us: u64,
    /// What happened.
    pub point: TimingPoint,
}

/// What can happen in a tap.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TimingPoint {
    /// A command came in; its instruction byte, where it has one.
    CommandIn(Option<u8>),
    /// A credential is reserved.
    CredentialReady,
    /// The wallet has judged the payment.
    Decided,
    /// The field is on: the first command has come.
    FieldOn,
    /// The field is off.
    FieldOff,
    /// The app has answered, or its time is over.
    HostAnswered,
    /// An answer went out.
    ResponseOut(StatusWord),
}

impl TimingPoint {
    /// The name for programs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::CommandIn(_) => "command_in",
            Self::CredentialReady => "credential_ready",
            Self::Decided => "decided",
            Self::FieldOn => "field_on",
            Self::FieldOff => "field_off",
            Self::HostAnswered => "host_answered",
            Self::ResponseOut(_) => "response_out",
        }
    }
}

impl Timeline {
    /// A tap that begins now.
    pub(super) fn begin(now_us: u64) -> Self {
        let mut timeline = Self { marks: Vec::with_capacity(EXPECTED_MARKS), begun_us: now_us };
        timeline.mark(now_us, TimingPoint::FieldOn);
        timeline
    }

    /// Notes a moment; beyond the limit nothing more is noted.
    pub(super) fn mark(&mut self, now_us: u64, point: TimingPoint) {
        if self.marks.len() < MOST_MARKS {
            self.marks.push(Mark { at_us: now_us.saturating_sub(self.begun_us), point });
        }
    }

    /// Everything noted, in order.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }
}

/// Seven to nine commands, in and out.
const EXPECTED_MARKS: usize = 24;
/// A reader that sends more than this has no tap worth a closer look.
const MOST_MARKS: usize = 256;
