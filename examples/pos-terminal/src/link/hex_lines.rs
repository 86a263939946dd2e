use std::io::{BufRead, Write};

use super::{Card, LinkError};

/// A card on the other end of two text streams: hex commands out, hex answers in, one a line.
///
/// Blank lines and lines that start with `#` are skipped, blanks inside a line too, so a person can be the card.
#[derive(Debug)]
pub struct HexLines<R, W> {
    answers: R,
    commands: W,
}

impl<R: BufRead, W: Write> HexLines<R, W> {
    /// Reads answers from `answers`, writes commands to `commands`.
    pub fn new(answers: R, commands: W) -> Self {
        Self { answers, commands }
    }
}

impl<R: BufRead, W: Write> Card for HexLines<R, W> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        writeln!(self.commands, "{}", hex::encode_upper(command))
            .and_then(|()| self.commands.flush())
            .map_err(|source| LinkError::Io { action: "writing a command", source })?;
        loop {
            let mut line = String::new();
            let read = self
                .answers
                .read_line(&mut line)
                .map_err(|source| LinkError::Io { action: "reading an answer", source })?;
            if read == 0 {
                return Err(LinkError::Closed);
            }
            let digits: String = line.chars().filter(|c| !c.is_whitespace()).collect();
            if digits.is_empty() || digits.starts_with('#') {
                continue;
            }
            return hex::decode(&digits).map_err(|_| LinkError::Unreadable { line, expected: "an answer in hex" });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_may_write_blanks_and_remarks() {
        let mut written = Vec::new();
        let mut card = HexLines::new("# not found\n\n6A 82\n".as_bytes(), &mut written);
        assert_eq!(card.transmit(&[0x00, 0xA4]).unwrap(), [0x6A, 0x82]);
        assert!(matches!(card.transmit(&[0x00]), Err(LinkError::Closed)));
        assert_eq!(written, b"00A4\n00\n");
    }
}
