//! The contact kernel of the crate `emv`, dressed up as a contactless terminal: the PPSE is selected here, the rest is
//! its own transaction flow.

use bezant_tests::bytes;
use emv::config::{AidsConfig, TerminalConfig, assemble_terminal};
use emv::contact::terminal::Terminal;
use emv::contact::transaction::TransactionInputs;
use emv::contact::transaction_driver::{DriverError, Transaction};
use emv::contact::transaction_flow::{HostMediated, TerminationReason, TransactionFlowStep, start};
use emv::core::apdu::{Command, Response};
use emv::core::card_reader::CardReader;
use emv::core::oda::CaPublicKey;
use emv::core::tag::Tag;
use emv::core::tags;
use emv::core::tlv::Tlv;
use emv::de::terminal_verification_results::TerminalVerificationResults;
use std::collections::BTreeMap;
use std::convert::Infallible;

/// What kind of terminal.
#[derive(Clone, Copy)]
pub struct Setup {
    /// 9F35.
    pub terminal_type: &'static str,
    /// 9F33.
    pub capabilities: &'static str,
    /// Terminal action code, denial: with a bit of the results in it, an AAC is asked for.
    pub denial: &'static str,
}

/// An attended online-capable terminal that verifies CDA and asks no cardholder for anything.
pub const CDA: Setup = Setup { terminal_type: "22", capabilities: "E008C8", denial: "0000000000" };

/// One tap, as the terminal saw it.
pub struct Tap {
    pub ended: Ended,
    /// Terminal verification results (95) at the end.
    pub results: TerminalVerificationResults,
    /// Commands and answers in order, PPSE first.
    pub exchanges: Vec<(Vec<u8>, Vec<u8>)>,
    /// 9F26, or what the terminal recovered from a good signature.
    pub cryptogram: Option<[u8; 8]>,
    aip: Vec<u8>,
}

/// What it came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    Declined,
    NoApplication,
    Online,
    /// The card did not give a second cryptogram.
    SecondCryptogramRefused,
    Otherwise(String),
}

/// A whole tap over 25.00 PLN on 2026-01-15; `choose` picks from the names in the PPSE.
pub fn pay(
    transmit: impl FnMut(&[u8]) -> Vec<u8>,
    authorities: &[CaPublicKey],
    setup: Setup,
    choose: impl FnOnce(Vec<Vec<u8>>) -> Vec<u8>,
) -> Tap {
    let mut reader = Reader { transmit, exchanges: Vec::new() };
    let ppse = reader.exchange(bytes("00A404000E325041592E5359532E444446303100"));
    let terminal = terminal(&choose(names_in(&ppse)), setup);
    let inputs = TransactionInputs {
        amount_authorised: 2_500,
        transaction_currency_code: 985,
        transaction_currency_exponent: 2,
        transaction_date: [0x26, 0x01, 0x15],
        transaction_time: [0x10, 0x00, 0x00],
        unpredictable_number: [0x12, 0x34, 0xAB, 0xCD],
        ..TransactionInputs::default()
    };
    let mut transaction = Transaction::new(reader, &terminal, inputs, HostMediated);
    let ended = match start(&mut transaction, authorities, &[], &[], None) {
        Ok(TransactionFlowStep::OnlineRequest { .. }) => Ended::Online,
        Ok(TransactionFlowStep::Declined { .. }) => Ended::Declined,
        Ok(TransactionFlowStep::Terminated { reason: TerminationReason::NoMutuallySupportedApplication }) => {
            Ended::NoApplication
        }
        Err(DriverError::StatusWord { command: "GENERATE AC (second)", .. }) => Ended::SecondCryptogramRefused,
        other => Ended::Otherwise(format!("{other:?}")),
    };
    let context = &transaction.ctx;
    let aip = context.aip.as_ref().map_or(Vec::new(), |aip| aip.to_bytes().to_vec());
    let recovered = context.tag_store.get(tags::APPLICATION_CRYPTOGRAM).map(|value| value.try_into().unwrap());
    let results = context.tvr;
    let exchanges = transaction.card.exchanges;
    let mut tap = Tap { ended, results, exchanges, cryptogram: recovered, aip };
    tap.cryptogram = tap.cryptogram.or_else(|| tap.object(0x9F26).map(|value| value.try_into().unwrap()));
    tap
}

impl Tap {
    /// The first GENERATE AC and its answer.
    pub fn generate_ac(&self) -> Option<&(Vec<u8>, Vec<u8>)> {
        self.exchanges.iter().find(|(command, _)| command[1] == 0xAE)
    }

    /// The value of a data object in the answer to GENERATE AC.
    pub fn object(&self, tag: u32) -> Option<Vec<u8>> {
        let (_, answer) = self.generate_ac()?;
        let response = Tlv::from_bytes(&answer[..answer.len() - 2]).ok()?;
        response.find(Tag(tag))?.value().as_primitive().map(<[u8]>::to_vec)
    }

    /// What a cryptogram is made over: CDOL1 data, AIP, ATC, CVR.
    pub fn cryptogram_input(&self) -> Vec<u8> {
        let (command, _) = self.generate_ac().unwrap();
        let (atc, iad) = (self.object(0x9F36).unwrap(), self.object(0x9F10).unwrap());
        [&command[5..34], &self.aip, &atc, &iad[2..8]].concat()
    }
}

/// The answers of one tap, to be played back with changes.
pub struct Recording {
    answers: BTreeMap<Vec<u8>, Vec<u8>>,
    generate_ac: Vec<u8>,
}

impl Recording {
    pub fn of(tap: Tap) -> Self {
        let (generate_ac, _) = tap.generate_ac().unwrap().clone();
        Self { answers: tap.exchanges.into_iter().collect(), generate_ac }
    }

    /// The answer to GENERATE AC.
    pub fn cryptogram_answer(&self) -> &[u8] {
        &self.answers[&self.generate_ac]
    }

    /// Where the signature stands in the answer to GENERATE AC.
    pub fn signature(&self) -> std::ops::Range<usize> {
        let answer = self.cryptogram_answer();
        let response = Tlv::from_bytes(&answer[..answer.len() - 2]).unwrap();
        let signature = response.find(Tag(0x9F4B)).unwrap().value().as_primitive().unwrap();
        let start = answer.windows(signature.len()).position(|window| window == signature).unwrap();
        start..start + signature.len()
    }

    /// Pays again with the answer to GENERATE AC changed in one place.
    pub fn pay_with(&self, authority: &CaPublicKey, at: usize, bits: u8) -> Tap {
        let transmit = |command: &[u8]| {
            let mut answer = self.answers.get(command).cloned().unwrap_or_else(|| vec![0x69, 0x85]);
            if command == self.generate_ac {
                answer[at] ^= bits;
            }
            answer
        };
        pay(transmit, std::slice::from_ref(authority), CDA, first)
    }
}

/// The name that stands first in the PPSE.
pub fn first(names: Vec<Vec<u8>>) -> Vec<u8> {
    names.into_iter().next().unwrap()
}

struct Reader<F> {
    transmit: F,
    exchanges: Vec<(Vec<u8>, Vec<u8>)>,
}

impl<F: FnMut(&[u8]) -> Vec<u8>> CardReader for Reader<F> {
    type Error = Infallible;

    fn transmit(&mut self, command: &Command) -> Result<Response, Infallible> {
        Ok(Response::parse(&self.exchange(command.to_bytes().unwrap())).unwrap())
    }
}

impl<F: FnMut(&[u8]) -> Vec<u8>> Reader<F> {
    fn exchange(&mut self, command: Vec<u8>) -> Vec<u8> {
        let answer = (self.transmit)(&command);
        self.exchanges.push((command, answer.clone()));
        answer
    }
}

fn names_in(ppse: &[u8]) -> Vec<Vec<u8>> {
    let (fci, status) = ppse.split_at(ppse.len() - 2);
    assert_eq!(status, [0x90, 0x00]);
    let entries = Tlv::from_bytes(fci).unwrap();
    entries.find_all(Tag(0x4F)).into_iter().map(|name| name.value().as_primitive().unwrap().to_vec()).collect()
}

fn terminal(name: &[u8], setup: Setup) -> Terminal {
    let terminal = format!(
        r#"ifd_serial_number = "TERMINAL"
        terminal_country_code = 616
        terminal_type = "{}"
        terminal_capabilities = "{}"
        additional_terminal_capabilities = "F000F0A001"
        cardholder_selection_and_confirmation_supported = false"#,
        setup.terminal_type, setup.capabilities
    );
    let applications = format!(
        r#"[defaults]
        merchant_category_code = 5411
        terminal_floor_limit = 0
        tac_denial = "{}"
        tac_online = "FFFFFFFFFF"
        tac_default = "0000000000"
        terminal_risk_management_data = "2C00800000000000"
        [[aids]]
        aid = "{}"
        application_version_number = "0002""#,
        setup.denial,
        hex::encode_upper(name)
    );
    let applications = AidsConfig::parse(&applications).unwrap();
    assemble_terminal(&TerminalConfig::parse(&terminal).unwrap(), &applications).unwrap()
}
