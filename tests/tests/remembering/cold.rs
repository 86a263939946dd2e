use super::{Device, Watched, WatchedVault, atc, flexible, is_approval, low_value, until};
use bezant::ErrorCode;
use bezant::card::TapOutcome;
use bezant::platform::KeyVaultError;
use bezant_tests::{Phone, Syn1};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

fn awaken(device: &Device, watched: &Watched) -> Phone {
    let vault = WatchedVault(device.vault(), watched.clone());
    Phone::awoken(flexible(), &device.location(), device.parts(vault)).unwrap()
}

#[test]
fn a_tap_that_starts_the_process_is_answered_while_the_vault_unwraps() {
    let device = Device::with_syn_1(&flexible(), 1..=5);
    let warm: Vec<String> = {
        let phone = device.start(&flexible()).unwrap();
        let commands = [Syn1::SELECT_PPSE, Syn1::SELECT_AID, Syn1::GPO].into_iter().chain(Syn1::READ_RECORDS);
        commands.map(|command| phone.send(command)).collect()
    };
    let watched = Watched { takes: Duration::from_millis(150), ..Watched::default() };
    let phone = awaken(&device, &watched);
    let commands = [Syn1::SELECT_PPSE, Syn1::SELECT_AID, Syn1::GPO].into_iter().chain(Syn1::READ_RECORDS);
    let cold: Vec<String> = commands.map(|command| phone.send(command)).collect();
    assert_eq!(watched.unwrapped.load(Ordering::SeqCst), 0, "the vault is still at it");
    assert_eq!(cold, warm, "byte for byte");
    let answer = phone.send(&low_value());
    assert!(is_approval(&answer), "{answer}");
    assert_eq!((atc(&answer), phone.take_away()), (1, Some(TapOutcome::AuthorizeOnline)));
    assert_eq!(watched.unwrapped.load(Ordering::SeqCst), 1, "once in a process");
    assert_eq!(phone.credentials_left("card-1"), 4);
}

#[test]
fn a_vault_that_takes_too_long_declines_the_tap_and_loses_nothing() {
    let device = Device::with_syn_1(&flexible(), 1..=5);
    let watched = Watched { takes: Duration::from_millis(900), ..Watched::default() };
    let phone = awaken(&device, &watched);
    phone.initiate();
    let asked = Instant::now();
    let answer = phone.send(&low_value());
    let waited = asked.elapsed();
    assert!(answer.contains("9F270100") && !is_approval(&answer), "{answer}");
    assert!(waited < Duration::from_millis(800), "the terminal does not wait for the vault: {waited:?}");
    assert_eq!(phone.take_away(), Some(TapOutcome::DeclinedByWallet));
    assert_eq!(phone.credentials_left("card-1"), 5);
    let (answer, _) = phone.tap(&low_value());
    assert_eq!((is_approval(&answer), atc(&answer)), (true, 1), "the next tap pays");
}

#[test]
fn a_vault_that_has_lost_its_key_ends_the_tap_and_says_why() {
    let device = Device::with_syn_1(&flexible(), 1..=5);
    let watched = Watched { takes: Duration::from_millis(50), ..Watched::default() };
    *watched.fails_with.lock().unwrap() = Some(KeyVaultError::KeyGone);
    let phone = awaken(&device, &watched);
    phone.initiate();
    assert!(!is_approval(&phone.send(&low_value())));
    let error = phone.wallet.ensure_usable().unwrap_err();
    assert_eq!(error.code, ErrorCode::KeystoreKeyInvalidated);
    assert_eq!(phone.send(Syn1::SELECT_PPSE), "6A82");
    drop(phone);
    // One call, and the phone can be provisioned again.
    device.location().erase(&mut device.vault(), None).unwrap();
    assert!(device.start(&flexible()).unwrap().wallet.instruments().is_empty());
}

#[test]
fn a_face_that_was_exchanged_pays_nothing() {
    let device = Device::with_syn_1(&flexible(), 1..=5);
    let other = Device::with_syn_1(&flexible(), 1..=5);
    {
        let phone = other.start(&flexible()).unwrap();
        let id = Phone::id("card-1");
        phone.wallet.delete(&id).unwrap();
        phone.wallet.install_profile(id.clone(), Syn1::second_card()).unwrap();
        phone.wallet.activate(&id).unwrap();
    }
    let database = |device: &Device| device.folder.path().join("state/store.db");
    let connection = rusqlite::Connection::open(database(&device)).unwrap();
    connection.execute("ATTACH ?1 AS other", [database(&other).to_str().unwrap()]).unwrap();
    connection.execute_batch("DELETE FROM main.face; INSERT INTO main.face SELECT * FROM other.face;").unwrap();
    drop(connection);
    let phone = awaken(&device, &Watched { takes: Duration::from_millis(100), ..Watched::default() });
    assert!(phone.answers_as_second_card(), "the reader is shown what lies there");
    phone.send(Syn1::GPO);
    let answer = phone.send(&low_value());
    assert!(!is_approval(&answer), "{answer}");
    assert_eq!(phone.credentials_left("card-1"), 5);
    phone.take_away();
    let (answer, _) = phone.tap(&low_value());
    assert!(is_approval(&answer), "the card itself is sound");
}

#[test]
fn a_warm_tap_asks_no_vault() {
    let device = Device::with_syn_1(&flexible(), 1..=5);
    let watched = Watched::default();
    let phone = awaken(&device, &watched);
    phone.wallet.ensure_usable().unwrap();
    until("anchored after the opening", || watched.anchored.load(Ordering::SeqCst) > 0);
    let before = watched.anchored.load(Ordering::SeqCst);
    let (answer, _) = phone.tap(&low_value());
    assert!(is_approval(&answer));
    let after = (watched.unwrapped.load(Ordering::SeqCst), watched.anchored.load(Ordering::SeqCst));
    assert_eq!(after, (1, before), "neither unwrapped nor anchored while the terminal talked");
    until("anchored after the tap", || watched.anchored.load(Ordering::SeqCst) > before);
}
