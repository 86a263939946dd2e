//! Computations with secrets that leave nothing of them on the stack or in registers.

use core::hint::black_box;

/// Computes in frames of its own, then overwrites them and the vector registers.
///
/// What was spilled there, copied, or left by a library would lie below the stack pointer until a deeper call happened
/// to run over it. Before that, uninitialised bytes of some later value may carry it on, to the heap and to other
/// threads. A vector register keeps it until something else needs that register, and is written to the stack whenever
/// a signal arrives or the dynamic linker looks up a name.
///
/// `DEPTH` bytes are overwritten: it has to be as deep as the computation goes.
pub(super) fn wiped_after<const DEPTH: usize, T>(compute: impl FnOnce() -> T) -> T {
    let result = deeper(compute);
    overwrite_registers();
    overwrite_stack::<DEPTH>();
    result
}

/// No part of the computation may live in the caller's frame, which stays.
#[inline(never)]
fn deeper<T>(compute: impl FnOnce() -> T) -> T {
    compute()
}

/// Its array takes the place of the frames that were there before.
#[inline(never)]
fn overwrite_stack<const DEPTH: usize>() {
    black_box(&mut [0_u8; DEPTH]);
}

/// Reckons with as many numbers at a time as fit into the vector registers, so that it takes all of them. Each depends
/// on two of the round before, or the compiler would do with a few.
#[inline(never)]
fn overwrite_registers() {
    let mut numbers = [0.0_f64; LANES];
    numbers.copy_from_slice(&black_box([0.0; LANES]));
    for _ in 0..black_box(1) {
        let before = numbers;
        let number = |at: usize| before.get(at % LANES).copied().unwrap_or_default();
        numbers = core::array::from_fn(|at| number(at + 2) - number(at));
    }
    black_box(numbers.iter().sum::<f64>());
}

/// Two numbers for each of the 32 vector registers of a 64-bit ARM processor, or of the 16 that others have.
const LANES: usize = if cfg!(target_arch = "aarch64") { 64 } else { 32 };
/// A hash; measured on x86-64: 1.5 KiB at most.
pub(super) const SHALLOW: usize = 4 << 10;
/// DES with its round keys; measured on x86-64: 6 KiB, built for size no more than these 8, unoptimised 12.
pub(super) const DES: usize = if cfg!(debug_assertions) { 16 << 10 } else { 8 << 10 };
/// Whatever makes a secret out of other bytes, AES included; measured on x86-64: 3.5 KiB, unoptimised 8.
pub(super) const SYMMETRIC: usize = 16 << 10;
/// An RSA signature of the longest key; measured on x86-64: 11 KiB.
pub(super) const SIGNING: usize = 24 << 10;
/// The proof of the longest key; measured on x86-64: 29 KiB.
pub(super) const KEY_PROOF: usize = 64 << 10;
