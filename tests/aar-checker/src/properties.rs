//! Java's property files, as far as ours go: a line a key, `=`, comments behind `#`.

use std::collections::BTreeMap;

use thiserror::Error;

/// A property file that says something twice, or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadProperties {
    /// A key has no value.
    #[error("{line:?} is no `key=value`")]
    NoPair {
        /// The line.
        line: String,
    },
    /// A key stands twice.
    #[error("{key} stands there twice")]
    Twice {
        /// The key.
        key: String,
    },
}

/// Reads one.
///
/// # Errors
///
/// Where a line is neither empty, a comment nor a pair, and where a key stands twice.
pub fn parse(text: &str) -> Result<BTreeMap<String, String>, BadProperties> {
    let mut pairs = BTreeMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '!'])) {
        let pair = line.split_once('=').map(|(key, value)| (key.trim(), value.trim().replace('\\', "")));
        let (key, value) = pair.ok_or_else(|| BadProperties::NoPair { line: line.to_owned() })?;
        if pairs.insert(key.to_owned(), value).is_some() {
            return Err(BadProperties::Twice { key: key.to_owned() });
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_java_escapes_is_read_as_meant() {
        let pairs = parse("#Sun Feb 01\n\n grade = ci\ntoolchain=rustc\\:1.96\n").unwrap();

        assert_eq!(pairs["grade"], "ci");
        assert_eq!(pairs["toolchain"], "rustc:1.96");
    }

    #[test]
    fn two_answers_are_none() {
        assert_eq!(parse("a=1\na=2"), Err(BadProperties::Twice { key: "a".to_owned() }));
        assert!(parse("grade").is_err());
    }
}
