//! All the disks that may be found after a crash, one after the other.

use super::content::Digest;
use super::crash::{CrashKind, CrashState};
use super::disk::Disk;
use super::history::History;
use super::names::Listing;
use super::pattern::{Choice, Fate, Pattern, patterns};
use super::settled::Settled;
use super::trace::{Event, Trace};
use std::collections::VecDeque;
use std::collections::hash_map::{Entry, HashMap};
use std::hash::Hash;
use std::iter;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Which states are made.
#[derive(Clone, Debug)]
pub struct Options {
    /// The crashes.
    pub kinds: Vec<CrashKind>,
    /// For the random subsets.
    pub seed: u64,
    /// How many random subsets of the changes that are not safe, for each crash point and kind.
    pub random_subsets: usize,
    /// How many of the last changes that are not safe are lost, kept and cut one at a time.
    pub window: usize,
    /// A strict file system: a sync of a new file does not make its name safe, only one of its directory does.
    pub only_directories_keep_names: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            kinds: vec![CrashKind::Kill, CrashKind::PowerLoss, CrashKind::LastSyncIgnored],
            seed: 1,
            random_subsets: 8,
            window: 32,
            only_directories_keep_names: false,
        }
    }
}

/// The states, each one once. See [`states`].
pub struct States<'a> {
    trace: &'a Trace,
    options: Options,
    history: History<'a>,
    /// Everything that was done.
    live: Disk,
    live_listing: Arc<Listing>,
    live_mark: u128,
    settled: Settled,
    /// As if the last sync had not been.
    settled_before: Settled,
    last_sync: usize,
    point: usize,
    heard: usize,
    said: usize,
    waiting: VecDeque<Crash>,
    seen: HashMap<Digest, CrashKind>,
    /// The same by what has been done to the disk: found out before the files are made.
    seen_marks: HashMap<(u128, usize), CrashKind>,
    begun: bool,
}

/// A state that is still to be made, at the current point.
struct Crash {
    kind: CrashKind,
    choices: Arc<Vec<Choice>>,
    pattern: Pattern,
}

/// The disks that may be found after each event of the trace. A state that was there before, with as much said, is left
/// out; unless it was found after a worse crash, of which less is expected.
#[must_use]
pub fn states(trace: &Trace, options: Options) -> States<'_> {
    let live = trace.before.clone();
    let settled = Settled::of(live.clone());
    States {
        trace,
        history: History::of(trace, options.only_directories_keep_names),
        live_listing: live.names.listing(),
        live_mark: 0,
        live,
        settled_before: settled.clone(),
        settled,
        last_sync: 0,
        point: 0,
        heard: 0,
        said: 0,
        waiting: VecDeque::new(),
        seen: HashMap::new(),
        seen_marks: HashMap::new(),
        begun: false,
        options,
    }
}

impl<'a> Iterator for States<'a> {
    type Item = CrashState<'a>;

    fn next(&mut self) -> Option<CrashState<'a>> {
        loop {
            while let Some(crash) = self.waiting.pop_front() {
                let events = crash.choices.iter().map(|choice| choice.event);
                let fates: Vec<(usize, Fate)> = events.zip(crash.pattern.fates(&crash.choices)).collect();
                let mark = match crash.kind {
                    CrashKind::Kill => self.live_mark,
                    CrashKind::PowerLoss => self.settled.mark(&self.history, &fates),
                    CrashKind::LastSyncIgnored => self.settled_before.mark(&self.history, &fates),
                };
                if is_new(&mut self.seen_marks, (mark, self.said), crash.kind) {
                    let state = self.state(crash.kind, fates);
                    if is_new(&mut self.seen, state.digest(), crash.kind) {
                        return Some(state);
                    }
                }
            }
            let changed = if self.begun { self.go_on()? } else { true };
            self.begun = true;
            if changed {
                self.crash();
            }
        }
    }
}

impl<'a> States<'a> {
    /// Has every state judged, on several threads at once. The judge gets the number of the thread, from 0 on: each
    /// needs a place of its own to lay states on.
    pub fn judged_on(self, threads: usize, judge: impl Fn(usize, CrashState<'a>) + Sync) {
        let states = Mutex::new(self);
        // One thread makes a state while the others judge.
        let next = || states.lock().unwrap_or_else(PoisonError::into_inner).next();
        thread::scope(|scope| {
            for number in 0..threads {
                let (next, judge) = (&next, &judge);
                scope.spawn(move || iter::from_fn(next).for_each(|state| judge(number, state)));
            }
        });
    }

    /// To the next event. Gives whether more can be lost or is expected after it.
    fn go_on(&mut self) -> Option<bool> {
        let (number, event) = (self.point, self.trace.events().get(self.point)?);
        self.point += 1;
        match event {
            Event::Heard(_) => self.heard += 1,
            Event::Said(_) => self.said += 1,
            Event::Sync { .. } | Event::SyncDirectory { .. } => self.last_sync = number,
            _ => {}
        }
        if let Some(change) = &self.history.changes[number] {
            self.live.apply(change);
            self.live_mark = self.live_mark.wrapping_add(Fate::Kept.mark(number));
            if change.file().is_none() {
                self.live_listing = self.live.names.listing();
            }
        }
        self.settled.go_on(&self.history, self.point, self.point);
        self.settled_before.go_on(&self.history, self.point, self.last_sync);
        Some(!matches!(event, Event::Heard(_)))
    }

    /// Lists the crashes at this point.
    fn crash(&mut self) {
        for kind in self.options.kinds.clone() {
            let choices = match kind {
                CrashKind::Kill => Vec::new(),
                CrashKind::PowerLoss => self.settled.choices(&self.history),
                CrashKind::LastSyncIgnored => self.settled_before.choices(&self.history),
            };
            let salt = self.options.seed ^ ((self.point as u64) << 20 | (kind as u64) << 16).rotate_left(17);
            let dice = (0..self.options.random_subsets as u64).map(|one| salt ^ one);
            let choices = Arc::new(choices);
            for pattern in patterns(&choices, self.options.window, dice) {
                self.waiting.push_back(Crash { kind, choices: choices.clone(), pattern });
            }
        }
    }

    fn state(&self, kind: CrashKind, fates: Vec<(usize, Fate)>) -> CrashState<'a> {
        let (listing, contents) = match kind {
            CrashKind::Kill => (self.live_listing.clone(), self.live.contents(&self.live_listing)),
            CrashKind::PowerLoss => self.settled.with(&self.history, &fates, &self.live),
            CrashKind::LastSyncIgnored => self.settled_before.with(&self.history, &fates, &self.live),
        };
        CrashState {
            point: self.point,
            kind,
            heard: &self.trace.heard()[..self.heard],
            said: &self.trace.said()[..self.said],
            trace: self.trace,
            listing,
            contents,
            fates,
        }
    }
}

/// Whether this was not found before, or only after a worse crash.
fn is_new<K: Eq + Hash>(seen: &mut HashMap<K, CrashKind>, key: K, kind: CrashKind) -> bool {
    match seen.entry(key) {
        Entry::Occupied(before) if *before.get() <= kind => false,
        entry => {
            entry.insert_entry(kind);
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::power_loss::names::Inode;
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    const ROOT: Inode = Inode(0);
    const OTHER: Inode = Inode(1);

    fn file(number: usize) -> Inode {
        Inode(10 + number)
    }

    fn create(number: usize, path: &str) -> Event {
        Event::Create { file: file(number), path: path.into() }
    }

    fn write(number: usize, data: &[u8]) -> Event {
        Event::Write { file: file(number), offset: 0, data: data.to_vec() }
    }

    /// What may be found at the end, after a power loss: paths with their bytes.
    fn ends(events: Vec<Event>, options: Options) -> BTreeSet<Vec<(PathBuf, Vec<u8>)>> {
        let mut before = Disk::default();
        before.names.add_root(Path::new("/r"), ROOT);
        before.names.add_root(Path::new("/s"), OTHER);
        let (last, kinds) = (events.len(), vec![CrashKind::PowerLoss]);
        let trace = Trace::new(before, events, vec![PathBuf::new(); 20]);
        // The same disk may be found earlier: what has been said makes each point new.
        let ends = states(&trace, Options { kinds, ..options }).filter(|state| state.point == last);
        ends.map(|state| state.files().map(|(path, bytes)| (path.to_owned(), bytes)).collect()).collect()
    }

    fn ends_with(mut events: Vec<Event>) -> BTreeSet<Vec<(PathBuf, Vec<u8>)>> {
        events.push(Event::Said("done".to_owned()));
        ends(events, Options::default())
    }

    fn disk(files: &[(&str, &[u8])]) -> Vec<(PathBuf, Vec<u8>)> {
        files.iter().map(|(path, bytes)| (path.into(), bytes.to_vec())).collect()
    }

    #[test]
    fn a_sync_covers_only_what_was_done_when_it_began() {
        let events = vec![create(0, "/r/a"), write(0, b"x"), write(0, b"y"), Event::Sync { file: file(0), covers: 2 }];
        assert_eq!(ends_with(events), [disk(&[("/r/a", b"x")]), disk(&[("/r/a", b"y")])].into());
    }

    #[test]
    fn without_a_sync_a_new_file_may_be_missing_empty_zero_or_whole() {
        let events = vec![create(0, "/r/a"), write(0, b"xy")];
        let found = [disk(&[]), disk(&[("/r/a", b"")]), disk(&[("/r/a", b"\0\0")]), disk(&[("/r/a", b"xy")])];
        assert_eq!(ends_with(events), found.into());
    }

    #[test]
    fn a_write_over_two_sectors_may_be_there_by_half() {
        let (old, new) = ([vec![1; 512], vec![1; 512]], [vec![2; 512], vec![2; 512]]);
        let sync = Event::Sync { file: file(0), covers: 2 };
        let events = vec![create(0, "/r/a"), write(0, &old.concat()), sync, write(0, &new.concat())];
        let halves = [[&old[0], &old[1]], [&old[0], &new[1]], [&new[0], &old[1]], [&new[0], &new[1]]];
        let found = halves.map(|[first, second]| disk(&[("/r/a", &[first.as_slice(), second].concat())]));
        assert_eq!(ends_with(events), found.into());
    }

    #[test]
    fn a_rename_between_directories_needs_both_of_them_synced() {
        let moved = |syncs: &[Inode]| {
            let mut events = vec![create(0, "/r/a"), Event::Sync { file: file(0), covers: 1 }];
            events.push(Event::Rename { from: "/r/a".into(), to: "/s/b".into() });
            events.extend(syncs.iter().map(|directory| Event::SyncDirectory { directory: *directory, covers: 3 }));
            ends_with(events)
        };
        let (old, new) = (disk(&[("/r/a", b"")]), disk(&[("/s/b", b"")]));
        assert_eq!(moved(&[OTHER]), [old.clone(), new.clone()].into());
        assert_eq!(moved(&[ROOT]), [old, new.clone()].into());
        assert_eq!(moved(&[OTHER, ROOT]), [new].into());
    }

    #[test]
    fn a_strict_file_system_loses_the_name_of_a_synced_file() {
        let events = || {
            let sync = Event::Sync { file: file(0), covers: 2 };
            vec![create(0, "/r/a"), write(0, b"x"), sync, Event::Said("done".to_owned())]
        };
        let whole = disk(&[("/r/a", b"x")]);
        assert_eq!(ends(events(), Options::default()), [whole.clone()].into());
        let strict = Options { only_directories_keep_names: true, ..Options::default() };
        assert_eq!(ends(events(), strict), [whole, disk(&[])].into());
    }

    #[test]
    fn a_file_cut_off_without_a_sync_may_have_its_bytes_again() {
        let synced = |covers| Event::Sync { file: file(0), covers };
        let events = vec![create(0, "/r/a"), write(0, b"xyz"), synced(2), Event::Truncate { file: file(0), length: 1 }];
        assert_eq!(ends_with(events), [disk(&[("/r/a", b"x")]), disk(&[("/r/a", b"xyz")])].into());
    }

    #[test]
    fn what_was_found_after_a_worse_crash_is_found_again_after_a_better_one() {
        let mut before = Disk::default();
        before.names.add_root(Path::new("/r"), ROOT);
        let trace = Trace::new(before, vec![create(0, "/r/a")], vec![PathBuf::new(); 20]);
        // The worse one is looked at first.
        let kinds = vec![CrashKind::LastSyncIgnored, CrashKind::Kill];
        let found = states(&trace, Options { kinds, ..Options::default() });
        let empty: Vec<_> =
            found.filter(|state| state.files().count() == 0).map(|state| (state.point, state.kind)).collect();
        assert_eq!(empty, [(0, CrashKind::LastSyncIgnored), (0, CrashKind::Kill)]);
    }
}
