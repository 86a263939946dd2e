//! The terminals that can be tapped at: those that come with `pos-terminal`, and its zoo.

use anyhow::bail;
use pos_terminal::{Quirks, TerminalConfiguration, zoo};

/// A terminal as it stands there.
pub(crate) struct Place {
    /// What it is.
    pub(crate) configuration: TerminalConfiguration,
    /// What it does otherwise than most.
    pub(crate) quirks: Quirks,
}

/// One line of the list.
pub(crate) struct Entry {
    /// What `--terminal` calls it.
    pub(crate) name: String,
    /// What it is, for people.
    pub(crate) story: String,
}

impl Place {
    /// A terminal without quirks.
    pub(crate) fn plain(configuration: TerminalConfiguration) -> Self {
        Self { configuration, quirks: Quirks::default() }
    }

    /// The terminal of this name, and what it is.
    pub(crate) fn named(name: &str) -> anyhow::Result<(Self, Entry)> {
        let all = all()?;
        let known: Vec<&str> = all.iter().map(|entry| entry.name.as_str()).collect();
        if !known.contains(&name) {
            bail!("there is no terminal {name:?}; there are {}", known.join(", "));
        }
        let place = match TerminalConfiguration::builtin(name) {
            Ok(configuration) => Self::plain(configuration),
            Err(_) => {
                let found = zoo::named(name)?;
                Self { configuration: found.configuration, quirks: found.quirks }
            }
        };
        match all.into_iter().find(|entry| entry.name == name) {
            Some(entry) => Ok((place, entry)),
            None => bail!("there is no terminal {name:?}"),
        }
    }

    /// An amount that needs no verification here; at gates the fare is found later.
    pub(crate) fn small_amount(&self) -> u64 {
        let terminal = &self.configuration;
        if TRANSPORT.contains(&terminal.merchant_category_code) {
            return 0;
        }
        SMALL_AMOUNT.min(terminal.cvm_required_limit)
    }
}

/// All of them.
pub(crate) fn all() -> anyhow::Result<Vec<Entry>> {
    let builtin = |name: &str| {
        let text = TerminalConfiguration::builtin_text(name).unwrap_or_default();
        let story = text.lines().next().unwrap_or_default().trim_start_matches("# ");
        Entry { name: name.to_owned(), story: story.to_owned() }
    };
    let mut entries: Vec<Entry> = TerminalConfiguration::builtin_names().into_iter().map(builtin).collect();
    entries.extend(zoo::terminals()?.into_iter().map(|found| Entry { name: found.name, story: found.behaviour }));
    Ok(entries)
}

/// In minor units of whatever currency.
const SMALL_AMOUNT: u64 = 2_500;
/// Merchant categories of passenger transport, tolls and parking (ISO 18245).
const TRANSPORT: [[u8; 2]; 4] = [[0x41, 0x11], [0x41, 0x31], [0x47, 0x84], [0x75, 0x23]];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_terminal_of_the_list_can_be_had() {
        let entries = all().unwrap();
        assert!(entries.len() > 40);
        for Entry { name, story } in entries {
            let (place, entry) = Place::named(&name).unwrap();
            assert_eq!((place.configuration.name.as_str(), entry.story.as_str()), (name.as_str(), story.as_str()));
            assert!(!place.configuration.requires_cvm(place.small_amount()), "{name}");
        }
        assert!(Place::named("shop-polnad").is_err_and(|error| error.to_string().contains("shop-poland")));
        assert_eq!(Place::named("transit-gate").unwrap().0.small_amount(), 0);
    }
}
