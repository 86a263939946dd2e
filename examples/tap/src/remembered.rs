//! What was found in the folder of a kept wallet, for people and for programs.

use std::fmt::Write;
use std::ops::RangeInclusive;
use std::sync::Arc;

use bezant::cdcvm::VelocityCounters;
use bezant::emv::CvmModel;
use bezant::wallet::CompletedTap;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::money::money;
use crate::show::model_name;

/// A wallet as it was when its folder was opened.
pub(crate) struct Remembered {
    /// The folder.
    pub(crate) folder: String,
    /// What the wallet insists on.
    pub(crate) model: CvmModel,
    /// There was no card.
    pub(crate) is_new: bool,
    /// How many taps of earlier runs the wallet knows.
    pub(crate) taps: usize,
    /// The last of them.
    pub(crate) last: Option<Arc<CompletedTap>>,
    /// How many credentials were left.
    pub(crate) credentials: usize,
    /// What low-value payments had come to.
    pub(crate) counters: VelocityCounters,
    /// The counters of the credentials that the issuer has added since.
    pub(crate) issued: Option<RangeInclusive<u16>>,
}

impl Remembered {
    /// How many credentials there are now.
    pub(crate) fn left(&self) -> usize {
        self.credentials + self.issued.as_ref().map_or(0, ExactSizeIterator::len)
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let Self { folder, taps, credentials, .. } = self;
        let model = model_name(self.model);
        let mut page = String::new();
        // Writing to a String cannot fail.
        let _ = match (&self.last, self.is_new) {
            (_, true) => {
                writeln!(page, "The wallet in {folder} is new; a token service has made its card, model {model}.")
            }
            (None, false) => writeln!(page, "The wallet in {folder}, model {model}, remembers its card, and no tap."),
            (Some(last), false) => {
                let CompletedTap { number, outcome, .. } = &**last;
                let plural = if *taps == 1 { "tap" } else { "taps" };
                let when = clock_time(last.began.unix_ms);
                writeln!(
                    page,
                    "The wallet in {folder}, model {model}, remembers {taps} {plural} of earlier runs; the last one was \
                     number {number},\n{when}: {outcome:?}{}.",
                    last.decision.map(|decision| format!(" ({decision})")).unwrap_or_default()
                )
            }
        };
        if !self.is_new {
            let VelocityCounters { consecutive_lvt, cumulative_lvt } = self.counters;
            let sum = money(cumulative_lvt, 2);
            let plural = if *credentials == 1 { "credential" } else { "credentials" };
            let _ = writeln!(
                page,
                "{credentials} {plural} had been left, low-value counters stood at {consecutive_lvt} and {sum}."
            );
        }
        if let Some(issued) = &self.issued {
            let (number, from, to) = (issued.len(), issued.start(), issued.end());
            let _ = writeln!(
                page,
                "The issuer has added {number} single-use keys, counters {from} to {to}: {} are left.",
                self.left()
            );
        }
        let _ = write!(page, "Until this run ends, a second program is refused the folder (STORAGE_IN_USE).");
        page
    }

    /// For programs.
    pub(crate) fn json(&self) -> Value {
        let last = self.last.as_ref().map(|last| {
            json!({
                "number": last.number,
                "began_unix_ms": last.began.unix_ms,
                "outcome": format!("{:?}", last.outcome),
                "amount": last.transaction.and_then(|facts| facts.amount).map(|amount| amount.minor_units()),
                "currency": last.transaction.and_then(|facts| facts.currency).map(|code| code.to_string()),
            })
        });
        json!({ "state": {
            "folder": self.folder,
            "model": format!("{:?}", self.model),
            "is_new": self.is_new,
            "taps_remembered": self.taps,
            "last_tap": last,
            "counters": {
                "consecutive_lvt": self.counters.consecutive_lvt,
                "cumulative_lvt": self.counters.cumulative_lvt,
            },
            "credentials_found": self.credentials,
            "credentials_issued": self.issued.as_ref().map(|issued| [*issued.start(), *issued.end()]),
            "credentials_left": self.left(),
        }})
    }
}

fn clock_time(unix_ms: u64) -> String {
    let seconds = i64::try_from(unix_ms / 1_000).unwrap_or_default();
    let time = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    format!("{} {:02}:{:02}:{:02}", time.date(), time.hour(), time.minute(), time.second())
}
