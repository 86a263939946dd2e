//! Terminals that misbehave, or behave in a rare way: a data file, and visits to them.

mod visit;

use serde::Deserialize;

use crate::configuration::{ConfigurationError, TerminalConfiguration};
use crate::link::Card;
use crate::quirks::Quirks;
use crate::sale::Sale;

pub use visit::{Visit, visit};

/// A terminal of the zoo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZooTerminal {
    /// Small letters, digits and hyphens.
    pub name: String,
    /// What it does, for people.
    pub behaviour: String,
    /// Where that is allowed, forbidden or was seen.
    pub source: String,
    /// What it is.
    pub configuration: TerminalConfiguration,
    /// What it does otherwise than the kernel.
    pub quirks: Quirks,
}

impl ZooTerminal {
    /// Plays the visit of a card: one tap or several. The card is left in the field, as after a tap.
    pub fn visit(&self, card: &mut dyn Card, sale: &Sale) -> Visit {
        visit(&self.configuration, &self.quirks, card, sale)
    }
}

/// Why the zoo cannot be read, or lacks a terminal.
#[derive(Debug, thiserror::Error)]
pub enum ZooError {
    /// Not TOML, a field missing, unknown or of the wrong kind.
    #[error(transparent)]
    Shape(#[from] toml::de::Error),
    /// The configuration of a terminal.
    #[error("terminal {name:?}: {source}")]
    Configuration {
        /// Which terminal.
        name: String,
        /// What is wrong.
        source: ConfigurationError,
    },
    /// A field with an impossible value.
    #[error("terminal {name:?}: `{field}` {reason}")]
    Value {
        /// Which terminal.
        name: String,
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// No such terminal.
    #[error("there is no terminal {name:?} in the zoo; there are {}", known.join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
}

/// Every terminal of the zoo, in the order of the file.
pub fn terminals() -> Result<Vec<ZooTerminal>, ZooError> {
    read(TEXT)
}

/// The names of them.
pub fn names() -> Result<Vec<String>, ZooError> {
    Ok(terminals()?.into_iter().map(|terminal| terminal.name).collect())
}

/// One of them.
pub fn named(name: &str) -> Result<ZooTerminal, ZooError> {
    let mut terminals = terminals()?;
    match terminals.iter().position(|terminal| terminal.name == name) {
        Some(place) => Ok(terminals.swap_remove(place)),
        None => {
            let known = terminals.into_iter().map(|terminal| terminal.name).collect();
            Err(ZooError::Unknown { name: name.to_owned(), known })
        }
    }
}

/// The entry of one of them, as it stands in the file.
pub fn text(name: &str) -> Option<String> {
    let name = format!("name = {name:?}");
    let entry = TEXT.split_inclusive(ENTRY).find(|entry| entry.lines().next() == Some(name.as_str()))?;
    // The next entry, or the comment above it, begins another subject.
    let lines = entry.lines().take_while(|line| !line.starts_with('#') && *line != ENTRY.trim_end());
    let lines: Vec<&str> = lines.collect();
    Some(format!("{ENTRY}{}\n", lines.join("\n").trim_end()))
}

/// Reads a zoo of one's own.
pub fn read(text: &str) -> Result<Vec<ZooTerminal>, ZooError> {
    let mut terminals: Vec<ZooTerminal> = Vec::new();
    for entry in toml::from_str::<File>(text)?.terminals {
        let terminal = terminal(entry)?;
        let taken = terminals.iter().any(|other| other.name == terminal.name)
            || TerminalConfiguration::builtin_names().contains(&terminal.name.as_str());
        if taken {
            return Err(wrong(terminal.name, "name", "is taken"));
        }
        terminals.push(terminal);
    }
    Ok(terminals)
}

/// The text of the zoo, to start a file of one's own from.
pub const TEXT: &str = include_str!("../terminals/zoo.toml");

const ENTRY: &str = "[[terminals]]\n";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    terminals: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    behaviour: String,
    source: String,
    from: String,
    #[serde(default)]
    configuration: toml::Table,
    #[serde(default)]
    quirks: Quirks,
}

fn terminal(entry: Entry) -> Result<ZooTerminal, ZooError> {
    let Entry { name, behaviour, source, from, mut configuration, quirks } = entry;
    let kebab = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if name.is_empty() || !name.chars().all(kebab) {
        return Err(wrong(name, "name", "has small letters, digits and hyphens"));
    }
    for (field, text) in [("behaviour", &behaviour), ("source", &source)] {
        if text.trim().is_empty() {
            return Err(wrong(name, field, "is empty"));
        }
    }
    configuration.insert("name".to_owned(), name.clone().into());
    match TerminalConfiguration::builtin_with(&from, configuration) {
        Ok(configuration) => Ok(ZooTerminal { name, behaviour, source, configuration, quirks }),
        Err(source) => Err(ZooError::Configuration { name, source }),
    }
}

fn wrong(name: String, field: &'static str, reason: &'static str) -> ZooError {
    ZooError::Value { name, field, reason }
}
