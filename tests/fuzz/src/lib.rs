//! What must hold whatever comes in: one function a fuzz target, each of which panics when it does not hold.
//!
//! They are ordinary functions, so that a test, a debugger or a coverage report can call them without a fuzzer.

mod command_apdu;
mod dol;
mod driver_line;
mod phone;
mod profile;
mod recording;
mod secrets;
pub mod session;
mod tlv;

pub use command_apdu::command_apdu;
pub use dol::dol;
pub use driver_line::driver_line;
pub use profile::profile;
pub use recording::recording;
pub use session::{app, session};
pub use tlv::tlv;

use cap::Cap;
use std::alloc::System;

/// A target: bytes in, a panic when something does not hold.
pub type Target = fn(&[u8]);

/// Every target under its name, which is also that of its program, its corpus and its regressions.
pub const TARGETS: [(&str, Target); 8] = [
    ("app", app),
    ("command_apdu", command_apdu),
    ("dol", dol),
    ("driver_line", driver_line),
    ("profile", profile),
    ("recording", recording),
    ("session", session),
    ("tlv", tlv),
];

/// Tells how much is allocated, so that growth is seen, and ends the process where it is far too much.
#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, 512 << 20);
