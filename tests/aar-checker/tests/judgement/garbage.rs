//! Bytes that are no AAR: an error with a name, or a report, never a panic.

use aar_checker::{Abi, BadClass, BadElf, CannotJudge, Check, ClassFile, Library, Subject};
use proptest::{collection::vec, prelude::*};

use crate::support::{Aar, SharedObject, assert_fault, class};

fn judge(bytes: &[u8]) -> Result<aar_checker::Report, CannotJudge> {
    let file_name = "bezant-wallet-0.1.0.aar";
    aar_checker::judge(&Subject { file_name, bytes, pom: Some("<"), has_to_be_release: true })
}

#[test]
fn what_is_no_zip_file_cannot_be_judged() {
    let aar = Aar::ci().bytes();

    for bytes in [&b""[..], b"PK", b"<html></html>", &aar[..aar.len() / 2], &aar[..aar.len() - 1]] {
        assert!(matches!(judge(bytes), Err(CannotJudge::Aar(_))));
    }
}

#[test]
fn a_damaged_entry_cannot_be_judged() {
    let mut aar = Aar::ci();
    let text = "a text that is long enough for a packer to squeeze, squeeze, squeeze, squeeze";
    aar.put("proguard.txt", text);
    let mut bytes = aar.bytes();
    let name_at = bytes.windows(12).position(|at| at == b"proguard.txt").unwrap();
    bytes[name_at + 14] ^= 0xFF;

    assert!(judge(&bytes).unwrap_err().to_string().contains("proguard.txt"));
}

#[test]
fn every_beginning_of_a_library_is_read_or_refused() {
    for abi in Abi::ALL {
        let whole = SharedObject::sound(abi).bytes();

        assert!(Library::read(&whole).is_ok());
        for length in 0..whole.len() {
            assert!(Library::read(&whole[..length]).is_err(), "{abi}, {length} bytes of {}", whole.len());
        }
        assert_eq!(Library::read(&whole[..4]), Err(BadElf::NoElf));
        assert!(matches!(Library::read(&whole[..40]), Err(BadElf::Damaged(_))));
    }
}

#[test]
fn a_truncated_library_is_named() {
    let mut aar = Aar::ci();
    let mut bytes = SharedObject::sound(Abi::X86).bytes();
    bytes.truncate(200);
    aar.put("jni/x86/libbezant.so", bytes);

    assert_fault(&aar, Check::Elf, "jni/x86/libbezant.so: it is damaged");
}

#[test]
fn every_beginning_of_a_class_is_refused() {
    let whole = class(55, &["dev/bezant/wallet/Wallet"]);

    assert!(ClassFile::parse(&whole).is_ok());
    for length in 4..whole.len() {
        assert_eq!(ClassFile::parse(&whole[..length]), Err(BadClass::Truncated));
    }
    assert_eq!(ClassFile::parse(&whole[..3]), Err(BadClass::NoClass));
    assert_eq!(ClassFile::parse(b"\xCA\xFE\xBA\xBE\0\0\0\x37\0\x02\x02"), Err(BadClass::UnknownConstant { kind: 2 }));
}

proptest! {
    #[test]
    fn random_bytes_are_no_aar(bytes in vec(any::<u8>(), 0..400)) {
        prop_assert!(judge(&bytes).is_err());
        prop_assert!(Library::read(&bytes).is_err());
        prop_assert!(ClassFile::parse(&bytes).is_err());
    }

    #[test]
    fn a_library_with_random_bytes_in_it_makes_nobody_panic(
        at in any::<prop::sample::Index>(),
        with in vec(any::<u8>(), 1..16),
        abi in prop::sample::select(&Abi::ALL[..]),
    ) {
        let mut bytes = SharedObject::sound(abi).bytes();
        let at = at.index(bytes.len() - with.len());
        bytes.splice(at..at + with.len(), with);
        let mut aar = Aar::ci();
        aar.put(&format!("jni/{abi}/libbezant.so"), bytes);

        prop_assert!(judge(&aar.bytes()).is_ok());
    }

    #[test]
    fn an_aar_with_random_bytes_in_it_makes_nobody_panic(
        at in any::<prop::sample::Index>(),
        with in vec(any::<u8>(), 1..16),
    ) {
        let mut bytes = Aar::ci().bytes();
        let at = at.index(bytes.len() - with.len());
        bytes.splice(at..at + with.len(), with);

        let _either = judge(&bytes);
    }
}
