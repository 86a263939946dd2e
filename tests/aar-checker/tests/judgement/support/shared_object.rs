//! ELF files that nobody could run, with all that a loader looks at.

use aar_checker::Abi;
use object::{
    Endianness,
    elf::{self, DynamicTag, FileType, Machine, ProgramFlags, ProgramType, SymbolBind, SymbolSection},
    write::{
        StringId,
        elf::{FileHeader, ProgramHeader, SectionHeader, Sym, Writer},
    },
};

/// What a library is made of.
#[derive(Debug, Clone)]
pub struct SharedObject {
    pub is_64: bool,
    pub endian: Endianness,
    pub machine: Machine,
    pub kind: FileType,
    pub has_loader: bool,
    pub soname: Option<&'static str>,
    pub needed: Vec<&'static str>,
    pub tags: Vec<(DynamicTag, u64)>,
    pub run_path: Option<(DynamicTag, &'static str)>,
    pub has_relro: bool,
    pub stack: Option<ProgramFlags>,
    pub data_flags: ProgramFlags,
    pub alignment: u64,
    /// How far the data are from where the file's offset would put them.
    pub shift: u64,
    pub exports: Vec<&'static str>,
    pub imports: Vec<&'static str>,
    pub weak_imports: Vec<&'static str>,
    pub sections: Vec<(&'static str, elf::SectionType)>,
    /// API level and version of the NDK.
    pub note: Option<(u32, &'static str)>,
    pub contents: Vec<u8>,
}

impl SharedObject {
    /// A library that Android would load.
    pub fn sound(abi: Abi) -> Self {
        Self {
            is_64: abi.is_64(),
            endian: Endianness::Little,
            machine: Machine(abi.machine()),
            kind: elf::ET_DYN,
            has_loader: false,
            soname: Some("libbezant.so"),
            needed: vec!["libc.so", "libdl.so"],
            tags: vec![(elf::DT_FLAGS, elf::DF_BIND_NOW.0)],
            run_path: None,
            has_relro: true,
            stack: Some(elf::PF_R | elf::PF_W),
            data_flags: elf::PF_R | elf::PF_W,
            alignment: 0x4000,
            shift: 0,
            exports: vec![
                "JNI_OnLoad",
                "Java_dev_bezant_wallet_Tap_process",
                "uniffi_bezant_fn_wallet",
                "ffi_bezant_free",
            ],
            imports: vec!["malloc", "free"],
            weak_imports: vec!["getrandom"],
            sections: vec![(".comment", elf::SHT_PROGBITS)],
            note: Some((24, "r27c")),
            contents: b"some words".to_vec(),
        }
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(self.endian, self.is_64, &mut bytes);

        let mut dynamic: Vec<(DynamicTag, Word)> = Vec::new();
        let strings = self.soname.map(|name| (elf::DT_SONAME, name)).into_iter();
        let strings = strings.chain(self.needed.iter().map(|name| (elf::DT_NEEDED, *name))).chain(self.run_path);
        for (tag, text) in strings {
            dynamic.push((tag, Word::Text(writer.add_dynamic_string(text.as_bytes()))));
        }
        dynamic.extend(self.tags.iter().map(|(tag, value)| (*tag, Word::Number(*value))));
        dynamic.push((elf::DT_NULL, Word::Number(0)));

        let mut symbols = Vec::new();
        for (names, bind, section) in [
            (&self.exports, elf::STB_GLOBAL, elf::SHN_ABS),
            (&self.imports, elf::STB_GLOBAL, elf::SHN_UNDEF),
            (&self.weak_imports, elf::STB_WEAK, elf::SHN_UNDEF),
        ] {
            for name in names {
                symbols.push((writer.add_dynamic_string(name.as_bytes()), bind, section));
                writer.reserve_dynamic_symbol_index();
            }
        }

        let note = self.note_bytes();
        let segments = 3
            + u32::from(self.has_relro)
            + u32::from(self.stack.is_some())
            + u32::from(self.note.is_some())
            + u32::from(self.has_loader);
        writer.reserve_file_header();
        writer.reserve_program_headers(segments);
        let note_at = writer.reserve(note.len() as u64, 4);
        let contents_at = writer.reserve(self.contents.len() as u64, 1);
        writer.reserve_dynsym();
        writer.reserve_dynstr().unwrap();
        let dynamic_at = writer.reserve_dynamic(dynamic.len());
        let end = writer.reserved_len();
        writer.reserve_dynsym_section_index();
        writer.reserve_dynstr_section_index();
        writer.reserve_dynamic_section_index();
        let sections: Vec<(StringId, elf::SectionType)> = self
            .sections
            .iter()
            .map(|(name, kind)| {
                writer.reserve_section_index();
                (writer.add_section_name(name.as_bytes()), *kind)
            })
            .collect();
        writer.reserve_shstrtab_section_index();
        writer.reserve_shstrtab().unwrap();
        writer.reserve_section_headers();

        let header = FileHeader {
            os_abi: elf::ELFOSABI_NONE,
            abi_version: 0,
            e_type: self.kind,
            e_machine: self.machine,
            e_entry: 0,
            e_flags: elf::FileFlags(0),
        };
        writer.write_file_header(&header).unwrap();
        writer.write_align_program_headers();
        let data_at = dynamic_at + self.alignment + self.shift;
        let data = (dynamic_at, data_at, end - dynamic_at);
        let mut segment = |kind: ProgramType, flags: ProgramFlags, (offset, address, size): (u64, u64, u64), align| {
            writer.write_program_header(&ProgramHeader {
                p_type: kind,
                p_flags: flags,
                p_offset: offset,
                p_vaddr: address,
                p_paddr: address,
                p_filesz: size,
                p_memsz: size,
                p_align: align,
            });
        };
        segment(elf::PT_LOAD, elf::PF_R, (0, 0, dynamic_at), self.alignment);
        segment(elf::PT_LOAD, self.data_flags, data, self.alignment);
        segment(elf::PT_DYNAMIC, elf::PF_R, data, 8);
        if self.has_relro {
            segment(elf::PT_GNU_RELRO, elf::PF_R, data, 1);
        }
        if let Some(flags) = self.stack {
            segment(elf::PT_GNU_STACK, flags, (0, 0, 0), 0);
        }
        if self.note.is_some() {
            segment(elf::PT_NOTE, elf::PF_R, (note_at, note_at, note.len() as u64), 4);
        }
        if self.has_loader {
            segment(elf::PT_INTERP, elf::PF_R, (contents_at, contents_at, self.contents.len() as u64), 1);
        }

        writer.pad_until(note_at);
        writer.write(&note);
        writer.pad_until(contents_at);
        writer.write(&self.contents);
        writer.write_null_dynamic_symbol();
        for (name, bind, section) in symbols {
            let st_name = writer.dynamic_string_offset(Some(name));
            writer.write_dynamic_symbol(&symbol(st_name, bind, section));
        }
        writer.write_dynstr();
        writer.write_align_dynamic();
        for (tag, word) in dynamic {
            match word {
                Word::Number(value) => writer.write_dynamic(tag, value).unwrap(),
                Word::Text(id) => writer.write_dynamic_string(tag, id).unwrap(),
            }
        }
        writer.write_shstrtab();
        writer.write_null_section_header();
        writer.write_dynsym_section_header(0, 1);
        writer.write_dynstr_section_header(0);
        writer.write_dynamic_section_header(data_at);
        for (name, sh_type) in sections {
            let sh_name = writer.section_name_offset(Some(name));
            writer.write_section_header(&section(sh_name, sh_type, contents_at));
        }
        writer.write_shstrtab_section_header();
        bytes
    }

    /// A note of the NDK: `.note.android.ident`.
    fn note_bytes(&self) -> Vec<u8> {
        let Some((api, ndk)) = self.note else { return Vec::new() };
        let word = |value: u32| match self.endian {
            Endianness::Little => value.to_le_bytes(),
            Endianness::Big => value.to_be_bytes(),
        };
        let mut field = [0; 64];
        field[..ndk.len()].copy_from_slice(ndk.as_bytes());
        [&word(8)[..], &word(132), &word(1), b"Android\0", &word(api), &field, &[0; 64]].concat()
    }
}

enum Word {
    Number(u64),
    Text(StringId),
}

fn symbol(st_name: u32, bind: SymbolBind, st_shndx: SymbolSection) -> Sym {
    Sym {
        section: None,
        st_name,
        st_info: elf::SymbolInfo::new(bind, elf::STT_FUNC),
        st_other: elf::SymbolOther(0),
        st_shndx,
        st_value: 0,
        st_size: 0,
    }
}

fn section(sh_name: u32, sh_type: elf::SectionType, sh_offset: u64) -> SectionHeader {
    SectionHeader {
        sh_name,
        sh_type,
        sh_flags: elf::SectionFlags(0),
        sh_addr: 0,
        sh_offset,
        sh_size: 0,
        sh_link: 0,
        sh_info: 0,
        sh_addralign: 1,
        sh_entsize: 0,
    }
}
