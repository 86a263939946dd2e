//! A JSON document taken apart field by field, without a copy of any value and without a value in any error.

use super::error::{ProfileError, ProfileField};
use crate::crypto::SecretBytes;
use core::fmt;
use core::ops::RangeInclusive;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

/// An object whose members are taken out one after the other; what is left at the end is unknown.
pub(super) struct Document<'a> {
    field: ProfileField,
    members: Vec<(String, &'a RawValue)>,
}

/// The value of a field that is there.
pub(super) struct Value<'a> {
    field: ProfileField,
    raw: &'a RawValue,
}

impl<'a> Document<'a> {
    pub(super) fn parse(json: &'a str) -> Result<Self, ProfileError> {
        let field = ProfileField::root();
        match serde_json::from_str::<&RawValue>(json) {
            Ok(raw) => Value { field, raw }.object(),
            Err(error) => {
                Err(field
                    .error(format!("broken JSON at line {} column {}", error.line(), error.column()), "a JSON object"))
            }
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.members.iter().any(|(member, _)| member == name)
    }

    /// Whether a field is there and neither null nor an empty string.
    pub(super) fn has_value(&self, name: &str) -> bool {
        self.members.iter().any(|(member, raw)| member == name && !is_missing(raw))
    }

    /// Takes a field that may be missing; null and an empty string count as missing.
    pub(super) fn optional(&mut self, name: &str) -> Option<Value<'a>> {
        let at = self.members.iter().position(|(member, _)| member == name)?;
        let (_, raw) = self.members.swap_remove(at);
        (!is_missing(raw)).then(|| Value { field: self.field.member(name), raw })
    }

    /// Takes a field that must be there.
    pub(super) fn required(&mut self, name: &str, wants: &str) -> Result<Value<'a>, ProfileError> {
        let missing = self.field.member(name);
        self.optional(name).ok_or_else(|| missing.error("nothing", wants))
    }

    /// Takes an object that must be there.
    pub(super) fn object(&mut self, name: &str) -> Result<Self, ProfileError> {
        self.required(name, "an object")?.object()
    }

    /// Takes fields that mean nothing to a contactless card.
    pub(super) fn ignore(&mut self, names: &[&str]) {
        self.members.retain(|(member, _)| !names.contains(&member.as_str()));
    }

    pub(super) fn field(&self, name: &str) -> ProfileField {
        self.field.member(name)
    }

    /// All that is left.
    pub(super) fn into_members(self) -> Vec<(String, &'a RawValue)> {
        self.members
    }

    /// Adds the paths of what has not been taken.
    pub(super) fn finish(self, unknown: &mut Vec<String>) {
        let mut left: Vec<String> = self.members.iter().map(|(name, _)| self.field.member(name).to_string()).collect();
        left.sort();
        unknown.append(&mut left);
    }
}

impl<'a> Value<'a> {
    pub(super) const fn field(&self) -> &ProfileField {
        &self.field
    }

    pub(super) fn object(self) -> Result<Document<'a>, ProfileError> {
        match serde_json::from_str::<Members<'a>>(self.raw.get()) {
            Ok(Members(members)) => Ok(Document { field: self.field, members }),
            Err(_) if self.raw.get().starts_with('{') => Err(self.field.error("a member twice", "each member once")),
            Err(_) => Err(self.wrong("an object")),
        }
    }

    pub(super) fn list(self) -> Result<Vec<Self>, ProfileError> {
        let items: Vec<&'a RawValue> = serde_json::from_str(self.raw.get()).map_err(|_| self.wrong("a list"))?;
        Ok(items.into_iter().enumerate().map(|(i, raw)| Self { field: self.field.item(i), raw }).collect())
    }

    pub(super) fn text(&self) -> Result<String, ProfileError> {
        serde_json::from_str(self.raw.get()).map_err(|_| self.wrong("a string"))
    }

    pub(super) fn boolean(&self) -> Result<bool, ProfileError> {
        serde_json::from_str(self.raw.get()).map_err(|_| self.wrong("true or false"))
    }

    pub(super) fn integer(&self, range: RangeInclusive<u32>) -> Result<u32, ProfileError> {
        let wants = || format!("a whole number from {} to {}", range.start(), range.end());
        let number: u32 = serde_json::from_str(self.raw.get()).map_err(|_| self.wrong(&wants()))?;
        if range.contains(&number) { Ok(number) } else { Err(self.field.error("a number out of range", wants())) }
    }

    /// N bytes of hexadecimal, either case.
    pub(super) fn array<const N: usize>(&self) -> Result<[u8; N], ProfileError> {
        let mut bytes = [0; N];
        self.hexadecimal(&(N..=N))?.decode(&mut bytes)?;
        Ok(bytes)
    }

    /// So many bytes of hexadecimal.
    pub(super) fn bytes(&self, lengths: RangeInclusive<usize>) -> Result<Vec<u8>, ProfileError> {
        let hexadecimal = self.hexadecimal(&lengths)?;
        let mut bytes = vec![0; hexadecimal.length];
        hexadecimal.decode(&mut bytes)?;
        Ok(bytes)
    }

    /// So many bytes of hexadecimal, decoded in constant time into the place where they stay.
    pub(super) fn secret(&self, lengths: RangeInclusive<usize>) -> Result<SecretBytes, ProfileError> {
        let hexadecimal = self.hexadecimal(&lengths)?;
        SecretBytes::try_new(hexadecimal.length, |room| hexadecimal.decode(room))
    }

    fn hexadecimal(&self, lengths: &RangeInclusive<usize>) -> Result<Hexadecimal<'_>, ProfileError> {
        let wants = if lengths.start() == lengths.end() {
            format!("{} bytes of hexadecimal", lengths.start())
        } else {
            format!("{} to {} bytes of hexadecimal", lengths.start(), lengths.end())
        };
        let digits: &'a str = serde_json::from_str(self.raw.get()).map_err(|_| self.wrong(&wants))?;
        let length = digits.len() / 2;
        if !digits.len().is_multiple_of(2) || !lengths.contains(&length) {
            return Err(self.wrong(&wants));
        }
        Ok(Hexadecimal { field: &self.field, digits, length, wants })
    }

    pub(super) fn wrong(&self, wants: &str) -> ProfileError {
        let raw = self.raw.get();
        let found = match raw.chars().next() {
            Some('{') => "an object".into(),
            Some('[') => "a list".into(),
            Some('"') => format!("a string of {} characters", raw.chars().count().saturating_sub(2)),
            Some('t' | 'f') => "true or false".into(),
            _ => "a number".into(),
        };
        self.field.error(found, wants)
    }
}

/// A string of the right length for so many bytes.
struct Hexadecimal<'a> {
    field: &'a ProfileField,
    digits: &'a str,
    length: usize,
    wants: String,
}

impl Hexadecimal<'_> {
    fn decode(&self, room: &mut [u8]) -> Result<(), ProfileError> {
        let decoded = base16ct::mixed::decode(self.digits, room);
        decoded.map(drop).map_err(|_| self.field.error("a character that is no hexadecimal digit", &*self.wants))
    }
}

fn is_missing(raw: &RawValue) -> bool {
    matches!(raw.get(), "null" | "\"\"")
}

/// The members of an object; a name that stands twice is an error, for two readers would pick two values.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members: Vec<(String, &'de RawValue)> = Vec::new();
                while let Some((name, raw)) = map.next_entry::<String, &'de RawValue>()? {
                    if members.iter().any(|(member, _)| *member == name) {
                        return Err(A::Error::custom("a member stands twice"));
                    }
                    members.push((name, raw));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}
