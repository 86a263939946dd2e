use super::{Tag, TlvError};

/// How deep templates may be nested; EMV needs four.
pub const MAX_DEPTH: usize = 8;

/// One data object, borrowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Element<'a> {
    /// The tag.
    pub tag: Tag,
    /// The value, without tag and length.
    pub value: &'a [u8],
}

/// The data objects of one level, in order; stops behind the first error.
///
/// Zero bytes between data objects are padding (EMV Book 3 Annex B1).
///
/// ```
/// use bezant::tlv::{Reader, Tag};
/// let record = [0x5A, 0x02, 0x54, 0x13, 0x5F, 0x34, 0x01, 0x01];
/// let tags: Result<Vec<Tag>, _> = Reader::new(&record).map(|e| e.map(|e| e.tag)).collect();
/// assert_eq!(tags, Ok(vec![Tag::new(0x5A), Tag::new(0x5F34)]));
/// ```
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads the data objects that stand one after the other in `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    #[inline]
    fn read(&mut self) -> Result<Option<Element<'a>>, TlvError> {
        while let [0, rest @ ..] = self.rest {
            self.rest = rest;
        }
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (tag, rest) = Tag::read(self.rest)?;
        let (length, rest) = read_length(rest)?;
        let (value, rest) = rest.split_at_checked(length).ok_or(TlvError::Truncated)?;
        self.rest = rest;
        Ok(Some(Element { tag, value }))
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Result<Element<'a>, TlvError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let read = self.read();
        if read.is_err() {
            self.rest = &[];
        }
        read.transpose()
    }
}

/// Every data object at every depth, templates before what they hold.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    levels: [Reader<'a>; MAX_DEPTH],
    depth: usize,
    failed: bool,
}

/// Walks through `bytes` and the templates within.
#[must_use]
pub fn walk(bytes: &[u8]) -> Walk<'_> {
    let mut levels = [const { Reader::new(&[]) }; MAX_DEPTH];
    if let Some(first) = levels.first_mut() {
        *first = Reader::new(bytes);
    }
    Walk { levels, depth: 0, failed: false }
}

/// The value of the first data object with this tag, at any depth.
///
/// # Errors
/// A [`TlvError`] when the bytes before it are not BER-TLV.
pub fn find(bytes: &[u8], tag: Tag) -> Result<Option<&[u8]>, TlvError> {
    for element in walk(bytes) {
        let element = element?;
        if element.tag == tag {
            return Ok(Some(element.value));
        }
    }
    Ok(None)
}

impl<'a> Walk<'a> {
    #[inline]
    fn advance(&mut self) -> Result<Option<Element<'a>>, TlvError> {
        loop {
            match self.levels.get_mut(self.depth).and_then(Iterator::next).transpose()? {
                Some(element) => {
                    if element.tag.is_constructed() {
                        let below = self.levels.get_mut(self.depth + 1).ok_or(TlvError::TooDeep)?;
                        *below = Reader::new(element.value);
                        self.depth += 1;
                    }
                    return Ok(Some(element));
                }
                None if self.depth == 0 => return Ok(None),
                None => self.depth -= 1,
            }
        }
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Result<Element<'a>, TlvError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.advance();
        self.failed = next.is_err();
        next.transpose()
    }
}

/// Reads a definite length of one to three bytes (EMV Book 3 Annex B2).
#[inline]
pub(crate) fn read_length(bytes: &[u8]) -> Result<(usize, &[u8]), TlvError> {
    match bytes {
        [short @ 0..=0x7F, rest @ ..] => Ok((usize::from(*short), rest)),
        [0x80, ..] => Err(TlvError::LengthIndefinite),
        [0x81, length, rest @ ..] => Ok((usize::from(*length), rest)),
        [0x82, high, low, rest @ ..] => Ok((usize::from(u16::from_be_bytes([*high, *low])), rest)),
        [0x83..=0xFF, ..] => Err(TlvError::LengthTooLong),
        _ => Err(TlvError::Truncated),
    }
}
