use std::io::{self, Read};
use zeroize::{Zeroize, Zeroizing};

/// The longest line that is read: 4 MiB, for a recording to be played.
const LIMIT: usize = 4 << 20;
/// What a reader is always offered beyond it. The one behind the standard input keeps no copy of what is read into more
/// room than it has itself, which is 8 KiB.
const ROOM: usize = 64 << 10;

/// Lines from a reader, which may hold keys: each in the same buffer, which never grows, and wiped before the next one
/// is waited for.
pub struct Lines<R> {
    reader: R,
    buffer: Zeroizing<Vec<u8>>,
    /// The latest line with its end, from the start of the buffer.
    told: usize,
    /// All that has been read and not been wiped, the latest line included.
    filled: usize,
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

impl<R: Read> Lines<R> {
    /// Lines of `reader`, which should keep nothing itself of what it is asked for.
    pub fn new(reader: R) -> Self {
        Self { reader, buffer: Zeroizing::new(vec![0; LIMIT + 1 + ROOM]), told: 0, filled: 0 }
    }

    /// The next line, or `None` at the end.
    ///
    /// # Errors
    /// Those of the reader.
    pub fn read(&mut self) -> io::Result<Option<Line<'_>>> {
        self.forget(self.told);
        let mut searched = 0;
        let length = loop {
            if let Some(length) = self.end_of_line(searched) {
                self.told = length + 1;
                break length;
            }
            if self.filled > LIMIT {
                return self.skip_line();
            }
            searched = self.filled;
            if self.fill()? == 0 {
                self.told = self.filled;
                break self.filled;
            }
        };
        if length > LIMIT {
            return Ok(Some(Line::TooLong));
        }
        if self.told == 0 {
            return Ok(None);
        }
        let line = self.buffer.get(..length).unwrap_or_default();
        Ok(Some(match str::from_utf8(line).map(str::trim) {
            Ok("") => Line::Blank,
            Ok(text) => Line::Text(text),
            Err(_) => Line::NotText,
        }))
    }

    /// Wipes a line piece by piece until it ends.
    fn skip_line(&mut self) -> io::Result<Option<Line<'_>>> {
        loop {
            self.forget(self.filled);
            if self.fill()? == 0 {
                break;
            }
            if let Some(length) = self.end_of_line(0) {
                self.told = length + 1;
                break;
            }
        }
        Ok(Some(Line::TooLong))
    }

    fn end_of_line(&self, searched: usize) -> Option<usize> {
        let fresh = self.buffer.get(searched..self.filled)?;
        fresh.iter().position(|byte| *byte == b'\n').map(|at| searched + at)
    }

    /// Reads what is there; gives how much that was.
    fn fill(&mut self) -> io::Result<usize> {
        let room = self.buffer.get_mut(self.filled..).unwrap_or_default();
        loop {
            match self.reader.read(room) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(read) => {
                    self.filled += read;
                    return Ok(read);
                }
            }
        }
    }

    /// Wipes what has been told, and moves what is behind it to the front.
    fn forget(&mut self, told: usize) {
        self.buffer.copy_within(told..self.filled, 0);
        let left = self.filled - told;
        self.buffer.get_mut(left..self.filled).unwrap_or_default().zeroize();
        (self.told, self.filled) = (0, left);
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

    /// Gives a few bytes at a time.
    struct Trickle<'a>(&'a [u8]);

    impl Read for Trickle<'_> {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            assert!(room.len() >= ROOM);
            let length = self.0.len().min(3);
            self.0.read(&mut room[..length])
        }
    }

    #[test]
    fn lines_come_whole_however_they_are_read() {
        let mut lines = Lines::new(Trickle(b"first\n\nsecond line\nlast"));
        assert_eq!(lines.read().unwrap(), Some(Line::Text("first")));
        assert_eq!(lines.read().unwrap(), Some(Line::Blank));
        assert_eq!(lines.read().unwrap(), Some(Line::Text("second line")));
        assert_eq!(lines.read().unwrap(), Some(Line::Text("last")));
        assert_eq!(lines.read().unwrap(), None);
        assert_eq!(lines.read().unwrap(), None);
    }

    #[test]
    fn nothing_of_a_line_stays_when_the_next_one_is_read() {
        let mut lines = Lines::new(&b"a long line with a key\nb\nc"[..]);
        lines.read().unwrap();
        for rest in [&b"b\nc"[..], b"c", b""] {
            lines.read().unwrap();
            let (front, behind) = lines.buffer.split_at(rest.len());
            assert_eq!(front, rest);
            assert!(behind.iter().all(|byte| *byte == 0));
        }
    }
}
