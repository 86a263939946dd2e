//! Faults of how libraries lie in the AAR and in memory.

use aar_checker::{Abi, Check};
use object::elf;

use crate::support::{Aar, SharedObject, assert_fault};

/// The fault, in the library of each ABI in turn.
#[track_caller]
fn planted(plant: impl Fn(&mut SharedObject), check: Check, culprit: &str) {
    for abi in Abi::ALL {
        let mut aar = Aar::ci();
        plant(aar.library(abi));

        assert_fault(&aar, check, &format!("jni/{abi}/libbezant.so"));
        assert_fault(&aar, check, culprit);
    }
}

#[test]
fn there_is_no_library() {
    let mut aar = Aar::ci();
    aar.libraries.clear();

    assert_fault(&aar, Check::Abis, "no library below jni");
}

#[test]
fn libraries_where_android_does_not_look() {
    for name in
        ["jni/mips/libbezant.so", "jni/libbezant.so", "jni/x86/bezant.so", "jni/x86/notes.txt", "lib/libbezant.so"]
    {
        let mut aar = Aar::ci();
        aar.put(name, SharedObject::sound(Abi::X86).bytes());

        assert_fault(&aar, Check::Abis, name);
    }
}

#[test]
fn an_abi_lacks_a_library() {
    let mut aar = Aar::ci();
    let mut second = SharedObject::sound(Abi::X86);
    second.soname = Some("libsecond.so");
    aar.put("jni/x86/libsecond.so", second.bytes());

    assert_fault(&aar, Check::Abis, "jni/arm64-v8a lacks libsecond.so");
}

#[test]
fn a_library_is_none() {
    for (bytes, why) in [(&b"!<arch>\n"[..], "no ELF file"), (b"\x7FELF\x02\x01\x01", "damaged")] {
        let mut aar = Aar::ci();
        aar.put("jni/x86_64/libbezant.so", bytes);

        assert_fault(&aar, Check::Elf, &format!("jni/x86_64/libbezant.so: it is {why}"));
    }
}

#[test]
fn it_is_of_another_machine() {
    planted(|library| library.machine = elf::EM_MIPS, Check::Machine, "machine 8");
    planted(|library| library.is_64 = !library.is_64, Check::Machine, "bits");
    planted(|library| library.endian = object::Endianness::Big, Check::Machine, "not of");
}

#[test]
fn it_is_a_program() {
    planted(|library| library.kind = elf::ET_EXEC, Check::SharedObject, "no shared object");
    planted(|library| library.has_loader = true, Check::SharedObject, "no shared object");
}

#[test]
fn it_does_not_load_on_large_pages() {
    planted(|library| library.alignment = 0x1000, Check::Alignment, "aligned to 0x1000");
    planted(|library| library.alignment = 0x5000, Check::Alignment, "aligned to 0x5000");
    planted(|library| library.shift = 0x1000, Check::Alignment, "cannot be mapped to 0x5");
}

#[test]
fn its_data_are_executable() {
    planted(
        |library| library.stack = Some(elf::PF_R | elf::PF_W | elf::PF_X),
        Check::ExecutableData,
        "executable stack",
    );
    planted(|library| library.stack = None, Check::ExecutableData, "does not say");
    planted(|library| library.data_flags = elf::PF_W | elf::PF_X, Check::ExecutableData, "writable and executable");
}

#[test]
fn its_code_is_relocated() {
    let flags = elf::DF_BIND_NOW.0 | elf::DF_TEXTREL.0;
    planted(|library| library.tags = vec![(elf::DT_FLAGS, flags)], Check::TextRelocations, "in its code");
    planted(|library| library.tags.push((elf::DT_TEXTREL, 0)), Check::TextRelocations, "in its code");
}

#[test]
fn its_relocations_stay_writable() {
    planted(|library| library.has_relro = false, Check::Relro, "GNU_RELRO");
}

#[test]
fn it_binds_lazily() {
    planted(|library| library.tags.clear(), Check::BindNow, "lazily");
}

#[test]
fn any_way_to_bind_at_the_start_will_do() {
    for tag in [(elf::DT_BIND_NOW, 0), (elf::DT_FLAGS_1, elf::DF_1_NOW.0)] {
        let mut aar = Aar::ci();
        aar.library(Abi::X86).tags = vec![tag];

        assert!(aar.judge().is_content());
    }
}

#[test]
fn it_says_where_to_look() {
    for tag in [elf::DT_RPATH, elf::DT_RUNPATH] {
        planted(|library| library.run_path = Some((tag, "/data/local")), Check::RunPath, "/data/local");
    }
}

#[test]
fn it_is_not_stripped() {
    planted(|library| library.sections.push((".symtab", elf::SHT_SYMTAB)), Check::Stripped, ".symtab");
    planted(|library| library.sections.push((".debug_info", elf::SHT_PROGBITS)), Check::Stripped, ".debug_info");
}

#[test]
fn it_is_too_large() {
    let mut aar = Aar::ci();
    aar.library(Abi::Arm64V8a).contents = vec![0; 4608 * 1024];

    assert_fault(&aar, Check::Size, "jni/arm64-v8a/libbezant.so has 4610 KiB; the limit is 4608");
}
