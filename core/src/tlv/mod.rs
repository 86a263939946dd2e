//! BER-TLV data objects and data object lists (EMV Book 3 Annex B and section 5.4).
//!
//! Reading borrows, never allocates, and is bounded: tags of 1 to 3 bytes, definite lengths of up to 65,535 bytes,
//! templates nested at most [`MAX_DEPTH`] deep. Writing goes into a buffer that the caller owns.

mod dol;
mod reader;
mod tag;
mod writer;

pub use dol::{Dol, DolEntry};
pub(crate) use reader::read_length;
pub use reader::{Element, MAX_DEPTH, Reader, Walk, find, walk};
pub use tag::Tag;
pub use writer::{Writer, WriterFull, encode, encoded_length};

/// Why bytes are not BER-TLV.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlvError {
    /// A length of more than two bytes.
    #[error("a length is longer than 65,535 bytes")]
    LengthTooLong,
    /// The indefinite length 80, which EMV does not use.
    #[error("a length is indefinite")]
    LengthIndefinite,
    /// A tag of more than three bytes.
    #[error("a tag is longer than three bytes")]
    TagTooLong,
    /// Templates nested deeper than [`MAX_DEPTH`].
    #[error("templates are nested too deep")]
    TooDeep,
    /// The bytes end inside a tag, a length or a value.
    #[error("the data end inside a data object")]
    Truncated,
}
