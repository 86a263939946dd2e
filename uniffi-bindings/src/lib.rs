//! The wallet as an Android library sees it: conversions, and no logic.
//!
//! Two faces find the one wallet of a process in `slot`: everything that a tap touches, and everything that holds a secret,
//! crosses by JNI (`jni`); the rest by uniffi (`wide`), whose Kotlin side stands on JNA and is slow to start.

// The one place of the project where `unsafe` may stand: `jni`. Each block says why it is sound.
#![deny(unsafe_code)]

mod boot_clock;
mod config;
mod failure;
mod jni;
mod profile;
mod slot;
mod told;
mod wide;
mod wire;

uniffi::setup_scaffolding!();

/// What is freed is wiped: keys pass through parsers and buffers that know nothing of them.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> = zeroizing_alloc::ZeroAlloc(std::alloc::System);
