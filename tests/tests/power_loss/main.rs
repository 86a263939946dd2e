//! The wallet on its disk when the process is killed or the power fails, at every point of what people do with it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod books;
mod inspection;
mod kills;
mod order;
mod planted;
mod scene;
mod survey;
mod surveys;
