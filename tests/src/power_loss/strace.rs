//! The text that strace writes, taken apart into calls.

use super::LaboratoryError;
use std::collections::HashMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

/// One system call that came back.
pub(super) struct Call {
    pub thread: u32,
    /// The line in which it was entered.
    pub begun: usize,
    /// The line in which it came back.
    pub ended: usize,
    pub name: String,
    pub arguments: Vec<String>,
    pub result: String,
}

/// The calls in the order in which they came back. One that never came back has not happened.
pub(super) fn calls(text: &str) -> Result<Vec<Call>, LaboratoryError> {
    let (mut calls, mut entered) = (Vec::new(), HashMap::new());
    for (number, line) in text.lines().enumerate() {
        let wrong = || LaboratoryError::Line(excerpt(line));
        let (thread, rest) = line.split_once(' ').ok_or_else(wrong)?;
        let (thread, rest) = (thread.parse::<u32>().map_err(|_| wrong())?, rest.trim_start());
        if rest.starts_with("+++") || rest.starts_with("---") {
            continue;
        }
        if let Some(resumed) = rest.strip_prefix("<... ") {
            let (_, tail) = resumed.split_once(" resumed>").ok_or_else(wrong)?;
            let (begun, head) = entered.remove(&thread).ok_or_else(wrong)?;
            calls.push(Call::of((thread, begun, number), &format!("{head}{tail}")).ok_or_else(wrong)?);
        } else if let Some(head) = rest.strip_suffix("<unfinished ...>") {
            entered.insert(thread, (number, head.trim_end().to_owned()));
        } else {
            calls.push(Call::of((thread, number, number), rest).ok_or_else(wrong)?);
        }
    }
    Ok(calls)
}

impl Call {
    fn of((thread, begun, ended): (u32, usize, usize), text: &str) -> Option<Self> {
        let (name, rest) = text.split_once('(')?;
        let (mut arguments, mut from, mut at, mut depth) = (Vec::new(), 0, 0, 0_usize);
        loop {
            match rest.as_bytes().get(at)? {
                // Nothing but hexadecimal stands between the quotes.
                b'"' => at += 1 + rest[at + 1..].find('"')?,
                b'(' | b'[' | b'{' => depth += 1,
                b')' if depth == 0 => break,
                b')' | b']' | b'}' => depth = depth.checked_sub(1)?,
                b',' if depth == 0 => {
                    arguments.push(rest[from..at].trim().to_owned());
                    from = at + 1;
                }
                _ => {}
            }
            at += 1;
        }
        if !rest[from..at].trim().is_empty() {
            arguments.push(rest[from..at].trim().to_owned());
        }
        let result = rest[at + 1..].trim_start().strip_prefix('=')?.trim().to_owned();
        Some(Self { thread, begun, ended, name: name.to_owned(), arguments, result })
    }

    /// What it returned; none where it failed.
    pub(super) fn returned(&self) -> Option<i64> {
        let digits = self.result.split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse().ok()
    }

    /// The number of a descriptor; none for the working directory.
    pub(super) fn descriptor(&self, argument: usize) -> Option<i64> {
        number_of(self.arguments.get(argument)?)
    }

    /// What the system says the descriptor stands for.
    pub(super) fn stands_for(&self, argument: usize) -> Option<PathBuf> {
        described(self.arguments.get(argument)?).next()
    }

    /// What the system says the returned descriptor stands for.
    pub(super) fn returned_path(&self) -> Option<PathBuf> {
        described(&self.result).next()
    }

    /// The number in an argument.
    pub(super) fn number(&self, argument: usize) -> Option<usize> {
        self.arguments.get(argument)?.parse().ok()
    }

    /// Whether one of the flags in an argument is this one.
    pub(super) fn flag(&self, argument: usize, flag: &str) -> bool {
        self.arguments.get(argument).is_some_and(|flags| flags.split(['|', ' ', '=', ',']).any(|word| word == flag))
    }

    /// The path in an argument.
    pub(super) fn path(&self, argument: usize) -> Option<PathBuf> {
        let path = self.arguments.get(argument)?.strip_prefix('"')?.strip_suffix('"')?;
        Some(OsString::from_vec(bytes(path)).into())
    }

    /// The bytes in an argument: one string, or those of a vector one after the other. None where strace cut them.
    pub(super) fn data(&self, argument: usize) -> Option<Vec<u8>> {
        let argument = self.arguments.get(argument)?;
        (!argument.contains("...")).then(|| quoted(argument).flat_map(bytes).collect())
    }

    /// Every path that it names, of descriptors and of strings.
    pub(super) fn paths(&self) -> impl Iterator<Item = PathBuf> {
        self.arguments.iter().flat_map(|argument| {
            described(argument).chain(quoted(argument).map(|path| OsString::from_vec(bytes(path)).into()))
        })
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        let arguments: Vec<_> = self.arguments.iter().map(|argument| readable(argument)).collect();
        excerpt(&format!("{}({}) = {}", self.name, arguments.join(", "), readable(&self.result)))
    }
}

fn number_of(descriptor: &str) -> Option<i64> {
    descriptor.split('<').next()?.parse().ok()
}

fn described(argument: &str) -> impl Iterator<Item = PathBuf> {
    let described = argument.split('<').skip(1).filter_map(|rest| rest.split('>').next());
    described.map(|path| OsString::from_vec(bytes(path)).into())
}

fn quoted(argument: &str) -> impl Iterator<Item = &str> {
    argument.split('"').skip(1).step_by(2)
}

/// `\x2f\x61` as bytes; a text that is not written so as it stands.
fn bytes(text: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |four: &[u8]| match four {
        [b'\\', b'x', high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    };
    let decoded: Option<Vec<u8>> = text.as_bytes().chunks(4).map(byte).collect();
    decoded.unwrap_or_else(|| text.as_bytes().to_vec())
}

fn readable(argument: &str) -> String {
    let pieces = argument.split_inclusive(['"', '<', '>']).map(|piece| {
        let (inner, end) = piece.split_at(piece.len() - usize::from(piece.ends_with(['"', '<', '>'])));
        format!("{}{end}", String::from_utf8_lossy(&bytes(inner)))
    });
    pieces.collect()
}

fn excerpt(text: &str) -> String {
    text.chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_of_two_lines_is_one() {
        let text = "7  fsync(3<\\x2f\\x61> <unfinished ...>\n8 close(4) = 0\n7  <... fsync resumed>) = 0\n8 +++ exited with 0 +++\n";
        let calls = calls(text).unwrap();
        let order: Vec<_> = calls.iter().map(|call| (call.name.as_str(), call.begun, call.ended)).collect();
        assert_eq!(order, [("close", 1, 1), ("fsync", 0, 2)]);
        assert_eq!((calls[1].descriptor(0), calls[1].stands_for(0)), (Some(3), Some("/a".into())));
    }

    #[test]
    fn the_parts_of_a_vector_are_one_after_the_other() {
        let line = "1 writev(3<\\x61>, [{iov_base=\"\\x61\\x62\", iov_len=2}, {iov_base=\"\\x63\", iov_len=1}], 2) = 3";
        let call = calls(line).unwrap().remove(0);
        assert_eq!((call.data(1).unwrap(), call.returned(), call.number(2)), (b"abc".to_vec(), Some(3), Some(2)));
    }

    #[test]
    fn a_failure_returns_nothing_and_what_is_cut_has_no_data() {
        let failed = calls("1 open(\"\\x61\", O_RDWR|O_CREAT, 0644) = -1 ENOENT (No such file or directory)").unwrap();
        assert_eq!(
            (failed[0].returned(), failed[0].flag(1, "O_CREAT"), failed[0].flag(1, "O_TRUNC")),
            (None, true, false)
        );
        assert_eq!(calls("1 write(3<\\x61>, \"\\x61\"..., 9) = 9").unwrap()[0].data(1), None);
    }

    #[test]
    fn a_line_that_is_no_call_is_an_error() {
        assert!(matches!(calls("1 write(3, \"\\x61"), Err(LaboratoryError::Line(_))));
        assert!(matches!(calls("1 <... read resumed>) = 0"), Err(LaboratoryError::Line(_))));
    }
}
