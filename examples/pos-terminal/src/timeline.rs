//! A tap as a story: every command and answer, decoded, with its time on the air.

use std::fmt::{self, Display, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Style as Ansi};

use crate::apdu::{Answer, Instruction};
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
}

/// Writes the exchanges of a tap, one after the other, and their sum.
pub fn timeline(exchanges: &[Exchange], style: Style) -> String {
    let mut page = Page { text: String::new(), style, lists: Lists::default() };
    for exchange in exchanges {
        page.command(exchange);
        page.answer(exchange);
    }
    let air: Duration = exchanges.iter().map(Exchange::air_time).sum();
    let card: Duration = exchanges.iter().map(|exchange| exchange.elapsed).sum();
    let bytes: usize = exchanges.iter().map(|exchange| exchange.command.len() + exchange.answer.len()).sum();
    page.line(
        0,
        format_args!(
            "{} commands, {bytes} bytes, {} on the air at 106 kbit/s, {} at the card",
            exchanges.len(),
            milliseconds(air),
            milliseconds(card)
        ),
    );
    page.text
}

/// Writes a whole tap: its timeline, what was found and how it ended.
pub fn report(tap: &Tap, style: Style) -> String {
    let mut page = Page { text: timeline(&tap.exchanges, style), style, lists: Lists::default() };
    page.primitive(0, TVR, &tap.tvr.0);
    if let Some(results) = tap.cvm_results {
        page.primitive(0, CVM_RESULTS, &results);
    }
    page.line(0, format_args!("Offline data authentication: {}", tap.oda));
    if let Outcome::OnlineRequest(OnlineRequest { elements, .. }) = &tap.outcome {
        page.primitive(0, CRYPTOGRAM, elements.get(&CRYPTOGRAM).map(Vec::as_slice).unwrap_or_default());
    }
    if let Some(poscii) = tap.data.get(&POSCII).and_then(|value| value.as_slice().try_into().ok())
        && !tap.outcome.goes_online()
    {
        page.line(0, format_args!("Terminal display: {}", phone_message(poscii)));
    }
    let colour = if tap.outcome.goes_online() { AnsiColor::Green } else { AnsiColor::Red };
    let words = page.paint(colour, format_args!("Outcome: {}", tap.outcome));
    page.line(0, format_args!("{words}"));
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

    fn command(&mut self, exchange: &Exchange) {
        let command = &exchange.command;
        let instruction = Instruction::of(command);
        let name = instruction.map_or_else(|| "unknown command".to_owned(), |known| known.to_string());
        let target = target(instruction, command);
        let title = self.paint(AnsiColor::Cyan, format_args!("→ {name}{target}"));
        self.line(
            0,
            format_args!("{title}  {} bytes, {} on the air", command.len(), milliseconds(air_time(command.len()))),
        );
        let data = command.get(5..command.len().saturating_sub(1)).unwrap_or_default();
        match instruction {
            Some(Instruction::GetProcessingOptions) => {
                let values = tlv::template(data, COMMAND_TEMPLATE).unwrap_or_default().to_vec();
                self.filled(&self.lists.pdol.clone(), &values);
            }
            Some(Instruction::GenerateAc) => self.filled(&self.lists.cdol1.clone(), data),
            Some(Instruction::ComputeCryptographicChecksum) => self.filled(&self.lists.udol.clone(), data),
            _ => {}
        }
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

    fn answer(&mut self, exchange: &Exchange) {
        let Some(answer) = Answer::parse(&exchange.answer) else {
            let words = self.paint(AnsiColor::Red, format_args!("← {} bytes, no answer", exchange.answer.len()));
            return self.line(0, format_args!("{words}"));
        };
        let colour = if answer.is_success() { AnsiColor::Green } else { AnsiColor::Red };
        let status = self.paint(colour, format_args!("← {:04X} {}", answer.status, status_word(answer.status)));
        let micros = exchange.elapsed.as_micros();
        let bytes = exchange.answer.len();
        let air = milliseconds(air_time(bytes));
        self.line(0, format_args!("{status}  {bytes} bytes, {air} on the air, {micros} µs at the card"));
        self.body(1, answer.body);
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
            return digits;
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

fn target(instruction: Option<Instruction>, command: &[u8]) -> String {
    let (p1, p2) = (command.get(2).copied().unwrap_or_default(), command.get(3).copied().unwrap_or_default());
    match instruction {
        Some(Instruction::Select) => {
            let name = command.get(5..command.len().saturating_sub(1)).unwrap_or_default();
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
        let page = decode(&bytes, Style { colour: false, mask_pan: true });
        assert!(page.contains("541333******0019") && !page.contains("5413330000000019"), "{page}");
    }

    #[test]
    fn colours_only_when_asked_for() {
        let bytes = hex::decode("5F340101").unwrap();
        assert!(!decode(&bytes, Style::default()).contains('\u{1b}'));
        assert!(decode(&bytes, Style { colour: true, mask_pan: false }).contains('\u{1b}'));
    }

    #[test]
    fn anything_can_be_written_down() {
        assert_eq!(decode(&[0xFF], Style::default()), "FF (not well-formed TLV)\n");
        let exchange = Exchange { command: vec![0x80], answer: vec![], elapsed: Duration::ZERO };
        assert!(timeline(&[exchange], Style::default()).contains("unknown command"));
    }
}
