//! The words in which a tap, what it meets and what it comes to are described.

use crate::terminal::Tap;
use std::collections::BTreeSet;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Model {
    Always,
    CardLike,
    Flexible,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Range {
    High,
    Low,
    Unknown,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Advice {
    AuthenticationRequired,
    Decline,
    Proceed,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    AuthenticateOffline,
    AuthorizeOnline,
    DeclinedByTerminal,
    DeclinedByWallet,
    WalletActionRequired,
}

/// What the host says to the question for its final decision.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Host {
    AuthenticationRequired,
    Decline,
    Follow,
    Late,
    Proceed,
    Throws,
}

#[derive(Clone, Debug)]
pub struct Rules {
    pub model: Model,
    pub auth_max_payments: u32,
    pub max_consecutive: Option<u32>,
    pub max_cumulative: Option<u64>,
    pub single_limit: Option<u64>,
    pub domestic_currency: Option<&'static str>,
    pub transit_enabled: bool,
    pub transit_without_cdcvm: bool,
    pub allow_when_locked: bool,
    /// Credentials that are loaded at the start.
    pub credentials: u16,
    pub replenish_threshold: usize,
    /// Whether the profile asks for 9F34.
    pub asks_for_results: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counters {
    pub consecutive: u32,
    pub cumulative: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Authentication {
    pub age_ms: u64,
    pub payments: u32,
}

/// What a tap that asked for a verification leaves behind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Context {
    pub amount: u64,
    pub currency: &'static str,
    pub age_ms: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct State {
    pub authentication: Option<Authentication>,
    pub locked: bool,
    pub counters: Counters,
    pub credentials: usize,
    pub context: Option<Context>,
    pub replenishing: bool,
}

#[derive(Clone, Debug)]
pub struct Case {
    pub rules: Rules,
    pub state: State,
    pub host: Host,
    pub tap: Tap,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Expected {
    /// The wallet's own, before the host has its word.
    pub advice: Advice,
    pub found: BTreeSet<&'static str>,
    pub outcome: Outcome,
    pub reasons: BTreeSet<&'static str>,
    pub overruled: bool,
    pub range: Range,
    pub transit: bool,
    pub status: u16,
    pub poscii: Option<[u8; 3]>,
    /// None in mag-stripe mode.
    pub cvr: Option<[u8; 6]>,
    pub spent: bool,
    pub events: Vec<&'static str>,
    pub afterwards: State,
}
