//! What is left on the disk: nothing of what has been spent or wiped, and nothing in the clear ever.

use crate::desk::{Desk, account_number, batch, id, key_bytes, lvt, pay, profile, profile_text, tap};
use crate::harm::raw;
use bezant::storage::{Change, Ledger, SecurityReport};
use std::collections::HashSet;

/// Bytes that must not be found, and what they are.
type Needle = (String, Vec<u8>);

fn found(desk: &Desk, needles: &[Needle]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, bytes) in desk.files() {
        // Thousands of needles: most are told apart by their first eight bytes.
        let eights: HashSet<&[u8]> = bytes.windows(8).collect();
        for (what, needle) in needles.iter().filter(|(_, needle)| eights.contains(&needle[..8])) {
            if bytes.windows(needle.len()).any(|window| window == needle) {
                found.push(format!("{what} in {}", path.file_name().unwrap().to_string_lossy()));
            }
        }
    }
    found
}

/// Every eighth of a credential's keys, as bytes and in hexadecimal.
fn of_keys(atc: u16, series: u8) -> Vec<Needle> {
    let bytes = key_bytes(atc, series);
    let eighths = bytes.chunks_exact(8).map(|eighth| (format!("keys of {atc}"), eighth.to_vec()));
    let text = [hex::encode(&bytes[8..24]), hex::encode_upper(&bytes[8..24])];
    eighths.chain(text.into_iter().map(|text| (format!("keys of {atc}, as text"), text.into_bytes()))).collect()
}

/// The account number as text and in BCD, parts of the profile, names.
fn of_cards() -> Vec<Needle> {
    let number = account_number();
    let text = profile_text();
    let mut needles = vec![
        ("account number".to_owned(), number.clone().into_bytes()),
        ("account number, BCD".to_owned(), hex::decode(&number).unwrap()),
        ("name of a card".to_owned(), b"alpha-card".to_vec()),
        ("entry of a tap".to_owned(), b"GROCER IN WARSAW".to_vec()),
    ];
    for word in ["mppLiteModule", "cardRiskManagementData", "iccPrivateKeyCrtComponents", "A0000000041010"] {
        assert!(text.contains(word));
        needles.push((word.to_owned(), word.as_bytes().to_vec()));
    }
    needles
}

/// The sealed value of every credential, as it stands in the file now, cut into pieces: a part left over counts too.
fn of_sealed(desk: &Desk, where_: &str) -> Vec<Needle> {
    let connection = raw(desk);
    let mut statement =
        connection.prepare(&format!("SELECT account, atc, sealed FROM credential WHERE {where_}")).unwrap();
    let rows =
        statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, Vec<u8>>(2)?)));
    let mut needles = Vec::new();
    for row in rows.unwrap() {
        let (account, atc, sealed) = row.unwrap();
        // Behind the nonce, so that what is found could be opened.
        for (at, piece) in sealed[12..].chunks_exact(8).enumerate() {
            needles.push((format!("sealed value of {account}/{atc}, piece {at}"), piece.to_vec()));
        }
    }
    needles
}

#[test]
fn s2_055_nothing_is_ever_in_the_clear() {
    let desk = Desk::new();
    let alpha = id("alpha-card");
    let mut store = desk.store();
    let mut needles: Vec<Needle> = (1..=4).flat_map(|atc| of_keys(atc, 1)).collect();
    needles.extend(of_cards());
    store.keep(&[Change::Installed { instrument: alpha.clone(), profile: profile(0) }]).unwrap();
    store.keep(&[Change::Choice { default: Some(alpha.clone()), selected: Some(alpha.clone()) }]).unwrap();
    assert_eq!(found(&desk, &needles), [""; 0]);
    store.load(&alpha, batch(1..=4, 1), 100).unwrap();
    assert_eq!(found(&desk, &needles), [""; 0]);
    let reservation = store.reserve(&alpha, lvt(1)).map_err(drop).unwrap();
    assert_eq!(found(&desk, &needles), [""; 0]);
    store.release(reservation).unwrap();
    pay(&mut store, &alpha, lvt(1)).unwrap();
    store.keep(&[tap(1, b"GROCER IN WARSAW", 3)]).unwrap();
    assert_eq!(found(&desk, &needles), [""; 0]);
    store.tidy().unwrap();
    assert_eq!(found(&desk, &needles), [""; 0]);
    store.close().unwrap();
    drop(store);
    assert_eq!(found(&desk, &needles), [""; 0]);
    // A control: the search finds what is there.
    std::fs::write(desk.file("control"), [b"xx", &key_bytes(3, 1)[16..24], b"yy"].concat()).unwrap();
    assert_eq!(found(&desk, &needles).len(), 1);
}

#[test]
fn s2_055_what_is_spent_is_gone_from_every_file_once_it_is_tidied_up() {
    let desk = Desk::new();
    let alpha = id("alpha");
    let mut store = desk.store();
    store.load(&alpha, batch(1..=4, 1), 100).unwrap();
    store.close().unwrap();
    drop(store);
    let before = of_sealed(&desk, "atc = 1");
    assert!(!found(&desk, &before).is_empty());
    let mut store = desk.store();
    let reservation = store.reserve(&alpha, lvt(1)).map_err(drop).unwrap();
    let reserved = desk.as_it_stands();
    let (_, spent) = reservation.spend();
    store.settle(spent, lvt(1)).unwrap();
    store.tidy().unwrap();
    assert_eq!(found(&desk, &before), [""; 0], "as it was unspent");
    assert_eq!(found(&desk, &of_sealed(&reserved, "atc = 1")), [""; 0], "as it was reserved");
}

/// Pages that SQLite splits, joins and moves keep no remains.
#[test]
fn s2_055_what_is_spent_is_gone_from_the_pages_of_a_large_store_too() {
    let desk = Desk::new();
    let cards = ["alpha", "beta", "gamma"].map(id);
    let mut store = desk.store();
    for (series, card) in cards.iter().enumerate() {
        store.keep(&[Change::Installed { instrument: card.clone(), profile: profile(series) }]).unwrap();
    }
    // One after the other, so that rows of all cards share pages.
    for from in (0..300_u16).step_by(10) {
        for (series, card) in (0_u8..).zip(&cards) {
            store.load(card, batch(from + 1..from + 11, series), 1_000).unwrap();
        }
    }
    store.close().unwrap();
    drop(store);
    let everything = of_sealed(&desk, "1");
    let mut store = desk.store();
    let mut state = 7_u32;
    for round in 0..6_u16 {
        for _ in 0..40 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let card = &cards[(state >> 16) as usize % cards.len()];
            match (state >> 24) % 4 {
                0 => {
                    let reservation = store.reserve(card, lvt(1)).map_err(drop).unwrap();
                    store.release(reservation).unwrap();
                }
                _ => drop(pay(&mut store, card, lvt(1)).unwrap()),
            }
        }
        let fresh = 1_000 + round * 50..1_030 + round * 50;
        store.load(&cards[usize::from(round) % 3], batch(fresh, 7), 1_000).unwrap();
        let tap = tap(u64::from(round) + 1, &[1; 3_000], 2);
        store.keep(&[tap, Change::Installed { instrument: cards[0].clone(), profile: profile(1) }]).unwrap();
    }
    store.erase(&cards[2]).unwrap();
    store.tidy().unwrap();
    let copy = desk.as_it_stands();
    drop(store);
    let live: HashSet<Vec<u8>> = of_sealed(&copy, "1").into_iter().map(|(_, bytes)| bytes).collect();
    let gone: Vec<Needle> = everything.into_iter().filter(|(_, bytes)| !live.contains(bytes)).collect();
    assert!(gone.len() > 1_000);
    let left = found(&desk, &gone);
    assert!(left.is_empty(), "{} pieces of {} are left: {:?}", left.len(), gone.len(), &left[..left.len().min(10)]);
}

#[test]
fn s2_074_after_a_wipe_no_file_holds_anything_of_before() {
    let desk = Desk::new();
    let alpha = id("alpha-card");
    let mut store = desk.store();
    store.keep(&[Change::Installed { instrument: alpha.clone(), profile: profile(0) }]).unwrap();
    store.load(&alpha, batch(1..=20, 1), 100).unwrap();
    store.keep(&[tap(1, b"GROCER IN WARSAW", 3)]).unwrap();
    store.close().unwrap();
    let before = desk.as_it_stands();
    let mut needles = of_sealed(&before, "1");
    let connection = raw(&before);
    for sql in [
        "SELECT sealed FROM profile",
        "SELECT sealed FROM root",
        "SELECT sealed FROM account",
        "SELECT sealed FROM tap",
        "SELECT wrapped_key FROM store",
        "SELECT store_id FROM store",
    ] {
        let value: Vec<u8> = connection.query_row(sql, [], |row| row.get(0)).unwrap();
        needles.extend(value.chunks_exact(16).map(|piece| (sql.to_owned(), piece.to_vec())));
    }
    needles.extend(of_cards());
    // The vault's test double hands out its own name: that is no secret, and the next key has it as well.
    needles.retain(|(what, _)| !what.contains("wrapped_key"));
    pay(&mut store, &alpha, lvt(1)).unwrap();
    store.wipe(SecurityReport::new("ROOTED", 1)).unwrap();
    assert_eq!(found(&desk, &needles), [""; 0], "while it is open");
    store.load(&alpha, batch(1..=2, 3), 100).unwrap();
    store.close().unwrap();
    drop(store);
    assert_eq!(found(&desk, &needles), [""; 0], "when it is closed");
    assert!(!found(&before, &needles).is_empty(), "a control");
}

#[cfg(unix)]
#[test]
fn s2_009_no_file_is_open_to_others() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let mut store = desk.store();
    store.load(&id("alpha"), batch(1..=2, 1), 100).unwrap();
    desk.location().freeze(&SecurityReport::new("ROOTED", 1).unwrap()).unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for (path, _) in desk.files() {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    assert_eq!(mode(&desk.state()), 0o700);
}
