//! The power-loss laboratory finds what is known of programs that are killed, and of disks without power.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use bezant_tests::power_loss::{
    Conversation, CrashKind, CrashState, Event, LaboratoryError, Mark, Options, Trace, bench, states,
};
use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use tempfile::TempDir;

/// A write-ahead log without shared memory, and more pragmas.
fn wal<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["locking_mode=exclusive", "journal_mode=wal"], more].concat()
}

/// The program and where its files are.
struct Scene {
    directory: TempDir,
    conversation: Conversation,
}

impl Scene {
    /// The program with its files there.
    fn prepared(way: &str, how: &[&str], numbers: impl IntoIterator<Item = u32>) -> Self {
        let scene = Self::new(way, how, numbers);
        let mut program = Command::new(env!("CARGO_BIN_EXE_spender"));
        let status = program.arg(way).arg(root_in(&scene.directory)).args(how).stdin(Stdio::null()).status().unwrap();
        assert!(status.success());
        scene
    }

    fn new(way: &str, how: &[&str], numbers: impl IntoIterator<Item = u32>) -> Self {
        let directory = bench().unwrap();
        let root = root_in(&directory);
        fs::create_dir(&root).unwrap();
        let program = Conversation::with(env!("CARGO_BIN_EXE_spender")).root(&root).argument(way).argument(&root);
        let program = how.iter().fold(program, |program, word| program.argument(word));
        let conversation =
            numbers.into_iter().fold(program, |program, number| program.request(format!("spend {number}")));
        Self { directory, conversation }
    }

    fn trace(&self) -> Trace {
        self.conversation.trace().unwrap_or_else(|error| panic!("{error}"))
    }

    fn path(&self, name: &str) -> PathBuf {
        root_in(&self.directory).canonicalize().unwrap().join(name)
    }

    /// Lays each state out and looks for what was answered but is not there; gives the violations found.
    fn violations(&self, trace: &Trace, options: Options, find: Find) -> Violations {
        let places = [bench().unwrap(), bench().unwrap()];
        let found = Mutex::new(Violations::default());
        states(trace, options).judged_on(places.len(), |thread, state| {
            let place = places[thread].path();
            state.write_to(&[(self.path(""), place.to_owned())]).unwrap();
            let used = find(place);
            found.lock().unwrap().judge(&state, used);
        });
        found.into_inner().unwrap()
    }

    /// Kills the program at every call; panics where an answer is lost. Gives the number of runs.
    fn survives_every_kill(&self, find: Find) -> usize {
        let kills = self.conversation.kill_at_every_call(|killed| {
            let used = find(&killed.roots[0]).unwrap();
            let story = || format!("{} {}: said {:?}, {used:?}", killed.call, killed.time, killed.said);
            assert!(numbers(killed.said).is_subset(&used), "{}", story());
            assert!(used.is_subset(&numbers(killed.asked)), "{}", story());
        });
        kills.unwrap_or_else(|error| panic!("{error}"))
    }
}

/// Below the directory, so that what a program puts beside its root goes away as well.
fn root_in(directory: &TempDir) -> PathBuf {
    directory.path().join("root")
}

/// Finds what is used, as the program would when it starts again.
type Find = fn(&Path) -> Result<BTreeSet<u32>, String>;

/// What was found in the states.
#[derive(Default)]
struct Violations {
    states: usize,
    /// Disks that cannot be read.
    unreadable: Vec<String>,
    /// Used without having been asked for.
    invented: Vec<String>,
    /// Disks that lack an answered one, with the number of those that they lack, by the last answers.
    lost: Vec<(CrashKind, Vec<usize>, String)>,
}

impl Violations {
    fn judge(&mut self, state: &CrashState, used: Result<BTreeSet<u32>, String>) {
        self.states += 1;
        let used = match used {
            Ok(used) => used,
            Err(error) => return self.unreadable.push(format!("{error}: {state}")),
        };
        if !used.is_subset(&numbers(state.heard)) {
            self.invented.push(state.to_string());
        }
        let answered = state.said.iter().rev().enumerate();
        let lost: Vec<usize> = answered.filter(|(_, line)| !used.contains(&number(line))).map(|(age, _)| age).collect();
        if !lost.is_empty() {
            self.lost.push((state.kind, lost, state.to_string()));
        }
    }

    fn are_none(&self) {
        assert!(self.states > 20, "only {} states", self.states);
        assert_eq!((self.unreadable.first(), self.invented.first(), self.lost.first()), (None, None, None));
    }
}

fn number(line: &str) -> u32 {
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

fn numbers(lines: &[String]) -> BTreeSet<u32> {
    lines.iter().map(|line| number(line)).collect()
}

fn in_database(directory: &Path) -> Result<BTreeSet<u32>, String> {
    let used = || -> rusqlite::Result<Result<BTreeSet<u32>, String>> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let database = Connection::open_with_flags(directory.join("things.db"), flags)?;
        database.execute_batch("PRAGMA locking_mode=exclusive; PRAGMA synchronous=off")?;
        let intact: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        if intact != "ok" {
            return Ok(Err(intact));
        }
        let tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'thing'";
        if database.query_row(tables, [], |row| row.get::<_, u32>(0))? == 0 {
            return Ok(Ok(BTreeSet::new()));
        }
        let mut rows = database.prepare("SELECT number FROM thing WHERE used = 1")?;
        let used = rows.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(Ok(used))
    };
    used().map_err(|error| error.to_string())?
}

fn in_current(directory: &Path) -> Result<BTreeSet<u32>, String> {
    let text = fs::read_to_string(directory.join("current")).unwrap_or_default();
    text.lines().map(|line| line.parse().map_err(|_| format!("{line:?} is no number"))).collect()
}

fn only(kinds: &[CrashKind]) -> Options {
    Options { kinds: kinds.to_vec(), ..Options::default() }
}

/// Disks that carry out what they are told, and programs that are killed.
const HONEST: [CrashKind; 2] = [CrashKind::Kill, CrashKind::PowerLoss];
const LYING: [CrashKind; 1] = [CrashKind::LastSyncIgnored];

#[test]
fn a_full_wal_loses_no_answer_and_on_a_disk_that_ignores_a_sync_only_the_last() {
    let scene = Scene::new("database", &wal(&["synchronous=full"]), 1..=5);
    let trace = scene.trace();
    scene.violations(&trace, only(&HONEST), in_database).are_none();
    let scene = Scene::prepared("database", &wal(&["synchronous=full"]), 1..=5);
    let trace = scene.trace();
    scene.violations(&trace, only(&HONEST), in_database).are_none();
    let lying = scene.violations(&trace, only(&LYING), in_database);
    assert_eq!((lying.unreadable.first(), lying.invented.first()), (None, None));
    assert!(!lying.lost.is_empty());
    assert!(lying.lost.iter().all(|(_, lost, _)| *lost == [0]), "{:?}", lying.lost);
    assert!(scene.survives_every_kill(in_database) > 20);
}

#[test]
fn checkpoints_and_a_close_lose_nothing_but_on_a_disk_that_ignores_a_sync() {
    let scene = Scene::new("database", &wal(&["synchronous=full", "wal_autocheckpoint=4", "close"]), 1..=4);
    let trace = scene.trace();
    scene.violations(&trace, only(&HONEST), in_database).are_none();
    let lying = scene.violations(&trace, only(&LYING), in_database);
    let older = lying.lost.iter().any(|(_, lost, _)| lost.len() > 1);
    assert!(
        older || !lying.unreadable.is_empty(),
        "a checkpoint that was not synced, its log begun anew, lost nothing"
    );
    assert!(scene.survives_every_kill(in_database) > 20);
}

#[test]
fn a_wal_with_fewer_syncs_loses_answers_to_a_power_loss_but_not_to_a_kill() {
    for synchronous in ["synchronous=normal", "synchronous=off"] {
        let scene = Scene::new("database", &wal(&[synchronous]), 1..=4);
        let trace = scene.trace();
        let lost = scene.violations(&trace, only(&HONEST), in_database).lost;
        assert!(lost.iter().any(|(_, lost, _)| lost.len() > 1), "{synchronous}");
        assert!(lost.iter().all(|(kind, ..)| *kind == CrashKind::PowerLoss), "{synchronous}: {lost:?}");
        assert!(scene.survives_every_kill(in_database) > 10, "{synchronous}");
    }
}

#[test]
fn a_rollback_journal_needs_its_directory_synced_after_it_is_gone() {
    let full = Scene::new("database", &["journal_mode=delete", "synchronous=full"], 1..=2);
    let lost = full.violations(&full.trace(), only(&HONEST), in_database).lost;
    assert!(!lost.is_empty() && lost.iter().all(|(_, lost, _)| *lost == [0]), "{lost:?}");
    let extra = Scene::new("database", &["journal_mode=delete", "synchronous=extra"], 1..=2);
    extra.violations(&extra.trace(), only(&HONEST), in_database).are_none();
}

#[test]
fn a_rename_without_a_sync_of_the_directory_is_lost() {
    let careless = Scene::new("rename", &[], 1..=3);
    let lost = careless.violations(&careless.trace(), only(&HONEST), in_current).lost;
    assert!(
        lost.iter().any(|(_, lost, _)| *lost == [0, 1, 2]) && lost.iter().any(|(_, lost, _)| *lost == [0]),
        "{lost:?}"
    );
    assert!(lost.iter().all(|(kind, ..)| *kind == CrashKind::PowerLoss));
    let careful = Scene::new("rename", &["sync-directory"], 1..=3);
    careful.violations(&careful.trace(), only(&HONEST), in_current).are_none();
    assert!(careful.survives_every_kill(in_current) > 9);
}

#[test]
fn between_a_request_and_its_answer_stand_its_writes_and_then_its_sync() {
    for (synchronous, syncs) in [("synchronous=full", 1), ("synchronous=normal", 0)] {
        let scene = Scene::new("database", &wal(&[synchronous]), 1..=3);
        let trace = scene.trace();
        for request in 0..3 {
            let events = trace.calls_between(Mark::Heard(request), Mark::Said(request)).unwrap();
            let is_sync = |event: &&Event| matches!(event, Event::Sync { .. });
            assert_eq!(events.iter().filter(is_sync).count(), syncs, "{events:?}");
            assert_eq!(events.iter().rev().take_while(is_sync).count(), syncs, "the sync comes last: {events:?}");
            let written = events.iter().filter_map(|event| match event {
                Event::Write { file, .. } => trace.path(*file).file_name(),
                _ => None,
            });
            assert!(written.filter(|name| *name == "things.db-wal").count() > 2);
        }
        assert_eq!(trace.calls_between(Mark::Said(0), Mark::Heard(1)), Some(&[][..]));
        assert_eq!(trace.calls_between(Mark::Said(1), Mark::Heard(1)), None);
        assert_eq!(trace.calls_between(Mark::Heard(2), Mark::Said(3)), None);
    }
}

#[test]
fn every_way_to_write_is_followed() {
    // The trace is refused where it does not lead to the files that are there.
    let scene = Scene::new("files", &[], [0, 1, 2, 3, 4, 5, 0]);
    let trace = scene.trace();
    let last = states(&trace, only(&[CrashKind::Kill])).last().unwrap();
    assert_eq!(last.read(&scene.path("file")).unwrap(), b"0123456789");
    assert_eq!(last.files().count(), 4);
    let third = states(&trace, only(&[CrashKind::Kill])).find(|state| state.said.len() == 3).unwrap();
    assert_eq!(third.read(&scene.path("file")).unwrap(), b"01xxyy67zzadef");
}

#[test]
fn syncs_of_many_threads_make_safe_what_stood_before_them() {
    let scene = Scene::new("files", &[], [4]);
    let trace = scene.trace();
    for (number, event) in trace.events().iter().enumerate() {
        let Event::Sync { file, covers } = event else { continue };
        assert!(*covers <= number);
        let written = |event: &Event| matches!(event, Event::Write { file: other, .. } if other == file);
        assert!(!trace.events()[*covers..number].iter().any(written), "its own thread waits for it");
    }
}

#[test]
fn what_is_not_modelled_is_refused() {
    let refused = |scene: Scene, call: &str| match scene.conversation.trace() {
        Err(LaboratoryError::NotModelled(text)) => assert!(text.contains(call), "{text}"),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("{call} is not refused"),
    };
    refused(Scene::new("database", &["journal_mode=wal"], 1..=1), "MAP_SHARED");
    refused(Scene::new("files", &[], [0, 6]), "copy_file_range");
    refused(Scene::new("files", &[], [0, 7]), "link");
    refused(Scene::new("files", &[], [0, 8]), "rename");
    refused(Scene::new("files", &[], [9]), "chdir");
}

#[test]
fn without_strace_the_package_to_install_is_named() {
    let scene = Scene::new("files", &[], [0]);
    let without = scene.conversation.variable("PATH", "/nowhere");
    for error in [without.trace().err(), without.kill_at_every_call(|_| {}).err()] {
        assert!(error.unwrap().to_string().contains("Debian package strace"));
    }
}

#[test]
fn a_program_that_fails_by_itself_is_told_apart_from_one_that_is_killed() {
    let scene = Scene::new("files", &[], [1]);
    for error in [scene.conversation.trace().err(), scene.conversation.kill_at_every_call(|_| {}).err()] {
        let text = error.unwrap().to_string();
        assert!(text.contains("exit status: 101") && text.contains("No such file"), "{text}");
    }
}

#[test]
fn equal_seeds_give_equal_states_and_none_comes_twice() {
    let scene = Scene::new("database", &wal(&["synchronous=normal"]), 1..=2);
    let trace = scene.trace();
    let all = |seed| -> Vec<_> {
        let options = Options { seed, random_subsets: 20, ..only(&[CrashKind::PowerLoss]) };
        let seen = |state: CrashState<'_>| {
            (state.said.len(), state.files().map(|(path, bytes)| (path.to_owned(), bytes)).collect::<Vec<_>>())
        };
        states(&trace, options).map(seen).collect()
    };
    let (first, again, other) = (all(1), all(1), all(2));
    assert!(first == again && first != other);
    assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), first.len());
}
