//! Instructions, counted by callgrind: the same on a busy machine as on a quiet one. Held against `instructions.toml`: more than
//! a twentieth above it is a failure, and more than a twentieth below it asks for a new figure.

use crate::measuring::{Goal, Instructions, Peer, Table, count};
use crate::{cda, cryptogram, reference_tap::ReferenceTap, tlv};
use bezant::crypto::{retail_macs, sign_dynamic_data};
use std::env;
use std::hint::black_box;
use std::path::Path;

pub(crate) fn run() -> bool {
    let program = env::current_exe().unwrap();
    let kept: toml::Table = include_str!("instructions.toml").parse().unwrap();
    let mut table = None;
    let mut well = true;
    for operation in OPERATIONS {
        let Some(Instructions(all)) = count(&program, &["--counted", operation.name], COUNTED) else {
            println!("instructions: not counted, for there is no valgrind here");
            return true;
        };
        let each = all / u64::from(operation.times);
        let table = table.get_or_insert_with(|| Table::begin("Instructions, by callgrind"));
        let before = kept[operation.name].as_integer().unwrap() as f64;
        table.numbers(operation.name, each as f64, "", "kept figure", Some(before), Goal::AtMost(WORSE));
        if let Some(aim) = operation.aim {
            table.number(&format!("{}, aim", operation.name), each as f64, "", Goal::AtMost(aim));
        }
        // A figure from nowhere is no figure.
        well &= each as f64 <= before * WORSE && each as f64 >= before * LOST;
        if (each as f64) < before * BETTER {
            println!("  better by more than a twentieth: put {} = {each} into instructions.toml", operation.name);
        }
    }
    peers(&table.unwrap_or_else(|| Table::begin("Instructions")));
    if !well {
        println!(
            "\n  a count has risen by more than a twentieth, or is not one: find out why, or keep the new figure with the reason"
        );
    }
    well
}

/// What others need for the same.
fn peers(table: &Table) {
    let program = env::current_exe().unwrap();
    let crate_des = count(&program, &["--counted", "mac_of_the_crate_des"], COUNTED);
    if let Some(Instructions(all)) = crate_des {
        table.number("one MAC with the crate des", (all / 100) as f64, "", Goal::Told);
    }
    let Some(openssl) = Peer::openssl_program() else { return };
    if let Some(Instructions(all)) = count(&openssl, &["/dev/null", "mac", "100"], COUNTED) {
        table.number("one MAC with OpenSSL", (all / 100) as f64, "", Goal::Told);
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), cda::Key::of(1_152).to_line()).unwrap();
    let keys: &Path = file.path();
    if let Some(Instructions(all)) = count(&openssl, &[keys.to_str().unwrap(), "1152", "10"], COUNTED) {
        table.number("one signature of 1,152 bits with OpenSSL", (all / 10) as f64, "", Goal::Told);
    }
}

/// Does one operation so often that its figure stands, inside [`counted`].
pub(crate) fn perform(name: &str) {
    match name {
        "tap" => {
            let tap = ReferenceTap::new();
            (0..20).for_each(|_| tap.pay());
            for _ in 0..TAPS {
                counted(|| tap.send_all());
                tap.take_away();
            }
        }
        "cryptograms" => {
            let (umd, md) = ([0x5B; 16], [0x3D; 16]);
            for _ in 0..100 {
                counted(|| black_box(retail_macs(black_box([&umd, &md]), black_box(&cryptogram::MESSAGE))));
            }
        }
        "mac_of_the_crate_des" => {
            for _ in 0..100 {
                counted(|| black_box(cryptogram::with_the_crate_des(black_box(&[0x5B; 16]), &cryptogram::MESSAGE)));
            }
        }
        "signature_1152" => {
            let (key, mut room) = (cda::Key::of(1_152).own(), [0; 144]);
            for _ in 0..10 {
                counted(|| sign_dynamic_data(&key, &cda::DATA, black_box(&mut room)).unwrap());
            }
        }
        "tlv" => {
            let bytes = tlv::objects();
            for _ in 0..100 {
                counted(|| black_box(bezant::tlv::walk(black_box(&bytes)).count()));
            }
        }
        _ => panic!("{name} is not counted here"),
    }
}

/// What is counted happens in here.
#[inline(never)]
fn counted<T>(operation: impl FnOnce() -> T) -> T {
    operation()
}

struct Operation {
    name: &'static str,
    times: u32,
    aim: Option<f64>,
}

const OPERATIONS: [Operation; 4] = [
    Operation { name: "tap", times: TAPS, aim: Some(80_000.0) },
    Operation { name: "cryptograms", times: 100, aim: None },
    Operation { name: "signature_1152", times: 10, aim: None },
    Operation { name: "tlv", times: 100, aim: None },
];

const TAPS: u32 = 200;
const COUNTED: &str = "counted";
const WORSE: f64 = 1.05;
const BETTER: f64 = 0.95;
const LOST: f64 = 0.5;
