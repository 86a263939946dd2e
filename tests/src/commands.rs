//! A model of SYN-1's command interface, written from the specification and not from the core: which status word each
//! command gets in each state, and where it leads.

#![allow(missing_docs)]

use crate::{Generation, Phone, Syn1};

/// Where a phone with SYN-1 stands. Mag-stripe mode is off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// No card that pays.
    NoCard,
    /// In the field, nothing selected yet.
    Fresh,
    /// In a tap, nothing selected.
    NotSelected,
    Selected,
    Initiated,
    /// Answered under random keys, or aborted.
    Refused,
    /// Answered under real keys.
    Paid,
}

impl State {
    pub const ALL: [Self; 7] =
        [Self::NoCard, Self::Fresh, Self::NotSelected, Self::Selected, Self::Initiated, Self::Refused, Self::Paid];

    /// A phone in this state, its cardholder verified, with so many credentials left.
    pub fn phone(self) -> (Phone, usize) {
        if self == Self::NoCard {
            return (Phone::new(bezant::WalletConfig::default()), 0);
        }
        let phone = Phone::with_syn_1(Generation::V2).verified();
        let (select, gpo, unsigned_aac) = (Syn1::SELECT_AID, Syn1::GPO, aac());
        let commands: &[&str] = match self {
            Self::NoCard | Self::Fresh => &[],
            Self::NotSelected => &[Syn1::SELECT_PPSE],
            Self::Selected => &[select],
            Self::Initiated => &[select, gpo],
            Self::Refused => &[select, gpo, &unsigned_aac],
            Self::Paid => &[select, gpo, Syn1::ARQC],
        };
        for command in commands {
            assert!(phone.send(command).ends_with("9000"), "{command}");
        }
        (phone, if self == Self::Paid { 2 } else { 3 })
    }
}

/// The status word that a command must get, the state behind it, and whether it gets a cryptogram that needs a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Expected {
    pub status: u16,
    pub state: State,
    /// For GENERATE AC that is answered: whether real keys may be used.
    pub spends: bool,
}

/// Checks run INS, CLA, P1 P2, lengths, state, data.
pub fn expected(state: State, command: &[u8]) -> Expected {
    let stays = |status| Expected { status, state, spends: false };
    let goes = |status, state| Expected { status, state, spends: false };
    let [cla, ins, p1, p2, body @ ..] = command else { return stays(0x6700) };
    let class = match ins {
        0xA4 | 0xB2 => 0x00,
        0xA8 | 0xAE | 0x2A => 0x80,
        _ => return stays(0x6D00),
    };
    if *cla != class {
        return stays(0x6E00);
    }
    let parameters = match ins {
        0xA4 => (*p1, *p2) == (4, 0),
        0xB2 => *p1 != 0 && p2 % 8 == 4,
        0xAE => p1 & 0x2F == 0 && p1 >> 6 != 3 && *p2 == 0,
        0x2A => (*p1, *p2) == (0x8E, 0x80),
        _ => (*p1, *p2) == (0, 0),
    };
    if !parameters {
        return stays(0x6A86);
    }
    let data = match (ins, body) {
        (0xB2, [] | [0]) => &[][..],
        (0xB2, _) | (_, [] | [0, ..]) => return stays(0x6700),
        (_, [lc, rest @ ..]) => match rest.split_at_checked(usize::from(*lc)) {
            Some((data, [] | [0])) => data,
            _ => return stays(0x6700),
        },
    };
    let length_fits = match ins {
        0xA4 => (5..=16).contains(&data.len()),
        0xAE => state == State::NoCard || data.len() == 45,
        _ => true,
    };
    if !length_fits {
        return stays(0x6700);
    }
    match (ins, state) {
        (0xA4, State::NoCard) => stays(0x6A82),
        (_, State::Paid | State::NoCard) => stays(0x6985),
        (0xA4, _) if data == b"2PAY.SYS.DDF01" => goes(0x9000, State::NotSelected),
        (0xA4, _) if data == [0xA0, 0, 0, 0, 4, 0x10, 0x10] => goes(0x9000, State::Selected),
        (0xA4, State::Fresh | State::Refused) => stays(0x6A82),
        (0xA4, _) => goes(0x6A82, State::NotSelected),
        (0xB2, State::Selected | State::Initiated) => match (p2 >> 3, p1) {
            (1, 1) | (2, 1..=3) => stays(0x9000),
            _ => stays(0x6A83),
        },
        (0xA8, State::Selected) => processing_options(data, state),
        (0xAE, State::Initiated) => cryptogram(*p1, data),
        _ => stays(0x6985),
    }
}

fn processing_options(template: &[u8], state: State) -> Expected {
    let stays = |status| Expected { status, state, spends: false };
    let values = match template {
        [0x83, 11, values @ ..] | [0x83, 0x81, 11, values @ ..] | [0x83, 0x82, 0, 11, values @ ..] => values,
        [0x83, ..] => return stays(0x6700),
        _ => return stays(0x6985),
    };
    match values {
        [.., terminal_type] if values.len() == 11 && offline_only(*terminal_type) => {
            Expected { status: 0x6985, state: State::Refused, spends: false }
        }
        [..] if values.len() == 11 => Expected { status: 0x9000, state: State::Initiated, spends: false },
        _ => stays(0x6700),
    }
}

fn cryptogram(p1: u8, cdol1_data: &[u8]) -> Expected {
    let decimal = cdol1_data[..6].iter().all(|byte| byte >> 4 < 10 && byte & 0x0F < 10);
    if !decimal {
        return Expected { status: 0x6985, state: State::Initiated, spends: false };
    }
    if offline_only(cdol1_data[29]) {
        return Expected { status: 0x6985, state: State::Refused, spends: false };
    }
    // An unsigned AAC proves nothing to anybody and must not cost a key.
    let spends = p1 != 0x00;
    Expected { status: 0x9000, state: if spends { State::Paid } else { State::Refused }, spends }
}

fn offline_only(terminal_type: u8) -> bool {
    matches!(terminal_type & 0x0F, 3 | 6)
}

/// GENERATE AC for an unsigned AAC.
pub fn aac() -> String {
    format!("80AE00{}", &Syn1::ARQC[6..])
}
