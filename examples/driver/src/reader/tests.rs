use super::*;
use crate::Driver;
use std::io::{Read, Write};
use std::net::TcpListener;

const SELECT_PPSE: &[u8] = b"\x00\xA4\x04\x00\x0E2PAY.SYS.DDF01\x00";

fn atr() -> Atr {
    "3B80800101".parse().unwrap()
}

fn driver_at(vpcd: &TcpListener) -> Driver {
    Driver::in_reader(Reader::new(vpcd.local_addr().unwrap().to_string(), atr()))
}

fn exchange(reader: &mut TcpStream, frame: &[u8]) -> Vec<u8> {
    reader.write_all(&[&u16::try_from(frame.len()).unwrap().to_be_bytes(), frame].concat()).unwrap();
    let mut length = [0; 2];
    reader.read_exact(&mut length).unwrap();
    let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
    reader.read_exact(&mut answer).unwrap();
    answer
}

fn code(answer: &str) -> &str {
    let (_, rest) = answer.split_once(r#""code":""#).unwrap_or_else(|| panic!("{answer}"));
    rest.split('"').next().unwrap()
}

#[test]
fn a_driver_without_a_reader_says_so() {
    let mut driver = Driver::default();
    assert_eq!(code(&driver.answer(r#"{"op":"card_insert"}"#)), "NO_READER");
    assert_eq!(code(&driver.answer(r#"{"op":"card_remove"}"#)), "NO_READER");
}

#[test]
fn a_card_is_in_the_reader_at_once_and_answers_before_there_is_a_wallet() {
    let vpcd = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut driver = driver_at(&vpcd);
    let (mut reader, _) = vpcd.accept().unwrap();
    assert_eq!(exchange(&mut reader, &[4]), [0x3B, 0x80, 0x80, 0x01, 0x01]);
    assert_eq!(exchange(&mut reader, SELECT_PPSE), [0x6A, 0x82]);
    assert_eq!(exchange(&mut reader, &[]), [0x67, 0x00]);
    assert_eq!(code(&driver.answer(r#"{"op":"card_insert"}"#)), "CARD_INSERTED");
    assert_eq!(driver.answer(r#"{"op":"card_remove"}"#), r#"{"ok":true,"outcome":null}"#);
    assert_eq!(reader.read(&mut [0]).unwrap(), 0, "the card has hung up");
    assert_eq!(code(&driver.answer(r#"{"op":"card_remove"}"#)), "CARD_NOT_INSERTED");
}

#[test]
fn a_card_comes_back_with_the_answer_to_reset_that_it_is_given() {
    let vpcd = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut driver = driver_at(&vpcd);
    drop(vpcd.accept().unwrap());
    driver.answer(r#"{"op":"card_remove"}"#);
    for wrong in ["3B", "3C60", "3B6", "", "zz"] {
        let request = format!(r#"{{"op":"card_insert","atr":"{wrong}"}}"#);
        assert_eq!(code(&driver.answer(&request)), "INVALID_REQUEST", "{wrong}");
    }
    assert_eq!(driver.answer(r#"{"op":"card_insert","atr":"3B600000"}"#), r#"{"ok":true}"#);
    let (mut reader, _) = vpcd.accept().unwrap();
    assert_eq!(exchange(&mut reader, &[4]), [0x3B, 0x60, 0x00, 0x00]);
    assert_eq!(driver.answer(r#"{"op":"shutdown"}"#), r#"{"ok":true}"#);
    assert_eq!(reader.read(&mut [0]).unwrap(), 0, "the card has hung up");
}

#[test]
fn a_reader_that_is_not_there_is_told_and_tried_again() {
    let vpcd = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = vpcd.local_addr().unwrap();
    drop(vpcd);
    let mut driver = Driver::in_reader(Reader::new(address.to_string(), atr()));
    let answer = driver.answer(r#"{"op":"setup"}"#);
    assert!(answer.contains(r#""ok":true"#) && answer.contains(r#""event":"reader_gone""#), "{answer}");
    assert_eq!(code(&driver.answer(r#"{"op":"card_insert"}"#)), "READER_UNREACHABLE");
    let vpcd = TcpListener::bind(address).unwrap();
    assert_eq!(driver.answer(r#"{"op":"card_insert"}"#), r#"{"ok":true}"#);
    vpcd.accept().unwrap();

    let mut nowhere = Driver::in_reader(Reader::new("no port".into(), atr()));
    assert_eq!(code(&nowhere.answer(r#"{"op":"card_insert"}"#)), "READER_UNREACHABLE");
}

#[test]
fn a_reader_that_goes_is_told_and_the_card_can_go_into_the_next() {
    let vpcd = TcpListener::bind("127.0.0.1:0").unwrap();
    let app = Arc::new(App::default());
    let mut reader = Reader::new(vpcd.local_addr().unwrap().to_string(), atr());
    reader.insert(None, &app).ok().unwrap();
    drop(vpcd.accept().unwrap());
    let service = reader.inserted.as_mut().and_then(|card| card.service.take());
    assert_eq!(service.unwrap().join().unwrap(), None);
    let told = serde_json::to_string(&app.take_told()).unwrap();
    assert_eq!(told, r#"[{"event":"reader_gone","detail":"the reader has hung up"}]"#);
    assert!(reader.remove().is_err());
    reader.insert(None, &app).ok().unwrap();
    assert_eq!(exchange(&mut vpcd.accept().unwrap().0, &[4]), [0x3B, 0x80, 0x80, 0x01, 0x01]);
}

/// A reader that waits for a card which nobody answers for any more would wait for ever.
#[test]
fn a_reader_that_has_nothing_more_to_say_finds_no_card() {
    let vpcd = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut driver = driver_at(&vpcd);
    let (mut reader, _) = vpcd.accept().unwrap();
    reader.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    reader.shutdown(Shutdown::Write).unwrap();
    assert_eq!(reader.read(&mut [0]).unwrap(), 0, "the card has hung up");
    drop(reader);
    while !driver.answer(r#"{"op":"card_insert"}"#).contains(r#""ok":true"#) {}
    vpcd.accept().unwrap();
}
