//! Payment instruments: their state, which of them pays, and the credentials they pay with.

mod credential;
mod document;
mod registry;
mod replenishment;
mod status;

pub use credential::TransactionCredential;
pub use document::{CredentialDocument, MalformedCredential};
pub use registry::{Instruments, NotPossible, PaymentInstrument};
pub use replenishment::{ReplenishReason, Replenishment, ReplenishmentPolicy};
pub use status::{InstrumentId, InstrumentStatus};
