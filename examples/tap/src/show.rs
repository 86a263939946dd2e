//! The run for people.

use std::collections::BTreeSet;
use std::fmt::{Display, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Effects, Style as Ansi};
use bezant::emv::{Advice, CvmModel};
use pos_terminal::Style;
use pos_terminal::meaning::meaning;
use pos_terminal::sale::REFUND;
use pos_terminal::timeline::{self, Detail};

use crate::app::Manner as AppManner;
use crate::cards::OwnCard;
use crate::money::money;
use crate::played::PlayedTap;
use crate::scenarios::{Before, Cardholder};
use crate::tally::Tally;
use crate::{findings, told};

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
    last_subject: String,
    plans: bool,
    shown: BTreeSet<String>,
    rows: Vec<[String; 9]>,
}

impl Show {
    /// Nothing shown yet.
    pub(crate) fn new(manner: Manner) -> Self {
        Self {
            manner,
            seen_whole_tap: false,
            last_subject: String::new(),
            plans: true,
            shown: BTreeSet::new(),
            rows: Vec::new(),
        }
    }

    /// What is going to happen.
    pub(crate) fn introduction(&self, origin: &str, unverifiable: &[&str]) -> String {
        let mut page = String::new();
        let _ = writeln!(page, "{}\n{origin}\n{PARTIES}", bold("A phone pays at a terminal."));
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
        if self.last_subject != played.subject.name {
            self.last_subject.clone_from(&played.subject.name);
            let _ = writeln!(page, "\n{}", bold(format_args!("══ {} ══", played.subject.name)));
            let _ = writeln!(page, "{}", played.subject.story);
        }
        self.plans &= played.planned.is_some();
        let _ = writeln!(page, "\n{}", bold(title(played)));
        if self.shown.insert(kind(played)) || self.manner.verbose || !played.deviations.is_empty() {
            page += &self.timeline(played);
        }
        let line = |page: &mut String, who: &str, words: &dyn Display| {
            let _ = writeln!(page, "{:<10}{words}", format!("{who}:"));
        };
        line(&mut page, "wallet", &findings::wallet(played));
        if let Some(sentence) = findings::decision(played) {
            line(&mut page, "decision", &sentence);
        }
        line(&mut page, "app", &told::line(&played.felt.told));
        line(&mut page, "terminal", &findings::terminal(played));
        if let Some(sentence) = findings::acquirer(played) {
            line(&mut page, "acquirer", &sentence);
        }
        for sentence in findings::issuer(played) {
            line(&mut page, "issuer", &sentence);
        }
        let (commands, bytes) = (played.tap.exchanges.len(), played.bytes());
        line(&mut page, "air", &format_args!("{commands} commands, {bytes} bytes, {} ms", ms(played.tap.air_time())));
        if self.manner.timings {
            page += &findings::timeline(played);
        }
        let words = Words::of(self.plans);
        if played.deviations.is_empty() {
            let _ = writeln!(page, "{}", paint(AnsiColor::Green, words.good));
        }
        for sentence in &played.deviations {
            let _ = writeln!(page, "{} {sentence}", paint(AnsiColor::Red, words.bad));
        }
        self.rows.push(row(played));
        page
    }

    /// The table at the end.
    pub(crate) fn summary(&self, tally: &Tally, unverifiable: &[&str]) -> String {
        let mut page = format!("\n{}\n", bold("══ summary ══"));
        let words = Words::of(self.plans);
        let headings = HEADINGS.map(|heading| if heading.is_empty() { words.good } else { heading }.to_owned());
        let widths: Vec<usize> = (0..HEADINGS.len())
            .map(|column| {
                let rows = self.rows.iter().chain([&headings]);
                let cells = rows.filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
                cells.max().unwrap_or_default()
            })
            .collect();
        let laid_out = |cells: &[String]| {
            let padded = cells.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
                if NUMBERS.contains(&column) { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
            });
            padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        let _ = writeln!(page, "{}", bold(laid_out(&headings)));
        for row in &self.rows {
            let line = laid_out(row);
            let good = row.last().is_some_and(|verdict| verdict == AS_EXPECTED);
            let _ = writeln!(page, "{}", if good { line } else { paint(AnsiColor::Red, line) });
        }
        let scenarios = tally.scenarios.len();
        let good = tally.scenarios_as_expected();
        let colour = if tally.is_good() { AnsiColor::Green } else { AnsiColor::Red };
        let verdict = match (self.plans, tally.is_good()) {
            (true, _) => format!("{good} of {scenarios} scenarios as expected"),
            (false, true) => "wallet, terminal and issuer agree".to_owned(),
            (false, false) => "wallet, terminal and issuer do not agree".to_owned(),
        };
        let _ = writeln!(
            page,
            "\n{}; {} taps, {} payments proven at the issuer, {} credentials spent.",
            paint(colour, verdict),
            tally.taps,
            tally.verified,
            tally.spent
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
    let amount = money(played.sale.amount, terminal.currency_exponent);
    let currency = word(CURRENCY, terminal.currency);
    let country = word(COUNTRY, terminal.country);
    let back = if played.sale.transaction_type == REFUND { " back" } else { "" };
    let (model, merchant) = (model_name(played.subject.model), &terminal.merchant_name);
    let before = circumstances(&played.before);
    format!("Tap {}, {model}: {amount} {currency}{back} at \"{merchant}\", {country}; {before}", played.number)
}

/// Taps of one kind look alike.
fn kind(played: &PlayedTap) -> String {
    let PlayedTap { subject, felt, terminal, tap, .. } = played;
    let reasons = felt.details().map(|details| details.reasons);
    format!("{:?} {} {:?} {reasons:?} {}", subject.model, terminal.name, felt.outcome, tap.outcome)
}

fn circumstances(before: &Before) -> String {
    let owner = match before.cardholder {
        Cardholder::DoesNothing => "nobody verified".to_owned(),
        Cardholder::Verifies => "finger on the sensor".to_owned(),
        Cardholder::VerifiesAndWaits(seconds) => format!("finger on the sensor {seconds} s ago"),
    };
    let phone = if before.locked { ", the phone is locked" } else { "" };
    let app = match before.app {
        AppManner::Follows => "",
        AppManner::Says(Advice::AuthenticationRequired) => ", the app asks for a finger",
        AppManner::Says(Advice::Decline) => ", the app declines",
        AppManner::Says(_) => ", the app says \"proceed\"",
        AppManner::Dawdles(_) => ", the app thinks for too long",
        AppManner::Fails => ", the app fails",
    };
    format!("{owner}{phone}{app}")
}

/// Where the cards of a run come from, of which nothing stays.
pub(crate) fn origin(own_card: Option<OwnCard>) -> String {
    match own_card {
        Some(OwnCard { model, credentials }) => {
            let model = model_name(model);
            format!("The card comes from your files, with {credentials} single-use keys; model {model}.")
        }
        None => ORIGIN.to_owned(),
    }
}

/// A model as people write it.
pub(crate) const fn model_name(model: CvmModel) -> &'static str {
    match model {
        CvmModel::Always => "Always",
        CvmModel::CardLike => "Card-like",
        CvmModel::Flexible => "Flexible",
        _ => "unknown",
    }
}

fn row(played: &PlayedTap) -> [String; 9] {
    let name = &played.subject.name;
    [
        if played.several { format!("{name} {}", played.number) } else { name.clone() },
        model_name(played.subject.model).to_owned(),
        played.felt.outcome.map_or_else(|| "no tap".to_owned(), |outcome| format!("{outcome:?}")),
        findings::terminal_in_short(played),
        findings::issuer_in_short(played),
        played.tap.exchanges.len().to_string(),
        played.bytes().to_string(),
        ms(played.tap.air_time()),
        if played.deviations.is_empty() { AS_EXPECTED } else { "NO" }.to_owned(),
    ]
}

/// What is said of a tap that went well or did not.
struct Words {
    good: &'static str,
    bad: &'static str,
}

impl Words {
    const fn of(plans: bool) -> Self {
        if plans {
            Self { good: "as expected", bad: "NOT AS EXPECTED:" }
        } else {
            Self { good: "all agree", bad: "DO NOT AGREE:" }
        }
    }
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

/// The last one is what is said of a good tap.
const HEADINGS: [&str; 9] = ["scenario", "model", "wallet", "terminal", "issuer", "APDUs", "bytes", "ms on air", ""];
const ORIGIN: &str = "\
A token service makes cards of synthetic keys, one for each model. Every scenario begins with a new phone: a card in
its wallet, and single-use keys for its payments, in an encrypted store that goes with the phone.";
const PARTIES: &str = "\
The phone is the Bezant core: bytes in, bytes out, as any reader would talk to it. Terminals and issuer share no code
with it and judge what it answers. → is what a terminal sends, ← what the phone answers, in bytes and in milliseconds
on the air at 106 kbit/s; below it data objects with tag, name, value and meaning.";
const ABRIDGED: &str = "\
The first tap is shown whole. Later ones leave out what the card only reads out, and a tap like one before is told in
sentences alone; --verbose shows all, --help explains.";
/// Columns that are aligned to the right.
const NUMBERS: [usize; 3] = [5, 6, 7];
const AS_EXPECTED: &str = "yes";

const CURRENCY: u32 = 0x5F2A;
const COUNTRY: u32 = 0x9F1A;
