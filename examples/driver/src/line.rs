use std::io::{self, BufRead, Read};
use zeroize::Zeroizing;

/// The longest line that is read: 4 MiB, for a recording to be played.
const LIMIT: usize = 4 << 20;

/// Lines from a reader, each in the same buffer, which never grows and is wiped at the end: they may hold keys. What the
/// reader itself buffers is its own.
pub struct Lines<R> {
    reader: R,
    buffer: Zeroizing<Vec<u8>>,
}

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// Nothing but white space.
    Blank,
    /// Bytes that are not UTF-8.
    NotText,
    /// A line, without its end.
    Text(&'a str),
    /// More than the limit; the rest of the line has been skipped.
    TooLong,
}

impl<R: BufRead> Lines<R> {
    /// Lines of `reader`.
    pub fn new(reader: R) -> Self {
        Self { reader, buffer: Zeroizing::new(Vec::with_capacity(LIMIT + 1)) }
    }

    /// The next line, or `None` at the end.
    ///
    /// # Errors
    /// Those of the reader.
    pub fn read(&mut self) -> io::Result<Option<Line<'_>>> {
        self.buffer.clear();
        // The buffer never grows beyond its capacity, so no copy of a key is left behind.
        let limit = u64::try_from(LIMIT + 1).unwrap_or(u64::MAX);
        if (&mut self.reader).take(limit).read_until(b'\n', &mut self.buffer)? == 0 {
            return Ok(None);
        }
        if self.buffer.len() > LIMIT && self.buffer.last() != Some(&b'\n') {
            self.reader.skip_until(b'\n')?;
            return Ok(Some(Line::TooLong));
        }
        Ok(Some(match str::from_utf8(&self.buffer).map(str::trim) {
            Ok("") => Line::Blank,
            Ok(text) => Line::Text(text),
            Err(_) => Line::NotText,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_skipped_whole() {
        let long = format!("{}\nnext\n\n", "x".repeat(LIMIT + 5));
        let mut lines = Lines::new(long.as_bytes());
        assert_eq!(lines.read().unwrap(), Some(Line::TooLong));
        assert_eq!(lines.read().unwrap(), Some(Line::Text("next")));
        assert_eq!(lines.read().unwrap(), Some(Line::Blank));
        assert_eq!(lines.read().unwrap(), None);
    }

    #[test]
    fn a_line_at_the_limit_is_read_and_a_last_line_needs_no_end() {
        let text = format!("{}\nlast", "x".repeat(LIMIT));
        let mut lines = Lines::new(text.as_bytes());
        assert!(matches!(lines.read().unwrap(), Some(Line::Text(text)) if text.len() == LIMIT));
        assert_eq!(lines.read().unwrap(), Some(Line::Text("last")));
        assert_eq!(lines.read().unwrap(), None);
    }

    #[test]
    fn bytes_that_are_no_text_are_told() {
        let mut lines = Lines::new(&b"\xFF\xFE\n{}\n"[..]);
        assert_eq!(lines.read().unwrap(), Some(Line::NotText));
        assert_eq!(lines.read().unwrap(), Some(Line::Text("{}")));
    }
}
