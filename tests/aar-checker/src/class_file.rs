//! As much of a class file as tells what it is and what texts it holds (Java Virtual Machine Specification, chapter 4).

use thiserror::Error;

/// What is known of a class file.
#[derive(Debug, PartialEq, Eq)]
pub struct ClassFile {
    /// The version of its format: 55 is Java 11.
    pub version: u16,
    /// The texts of its constant pool: names, types and string constants.
    pub texts: Vec<String>,
}

/// A class file that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadClass {
    /// It does not begin like one.
    #[error("it is no class file")]
    NoClass,
    /// It holds a constant of a kind that nobody knows.
    #[error("it holds a constant of kind {kind}")]
    UnknownConstant {
        /// The kind.
        kind: u8,
    },
    /// It ends early.
    #[error("it ends early")]
    Truncated,
}

impl ClassFile {
    /// Reads up to the end of the constant pool.
    ///
    /// # Errors
    ///
    /// Where the bytes are no class file, or not all of one.
    pub fn parse(bytes: &[u8]) -> Result<Self, BadClass> {
        let mut rest = bytes;
        if take::<4>(&mut rest) != Ok(MAGIC) {
            return Err(BadClass::NoClass);
        }
        let _minor = take::<2>(&mut rest)?;
        let version = u16::from_be_bytes(take(&mut rest)?);
        let count = u16::from_be_bytes(take(&mut rest)?);

        let mut texts = Vec::new();
        let mut index = 1;
        while index < count {
            let [kind] = take(&mut rest)?;
            match kind {
                1 => {
                    let length = u16::from_be_bytes(take(&mut rest)?);
                    let text = skip(&mut rest, usize::from(length))?;
                    texts.push(String::from_utf8_lossy(text).into_owned());
                }
                7 | 8 | 16 | 19 | 20 => drop(skip(&mut rest, 2)?),
                15 => drop(skip(&mut rest, 3)?),
                3 | 4 | 9..=12 | 17 | 18 => drop(skip(&mut rest, 4)?),
                5 | 6 => {
                    skip(&mut rest, 8)?;
                    // Section 4.4.5: these take two places.
                    index += 1;
                }
                kind => return Err(BadClass::UnknownConstant { kind }),
            }
            index += 1;
        }
        Ok(Self { version, texts })
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], BadClass> {
    let (taken, behind) = rest.split_first_chunk().ok_or(BadClass::Truncated)?;
    *rest = behind;
    Ok(*taken)
}

fn skip<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], BadClass> {
    let (skipped, behind) = rest.split_at_checked(length).ok_or(BadClass::Truncated)?;
    *rest = behind;
    Ok(skipped)
}

const MAGIC: [u8; 4] = [0xCA, 0xFE, 0xBA, 0xBE];
