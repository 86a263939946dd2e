//! Data object lists that the wallet makes longer, and the templates around them.

use crate::apdu::Reply;
use crate::emv::tags;
use crate::tlv::{Dol, DolEntry, Reader, Tag, WriterFull, encode};

/// One tag and length to be added to a data object list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DolExtension(DolEntry);

impl DolExtension {
    /// Reads a tag and a length, as they stand in a data object list; `None` when there is more, less or other.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let dol = Dol::parse(bytes).ok()?;
        let mut entries = dol.entries();
        let entry = entries.next()?;
        entries.next().is_none().then_some(Self(entry))
    }
}

/// The FCI with more objects in its PDOL; lengths of 9F38, A5 and 6F follow. `None` when it outgrows an answer.
pub(super) fn extend_fci(fci: &[u8], additions: &[DolExtension]) -> Option<Vec<u8>> {
    rebuild(fci, tags::FCI, &|children| {
        children.iter_mut().find(|(tag, _)| *tag == tags::FCI_PROPRIETARY).and_then(|(_, proprietary)| {
            let mut objects = split(proprietary)?;
            match objects.iter_mut().find(|(tag, _)| *tag == tags::PDOL) {
                Some((_, pdol)) => *pdol = extended(pdol, additions)?,
                None => {
                    let issuer_data = objects.iter().position(|(tag, _)| *tag == tags::FCI_ISSUER_DISCRETIONARY);
                    let at = issuer_data.unwrap_or(objects.len());
                    objects.insert(at, (tags::PDOL, extended(&[], additions)?));
                }
            }
            *proprietary = joined(&objects)?;
            Some(())
        })
    })
}

/// A record with more objects in the list that stands under `tag`.
pub(super) fn extend_record(record: &[u8], tag: Tag, additions: &[DolExtension]) -> Option<Vec<u8>> {
    rebuild(record, tags::RECORD, &|children| {
        let (_, list) = children.iter_mut().find(|(child, _)| *child == tag)?;
        *list = extended(list, additions)?;
        Some(())
    })
}

type Objects = Vec<(Tag, Vec<u8>)>;

fn rebuild(bytes: &[u8], template: Tag, edit: &dyn Fn(&mut Objects) -> Option<()>) -> Option<Vec<u8>> {
    let outer = Reader::new(bytes).next()?.ok().filter(|element| element.tag == template)?;
    let mut children = split(outer.value)?;
    edit(&mut children)?;
    encode(template, &joined(&children)?).ok().filter(|rebuilt| rebuilt.len() <= Reply::CAPACITY)
}

fn split(bytes: &[u8]) -> Option<Objects> {
    Reader::new(bytes).map(|element| element.ok().map(|element| (element.tag, element.value.to_vec()))).collect()
}

fn joined(objects: &Objects) -> Option<Vec<u8>> {
    let encoded: Result<Vec<Vec<u8>>, WriterFull> = objects.iter().map(|(tag, value)| encode(*tag, value)).collect();
    Some(encoded.ok()?.concat())
}

/// The list with what it does not ask for yet; `None` when it asks for the same object with another length.
fn extended(list: &[u8], additions: &[DolExtension]) -> Option<Vec<u8>> {
    let mut extended = list.to_vec();
    for DolExtension(entry) in additions {
        match Dol::parse(&extended).ok()?.entry(entry.tag) {
            Some(asked) if asked == *entry => {}
            Some(_) => return None,
            None => entry.append_to(&mut extended)?,
        }
    }
    Some(extended)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        base16ct::mixed::decode_vec(text).unwrap()
    }

    fn addition(text: &str) -> DolExtension {
        DolExtension::parse(&hex(text)).unwrap()
    }

    #[test]
    fn a_longer_pdol_makes_every_template_around_it_longer() {
        let fci = hex("6F178407A0000000041010A50C9F38039F3501BF0C03DF0100");
        let extended = extend_fci(&fci, &[addition("9F1502"), addition("9F3501"), addition("9F4E14")]).unwrap();
        assert_eq!(extended, hex("6F1D8407A0000000041010A5129F38099F35019F15029F4E14BF0C03DF0100"));
    }

    #[test]
    fn an_object_is_asked_for_once_and_with_one_length() {
        let fci = hex("6F178407A0000000041010A50C9F38039F3501BF0C03DF0100");
        let twice = extend_fci(&fci, &[addition("9F1502"), addition("9F1502")]).unwrap();
        assert_eq!(twice, extend_fci(&fci, &[addition("9F1502")]).unwrap());
        assert_eq!(extend_fci(&fci, &[addition("9F3504")]), None);
    }

    #[test]
    fn an_fci_without_pdol_gets_one_before_the_issuers_data() {
        let fci = hex("6F118407A0000000041010A506BF0C03DF0100");
        let extended = extend_fci(&fci, &[addition("9F1502")]).unwrap();
        assert_eq!(extended, hex("6F178407A0000000041010A50C9F38039F1502BF0C03DF0100"));
    }

    #[test]
    fn an_addition_is_one_tag_and_one_length() {
        for text in ["", "9F", "9F15", "9F15029F3501", "9F1583000001"] {
            assert_eq!(DolExtension::parse(&hex(text)), None, "{text}");
        }
        let fci = hex("6F178407A0000000041010A50C9F38039F3501BF0C03DF0100");
        let long = extend_fci(&fci, &[addition("9F4EC8")]).unwrap();
        assert_eq!(long, hex("6F1A8407A0000000041010A50F9F38069F35019F4EC8BF0C03DF0100"));
    }

    #[test]
    fn an_answer_that_would_not_fit_is_refused() {
        let discretionary = encode(Tag::new(0xBF0C), &encode(Tag::new(0xDF01), &[0; 200]).unwrap()).unwrap();
        let proprietary = encode(tags::FCI_PROPRIETARY, &discretionary).unwrap();
        let fci = encode(tags::FCI, &[hex("8407A0000000041010"), proprietary].concat()).unwrap();
        let few = [addition("9F1502")];
        assert!(extend_fci(&fci, &few).is_some());
        let many: Vec<DolExtension> = (0..16u8).map(|i| DolExtension::parse(&[0xDF, 0x30 + i, 1]).unwrap()).collect();
        assert_eq!(extend_fci(&fci, &many), None);
    }
}
