//! Whole files that are broken, cut, exchanged or gone.

use crate::desk::{Desk, batch, drain, id, lvt, pay};
use crate::harm::{Count, Sample, spread, truth_of};
use crate::meaning::{Verdict, judge};
use bezant::storage::{Ledger, StoreError};

#[test]
fn s2_009_every_byte_of_the_file_counts_or_means_nothing() {
    let sample = Sample::new();
    let whole = std::fs::read(sample.desk.file("store.db")).unwrap();
    let mut count = Count::new();
    for at in spread(whole.len()) {
        let verdict = sample.judge(None, |desk| {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            std::fs::write(desk.file("store.db"), bytes).unwrap();
        });
        count.take(format_args!("byte {at} of {}", whole.len()), verdict);
        if !count.has_time() {
            break;
        }
    }
    count.done("flips in the file");
}

#[test]
fn s2_009_every_bit_of_the_header_counts_or_means_nothing() {
    let sample = Sample::new();
    let whole = std::fs::read(sample.desk.file("store.db")).unwrap();
    let mut count = Count::new();
    let pages = (0..whole.len()).step_by(4096);
    let of_file = (0..100).flat_map(|at| (0..8).map(move |bit| (at, bit)));
    let of_pages = pages.flat_map(|page| page..page + 12).map(|at| (at, (at / 4096 + at) % 8));
    let bits: Vec<(usize, usize)> = of_file.chain(of_pages).collect();
    for place in spread(bits.len()) {
        let (at, bit) = bits[place];
        let verdict = sample.judge(None, |desk| {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            std::fs::write(desk.file("store.db"), bytes).unwrap();
        });
        count.take(format_args!("byte {at}, bit {bit}"), verdict);
        if !count.has_time() {
            break;
        }
    }
    count.done("flips in headers");
}

#[test]
fn s2_009_a_file_that_was_cut_or_filled_up_is_noticed() {
    let sample = Sample::new();
    let whole = std::fs::read(sample.desk.file("store.db")).unwrap();
    let mut count = Count::new();
    for length in (512..whole.len()).step_by(512).chain([15, 16, 99, 100]) {
        let verdict = sample.judge(None, |desk| std::fs::write(desk.file("store.db"), &whole[..length]).unwrap());
        assert!(!matches!(verdict, Verdict::Harmless), "{length} bytes of {}", whole.len());
        count.take(format_args!("{length} bytes"), verdict);
        let verdict = sample.judge(None, |desk| {
            let mut bytes = whole.clone();
            bytes[length..].fill(0);
            std::fs::write(desk.file("store.db"), bytes).unwrap();
        });
        count.take(format_args!("{length} bytes, then zeros"), verdict);
    }
    for page in 0..whole.len() / 4096 {
        for (what, byte) in [("zeros", 0), ("ones", 0xFF)] {
            let verdict = sample.judge(None, |desk| {
                let mut bytes = whole.clone();
                bytes[page * 4096..][..4096].fill(byte);
                std::fs::write(desk.file("store.db"), bytes).unwrap();
            });
            count.take(format_args!("page {page} of {what}"), verdict);
        }
    }
    count.done("files cut");
}

#[test]
fn s2_009_pages_of_an_older_file_are_not_believed() {
    let sample = Sample::new();
    let (whole, older) =
        (std::fs::read(sample.desk.file("store.db")).unwrap(), std::fs::read(sample.older.file("store.db")).unwrap());
    let pages = whole.len().min(older.len()) / 4096;
    let mut count = Count::new();
    let mut lay = |chosen: &[usize]| {
        let verdict = sample.judge(None, |desk| {
            let mut bytes = whole.clone();
            for page in chosen {
                let page = page * 4096..(page + 1) * 4096;
                bytes[page.clone()].copy_from_slice(&older[page]);
            }
            std::fs::write(desk.file("store.db"), bytes).unwrap();
        });
        count.take(format_args!("pages {chosen:?}"), verdict);
    };
    for first in 0..pages {
        lay(&[first]);
        (first + 1..pages).for_each(|second| lay(&[first, second]));
        let others: Vec<usize> = (0..pages).filter(|page| *page != first).collect();
        lay(&others);
    }
    lay(&(0..pages).collect::<Vec<_>>());
    count.done("pages put back");
}

/// With the file gone or empty, the marks and the counters are gone: nobody may believe that there never were any, for
/// the vault knows better.
#[test]
fn s2_055_a_store_whose_file_is_gone_is_not_taken_for_a_new_one() {
    let sample = Sample::new();
    let cut = |length| sample.harmed(|desk| std::fs::write(desk.file("store.db"), &b"SQLite"[..length]).unwrap());
    let gone = sample.harmed(|desk| std::fs::remove_file(desk.file("store.db")).unwrap());
    for desk in [cut(0), cut(1), gone] {
        let Ok((store, _)) = desk.open() else { continue };
        let alpha = id("alpha");
        let (mark, velocity) = (store.high_water_mark(&alpha).unwrap(), store.velocity(&alpha).unwrap());
        panic!("it opens, with mark {mark:?} and counters {velocity:?}; the anchor is {}", desk.vault.inside().anchor);
    }
}

#[test]
fn s2_009_a_log_that_does_not_belong_to_the_file_is_not_believed() {
    let sample = Sample::new();
    let mut count = Count::new();
    // The log as it stood before it was moved into the file.
    let desk = Desk::new();
    let mut store = desk.store();
    store.load(&id("alpha"), batch(1..=5, 1), 100).unwrap();
    let log = std::fs::read(desk.file("store.db-wal")).unwrap();
    assert!(log.len() > 4096);
    for (what, bytes) in [
        ("zeros", vec![0; 10_000]),
        ("ones", vec![0xFF; 10_000]),
        ("another store's", log.clone()),
        ("its head", log[..32].to_vec()),
        ("the file itself", std::fs::read(sample.desk.file("store.db")).unwrap()),
    ] {
        let verdict = sample.judge(None, |desk| std::fs::write(desk.file("store.db-wal"), &bytes).unwrap());
        count.take(what, verdict);
        let verdict = sample.judge(None, |desk| std::fs::write(desk.file("store.db-journal"), &bytes).unwrap());
        count.take(format_args!("journal: {what}"), verdict);
    }
    // The store's own older log, over its newer file.
    pay(&mut store, &id("alpha"), lvt(1)).unwrap();
    store.tidy().unwrap();
    pay(&mut store, &id("alpha"), lvt(1)).unwrap();
    store.close().unwrap();
    drop(store);
    std::fs::write(desk.file("store.db-wal"), log).unwrap();
    assert!(matches!(desk.open(), Err(StoreError::RolledBack | StoreError::Unreadable(_))));
    count.done("logs that do not belong");
}

/// SQLite takes a broken log for one that was never finished. What is lost by that must at least not reach behind what
/// has been tidied up: there the anchor stands.
#[test]
fn s2_009_a_broken_log_takes_nothing_back_that_was_tidied_up() {
    let desk = Desk::new();
    let (alpha, beta) = (id("alpha"), id("beta"));
    let mut store = desk.store();
    store.load(&alpha, batch(1..=6, 1), 100).unwrap();
    store.load(&beta, batch(7..=8, 2), 100).unwrap();
    pay(&mut store, &alpha, lvt(100)).unwrap();
    pay(&mut store, &alpha, lvt(100)).unwrap();
    store.tidy().unwrap();
    pay(&mut store, &alpha, lvt(100)).unwrap();
    let killed = desk.as_it_stands();
    let truth = truth_of(&killed.as_it_stands(), "monday");
    let log = std::fs::read(killed.file("store.db-wal")).unwrap();
    let begun = Count::new();
    let (mut count, mut taken_back) = (Count::new(), 0_u32);
    for at in spread(log.len()).take_while(|_| begun.has_time()) {
        let copy = killed.as_it_stands();
        let mut bytes = log.clone();
        bytes[at] ^= 1 << (at % 8);
        std::fs::write(copy.file("store.db-wal"), bytes).unwrap();
        let verdict = judge(&truth, copy.as_it_stands().open(), None);
        let verdict = match verdict {
            Verdict::Wrong(_) => {
                let mut store = copy.store();
                let (answers, _) = drain(&mut store, &alpha);
                assert_eq!(answers.first().map(|(atc, _)| *atc), Some(3), "byte {at}: only what was not tidied up");
                assert_eq!(drain(&mut store, &beta).0.len(), 2);
                taken_back += 1;
                continue;
            }
            verdict => verdict,
        };
        count.take(at, verdict);
    }
    println!("{taken_back} more flips in the log took back the tap that had not been tidied up");
    count.done("flips in the log");
}
