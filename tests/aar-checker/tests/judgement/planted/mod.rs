//! One fault at a time, each found by the check that is named after it.

mod archive;
mod classes;
mod contents;
mod grade;
mod libraries;
mod linking;
mod manifest;
mod pom;
