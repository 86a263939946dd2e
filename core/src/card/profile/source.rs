use super::ProfileKeys;
use crate::crypto::{SecretBytes, WrappingKey};

/// A profile as it came, with the keys that open it: what a store keeps of a card. Parsed again, it is the same card.
pub struct ProfileSource {
    json: SecretBytes,
    keys: ProfileKeys,
}

impl ProfileSource {
    pub(super) fn new(json: &str, keys: &ProfileKeys) -> Self {
        Self { json: SecretBytes::copy_of(json.as_bytes()), keys: keys.copy() }
    }

    /// The JSON of either generation.
    #[must_use]
    pub fn json(&self) -> &str {
        core::str::from_utf8(self.json.expose_secret()).unwrap_or_default()
    }

    /// The same profile without its keys, for what every reader is told before any key is needed; `None` for JSON that is
    /// no profile.
    #[must_use]
    pub fn face(&self) -> Option<String> {
        super::face::face(self.json())
    }

    /// The keys that parts of it are wrapped under.
    #[must_use]
    pub const fn keys(&self) -> &ProfileKeys {
        &self.keys
    }

    /// In one piece: the length of each key in one byte and the key, none as length 0, then the JSON.
    #[must_use]
    pub fn to_bytes(&self) -> SecretBytes {
        let keys = [&self.keys.data_encryption_key, &self.keys.icc_kek];
        let keys = keys.map(|key| key.as_ref().map(WrappingKey::expose_secret).unwrap_or_default());
        let lengths = keys.map(|key| [u8::try_from(key.len()).unwrap_or(0)]);
        let ([first, second], [data, icc]) = (&lengths, keys);
        let parts: [&[u8]; 5] = [first, data, second, icc, self.json.expose_secret()];
        let length = parts.iter().map(|part| part.len()).sum();
        SecretBytes::filled(length, |bytes| {
            let all = parts.into_iter().flatten();
            bytes.iter_mut().zip(all).for_each(|(place, byte)| *place = *byte);
        })
    }

    /// What [`ProfileSource::to_bytes`] made; `None` for anything else.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (data_encryption_key, rest) = key(bytes)?;
        let (icc_kek, json) = key(rest)?;
        core::str::from_utf8(json).ok()?;
        Some(Self { json: SecretBytes::copy_of(json), keys: ProfileKeys { data_encryption_key, icc_kek } })
    }
}

fn key(bytes: &[u8]) -> Option<(Option<WrappingKey>, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (key, rest) = rest.split_at_checked(usize::from(*length))?;
    match key {
        [] => Some((None, rest)),
        key => Some((Some(WrappingKey::new(SecretBytes::copy_of(key))?), rest)),
    }
}
