//! The cryptograms of a tap, over 39 bytes, key schedules and wiping included, beside other people's DES.

use crate::measuring::{Contender, Goal, Peer, Table, take_turns};
use bezant::crypto::{retail_mac, retail_macs};
use des::Des;
use des::cipher::{Array, BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _};
use std::hint::black_box;
use std::path::Path;

pub(crate) fn run() {
    let table = Table::begin("Application cryptograms (retail MAC over 39 bytes)");
    let (openssl, java) = (Peer::openssl(Path::new("/dev/null")), Peer::java());
    let (umd, md) = ([0x5B; 16], [0x3D; 16]);
    let [one, both, library, by_openssl, by_java] = take_turns(
        60,
        2_000,
        [
            Contender::new(|| retail_mac(black_box(&umd), black_box(&MESSAGE))),
            Contender::new(|| retail_macs(black_box([&umd, &md]), black_box(&MESSAGE))),
            Contender::new(|| with_the_crate_des(black_box(&umd), black_box(&MESSAGE))),
            Contender::of_peer(openssl.as_ref(), "mac"),
            Contender::of_peer(java.as_ref(), "mac"),
        ],
    );
    table.times("one alone", one, "crate des", library, Goal::AtMost(1.0));
    table.times("one alone", one, "the JVM's DES", by_java, Goal::AtMost(1.0));
    table.times("one alone", one, "OpenSSL", by_openssl, Goal::Told);
    let each = both.shared_by(2.0);
    table.times("one of the two of a tap", each, "crate des", library, Goal::AtMost(1.0));
    table.times("one of the two of a tap", each, "the JVM's DES", by_java, Goal::AtMost(1.0));
    table.times("one of the two of a tap", each, "OpenSSL", by_openssl, Goal::AtMost(1.15));
    let allocations = allocation_counter::measure(|| _ = black_box(retail_macs([&umd, &md], &MESSAGE))).count_total;
    table.number("heap allocations", allocations as f64, "", Goal::AtMost(0.0));
}

/// The same MAC over the crate `des`, as one would write it.
pub(crate) fn with_the_crate_des(key: &[u8; 16], message: &[u8; 39]) -> [u8; 8] {
    let (left, right) = (Des::new_from_slice(&key[..8]).unwrap(), Des::new_from_slice(&key[8..]).unwrap());
    let mut padded = [0; 40];
    padded[..39].copy_from_slice(message);
    padded[39] = 0x80;
    let mut state = Array([0; 8]);
    for block in padded.chunks_exact(8) {
        state.iter_mut().zip(block).for_each(|(state, byte)| *state ^= byte);
        left.encrypt_block(&mut state);
    }
    right.decrypt_block(&mut state);
    left.encrypt_block(&mut state);
    state.0
}

pub(crate) const MESSAGE: [u8; 39] = [0xA5; 39];
