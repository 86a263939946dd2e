//! The wallet core behind one JSON object a line, for tests and scripts in any language.
//!
//! ```
//! let mut driver = driver::Driver::default();
//! assert_eq!(driver.answer(r#"{"op": "setup"}"#), r#"{"ok":true,"instruments":[]}"#);
//! assert_eq!(
//!     driver.answer(r#"{"op": "dance"}"#),
//!     r#"{"ok":false,"error":{"code":"UNKNOWN_OP","detail":"dance is not an operation of this driver"}}"#,
//! );
//! ```

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
// What only a wallet on disk needs is read all the same.
#![cfg_attr(not(feature = "store"), allow(dead_code))]

mod answer;
mod app;
mod config;
mod line;
mod operations;
mod platform;
mod reader;
mod request;
mod told;

pub use line::{Line, Lines};
pub use reader::{Atr, Reader};

use answer::{Answer, Failure};
use operations::Session;

/// One wallet and the operations on it.
#[derive(Default)]
pub struct Driver {
    session: Session,
}

impl Driver {
    /// A driver whose wallet is put into a reader at once; where that cannot be, the first answer says so.
    #[must_use]
    pub fn in_reader(reader: Reader) -> Self {
        Self { session: Session::in_reader(reader) }
    }

    /// Carries out one request and gives its answer, a JSON object on one line.
    pub fn answer(&mut self, line: &str) -> String {
        self.session.answer(line).to_line()
    }

    /// The answer to a line that is no request at all.
    #[must_use]
    pub fn refuse_line(&self, detail: &str) -> String {
        Answer::new(Err(Failure::invalid_request(detail)), Vec::new()).to_line()
    }

    /// Whether the driver has been told to end.
    #[must_use]
    pub const fn is_shut_down(&self) -> bool {
        self.session.is_shut_down()
    }
}
