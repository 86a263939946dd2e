//! Class files of a constant pool and nothing else.

/// A class of this version that holds these texts, and a number of each size.
pub fn class(version: u16, texts: &[&str]) -> Vec<u8> {
    let mut bytes = vec![0xCA, 0xFE, 0xBA, 0xBE, 0, 0];
    bytes.extend(version.to_be_bytes());
    let count = 1 + 1 + 2 + 1 + texts.len();
    bytes.extend(u16::try_from(count).unwrap().to_be_bytes());
    bytes.extend([3, 0, 0, 0, 1]);
    bytes.extend([5, 0, 0, 0, 0, 0, 0, 0, 1]);
    bytes.extend([7, 0, 5]);
    for text in texts {
        bytes.push(1);
        bytes.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes
}
