//! Every input that is kept, without a fuzzer: the corpora, and each input that has ever shown a fault, by its name.

use bezant_fuzz::session::question::{command, read};
use bezant_fuzz::{TARGETS, Target};
use bezant_tests::bytes;
use bezant_tests::stories::{Kind, Question, Results, Sent};
use std::fs;
use std::path::{Path, PathBuf};

// Where the crate is instrumented, its counters need a fuzzer to count for; this one never runs.
libfuzzer_sys::fuzz_target!(|_data: &[u8]| {});

/// One test a target, so that each is told by its name.
macro_rules! replayed {
    ($($target:ident),* $(,)?) => {
        $(#[test]
        fn $target() {
            replay(stringify!($target));
        })*

        #[test]
        fn no_target_is_forgotten() {
            assert_eq!(TARGETS.map(|(name, _)| name), [$(stringify!($target)),*]);
            let mut sources = names("fuzz_targets");
            sources.iter_mut().for_each(|name| *name = name.trim_end_matches(".rs").to_owned());
            assert_eq!(sources, [$(stringify!($target)),*]);
            for (target, _) in TARGETS {
                assert!(!names(&format!("corpus/{target}")).is_empty(), "{target} has no corpus");
            }
        }
    };
}

replayed!(app, command_apdu, dol, driver_line, profile, recording, session, tlv);

#[test]
fn a_question_is_the_command_that_the_model_knows_and_is_read_from_it() {
    for kind in Kind::ALL {
        let is_checksum = matches!(kind, Kind::Checksum(_));
        for results in [Results::Device, Results::NoCvm, Results::NoCvmFailed, Results::OnlinePin] {
            for flags in 0..8 {
                for amount in [0, 1, 2_499, 15_000] {
                    let [foreign, transport, offline_only] = [1, 2, 4].map(|flag| flags & flag != 0);
                    let question = Question { kind, amount, foreign, transport, results, offline_only };
                    let known = bytes(&Sent::Ask(question).command(0x1234));
                    let ours = command(&question, 0x1234);
                    assert_eq!(hex::encode(&ours), hex::encode(known));
                    // What a checksum does not ask for is not there to be read.
                    let results = if is_checksum { Results::Device } else { results };
                    assert_eq!(read(&ours), Some(Question { results, ..question }));
                }
            }
        }
    }
}

fn replay(name: &str) {
    let (_, target): (_, Target) = TARGETS.into_iter().find(|(known, _)| *known == name).unwrap();
    for folder in ["corpus", "regressions"].map(|folder| format!("{folder}/{name}")) {
        for input in names(&folder) {
            // Told where it fails.
            println!("{folder}/{input}");
            target(&fs::read(root().join(&folder).join(input)).unwrap());
        }
    }
}

/// The files of a folder in order; none where there is no folder.
fn names(folder: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(root().join(folder)) else { return Vec::new() };
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
