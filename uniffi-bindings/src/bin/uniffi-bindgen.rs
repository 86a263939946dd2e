//! Writes the Kotlin side of the wide face; the library that was built is its source.

fn main() {
    uniffi::uniffi_bindgen_main();
}
