//! One instrument whose rows were harmed: it says so until it is made anew, and the others never notice.

use crate::desk::{Desk, batch, fingerprint, id, lvt, pay, profile, tap};
use crate::harm::raw;
use bezant::cdcvm::Charge;
use bezant::emv::Atc;
use bezant::instrument::InstrumentStatus;
use bezant::storage::{Change, Ledger, LedgerError};

/// Two cards; alpha has spent 1 and has 2 to 5, beta has 7 to 9. It was dropped, not closed.
fn desk() -> Desk {
    let desk = Desk::new();
    let mut store = desk.store();
    for (name, which) in [("alpha", 0), ("beta", 1)] {
        let active = Change::Status { instrument: id(name), status: InstrumentStatus::Active };
        store.keep(&[Change::Installed { instrument: id(name), profile: profile(which) }, active]).unwrap();
    }
    store.load(&id("alpha"), batch(1..=5, 1), 100).unwrap();
    store.load(&id("beta"), batch(7..=12, 1), 100).unwrap();
    pay(&mut store, &id("alpha"), lvt(300)).unwrap();
    store.tidy().unwrap();
    drop(store);
    desk
}

const HARMS: [(&str, &str); 9] = [
    ("account", "UPDATE account SET sealed = zeroblob(100) WHERE id = 1"),
    ("no account", "DELETE FROM account WHERE id = 1"),
    ("profile", "UPDATE profile SET sealed = zeroblob(100) WHERE account = 1"),
    ("no profile", "DELETE FROM profile WHERE account = 1"),
    ("credential", "UPDATE credential SET sealed = zeroblob(68) WHERE account = 1 AND atc = 3"),
    ("no credential", "DELETE FROM credential WHERE account = 1 AND atc = 3"),
    ("state", "UPDATE credential SET state = 300 WHERE account = 1 AND atc = 3"),
    ("counter", "UPDATE credential SET atc = -3 WHERE account = 1 AND atc = 3"),
    ("number", "UPDATE credential SET id = 9223372036854775807 WHERE account = 1 AND atc = 3"),
];

fn harmed(sql: &str) -> Desk {
    let desk = desk();
    raw(&desk).execute_batch(sql).unwrap();
    desk
}

/// Either it is told at opening, or when it is used.
fn is_told(desk: &Desk, boot: &str) -> bool {
    let Ok((mut store, remembered)) = desk.open_in(boot) else { return false };
    let alpha = id("alpha");
    let told = remembered.damaged.contains(&alpha);
    let card = remembered.instruments.iter().any(|card| card.id == alpha);
    (told && !card) || (card && store.load(&alpha, batch([900], 1), 100) == Err(LedgerError::Damaged))
}

#[test]
fn s2_009_what_is_damaged_stays_so_until_it_is_made_anew() {
    let mut forgotten = Vec::new();
    for (what, sql) in HARMS {
        for (after, boots) in [("openings", ["monday", "monday"]), ("a start of the device", ["tuesday", "wednesday"])]
        {
            let desk = harmed(sql);
            let told = boots.iter().chain(&boots).take_while(|boot| is_told(&desk, boot)).count();
            if told < 4 {
                forgotten.push(format!("{what}: told {told} times, over {after}"));
            }
        }
        type Work = fn(&mut dyn Ledger);
        let works: [(&str, Work); 4] = [
            ("a new status", |store| {
                let suspended = Change::Status { instrument: id("alpha"), status: InstrumentStatus::Suspended };
                store.keep(&[suspended]).ok();
            }),
            ("erasing its credentials", |store| {
                store.erase(&id("alpha")).ok();
            }),
            ("burning", |store| {
                store.burn_reserved(&id("alpha")).ok();
            }),
            ("closing", |store| {
                store.close().ok();
            }),
        ];
        for (work, run) in works {
            let desk = harmed(sql);
            let mut store = desk.store();
            run(&mut store);
            drop(store);
            let (mut store, remembered) = desk.open().unwrap();
            let alpha = id("alpha");
            let vanished =
                !remembered.damaged.contains(&alpha) && !remembered.instruments.iter().any(|card| card.id == alpha);
            let pays = pay(&mut store, &alpha, Charge::None).is_ok();
            if vanished || pays {
                forgotten.push(format!("{what}: after {work} the card is neither there nor damaged"));
            }
        }
    }
    assert!(forgotten.is_empty(), "{}", forgotten.join("\n"));
}

#[test]
fn s2_009_a_new_profile_makes_a_damaged_card_anew() {
    let mut stuck = Vec::new();
    for (what, sql) in HARMS {
        for noticed in [false, true] {
            let desk = harmed(sql);
            let mut store = desk.store();
            let (alpha, mark) = (id("alpha"), Some(Atc::new(1)));
            if noticed {
                assert!(pay(&mut store, &alpha, Charge::None).is_err(), "{what}");
            }
            let works = |store: &mut dyn Ledger| -> Result<(), LedgerError> {
                store.keep(&[Change::Installed { instrument: alpha.clone(), profile: profile(0) }])?;
                // The server sends what it has issued and nobody has used, and then more.
                store.load(&alpha, batch(20..=22, 3), 100)?;
                store.erase(&alpha)?;
                store.load(&alpha, batch(30..=32, 3), 100)?;
                assert_eq!(pay(store, &alpha, lvt(5))?, (30, fingerprint(30, 3)));
                Ok(())
            };
            if let Err(error) = works(&mut store) {
                stuck.push(format!("{what}, noticed before: {noticed}: {error:?}"));
                continue;
            }
            assert!(store.high_water_mark(&alpha).unwrap() >= mark, "{what}");
            assert_eq!(store.load(&alpha, batch([1], 1), 100), Err(LedgerError::Stale(1)), "{what}");
            let velocity = store.velocity(&alpha).unwrap();
            assert!(velocity.consecutive_lvt >= 2 && velocity.cumulative_lvt >= 305, "{what}: {velocity:?}");
            drop(store);
            let (mut store, remembered) = desk.open().unwrap();
            assert!(remembered.damaged.is_empty() && remembered.instruments.len() == 2, "{what}");
            assert_eq!(pay(&mut store, &alpha, Charge::None), Ok((31, fingerprint(31, 3))), "{what}");
        }
    }
    assert!(stuck.is_empty(), "{}", stuck.join("\n"));
}

#[test]
fn s2_009_a_damaged_card_can_be_removed_and_its_mark_stays() {
    let mut stuck = Vec::new();
    for (what, sql) in HARMS {
        let desk = harmed(sql);
        let mut store = desk.store();
        let alpha = id("alpha");
        pay(&mut store, &alpha, Charge::None).ok();
        if let Err(error) = store.keep(&[Change::Removed { instrument: alpha.clone() }]) {
            stuck.push(format!("{what}: {error:?}"));
            continue;
        }
        drop(store);
        let (store, remembered) = desk.open().unwrap();
        assert!(remembered.damaged.is_empty(), "{what}");
        assert_eq!(remembered.instruments.len(), 1, "{what}");
        assert!(store.high_water_mark(&alpha).unwrap() >= Some(Atc::new(1)), "{what}");
        assert_eq!(store.credentials_left(&alpha).unwrap(), 0, "{what}");
    }
    assert!(stuck.is_empty(), "{}", stuck.join("\n"));
}

#[test]
fn s2_009_the_others_pay_and_are_refilled_whatever_became_of_one() {
    let mut harmed_too = Vec::new();
    for (what, sql) in HARMS {
        let desk = harmed(sql);
        for boot in ["monday", "tuesday"] {
            let (mut store, remembered) = match desk.open_in(boot) {
                Ok(opened) => opened,
                Err(error) => {
                    harmed_too.push(format!("{what}, {boot}: nothing opens: {error:?}"));
                    continue;
                }
            };
            let beta = id("beta");
            assert!(remembered.instruments.iter().any(|card| card.id == beta), "{what}");
            assert!(pay(&mut store, &beta, lvt(1)).is_ok(), "{what}");
            let more = if boot == "monday" { 40..=41 } else { 50..=51 };
            if let Err(error) = store.load(&beta, batch(more, 1), 100) {
                harmed_too.push(format!("{what}, {boot}: {error:?}"));
            }
        }
    }
    assert!(harmed_too.is_empty(), "{}", harmed_too.join("\n"));
}

/// After a start of the device the next two are burnt: those that were loaded, not those that somebody wrote.
#[test]
fn s2_009_a_counter_that_somebody_wrote_raises_no_mark() {
    let desk = harmed("UPDATE credential SET atc = 65530 + atc WHERE account = 1");
    let Ok((mut store, _)) = desk.open_in("tuesday") else { return };
    let alpha = id("alpha");
    let mark = store.high_water_mark(&alpha).unwrap();
    store.keep(&[Change::Installed { instrument: alpha.clone(), profile: profile(0) }]).unwrap();
    let loaded = store.load(&alpha, batch(20..=22, 3), 100);
    assert_eq!(loaded, Ok(()), "no credential can ever be loaded again: the mark is {mark:?}");
}

/// What the table of taps lost or got back is seen, as it is in every other table.
#[test]
fn s2_009_taps_that_are_gone_or_were_put_back_are_noticed() {
    let desk = Desk::new();
    let mut store = desk.store();
    let tap = |number: u64| tap(number, format!("tap {number}").as_bytes(), 3);
    (1..=3).for_each(|number| store.keep(&[tap(number)]).unwrap());
    store.tidy().unwrap();
    let older = desk.as_it_stands();
    (4..=6).for_each(|number| store.keep(&[tap(number)]).unwrap());
    store.close().unwrap();
    drop(store);
    let path = older.file("store.db");
    let put_back =
        format!("ATTACH '{}' AS older; INSERT INTO tap SELECT * FROM older.tap; DETACH older", path.to_str().unwrap());
    let mut believed = Vec::new();
    for (what, sql) in [("put back", put_back.as_str()), ("gone", "DELETE FROM tap WHERE id = 5")] {
        let copy = desk.as_it_stands();
        raw(&copy).execute_batch(sql).unwrap();
        let Ok((store, _)) = copy.open() else { continue };
        if let Ok(taps) = store.taps() {
            believed
                .push(format!("{what}: {:?}", taps.iter().map(|tap| String::from_utf8_lossy(tap)).collect::<Vec<_>>()));
        }
    }
    assert!(believed.is_empty(), "{}", believed.join("\n"));
}
