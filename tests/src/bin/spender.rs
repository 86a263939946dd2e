//! A program for the power-loss laboratory: for each line `spend 7` of its input it uses up one of its things, and says
//! `spent 7` when it believes this to be safe.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use rusqlite::Connection;
use std::env;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::mem;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (way, directory, how) = (arguments[0].as_str(), PathBuf::from(&arguments[1]), &arguments[2..]);
    match way {
        "database" => with_database(&directory, how),
        "rename" => answer(|number| by_rename(&directory, number, how.contains(&"sync-directory".to_owned()))),
        "files" => answer(|number| with_files(&directory, number)),
        _ => panic!("no way to spend: {way}"),
    }
}

/// Answers the lines of the input, until it ends.
fn answer(mut spend: impl FnMut(u32)) {
    for line in io::stdin().lines() {
        let number = line.unwrap().strip_prefix("spend ").unwrap().parse().unwrap();
        spend(number);
        println!("spent {number}");
    }
}

/// The rows of a database; the words are pragmas, and `close` for closing it at the end.
fn with_database(directory: &Path, how: &[String]) {
    let database = Connection::open(directory.join("things.db")).unwrap();
    for pragma in how.iter().filter(|word| *word != "close") {
        database.execute_batch(&format!("PRAGMA {pragma}")).unwrap();
    }
    database
        .execute_batch(
            "BEGIN IMMEDIATE;
             CREATE TABLE IF NOT EXISTS thing (number INTEGER PRIMARY KEY, used INTEGER NOT NULL DEFAULT 0, ballast);
             CREATE TABLE IF NOT EXISTS spending (number INTEGER NOT NULL, proof);
             WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 39)
             INSERT OR IGNORE INTO thing (number, ballast) SELECT i, zeroblob(300) FROM n;
             COMMIT;",
        )
        .unwrap();
    answer(|number| {
        let sql = format!(
            "BEGIN IMMEDIATE;
             UPDATE thing SET used = 1 WHERE number = {number};
             INSERT INTO spending VALUES ({number}, randomblob(2000));
             COMMIT;"
        );
        database.execute_batch(&sql).unwrap();
    });
    if !how.contains(&"close".to_owned()) {
        // A wallet is not shut down before its process ends.
        mem::forget(database);
    }
}

/// A file that a new one takes the place of.
fn by_rename(directory: &Path, number: u32, sync_directory: bool) {
    let (next, current) = (directory.join("next"), directory.join("current"));
    let spent = fs::read_to_string(&current).unwrap_or_default();
    let mut file = File::create(&next).unwrap();
    writeln!(file, "{spent}{number}").unwrap();
    file.sync_all().unwrap();
    fs::rename(&next, &current).unwrap();
    if sync_directory {
        File::open(directory).unwrap().sync_all().unwrap();
    }
}

/// Each number is another way to change files.
fn with_files(directory: &Path, number: u32) {
    let path = directory.join("file");
    match number {
        0 => fs::write(&path, "0123456789").unwrap(),
        1 => {
            let mut end = File::options().append(true).open(&path).unwrap();
            end.write_all(b"abc").unwrap();
            File::options().write(true).open(&path).unwrap().set_len(11).unwrap();
            end.write_all(b"def").unwrap();
        }
        2 => {
            let mut file = File::options().read(true).write(true).open(&path).unwrap();
            file.read_exact(&mut [0; 2]).unwrap();
            file.write_all(b"xx").unwrap();
            // The copy goes on where the first has stopped, and so does a child.
            file.try_clone().unwrap().write_all(b"yy").unwrap();
            file.seek(SeekFrom::Current(2)).unwrap();
            Command::new("echo").arg("-n").arg("zz").stdout(file).status().unwrap();
        }
        3 => {
            fs::create_dir_all(directory.join("a/b")).unwrap();
            fs::rename(&path, directory.join("a/b/./../moved")).unwrap();
            fs::rename(directory.join("a/moved"), directory.join("a/b/file")).unwrap();
            fs::rename(directory.join("a"), directory.join("c")).unwrap();
            fs::rename(directory.join("c/b/file"), &path).unwrap();
            fs::remove_dir_all(directory.join("c")).unwrap();
        }
        4 => {
            let write = |name| {
                let mut file = File::create(directory.join(name)).unwrap();
                for line in 0..50 {
                    writeln!(file, "{name} {line}").unwrap();
                    file.sync_data().unwrap();
                }
                file
            };
            let files = thread::scope(|scope| {
                let threads = ["one", "two", "three"].map(|name| scope.spawn(move || write(name)));
                threads.map(|thread| thread.join().unwrap())
            });
            // A file that one thread has opened goes on in another.
            files.into_iter().for_each(|mut file| file.write_all(b"end").unwrap());
        }
        5 => {
            let mut file = File::create(directory.join("gone")).unwrap();
            fs::remove_file(directory.join("gone")).unwrap();
            file.write_all(b"nobody finds this").unwrap();
        }
        6 => drop(fs::copy(&path, directory.join("copy")).unwrap()),
        7 => fs::hard_link(&path, directory.join("link")).unwrap(),
        8 => fs::rename(&path, directory.join("..").join("outside")).unwrap(),
        _ => drop(Command::new("false").current_dir(directory).status().unwrap()),
    }
}
