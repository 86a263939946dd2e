//! What the checks found, while they look.

use std::{collections::BTreeMap, fmt::Display};

use crate::check::Check;

/// What the checks found.
#[derive(Debug, Default)]
pub struct Findings {
    faults: BTreeMap<Check, Vec<String>>,
    warnings: BTreeMap<Check, Vec<String>>,
    not_judged: BTreeMap<Check, String>,
}

impl Findings {
    /// Something is wrong; the sentence names the culprit.
    pub fn fault(&mut self, check: Check, sentence: impl Into<String>) {
        self.faults.entry(check).or_default().push(sentence.into());
    }

    /// Something is not as good as it should be.
    pub fn warning(&mut self, check: Check, sentence: impl Into<String>) {
        self.warnings.entry(check).or_default().push(sentence.into());
    }

    /// There was nothing to look at.
    pub fn not_judged(&mut self, checks: &[Check], why: &str) {
        self.not_judged.extend(checks.iter().map(|check| (*check, why.to_owned())));
    }

    /// What a check came to, and its sentences.
    pub fn of(&self, check: Check) -> (Outcome, Vec<String>) {
        let faults = self.faults.get(&check).cloned().unwrap_or_default();
        let warnings = self.warnings.get(&check).cloned().unwrap_or_default();
        match (faults.is_empty(), warnings.is_empty(), self.not_judged.get(&check)) {
            (false, _, _) => (Outcome::Failed, [faults, warnings].concat()),
            (true, false, _) => (Outcome::Warning, warnings),
            (true, true, Some(why)) => (Outcome::NotJudged, vec![why.clone()]),
            (true, true, None) => (Outcome::Ok, Vec::new()),
        }
    }
}

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Content.
    Ok,
    /// Content, but.
    Warning,
    /// Not content.
    Failed,
    /// There was nothing to look at.
    NotJudged,
}

/// A few of the names, and how many more there are.
pub fn a_few<T: Display>(names: impl IntoIterator<Item = T>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| name.to_string()).collect();
    let (shown, rest) = names.split_at_checked(FEW).unwrap_or((&names, &[]));
    let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    shown.join(", ") + &more
}

const FEW: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut() {
        assert_eq!(a_few([1, 2]), "1, 2");
        assert_eq!(a_few(1..=5), "1, 2, 3, 4, 5");
        assert_eq!(a_few(1..=8), "1, 2, 3, 4, 5 and 3 more");
    }
}
