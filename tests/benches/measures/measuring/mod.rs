//! Measuring: rounds that take turns, so that all contenders meet the same weather; instructions, which do not depend on it;
//! peers in programs of their own; and a table of figure, peer, ratio, goal and verdict.

mod instructions;
mod peer;
mod table;
mod trace;
mod turns;

pub(crate) use instructions::{Instructions, count};
pub(crate) use peer::Peer;
pub(crate) use table::{Goal, Table};
pub(crate) use trace::trace;
pub(crate) use turns::{Contender, Timing, take_turns};
