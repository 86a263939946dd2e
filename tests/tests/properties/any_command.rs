//! Any bytes, in any state: the answer is the one that the specification has for them, and the state behind it too.

use crate::cases;
use bezant::apdu::StatusWord;
use bezant::card::TapOutcome;
use bezant_tests::commands::{Expected, State, aac, expected};
use bezant_tests::{Judge, Phone, Syn1, bytes};
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn any_bytes_in_any_state_get_the_answer_of_the_specification(
        start in 0..State::ALL.len(),
        commands in vec(command(), 1..24),
    ) {
        let judge = Judge::of_syn_1();
        let mut state = State::ALL[start];
        let (phone, mut credentials) = state.phone();
        for command in &commands {
            let answer = phone.transmit(command);
            let expected = with_credentials(expected(state, command), credentials);
            let told = format!("{} in {state:?}: {}", hex::encode_upper(command), hex::encode_upper(&answer));
            prop_assert!((2..=258).contains(&answer.len()), "{}", told);
            let (data, status) = answer.split_at(answer.len() - 2);
            prop_assert_eq!(u16::from_be_bytes([status[0], status[1]]), expected.status, "{}", told);
            prop_assert!(StatusWord::ALL.iter().any(|known| known.to_bytes() == status), "{}", told);
            prop_assert!(data.is_empty() || expected.status == 0x9000, "{}", told);
            prop_assert_eq!(judge.credential_behind(command, &answer).is_some(), expected.spends, "{}", told);
            credentials -= usize::from(expected.spends);
            state = expected.state;
            prop_assert_eq!(phone.credentials_left("card-1"), credentials, "{}", told);
        }
        prop_assert_eq!(finishes(&phone, state, credentials), Ok(()));
    }
}

#[test]
fn every_class_and_instruction_gets_its_status_word_in_every_state() {
    for state in State::ALL {
        let (phone, credentials) = state.phone();
        for pair in 0..=u16::MAX {
            let [cla, ins] = pair.to_be_bytes();
            for command in [&[cla, ins][..], &[cla, ins, 0, 0], &[cla, ins, 0, 0, 3, 1]] {
                assert_expected(&phone, state, command);
            }
        }
        assert_eq!(finishes(&phone, state, credentials), Ok(()));
    }
}

#[test]
fn every_p1_and_p2_gets_its_status_word_in_every_state() {
    for state in State::ALL {
        let (phone, credentials) = state.phone();
        for parameters in 0..=u16::MAX {
            let [p1, p2] = parameters.to_be_bytes();
            // Without data none of these changes the state; READ RECORD needs none.
            for (cla, ins) in COMMANDS {
                assert_expected(&phone, state, &[cla, ins, p1, p2]);
            }
        }
        assert_eq!(finishes(&phone, state, credentials), Ok(()));
    }
}

/// Lc and the data behind it in every combination that nearly fits.
#[test]
fn every_length_gets_its_status_word_in_every_state() {
    for state in State::ALL {
        let (phone, credentials) = state.phone();
        for (header, byte) in
            [("00A40400", 0xA0), ("00B20114", 0), ("80A80000", 0x84), ("80AE8000", 0xAA), ("802A8E80", 1)]
        {
            for lc in 0..=u8::MAX {
                for missing in -1i16..=3 {
                    let length = usize::try_from(i16::from(lc) + missing).unwrap_or_default();
                    // 00 at the end is the Le where the data end before it.
                    for last in [0x00, 0x01] {
                        let mut command = [&bytes(header)[..], &[lc], &vec![byte; length]].concat();
                        if let Some(end) = command[5..].last_mut() {
                            *end = last;
                        }
                        if expected(state, &command).state == state {
                            assert_expected(&phone, state, &command);
                        }
                    }
                }
            }
        }
        assert_eq!(finishes(&phone, state, credentials), Ok(()));
    }
}

fn assert_expected(phone: &Phone, state: State, command: &[u8]) {
    let answer = phone.transmit(command);
    let (status, expected) = (answer.last_chunk().copied().map(u16::from_be_bytes), expected(state, command));
    assert_eq!(status, Some(expected.status), "{} in {state:?}", hex::encode_upper(command));
    assert_eq!(expected.state, state, "{} was to change nothing", hex::encode_upper(command));
}

/// With the last credential gone a card still answers, but under random keys.
fn with_credentials(expected: Expected, left: usize) -> Expected {
    if expected.spends && left == 0 { Expected { spends: false, state: State::Refused, ..expected } } else { expected }
}

/// Goes on from a state to a payment, and then pays once more from the start.
fn finishes(phone: &Phone, state: State, credentials: usize) -> Result<(), String> {
    let rest: &[&str] = match state {
        State::NoCard => return Ok(()),
        State::Paid => &[],
        State::Initiated => &[Syn1::ARQC],
        State::Selected => &[Syn1::GPO, Syn1::ARQC],
        State::Fresh | State::NotSelected | State::Refused => &[Syn1::SELECT_AID, Syn1::GPO, Syn1::ARQC],
    };
    let answers: Vec<String> = rest.iter().map(|command| phone.send(command)).collect();
    if answers.iter().any(|answer| !answer.ends_with("9000")) {
        return Err(format!("from {state:?}: {answers:?}"));
    }
    let spends = state != State::Paid && credentials > 0;
    let outcome =
        if spends || state == State::Paid { TapOutcome::AuthorizeOnline } else { TapOutcome::DeclinedByWallet };
    let first = (phone.take_away(), phone.credentials_left("card-1"));
    let left = credentials - usize::from(spends);
    // A signed AAC is no payment, yet ends a tap like one.
    let known = [Some(outcome), Some(TapOutcome::AuthenticateOffline).filter(|_| state == State::Paid)];
    if !known.contains(&first.0) || first.1 != left {
        return Err(format!("from {state:?} with {credentials} credentials: {first:?}"));
    }
    phone.verify();
    let (answer, outcome) = phone.tap(Syn1::ARQC);
    let paid = outcome == TapOutcome::AuthorizeOnline && phone.credentials_left("card-1") + 1 == left;
    let declined = outcome == TapOutcome::DeclinedByWallet && left == 0;
    if paid || declined { Ok(()) } else { Err(format!("afterwards: {outcome:?} {answer}")) }
}

const COMMANDS: [(u8, u8); 5] = [(0x00, 0xA4), (0x00, 0xB2), (0x80, 0xA8), (0x80, 0xAE), (0x80, 0x2A)];

/// From mere bytes to commands that are all but right.
fn command() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(COMMANDS.to_vec());
    let header_and_bytes =
        (known.clone(), vec(any::<u8>(), 0..=296)).prop_map(|((cla, ins), rest)| [&[cla, ins][..], &rest].concat());
    let framed = (known, any::<[u8; 2]>(), vec(any::<u8>(), 0..=255)).prop_map(|((cla, ins), [p1, p2], data)| {
        let lc = u8::try_from(data.len()).unwrap();
        [&[cla, ins, p1, p2, lc][..], &data, &[0]].concat()
    });
    let changed = (real(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut command, at, byte)| {
        let at = at.index(command.len());
        command[at] = byte;
        command
    });
    let cut =
        (real(), any::<prop::sample::Index>()).prop_map(|(command, at)| command[..at.index(command.len())].to_vec());
    let longer = (real(), vec(any::<u8>(), 1..4)).prop_map(|(command, more)| [command, more].concat());
    prop_oneof![
        2 => vec(any::<u8>(), 0..=300),
        1 => header_and_bytes,
        1 => framed,
        3 => changed,
        1 => cut,
        1 => longer,
        5 => real(),
    ]
}

/// Commands of a tap; those that spend are rare enough to leave credentials for what follows.
fn real() -> impl Strategy<Value = Vec<u8>> {
    let gac = |p1: u8| format!("80AE{p1:02X}{}", &Syn1::ARQC[6..]);
    let [record_1, .., record_4] = Syn1::READ_RECORDS;
    prop::sample::select(vec![
        Syn1::SELECT_PPSE.to_owned(),
        Syn1::SELECT_AID.to_owned(),
        Syn1::SELECT_AID.to_owned(),
        "00A4040007A000000004306000".to_owned(),
        Syn1::GPO.to_owned(),
        Syn1::GPO.to_owned(),
        "80A800000D830B2C0080000000000006162600".to_owned(),
        "80A800000E83810B2C0080000000000006162200".to_owned(),
        record_1.to_owned(),
        record_4.to_owned(),
        "00B2040C".to_owned(),
        Syn1::ARQC.to_owned(),
        Syn1::ARQC_CDA.to_owned(),
        gac(0x40),
        gac(0x10),
        aac(),
        Syn1::ARQC.replacen("2500", "2A00", 1),
        Syn1::ARQC.replacen("1234ABCD22", "1234ABCD23", 1),
        "802A8E80160000076503000000002500098506160026011554112200".to_owned(),
        "80CA9F3600".to_owned(),
    ])
    .prop_map(|command| bytes(&command))
}
