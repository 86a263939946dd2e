//! The import rules of `core/ARCHITECTURE.md`, held against the code.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of the core; each may use only those before it.
const ROOMS: [&str; 12] = [
    "apdu",
    "tlv",
    "emv",
    "crypto",
    "platform",
    "cdcvm",
    "card",
    "instrument",
    "storage",
    "error",
    "recording",
    "wallet",
];

/// What only some rooms may touch: a word of the code, and the rooms that may hold it.
const RESERVED: [(&str, &[&str], &str); 9] = [
    ("std::fs", &["storage"], "only the store touches files"),
    ("std::net", &["remote"], "only the remote room opens sockets"),
    ("reqwest", &["remote"], "only the remote room opens sockets"),
    ("Mutex", &["wallet"], "only the wallet locks"),
    ("RwLock", &["wallet"], "only the wallet locks"),
    ("std::thread", &["wallet"], "only the wallet has threads"),
    ("std::time", &["platform"], "the time comes in as an argument"),
    ("SystemRandom", &["platform"], "randomness comes in as an argument"),
    ("println!", &[], "a library prints nothing"),
];

/// Rooms that neither see the clock nor roll dice: they take no `platform`.
const PURE: [&str; 5] = ["apdu", "tlv", "emv", "crypto", "card"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    files.sort();
    files
}

/// The code without comments and without the unit tests at its end.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    code.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n")
}

fn violations(room: &str, text: &str) -> Vec<String> {
    let code = code(text);
    let place = |name: &str| ROOMS.iter().position(|known| *known == name);
    let here = place(room).unwrap_or_else(|| panic!("{room} is no room of the picture"));
    let used = code
        .split("crate::")
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap());
    let mut found: Vec<String> = used
        .filter_map(|name| {
            let there = place(name).unwrap_or(usize::MAX);
            let pure = PURE.contains(&room) && name == "platform";
            (there > here || pure).then(|| format!("{room} uses {name}"))
        })
        .collect();
    // Ways around that a search for `crate::` and `std::` would not see.
    for way in ["super::super", "use std::{", "use crate::{"] {
        if code.contains(way) {
            found.push(format!("{room} writes `{way}`: imports are spelled out from the crate's root"));
        }
    }
    for (word, rooms, rule) in RESERVED {
        if code.contains(word) && !rooms.contains(&room) {
            found.push(format!("{room} holds `{word}`: {rule}"));
        }
    }
    found
}

#[test]
fn every_room_uses_only_rooms_before_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src");
    let mut judged = 0;
    for path in sources(&root) {
        let inside = path.strip_prefix(&root).unwrap();
        let room = inside.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs");
        if room == "lib" {
            continue;
        }
        let found = violations(room, &fs::read_to_string(&path).unwrap());
        assert!(found.is_empty(), "{}: {found:?}", inside.display());
        judged += 1;
    }
    assert!(judged > 40, "{judged} files are not the whole core");
}

#[test]
fn a_planted_fault_is_found() {
    assert_eq!(violations("tlv", "use crate::apdu::Command;"), Vec::<String>::new());
    assert_eq!(violations("apdu", "use crate::tlv::Tag;"), ["apdu uses tlv"]);
    assert_eq!(violations("card", "let x: crate::wallet::Wallet;"), ["card uses wallet"]);
    assert_eq!(violations("cdcvm", "use crate::card::Card;"), ["cdcvm uses card"]);
    assert_eq!(violations("card", "use crate::platform::Clock;"), ["card uses platform"]);
    assert_eq!(violations("cdcvm", "use crate::platform::Moment;"), Vec::<String>::new());
    assert_eq!(violations("card", "use std::sync::Mutex;").len(), 1);
    assert_eq!(violations("emv", "// std::fs is not used here"), Vec::<String>::new());
    assert_eq!(violations("instrument", "std::fs::read(path)").len(), 1);
    assert_eq!(violations("card", "use super::super::wallet::Wallet;").len(), 1);
    assert_eq!(violations("card", "use std::{fs, io};").len(), 1);
    assert_eq!(violations("card", "use crate::nowhere::X;"), ["card uses nowhere"]);
}

#[test]
fn the_picture_names_every_room() {
    let picture = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/ARCHITECTURE.md")).unwrap();
    for room in ROOMS {
        assert!(picture.contains(&format!("`{room}`")), "ARCHITECTURE.md does not name {room}");
    }
}

#[test]
fn the_core_without_its_features_is_the_tap_alone() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/Cargo.toml")).unwrap();
    for heavy in ["rusqlite", "reqwest", "tokio"] {
        let needed = manifest.lines().find(|line| line.starts_with(heavy));
        assert!(needed.is_none_or(|line| line.contains("optional = true")), "{heavy} must be optional");
    }
}

#[test]
fn unsafe_code_stands_in_one_place_and_says_why() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut blocks = 0;
    for folder in ["core/src", "examples", "tests", "uniffi-bindings"] {
        for path in sources(&root.join(folder)) {
            let text = fs::read_to_string(&path).unwrap();
            let holds = |line: &str| {
                ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern"].iter().any(|way| line.contains(way))
            };
            let unsafe_lines = code(&text).lines().filter(|line| holds(line)).count();
            let is_ours = path.strip_prefix(&root).unwrap().starts_with("uniffi-bindings/src/jni");
            // This very file names what it looks for.
            assert!(unsafe_lines == 0 || is_ours || path.ends_with("architecture.rs"), "{}", path.display());
            if is_ours {
                assert!(text.matches("// SAFETY:").count() >= unsafe_lines, "{}: each block says why", path.display());
                blocks += unsafe_lines;
            }
        }
    }
    assert!(blocks > 0);
}

#[test]
fn the_bindings_convert_and_the_core_knows_nothing_of_them() {
    let manifest = |package: &str| {
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(package).join("Cargo.toml")).unwrap()
    };
    for word in ["jni", "uniffi"] {
        assert!(!manifest("core").contains(word), "the core is no Android library");
        assert!(manifest("uniffi-bindings").contains(word));
    }
}

#[test]
fn the_judges_do_not_lean_on_the_core() {
    for judge in ["pos-terminal", "sandbox"] {
        let manifest = format!("../examples/{judge}/Cargo.toml");
        let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(manifest)).unwrap();
        assert!(!manifest.contains("\nbezant"), "{judge} must find the core's errors, not share them");
    }
}
