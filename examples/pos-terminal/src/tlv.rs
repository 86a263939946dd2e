//! BER-TLV as EMV cards write it (EMV Book 3, annex B), with each element's own bytes kept: signatures cover them.

use iso7816_tlv::ber::Tlv;

/// One data object inside a card's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    /// The tag, `0x9F26` for 9F26.
    pub tag: u32,
    /// Tag, length and value as sent.
    pub encoded: &'a [u8],
    /// The value alone.
    pub value: &'a [u8],
    /// Whether the value is made of data objects itself.
    pub constructed: bool,
}

/// Why bytes are no TLV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TlvFault {
    /// A tag, a length or a value does not fit.
    #[error("not well-formed TLV")]
    Malformed,
    /// Longer than anything a card may send.
    #[error("too long")]
    TooLong,
    /// Another template than the command's.
    #[error("template {expected:02X} expected")]
    Template {
        /// The template that should have been there.
        expected: u32,
    },
}

/// All data objects of `bytes`, one after the other.
pub fn elements(bytes: &[u8]) -> Result<Vec<Element<'_>>, TlvFault> {
    if bytes.len() > LONGEST {
        return Err(TlvFault::TooLong);
    }
    let mut rest = bytes;
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (element, behind) = first(rest)?;
        found.push(element);
        rest = behind;
    }
    Ok(found)
}

/// The value of the one template that `bytes` must consist of.
pub fn template(bytes: &[u8], tag: u32) -> Result<&[u8], TlvFault> {
    match elements(bytes)?.as_slice() {
        [only] if only.tag == tag => Ok(only.value),
        _ => Err(TlvFault::Template { expected: tag }),
    }
}

/// The primitive data objects of `bytes`, those inside templates too, in order.
pub fn primitives(bytes: &[u8]) -> Result<Vec<Element<'_>>, TlvFault> {
    let mut found = Vec::new();
    for element in elements(bytes)? {
        if element.constructed {
            found.extend(primitives(element.value)?);
        } else {
            found.push(element);
        }
    }
    Ok(found)
}

fn first(bytes: &[u8]) -> Result<(Element<'_>, &[u8]), TlvFault> {
    let (parsed, behind) = Tlv::parse(bytes);
    let parsed = parsed.map_err(|_| TlvFault::Malformed)?;
    let (encoded, rest) = bytes.split_at_checked(bytes.len() - behind.len()).ok_or(TlvFault::Malformed)?;
    let tag = parsed.tag();
    let value_length = parsed.value().len_as_bytes();
    // The crate counts inner lengths as if written the short way: a longer way would shift the value.
    let length_of_length = match encoded.get(tag.len_as_bytes()) {
        Some(first @ 0x80..) => 1 + usize::from(first & 0x7F),
        Some(_) => 1,
        None => return Err(TlvFault::Malformed),
    };
    let (header, value) = encoded.split_at_checked(tag.len_as_bytes() + length_of_length).ok_or(TlvFault::Malformed)?;
    if value.len() != value_length || header.is_empty() {
        return Err(TlvFault::Malformed);
    }
    let number = tag.to_bytes().iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
    Ok((Element { tag: number, encoded, value, constructed: tag.is_constructed() }, rest))
}

/// Far above the 256 bytes of a short answer, low enough for a parser that recurses.
const LONGEST: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_a_slice_of_the_answer() {
        let whole = hex::decode("77099F2701809F36020001").unwrap();
        let inner = elements(template(&whole, 0x77).unwrap()).unwrap();
        assert_eq!((inner[1].tag, inner[1].encoded, inner[1].value), (0x9F36, &whole[6..], &whole[9..]));
        for (bytes, why) in [
            ("770A9F2701809F36020001", "one byte too few"),
            ("770A9F2701809F3602000190", "a tag alone at the end"),
            ("77089F2701805701FF00", "a zero as a tag"),
            ("77099F2701809F3602000100", "a zero behind the template"),
            ("77", "no length"),
            ("7785", "a length of five bytes"),
        ] {
            assert_eq!(template(&hex::decode(bytes).unwrap(), 0x77), Err(TlvFault::Malformed), "{why}");
        }
    }

    #[test]
    fn a_template_is_read_to_its_leaves() {
        let bytes = hex::decode("6F10840325041AA509500141BF0C03420101").unwrap();
        let inner = template(&bytes, 0x6F).unwrap();
        let tags: Vec<u32> = primitives(inner).unwrap().iter().map(|element| element.tag).collect();
        assert_eq!(tags, [0x84, 0x50, 0x42]);
        assert_eq!(template(&bytes, 0x77), Err(TlvFault::Template { expected: 0x77 }));
        let first = elements(inner).unwrap()[0];
        assert_eq!((first.encoded, first.value), (&inner[..5], &inner[2..5]));
    }

    #[test]
    fn a_length_written_the_long_way_inside_a_template_is_refused() {
        let bytes = hex::decode("70055A8102541357020102").unwrap();
        assert!(elements(&bytes).is_err());
    }

    #[test]
    fn deep_nesting_ends() {
        assert!(elements(&[0x61, 0x7F].repeat(2048)).is_err());
        assert_eq!(elements(&[0x61, 0x7F].repeat(40_000)), Err(TlvFault::TooLong));
    }
}
