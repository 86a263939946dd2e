//! Whether the way of a computation depends on a key: which instructions it takes, and which addresses it touches. Under keys
//! that differ in every byte the traces are the same; those of a cipher with tables, which prove that differences would be
//! seen, are not.

use crate::cryptogram::{MESSAGE, with_the_crate_des};
use crate::measuring::trace;
use bezant::crypto::{derive_cvc3, retail_macs};
use bezant::emv::{Atc, UnpredictableNumber};
use std::env;
use std::hint::black_box;

/// Gives whether no way depends on a key.
pub(crate) fn run() -> bool {
    let program = env::current_exe().unwrap();
    println!("\nInstructions and addresses under {} pairs of keys, by valgrind's lackey", KEYS.len());
    for (operation, is_constant) in OPERATIONS {
        let mut traces = Vec::new();
        for key in KEYS {
            let Some(trace) = trace(&program, &["--traced", operation, key]) else {
                println!("  not traced, for there is no valgrind here");
                return true;
            };
            traces.push(trace);
        }
        let same = traces.windows(2).all(|pair| pair[0] == pair[1]);
        println!("  {operation:<20} {}", if same { "the same way every time" } else { "depends on the key" });
        if same != is_constant {
            return false;
        }
    }
    true
}

/// Does one of them once.
pub(crate) fn perform(operation: &str, key: &str) {
    let seed: u8 = key.parse().unwrap();
    // Making one takes the same way for every seed.
    let bytes =
        |offset: u8| std::array::from_fn(|at| u8::try_from(at).unwrap().wrapping_mul(29).wrapping_add(offset) ^ seed);
    let (umd, md) = (bytes(1), bytes(77));
    match operation {
        "cryptograms" => _ = black_box(retail_macs(black_box([&umd, &md]), black_box(&MESSAGE))),
        "cvc3" => {
            let number = UnpredictableNumber([0, 0, 7, 0x65]);
            _ = black_box(derive_cvc3(black_box(&umd), black_box(&md), [0xA1, 0xB2], number, Atc::new(7)));
        }
        "the crate des" => _ = black_box(with_the_crate_des(black_box(&umd), black_box(&MESSAGE))),
        _ => panic!("{operation} is not traced here"),
    }
}

const KEYS: [&str; 3] = ["100", "155", "255"];
/// And whether the way is to be the same for every key.
const OPERATIONS: [(&str, bool); 3] = [("cryptograms", true), ("cvc3", true), ("the crate des", false)];
