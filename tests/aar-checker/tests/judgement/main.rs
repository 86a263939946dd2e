//! The checker, against a sound AAR and against one fault at a time.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod garbage;
mod planted;
mod program;
mod sound;
mod support;
