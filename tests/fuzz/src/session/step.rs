//! What can happen next, and how a wallet can be configured: one byte says which, the next ones how.

use arbitrary::{Arbitrary, Result, Unstructured};
use bezant::WalletConfig;
use bezant::card::{CardOptions, CardProfile};
use bezant::cdcvm::VelocityLimits;
use bezant::emv::CvmModel;
use bezant_tests::stories::{AtStart, Kind, Question, Results, Sent, Word};
use bezant_tests::{Generation, Syn1, bytes};
use std::sync::LazyLock;

/// A configuration, one of a few that are quick to have: every phone with another is set up first.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Setup {
    model: u8,
    variant: u8,
}

#[derive(Clone, Debug)]
pub enum Step {
    Activate(usize),
    Advance(u64),
    AppDoesAtStart(AtStart),
    AppSays(Word),
    /// One question, with the terminal's unpredictable number.
    Ask(Question, u16),
    Choose(usize),
    ClearVerification,
    /// Bytes from the reader.
    Command(Vec<u8>),
    Delete(usize),
    Deselect,
    Install(usize),
    /// Everything that the issuer has handed over so far, once more.
    LoadAgain(usize),
    LoadMore(usize),
    Lock(bool),
    Restart,
    SetDefault(usize),
    SetWallClock(u64),
    Suspend(usize),
    TakeAway,
    /// From the selection to the question.
    Tap(Question),
    Verify(Option<usize>),
}

impl<'a> Arbitrary<'a> for Setup {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        let byte: u8 = input.arbitrary()?;
        Ok(Self { model: byte & 3, variant: byte >> 2 & 7 })
    }
}

impl Setup {
    pub fn config(&self) -> WalletConfig {
        let model = [CvmModel::Always, CvmModel::CardLike, CvmModel::Flexible, CvmModel::Flexible];
        let limits = |count, sum, single| VelocityLimits {
            max_consecutive_lvt: count,
            max_cumulative_lvt: sum,
            single_lvt_limit: single,
            domestic_currency: None,
        };
        let velocity = [
            limits(None, None, None),
            limits(Some(1), None, None),
            limits(Some(2), Some(5_000), Some(2_500)),
            limits(None, Some(2_500), None),
            limits(None, None, Some(2_499)),
            limits(Some(0), Some(0), None),
            limits(Some(3), Some(20_000), None),
            limits(None, Some(5_000), Some(0)),
        ];
        let flag = |bit: u8| self.variant >> bit & 1 == 1;
        WalletConfig {
            cvm_model: Some(model[usize::from(self.model)]),
            auth_max_payments: 1 + u32::from(self.variant % 3),
            dual_tap_timeout_s: Some(20),
            velocity: velocity[usize::from(self.variant)],
            transit_enabled: self.variant != 5,
            transit_without_cdcvm: flag(0),
            allow_when_locked: self.variant == 6,
            link_loss_retry_limit: u32::from(self.variant % 3),
            link_loss_retry_window_ms: if flag(1) { 500 } else { 2_000 },
            history_limit: u32::from(self.variant),
            card: CardOptions { mag_stripe: true, ..CardOptions::default() },
            ..WalletConfig::default()
        }
    }

    /// The profile of a card.
    pub fn card(&self, card: usize) -> CardProfile {
        if card == 1 { Syn1::second_card() } else { Syn1::profile(Generation::V1) }
    }
}

impl<'a> Arbitrary<'a> for Step {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        let byte: u8 = input.arbitrary()?;
        let (which, how) = (byte & 31, usize::from(byte >> 5));
        let card = how & 1;
        Ok(match which {
            0..=4 => Self::Tap(question(input)?),
            5 => Self::Ask(question(input)?, input.arbitrary()?),
            6 | 7 => Self::Command(KNOWN[how % KNOWN.len()].clone()),
            // One byte of a command in the place of another.
            8 | 9 => {
                let mut command = known(input, how)?;
                let (at, byte) = (usize::from(input.arbitrary::<u8>()?), input.arbitrary()?);
                let at = at % command.len();
                command[at] = byte;
                Self::Command(command)
            }
            // Cut, or longer.
            10 => {
                let mut command = known(input, how)?;
                let length = usize::from(input.arbitrary::<u8>()?);
                command.resize(length, 0);
                Self::Command(command)
            }
            11 | 12 => {
                let length = usize::from(input.arbitrary::<u8>()?).min(input.len());
                Self::Command(input.bytes(length)?.to_vec())
            }
            13 | 14 => Self::TakeAway,
            15 => Self::Deselect,
            16 | 17 => Self::Verify([None, Some(0), None, Some(1)][how & 3]),
            18 => Self::ClearVerification,
            19 => Self::Advance([1, 400, 501, 2_001, 5_001, 20_001, 45_000, 45_001][how]),
            20 => Self::Lock(how & 1 == 0),
            21 => match how {
                0 => Self::Restart,
                1 => Self::SetWallClock(0),
                2 => Self::SetWallClock(1_768_471_199_000),
                3 => Self::SetWallClock(1_900_000_000_000),
                _ => Self::SetWallClock(1_768_471_230_000),
            },
            22 => Self::Activate(card),
            23 => Self::Suspend(card),
            24 if how > 3 => Self::Delete(card),
            25 if how > 5 => Self::Install(card),
            24 | 25 => Self::LoadAgain(card),
            26 => Self::LoadMore(card),
            27 => Self::Choose(card),
            28 => Self::SetDefault(card),
            29 => Self::AppDoesAtStart(
                [AtStart::Listen, AtStart::Choose(0), AtStart::Choose(1), AtStart::Verify][how & 3],
            ),
            _ => Self::AppSays(
                [Word::Follow, Word::Proceed, Word::AuthenticationRequired, Word::Decline, Word::Fail, Word::Panic]
                    [how % 6],
            ),
        })
    }
}

/// A command of a tap; with `how` at its end a question.
fn known(input: &mut Unstructured<'_>, how: usize) -> Result<Vec<u8>> {
    Ok(match KNOWN.get(how) {
        Some(command) => command.clone(),
        None => super::question::command(&question(input)?, 0),
    })
}

fn question(input: &mut Unstructured<'_>) -> Result<Question> {
    let [first, second] = [input.arbitrary::<u8>()?, input.arbitrary::<u8>()?];
    let amounts = [0, 1, 2_499, 2_500, 2_501, 15_000, 2_500, 999_999_999_999];
    let results = [Results::NoCvm, Results::Device, Results::OnlinePin, Results::NoCvmFailed];
    Ok(Question {
        kind: Kind::ALL[usize::from(first & 7)],
        amount: amounts[usize::from(first >> 3 & 7)],
        foreign: first >> 6 & 1 == 1,
        transport: first >> 7 & 1 == 1,
        results: results[usize::from(second & 3)],
        offline_only: second >> 2 & 7 == 7,
    })
}

pub static KNOWN: LazyLock<[Vec<u8>; 7]> = LazyLock::new(|| {
    let sent = |sent: Sent| bytes(&sent.command(0));
    [
        sent(Sent::Ppse),
        sent(Sent::Aid),
        sent(Sent::Options { offline_only: false }),
        sent(Sent::Record),
        sent(Sent::UnknownAid),
        sent(Sent::Options { offline_only: true }),
        bytes(Syn1::READ_RECORDS[3]),
    ]
});

/// How many credentials the issuer makes for each card.
pub const STOCK: u16 = 6;
