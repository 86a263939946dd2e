use crate::{array, bytes, file};
use std::collections::BTreeMap;

/// One block of `Name = value` lines in a vector file.
pub struct Vector {
    fields: BTreeMap<String, String>,
    at: String,
}

/// The blocks of a file below `tests/vectors/`: separated by blank lines, `#` starts a comment.
#[must_use]
pub fn vectors(name: &str) -> Vec<Vector> {
    let (mut vectors, mut fields, mut start) = (Vec::new(), BTreeMap::new(), 1);
    let text = file(&format!("vectors/{name}"));
    for (i, line) in text.lines().chain([""]).enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if let Some((key, value)) = line.split_once('=') {
            let twice = fields.insert(key.trim().to_owned(), value.trim().to_owned());
            assert!(twice.is_none(), "{name}:{}: {key} stands twice", i + 1);
        } else if line.is_empty() && !fields.is_empty() {
            vectors.push(Vector { fields: std::mem::take(&mut fields), at: format!("{name}:{start}") });
        } else {
            assert!(line.is_empty(), "{name}:{}: no `Name = value`", i + 1);
        }
        if fields.is_empty() {
            start = i + 2;
        }
    }
    assert!(!vectors.is_empty(), "{name} holds no vectors");
    vectors
}

impl Vector {
    /// Where it stands, for messages.
    #[must_use]
    pub fn at(&self) -> &str {
        &self.at
    }

    /// A field as it is written.
    #[must_use]
    pub fn text(&self, key: &str) -> &str {
        self.fields.get(key).unwrap_or_else(|| panic!("{}: {key} is missing", self.at))
    }

    /// A field that may be missing.
    #[must_use]
    pub fn optional(&self, key: &str) -> Option<&str> {
        self.fields.get(key).map(String::as_str)
    }

    /// The bytes of a field.
    #[must_use]
    pub fn bytes(&self, key: &str) -> Vec<u8> {
        bytes(self.text(key))
    }

    /// The N bytes of a field.
    #[must_use]
    pub fn array<const N: usize>(&self, key: &str) -> [u8; N] {
        array(self.text(key))
    }
}
