/// Writes what `java.io.DataInputStream` reads: numbers big-endian, strings as a length of two bytes and modified UTF-8, and before
/// whatever may be absent a byte that says whether it is there.
#[derive(Default)]
pub(crate) struct Wire(Vec<u8>);

impl Wire {
    pub(crate) fn byte(&mut self, value: u8) -> &mut Self {
        self.0.push(value);
        self
    }

    pub(crate) fn boolean(&mut self, value: bool) -> &mut Self {
        self.byte(value.into())
    }

    /// Larger numbers become the largest.
    pub(crate) fn int(&mut self, value: impl TryInto<i32>) -> &mut Self {
        self.0.extend(value.try_into().unwrap_or(i32::MAX).to_be_bytes());
        self
    }

    /// Larger numbers become the largest.
    pub(crate) fn long(&mut self, value: u64) -> &mut Self {
        self.0.extend(i64::try_from(value).unwrap_or(i64::MAX).to_be_bytes());
        self
    }

    /// Modified UTF-8 is UTF-8 for all of Unicode's first plane but NUL; what else comes becomes a question mark. Longer text than
    /// fits is cut.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        let mut bytes: Vec<u8> = Vec::with_capacity(text.len());
        let mut room = [0; 4];
        for character in text.chars() {
            let plain = character != '\0' && u32::from(character) < 0x1_0000;
            let encoded = if plain { character } else { '?' }.encode_utf8(&mut room).as_bytes();
            if bytes.len() + encoded.len() > usize::from(u16::MAX) {
                break;
            }
            bytes.extend(encoded);
        }
        self.0.extend(u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes());
        self.0.extend(bytes);
        self
    }

    pub(crate) fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) -> &mut Self {
        self.boolean(value.is_some());
        if let Some(value) = value {
            write(self, value);
        }
        self
    }

    pub(crate) fn optional_text(&mut self, text: Option<impl AsRef<str>>) -> &mut Self {
        self.optional(text, |wire, text| {
            wire.text(text.as_ref());
        })
    }

    pub(crate) fn list<T>(
        &mut self,
        items: impl ExactSizeIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        self.int(items.len());
        items.for_each(|item| write(self, item));
        self
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_java_reads() {
        let bytes = |text: &str| {
            let mut wire = Wire::default();
            wire.text(text);
            wire.into_bytes()
        };
        assert_eq!(bytes("zł"), [0, 3, b'z', 0xC5, 0x82]);
        assert_eq!(bytes("\0😀"), [0, 2, b'?', b'?']);
        assert_eq!(bytes(&"ł".repeat(40_000)).len(), 2 + 65_534);
    }
}
