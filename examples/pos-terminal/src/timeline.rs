//! A tap as a story: every command and answer, decoded, with its time on the air.

use std::fmt::{self, Display, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Style as Ansi};

use crate::apdu::{Answer, Instruction, data_field};
use crate::data::parse_dol;
use crate::dictionary::{self, Reading};
use crate::kernel::Tap;
use crate::link::{Exchange, air_time};
use crate::meaning::{meaning, status_word};
use crate::outcome::{OnlineRequest, Outcome, phone_message};
use crate::tlv::{self, Element};

/// How to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// With terminal colours.
    pub colour: bool,
    /// Account numbers with the middle digits hidden, and neither track data nor certificates.
    pub mask_pan: bool,
    /// With the time that the card side took, which is never the same twice.
    pub timings: bool,
    /// How much of it.
    pub detail: Detail,
}

/// How much of a tap is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detail {
    /// Every value in full.
    #[default]
    Whole,
    /// Keys, certificates and signatures by their beginning and their length.
    LongValuesCut,
    /// One line an exchange, but for those that decide or fail; and what the terminal displays.
    Decisions,
}

/// Writes the exchanges of a tap, one after the other, and their sum.
pub fn timeline(exchanges: &[Exchange], style: Style) -> String {
    let mut page = Page { text: String::new(), style, lists: Lists::default() };
    for exchange in exchanges {
        page.exchange(exchange);
    }
    if style.detail == Detail::Decisions {
        return page.text;
    }
    let air: Duration = exchanges.iter().map(Exchange::air_time).sum();
    let card: Duration = exchanges.iter().map(|exchange| exchange.elapsed).sum();
    let bytes: usize = exchanges.iter().map(|exchange| exchange.command.len() + exchange.answer.len()).sum();
    let card = if style.timings { format!(", {} at the card", milliseconds(card)) } else { String::new() };
    let (commands, air) = (exchanges.len(), milliseconds(air));
    page.line(0, format_args!("{commands} commands, {bytes} bytes, {air} on the air at 106 kbit/s{card}"));
    page.text
}

/// Writes a whole tap: its timeline, what was found and how it ended.
pub fn report(tap: &Tap, style: Style) -> String {
    let mut page = Page { text: timeline(&tap.exchanges, style), style, lists: Lists::default() };
    let display = tap.data.get(&POSCII).and_then(|value| value.as_slice().try_into().ok());
    let display = display.filter(|_| !tap.outcome.goes_online()).map(phone_message);
    if style.detail != Detail::Decisions {
        page.findings(tap);
    }
    if let Some(message) = display {
        let words = page.paint(AnsiColor::Yellow, format_args!("Terminal display: {message}"));
        page.line(0, format_args!("{words}"));
    }
    if style.detail != Detail::Decisions {
        let colour = if tap.outcome.goes_online() { AnsiColor::Green } else { AnsiColor::Red };
        let words = page.paint(colour, format_args!("Outcome: {}", tap.outcome));
        page.line(0, format_args!("{words}"));
    }
    page.text
}

/// Writes one string of data objects, tag by tag.
pub fn decode(bytes: &[u8], style: Style) -> String {
    let mut page = Page { text: String::new(), style, lists: Lists::default() };
    page.body(0, bytes);
    page.text
}

/// The lists that say what later commands contain.
#[derive(Default)]
struct Lists {
    pdol: Vec<u8>,
    cdol1: Vec<u8>,
    udol: Vec<u8>,
}

struct Page {
    text: String,
    style: Style,
    lists: Lists,
}

impl Page {
    fn line(&mut self, depth: usize, words: fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{:1$}{words}", "", 2 * depth);
    }

    fn paint(&self, colour: AnsiColor, words: impl Display) -> String {
        if !self.style.colour {
            return words.to_string();
        }
        let ansi = Ansi::new().fg_color(Some(colour.into()));
        format!("{ansi}{words}{ansi:#}")
    }

    /// What the terminal found, below the exchanges.
    fn findings(&mut self, tap: &Tap) {
        self.primitive(0, TVR, &tap.tvr.0);
        if let Some(results) = tap.cvm_results {
            self.primitive(0, CVM_RESULTS, &results);
        }
        self.line(0, format_args!("Offline data authentication: {}", tap.oda));
        if let Outcome::OnlineRequest(OnlineRequest { elements, .. }) = &tap.outcome {
            self.primitive(0, CRYPTOGRAM, elements.get(&CRYPTOGRAM).map(Vec::as_slice).unwrap_or_default());
        }
    }

    fn exchange(&mut self, exchange: &Exchange) {
        let (command, answer) = (self.command_title(&exchange.command), self.answer_title(exchange));
        let answered = Answer::parse(&exchange.answer);
        let body = answered.as_ref().map(|answer| answer.body).unwrap_or_default();
        if self.style.detail == Detail::Decisions && !decides(exchange) {
            self.line(0, format_args!("{command}  {answer}"));
            // Read all the same: lists in it tell what later commands contain.
            let written = self.text.len();
            self.body(1, body);
            return self.text.truncate(written);
        }
        self.line(0, format_args!("{command}"));
        self.command_data(&exchange.command);
        self.line(0, format_args!("{answer}"));
        self.body(1, body);
    }

    fn command_title(&self, command: &[u8]) -> String {
        let instruction = Instruction::of(command);
        let name = instruction.map_or_else(|| "unknown command".to_owned(), |known| known.to_string());
        let title = self.paint(AnsiColor::Cyan, format_args!("→ {name}{}", target(instruction, command)));
        format!("{title}  {} bytes, {} on the air", command.len(), milliseconds(air_time(command.len())))
    }

    fn command_data(&mut self, command: &[u8]) {
        let data = data_field(command);
        match Instruction::of(command) {
            Some(Instruction::GetProcessingOptions) => {
                let values = tlv::template(data, COMMAND_TEMPLATE).unwrap_or_default().to_vec();
                self.filled(&self.lists.pdol.clone(), &values);
            }
            Some(Instruction::GenerateAc) => self.filled(&self.lists.cdol1.clone(), data),
            Some(Instruction::ComputeCryptographicChecksum) => self.filled(&self.lists.udol.clone(), data),
            _ => {}
        }
    }

    fn answer_title(&self, exchange: &Exchange) -> String {
        let bytes = exchange.answer.len();
        let Some(answer) = Answer::parse(&exchange.answer) else {
            return self.paint(AnsiColor::Red, format_args!("← {bytes} bytes, no answer"));
        };
        let colour = if answer.is_success() { AnsiColor::Green } else { AnsiColor::Red };
        let status = self.paint(colour, format_args!("← {:04X} {}", answer.status, status_word(answer.status)));
        let micros = exchange.elapsed.as_micros();
        let card = if self.style.timings { format!(", {micros} µs at the card") } else { String::new() };
        format!("{status}  {bytes} bytes, {} on the air{card}", milliseconds(air_time(bytes)))
    }

    fn filled(&mut self, list: &[u8], mut values: &[u8]) {
        for entry in parse_dol(list).unwrap_or_default() {
            let Some((value, rest)) = values.split_at_checked(usize::from(entry.length)) else { break };
            self.primitive(1, entry.tag, value);
            values = rest;
        }
        if !values.is_empty() {
            self.line(1, format_args!("{}", hex::encode_upper(values)));
        }
    }

    fn body(&mut self, depth: usize, bytes: &[u8]) {
        match tlv::elements(bytes) {
            Ok(elements) => elements.iter().for_each(|element| self.element(depth, element)),
            Err(fault) => self.line(depth, format_args!("{} ({fault})", hex::encode_upper(bytes))),
        }
    }

    fn element(&mut self, depth: usize, element: &Element<'_>) {
        if !element.constructed {
            return self.primitive(depth, element.tag, element.value);
        }
        let tag = self.paint(AnsiColor::Yellow, format_args!("{:X}", element.tag));
        self.line(depth, format_args!("{tag} {}", dictionary::name(element.tag)));
        self.body(depth + 1, element.value);
    }

    fn primitive(&mut self, depth: usize, tag: u32, value: &[u8]) {
        match tag {
            PDOL => self.lists.pdol = value.to_vec(),
            CDOL1 => self.lists.cdol1 = value.to_vec(),
            UDOL => self.lists.udol = value.to_vec(),
            _ => {}
        }
        let reading = dictionary::entry(tag).map_or(Reading::Plain, |entry| entry.reading);
        let shown = self.shown(tag, reading, value);
        let coloured = self.paint(AnsiColor::Yellow, format_args!("{tag:X}"));
        let name = dictionary::name(tag);
        let hides = self.style.mask_pan && matches!(reading, Reading::Track1);
        match meaning(tag, value).filter(|_| !hides) {
            Some(words) => {
                let words = self.paint(AnsiColor::BrightBlack, format_args!("— {words}"));
                self.line(depth, format_args!("{coloured} {name}: {shown} {words}"));
            }
            None => self.line(depth, format_args!("{coloured} {name}: {shown}")),
        }
        if reading == Reading::Dol {
            for entry in parse_dol(value).unwrap_or_default() {
                self.line(
                    depth + 1,
                    format_args!("{:X} {} ({})", entry.tag, dictionary::name(entry.tag), entry.length),
                );
            }
        }
    }

    fn shown(&self, tag: u32, reading: Reading, value: &[u8]) -> String {
        let digits = hex::encode_upper(value);
        if !self.style.mask_pan {
            let cut = self.style.detail != Detail::Whole && digits.len() > LONGEST_VALUE;
            return match digits.get(..SHOWN_OF_LONG).filter(|_| cut) {
                Some(beginning) => format!("{beginning}… ({} bytes)", value.len()),
                None => digits,
            };
        }
        match reading {
            Reading::Pan => masked(digits.trim_end_matches('F')),
            Reading::Track2 => {
                let pan = digits.split('D').next().unwrap_or_default();
                format!("{} and hidden digits", masked(pan))
            }
            Reading::Track1 => "hidden".to_owned(),
            _ if CERTIFICATES.contains(&tag) => format!("{} bytes, hidden", value.len()),
            _ => digits,
        }
    }
}

/// Whether an exchange is more than the card reading its data out.
fn decides(exchange: &Exchange) -> bool {
    let answered = Answer::parse(&exchange.answer).is_some_and(|answer| answer.is_success());
    let reads = matches!(
        Instruction::of(&exchange.command),
        Some(Instruction::Select | Instruction::ReadRecord | Instruction::GetProcessingOptions)
    );
    !reads || !answered
}

fn target(instruction: Option<Instruction>, command: &[u8]) -> String {
    let (p1, p2) = (command.get(2).copied().unwrap_or_default(), command.get(3).copied().unwrap_or_default());
    match instruction {
        Some(Instruction::Select) => {
            let name = data_field(command);
            meaning(DF_NAME, name).map_or_else(|| format!(" {}", hex::encode_upper(name)), |words| format!(" {words}"))
        }
        Some(Instruction::ReadRecord) => format!(" {p1} of file {}", p2 >> 3),
        Some(Instruction::GenerateAc) => {
            let kind = match p1 & 0xC0 {
                0x00 => "AAC",
                0x40 => "TC",
                _ => "ARQC",
            };
            format!(" {kind}{}", if p1 & 0x10 != 0 { " with CDA" } else { "" })
        }
        _ => String::new(),
    }
}

fn masked(pan: &str) -> String {
    // First six and last four digits may be shown (PCI DSS, requirement 3.4).
    let visible = |place: usize| place < 6 || place + 4 >= pan.len();
    pan.chars().enumerate().map(|(place, digit)| if visible(place) { digit } else { '*' }).collect()
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

const COMMAND_TEMPLATE: u32 = 0x83;
const DF_NAME: u32 = 0x84;
const PDOL: u32 = 0x9F38;
const CDOL1: u32 = 0x8C;
const TVR: u32 = 0x95;
const CRYPTOGRAM: u32 = 0x9F26;
const CVM_RESULTS: u32 = 0x9F34;
const UDOL: u32 = 0x9F69;
const POSCII: u32 = 0xDF4B;

/// Digits; what is longer is a key, a certificate or a signature.
const LONGEST_VALUE: usize = 84;
const SHOWN_OF_LONG: usize = 32;

/// Tags whose value holds the account number in a form that public keys open.
const CERTIFICATES: [u32; 2] = [0x90, 0x9F46];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_objects_are_indented_named_and_explained() {
        let bytes = hex::decode("70105A0854133300000000195F2403301231").unwrap();
        let expected = "70 Record template\n  5A Application PAN: 5413330000000019\n  \
            5F24 Application expiration date: 301231 — 2030-12-31\n";
        assert_eq!(decode(&bytes[..], Style::default()), expected);
    }

    #[test]
    fn a_masked_page_holds_no_account_number() {
        let bytes = hex::decode("5A08541333000000001957135413330000000019D30122010000000000000F").unwrap();
        let page = decode(&bytes, Style { mask_pan: true, ..Style::default() });
        assert!(page.contains("541333******0019") && !page.contains("5413330000000019"), "{page}");
    }

    #[test]
    fn colours_only_when_asked_for() {
        let bytes = hex::decode("5F340101").unwrap();
        assert!(!decode(&bytes, Style::default()).contains('\u{1b}'));
        assert!(decode(&bytes, Style { colour: true, ..Style::default() }).contains('\u{1b}'));
    }

    #[test]
    fn anything_can_be_written_down() {
        assert_eq!(decode(&[0xFF], Style::default()), "FF (not well-formed TLV)\n");
        let exchange = Exchange { command: vec![0x80], answer: vec![], elapsed: Duration::ZERO };
        assert!(timeline(&[exchange], Style::default()).contains("unknown command"));
    }

    #[test]
    fn only_what_decides_keeps_its_contents() {
        let exchange = |command: &str, answer: &str| Exchange {
            command: hex::decode(command).unwrap(),
            answer: hex::decode(answer).unwrap(),
            elapsed: Duration::from_micros(7),
        };
        let long = "AB".repeat(100);
        let talk = [
            exchange("00B2010C00", "70058C039F02069000"),
            exchange("80AE80000600000000250000", &format!("77679F4B64{long}9000")),
            exchange("00B2020C00", "6A83"),
        ];
        let style = |detail| Style { detail, ..Style::default() };
        let page = timeline(&talk, style(Detail::Decisions));
        let lines: Vec<&str> = page.lines().collect();
        assert!(lines[0].starts_with("→ READ RECORD 1 of file 1") && lines[0].contains("← 9000"), "{page}");
        assert!(lines[1].starts_with("→ GENERATE AC ARQC"), "{page}");
        assert!(lines[2].starts_with("  9F02 Amount"), "the list of a record that was left out is known: {page}");
        assert!(page.contains("… (100 bytes)") && page.contains("6A83") && !page.contains(" commands, "), "{page}");
        assert!(!page.contains("at the card"), "{page}");
        let whole = timeline(&talk, Style { timings: true, ..style(Detail::Whole) });
        assert!(whole.contains(&long) && whole.contains("7 µs at the card"), "{whole}");
    }
}
