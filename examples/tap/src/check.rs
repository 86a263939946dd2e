//! Compares a tap with its plan, and all parties with each other.

use bezant::card::TapOutcome;
use pos_terminal::outcome::{DeclineReason, EndReason};
use pos_terminal::{OdaResult, OnlineRequest, Outcome, Tap};
use sandbox::{
    AmountBinding, Assessment, Cda, Conditions, Cryptogram, Decision, Freshness, MagStripeVerification, Verification,
};

use crate::bank::{Judgement, Refusal};
use crate::scenarios::{Acquirer, IssuerAnswer, TerminalEnd};
use crate::stage::PlayedTap;

/// How a tap ended at the terminal, in the words of a plan.
pub(crate) fn end_of(tap: &Tap) -> TerminalEnd {
    match &tap.outcome {
        Outcome::OnlineRequest(OnlineRequest { online_pin: true, .. }) => TerminalEnd::OnlineWithPin,
        Outcome::OnlineRequest(_) => TerminalEnd::Online,
        Outcome::MagStripeOnline(_) => TerminalEnd::OnlineWithTrack,
        Outcome::SeePhone { poscii } => TerminalEnd::SeePhone(*poscii),
        Outcome::Declined { reason: DeclineReason::Card } => {
            poscii(tap).map_or(TerminalEnd::Other, TerminalEnd::Declined)
        }
        Outcome::EndApplication { reason: EndReason::Status { status, .. } } => TerminalEnd::Refused(*status),
        _ => TerminalEnd::Other,
    }
}

/// What differs from the plan, in sentences.
pub(crate) fn deviations(played: &PlayedTap) -> Vec<String> {
    let mut found = Found(Vec::new());
    wallet(played, &mut found);
    terminal(played, &mut found);
    issuer(played, &mut found);
    found.0
}

struct Found(Vec<String>);

impl Found {
    fn unless(&mut self, good: bool, sentence: impl FnOnce() -> String) {
        if !good {
            self.0.push(sentence());
        }
    }
}

fn wallet(played: &PlayedTap, found: &mut Found) {
    let PlayedTap { planned, felt, spent, .. } = played;
    found.unless(felt.outcome == Some(planned.wallet), || match felt.outcome {
        Some(outcome) => format!("the wallet ended with {outcome:?} instead of {:?}", planned.wallet),
        None => format!("the wallet felt no tap instead of {:?}", planned.wallet),
    });
    let reasons: Vec<_> = felt.details.iter().flat_map(|details| details.reasons.iter()).collect();
    found.unless(reasons == planned.reasons, || {
        format!("the wallet's reasons are {reasons:?} instead of {:?}", planned.reasons)
    });
    let expected = usize::from(planned.wallet == TapOutcome::AuthorizeOnline);
    found.unless(*spent == expected, || format!("{spent} credentials were spent instead of {expected}"));
}

fn terminal(played: &PlayedTap, found: &mut Found) {
    let PlayedTap { planned, tap, terminal, .. } = played;
    let end = end_of(tap);
    found.unless(end == planned.terminal, || {
        format!("the terminal ended with \"{}\" instead of {:?}", tap.outcome, planned.terminal)
    });
    if let OdaResult::Failed(failure) = &tap.oda {
        found.0.push(format!("the terminal could not authenticate the card (CDA failed): {failure}"));
    }
    let pays_by_chip = matches!(end, TerminalEnd::Online | TerminalEnd::OnlineWithPin);
    let verified = matches!(tap.oda, OdaResult::CdaVerified { .. });
    found.unless(!pays_by_chip || verified == terminal.cda || matches!(tap.oda, OdaResult::Failed(_)), || {
        format!("data authentication is \"{}\" at a terminal that wants CDA: {}", tap.oda, terminal.cda)
    });
}

fn issuer(played: &PlayedTap, found: &mut Found) {
    let planned = played.planned.issuer;
    match &played.judgement {
        Judgement::Impossible => {
            let pays = played.felt.outcome == Some(TapOutcome::AuthorizeOnline);
            found.unless(!pays, || "nobody can verify this payment: the issuer's keys are not in the file".to_owned());
        }
        Judgement::NotAsked(refusal) => {
            found.unless(planned == IssuerAnswer::NotAsked, || "the issuer was not asked".to_owned());
            found.unless(*refusal != Refusal::Verifies, || "the refusal carries a cryptogram that verifies".to_owned());
            found.unless(*refusal != Refusal::Unjudged, || "nobody can judge the refusal's cryptograms".to_owned());
        }
        Judgement::Track(verification) => {
            found.unless(planned == IssuerAnswer::TrackVerified, || "the issuer got track data".to_owned());
            let fresh = matches!(verification, Some(MagStripeVerification::Valid { freshness: Freshness::Fresh, .. }));
            found.unless(fresh, || "the digits on the track do not verify as fresh".to_owned());
        }
        Judgement::Assessed(assessments) => {
            let mut assessments = assessments.iter();
            match assessments.next() {
                Some(first) => assessment(played, first, planned, found),
                None => found.0.push("the issuer did not answer".to_owned()),
            }
            let repeated = assessments.next();
            let wants_repetition = played.scenario.acquirer == Acquirer::SendsTwice;
            found.unless(repeated.is_some() == wants_repetition, || "the message was not sent twice".to_owned());
            if let Some(second) = repeated {
                found.unless(answer(second) == IssuerAnswer::Declined("REPLAYED_ATC"), || {
                    format!("the repeated message was answered {:?}", answer(second))
                });
            }
        }
    }
}

fn assessment(played: &PlayedTap, assessment: &Assessment, planned: IssuerAnswer, found: &mut Found) {
    let answered = answer(assessment);
    found.unless(answered == planned, || format!("the issuer answered {answered:?} instead of {planned:?}"));
    let Some(verification) = &assessment.verification else {
        return found.0.push("the issuer could not judge the request".to_owned());
    };
    if played.scenario.acquirer == Acquirer::RaisesAmount {
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
    found.unless(cvr.cdcvm_done, || "the card does not say that the cardholder was verified".to_owned());
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

fn answer(assessment: &Assessment) -> IssuerAnswer {
    match &assessment.decision {
        Decision::Approved { .. } => IssuerAnswer::Approved,
        Decision::Declined { reason } => IssuerAnswer::Declined(reason.code()),
    }
}

fn poscii(tap: &Tap) -> Option<[u8; 3]> {
    tap.data.get(&POSCII)?.as_slice().try_into().ok()
}

const POSCII: u32 = 0xDF4B;
const ISSUER_COUNTRY: u32 = 0x5F28;
