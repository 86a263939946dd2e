//! What wallet, terminal and issuer found about a tap, each in a sentence.

use std::fmt::Write;
use std::time::Duration;

use anstyle::AnsiColor;
use bezant::card::TapOutcome;
use bezant::cdcvm::VelocityCounters;
use bezant::emv::CvmModel;
use bezant::wallet::TimingPoint;
use pos_terminal::cvm::Cvm;
use pos_terminal::{OnlineRequest, Outcome};
use sandbox::{
    AmountBinding, Assessment, Cda, Conditions, Cryptogram, Decision, Freshness, MagStripeVerification, Verification,
};

use crate::bank::{Judgement, Refusal};
use crate::money::money;
use crate::played::{PlayedTap, end_of};
use crate::scenarios::{Acquirer, TerminalEnd};
use crate::show::paint;

/// The wallet's outcome, its reasons, what it cost, where its counters stand.
pub(crate) fn wallet(played: &PlayedTap) -> String {
    let felt = &played.felt;
    let Some(outcome) = felt.outcome else { return "was not spoken to".to_owned() };
    let meaning = match outcome {
        TapOutcome::AuthorizeOnline => "it answered under real keys, the issuer decides",
        TapOutcome::WalletActionRequired => "the owner has to do something and tap again",
        TapOutcome::DeclinedByWallet => "it refused",
        TapOutcome::DeclinedByTerminal => "the terminal did not want to be paid",
        TapOutcome::AuthenticateOffline => "it proved itself, without a payment",
        TapOutcome::Interrupted => "the field was lost too early",
        _ => "it broke the tap off",
    };
    let reasons: Vec<_> = felt.details().iter().flat_map(|tap| tap.reasons.iter()).map(|r| r.code()).collect();
    let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    let cost = match felt.spent {
        0 => "nothing spent".to_owned(),
        1 => "1 credential spent".to_owned(),
        spent => format!("{spent} credentials spent"),
    };
    let counters = if played.subject.model == CvmModel::Flexible { counted(felt.counters) } else { String::new() };
    format!("{outcome:?}: {meaning}{reasons}; {cost}, {} left{counters}", felt.left)
}

fn counted(VelocityCounters { consecutive_lvt, cumulative_lvt }: VelocityCounters) -> String {
    // In the card's currency, which has two digits behind the point here.
    format!("; low-value counters at {consecutive_lvt} and {}", money(cumulative_lvt, 2))
}

/// The wallet's sentence for a developer, where it came to a decision.
pub(crate) fn decision(played: &PlayedTap) -> Option<String> {
    let decision = played.felt.details()?.decision?;
    let sentence = format!("{decision} [{}]", decision.rule());
    Some(if decision.is_overruled() { paint(AnsiColor::Yellow, sentence) } else { sentence })
}

/// The wallet's own timeline, a line for each moment.
pub(crate) fn timeline(played: &PlayedTap) -> String {
    let mut page = String::new();
    for mark in played.felt.completed.iter().flat_map(|tap| tap.timeline.marks()) {
        let milliseconds = Duration::from_micros(mark.at_us).as_secs_f64() * 1e3;
        let detail = match mark.point {
            TimingPoint::CommandIn(Some(instruction)) => format!(" {instruction:02X}"),
            TimingPoint::ResponseOut(status) => format!(" {status}"),
            _ => String::new(),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(page, "{milliseconds:>10.3} ms  {}{detail}", mark.point.name());
    }
    page
}

/// The terminal's outcome and who verified the cardholder.
pub(crate) fn terminal(played: &PlayedTap) -> String {
    let tap = &played.tap;
    let verified = match &tap.outcome {
        Outcome::OnlineRequest(OnlineRequest { cvm, .. }) | Outcome::ApprovedOffline(OnlineRequest { cvm, .. }) => {
            format!("; {}", cardholder(*cvm))
        }
        Outcome::MagStripeOnline(request) => format!("; {}", cardholder(request.cvm)),
        _ => String::new(),
    };
    let display = match issuer_approves(&played.judgement) {
        Some(approved) => format!("; then {}", tap.outcome.clone().completed(approved)),
        None => String::new(),
    };
    format!("{}{verified}; data authentication: {}{display}", tap.outcome, tap.oda)
}

/// What the issuer decided when it was first asked, if it was.
fn issuer_approves(judgement: &Judgement) -> Option<bool> {
    match judgement {
        Judgement::Assessed(assessments) => {
            assessments.first().map(|first| matches!(first.decision, Decision::Approved { .. }))
        }
        Judgement::NotAsked(_) | Judgement::Impossible | Judgement::Track(_) => None,
    }
}

/// What became of the request on its way, where it is not the ordinary.
pub(crate) fn acquirer(played: &PlayedTap) -> Option<String> {
    let asked = matches!(played.judgement, Judgement::Assessed(_));
    match played.subject.acquirer {
        Acquirer::SendsTwice if asked => Some("sent the request twice".to_owned()),
        Acquirer::RaisesAmount if asked => {
            let told = money(played.sale.amount * 10, played.terminal.currency_exponent);
            Some(format!("made {told} of the amount in the request"))
        }
        _ => None,
    }
}

/// The issuer's findings and decision, a sentence for each time it was asked.
pub(crate) fn issuer(played: &PlayedTap) -> Vec<String> {
    match &played.judgement {
        Judgement::NotAsked(Refusal::Bare) => vec!["was not asked".to_owned()],
        Judgement::NotAsked(Refusal::Random) => {
            vec!["was not asked; the cryptograms of the refusal are random, as they must be".to_owned()]
        }
        Judgement::NotAsked(Refusal::Unjudged) => {
            vec![paint(AnsiColor::Red, "was not asked, and cannot judge the cryptograms of the refusal")]
        }
        Judgement::NotAsked(Refusal::Verifies) => {
            vec![paint(AnsiColor::Red, "was not asked, and yet the refusal carries a cryptogram that verifies")]
        }
        Judgement::Impossible => vec!["cannot judge this card: its keys are not in the file".to_owned()],
        Judgement::Track(Some(MagStripeVerification::Valid { atc, freshness })) => {
            let digits = paint(AnsiColor::Green, "dynamic track digits valid");
            vec![format!("{digits}, counter {atc} {}", words_of(*freshness))]
        }
        Judgement::Track(_) => vec![paint(AnsiColor::Red, "the dynamic track digits do not verify")],
        Judgement::Assessed(assessments) => assessments.iter().map(sentence).collect(),
    }
}

/// The terminal's outcome in a word or two.
pub(crate) fn terminal_in_short(played: &PlayedTap) -> String {
    match end_of(&played.tap) {
        TerminalEnd::Online => "online request".to_owned(),
        TerminalEnd::OnlineWithPin => "online with PIN".to_owned(),
        TerminalEnd::OnlineWithTrack => "online with track".to_owned(),
        TerminalEnd::Declined(_) => "declined by card".to_owned(),
        TerminalEnd::SeePhone(_) => "see phone".to_owned(),
        TerminalEnd::Refused(status) => format!("broken off, {status:04X}"),
        TerminalEnd::LinkLost => "link lost".to_owned(),
        TerminalEnd::Other => match &played.tap.outcome {
            Outcome::Declined { .. } => "declined",
            Outcome::TryAnotherInterface { .. } => "insert the card",
            _ => "broken off",
        }
        .to_owned(),
    }
}

/// The issuer's decision in a word or two.
pub(crate) fn issuer_in_short(played: &PlayedTap) -> String {
    let decision = |assessment: &Assessment| match &assessment.decision {
        Decision::Approved { .. } => "approved".to_owned(),
        Decision::Declined { reason } => reason.code().to_owned(),
    };
    match &played.judgement {
        Judgement::NotAsked(_) => "not asked".to_owned(),
        Judgement::Impossible => "cannot judge".to_owned(),
        Judgement::Track(Some(MagStripeVerification::Valid { .. })) => "track verified".to_owned(),
        Judgement::Track(_) => "track wrong".to_owned(),
        Judgement::Assessed(assessments) => assessments.iter().map(decision).collect::<Vec<_>>().join(", "),
    }
}

fn sentence(assessment: &Assessment) -> String {
    let decision = match &assessment.decision {
        Decision::Approved { authorisation_code } => {
            paint(AnsiColor::Green, format_args!("approved, code {authorisation_code}"))
        }
        Decision::Declined { reason } => paint(AnsiColor::Yellow, format_args!("declined {}: {reason}", reason.code())),
    };
    match &assessment.verification {
        Some(verification) => format!("{decision}; {}", facts(verification).join(", ")),
        None => decision,
    }
}

fn facts(verification: &Verification) -> [String; 6] {
    let Verification { atc, freshness, umd, md, cda, amount, cvr, .. } = verification;
    let cryptogram = |name: &str, found: Cryptogram| match found {
        Cryptogram::Valid => format!("{name} cryptogram valid"),
        Cryptogram::RandomOrInvalid => format!("{name} cryptogram not valid"),
    };
    [
        cryptogram("UMD", *umd),
        cryptogram("MD", *md),
        match cda {
            Cda::Valid => "CDA signature valid".to_owned(),
            Cda::NotSigned => "no signature".to_owned(),
            Cda::Unknown => "signature not checked (the card's key is unknown)".to_owned(),
            Cda::Invalid(fault) => format!("CDA signature wrong ({fault:?})"),
        },
        format!("counter {atc} {}", words_of(*freshness)),
        match amount {
            AmountBinding::Bound => "amount bound".to_owned(),
            AmountBinding::Contradicted { under_cryptogram } => {
                format!("the card saw {}", money(*under_cryptogram, 2))
            }
            AmountBinding::Unproven => "amount unproven".to_owned(),
        },
        format!(
            "the card says: {}, {}",
            if cvr.cdcvm_done { "cardholder verified" } else { "cardholder not verified" },
            match cvr.conditions {
                Conditions::Domestic => "at home",
                Conditions::International => "abroad",
                Conditions::Unstated => "somewhere",
            }
        ),
    ]
}

const fn words_of(freshness: Freshness) -> &'static str {
    match freshness {
        Freshness::Fresh => "fresh",
        Freshness::Replayed => "used before",
        Freshness::NeverIssued => "never issued",
    }
}

const fn cardholder(cvm: Cvm) -> &'static str {
    match cvm {
        Cvm::OnDevice => "cardholder verified on the phone",
        Cvm::OnlinePin => "PIN to be checked by the issuer",
        Cvm::Signature => "signature on paper",
        Cvm::NoCvm => "no verification needed for this amount",
        Cvm::Failed => "cardholder verification failed",
    }
}
