use core::fmt;
use serde::{Deserialize, Serialize};

/// The name under which an app knows a payment instrument.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct InstrumentId(String);

impl InstrumentId {
    /// The instrument of this name: 1 to 128 printable ASCII characters, else `None`.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let sound = (1..=128).contains(&name.len()) && name.bytes().all(|byte| (0x20..0x7F).contains(&byte));
        sound.then(|| Self(name.into()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for InstrumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a payment instrument stands in its life.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum InstrumentStatus {
    /// It pays.
    Active,
    /// It is gone for good.
    Deleted,
    /// It has not been activated yet.
    Inactive,
    /// It is to be deleted as soon as the server can be told.
    MarkedForDeletion,
    /// It does not pay until it is activated again.
    Suspended,
    /// Whatever a newer server calls it.
    Unknown,
}
