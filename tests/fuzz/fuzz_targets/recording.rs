#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bezant_fuzz::recording(data));
