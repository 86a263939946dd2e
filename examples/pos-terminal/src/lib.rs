//! A virtual contactless payment terminal in the manner of EMV Contactless Book C-2.
//!
//! [`Terminal::tap`] takes any [`Card`] through a whole transaction and says how it ended:
//!
//! ```no_run
//! use pos_terminal::{HexLines, Outcome, Sale, Terminal, TerminalConfiguration};
//!
//! let terminal = Terminal::new(TerminalConfiguration::builtin("shop-poland")?);
//! let sale = Sale::purchase(25_00, [0x26, 0x01, 0x15], [0x12, 0x34, 0xAB, 0xCD]);
//! let mut card = HexLines::new(std::io::stdin().lock(), std::io::stdout());
//! let tap = terminal.tap(&mut card, &sale);
//! assert!(matches!(tap.outcome, Outcome::OnlineRequest(_)));
//! # Ok::<(), pos_terminal::ConfigurationError>(())
//! ```
//!
//! A terminal of the [`zoo`] misbehaves, or behaves in a rare way, and may tap a card several times:
//!
//! ```no_run
//! use pos_terminal::{HexLines, Sale, zoo};
//!
//! let sale = Sale::purchase(25_00, [0x26, 0x01, 0x15], [0x12, 0x34, 0xAB, 0xCD]);
//! let mut card = HexLines::new(std::io::stdin().lock(), std::io::stdout());
//! let visit = zoo::named("drops-after-gpo")?.visit(&mut card, &sale);
//! assert!(visit.taps.len() == 2 && visit.ends_well());
//! # Ok::<(), zoo::ZooError>(())
//! ```
//!
//! The terminal shares no code with the wallet core, so an error in one cannot hide in the other.

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

pub mod action;
pub mod apdu;
pub mod configuration;
pub mod cvm;
pub mod data;
pub mod dictionary;
pub mod kernel;
pub mod link;
pub mod mag_stripe;
pub mod meaning;
pub mod oda;
pub mod outcome;
pub mod quirks;
pub mod records;
pub mod restrictions;
pub mod risk;
pub mod sale;
pub mod selection;
pub mod timeline;
pub mod tlv;
pub mod tvr;
pub mod zoo;

pub use configuration::{ConfigurationError, TerminalConfiguration};
pub use kernel::{Tap, Terminal};
pub use link::{Card, DriverCard, Exchange, HexLines, LinkError};
pub use oda::OdaResult;
pub use outcome::{MagStripeRequest, OnlineRequest, Outcome, SignedData};
pub use quirks::{Quirk, Quirks};
pub use sale::Sale;
pub use timeline::Style;
pub use tvr::Tvr;
pub use zoo::{Visit, ZooTerminal};
