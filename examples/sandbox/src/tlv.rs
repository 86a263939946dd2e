//! Writing BER-TLV (EMV Book 3, annex B). Nothing here reads it: the sandbox knows the layout of what it wrote.

/// One data object; the tag as its number, so 9F02 is `0x9F02`.
pub(crate) fn tlv(tag: u32, value: &[u8]) -> Vec<u8> {
    let mut object: Vec<u8> = tag.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    match value.len() {
        short @ 0..=0x7F => object.push(short as u8),
        long @ 0x80..=0xFF => object.extend([0x81, long as u8]),
        longer => {
            object.push(0x82);
            object.extend((longer as u16).to_be_bytes());
        }
    }
    object.extend_from_slice(value);
    object
}

/// A data object list: tags with the lengths wanted.
pub(crate) fn dol(entries: &[(u32, u8)]) -> Vec<u8> {
    entries
        .iter()
        .flat_map(|(tag, length)| tag.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).chain([*length]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_take_as_few_bytes_as_they_can() {
        assert_eq!(tlv(0x9F27, &[0x80]), [0x9F, 0x27, 1, 0x80]);
        assert_eq!(tlv(0x70, &[0; 0x7F])[..2], [0x70, 0x7F]);
        assert_eq!(tlv(0x70, &[0; 0x80])[..3], [0x70, 0x81, 0x80]);
        assert_eq!(tlv(0xBF0C, &[0; 0x100])[..5], [0xBF, 0x0C, 0x82, 1, 0]);
    }

    #[test]
    fn a_data_object_list_names_tags_and_lengths() {
        assert_eq!(dol(&[(0x9F1D, 8), (0x95, 5)]), [0x9F, 0x1D, 8, 0x95, 5]);
    }
}
