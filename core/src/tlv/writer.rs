use super::Tag;

/// Writes data objects, with the shortest lengths, into a buffer that the caller owns.
#[derive(Debug)]
pub struct Writer<'a> {
    buffer: &'a mut [u8],
    length: usize,
}

/// The buffer has no room for the data object, or its value is longer than 65,535 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the data object does not fit")]
pub struct WriterFull;

impl<'a> Writer<'a> {
    /// Writes from the start of `buffer`.
    pub const fn new(buffer: &'a mut [u8]) -> Self {
        Self { buffer, length: 0 }
    }

    /// Writes one data object.
    ///
    /// # Errors
    /// [`WriterFull`]; what was written before stays.
    pub fn element(&mut self, tag: Tag, value: &[u8]) -> Result<(), WriterFull> {
        let before = self.length;
        let written = self.header(tag, value.len()).and_then(|()| self.raw(value));
        if written.is_err() {
            self.length = before;
        }
        written
    }

    /// Writes tag and length of a value that follows.
    ///
    /// # Errors
    /// [`WriterFull`].
    pub fn header(&mut self, tag: Tag, length: usize) -> Result<(), WriterFull> {
        self.raw(tag.encoded().as_ref())?;
        match u16::try_from(length).map_err(|_| WriterFull)?.to_be_bytes() {
            [0, short @ 0..=0x7F] => self.raw(&[short]),
            [0, low] => self.raw(&[0x81, low]),
            [high, low] => self.raw(&[0x82, high, low]),
        }
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// [`WriterFull`].
    pub fn raw(&mut self, bytes: &[u8]) -> Result<(), WriterFull> {
        let end = self.length + bytes.len();
        self.buffer.get_mut(self.length..end).ok_or(WriterFull)?.copy_from_slice(bytes);
        self.length = end;
        Ok(())
    }

    /// What has been written.
    #[must_use]
    pub fn written(&self) -> &[u8] {
        self.buffer.get(..self.length).unwrap_or_default()
    }
}

/// How many bytes tag, length and a value of `length` bytes take.
#[must_use]
pub fn encoded_length(tag: Tag, length: usize) -> usize {
    let length_bytes = match length {
        0..=0x7F => 1,
        0x80..=0xFF => 2,
        _ => 3,
    };
    tag.encoded().as_ref().len() + length_bytes + length
}

/// One data object in bytes of its own.
///
/// # Errors
/// [`WriterFull`] for a value of more than 65,535 bytes.
pub fn encode(tag: Tag, value: &[u8]) -> Result<Vec<u8>, WriterFull> {
    let mut bytes = vec![0; encoded_length(tag, value.len())];
    Writer::new(&mut bytes).element(tag, value)?;
    Ok(bytes)
}
