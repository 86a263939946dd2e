//! A zip file, read into memory: the AAR, and the classes.jar in it.

use std::{
    collections::BTreeMap,
    io::{self, Cursor, Read},
};

use thiserror::Error;
use zip::{ExtraField, ZipArchive, result::ZipError};

/// A zip file, in the order of its directory.
#[derive(Debug)]
pub struct Archive {
    /// Its entries; of those with the same name, the last.
    pub entries: Vec<Entry>,
    /// The names that stand in the directory several times, and how often.
    pub repeated: BTreeMap<String, usize>,
}

/// One file or folder in it.
#[derive(Debug)]
pub struct Entry {
    /// Its path.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// When it was written, as the directory says it.
    pub time: String,
    /// The extra fields that tell of the machine that wrote it.
    pub extra_fields: Vec<String>,
    /// Whether it stands for another path.
    pub is_symlink: bool,
}

/// A zip file that cannot be read.
#[derive(Debug, Error)]
pub enum Unreadable {
    /// An entry is damaged.
    #[error("{name} cannot be unpacked: {source}")]
    Entry {
        /// Its path.
        name: String,
        /// What went wrong.
        source: io::Error,
    },
    /// It unpacks to more than anybody would ship.
    #[error("it unpacks to more than {LIMIT} bytes")]
    TooLarge,
    /// It is no zip file, or a damaged one.
    #[error("it is no readable zip file: {0}")]
    Zip(#[from] ZipError),
}

impl Archive {
    /// Reads all of it.
    ///
    /// # Errors
    ///
    /// Where it is no zip file, a damaged one, one that says different things in two places, or far too large.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let mut zip = ZipArchive::new(Cursor::new(bytes))?;
        let mut repeated = BTreeMap::new();
        if zip.has_duplicate_names() {
            repeated = repeated_names(bytes, zip.central_directory_start());
        } else {
            zip.validate_header_consistency()?;
        }
        let mut entries = Vec::new();
        let mut room = LIMIT;
        for index in 0..zip.len() {
            let mut file = zip.by_index(index)?;
            let name = file.name()?.into_owned();
            let time = file.last_modified().map_or_else(|| "no time".to_owned(), |time| time.to_string());
            let extra_fields = file.extra_data_fields().filter_map(telling).collect();
            let is_symlink = file.is_symlink();

            let mut bytes = Vec::new();
            let read = file.by_ref().take(room + 1).read_to_end(&mut bytes);
            read.map_err(|source| Unreadable::Entry { name: name.clone(), source })?;
            let size = u64::try_from(bytes.len()).map_err(|_| Unreadable::TooLarge)?;
            room = room.checked_sub(size).ok_or(Unreadable::TooLarge)?;
            entries.push(Entry { name, bytes, time, extra_fields, is_symlink });
        }
        Ok(Self { entries, repeated })
    }

    /// The entry with this name.
    #[must_use]
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// The files, without the folders that some packers write down.
    pub fn files(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| !entry.name.ends_with('/'))
    }
}

impl Entry {
    /// What it holds, read as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// The names that stand several times in the directory that begins here (APPNOTE.TXT, 4.3.12).
fn repeated_names(bytes: &[u8], start: u64) -> BTreeMap<String, usize> {
    let mut rest = usize::try_from(start).ok().and_then(|start| bytes.get(start..)).unwrap_or_default();
    let mut times = BTreeMap::new();
    while let Some((header, behind)) =
        rest.split_first_chunk::<46>().filter(|(header, _)| header.starts_with(b"PK\x01\x02"))
    {
        let [name, extra, comment] =
            [28, 30, 32].map(|at| usize::from(u16::from_le_bytes([header[at], header[at + 1]])));
        let name = behind.get(..name).unwrap_or_default();
        *times.entry(String::from_utf8_lossy(name).into_owned()).or_default() += 1;
        rest = behind.get(name.len() + extra + comment..).unwrap_or_default();
    }
    times.retain(|_, times| *times > 1);
    times
}

/// What an extra field is called, unless it says the same on every machine.
fn telling(field: &ExtraField) -> Option<String> {
    match field {
        // Written by the class library of Java into the first entry of a JAR, always empty.
        ExtraField::Custom(field) if field.header_id == 0xCAFE => None,
        ExtraField::Custom(field) => Some(format!("field {:#06x}", field.header_id)),
        ExtraField::ExtendedTimestamp(_) => Some("an extended timestamp".to_owned()),
        ExtraField::Ntfs(_) => Some("NTFS times".to_owned()),
        ExtraField::Zip64ExtendedInformation(_) => None,
        _ => Some("an extra field".to_owned()),
    }
}

const LIMIT: u64 = 256 * 1024 * 1024;
