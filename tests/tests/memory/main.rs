//! Secrets in the memory of the driver's process, looked for from outside: while one is good for something it is in one
//! place, afterwards nowhere, in no form. What has to be there is looked for beside it, so that a scan which finds
//! nothing is known to have looked.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bench;
mod cards;
mod credentials;
mod other_process;
mod requests;
mod scanner;
mod stack;
