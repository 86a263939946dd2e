//! Recordings of taps: what a reader, an app and a cardholder did, and what the wallet made of it.
//!
//! A recording holds no account number of any card that was installed, no track, no key, and no transaction identifier (a
//! hash over the account number, which could be searched for it). The cryptograms that were sent are in it. A card whose
//! name is its account number is recorded, and cannot be found again when the recording is played.

mod compare;
mod mask;

pub use compare::Difference;
pub(crate) use compare::compare;
pub(crate) use mask::{hide_cryptograms, mask_answer, mask_command, mask_name};

use serde::{Deserialize, Serialize};

/// Everything that happened to a wallet since it was set up, as far as taps depend on it.
///
/// ```
/// use bezant::recording::Recording;
/// let recording = Recording::from_json(r#"{"version":1,"complete":true,"config":"","steps":[]}"#)?;
/// assert!(recording.steps.is_empty());
/// # Ok::<(), bezant::recording::NotARecording>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// The form of this recording: 1.
    pub version: u32,
    /// What all random bytes followed from, where they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Whether the steps begin at the set-up; otherwise there were more than the wallet keeps.
    pub complete: bool,
    /// The configuration, for people to compare.
    pub config: String,
    /// What happened, in order.
    pub steps: Vec<RecordedStep>,
}

/// One thing that happened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RecordedStep {
    /// When, on the wall clock.
    pub unix_ms: u64,
    /// When, on the boot clock.
    pub boot_ms: u64,
    /// What.
    #[serde(flatten)]
    pub act: Act,
    /// What the app was told since the step before, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<String>,
}

/// What can happen to a wallet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// A card was made one that pays.
    Activate {
        /// Which.
        instrument: String,
    },
    /// The cardholder was verified.
    Authenticate {
        /// How: the code of a [`crate::cdcvm::CdcvmMethod`].
        method: String,
        /// For this card alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instrument: Option<String>,
    },
    /// The verification was forgotten.
    ClearAuthentication,
    /// A reader sent a command.
    Command {
        /// In hexadecimal; what must not be shown is X.
        command: String,
        /// The same.
        answer: String,
        /// Where the command came to a decision.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        decided: Option<Decided>,
        /// What happened while the app was asked or told.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        meanwhile: Vec<RecordedStep>,
    },
    /// The reader had gone.
    Deactivate {
        /// Whether the link was lost; otherwise another application was selected.
        link_lost: bool,
        /// The outcome that was told.
        outcome: Option<String>,
    },
    /// A card was removed.
    Delete {
        /// Which.
        instrument: String,
    },
    /// The device told how it stands.
    Device {
        /// The lock screen is up.
        locked: bool,
        /// The screen is on.
        screen_on: bool,
    },
    /// A profile was installed.
    Install {
        /// Under this name.
        instrument: String,
    },
    /// Credentials were taken in.
    Load {
        /// For this card.
        instrument: String,
        /// With these counters.
        atcs: Vec<u16>,
    },
    /// A card was chosen for one tap.
    Select {
        /// Which.
        instrument: String,
    },
    /// A card was made the default.
    SetDefault {
        /// Which.
        instrument: String,
    },
    /// A card was suspended.
    Suspend {
        /// Which.
        instrument: String,
    },
}

/// How a payment was decided.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Decided {
    /// With which card.
    pub instrument: String,
    /// What was done.
    pub advice: String,
    /// Why.
    pub reasons: Vec<String>,
    /// The rule that decided.
    pub rule: String,
    /// What the app said.
    pub host: HostWord,
    /// The counter of the credential that was spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spent: Option<u16>,
}

/// What the app said.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostWord {
    /// To ask for a verification.
    AuthenticationRequired,
    /// To decline.
    Decline,
    /// Nothing: it failed.
    Failed,
    /// To do as recommended.
    Follows,
    /// Nothing in time.
    Late,
    /// Nobody asked it.
    NotAsked,
    /// To pay.
    Proceed,
}

/// What came of playing a recording again.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Replay {
    /// What is not as it was; nothing, if all is the same.
    pub differences: Vec<Difference>,
    /// Answers whose cryptograms could not be made again, for want of their keys or of the seed; all else in them was
    /// compared.
    pub not_recomputed: usize,
}

/// Something that cannot be played.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotARecording {
    /// It is not the JSON of a recording.
    #[error("not a recording, from line {line}, column {column} on")]
    Malformed {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// It has another form.
    #[error("a recording of version {0}; this is version {VERSION}")]
    Version(u32),
}

impl Act {
    /// The name of a payment instrument in it.
    pub(crate) fn name_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Activate { instrument }
            | Self::Authenticate { instrument: Some(instrument), .. }
            | Self::Command { decided: Some(Decided { instrument, .. }), .. }
            | Self::Delete { instrument }
            | Self::Install { instrument }
            | Self::Load { instrument, .. }
            | Self::Select { instrument }
            | Self::SetDefault { instrument }
            | Self::Suspend { instrument } => Some(instrument),
            Self::Authenticate { instrument: None, .. }
            | Self::ClearAuthentication
            | Self::Command { decided: None, .. }
            | Self::Deactivate { .. }
            | Self::Device { .. } => None,
        }
    }
}

impl Recording {
    /// Of a wallet that records nothing.
    pub(crate) const fn nothing(config: String) -> Self {
        Self { version: VERSION, seed: None, complete: false, config, steps: Vec::new() }
    }

    /// Reads a recording.
    ///
    /// # Errors
    /// [`NotARecording`].
    pub fn from_json(json: &str) -> Result<Self, NotARecording> {
        let malformed =
            |error: serde_json::Error| NotARecording::Malformed { line: error.line(), column: error.column() };
        let recording: Self = serde_json::from_str(json).map_err(malformed)?;
        if recording.version == VERSION { Ok(recording) } else { Err(NotARecording::Version(recording.version)) }
    }
}

impl Replay {
    /// Whether everything is as it was.
    #[must_use]
    pub const fn is_same(&self) -> bool {
        self.differences.is_empty()
    }
}

/// The form that is written and read.
pub(crate) const VERSION: u32 = 1;
