//! The core of an open contactless wallet: bytes of a terminal in, bytes of a payment card out.
//!
//! Rooms, each of which uses only rooms above it; `ARCHITECTURE.md` draws the picture:
//!
//! | room | what it holds |
//! |---|---|
//! | [`apdu`] | command and response APDUs, status words |
//! | [`tlv`] | BER-TLV, data object lists |
//! | [`emv`] | typed data elements, the facts of a transaction |
//! | [`crypto`] | secrets, cryptograms, CDA, CVC3 |
//! | [`platform`] | clock, randomness, the device's key vault |
//! | [`cdcvm`] | the decision: who verifies the cardholder, and what that means for a payment |
//! | [`card`] | profiles, the card application |
//! | [`instrument`] | payment instruments, their credentials, and when to refill them |
//! | [`storage`] | the ledger of credentials and velocity counters, and the encrypted file |
//! | [`recording`] | what happened, to be played again |
//! | [`wallet`] | the facade |

#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(
    not(test),
    deny(
        clippy::as_conversions,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

pub mod apdu;
pub mod card;
pub mod cdcvm;
pub mod crypto;
pub mod emv;
pub mod error;
pub mod instrument;
pub mod platform;
pub mod recording;
pub mod storage;
pub mod tlv;
pub mod wallet;

pub use error::{ErrorCode, WalletError};
pub use wallet::{Wallet, WalletConfig};
