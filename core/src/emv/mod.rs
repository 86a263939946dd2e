//! Typed EMV data elements and the facts of a transaction that follow from them.

mod advice;
mod application;
mod codes;
mod cvm;
mod cvr;
mod issuer_application_data;
mod pan;
mod poscii;
pub mod tags;
mod terminal;
mod transaction;

pub use advice::{Advice, CvmModel, Reason, Reasons};
pub use application::{Afl, AflEntry, Aid, Aip, Atc};
pub use codes::{Amount, CountryCode, CurrencyCode, MerchantCategoryCode, UnpredictableNumber};
pub use cvm::{CvmResults, TerminalCapabilities, TerminalRiskManagementData, TerminalType};
pub use cvr::{Cvr, CvrInput};
pub use issuer_application_data::IssuerApplicationData;
pub use pan::Pan;
pub use poscii::Poscii;
pub use terminal::{TerminalData, TerminalDataError};
pub use transaction::{
    CardholderAction, Purpose, RichTransactionType, TerminalTechnology, TransactionConditions, TransactionInfo,
    TransactionRange,
};
