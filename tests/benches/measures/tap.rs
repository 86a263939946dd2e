//! A whole tap through the public face, SELECT PPSE to GENERATE AC without CDA: its time; and what is the same on every
//! machine, so that a goal that is missed there is a failure: its heap, its growth over a million taps, its bytes on the air.

use crate::measuring::{Contender, Goal, Table, take_turns};
use crate::reference_tap::ReferenceTap;
use bezant::apdu::{Reply, StatusWord};
use bezant::card::{Card, CardApplication, CardOptions, Handled, TapOutcome, Verdict};
use bezant_tests::{Generation, Syn1, bytes};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Gives whether heap, growth and bytes are as they should be.
pub(crate) fn run() -> bool {
    time();
    let judged = [heap(), growth(), on_the_air()];
    judged.iter().all(|well| *well)
}

fn time() {
    let table = Table::begin("A tap of eight commands without CDA, ledger in memory");
    let tap = ReferenceTap::new();
    let [whole, answer] = take_turns(
        40,
        10,
        [
            Contender::new(|| tap.pay()),
            Contender::in_batches(|number| (0..number).map(|_| time_of_generate_ac(&tap)).sum()),
        ],
    );
    table.time("the whole tap, phone taken away", whole);
    table.time("GENERATE AC alone", answer);
}

fn time_of_generate_ac(tap: &ReferenceTap) -> Duration {
    let (last, before) = tap.commands().split_last().unwrap();
    before.iter().for_each(|command| _ = black_box(tap.send(command)));
    let started = Instant::now();
    let answer = tap.send(last);
    let took = started.elapsed();
    _ = black_box(answer);
    tap.take_away();
    took
}

fn heap() -> bool {
    let table = Table::begin("Heap allocations");
    let tap = ReferenceTap::new();
    tap.pay();
    let allocations = |command: &Vec<u8>| {
        let counted = allocation_counter::measure(|| _ = black_box(tap.send(command)));
        counted.count_total as f64
    };
    let each: Vec<f64> = tap.commands().iter().map(allocations).collect();
    let away = allocation_counter::measure(|| tap.take_away()).count_total as f64;
    let (generate_ac, before) = each.split_last().unwrap();
    let (select_ppse, between) = before.split_first().unwrap();
    table.number("SELECT PPSE (the tap begins)", *select_ppse, "", Goal::Told);
    let none = Goal::AtMost(0.0);
    let reading = table.number("SELECT, GET PROCESSING OPTIONS, READ RECORD", between.iter().sum(), "", none);
    table.number("GENERATE AC (the tap is settled)", *generate_ac, "", Goal::Told);
    table.number("phone taken away", away, "", Goal::Told);
    let whole = select_ppse + generate_ac;
    let few = table.number("all of a tap", whole, "", Goal::AtMost(FEW));
    reading & few & table.number("the card alone, every command, its keys given", of_the_card_alone(), "", none)
}

/// What the rooms `card` and `crypto` take from the heap.
fn of_the_card_alone() -> f64 {
    let card = Card::issue(Syn1::profile(Generation::V1), &CardOptions::default()).unwrap();
    let (mut application, mut reply) = (CardApplication::new(Arc::new(card)), Reply::new());
    let commands = [Syn1::SELECT_PPSE, Syn1::SELECT_AID, Syn1::GPO].into_iter().chain(Syn1::READ_RECORDS).map(bytes);
    let (commands, last) = (commands.collect::<Vec<_>>(), bytes(Syn1::ARQC_CDA));
    let keys = Syn1::session_keys(1);
    let counted = allocation_counter::measure(|| {
        for command in &commands {
            application.handle(command, &mut reply);
            assert_eq!(reply.status(), StatusWord::NORMAL);
        }
        let Handled::Ask(asked) = application.handle(&last, &mut reply) else { panic!("the card asks") };
        let conclusion =
            application.conclude(asked, Verdict::Proceed { keys, random: None, cdcvm_done: true }, &mut reply);
        assert_eq!(conclusion.outcome, TapOutcome::AuthorizeOnline);
    });
    counted.count_total as f64
}

fn growth() -> bool {
    let table = Table::begin("A million taps, counted in one process");
    // A card lives for 65,535 credentials, so there are several, one after the other.
    let (mut taps, mut bytes, mut blocks) = (0, 0, 0);
    while taps < TAPS {
        let mut tap = ReferenceTap::new();
        // The history is full, and every collection has had its room.
        let mut life = |refills: u32| {
            let mut grown = (0, 0);
            for _ in 0..refills {
                let issued = tap.issue(REFILL);
                let counted = allocation_counter::measure(|| {
                    tap.load(&issued);
                    (0..REFILL).for_each(|_| tap.pay());
                });
                grown = (grown.0 + counted.bytes_current, grown.1 + counted.count_current);
            }
            grown
        };
        life(2);
        let grown = life(REFILLS);
        taps += u32::from(REFILL) * REFILLS;
        bytes += grown.0;
        blocks += grown.1;
    }
    table.number("taps", f64::from(taps), "", Goal::AtLeast(f64::from(TAPS)));
    let bytes = table.number("bytes held afterwards beyond before", bytes as f64, "", Goal::AtMost(0.0));
    bytes & table.number("blocks held afterwards beyond before", blocks as f64, "", Goal::AtMost(0.0))
}

fn on_the_air() -> bool {
    let table = Table::begin("On the air, commands and answers of a whole tap with the sandbox's card");
    let tap = ReferenceTap::new();
    let mut well = true;
    for (what, terminal, goal) in
        [("without CDA", "no-cda", 1_000.0), ("with CDA of 1,024 bits", "shop-poland", 1_150.0)]
    {
        let exchanges = tap.at_a_terminal(terminal);
        tap.take_away();
        let bytes: usize = exchanges.iter().map(|exchange| exchange.command.len() + exchange.answer.len()).sum();
        let time: Duration = exchanges.iter().map(|exchange| exchange.air_time()).sum();
        well &= table.number(&format!("bytes {what}"), bytes as f64, "", Goal::AtMost(goal));
        table.number(
            &format!("time {what}, frames included"),
            time.as_secs_f64() * 1e3,
            "ms at 106 kbit/s",
            Goal::Told,
        );
    }
    well
}

/// What a tap needs today: it may need less.
const FEW: f64 = 16.0;
const TAPS: u32 = 1_000_000;
const REFILL: u16 = 1_000;
const REFILLS: u32 = 50;
