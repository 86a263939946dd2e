//! What an outsider knows of a wallet, from the lines that it has heard and said.

use crate::scene::{Lines, QUIET_MS};
use bezant::instrument::InstrumentStatus;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What has been acknowledged.
#[derive(Clone, Default, Debug)]
pub struct Books {
    pub is_set_up: bool,
    pub cards: BTreeMap<String, InstrumentStatus>,
    pub accounts: BTreeMap<String, Account>,
    /// Readers that have found a card.
    pub taps: usize,
    /// The kinds of the security events.
    pub reported: Vec<String>,
    /// A security event puts everything out of use, and destroys nothing.
    freezes: bool,
    pub is_frozen: bool,
    /// Everything that there was is gone.
    pub is_wiped: bool,
}

/// One card's payments; they outlive it.
#[derive(Clone, Default, Debug)]
pub struct Account {
    /// The counters of the credentials that were loaded, and not erased since.
    pub loaded: BTreeSet<u16>,
    /// Those that were ever loaded.
    pub known: BTreeSet<u16>,
    pub answered: Vec<u16>,
}

/// The books before and after the request that may be under way.
#[derive(Debug)]
pub struct Told {
    pub before: Books,
    pub after: Books,
    /// A GENERATE AC is under way.
    pub is_paying: bool,
    /// For a while nobody has asked for anything, nor does now.
    pub is_quiet: bool,
    /// The wallet has said farewell.
    pub is_closed: bool,
    /// How many processes before were killed in a tap.
    pub kills_before: usize,
}

impl Account {
    pub fn highest_answered(&self) -> u16 {
        self.answered.iter().copied().max().unwrap_or(0)
    }

    /// Credentials that nobody has seen an answer of, nor of a later one.
    pub fn unspent(&self) -> impl Iterator<Item = u16> {
        let highest = self.highest_answered();
        self.loaded.iter().copied().filter(move |atc| *atc > highest)
    }
}

impl Told {
    pub fn of(earlier: &[Lines], heard: &[String], said: &[String]) -> Self {
        let mut books = Books::default();
        for lines in earlier {
            assert_eq!(lines.heard.len(), lines.said.len(), "a process before was killed amid a request");
            lines.heard.iter().zip(&lines.said).for_each(|(request, answer)| books.enter(request, Some(answer)));
        }
        heard.iter().zip(said).for_each(|(request, answer)| books.enter(request, Some(answer)));
        let mut told = Self {
            after: books.clone(),
            before: books,
            is_paying: false,
            is_quiet: false,
            is_closed: false,
            kills_before: earlier.len(),
        };
        match heard.get(said.len()) {
            Some(under_way) => {
                told.after.enter(under_way, None);
                told.is_paying = is_generate_ac(&read(under_way));
            }
            None => {
                let last = heard.last().map(|last| read(last)).unwrap_or_default();
                told.is_closed = last["op"] == "shutdown";
                let is_long = last["ms"].as_u64().is_some_and(|ms| ms >= QUIET_MS);
                told.is_quiet = told.is_closed || is_long || last["op"] == "load_credentials";
            }
        }
        told
    }
}

impl Books {
    /// Enters what a request does; without an answer, what it may have done.
    fn enter(&mut self, request: &str, answer: Option<&str>) {
        let request = read(request);
        let answer = answer.map(read);
        if answer.as_ref().is_some_and(|answer| answer["ok"] != true) {
            panic!("{request} is answered {answer:?}");
        }
        let card = || request["instrument"].as_str().unwrap().to_owned();
        match request["op"].as_str().unwrap() {
            "setup" => {
                self.is_set_up = true;
                self.freezes = request["config"]["freeze_on_security_event"] == true;
            }
            "install_profile" => {
                self.cards.entry(card()).or_insert(InstrumentStatus::Inactive);
            }
            "activate" => drop(self.cards.insert(card(), InstrumentStatus::Active)),
            "suspend" => drop(self.cards.insert(card(), InstrumentStatus::Suspended)),
            "delete" => {
                self.cards.remove(&card());
                self.accounts.entry(card()).or_default().loaded.clear();
            }
            "load_credentials" => {
                let account = self.accounts.entry(card()).or_default();
                let atcs = request["credentials"].as_array().unwrap().iter();
                let atcs = atcs.map(|credential| u16::try_from(credential["atc"].as_u64().unwrap()).unwrap());
                for atc in atcs {
                    account.loaded.insert(atc);
                    account.known.insert(atc);
                }
            }
            "apdu" => self.enter_command(&request, answer.as_ref()),
            "security_event" => {
                self.reported.push(request["kind"].as_str().unwrap().to_owned());
                if self.freezes { self.is_frozen = true } else { self.wipe() }
            }
            "wipe" => self.wipe(),
            "field_off" | "pause" | "select" | "shutdown" => {}
            other => panic!("{other} is not expected"),
        }
    }

    fn enter_command(&mut self, request: &Value, answer: Option<&Value>) {
        if is_select_ppse(request) {
            self.taps += 1;
        }
        let hex = answer.and_then(|answer| answer["hex"].as_str()).unwrap_or_default();
        if let Some(atc) = approved(hex) {
            let account = self.accounts.values_mut().find(|account| account.known.contains(&atc));
            account.expect("an answer with a credential that was never loaded").answered.push(atc);
        }
    }

    fn wipe(&mut self) {
        self.cards.clear();
        self.accounts.clear();
        self.taps = 0;
        self.is_wiped = true;
    }

    pub fn approvals(&self) -> usize {
        self.accounts.values().map(|account| account.answered.len()).sum()
    }
}

pub fn read(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

pub fn is_select_ppse(request: &Value) -> bool {
    request["hex"].as_str().is_some_and(|hex| hex == bezant_tests::Syn1::SELECT_PPSE)
}

pub fn is_generate_ac(request: &Value) -> bool {
    request["hex"].as_str().is_some_and(|hex| hex.starts_with("80AE"))
}

/// The counter in an answer to GENERATE AC that approves.
pub fn approved(answer: &str) -> Option<u16> {
    let (_, rest) = answer.split_once("9F3602").filter(|_| answer.contains("9F270180"))?;
    Some(u16::from_str_radix(&rest[..4], 16).unwrap())
}
