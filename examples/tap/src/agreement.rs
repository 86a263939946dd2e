//! What must be true of every tap, whatever was planned: wallet, terminal and issuer tell the same story.

use bezant::card::TapOutcome;
use bezant::emv::{CardholderAction, CvmModel};
use bezant::wallet::WalletEvent;
use pos_terminal::apdu::{Answer, Instruction};
use pos_terminal::outcome::EndReason;
use pos_terminal::{OdaResult, Outcome};
use sandbox::{AmountBinding, Assessment, Cda, Conditions, Cryptogram, Freshness, MagStripeVerification, Verification};

use crate::bank::{Judgement, Refusal};
use crate::played::{PlayedTap, end_of};
use crate::scenarios::{Acquirer, TerminalEnd};

/// Where the parties of a tap disagree.
pub(crate) fn disagreements(played: &PlayedTap, found: &mut Found) {
    one_outcome(played, found);
    terminal(played, found);
    issuer(played, found);
}

/// Sentences about what is not as it should be.
#[derive(Default)]
pub(crate) struct Found(pub(crate) Vec<String>);

impl Found {
    /// Adds a sentence.
    pub(crate) fn add(&mut self, sentence: String) {
        self.0.push(sentence);
    }

    /// Adds a sentence about what is not good.
    pub(crate) fn unless(&mut self, good: bool, sentence: impl FnOnce() -> String) {
        if !good {
            self.add(sentence());
        }
    }
}

/// A tap has one outcome, everywhere the same, and it costs what it has to.
fn one_outcome(played: &PlayedTap, found: &mut Found) {
    let felt = &played.felt;
    let spoken_to = played.tap.exchanges.iter().any(|exchange| {
        Instruction::of(&exchange.command) == Some(Instruction::Select)
            && Answer::parse(&exchange.answer).is_some_and(|answer| answer.is_success())
    });
    let may_come_back = felt.told.iter().any(
        |event| matches!(event, WalletEvent::ContactlessPaymentInterrupted { retries_left, .. } if *retries_left > 0),
    );
    let completed: Vec<TapOutcome> = felt.completed.iter().map(|tap| tap.outcome).collect();
    found.unless(completed.is_empty() != (spoken_to && !may_come_back), || {
        format!("the app was told of {} outcomes", completed.len())
    });
    // A terminal whose tap was aborted may try the card's next application, which is another tap of the wallet.
    let before = completed.split_last().map_or(&[][..], |(_, before)| before);
    found.unless(before.iter().all(|outcome| *outcome == TapOutcome::Error), || {
        format!("the app was told of several outcomes: {completed:?}")
    });
    if let (Some(said), Some(told)) = (felt.said, felt.details().map(|details| details.outcome)) {
        found.unless(said == told, || format!("the wallet said {said:?} and told the app of {told:?}"));
    }
    let costs = matches!(felt.outcome, Some(TapOutcome::AuthorizeOnline | TapOutcome::AuthenticateOffline));
    let (spent, expected) = (felt.spent, usize::from(costs));
    found.unless(spent == expected, || format!("{spent} credentials were spent instead of {expected}"));
}

fn terminal(played: &PlayedTap, found: &mut Found) {
    let PlayedTap { tap, terminal, felt, .. } = played;
    let paid = felt.outcome == Some(TapOutcome::AuthorizeOnline);
    let unread = matches!(
        tap.outcome,
        Outcome::EndApplication { reason: EndReason::FieldOff | EndReason::TooSlow { .. } | EndReason::Link(_) }
    );
    let end = end_of(tap);
    let waits = felt.outcome == Some(TapOutcome::WalletActionRequired);
    let (good, sees_phone) = (tap.outcome.is_good(), matches!(end, TerminalEnd::SeePhone(_)));
    found.unless((good, sees_phone) == (paid, waits) || unread, || {
        format!("the wallet ended with {:?}, the terminal with \"{}\"", felt.outcome, tap.outcome)
    });
    if end == TerminalEnd::OnlineWithPin {
        let action = felt.details().and_then(|details| details.transaction).map(|facts| facts.cardholder_action);
        found.unless(action == Some(CardholderAction::OnlinePin), || {
            format!("the terminal asks for the PIN, the wallet reports {action:?}")
        });
    }
    if let OdaResult::Failed(failure) = &tap.oda {
        found.add(format!("the terminal could not authenticate the card (CDA failed): {failure}"));
    }
    let pays_by_chip = matches!(end, TerminalEnd::Online | TerminalEnd::OnlineWithPin);
    let verified = matches!(tap.oda, OdaResult::CdaVerified { .. });
    found.unless(!pays_by_chip || verified == terminal.cda || matches!(tap.oda, OdaResult::Failed(_)), || {
        format!("data authentication is \"{}\" at a terminal that wants CDA: {}", tap.oda, terminal.cda)
    });
    let announced = tap.data.get(&AIP).and_then(|profile| profile.first()).is_some_and(|first| first & ON_DEVICE != 0);
    found.unless(!announced || played.subject.model != CvmModel::CardLike, || {
        "a card-like card announces verification on the device".to_owned()
    });
}

fn issuer(played: &PlayedTap, found: &mut Found) {
    match &played.judgement {
        Judgement::Impossible => {
            let pays = played.felt.outcome == Some(TapOutcome::AuthorizeOnline);
            found.unless(!pays, || "nobody can verify this payment: the issuer's keys are not in the file".to_owned());
        }
        Judgement::NotAsked(refusal) => {
            let proves = played.felt.outcome == Some(TapOutcome::AuthenticateOffline);
            found.unless(*refusal != Refusal::Verifies || proves, || {
                "the refusal carries a cryptogram that verifies".to_owned()
            });
            found.unless(*refusal != Refusal::Unjudged, || "nobody can judge the refusal's cryptograms".to_owned());
        }
        Judgement::Track(verification) => {
            let fresh = matches!(verification, Some(MagStripeVerification::Valid { freshness: Freshness::Fresh, .. }));
            found.unless(fresh, || "the digits on the track do not verify as fresh".to_owned());
        }
        Judgement::Assessed(assessments) => match assessments.first() {
            Some(first) => assessment(played, first, found),
            None => found.add("the issuer did not answer".to_owned()),
        },
    }
}

fn assessment(played: &PlayedTap, assessment: &Assessment, found: &mut Found) {
    let Some(verification) = &assessment.verification else {
        return found.add("the issuer could not judge the request".to_owned());
    };
    if played.subject.acquirer == Acquirer::RaisesAmount {
        let seen = AmountBinding::Contradicted { under_cryptogram: played.sale.amount };
        return found.unless(verification.amount == seen, || {
            format!("the issuer finds the amount {:?} instead of {seen:?}", verification.amount)
        });
    }
    facts(played, verification, found);
}

/// What must be true of every request that a genuine phone caused.
fn facts(played: &PlayedTap, verification: &Verification, found: &mut Found) {
    let Verification { umd, md, cda, amount, freshness, cvr, .. } = verification;
    found.unless(!verification.umd_expected || *umd == Cryptogram::Valid, || "the UMD cryptogram is wrong".to_owned());
    found.unless(*md == Cryptogram::Valid, || "the MD cryptogram is wrong".to_owned());
    found.unless(*freshness == Freshness::Fresh, || format!("counter {} is {freshness:?}", verification.atc));
    found.unless(*amount == AmountBinding::Bound, || format!("the amount is {amount:?}"));
    found.unless(verification.is_arqc, || "the request is no ARQC".to_owned());
    let verified = played.before.counts_as_verified(played.subject.model);
    found.unless(cvr.cdcvm_done == verified, || {
        let (does, was) = if verified { ("does not say", "was") } else { ("says", "was not") };
        format!("the card {does} that the cardholder was verified, who {was}")
    });
    let signed = matches!(played.tap.oda, OdaResult::CdaVerified { .. });
    let expected = if signed { [Cda::Valid, Cda::Unknown] } else { [Cda::NotSigned; 2] };
    found.unless(expected.contains(cda), || format!("the issuer finds the signature {cda:?}"));
    let country = played.tap.data.get(&ISSUER_COUNTRY);
    let abroad = country.is_some_and(|country| *country != played.terminal.country);
    let conditions = if abroad { Conditions::International } else { Conditions::Domestic };
    found.unless(cvr.conditions == conditions, || {
        format!("the card says {:?} where it is {conditions:?}", cvr.conditions)
    });
}

const AIP: u32 = 0x82;
const ISSUER_COUNTRY: u32 = 0x5F28;
/// AIP byte 1 (EMV Book 3, annex C1).
const ON_DEVICE: u8 = 0x02;
