//! The store, judged by what its documents promise: by a model, by hand-made harm, by vaults that fail, by rivals, by
//! full disks, and by what is left on the disk.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod broken_files;
mod desk;
mod disk;
mod faults;
mod harm;
mod meaning;
mod model;
mod paper;
mod quarantine;
mod rivals;
mod schema;
mod shadows;
mod tampering;
mod test_vault;
mod vaults;
mod wiping;
