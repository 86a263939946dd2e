//! What does not belong into anything we ship: paths of the machine that built it, and texts of the tests.

use aho_corasick::{AhoCorasick, BuildError};

use crate::rules::StrangerRules;

/// Looks for strangers in any bytes.
#[derive(Debug)]
pub struct Strangers {
    machine_paths: AhoCorasick,
    test_texts: AhoCorasick,
    test_classes: AhoCorasick,
}

impl Strangers {
    /// Learns what to look for.
    ///
    /// # Errors
    ///
    /// Where there is far too much of it.
    pub fn new(rules: &StrangerRules) -> Result<Self, BuildError> {
        Ok(Self {
            machine_paths: AhoCorasick::new(&rules.machine_paths)?,
            test_texts: AhoCorasick::new(&rules.test_texts)?,
            test_classes: AhoCorasick::new(&rules.test_classes)?,
        })
    }

    /// The paths of a machine in there, each once.
    pub fn machine_paths(&self, bytes: &[u8]) -> Vec<String> {
        let found = self.machine_paths.find_iter(bytes).filter_map(|found| path(bytes, found.start(), found.end()));
        let mut paths: Vec<String> = found.collect();
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// A text of the tests in there.
    pub fn test_text(&self, bytes: &[u8]) -> Option<String> {
        found(&self.test_texts, bytes)
    }

    /// The part of a class's name that only tests have.
    pub fn test_class(&self, name: &str) -> Option<String> {
        found(&self.test_classes, name.as_bytes())
    }
}

fn found(markers: &AhoCorasick, bytes: &[u8]) -> Option<String> {
    let range = markers.find(bytes)?.range();
    bytes.get(range).map(|marker| String::from_utf8_lossy(marker).into_owned())
}

/// The path that begins with the marker at `start..end`, unless that is an accident or a part of a web address.
fn path(bytes: &[u8], start: usize, end: usize) -> Option<String> {
    let in_word = |byte: &&u8| byte.is_ascii_graphic() && !b"\"'<>".contains(byte);
    let before = bytes.get(..start)?.iter().rev().take(LONGEST).take_while(in_word).count();
    let word = bytes.get(start - before..start)?;
    let is_web = [&b"http://"[..], b"https://"].iter().any(|scheme| word.windows(scheme.len()).any(|at| at == *scheme));

    let behind = bytes.get(end..)?.iter().take(LONGEST).take_while(in_word).count();
    let part = bytes.get(end..end + behind)?.iter().take_while(|byte| is_of_a_name(**byte)).count();
    let marker_and_more = bytes.get(start..end + behind)?;
    (!is_web && part >= SHORTEST).then(|| String::from_utf8_lossy(marker_and_more).into_owned())
}

fn is_of_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-/\\".contains(&byte)
}

/// Three letters behind `C:\` stand in compressed or machine code by accident once in thousands of libraries.
const SHORTEST: usize = 3;
const LONGEST: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Rules;

    fn paths(bytes: &[u8]) -> Vec<String> {
        Strangers::new(&Rules::bezant().unwrap().strangers).unwrap().machine_paths(bytes)
    }

    #[test]
    fn a_path_is_found_between_bytes_that_are_no_text() {
        assert_eq!(paths(b"\x00\xFFlib/root/.cargo/a.rs\x01"), ["/root/.cargo/a.rs"]);
        assert_eq!(paths(br"C:\Users\me"), [r"C:\Users\me"]);
        assert_eq!(paths(b"path+file:///work/app/core twice /work/app/core"), ["/work/app/core"]);
    }

    #[test]
    fn accidents_and_web_addresses_are_no_paths() {
        assert!(paths(b"C:\\\x01\x02 C:\\a /home/ /home").is_empty());
        assert!(paths(b"see https://example.org/home/licences").is_empty());
    }
}
