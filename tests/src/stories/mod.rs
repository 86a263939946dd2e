//! A model of a phone with two cards, written from the documents alone: what taps, verification, clocks and the app come to.
#![allow(missing_docs)]

mod cards;
mod judgement;
mod model;
mod question;

pub use cards::{Card, Cards, NAMES, STOCK};
pub use judgement::Judgement;
pub use model::{Answer, AtStart, First, Model, Moment, Tap, Told, Torn, Verification, Word};
pub use question::{Kind, Question, Range, Results, Sent};
