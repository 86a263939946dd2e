//! Compares a tap with its plan, and all parties with each other.

use sandbox::{Assessment, Decision};

use crate::agreement::{Found, disagreements};
use crate::bank::Judgement;
use crate::played::{PlayedTap, end_of};
use crate::scenarios::{Acquirer, IssuerAnswer, PlannedTap};

/// What differs from the plan, and where the parties disagree, in sentences.
pub(crate) fn deviations(played: &PlayedTap) -> Vec<String> {
    let mut found = Found::default();
    match &played.planned {
        Some(planned) => {
            wallet(played, planned, &mut found);
            terminal(played, planned, &mut found);
            issuer(played, planned.issuer, &mut found);
        }
        None => unplanned_issuer(played, &mut found),
    }
    disagreements(played, &mut found);
    found.0
}

fn wallet(played: &PlayedTap, planned: &PlannedTap, found: &mut Found) {
    let felt = &played.felt;
    found.unless(felt.outcome == Some(planned.wallet), || match felt.outcome {
        Some(outcome) => format!("the wallet ended with {outcome:?} instead of {:?}", planned.wallet),
        None => format!("the wallet felt no tap instead of {:?}", planned.wallet),
    });
    let reasons: Vec<_> = felt.details().iter().flat_map(|details| details.reasons.iter()).collect();
    found.unless(reasons == planned.reasons, || {
        format!("the wallet's reasons are {reasons:?} instead of {:?}", planned.reasons)
    });
    let decision = felt.details().and_then(|details| details.decision);
    let rule = decision.map(|decision| decision.rule());
    found.unless(planned.rule.is_none() || rule == planned.rule, || {
        format!("the rule that decided is {rule:?} instead of {:?}", planned.rule)
    });
    let overruled = decision.is_some_and(|decision| decision.is_overruled());
    found.unless(overruled == planned.overruled, || format!("the app was overruled: {overruled}"));
    // A card that does not say its currency has nothing to add amounts in.
    let counts = played.tap.data.contains_key(&APPLICATION_CURRENCY);
    if let Some(planned) = planned.counters.filter(|_| counts) {
        let counted = (felt.counters.consecutive_lvt, felt.counters.cumulative_lvt);
        found.unless(counted == planned, || format!("the counters stand at {counted:?} instead of {planned:?}"));
    }
}

fn terminal(played: &PlayedTap, planned: &PlannedTap, found: &mut Found) {
    found.unless(end_of(&played.tap) == planned.terminal, || {
        format!("the terminal ended with \"{}\" instead of {:?}", played.tap.outcome, planned.terminal)
    });
}

fn issuer(played: &PlayedTap, planned: IssuerAnswer, found: &mut Found) {
    match &played.judgement {
        Judgement::Impossible => {}
        Judgement::NotAsked(_) => {
            found.unless(planned == IssuerAnswer::NotAsked, || "the issuer was not asked".to_owned());
        }
        Judgement::Track(_) => {
            found.unless(planned == IssuerAnswer::TrackVerified, || "the issuer got track data".to_owned());
        }
        Judgement::Assessed(assessments) => {
            if let Some(answered) = assessments.first().map(answer) {
                found
                    .unless(answered == planned, || format!("the issuer answered {answered:?} instead of {planned:?}"));
            }
            let repeated = assessments.get(1).map(answer);
            let wants_repetition = played.subject.acquirer == Acquirer::SendsTwice;
            found.unless(repeated.is_some() == wants_repetition, || "the message was not sent twice".to_owned());
            if let Some(answered) = repeated {
                found.unless(answered == IssuerAnswer::Declined("REPLAYED_ATC"), || {
                    format!("the repeated message was answered {answered:?}")
                });
            }
        }
    }
}

/// Nothing was planned, but what verifies is approved, unless the account does not cover it.
fn unplanned_issuer(played: &PlayedTap, found: &mut Found) {
    let Judgement::Assessed(assessments) = &played.judgement else { return };
    for answered in assessments.iter().map(answer) {
        let good = matches!(answered, IssuerAnswer::Approved | IssuerAnswer::Declined("OVER_ACCOUNT_LIMIT"));
        found.unless(good, || format!("the issuer answered {answered:?}"));
    }
}

fn answer(assessment: &Assessment) -> IssuerAnswer {
    match &assessment.decision {
        Decision::Approved { .. } => IssuerAnswer::Approved,
        Decision::Declined { reason } => IssuerAnswer::Declined(reason.code()),
    }
}

const APPLICATION_CURRENCY: u32 = 0x9F42;
