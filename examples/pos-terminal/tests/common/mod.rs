//! Cards for tests.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses its part")]

use std::time::Duration;

use pos_terminal::{Card, LinkError, Sale, Tap, Terminal, TerminalConfiguration};

/// A command with the answer that the reference card gives.
pub type Step = (Vec<u8>, Vec<u8>);

/// The trace of `data/syn-1.txt`.
pub fn reference_trace() -> Vec<Step> {
    let lines = |mark: &'static str| {
        let text = include_str!("../data/syn-1.txt");
        text.lines().filter_map(move |line| line.strip_prefix(mark)).map(|digits| hex::decode(digits).unwrap())
    };
    lines("> ").zip(lines("< ")).collect()
}

/// The terminal of the trace.
pub fn reference_terminal() -> Terminal {
    Terminal::new(TerminalConfiguration::from_toml(include_str!("../data/syn-1.toml")).unwrap())
}

/// The sale of the trace.
pub fn reference_sale() -> Sale {
    Sale::purchase(25_00, [0x26, 0x01, 0x15], [0x12, 0x34, 0xAB, 0xCD])
}

/// A card that knows its part by heart: another command than the next one of its trace is answered 6F00.
pub struct ReplayCard {
    steps: std::vec::IntoIter<Step>,
    pub stumbled: bool,
}

impl ReplayCard {
    pub fn new(steps: Vec<Step>) -> Self {
        Self { steps: steps.into_iter(), stumbled: false }
    }

    pub fn is_through(&self) -> bool {
        self.steps.len() == 0 && !self.stumbled
    }
}

impl Card for ReplayCard {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        match self.steps.next() {
            Some((expected, answer)) if expected == command => Ok(answer),
            _ => {
                self.stumbled = true;
                Ok(vec![0x6F, 0x00])
            }
        }
    }
}

/// A card that answers by the first bytes of a command, the latest rule first; without a rule 6D00.
#[derive(Clone)]
pub struct RuleCard {
    rules: Vec<Step>,
    pub seen: Vec<Vec<u8>>,
    /// How many commands it had seen each time the field went off.
    pub left_after: Vec<usize>,
    /// How long it claims to take for an answer.
    pub answer_time: Option<Duration>,
}

impl RuleCard {
    /// The reference card, whatever the terminal's data.
    pub fn reference() -> Self {
        let mut card = Self { rules: Vec::new(), seen: Vec::new(), left_after: Vec::new(), answer_time: None };
        for (command, answer) in reference_trace() {
            // SELECT and READ RECORD by the whole command, the others by their header.
            let significant = if matches!(command[1], 0xA4 | 0xB2) { command.len() } else { 2 };
            card.rules.push((command[..significant].to_vec(), answer));
        }
        card
    }

    pub fn answering(mut self, command: &str, answer: &str) -> Self {
        let digits: String = answer.split_whitespace().collect();
        self.rules.push((hex::decode(command).unwrap(), hex::decode(digits).unwrap()));
        self
    }

    /// Replaces a part of the answer that a command gets by one of the same length.
    pub fn editing(self, command: &str, from: &str, to: &str) -> Self {
        let start = hex::decode(command).unwrap();
        let (_, answer) = self.rules.iter().rev().find(|(rule, _)| rule.starts_with(&start)).unwrap();
        let digits = hex::encode_upper(answer);
        assert!(digits.contains(from) && from.len() == to.len(), "{from}");
        let edited = digits.replacen(from, to, 1);
        let whole = self.rules.iter().rev().find(|(rule, _)| rule.starts_with(&start)).unwrap().0.clone();
        self.answering(&hex::encode(whole), &edited)
    }
}

impl Card for RuleCard {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        self.seen.push(command.to_vec());
        let rule = self.rules.iter().rev().find(|(start, _)| command.starts_with(start));
        Ok(rule.map_or(vec![0x6D, 0x00], |(_, answer)| answer.clone()))
    }

    fn leave_field(&mut self) {
        self.left_after.push(self.seen.len());
    }

    fn answer_time(&self) -> Option<Duration> {
        self.answer_time
    }
}

/// Taps at a builtin terminal.
pub fn tap_at(terminal: &str, card: &mut RuleCard, amount: u64) -> Tap {
    let terminal = Terminal::new(TerminalConfiguration::builtin(terminal).unwrap());
    terminal.tap(card, &Sale { amount, ..reference_sale() })
}

pub const GPO: &str = "80A8";
pub const GENERATE_AC: &str = "80AE";
pub const CARD_RECORD: &str = "00B2011400";
pub const ISSUER_RECORD: &str = "00B2021400";
pub const ICC_RECORD: &str = "00B2031400";

/// A data object in hex, its length computed; blanks in the value are ignored.
pub fn tlv(tag: &str, value: &str) -> String {
    let digits: String = value.split_whitespace().collect();
    let length = digits.len() / 2;
    if length < 0x80 { format!("{tag}{length:02X}{digits}") } else { format!("{tag}81{length:02X}{digits}") }
}
