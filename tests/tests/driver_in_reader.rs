//! The driver's wallet as a card in a virtual PC/SC reader, which the test plays: what the field's end does to a tap.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use bezant_tests::{Generation, Syn1};
use driver::{Driver, Reader};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

const POWER_OFF: &[u8] = &[0];
const POWER_ON: &[u8] = &[1];
const RESET: &[u8] = &[2];

/// The reader's side of vpcd.
struct Vpcd {
    listener: TcpListener,
    card: TcpStream,
}

impl Vpcd {
    /// A reader, and a driver whose wallet with SYN-1, three credentials, lies in it.
    fn with_syn_1() -> (Self, Driver) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mut driver = Driver::in_reader(Reader::new(address, "3B80800101".parse().unwrap()));
        let card = listener.accept().unwrap().0;
        for request in [
            json!({"op": "setup", "config": {"cvm_model": "Always"}}),
            json!({"op": "install_profile", "instrument": "card-1", "profile": Syn1::profile_json(Generation::V1)}),
            json!({"op": "load_credentials", "instrument": "card-1", "credentials": Syn1::credentials_json()["credentials"]}),
            json!({"op": "activate", "instrument": "card-1"}),
            json!({"op": "authenticate", "method": "fingerprint"}),
        ] {
            assert_eq!(ask(&mut driver, &request)["ok"], true, "{request}");
        }
        (Self { listener, card }, driver)
    }

    fn send(&mut self, frame: &[u8]) {
        self.card.write_all(&[&u16::try_from(frame.len()).unwrap().to_be_bytes(), frame].concat()).unwrap();
    }

    /// The answer to a command, with its status word, in hexadecimal.
    fn transmit(&mut self, command: &str) -> String {
        self.send(&base16ct::mixed::decode_vec(command).unwrap());
        let mut length = [0; 2];
        self.card.read_exact(&mut length).unwrap();
        let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
        self.card.read_exact(&mut answer).unwrap();
        base16ct::upper::encode_string(&answer)
    }

    fn transmit_all(&mut self, commands: &[&str]) -> Vec<String> {
        commands.iter().map(|command| self.transmit(command)).collect()
    }

    /// Waits for the card to be put in.
    fn wait_for_card(&mut self) {
        self.card = self.listener.accept().unwrap().0;
    }
}

fn ask(driver: &mut Driver, request: &Value) -> Value {
    serde_json::from_str(&driver.answer(&request.to_string())).unwrap()
}

fn credentials_left(driver: &mut Driver) -> Value {
    ask(driver, &json!({"op": "status"}))["instruments"][0]["credentials_left"].clone()
}

fn outcomes(driver: &mut Driver) -> Vec<Value> {
    let history = ask(driver, &json!({"op": "history"}));
    history["taps"].as_array().unwrap().iter().map(|tap| tap["outcome"].clone()).collect()
}

const TAP: [&str; 4] = [Syn1::SELECT_PPSE, Syn1::SELECT_AID, Syn1::GPO, Syn1::ARQC];
const CUT_TAP: [&str; 3] = [Syn1::SELECT_PPSE, Syn1::SELECT_AID, Syn1::GPO];

#[test]
fn a_tap_in_the_reader_is_answered_like_a_tap_on_the_line_and_pays() {
    let (mut reader, mut driver) = Vpcd::with_syn_1();
    reader.send(POWER_ON);
    let answers = reader.transmit_all(&TAP);
    assert!(answers.iter().all(|answer| answer.ends_with("9000")), "{answers:?}");
    let removed = ask(&mut driver, &json!({"op": "card_remove"}));
    assert_eq!(removed["outcome"], "AuthorizeOnline");
    let events: Vec<_> = removed["events"].as_array().unwrap().iter().map(|event| &event["event"]).collect();
    assert_eq!(events[..2], ["contactless_payment_started", "contactless_payment_completed"]);
    assert_eq!(credentials_left(&mut driver), 2);

    ask(&mut driver, &json!({"op": "authenticate", "method": "fingerprint"}));
    for (command, answer) in CUT_TAP.iter().zip(&answers) {
        assert_eq!(ask(&mut driver, &json!({"op": "apdu", "hex": command}))["hex"], **answer);
    }
}

#[test]
fn a_tap_that_loses_its_field_before_generate_ac_gives_the_credential_back() {
    let (mut reader, mut driver) = Vpcd::with_syn_1();
    for (control, taps) in [(POWER_OFF, 1), (RESET, 3)] {
        reader.transmit_all(&CUT_TAP);
        reader.send(control);
        // A new tap: the reader's word before it has been heard.
        assert!(reader.transmit(Syn1::SELECT_PPSE).ends_with("9000"));
        assert_eq!(outcomes(&mut driver), vec!["Interrupted"; taps]);
        reader.send(POWER_OFF);
        assert_eq!(reader.transmit(Syn1::GPO), "6985", "the field takes the tap's state with it");
    }
    reader.transmit_all(&CUT_TAP);
    let removed = ask(&mut driver, &json!({"op": "card_remove"}));
    assert_eq!(removed["outcome"], "Interrupted");
    let last = removed["events"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["event"], &last["outcome"]), (&json!("contactless_payment_completed"), &json!("Interrupted")));
    assert_eq!(credentials_left(&mut driver), 3, "nothing was spent");

    assert_eq!(ask(&mut driver, &json!({"op": "card_insert"}))["ok"], true);
    reader.wait_for_card();
    assert!(reader.transmit_all(&TAP).iter().all(|answer| answer.ends_with("9000")));
    assert_eq!(credentials_left(&mut driver), 2, "the tap after them pays");
}

#[test]
fn after_a_payment_only_a_new_field_begins_a_tap() {
    let (mut reader, mut driver) = Vpcd::with_syn_1();
    reader.transmit_all(&TAP);
    assert_eq!(reader.transmit(Syn1::SELECT_PPSE), "6985");
    reader.send(RESET);
    assert!(reader.transmit(Syn1::SELECT_PPSE).ends_with("9000"));
    assert_eq!(outcomes(&mut driver), ["AuthorizeOnline"]);
}

#[test]
fn the_end_of_the_driver_takes_the_card_out_before_the_wallet_is_closed() {
    let (mut reader, mut driver) = Vpcd::with_syn_1();
    reader.transmit_all(&CUT_TAP);
    let answer = ask(&mut driver, &json!({"op": "shutdown"}));
    let last = answer["events"].as_array().unwrap().last().unwrap();
    assert_eq!((&answer["ok"], &last["outcome"]), (&json!(true), &json!("Interrupted")));
    assert_eq!(reader.card.read(&mut [0]).unwrap(), 0);
}
