//! What can happen next, and how a wallet can be configured.

use bezant::WalletConfig;
use bezant::card::CardOptions;
use bezant::cdcvm::VelocityLimits;
use bezant::emv::CvmModel;
use bezant_tests::stories::{AtStart, Kind, Question, Results, Sent, Word};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

#[derive(Clone, Debug)]
pub enum Step {
    Activate(usize),
    Advance(u64),
    AppDoesAtStart(AtStart),
    AppSays(Word),
    Choose(usize),
    ClearVerification,
    Delete(usize),
    Deselect,
    Install(usize),
    /// Everything that the issuer has handed over so far, once more.
    LoadAgain(usize),
    /// Two more.
    LoadMore(usize),
    Lock(bool),
    Restart,
    Send(Vec<Sent>),
    SetDefault(usize),
    SetWallClock(u64),
    Suspend(usize),
    TakeAway,
    Verify(Option<usize>),
}

pub fn plain_config() -> WalletConfig {
    WalletConfig {
        dual_tap_timeout_s: Some(20),
        history_limit: 4,
        card: CardOptions { mag_stripe: true, ..CardOptions::default() },
        ..WalletConfig::default()
    }
}

pub fn config() -> impl Strategy<Value = WalletConfig> {
    let model = select(vec![CvmModel::Always, CvmModel::CardLike, CvmModel::Flexible, CvmModel::Flexible]);
    let velocity = (of(0..4u32), of(select(vec![0, 2_500, 5_000, 20_000])), of(select(vec![0, 2_500, 2_499])));
    let transit = (prop::bool::weighted(0.8), any::<bool>());
    let (locked, link) = (prop::bool::weighted(0.2), (0..3u32, select(vec![500, 2_000])));
    (model, velocity, transit, locked, link, 1..4u32, 0..6u32).prop_map(
        |(model, (count, sum, single), transit, allow_when_locked, link, auth_max_payments, history_limit)| {
            WalletConfig {
                cvm_model: Some(model),
                auth_max_payments,
                velocity: VelocityLimits {
                    max_consecutive_lvt: count,
                    max_cumulative_lvt: sum,
                    single_lvt_limit: single,
                    domestic_currency: None,
                },
                transit_enabled: transit.0,
                transit_without_cdcvm: transit.1,
                allow_when_locked,
                link_loss_retry_limit: link.0,
                link_loss_retry_window_ms: link.1,
                history_limit,
                ..plain_config()
            }
        },
    )
}

pub fn step() -> impl Strategy<Value = Step> {
    let card = || select(vec![0usize, 0, 1]);
    prop_oneof![
        14 => tap(),
        6 => piece(),
        5 => Just(Step::TakeAway),
        1 => Just(Step::Deselect),
        5 => of(card()).prop_map(|only| Step::Verify(only.filter(|card| *card == 1))),
        1 => Just(Step::ClearVerification),
        4 => select(vec![1, 400, 501, 2_001, 5_000, 5_001, 20_001, 45_000, 45_001]).prop_map(Step::Advance),
        1 => select(vec![0, 1_768_471_199_000, 1_768_471_230_000, 1_900_000_000_000]).prop_map(Step::SetWallClock),
        1 => Just(Step::Restart),
        2 => any::<bool>().prop_map(Step::Lock),
        3 => word().prop_map(Step::AppSays),
        2 => at_start().prop_map(Step::AppDoesAtStart),
        2 => card().prop_map(Step::Choose),
        1 => card().prop_map(Step::SetDefault),
        1 => card().prop_map(Step::Suspend),
        2 => card().prop_map(Step::Activate),
        1 => card().prop_map(Step::Delete),
        2 => card().prop_map(Step::Install),
        2 => card().prop_map(Step::LoadMore),
        1 => card().prop_map(Step::LoadAgain),
    ]
}

fn word() -> impl Strategy<Value = Word> {
    prop_oneof![
        6 => Just(Word::Follow),
        3 => Just(Word::Proceed),
        1 => Just(Word::AuthenticationRequired),
        1 => Just(Word::Decline),
        1 => Just(Word::Fail),
        1 => Just(Word::Panic),
    ]
}

fn at_start() -> impl Strategy<Value = AtStart> {
    prop_oneof![
        3 => Just(AtStart::Listen),
        2 => (0..2usize).prop_map(AtStart::Choose),
        1 => Just(AtStart::Verify),
    ]
}

fn question() -> impl Strategy<Value = Question> {
    let results = select(vec![
        Results::NoCvm,
        Results::NoCvm,
        Results::NoCvm,
        Results::Device,
        Results::OnlinePin,
        Results::NoCvmFailed,
    ]);
    let kind = prop_oneof![6 => Just(Kind::Arqc), 3 => select(Kind::ALL.to_vec())];
    let amount = select(vec![0, 1, 2_499, 2_500, 2_500, 2_501, 15_000]);
    let weighted = prop::bool::weighted;
    (kind, amount, weighted(0.15), weighted(0.2), results, weighted(0.03)).prop_map(
        |(kind, amount, foreign, transport, results, offline_only)| {
            let amount = if transport { 0 } else { amount };
            Question { kind, amount, foreign, transport, results, offline_only }
        },
    )
}

/// A whole tap, perhaps with the question twice, perhaps cut off, and perhaps with the phone taken away behind it.
fn tap() -> impl Strategy<Value = Step> {
    (question(), of(question()), prop::bool::weighted(0.2), 1..5usize).prop_map(|(question, again, cut, at)| {
        let mut commands = Sent::tap(question);
        if cut {
            commands.truncate(at);
        } else {
            commands.extend(again.map(Sent::Ask));
        }
        Step::Send(commands)
    })
}

fn piece() -> impl Strategy<Value = Step> {
    let one = prop_oneof![
        2 => Just(Sent::Ppse),
        2 => Just(Sent::Aid),
        1 => Just(Sent::UnknownAid),
        4 => Just(Sent::Options { offline_only: false }),
        1 => Just(Sent::Options { offline_only: true }),
        1 => Just(Sent::Record),
        4 => question().prop_map(Sent::Ask),
        2 => select(vec!["", "80CA9F3600", "80AE8000", "80AE800005000000002500", "00B2FF0C00", "0084000008"])
            .prop_map(Sent::Odd),
    ];
    vec(one, 1..4).prop_map(Step::Send)
}
