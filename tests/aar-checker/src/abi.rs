//! The ABIs of Android.

use std::fmt::{self, Display};

use object::elf;
use serde::{Deserialize, Serialize};

/// An ABI that Android has phones or emulators for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Abi {
    /// Phones.
    #[serde(rename = "arm64-v8a")]
    Arm64V8a,
    /// Older and cheaper phones.
    #[serde(rename = "armeabi-v7a")]
    ArmeabiV7a,
    /// Old emulators.
    #[serde(rename = "x86")]
    X86,
    /// Emulators.
    #[serde(rename = "x86_64")]
    X86_64,
}

impl Abi {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Arm64V8a, Self::ArmeabiV7a, Self::X86, Self::X86_64];

    /// The one whose libraries lie in this folder below `jni`.
    #[must_use]
    pub fn of_folder(folder: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|abi| abi.folder() == folder)
    }

    /// Its folder below `jni`.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            Self::Arm64V8a => "arm64-v8a",
            Self::ArmeabiV7a => "armeabi-v7a",
            Self::X86 => "x86",
            Self::X86_64 => "x86_64",
        }
    }

    /// Whether its addresses have 64 bits.
    #[must_use]
    pub fn is_64(self) -> bool {
        matches!(self, Self::Arm64V8a | Self::X86_64)
    }

    /// ELF's number of its machine.
    #[must_use]
    pub fn machine(self) -> u16 {
        match self {
            Self::Arm64V8a => elf::EM_AARCH64.0,
            Self::ArmeabiV7a => elf::EM_ARM.0,
            Self::X86 => elf::EM_386.0,
            Self::X86_64 => elf::EM_X86_64.0,
        }
    }
}

impl Display for Abi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.folder())
    }
}
