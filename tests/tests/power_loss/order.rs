//! What stands between a reader's command and its answer.

use crate::books::{approved, is_generate_ac, is_select_ppse, read};
use crate::scene::Scene;
use bezant_tests::power_loss::{Event, Mark, Trace};
use std::collections::BTreeMap;

/// Two taps in peace, one that is torn with another right after it, and one more.
fn paced_taps() -> Scene {
    let scene = Scene::new().set_up().with_card("card-1", 1..=12).quiet().paced(PACE_MS);
    let scene = scene.tap().pause(PACE_MS).tap().pause(PACE_MS).torn_tap().pause(PACE_MS).tap();
    scene.pause(PACE_MS).tap().quiet().tap().quiet()
}

/// One tap that was approved: its SELECT PPSE, its GENERATE AC, and whether the tap before was torn.
struct Tap {
    select: usize,
    generate_ac: usize,
    is_after_torn: bool,
}

fn taps(trace: &Trace) -> Vec<Tap> {
    let (mut taps, mut select, mut is_after_torn) = (Vec::new(), None, false);
    for (number, line) in trace.heard().iter().enumerate() {
        let request = read(line);
        if is_select_ppse(&request) {
            is_after_torn = select.replace(number).is_some();
        } else if is_generate_ac(&request) {
            approved(&trace.said()[number]).expect("it pays");
            taps.push(Tap { select: select.take().unwrap(), generate_ac: number, is_after_torn });
        }
    }
    taps
}

fn is_disk(event: &Event) -> bool {
    !matches!(event, Event::Heard(_) | Event::Said(_))
}

fn changes(event: &Event) -> bool {
    is_disk(event) && !matches!(event, Event::Sync { .. } | Event::SyncDirectory { .. })
}

impl Tap {
    /// Whether a reservation is written to the log and synced, and nothing more, before the GENERATE AC comes.
    fn reserves_in_time(&self, trace: &Trace) -> bool {
        let (from, to) = (trace.position(Mark::Heard(self.select)), trace.position(Mark::Heard(self.generate_ac)));
        let (from, to) = (from.unwrap(), to.unwrap());
        let is_log = |file| trace.path(file).extension().is_some_and(|extension| extension == "db-wal");
        let written = |event: &Event| matches!(event, Event::Write { file, .. } if is_log(*file));
        let last = trace.events()[from..to].iter().rposition(written).map(|last| from + last);
        let Some(last) = last else { return self.is_after_torn };
        let covers = |event: &Event| matches!(event, Event::Sync { file, covers } if is_log(*file) && *covers > last);
        trace.events()[last..to].iter().any(covers)
    }

    /// Whether the answer waits for no file.
    fn answers_at_once(&self, trace: &Trace) -> bool {
        let between = trace.calls_between(Mark::Heard(self.generate_ac), Mark::Said(self.generate_ac)).unwrap();
        !between.iter().any(is_disk)
    }

    /// Whether the vault is left alone from the first command to the answer, but for its anchor.
    fn vault_changes(&self, trace: &Trace) -> usize {
        let between = trace.calls_between(Mark::Heard(self.select), Mark::Said(self.generate_ac)).unwrap();
        let of_vault = |event: &&Event| match event {
            Event::Write { file, .. } | Event::Sync { file, .. } => {
                trace.path(*file).parent().is_some_and(|parent| parent.ends_with("vault"))
            }
            _ => false,
        };
        between.iter().filter(of_vault).count()
    }
}

/// On a machine that is busy with other things anything may come late: it is asked again.
fn traced(scene: &Scene, holds: impl Fn(&Trace) -> bool) -> Trace {
    let mut trace = scene.trace();
    for _ in 1..ATTEMPTS {
        if holds(&trace) {
            break;
        }
        trace = scene.trace();
    }
    trace
}

#[test]
fn s2_055_no_write_and_no_sync_stands_between_generate_ac_and_its_answer() {
    let scene = paced_taps();
    let all = |trace: &Trace| taps(trace).iter().all(|tap| tap.answers_at_once(trace) && tap.reserves_in_time(trace));
    let trace = traced(&scene, all);
    let taps = taps(&trace);
    assert_eq!(taps.len(), 5);
    print_table(&trace, &taps);
    for tap in &taps {
        assert!(tap.answers_at_once(&trace), "GENERATE AC of request {}", tap.generate_ac);
        assert!(tap.reserves_in_time(&trace), "no durable reservation before request {}", tap.generate_ac);
        assert!(tap.vault_changes(&trace) <= 2, "the anchor is one write and one sync");
    }
    assert_eq!(taps.iter().filter(|tap| tap.is_after_torn).count(), 1);
    let careless = trace.without_syncs_of(|path| path.ends_with("store.db-wal"));
    assert!(taps.iter().all(|tap| tap.is_after_torn || !tap.reserves_in_time(&careless)));
}

fn print_table(trace: &Trace, taps: &[Tap]) {
    println!("{:<34}{:>8}{:>8}", "of a whole tap", "writes", "syncs");
    let mut table: BTreeMap<(usize, &str), (usize, usize)> = BTreeMap::new();
    let whole: Vec<&Tap> = taps.iter().filter(|tap| !tap.is_after_torn).collect();
    for tap in &whole {
        for request in tap.select..=tap.generate_ac + 2 {
            let Some(all) = trace.position(Mark::Heard(request)) else { continue };
            let said = trace.position(Mark::Said(request)).unwrap();
            let next = trace.position(Mark::Heard(request + 1)).unwrap_or(trace.events().len());
            let line = read(&trace.heard()[request]);
            let name = match line["hex"].as_str().map(|hex| &hex[..4]) {
                Some("00A4") if request == tap.select => "1 SELECT PPSE",
                Some("00A4") => "2 SELECT AID",
                Some("80A8") => "3 GET PROCESSING OPTIONS",
                Some("80AE") => "4 GENERATE AC",
                _ if line["op"] == "pause" => "  pause of 20 ms, then",
                _ => "5 field off",
            };
            for (place, events) in [(0, &trace.events()[all..said]), (1, &trace.events()[said..next])] {
                let entry = table.entry((2 * (request - tap.select) + place, name)).or_default();
                entry.0 += events.iter().filter(|event| changes(event)).count();
                entry.1 += events.iter().filter(|event| is_disk(event) && !changes(event)).count();
            }
        }
    }
    let mean = |sum: usize| sum as f64 / whole.len() as f64;
    for ((place, name), (writes, syncs)) in table.iter().filter(|((place, _), row)| place % 2 == 0 || row.1 > 0) {
        let name = if place % 2 == 0 { (*name).to_owned() } else { format!("{name}, after the answer") };
        println!("{name:<34}{:>8.1}{:>8.1}", mean(*writes), mean(*syncs));
    }
    let between = |from, to| {
        trace.calls_between(from, to).unwrap().iter().filter(|event| is_disk(event) && !changes(event)).count()
    };
    let vault: Vec<usize> = taps.iter().map(|tap| tap.vault_changes(trace)).collect();
    let syncs: Vec<usize> =
        taps.iter().map(|tap| between(Mark::Heard(tap.select), Mark::Said(tap.generate_ac))).collect();
    println!(
        "syncs from SELECT PPSE to the answer of GENERATE AC, tap by tap: {syncs:?}; of the vault, with writes: {vault:?}"
    );
}

const PACE_MS: u64 = 20;
const ATTEMPTS: usize = 5;
