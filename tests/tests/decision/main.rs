//! The decision about a tap, from the terminal's question to the host's events: a generated table and stories, both
//! held against a model that was written from the documents and shares no code with the core.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bench;
mod cards;
mod case;
mod host;
mod mid_tap;
mod model;
mod models;
mod setup;
mod stock;
mod table;
mod terminal;
mod torn;
mod trace;
mod two_taps;
mod verdict;
