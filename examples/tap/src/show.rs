//! The run for people.

use std::fmt::{Display, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Effects, Style as Ansi};
use pos_terminal::Style;
use pos_terminal::meaning::meaning;
use pos_terminal::timeline::{self, Detail};

use crate::findings;
use crate::scenarios::Cardholder;
use crate::stage::PlayedTap;
use crate::tally::Tally;

/// How much to show.
#[derive(Clone, Copy, Default)]
pub(crate) struct Manner {
    /// Every command and answer of every tap, values in full.
    pub(crate) verbose: bool,
    /// How long the wallet took, which is never the same twice.
    pub(crate) timings: bool,
    /// Hide the middle of account numbers: the card is somebody's.
    pub(crate) mask: bool,
}

/// Writes the pages of a run, one after the other.
pub(crate) struct Show {
    manner: Manner,
    seen_whole_tap: bool,
    last_scenario: &'static str,
    rows: Vec<[String; 8]>,
}

impl Show {
    /// Nothing shown yet.
    pub(crate) fn new(manner: Manner) -> Self {
        Self { manner, seen_whole_tap: false, last_scenario: "", rows: Vec::new() }
    }

    /// What is going to happen.
    pub(crate) fn introduction(&self, own_card: bool, credentials: usize, unverifiable: &[&str]) -> String {
        let mut page = String::new();
        let origin = if own_card {
            "The card comes from your files"
        } else {
            "A token service has made a card of synthetic keys, and the wallet has installed it"
        };
        let _ = writeln!(page, "{}", bold("A phone pays at a terminal."));
        let _ = writeln!(page, "{origin}.\nIt holds {credentials} single-use keys, one for each payment.");
        let _ = writeln!(page, "{PARTIES}");
        if !self.manner.verbose {
            let _ = writeln!(page, "{ABRIDGED}");
        }
        for sentence in unverifiable {
            let _ = writeln!(page, "{} {sentence}.", paint(AnsiColor::Yellow, "Not verified:"));
        }
        page
    }

    /// One tap.
    pub(crate) fn tap(&mut self, played: &PlayedTap) -> String {
        let mut page = String::new();
        if self.last_scenario != played.scenario.name {
            self.last_scenario = played.scenario.name;
            let _ = writeln!(page, "\n{}", bold(format_args!("══ {} ══", played.scenario.name)));
            let _ = writeln!(page, "{}", played.scenario.story);
        }
        let _ = writeln!(page, "\n{}", bold(title(played)));
        if self.manner.verbose || !played.repeats || !played.deviations.is_empty() {
            page += &self.timeline(played);
        }
        let line = |page: &mut String, who: &str, words: &dyn Display| {
            let _ = writeln!(page, "{:<10}{words}", format!("{who}:"));
        };
        line(&mut page, "wallet", &findings::wallet(played));
        line(&mut page, "terminal", &findings::terminal(played));
        if let Some(sentence) = findings::acquirer(played) {
            line(&mut page, "acquirer", &sentence);
        }
        for sentence in findings::issuer(played) {
            line(&mut page, "issuer", &sentence);
        }
        let (commands, bytes) = (played.tap.exchanges.len(), played.bytes());
        line(&mut page, "air", &format_args!("{commands} commands, {bytes} bytes, {} ms", ms(played.tap.air_time())));
        if played.deviations.is_empty() {
            let _ = writeln!(page, "{}", paint(AnsiColor::Green, "as expected"));
        }
        for sentence in &played.deviations {
            let _ = writeln!(page, "{} {sentence}", paint(AnsiColor::Red, "NOT AS EXPECTED:"));
        }
        self.rows.push(row(played));
        page
    }

    /// The table at the end.
    pub(crate) fn summary(&self, tally: &Tally, unverifiable: &[&str]) -> String {
        let mut page = format!("\n{}\n", bold("══ summary ══"));
        let widths: Vec<usize> = (0..HEADINGS.len())
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
                cells.chain(HEADINGS.get(column).map(|heading| heading.len())).max().unwrap_or_default()
            })
            .collect();
        let laid_out = |cells: &[String]| {
            let padded = cells.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
                if NUMBERS.contains(&column) { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
            });
            padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        let _ = writeln!(page, "{}", bold(laid_out(&HEADINGS.map(str::to_owned))));
        for row in &self.rows {
            let line = laid_out(row);
            let good = row.last().is_some_and(|verdict| verdict == AS_EXPECTED);
            let _ = writeln!(page, "{}", if good { line } else { paint(AnsiColor::Red, line) });
        }
        let scenarios = tally.scenarios.len();
        let good = tally.scenarios_as_expected();
        let colour = if tally.is_good() { AnsiColor::Green } else { AnsiColor::Red };
        let verdict = format!("{good} of {scenarios} scenarios as expected");
        let _ = writeln!(
            page,
            "\n{}; {} taps, {} payments proven at the issuer, {} credentials spent, {} left.",
            paint(colour, verdict),
            tally.taps,
            tally.verified,
            tally.spent,
            tally.left
        );
        for sentence in unverifiable {
            let _ = writeln!(page, "{} {sentence}.", paint(AnsiColor::Yellow, "Not verified:"));
        }
        page
    }

    fn timeline(&mut self, played: &PlayedTap) -> String {
        let detail = match (self.manner.verbose, std::mem::replace(&mut self.seen_whole_tap, true)) {
            (true, _) => Detail::Whole,
            (false, false) => Detail::LongValuesCut,
            (false, true) => Detail::Decisions,
        };
        let Manner { timings, mask, .. } = self.manner;
        timeline::report(&played.tap, Style { colour: true, mask_pan: mask, timings, detail })
    }
}

fn title(played: &PlayedTap) -> String {
    let terminal = &played.terminal;
    let word = |tag, value: [u8; 2]| meaning(tag, &value).unwrap_or_else(|| hex::encode(value));
    let (whole, cents) = (played.sale.amount / 100, played.sale.amount % 100);
    let currency = word(CURRENCY, terminal.currency);
    let country = word(COUNTRY, terminal.country);
    let owner = match played.planned.cardholder {
        Cardholder::DoesNothing => "nobody verified".to_owned(),
        Cardholder::Verifies => "finger on the sensor".to_owned(),
        Cardholder::VerifiesAndWaits(seconds) => format!("finger on the sensor {seconds} s ago"),
    };
    let merchant = &terminal.merchant_name;
    format!("Tap {}: {whole}.{cents:02} {currency} at \"{merchant}\", {country}; {owner}", played.number)
}

fn row(played: &PlayedTap) -> [String; 8] {
    let several = played.scenario.taps.len() > 1 || played.scenario.until_empty;
    let name = played.scenario.name;
    [
        if several { format!("{name} {}", played.number) } else { name.to_owned() },
        played.felt.outcome.map_or_else(|| "no tap".to_owned(), |outcome| format!("{outcome:?}")),
        findings::terminal_in_short(played),
        findings::issuer_in_short(played),
        played.tap.exchanges.len().to_string(),
        played.bytes().to_string(),
        ms(played.tap.air_time()),
        if played.deviations.is_empty() { AS_EXPECTED } else { "NO" }.to_owned(),
    ]
}

fn ms(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1e3)
}

/// Words in a colour; whoever prints takes it out again where it is not wanted.
pub(crate) fn paint(colour: AnsiColor, words: impl Display) -> String {
    let style = Ansi::new().fg_color(Some(colour.into()));
    format!("{style}{words}{style:#}")
}

fn bold(words: impl Display) -> String {
    let style = Ansi::new().effects(Effects::BOLD);
    format!("{style}{words}{style:#}")
}

const HEADINGS: [&str; 8] = ["scenario", "wallet", "terminal", "issuer", "APDUs", "bytes", "ms on air", "as expected"];
const PARTIES: &str = "\
The phone is the Bezant core: bytes in, bytes out, as any reader would talk to it. Terminals and issuer share no code
with it and judge what it answers. → is what a terminal sends, ← what the phone answers, in bytes and in milliseconds
on the air at 106 kbit/s; below it data objects with tag, name, value and meaning.";
const ABRIDGED: &str = "\
The first tap is shown whole. Later ones leave out what the card only reads out; --verbose shows all, --help explains.";
/// Columns that are aligned to the right.
const NUMBERS: [usize; 3] = [4, 5, 6];
const AS_EXPECTED: &str = "yes";

const CURRENCY: u32 = 0x5F2A;
const COUNTRY: u32 = 0x9F1A;
