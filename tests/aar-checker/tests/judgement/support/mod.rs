//! AARs made for the occasion.

mod aar;
mod class;
mod shared_object;

use aar_checker::{Check, Outcome};

pub use self::{
    aar::{Aar, OWN, zip},
    class::class,
    shared_object::SharedObject,
};

/// Exactly this check fails, and a sentence of it names the culprit.
#[track_caller]
pub fn assert_fault(aar: &Aar, check: Check, culprit: &str) {
    let report = aar.judge();
    let failed: Vec<(Check, String)> =
        report.those(Outcome::Failed).map(|judged| (judged.check, judged.sentences.join("; "))).collect();
    match &failed[..] {
        [(failed, sentences)] if *failed == check => assert!(sentences.contains(culprit), "{sentences}"),
        _ => panic!("{check:?} should fail, and it alone: {failed:?}"),
    }
}
