//! One tap that has been played, with what everybody knows about it.

use std::collections::BTreeMap;
use std::rc::Rc;

use bezant::emv::CvmModel;
use pos_terminal::apdu::{Answer, Instruction, data_field};
use pos_terminal::data::parse_dol;
use pos_terminal::outcome::{DeclineReason, EndReason};
use pos_terminal::{OnlineRequest, Outcome, Sale, Tap, TerminalConfiguration};

use crate::bank::Judgement;
use crate::phone::Felt;
use crate::scenarios::{Acquirer, Before, PlannedTap, TerminalEnd};

/// What a tap is part of.
pub(crate) struct Subject {
    /// The name of the scenario or of the terminal.
    pub(crate) name: String,
    /// The same for people.
    pub(crate) story: String,
    /// What the wallet insists on.
    pub(crate) model: CvmModel,
    /// What becomes of the request on its way.
    pub(crate) acquirer: Acquirer,
}

/// One tap that has been played.
pub(crate) struct PlayedTap {
    /// What it is part of.
    pub(crate) subject: Rc<Subject>,
    /// From 1.
    pub(crate) number: usize,
    /// It is not the only one.
    pub(crate) several: bool,
    /// What was expected; at a terminal of the zoo only that all agree.
    pub(crate) planned: Option<PlannedTap>,
    /// What happened before it.
    pub(crate) before: Before,
    /// The terminal.
    pub(crate) terminal: TerminalConfiguration,
    /// What it sold.
    pub(crate) sale: Sale,
    /// What happened at the terminal.
    pub(crate) tap: Tap,
    /// What happened in the phone.
    pub(crate) felt: Felt,
    /// What happened at the bank.
    pub(crate) judgement: Judgement,
    /// What differs from the plan, and where parties disagree; nothing in a good run.
    pub(crate) deviations: Vec<String>,
}

impl PlayedTap {
    /// Commands and answers together.
    pub(crate) fn bytes(&self) -> usize {
        self.tap.exchanges.iter().map(|exchange| exchange.command.len() + exchange.answer.len()).sum()
    }
}

/// How a tap ended at the terminal, in the words of a plan.
pub(crate) fn end_of(tap: &Tap) -> TerminalEnd {
    match &tap.outcome {
        Outcome::OnlineRequest(OnlineRequest { online_pin: true, .. }) => TerminalEnd::OnlineWithPin,
        Outcome::OnlineRequest(_) => TerminalEnd::Online,
        Outcome::MagStripeOnline(_) => TerminalEnd::OnlineWithTrack,
        Outcome::SeePhone { poscii } => TerminalEnd::SeePhone(*poscii),
        Outcome::Declined { reason: DeclineReason::Card } => {
            poscii(tap).map_or(TerminalEnd::Other, TerminalEnd::Declined)
        }
        Outcome::EndApplication { reason: EndReason::Status { status, .. } } => TerminalEnd::Refused(*status),
        Outcome::EndApplication { reason: EndReason::Link(_) } => TerminalEnd::LinkLost,
        _ => TerminalEnd::Other,
    }
}

/// What the terminal told the card when it asked for a cryptogram, by tag; nothing if it never did.
pub(crate) fn question(tap: &Tap) -> BTreeMap<u32, Vec<u8>> {
    let asked = tap.exchanges.iter().rev().find_map(|exchange| {
        let list = match Instruction::of(&exchange.command)? {
            Instruction::GenerateAc => CDOL1,
            Instruction::ComputeCryptographicChecksum => UDOL,
            _ => return None,
        };
        Answer::parse(&exchange.answer).filter(Answer::is_success)?;
        values(tap.data.get(&list)?, data_field(&exchange.command))
    });
    asked.unwrap_or_default()
}

fn values(list: &[u8], mut data: &[u8]) -> Option<BTreeMap<u32, Vec<u8>>> {
    let mut values = BTreeMap::new();
    for entry in parse_dol(list).ok()? {
        let (value, rest) = data.split_at_checked(usize::from(entry.length))?;
        values.insert(entry.tag, value.to_vec());
        data = rest;
    }
    data.is_empty().then_some(values)
}

/// The sale as the terminal made it in the end: some have amounts of their own.
pub(crate) fn sale_of(sale: &Sale, question: &BTreeMap<u32, Vec<u8>>) -> Sale {
    let amount = question.get(&AMOUNT).and_then(|digits| hex::encode(digits).parse().ok());
    let transaction_type = question.get(&TRANSACTION_TYPE).and_then(|value| value.first().copied());
    Sale {
        amount: amount.unwrap_or(sale.amount),
        transaction_type: transaction_type.unwrap_or(sale.transaction_type),
        ..*sale
    }
}

fn poscii(tap: &Tap) -> Option<[u8; 3]> {
    tap.data.get(&POSCII)?.as_slice().try_into().ok()
}

const POSCII: u32 = 0xDF4B;
const CDOL1: u32 = 0x8C;
const UDOL: u32 = 0x9F69;
const AMOUNT: u32 = 0x9F02;
const TRANSACTION_TYPE: u32 = 0x9C;
