use bezant::tlv::{MAX_DEPTH, Reader, Tag, TlvError, encode, encoded_length, find, walk};
use emv::core::tlv::Tlv;

/// BER-TLV of the bytes as they are.
///
/// A walk ends, and nothing follows its error; what is read can be written again, never longer, and reads the same; a
/// search finds the first of what the walk saw; nesting has a limit; and where the crate `emv` or `iso7816-tlv` reads the
/// bytes too, it reads the same.
pub fn tlv(data: &[u8]) {
    let steps: Vec<_> = walk(data).collect();
    assert!(steps.len() <= data.len());
    assert!(steps.iter().rev().skip(1).all(Result::is_ok), "something follows an error");

    let elements: Result<Vec<_>, TlvError> = Reader::new(data).collect();
    if let Ok(elements) = &elements {
        let again: Vec<u8> = elements.iter().flat_map(|e| encode(e.tag, e.value).unwrap()).collect();
        assert_eq!(again.len(), elements.iter().map(|e| encoded_length(e.tag, e.value.len())).sum::<usize>());
        assert!(again.len() <= data.len(), "the shortest lengths are never longer");
        assert_eq!(Reader::new(&again).collect::<Result<Vec<_>, _>>().as_ref(), Ok(elements));
    }

    let walked: Result<Vec<_>, TlvError> = steps.into_iter().collect();
    match &walked {
        Ok(walked) => {
            for element in walked {
                let first = walked.iter().find(|other| other.tag == element.tag).unwrap();
                assert_eq!(find(data, element.tag), Ok(Some(first.value)));
            }
            let absent = walked.iter().all(|element| element.tag != ABSENT);
            assert!(!absent || find(data, ABSENT) == Ok(None));
        }
        Err(error) => assert!(*error != TlvError::TooDeep || deepest(data) > MAX_DEPTH),
    }

    let theirs = Tlv::parse_all(data);
    // Long lengths, long tags and depth have limits here; in everything else both take and refuse the same.
    assert!(walked.is_err() || theirs.is_ok(), "emv refuses it");
    assert!(
        !matches!(walked, Err(TlvError::Truncated | TlvError::LengthIndefinite)) || theirs.is_err(),
        "emv takes it"
    );
    if let (Ok(ours), Ok(theirs)) = (&walked, theirs) {
        let mut flat = Vec::new();
        flatten(&theirs, &mut flat);
        // The other library forgets padding, so templates are compared by what is in them.
        let leaf = |element: &bezant::tlv::Element<'_>| {
            (element.tag, Some(element.value.to_vec()).filter(|_| !element.tag.is_constructed()))
        };
        assert_eq!(ours.iter().map(leaf).collect::<Vec<_>>(), flat, "emv reads it otherwise");
    }
    if let (Ok(ours), (Ok(theirs), _)) = (&elements, iso7816_tlv::ber::Tlv::parse(data))
        && data.first() != Some(&0)
        && let iso7816_tlv::ber::Value::Primitive(value) = theirs.value()
    {
        let first = ours.first().map(|element| (element.tag, element.value));
        let tag = theirs.tag().to_bytes().iter().fold(0, |tag, byte| tag << 8 | u32::from(*byte));
        assert_eq!(first, Some((Tag::new(tag), value.as_slice())), "iso7816-tlv reads it otherwise");
    }
}

fn flatten(objects: &[Tlv], into: &mut Vec<(Tag, Option<Vec<u8>>)>) {
    for object in objects {
        into.push((Tag::new(object.tag().0), object.value().as_primitive().map(<[u8]>::to_vec)));
        flatten(object.value().as_constructed().unwrap_or_default(), into);
    }
}

/// How deep templates are nested, as far as they can be read.
fn deepest(bytes: &[u8]) -> usize {
    let below = |element: bezant::tlv::Element<'_>| {
        if element.tag.is_constructed() { 1 + deepest(element.value) } else { 1 }
    };
    Reader::new(bytes).map_while(Result::ok).map(below).max().unwrap_or(1)
}

const ABSENT: Tag = Tag::new(0xDF7E);
