use super::{Act, Decided, RecordedStep, hide_cryptograms};
use core::fmt;

/// Something that came out otherwise than it was recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// Which step, from 1.
    pub step: usize,
    /// What happened in it, for people.
    pub what: String,
    /// Which part of it differs.
    pub part: &'static str,
    /// As it was recorded.
    pub recorded: String,
    /// As it is now.
    pub played: String,
}

impl Difference {
    /// A difference that belongs to no single answer.
    pub(crate) fn new(step: usize, part: &'static str, recorded: &str, played: &str) -> Self {
        let what = if step == 0 { "the set-up".into() } else { "as a whole".into() };
        Self { step, what, part, recorded: recorded.into(), played: played.into() }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, what, part, recorded, played } = self;
        write!(f, "step {step}, {what}: {part}: recorded {recorded}, now {played}")?;
        match (self.part, first_difference(recorded, played)) {
            ("answer", Some(byte)) => write!(f, " (from byte {byte} on)"),
            _ => Ok(()),
        }
    }
}

/// Holds a step played against the recorded one. With `open`, the cryptograms of an answer may differ; the second value
/// tells whether that was needed.
pub(crate) fn compare(
    number: usize,
    recorded: &RecordedStep,
    played: &RecordedStep,
    open: bool,
) -> (Vec<Difference>, bool) {
    let what = describe(&recorded.act);
    let differs = |part, recorded: String, played: String| {
        (recorded != played).then(|| Difference { step: number, what: what.clone(), part, recorded, played })
    };
    let mut opened = false;
    let mut found = Vec::new();
    match (&recorded.act, &played.act) {
        (Act::Command { answer: before, decided: then, .. }, Act::Command { answer: after, decided: now, .. }) => {
            found.extend(differs("decision", decision(then.as_ref()), decision(now.as_ref())));
            // What a card has computed is not shown here: it would be an answer that nobody has asked for.
            let (shown_before, shown_after) = (hide_cryptograms(before), hide_cryptograms(after));
            let only_cryptograms = before != after && shown_before == shown_after;
            opened = open && only_cryptograms;
            if only_cryptograms && !open {
                let other = format!("others: {shown_after}");
                found.extend(differs("cryptograms", before.clone(), other));
            }
            found.extend(differs("answer", shown_before, shown_after));
        }
        (Act::Deactivate { outcome: before, .. }, Act::Deactivate { outcome: after, .. }) => {
            let name = |outcome: &Option<String>| outcome.clone().unwrap_or_else(|| "no tap".into());
            found.extend(differs("outcome", name(before), name(after)));
        }
        _ => {}
    }
    let list = |told: &[String]| if told.is_empty() { "nothing".into() } else { told.join(", ") };
    found.extend(differs("what the app was told", list(&recorded.told), list(&played.told)));
    (found, opened)
}

fn decision(decided: Option<&Decided>) -> String {
    decided.map_or_else(
        || "none".into(),
        |Decided { instrument, advice, reasons, rule, host, spent }| {
            let spent = spent.map_or_else(|| "nothing".into(), |atc| format!("ATC {atc}"));
            let reasons = reasons.join(", ");
            format!("{advice} by {rule} for {instrument}, reasons [{reasons}], the app {host:?}, {spent} spent")
        },
    )
}

fn describe(act: &Act) -> String {
    match act {
        Act::Activate { instrument } => format!("activate {instrument}"),
        Act::Authenticate { .. } => "the cardholder is verified".into(),
        Act::ClearAuthentication => "the verification is forgotten".into(),
        Act::Command { command, .. } => {
            let instruction = command.get(2..4).unwrap_or_default();
            let name = match instruction {
                "A4" => "SELECT",
                "A8" => "GET PROCESSING OPTIONS",
                "B2" => "READ RECORD",
                "AE" => "GENERATE AC",
                "2A" => "COMPUTE CRYPTOGRAPHIC CHECKSUM",
                _ => "command",
            };
            format!("{name} {command}")
        }
        Act::Deactivate { .. } => "the reader has gone".into(),
        Act::Delete { instrument } => format!("delete {instrument}"),
        Act::Device { .. } => "the device".into(),
        Act::Install { instrument } => format!("install {instrument}"),
        Act::Load { instrument, .. } => format!("credentials for {instrument}"),
        Act::Select { instrument } => format!("select {instrument}"),
        Act::SetDefault { instrument } => format!("set default {instrument}"),
        Act::Suspend { instrument } => format!("suspend {instrument}"),
    }
}

/// The first byte that differs, from 1.
fn first_difference(recorded: &str, played: &str) -> Option<usize> {
    let same = recorded.bytes().zip(played.bytes()).take_while(|(a, b)| a == b).count();
    (same < recorded.len().max(played.len())).then_some(same / 2 + 1)
}
