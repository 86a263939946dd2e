//! Hands on what happens as it happens: as text for people, or as lines for programs.

use std::io::Write;

use crate::json;
use crate::played::PlayedTap;
use crate::show::{Manner, Show};
use crate::tally::Tally;

/// Whoever writes a run down.
pub(crate) struct Printer {
    json: bool,
    show: Show,
    tally: Tally,
    unverifiable: Vec<&'static str>,
    output: Box<dyn Write>,
}

impl Printer {
    /// Nothing written yet; `unverifiable` is what nobody will be able to verify.
    pub(crate) fn new(json: bool, manner: Manner, unverifiable: Vec<&'static str>) -> Self {
        let output = Box::new(anstream::stdout().lock());
        Self { json, show: Show::new(manner), tally: Tally::default(), unverifiable, output }
    }

    /// Where the cards come from, which programs are told only of a wallet that is kept.
    pub(crate) fn begin(&mut self, origin: &str, line: Option<&serde_json::Value>) -> anyhow::Result<()> {
        match (self.json, line) {
            (true, None) => {}
            (true, Some(line)) => writeln!(self.output, "{line}")?,
            (false, _) => write!(self.output, "{}", self.show.introduction(origin, &self.unverifiable))?,
        }
        Ok(())
    }

    /// One tap.
    pub(crate) fn tap(&mut self, played: &PlayedTap) -> anyhow::Result<()> {
        self.tally.add(played);
        if self.json {
            writeln!(self.output, "{}", json::tap(played)?)?;
        } else {
            write!(self.output, "{}", self.show.tap(played))?;
        }
        Ok(())
    }

    /// What it came to; gives whether all was good.
    pub(crate) fn end(mut self, farewell: &str) -> anyhow::Result<bool> {
        if self.json {
            writeln!(self.output, "{}", json::summary(&self.tally, &self.unverifiable)?)?;
        } else {
            write!(self.output, "{}{farewell}", self.show.summary(&self.tally, &self.unverifiable))?;
        }
        self.output.flush()?;
        Ok(self.tally.is_good())
    }
}
