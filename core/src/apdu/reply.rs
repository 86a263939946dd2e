use super::StatusWord;
use core::fmt;

/// A response APDU in a buffer that the caller owns: up to 256 bytes of data and the status word.
///
/// A fresh reply is an internal failure, so that nothing unfinished ever looks like an answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    data: [u8; Self::CAPACITY],
    length: usize,
    status: [u8; 2],
}

/// More than 256 bytes of data were to go into one [`Reply`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("an answer holds 256 bytes at most")]
pub struct ReplyFull;

impl Reply {
    /// The most data that one short response carries.
    pub const CAPACITY: usize = 256;

    /// An empty reply with status word 6F00.
    #[must_use]
    pub const fn new() -> Self {
        Self { data: [0; Self::CAPACITY], length: 0, status: StatusWord::INTERNAL.to_bytes() }
    }

    /// Answers a status word alone.
    pub fn refuse(&mut self, status: StatusWord) {
        self.length = 0;
        self.status = status.to_bytes();
    }

    /// Answers data and 9000.
    ///
    /// # Errors
    /// [`ReplyFull`] when the parts are longer than 256 bytes together; the reply is then 6F00.
    pub fn accept(&mut self, parts: &[&[u8]]) -> Result<(), ReplyFull> {
        self.refuse(StatusWord::INTERNAL);
        for part in parts {
            let end = self.length + part.len();
            let Some(room) = self.data.get_mut(self.length..end) else {
                self.refuse(StatusWord::INTERNAL);
                return Err(ReplyFull);
            };
            room.copy_from_slice(part);
            self.length = end;
        }
        self.status = StatusWord::NORMAL.to_bytes();
        Ok(())
    }

    /// The status word.
    #[must_use]
    pub const fn status(&self) -> StatusWord {
        StatusWord::from_bytes(self.status)
    }

    /// The data in front of the status word.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        self.data.get(..self.length).unwrap_or_default()
    }

    /// Data and status word, as they go on the air.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        [self.data(), &self.status].concat()
    }
}

impl Default for Reply {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({} bytes, {})", self.length, self.status())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unfinished_answer_is_an_internal_failure() {
        assert_eq!(Reply::new().to_vec(), [0x6F, 0x00]);
    }

    #[test]
    fn an_answer_that_does_not_fit_carries_no_data() {
        let mut reply = Reply::new();
        assert_eq!(reply.accept(&[&[1; 200], &[2; 56]]), Ok(()));
        assert_eq!(reply.to_vec().len(), 258);
        assert_eq!(reply.accept(&[&[1; 200], &[2; 57]]), Err(ReplyFull));
        assert_eq!(reply.to_vec(), [0x6F, 0x00]);
    }
}
