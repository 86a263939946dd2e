//! Rows and files that somebody else has changed: noticed or without effect, never believed.

use crate::desk::{Desk, batch, id, lvt, pay};
use crate::harm::{Count, NAMES, Sample, raw, sealed, spread, truth_of};
use crate::meaning::{Verdict, judge};
use bezant::storage::{Ledger, StoreError};

const NONE: &[&str] = &[];

/// Whom harm to a row may touch: its owner; everybody where it is the root; nobody where it is a tap.
fn touched<'a>(table: &str, owner: &'a Option<&'a str>) -> Option<&'a [&'a str]> {
    match (table, owner) {
        ("root", _) => None,
        (_, Some(owner)) => Some(core::slice::from_ref(owner)),
        (_, None) => Some(NONE),
    }
}

#[test]
fn s2_009_every_byte_of_every_sealed_value_counts() {
    let sample = Sample::new();
    let mut count = Count::new();
    // A profile has thousands of bytes alike.
    let stride = |length: usize| if length > 1000 { 97 } else { 1 };
    let bytes =
        |(table, row, length, owner)| (0..length).step_by(stride(length)).map(move |at| (table, row, at, owner));
    let places: Vec<_> = sealed(&sample.desk).into_iter().flat_map(bytes).collect();
    for place in spread(places.len()) {
        let (table, row, at, owner) = places[place];
        let verdict = sample.judge(touched(table, &owner), |desk| {
            let connection = raw(desk);
            let sql = format!("SELECT sealed FROM {table} WHERE rowid = {row}");
            let mut bytes: Vec<u8> = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
            bytes[at] ^= 1 << (at % 8);
            connection.execute(&format!("UPDATE {table} SET sealed = ?1 WHERE rowid = {row}"), [bytes]).unwrap();
        });
        assert!(!matches!(verdict, Verdict::Harmless), "{table} {row}, byte {at}: nobody noticed");
        count.take(format_args!("{table} {row}, byte {at}"), verdict);
        if !count.has_time() {
            break;
        }
    }
    count.done("flips in sealed values");
}

#[test]
fn s2_009_every_byte_of_the_stores_name_and_key_counts() {
    let sample = Sample::new();
    let mut count = Count::new();
    for column in ["store_id", "wrapped_key"] {
        for at in 0..16 {
            let verdict = sample.judge(None, |desk| {
                let connection = raw(desk);
                let mut bytes: Vec<u8> =
                    connection.query_row(&format!("SELECT {column} FROM store"), [], |row| row.get(0)).unwrap();
                bytes[at] ^= 1 << (at % 8);
                connection.execute(&format!("UPDATE store SET {column} = ?1"), [bytes]).unwrap();
            });
            assert!(matches!(&verdict, Verdict::Refused(error) if error.is_loss()), "{column} {at}: {verdict:?}");
            count.take(column, verdict);
        }
        for bytes in ["x''", "x'00'", "zeroblob(100000)"] {
            count.take(column, sample.judge_sql(None, &format!("UPDATE store SET {column} = {bytes}")));
        }
    }
    count.take("no row", sample.judge_sql(None, "DELETE FROM store"));
    count.done("flips in the store's name and key");
}

/// Each statement, and whom it may touch.
fn clear_columns(torn: bool) -> Vec<(String, Option<Vec<&'static str>>)> {
    let alpha = || Some(vec!["alpha"]);
    let mut harms = Vec::new();
    let mut add = |sql: String, touched: Option<Vec<&'static str>>| harms.push((sql, touched));
    let far = ["-1", "0", "256", "65535", "65536", "4294967296", "9223372036854775807", "-9223372036854775808"];
    for atc in 3..=5 {
        let row = format!("WHERE account = 1 AND atc = {atc}");
        for value in far.iter().copied().chain(["1", "2", "6"]) {
            add(format!("UPDATE credential SET atc = {value} {row}"), alpha());
        }
        for value in far.iter().copied().chain(["1 - state", "2", "255"]) {
            add(format!("UPDATE credential SET state = {value} {row} AND state <> {value}"), alpha());
        }
        for value in far.iter().copied().filter(|id| *id != "0").chain(["77"]) {
            add(format!("UPDATE credential SET id = {value} {row}"), alpha());
            add(format!("UPDATE credential SET account = {value} {row}"), alpha());
        }
        add(format!("UPDATE credential SET account = 2 {row}"), Some(NAMES.to_vec()));
    }
    for value in far.iter().copied().chain(["version - 1", "version + 1"]) {
        add(format!("UPDATE account SET version = {value} WHERE id = 1"), alpha());
    }
    for value in far.iter().copied().chain(["1"]) {
        add(format!("UPDATE root SET epoch = {value} WHERE epoch <> {value}"), None);
        add(format!("UPDATE tap SET id = {value} - 10 WHERE id = 2 AND {value} > 0"), Some(Vec::new()));
    }
    for value in far.iter().copied().chain(["77"]) {
        add(format!("UPDATE account SET id = {value} WHERE id = 1"), alpha());
        add(format!("UPDATE profile SET account = {value} WHERE account = 1"), alpha());
    }
    if !torn {
        add("UPDATE account SET id = 3 - id + 10; UPDATE account SET id = id - 10".to_owned(), Some(NAMES.to_vec()));
    }
    harms
}

#[test]
fn s2_009_no_column_in_the_clear_is_believed() {
    let sample = Sample::new();
    let mut count = Count::new();
    for (sql, touched) in clear_columns(false) {
        count.take(&sql, sample.judge_sql(touched.as_deref(), &sql));
    }
    count.done("columns in the clear");
}

#[test]
fn s2_009_no_column_in_the_clear_is_believed_after_a_kill_either() {
    let mut count = Count::new();
    for boot in ["monday", "tuesday"] {
        let desk = Desk::new();
        let mut store = desk.store();
        store.load(&id("alpha"), batch(1..=5, 1), 100).unwrap();
        store.load(&id("beta"), batch(7..=11, 2), 100).unwrap();
        pay(&mut store, &id("alpha"), lvt(300)).unwrap();
        pay(&mut store, &id("alpha"), lvt(300)).unwrap();
        store.tidy().unwrap();
        let reservation = store.reserve(&id("alpha"), lvt(100)).map_err(drop).unwrap();
        // Dropped, not closed: the next opening burns 3, and on tuesday 4 and 5 as well.
        drop((reservation, store));
        let truth = truth_of(&desk.as_it_stands(), boot);
        for (sql, touched) in clear_columns(true) {
            let copy = desk.as_it_stands();
            raw(&copy).execute_batch(&sql).unwrap();
            count.take(format_args!("{boot}: {sql}"), judge(&truth, copy.open_in(boot), touched.as_deref()));
        }
    }
    count.done("columns in the clear, after a kill");
}

#[test]
fn s2_009_a_row_that_is_gone_is_missed() {
    let sample = Sample::new();
    let mut count = Count::new();
    for (table, row, _, owner) in sealed(&sample.desk) {
        let sql = format!("DELETE FROM {table} WHERE rowid = {row}");
        let verdict = sample.judge_sql(touched(table, &owner), &sql);
        assert!(!matches!(verdict, Verdict::Harmless), "{sql}");
        count.take(sql, verdict);
    }
    for table in ["root", "account", "profile", "credential", "tap"] {
        count.take(table, sample.judge_sql(None, &format!("DELETE FROM {table}")));
        count.take(table, sample.judge_sql(None, &format!("DROP TABLE {table}")));
    }
    count.done("rows deleted");
}

#[test]
fn s2_009_a_value_that_was_moved_does_not_open() {
    let sample = Sample::new();
    let mut count = Count::new();
    let places = sealed(&sample.desk);
    for (to, to_row, _, owner) in &places {
        for (from, from_row, ..) in places.iter().filter(|(from, row, ..)| (from, row) != (to, to_row)) {
            let sql = format!(
                "UPDATE {to} SET sealed = (SELECT sealed FROM {from} WHERE rowid = {from_row}) WHERE rowid = {to_row}"
            );
            count.take(&sql, sample.judge_sql(touched(to, owner), &sql));
        }
    }
    for sql in [
        "UPDATE credential SET account = 3 - account",
        "UPDATE credential SET account = account + 10; UPDATE credential SET account = 13 - account",
        "UPDATE profile SET account = account + 10; UPDATE profile SET account = 13 - account",
        "UPDATE tap SET id = id + 10; UPDATE tap SET id = 14 - id",
        "UPDATE credential SET id = id + 100",
        "UPDATE credential SET atc = atc + 100",
    ] {
        count.take(sql, sample.judge_sql(None, sql));
    }
    count.done("values moved");
}

/// Lays the rows of another store's file over those of this one.
fn splice(desk: &Desk, other: &Desk, sql: &str) {
    let connection = raw(desk);
    let path = other.file("store.db");
    connection.execute("ATTACH ?1 AS other", [path.to_str().unwrap()]).unwrap();
    connection.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

fn splices(count: &mut Count, sample: &Sample, other: &Desk) {
    let judged =
        |sql: &str, touched: Option<&[&str]>| sample.judge(touched, |desk| splice(desk, &other.as_it_stands(), sql));
    for (table, row, _, owner) in sealed(&other.as_it_stands()) {
        let sql = format!("INSERT OR REPLACE INTO {table} SELECT * FROM other.{table} WHERE rowid = {row}");
        count.take(&sql, judged(&sql, touched(table, &owner)));
    }
    let tables = ["store", "root", "account", "profile", "credential", "tap", "face"];
    let whole = |table: &str| format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM other.{table};");
    // Every choice of tables but none and all.
    for chosen in 1_u32..(1 << tables.len()) - 1 {
        let chosen = tables.iter().enumerate().filter(|(at, _)| chosen & (1 << at) != 0);
        let sql: String = chosen.map(|(_, table)| whole(table)).collect();
        count.take(&sql, judged(&sql, None));
    }
}

#[test]
fn s2_009_rows_and_tables_that_were_put_back_are_not_believed() {
    let sample = Sample::new();
    let mut count = Count::new();
    splices(&mut count, &sample, &sample.older);
    count.done("rows and tables put back");
}

#[test]
fn s2_009_rows_and_tables_of_another_store_are_not_believed() {
    // Made in the same way, and under the same vault.
    let other = Desk::new();
    let mut store = other.store();
    store.load(&id("alpha"), batch(1..=5, 5), 100).unwrap();
    store.load(&id("beta"), batch(7..=11, 6), 100).unwrap();
    drop(store);
    let sample = Sample::on(Desk::with(other.vault.clone()));
    let mut count = Count::new();
    splices(&mut count, &sample, &other);
    count.done("rows and tables of another store");
}

#[test]
fn s2_055_a_whole_file_that_was_put_back_is_refused() {
    let sample = Sample::new();
    for names in [&["store.db"][..], &["store.db", "store.db-wal"]] {
        let copy = sample.harmed(|desk| {
            for name in names {
                std::fs::copy(sample.older.file(name), desk.file(name)).unwrap();
            }
        });
        assert_eq!(copy.open().err(), Some(StoreError::RolledBack), "{names:?}");
        assert_eq!(copy.open().err(), Some(StoreError::RolledBack), "asking again changes nothing");
    }
}
