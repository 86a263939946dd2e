//! A file whose schema, or whose index, somebody has changed so that SQLite itself works against the store.

use crate::desk::{Desk, batch, drain, fingerprint, id, key_bytes, pay};
use crate::harm::{Sample, raw};
use crate::meaning::Verdict;
use bezant::cdcvm::Charge;
use bezant::storage::{Ledger, LedgerError};

/// A store in which alpha's credentials 1 to 5 were erased, and an older copy in which they stand.
fn erased() -> (Desk, Desk) {
    let desk = Desk::new();
    let mut store = desk.store();
    store.load(&id("alpha"), batch(1..=5, 1), 100).unwrap();
    store.load(&id("beta"), batch([9], 1), 100).unwrap();
    store.close().unwrap();
    let older = desk.as_it_stands();
    store.erase(&id("alpha")).unwrap();
    store.close().unwrap();
    (desk, older)
}

fn attach<'a>(desk: &Desk, older: &'a Desk, sql: &str) -> &'a Desk {
    let connection = raw(desk);
    connection.execute("ATTACH ?1 AS older", [older.file("store.db").to_str().unwrap()]).unwrap();
    connection.execute_batch(sql).unwrap();
    older
}

fn assert_nothing_answers(desk: &Desk) {
    let Ok((mut store, _)) = desk.open() else { return };
    let (answers, error) = drain(&mut store, &id("alpha"));
    let atcs: Vec<u16> = answers.iter().map(|(atc, _)| *atc).collect();
    assert!(atcs.is_empty(), "erased credentials answer: {atcs:?}, then {error:?}");
}

#[test]
fn s2_055_an_erased_credential_that_is_put_back_does_not_answer() {
    let (desk, older) = erased();
    attach(&desk, &older, "INSERT INTO credential SELECT * FROM older.credential WHERE account = 1");
    assert_nothing_answers(&desk);
}

/// Two equal rows cancel each other out in a sum of exclusive ors.
#[test]
fn s2_055_an_erased_credential_that_is_put_back_twice_does_not_answer() {
    let (desk, older) = erased();
    attach(
        &desk,
        &older,
        "CREATE TABLE twice (id INTEGER, account INTEGER, atc INTEGER, state INTEGER, sealed BLOB);
         INSERT INTO twice SELECT * FROM credential;
         INSERT INTO twice SELECT * FROM older.credential WHERE account = 1;
         INSERT INTO twice SELECT * FROM older.credential WHERE account = 1;
         DROP TABLE credential;
         ALTER TABLE twice RENAME TO credential;
         -- One row is changed by each statement, as the store expects.
         CREATE TRIGGER single BEFORE UPDATE ON credential BEGIN
             DELETE FROM credential WHERE id = OLD.id AND rowid <> OLD.rowid;
         END;",
    );
    assert_nothing_answers(&desk);
}

/// The same without a change of the schema: one row, to which the index points twice.
#[test]
fn s2_055_an_erased_credential_that_the_index_tells_twice_does_not_answer() {
    let (desk, older) = erased();
    let connection = raw(&desk);
    connection.execute("ATTACH ?1 AS older", [older.file("store.db").to_str().unwrap()]).unwrap();
    // Row 20 goes where row 3 is told a second time, once the index is a file's bytes and no longer SQLite's.
    let sql: String =
        connection.query_row("SELECT sql FROM sqlite_schema WHERE name = 'credential'", [], |row| row.get(0)).unwrap();
    let version: i64 = connection.query_row("PRAGMA schema_version", [], |row| row.get(0)).unwrap();
    connection
        .execute_batch(
            "PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = replace(sql, 'UNIQUE (account, atc)', 'CHECK (1)') WHERE name = 'credential';
             UPDATE sqlite_schema SET name = 'plain', sql = 'CREATE INDEX plain ON credential (account, atc)'
                 WHERE name = 'sqlite_autoindex_credential_1';",
        )
        .unwrap();
    connection.pragma_update(None, "schema_version", version + 1).unwrap();
    drop(connection);
    let connection = raw(&desk);
    connection.execute("ATTACH ?1 AS older", [older.file("store.db").to_str().unwrap()]).unwrap();
    connection
        .execute_batch(
            "INSERT INTO credential SELECT * FROM older.credential WHERE id = 3;
             INSERT INTO credential SELECT 20, account, atc, state, sealed FROM older.credential WHERE id = 3;
             PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET name = 'sqlite_autoindex_credential_1', sql = NULL WHERE name = 'plain';",
        )
        .unwrap();
    connection.execute("UPDATE sqlite_schema SET sql = ?1 WHERE name = 'credential'", [sql]).unwrap();
    connection.pragma_update(None, "schema_version", version + 2).unwrap();
    connection.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA journal_mode = WAL;").unwrap();
    drop(connection);
    let mut bytes = std::fs::read(desk.file("store.db")).unwrap();
    // A record of three columns: the account (the constant 1), the ATC and the row, a byte each.
    let (told, retold) = ([4, 9, 1, 1, 3, 20], [4, 9, 1, 1, 3, 3]);
    let places: Vec<usize> = (0..bytes.len() - 6).filter(|at| bytes[*at..*at + 6] == told).collect();
    assert_eq!(places.len(), 1, "the index tells row 20 once");
    bytes[places[0]..places[0] + 6].copy_from_slice(&retold);
    std::fs::write(desk.file("store.db"), bytes).unwrap();
    assert_nothing_answers(&desk);
}

const SHADOWS: [(&str, &str); 8] = [
    ("keeps deleted rows", "CREATE TRIGGER t BEFORE DELETE ON credential BEGIN SELECT RAISE(IGNORE); END"),
    (
        "undoes a reservation",
        "CREATE TRIGGER t AFTER UPDATE ON credential BEGIN
             UPDATE credential SET state = OLD.state, sealed = OLD.sealed WHERE id = OLD.id;
         END",
    ),
    (
        "keeps old keys",
        "CREATE TABLE kept (sealed BLOB);
         CREATE TRIGGER t BEFORE UPDATE ON credential BEGIN INSERT INTO kept VALUES (OLD.sealed); END",
    ),
    (
        "keeps the root",
        "CREATE TABLE kept AS SELECT * FROM root;
         CREATE TRIGGER t AFTER INSERT ON root BEGIN UPDATE root SET sealed = (SELECT sealed FROM kept); END",
    ),
    ("writes nothing", "CREATE TRIGGER t BEFORE INSERT ON root BEGIN SELECT RAISE(IGNORE); END"),
    ("writes no account", "CREATE TRIGGER t BEFORE INSERT ON account BEGIN SELECT RAISE(IGNORE); END"),
    (
        "shows a view",
        "ALTER TABLE credential RENAME TO hidden; CREATE VIEW credential AS SELECT * FROM hidden;
         CREATE TRIGGER t INSTEAD OF UPDATE ON credential BEGIN SELECT 1; END;
         CREATE TRIGGER u INSTEAD OF DELETE ON credential BEGIN SELECT 1; END;
         CREATE TRIGGER v INSTEAD OF INSERT ON credential BEGIN SELECT 1; END;",
    ),
    (
        "loses the index",
        "CREATE TABLE c AS SELECT * FROM credential; DROP TABLE credential; ALTER TABLE c RENAME TO credential",
    ),
];

/// Statements of somebody else would run in the middle of every transaction.
#[test]
fn s2_009_a_file_with_statements_of_somebody_else_is_refused() {
    let sample = Sample::new();
    let verdicts = SHADOWS.map(|(what, sql)| (what, sample.judge_sql(None, sql)));
    for (what, verdict) in &verdicts {
        println!("{what}: {verdict:?}");
    }
    let believed = verdicts.iter().filter(|(_, verdict)| !matches!(verdict, Verdict::Refused(_)));
    let believed: Vec<&str> = believed.map(|(what, _)| *what).collect();
    assert!(believed.is_empty(), "opened: {believed:?}");
}

/// What has answered is answered once, even with a file that forgets at once.
#[test]
fn s2_055_statements_of_somebody_else_make_no_credential_answer_twice() {
    for (what, sql) in SHADOWS {
        let desk = Desk::new();
        let mut store = desk.store();
        store.load(&id("alpha"), batch(1..=6, 1), 100).unwrap();
        store.close().unwrap();
        drop(store);
        raw(&desk).execute_batch(sql).unwrap();
        let mut answered: Vec<u16> = Vec::new();
        for opening in 0..3 {
            let Ok((mut store, _)) = desk.open() else { break };
            for _ in 0..2 {
                let Ok((atc, print)) = pay(&mut store, &id("alpha"), Charge::None) else { break };
                assert_eq!(print, fingerprint(atc, 1));
                assert!(!answered.contains(&atc), "a file that {what}: opening {opening} answers with {atc} again");
                answered.push(atc);
            }
            // Most taps are tidied up after.
            store.tidy().ok();
        }
    }
}

#[test]
fn s2_055_statements_of_somebody_else_keep_no_key() {
    let (what, sql) = SHADOWS[2];
    let desk = Desk::new();
    let mut store = desk.store();
    store.load(&id("alpha"), batch(1..=2, 1), 100).unwrap();
    store.close().unwrap();
    drop(store);
    let sealed: Vec<u8> =
        raw(&desk).query_row("SELECT sealed FROM credential WHERE atc = 1", [], |row| row.get(0)).unwrap();
    assert!(!sealed.windows(8).any(|eight| eight == &key_bytes(1, 1)[..8]), "it is sealed");
    raw(&desk).execute_batch(sql).unwrap();
    let Ok((mut store, _)) = desk.open() else { return };
    let paid = pay(&mut store, &id("alpha"), Charge::None);
    store.tidy().ok();
    drop(store);
    assert!(paid.is_ok() || paid == Err(LedgerError::Damaged) || paid == Err(LedgerError::Unavailable));
    let left = desk.files().iter().any(|(_, bytes)| bytes.windows(sealed.len()).any(|window| window == sealed));
    assert!(!left, "a file that {what}: the sealed keys of what was spent are still there");
}
