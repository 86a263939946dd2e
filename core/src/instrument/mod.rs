//! Payment instruments: their state, which of them pays, and the credentials they pay with.

mod credential;
mod registry;
mod status;

pub use credential::TransactionCredential;
pub use registry::{Instruments, NotPossible, PaymentInstrument};
pub use status::{InstrumentId, InstrumentStatus};
