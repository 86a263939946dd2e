//! What the loader of Android sees of a library.

use object::{
    Endianness,
    elf::{self, FileHeader32, FileHeader64},
    read::elf::{FileHeader, NoteIterator, ProgramHeader, SectionHeader, Sym},
};
use serde::Serialize;
use thiserror::Error;

/// The facts of a library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    /// Whether its addresses have 64 bits.
    pub is_64: bool,
    /// Whether its smaller bytes come first.
    pub is_little_endian: bool,
    /// ELF's number of the machine.
    pub machine: u16,
    /// Whether it is a shared object, and no program.
    pub is_shared_object: bool,
    /// The segments that are loaded.
    pub loaded: Vec<Loaded>,
    /// Whether the stack's flags are there, and executable.
    pub executable_stack: Option<bool>,
    /// Whether some data are read-only after relocation.
    pub has_relro: bool,
    /// What it calls itself.
    pub soname: Option<String>,
    /// What it needs.
    pub needed: Vec<String>,
    /// Where it wants libraries to be looked for.
    pub run_paths: Vec<String>,
    /// Whether its code has to be relocated.
    pub has_text_relocations: bool,
    /// Whether it wants everything bound at the start.
    pub binds_now: bool,
    /// The names that it offers.
    pub exports: Vec<String>,
    /// The names that it cannot do without.
    pub imports: Vec<String>,
    /// The names that it can do without.
    pub weak_imports: Vec<String>,
    /// Sections that a stripped library does not have.
    pub unstripped: Vec<String>,
    /// The NDK's note.
    pub ndk_note: Option<NdkNote>,
}

/// A segment that is loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// Where it is in the file.
    pub offset: u64,
    /// Where it is in memory.
    pub address: u64,
    /// What both are equal modulo.
    pub alignment: u64,
    /// Whether it may be written and executed.
    pub is_writable_and_executable: bool,
}

/// What the NDK's start files say in `.note.android.ident`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NdkNote {
    /// The API level that was built for.
    pub api: u32,
    /// The version, such as r27c; empty in the notes of old NDKs.
    pub ndk: String,
    /// The build number.
    pub build: String,
}

/// A library that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadElf {
    /// It is an ELF file and damaged, or ends early.
    #[error("it is damaged: {0}")]
    Damaged(#[from] object::read::Error),
    /// It has no dynamic section: nobody can load it.
    #[error("it has no dynamic section")]
    NoDynamicSection,
    /// It is no ELF file.
    #[error("it is no ELF file")]
    NoElf,
}

impl Library {
    /// Reads one.
    ///
    /// # Errors
    ///
    /// Where the bytes are no ELF file, or not all of one.
    pub fn read(bytes: &[u8]) -> Result<Self, BadElf> {
        match bytes {
            [0x7F, b'E', b'L', b'F', 1, ..] => read::<FileHeader32<Endianness>>(bytes),
            [0x7F, b'E', b'L', b'F', 2, ..] => read::<FileHeader64<Endianness>>(bytes),
            _ => Err(BadElf::NoElf),
        }
    }
}

fn read<Elf: FileHeader<Endian = Endianness>>(bytes: &[u8]) -> Result<Library, BadElf> {
    let header = Elf::parse(bytes)?;
    let endian = header.endian()?;
    let mut library = Library {
        is_64: header.is_type_64(),
        is_little_endian: header.is_little_endian(),
        machine: header.e_machine(endian).0,
        is_shared_object: header.e_type(endian) == elf::ET_DYN,
        loaded: Vec::new(),
        executable_stack: None,
        has_relro: false,
        soname: None,
        needed: Vec::new(),
        run_paths: Vec::new(),
        has_text_relocations: false,
        binds_now: false,
        exports: Vec::new(),
        imports: Vec::new(),
        weak_imports: Vec::new(),
        unstripped: Vec::new(),
        ndk_note: None,
    };
    library.read_segments(header, endian, bytes)?;
    library.read_sections(header, endian, bytes)?;
    Ok(library)
}

impl Library {
    fn read_segments<Elf>(&mut self, header: &Elf, endian: Endianness, bytes: &[u8]) -> Result<(), BadElf>
    where
        Elf: FileHeader<Endian = Endianness>,
    {
        for segment in header.program_headers(endian, bytes)? {
            let flags = segment.p_flags(endian).0;
            let (writes, executes) = (flags & elf::PF_W.0 != 0, flags & elf::PF_X.0 != 0);
            match segment.p_type(endian) {
                elf::PT_LOAD => self.loaded.push(Loaded {
                    offset: segment.p_offset(endian).into(),
                    address: segment.p_vaddr(endian).into(),
                    alignment: segment.p_align(endian).into(),
                    is_writable_and_executable: writes && executes,
                }),
                elf::PT_GNU_RELRO => self.has_relro = true,
                elf::PT_GNU_STACK => self.executable_stack = Some(executes),
                // A program that is loaded at any address is of the same type, and asks for a loader.
                elf::PT_INTERP => self.is_shared_object = false,
                _ => {}
            }
            if let Some(notes) = segment.notes(endian, bytes)? {
                self.read_notes(notes, endian)?;
            }
        }
        Ok(())
    }

    fn read_notes<Elf>(&mut self, mut notes: NoteIterator<'_, Elf>, endian: Endianness) -> Result<(), BadElf>
    where
        Elf: FileHeader<Endian = Endianness>,
    {
        while let Some(note) = notes.next()? {
            if note.name() == b"Android" && note.n_type(endian).0 == NDK_NOTE {
                self.ndk_note = parse_ndk_note(note.desc());
            }
        }
        Ok(())
    }

    fn read_sections<Elf>(&mut self, header: &Elf, endian: Endianness, bytes: &[u8]) -> Result<(), BadElf>
    where
        Elf: FileHeader<Endian = Endianness>,
    {
        let sections = header.sections(endian, bytes)?;
        for section in sections.iter() {
            let name = text(sections.section_name(endian, section)?);
            let is_debug = DEBUG_SECTIONS.iter().any(|prefix| name.starts_with(prefix));
            if is_debug || section.sh_type(endian) == elf::SHT_SYMTAB {
                self.unstripped.push(name);
            }
        }

        let dynamic = sections.dynamic_table(endian, bytes)?;
        if dynamic.is_empty() {
            return Err(BadElf::NoDynamicSection);
        }
        for entry in &dynamic {
            match entry.tag {
                elf::DT_SONAME => self.soname = Some(text(dynamic.string(entry)?)),
                elf::DT_NEEDED => self.needed.push(text(dynamic.string(entry)?)),
                elf::DT_RPATH | elf::DT_RUNPATH => self.run_paths.push(text(dynamic.string(entry)?)),
                elf::DT_TEXTREL => self.has_text_relocations = true,
                elf::DT_BIND_NOW => self.binds_now = true,
                elf::DT_FLAGS => {
                    self.has_text_relocations |= entry.val & elf::DF_TEXTREL.0 != 0;
                    self.binds_now |= entry.val & elf::DF_BIND_NOW.0 != 0;
                }
                elf::DT_FLAGS_1 => self.binds_now |= entry.val & elf::DF_1_NOW.0 != 0,
                _ => {}
            }
        }

        let symbols = sections.symbols(endian, bytes, elf::SHT_DYNSYM)?;
        // The first symbol is none.
        for symbol in symbols.iter().skip(1).filter(|symbol| !symbol.is_local()) {
            let name = text(symbols.symbol_name(endian, symbol)?);
            match (symbol.is_undefined(endian), symbol.is_weak()) {
                (false, _) if symbol.st_visibility() == elf::STV_HIDDEN => {}
                (false, _) => self.exports.push(name),
                (true, false) => self.imports.push(name),
                (true, true) => self.weak_imports.push(name),
            }
        }
        Ok(())
    }
}

/// An API level and two texts of 64 bytes, filled up with zeros; very old notes hold the level alone.
fn parse_ndk_note(description: &[u8]) -> Option<NdkNote> {
    let (api, rest) = description.split_first_chunk()?;
    let (ndk, build) = rest.split_at_checked(64).unwrap_or((rest, &[]));
    let until_zero = |field: &[u8]| text(field.split(|byte| *byte == 0).next().unwrap_or_default());
    Some(NdkNote { api: u32::from_le_bytes(*api), ndk: until_zero(ndk), build: until_zero(build) })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const NDK_NOTE: u32 = 1;
const DEBUG_SECTIONS: [&str; 4] = [".debug_", ".gdb_index", ".stab", ".zdebug_"];
