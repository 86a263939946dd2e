use super::{Tag, TlvError};

/// A data object list: tags and lengths, one byte each, of what a terminal is to send (EMV Book 3 section 5.4).
///
/// ```
/// use bezant::tlv::{Dol, Tag};
/// let pdol = Dol::parse(&[0x9F, 0x1A, 0x02, 0x9F, 0x35, 0x01])?;
/// assert_eq!(pdol.data_length(), 3);
/// assert_eq!(pdol.find(Tag::new(0x9F35), &[0x06, 0x16, 0x22]), Some(&[0x22][..]));
/// # Ok::<(), bezant::tlv::TlvError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Dol<'a> {
    bytes: &'a [u8],
}

/// One line of a data object list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DolEntry {
    /// The tag asked for.
    pub tag: Tag,
    /// How many bytes the terminal sends for it.
    pub length: usize,
}

impl DolEntry {
    /// Adds the line to a list; `None` where the length has more than a byte.
    pub(crate) fn append_to(self, list: &mut Vec<u8>) -> Option<()> {
        let length = u8::try_from(self.length).ok()?;
        list.extend_from_slice(self.tag.encoded().as_ref());
        list.push(length);
        Some(())
    }
}

impl<'a> Dol<'a> {
    /// Checks that `bytes` are tags and lengths throughout.
    ///
    /// # Errors
    /// A [`TlvError`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, TlvError> {
        Entries { rest: bytes }.try_for_each(|entry| entry.map(drop))?;
        Ok(Self { bytes })
    }

    /// The list as it stands in the card's data.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The entries in order.
    pub fn entries(&self) -> impl Iterator<Item = DolEntry> + 'a {
        Entries { rest: self.bytes }.map_while(Result::ok)
    }

    /// How many bytes the terminal sends for the whole list.
    #[must_use]
    pub fn data_length(&self) -> usize {
        self.entries().map(|entry| entry.length).sum()
    }

    /// The first entry with this tag.
    #[must_use]
    pub fn entry(&self, tag: Tag) -> Option<DolEntry> {
        self.entries().find(|entry| entry.tag == tag)
    }

    /// The terminal's bytes for the first entry with this tag.
    #[must_use]
    pub fn find<'d>(&self, tag: Tag, data: &'d [u8]) -> Option<&'d [u8]> {
        self.objects(data).find_map(|(found, value)| (found == tag).then_some(value))
    }

    /// The terminal's bytes for each entry, up to where they end.
    pub fn objects<'d>(&self, data: &'d [u8]) -> impl Iterator<Item = (Tag, &'d [u8])> + use<'a, 'd> {
        let mut rest = data;
        Entries { rest: self.bytes }.map_while(move |entry| {
            let DolEntry { tag, length } = entry.ok()?;
            let (value, behind) = rest.split_at_checked(length)?;
            rest = behind;
            Some((tag, value))
        })
    }
}

struct Entries<'a> {
    rest: &'a [u8],
}

impl Iterator for Entries<'_> {
    type Item = Result<DolEntry, TlvError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let entry =
            Tag::read(self.rest).and_then(|(tag, rest)| Ok((tag, rest.split_first().ok_or(TlvError::Truncated)?)));
        Some(match entry {
            Ok((tag, (length, rest))) => {
                self.rest = rest;
                Ok(DolEntry { tag, length: usize::from(*length) })
            }
            Err(error) => {
                self.rest = &[];
                Err(error)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_one_two_and_three_bytes_with_lengths_of_one() {
        let dol = Dol::parse(&[0x95, 5, 0x9F, 0x37, 0, 0xDF, 0x81, 0x20, 0xC8, 0x9A, 0xFF]).unwrap();
        let entries: Vec<(u32, usize)> = dol.entries().map(|e| (e.tag.number(), e.length)).collect();
        assert_eq!(entries, [(0x95, 5), (0x9F37, 0), (0xDF8120, 200), (0x9A, 255)]);
        assert_eq!(dol.data_length(), 460);
        let data: Vec<u8> = (0..460u32).map(|i| i.to_le_bytes()[0]).collect();
        assert_eq!(dol.find(Tag::new(0x9F37), &data), Some(&[][..]));
        assert_eq!(dol.find(Tag::new(0xDF8120), &data), Some(&data[5..205]));
        assert_eq!(dol.find(Tag::new(0x9A), &data[..459]), None, "short data hold no last object");
        assert_eq!(dol.find(Tag::new(0x9C), &data), None);
    }

    /// In other places 81 and 80 would be the beginnings of lengths.
    #[test]
    fn a_length_above_127_is_one_byte_too() {
        let dol = Dol::parse(&[0x9F, 0x4E, 0x81, 0x80, 0x80]).unwrap();
        let entries: Vec<(u32, usize)> = dol.entries().map(|e| (e.tag.number(), e.length)).collect();
        assert_eq!(entries, [(0x9F4E, 129), (0x80, 128)]);
    }

    #[test]
    fn a_list_that_ends_within_an_entry_is_refused() {
        for bytes in [&[0x9F][..], &[0x9F, 0x37], &[0x95], &[0x9A, 3, 0x95], &[0x9F, 0x80, 0x80, 0x01, 0x01]] {
            assert!(Dol::parse(bytes).is_err(), "{bytes:02X?}");
        }
    }
}
