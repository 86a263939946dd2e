//! The bytes of one file, in blocks that the states of a disk share.

use sha1::{Digest as _, Sha1};
use std::sync::{Arc, LazyLock, OnceLock};

/// What tells contents apart.
pub(super) type Digest = [u8; 20];

const BLOCK: usize = 4096;

static ZEROS: LazyLock<Arc<Block>> = LazyLock::new(|| Arc::new(Block::of(vec![0; BLOCK].into())));

/// The bytes of a file. A copy is cheap: it shares the blocks that are not written to.
#[derive(Clone, Default)]
pub(super) struct Content {
    // Beyond the length there are zeros.
    blocks: Vec<Arc<Block>>,
    length: usize,
    digest: OnceLock<Digest>,
}

struct Block {
    bytes: Box<[u8]>,
    digest: OnceLock<Digest>,
}

impl Block {
    fn of(bytes: Box<[u8]>) -> Self {
        Self { bytes, digest: OnceLock::new() }
    }
}

impl Content {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut content = Self::default();
        content.write(0, bytes);
        content
    }

    pub(super) fn length(&self) -> usize {
        self.length
    }

    pub(super) fn write(&mut self, offset: usize, data: &[u8]) {
        if data.is_empty() {
            return;
        }
        self.grow(offset + data.len());
        let (mut at, mut rest) = (offset, data);
        while !rest.is_empty() {
            let inside = at % BLOCK;
            let (now, later) = rest.split_at(rest.len().min(BLOCK - inside));
            self.change(at / BLOCK, |bytes| bytes[inside..inside + now.len()].copy_from_slice(now));
            (at, rest) = (at + now.len(), later);
        }
    }

    /// At least this long; what is new is zero.
    pub(super) fn grow(&mut self, length: usize) {
        if length > self.length {
            self.set_length(length);
        }
    }

    pub(super) fn set_length(&mut self, length: usize) {
        self.digest = OnceLock::new();
        self.blocks.resize_with(length.div_ceil(BLOCK), || ZEROS.clone());
        let inside = length % BLOCK;
        if length < self.length && inside > 0 {
            self.change(length / BLOCK, |bytes| bytes[inside..].fill(0));
        }
        self.length = length;
    }

    fn change(&mut self, block: usize, change: impl FnOnce(&mut [u8])) {
        self.digest = OnceLock::new();
        if Arc::get_mut(&mut self.blocks[block]).is_none() {
            self.blocks[block] = Arc::new(Block::of(self.blocks[block].bytes.clone()));
        }
        if let Some(own) = Arc::get_mut(&mut self.blocks[block]) {
            own.digest = OnceLock::new();
            change(&mut own.bytes);
        }
    }

    /// Takes the blocks of another content where they are equal: their digests may be known.
    pub(super) fn share(&mut self, other: &Self) {
        for (own, other) in self.blocks.iter_mut().zip(&other.blocks) {
            if !Arc::ptr_eq(own, other) && own.bytes == other.bytes {
                *own = other.clone();
            }
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.blocks.len() * BLOCK);
        for block in &self.blocks {
            bytes.extend_from_slice(&block.bytes);
        }
        bytes.truncate(self.length);
        bytes
    }

    pub(super) fn digest(&self) -> &Digest {
        self.digest.get_or_init(|| {
            let mut all = Sha1::new();
            for block in &self.blocks {
                all.update(block.digest.get_or_init(|| Sha1::digest(&block.bytes).into()));
            }
            all.update(self.length.to_le_bytes());
            all.finalize().into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_beyond_the_end_leaves_zeros_between() {
        let mut content = Content::of(b"abc");
        content.write(5_000, b"d");
        let mut expected = b"abc".to_vec();
        expected.resize(5_000, 0);
        expected.push(b'd');
        assert_eq!(content.bytes(), expected);
    }

    #[test]
    fn what_was_cut_off_does_not_come_back() {
        let mut content = Content::of(&[7; 9_000]);
        content.set_length(4_100);
        content.set_length(9_000);
        let bytes = content.bytes();
        assert!(bytes[..4_100].iter().all(|byte| *byte == 7) && bytes[4_100..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn equal_bytes_have_equal_digests_however_they_were_written() {
        let mut content = Content::of(&[1; 5_000]);
        let copy = content.clone();
        content.write(4_000, &[2; 200]);
        assert_ne!(content.digest(), copy.digest());
        content.write(4_000, &[1; 200]);
        assert_eq!(content.digest(), copy.digest());
        content.set_length(5_001);
        assert_ne!(content.digest(), copy.digest());
    }
}
