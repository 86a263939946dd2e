//! Stories of taps: whatever happens around a phone with two cards, in whatever order, every tap has one end, every
//! credential one answer, and the counters stand as a model of the driver's page says.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod step;
mod story;

use crate::step::Step;
use crate::story::Story;
use bezant::WalletConfig;
use bezant::emv::CvmModel;
use bezant_tests::stories::{Kind, Question, Sent};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::Config;

proptest! {
    #![proptest_config(Config { cases: 250, failure_persistence: None, ..Config::default() })]

    #[test]
    fn s2_064_every_tap_has_one_end_and_every_credential_one_answer_whatever_happens(
        config in step::config(),
        steps in vec(step::step(), 1..60),
    ) {
        let mut story = Story::new(config);
        for step in steps {
            story.go_on(&step);
        }
        story.go_on(&Step::TakeAway);
    }
}

/// A tap with every question, cut off after every command, and gone on with where the phone comes back.
#[test]
fn s2_064_a_tap_cut_off_after_any_command_has_one_end() {
    for model in [CvmModel::Always, CvmModel::CardLike, CvmModel::Flexible] {
        for retries in [0, 1, 2] {
            let mut story = Story::new(WalletConfig {
                cvm_model: Some(model),
                link_loss_retry_limit: retries,
                ..step::plain_config()
            });
            for kind in Kind::ALL {
                let whole = Sent::tap(Question { kind, ..Question::HIGH });
                for cut in 1..=whole.len() {
                    story.go_on(&Step::Verify(None));
                    story.go_on(&Step::Send(whole[..cut].to_vec()));
                    story.go_on(&Step::TakeAway);
                    story.go_on(&Step::Send(whole.clone()));
                    story.go_on(&Step::TakeAway);
                    story.go_on(&Step::Advance(2_001));
                    story.go_on(&Step::LoadMore(0));
                }
            }
        }
    }
}
