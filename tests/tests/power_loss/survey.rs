//! Every crash of a conversation, inspected and counted.

use crate::books::Told;
use crate::inspection::{Verdict, Wrong, inspect};
use crate::scene::{FIRST_BOOT, Place, SECOND_BOOT, Scene};
use bezant_tests::power_loss::{CrashKind, CrashState, Options, Trace, bench, states};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::num::NonZero;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What was found in the states of a conversation.
#[derive(Default)]
pub struct Survey {
    pub states: BTreeMap<CrashKind, usize>,
    pub refused: BTreeMap<(CrashKind, &'static str), usize>,
    /// How often, and the first of them.
    pub violations: BTreeMap<(CrashKind, Wrong), (usize, String)>,
    pub excused: BTreeMap<Wrong, (usize, String)>,
    took: Duration,
}

/// In which start of the device a disk is looked at.
pub type Boots = fn(CrashKind) -> &'static str;

/// A process that is killed leaves its device running.
pub fn honest_boots(kind: CrashKind) -> &'static str {
    if kind == CrashKind::Kill { FIRST_BOOT } else { SECOND_BOOT }
}

impl Survey {
    /// Looks at all states.
    pub fn of(scene: &Scene, trace: &Trace, options: Options, boots: Boots) -> Self {
        let (began, threads) = (Instant::now(), thread::available_parallelism().map_or(1, NonZero::get));
        let benches: Vec<_> = (0..threads).map(|_| bench().unwrap()).collect();
        let (found, told) = (Mutex::new(Self::default()), Mutex::new(HashMap::new()));
        states(trace, options).judged_on(threads, |thread, state| {
            let place = Place::in_directory(benches[thread].path());
            place.take_in(scene, &state);
            let known = || Arc::new(Told::of(&scene.earlier, state.heard, state.said));
            let lines = (state.heard.len(), state.said.len());
            let told = told.lock().unwrap().entry(lines).or_insert_with(known).clone();
            let verdict = inspect(&place, state.kind, boots(state.kind), &told);
            found.lock().unwrap().enter(&state, verdict);
        });
        let mut survey = found.into_inner().unwrap();
        survey.took = began.elapsed();
        survey
    }

    fn enter(&mut self, state: &CrashState, verdict: Verdict) {
        *self.states.entry(state.kind).or_default() += 1;
        if let Some(code) = verdict.refused {
            *self.refused.entry((state.kind, code.as_str())).or_default() += 1;
        }
        let story = |what: String| move || (0, format!("{what}: {state}"));
        for (wrong, what) in verdict.excused {
            self.excused.entry(wrong).or_insert_with(story(what)).0 += 1;
        }
        for (wrong, what) in verdict.violations {
            let first = story(what);
            self.violations.entry((state.kind, wrong)).or_insert_with(first).0 += 1;
        }
    }

    pub fn count(&self) -> usize {
        self.states.values().sum()
    }

    /// Whether this is wrong after a crash of this kind.
    pub fn has(&self, kind: CrashKind, wrong: Wrong) -> bool {
        self.violations.contains_key(&(kind, wrong))
    }

    pub fn is_clean(&self, name: &str) {
        println!("{name}: {self}");
        for (wrong, (_, first)) in &self.excused {
            let first: String = first.lines().next().unwrap_or_default().chars().take(200).collect();
            println!("  excused {wrong:?}, first: {first}");
        }
        for ((kind, wrong), (times, first)) in &self.violations {
            println!("VIOLATION {kind:?} {wrong:?}, {times} times, first: {first}");
        }
        assert!(self.violations.is_empty(), "{name}: {:?}", self.violations.keys());
    }
}

impl fmt::Display for Survey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let violations: usize = self.violations.values().map(|(times, _)| times).sum();
        write!(out, "{} states in {:.1} s {:?}, ", self.count(), self.took.as_secs_f32(), self.states)?;
        let excused: BTreeMap<_, _> = self.excused.iter().map(|(wrong, (times, _))| (wrong, times)).collect();
        write!(out, "{violations} violations, refused {:?}, excused {excused:?}", self.refused)
    }
}
