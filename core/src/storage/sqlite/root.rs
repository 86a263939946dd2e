use super::boot::BootId;
use super::seal::SetTag;
use crate::cdcvm::{Charge, VelocityCounters};
use crate::emv::Atc;
use crate::instrument::{InstrumentId, InstrumentStatus};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The state of the whole store, in the one row that every transaction writes anew.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Root {
    /// Rises with every transaction; the vault's anchor is held against it.
    pub(super) counter: u64,
    /// What the counter was when a credential was last spent.
    pub(super) spent_at: u64,
    /// Of the statements that make the tables: none may have been added.
    pub(super) schema: Option<[u8; 32]>,
    /// How many values have been sealed in this epoch.
    pub(super) seals: u64,
    /// When this was written.
    pub(super) boot: Option<BootId>,
    /// It was closed, and nothing has been written since.
    pub(super) clean: bool,
    pub(super) default: Option<InstrumentId>,
    pub(super) selected: Option<InstrumentId>,
    /// All accounts there are: whatever else is in their table does not belong to it.
    pub(super) accounts: BTreeMap<InstrumentId, Entry>,
    pub(super) last_row: i64,
    pub(super) last_credential: i64,
    /// The number of the latest tap.
    pub(super) taps: u64,
    pub(super) tap_set: SetTag,
    pub(super) face: Option<FaceEntry>,
}

/// What the root knows of an account, so that one that was exchanged or damaged is told from a sound one, and the mark
/// survives it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) row: i64,
    pub(super) version: u64,
    pub(super) mark: Option<Atc>,
    /// What stands reserved, should the account be damaged.
    pub(super) reserved: Option<Atc>,
}

/// One instrument's account: its row, and what is known of its credentials.
#[derive(Clone, Default)]
pub(super) struct Account {
    pub(super) row: i64,
    pub(super) version: u64,
    pub(super) record: AccountRecord,
    /// ATCs of the credentials that can still answer, as the table's columns tell them.
    pub(super) unspent: BTreeSet<Atc>,
    /// Whether the credentials have been held against the set's tag since the store was opened.
    pub(super) verified: bool,
    /// Its rows do not belong to the rest.
    pub(super) damaged: bool,
}

/// What an account's row holds.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct AccountRecord {
    /// `None` while there is no card of this name.
    pub(super) card: Option<CardRecord>,
    pub(super) velocity: VelocityCounters,
    pub(super) reserved: Option<Reserved>,
    pub(super) set: SetTag,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct CardRecord {
    pub(super) status: InstrumentStatus,
    /// Cards are told in the order they came.
    pub(super) position: i64,
    pub(super) profile_version: u64,
}

/// What becomes of the counters should nobody be able to tell any more whether this credential has answered.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct Reserved {
    pub(super) atc: Atc,
    pub(super) provisional: Charge,
}

impl AccountRecord {
    /// The account of a card whose own is lost: counters that let nothing pass before the next verified payment.
    pub(super) fn lost() -> Self {
        let velocity = VelocityCounters { consecutive_lvt: u32::MAX, cumulative_lvt: u64::MAX };
        Self { velocity, ..Self::default() }
    }
}

/// Which face is stored.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FaceEntry {
    pub(super) account: i64,
    pub(super) profile_version: u64,
    pub(super) digest: [u8; 32],
}
