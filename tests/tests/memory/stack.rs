//! What the core computes with secrets, and what is left of it below the stack pointer when nothing has run since.

use crate::bench::{assert_nothing, keys};
use crate::other_process;
use bezant::crypto::{
    CrtParts, CryptogramInput, IccPrivateKey, Secret, SecretBytes, SessionKeys, WrappingKey, application_cryptograms,
    derive_cvc3,
};
use bezant::emv::{Aip, Atc, Cvr, CvrInput, Reasons, TransactionConditions, UnpredictableNumber};
use bezant_tests::memory::{Finding, RsaSecrets};
use bezant_tests::{Syn1, bytes};
use std::hint::black_box;

#[test]
fn computing_leaves_nothing_below_the_stack_pointer() {
    if other_process::acts(compute) {
        return;
    }
    let (credentials, rsa) = (Syn1::issued([1]), RsaSecrets::new(&Syn1::crt_parts()));
    let mut signature = [0x6A; 128];
    Syn1::icc_private_key().sign_in_place(&mut signature).unwrap();
    let needles = keys(&credentials).and(rsa.key()).and(rsa.constants()).and(rsa.signing(&signature));
    for what in WHAT {
        let test = "stack::computing_leaves_nothing_below_the_stack_pointer";
        let findings = other_process::scanned(test, what, &needles);
        let (below, held): (Vec<Finding>, Vec<Finding>) = findings.into_iter().partition(|found| found.depth.is_some());
        assert!(!held.is_empty(), "{what}: the secrets themselves are on the heap");
        assert_nothing(&below, what);
    }
}

fn compute(what: &str, until_scanned: &dyn Fn()) {
    // On another stack, for reading the card's file leaves all of it.
    let Given { keys, umd_hex, crt, icc, kek } = std::thread::spawn(Given::read).join().unwrap();
    let input = CryptogramInput::compose(&[1; 29], Aip::new([0x1B, 0x80]), keys.atc, cvr());
    match what {
        "cryptograms" => {
            let (umd, md) = (keys.umd.expose_secret(), keys.md.expose_secret());
            black_box(application_cryptograms(umd, md, &input));
        }
        "a CVC3" => {
            let (umd, md) = (keys.umd.expose_secret(), keys.md.expose_secret());
            black_box(derive_cvc3(umd, md, [1, 2], UnpredictableNumber([1, 2, 3, 4]), Atc::new(1)));
        }
        "a fingerprint" => drop(black_box(keys.fingerprint())),
        "a decoded key" => {
            let read = Secret::try_new(|room: &mut [u8; 16]| base16ct::mixed::decode(&*umd_hex, room).map(drop));
            assert!(read.is_ok());
        }
        "an unwrapped value" => drop(kek.unwrap(SecretBytes::copy_of(&[0x5A; 80]))),
        "a proved key" => drop(black_box(IccPrivateKey::new(&crt))),
        "a signature" => icc.sign_in_place(&mut [0x6A; 128]).unwrap(),
        _ => panic!("{what} is unknown"),
    }
    until_scanned();
}

/// Everything there is to compute with, on the heap.
struct Given {
    keys: SessionKeys,
    umd_hex: Box<str>,
    crt: CrtParts,
    icc: IccPrivateKey,
    kek: WrappingKey,
}

impl Given {
    fn read() -> Self {
        let credential = &Syn1::issued([1])[0];
        let [umd, md] = ["contactless_umd", "contactless_md"].map(|name| credential[name].as_str().unwrap());
        let secret = |hex: &str| Secret::new(|room: &mut [u8; 16]| room.copy_from_slice(&bytes(hex)));
        Self {
            keys: SessionKeys { atc: Atc::new(1), idn: [0; 8], umd: secret(umd), md: secret(md) },
            umd_hex: umd.into(),
            crt: Syn1::crt_parts(),
            icc: Syn1::icc_private_key(),
            kek: WrappingKey::new(SecretBytes::copy_of(&bytes(umd))).unwrap(),
        }
    }
}

fn cvr() -> Cvr {
    Cvr::compose(&CvrInput {
        arqc: true,
        cda: true,
        cdcvm_done: true,
        cdcvm_requested: true,
        conditions: TransactionConditions::Domestic,
        issuer_discretionary: 0,
        additional_check: None,
        reasons: Reasons::NONE,
    })
}

const WHAT: [&str; 7] =
    ["cryptograms", "a CVC3", "a fingerprint", "a decoded key", "an unwrapped value", "a proved key", "a signature"];
