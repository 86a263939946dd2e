//! A whole tap, from the directory to the outcome (Book C-2, section 6).

mod emv_mode;
mod mag_stripe_mode;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::apdu::{self, Answer, CONDITIONS_NOT_SATISFIED, Instruction, PPSE};
use crate::configuration::{Application, MagStripe, TerminalConfiguration};
use crate::data::DataObjects;
use crate::link::{Card, Exchange};
use crate::oda::OdaResult;
use crate::outcome::{AnotherInterface, EndReason, Outcome};
use crate::quirks::{Quirks, Step, Words};
use crate::records;
use crate::sale::{Sale, numeric};
use crate::selection::{self, Candidate};
use crate::tlv::{self, Element};
use crate::tvr::Tvr;

/// A contactless terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terminal {
    configuration: TerminalConfiguration,
    quirks: Quirks,
}

/// One tap, with everything that was said and found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tap {
    /// How it ended.
    pub outcome: Outcome,
    /// Every command and answer, in order.
    pub exchanges: Vec<Exchange>,
    /// What the selected application sent, by tag.
    pub data: BTreeMap<u32, Vec<u8>>,
    /// Tag 95 at the end.
    pub tvr: Tvr,
    /// 9F34, once it was decided.
    pub cvm_results: Option<[u8; 3]>,
    /// How far offline data authentication came.
    pub oda: OdaResult,
}

impl Tap {
    /// Time on the air at 106 kbit/s.
    pub fn air_time(&self) -> Duration {
        self.exchanges.iter().map(Exchange::air_time).sum()
    }
}

impl Terminal {
    /// A terminal of this kind.
    pub fn new(configuration: TerminalConfiguration) -> Self {
        Self::with_quirks(configuration, Quirks::default())
    }

    /// A terminal that does some things in a way of its own. What goes beyond one tap, [`visit`](crate::zoo::visit)
    /// does: other amounts, restarts, refunds.
    pub fn with_quirks(configuration: TerminalConfiguration, quirks: Quirks) -> Self {
        Self { configuration, quirks }
    }

    /// What this terminal is.
    pub fn configuration(&self) -> &TerminalConfiguration {
        &self.configuration
    }

    /// Takes a card through one sale.
    pub fn tap(&self, card: &mut dyn Card, sale: &Sale) -> Tap {
        let mut session = Session {
            card,
            configuration: &self.configuration,
            quirks: &self.quirks,
            sale,
            exchanges: Vec::new(),
            objects: terminal_objects(&self.configuration, sale),
            tvr: Tvr::default(),
            cvm_results: None,
            oda: OdaResult::default(),
            records_read: 0,
        };
        self.quirks.change_objects(&mut session.objects);
        let outcome = session.run().unwrap_or_else(|reason| Outcome::EndApplication { reason });
        Tap {
            outcome,
            exchanges: session.exchanges,
            data: session.objects.of_card().clone(),
            tvr: session.tvr,
            cvm_results: session.cvm_results,
            oda: session.oda,
        }
    }
}

struct Session<'a> {
    card: &'a mut dyn Card,
    configuration: &'a TerminalConfiguration,
    quirks: &'a Quirks,
    sale: &'a Sale,
    exchanges: Vec<Exchange>,
    objects: DataObjects,
    tvr: Tvr,
    cvm_results: Option<[u8; 3]>,
    oda: OdaResult,
    records_read: usize,
}

/// The application in use, and what GET PROCESSING OPTIONS was given.
struct Selected {
    application: Application,
    pdol_values: Vec<u8>,
    aip: [u8; 2],
}

struct Reply {
    body: Vec<u8>,
    status: u16,
}

impl Session<'_> {
    fn run(&mut self) -> Result<Outcome, EndReason> {
        let mut candidates = self.candidates()?;
        self.quirks.order_candidates(&mut candidates);
        let mut reason = EndReason::NoCommonApplication;
        for candidate in candidates {
            self.objects.forget_card();
            match self.open(candidate)? {
                Ok(selected) => return self.perform(selected),
                Err(refusal) => reason = refusal,
            }
        }
        Err(reason)
    }

    fn candidates(&mut self) -> Result<Vec<Candidate>, EndReason> {
        if self.quirks.skips_directory() {
            return Ok(selection::known(self.configuration));
        }
        let directory = self.succeed(Instruction::Select, apdu::select(PPSE))?;
        selection::candidates(&directory, self.configuration)
            .map_err(|fault| EndReason::Tlv { command: Instruction::Select, fault })
    }

    // The inner error is a refusal after which the next candidate gets its turn (Book B, section 3.3.3; C-2, GPO 6985).
    fn open(&mut self, candidate: Candidate) -> Result<Result<Selected, EndReason>, EndReason> {
        let command = Instruction::Select;
        let Reply { body, status } = self.exchange(command, apdu::select(&candidate.aid))?;
        if status != apdu::SUCCESS {
            return Ok(Err(EndReason::Status { command, status }));
        }
        let fci = tlv::template(&body, FCI).and_then(tlv::primitives);
        self.store(&fci.map_err(|fault| EndReason::Tlv { command, fault })?)?;
        if self.needed(DF_NAME)? != candidate.aid {
            return Err(EndReason::Value(DF_NAME));
        }
        self.objects.hold(TERMINAL_AID, candidate.aid);
        self.objects.hold(TERMINAL_VERSION, candidate.application.version);
        let pdol_values = self.fill(PDOL)?;

        let command = Instruction::GetProcessingOptions;
        let Reply { body, status } = self.exchange(command, apdu::get_processing_options(&pdol_values))?;
        match status {
            apdu::SUCCESS => {}
            CONDITIONS_NOT_SATISFIED => return Ok(Err(EndReason::Status { command, status })),
            _ => return Err(EndReason::Status { command, status }),
        }
        self.store_processing_options(&body)?;
        let aip = self.needed_fixed(AIP)?;
        Ok(Ok(Selected { application: candidate.application, pdol_values, aip }))
    }

    fn store_processing_options(&mut self, body: &[u8]) -> Result<(), EndReason> {
        let fault = |fault| EndReason::Tlv { command: Instruction::GetProcessingOptions, fault };
        if let [Element { tag: FORMAT_1, value, .. }] = tlv::elements(body).map_err(fault)?.as_slice() {
            let (aip, afl) = value.split_at_checked(2).ok_or(EndReason::Value(AIP))?;
            return self.store(&[bare(AIP, aip), bare(AFL, afl)]);
        }
        self.store(&tlv::template(body, FORMAT_2).and_then(tlv::primitives).map_err(fault)?)
    }

    fn perform(&mut self, selected: Selected) -> Result<Outcome, EndReason> {
        let [_, modes] = selected.aip;
        let emv_mode = modes & EMV_MODE != 0;
        match self.configuration.mag_stripe {
            MagStripe::None | MagStripe::Fallback if emv_mode => self.emv_mode(&selected),
            MagStripe::None => Ok(Outcome::TryAnotherInterface { reason: AnotherInterface::MagStripeMode }),
            MagStripe::Fallback | MagStripe::Only => self.mag_stripe_mode(&selected),
        }
    }

    /// Reads the records of a file locator; returns the bytes that the ICC certificate covers.
    fn read_records(&mut self, afl: &[u8]) -> Result<Vec<u8>, EndReason> {
        let command = Instruction::ReadRecord;
        let fault = |fault| EndReason::Tlv { command, fault };
        let mut addresses: Vec<_> = records::addresses(afl)?.into_iter().enumerate().collect();
        self.quirks.order_records(&mut addresses);
        let mut signed = BTreeMap::new();
        for (place, address) in addresses {
            let record = self.succeed(command, apdu::read_record(address.sfi, address.record))?;
            self.store(&tlv::template(&record, records::RECORD).and_then(tlv::primitives).map_err(fault)?)?;
            if address.signed {
                signed.insert(place, records::signed_bytes(address, &record).map_err(fault)?.to_vec());
            }
        }
        // The certificate covers them in the order of the file locator, whatever the order of reading.
        Ok(signed.into_values().flatten().collect())
    }

    fn exchange(&mut self, instruction: Instruction, command: Vec<u8>) -> Result<Reply, EndReason> {
        let step = Step::of(instruction, &command);
        self.records_read += usize::from(step == Step::Record);
        let Words { before, command, after } = self.quirks.words(step, command);
        for extra in before {
            self.transmit(extra)?;
        }
        let answer = self.transmit(command)?;
        if self.quirks.drops_field(step, self.records_read) {
            self.card.leave_field();
            if let Some(unread) = self.exchanges.last_mut().filter(|_| step == Step::Cryptogram) {
                unread.answer.clear();
            }
            return Err(EndReason::FieldOff);
        }
        for extra in after {
            self.transmit(extra)?;
        }
        let parsed =
            Answer::parse(&answer).ok_or(EndReason::AnswerLength { command: instruction, length: answer.len() })?;
        Ok(Reply { body: parsed.body.to_vec(), status: parsed.status })
    }

    fn transmit(&mut self, command: Vec<u8>) -> Result<Vec<u8>, EndReason> {
        let start = Instant::now();
        let answered = self.card.transmit(&command);
        let measured = start.elapsed();
        let elapsed = self.card.answer_time().unwrap_or(measured);
        let answer = answered.as_ref().cloned().unwrap_or_default();
        self.exchanges.push(Exchange { command, answer, elapsed });
        let answer = answered.map_err(|error| EndReason::Link(error.to_string()))?;
        let taken: Duration = self.exchanges.iter().map(|exchange| exchange.elapsed + exchange.air_time()).sum();
        match self.quirks.patience().filter(|limit| taken > *limit) {
            Some(limit) => {
                self.card.leave_field();
                Err(EndReason::TooSlow { limit })
            }
            None => Ok(answer),
        }
    }

    fn succeed(&mut self, instruction: Instruction, command: Vec<u8>) -> Result<Vec<u8>, EndReason> {
        let Reply { body, status } = self.exchange(instruction, command)?;
        if status == apdu::SUCCESS { Ok(body) } else { Err(EndReason::Status { command: instruction, status }) }
    }

    fn store(&mut self, elements: &[Element<'_>]) -> Result<(), EndReason> {
        elements.iter().try_for_each(|element| self.objects.store(element)).map_err(EndReason::from)
    }

    /// The values that a list of the card asks for; none for an absent list.
    fn fill(&self, list: u32) -> Result<Vec<u8>, EndReason> {
        let definition = self.objects.value(list).unwrap_or_default();
        self.objects.fill(definition).map_err(|fault| EndReason::List { tag: list, fault })
    }

    fn needed(&self, tag: u32) -> Result<&[u8], EndReason> {
        self.objects.value(tag).filter(|value| !value.is_empty()).ok_or(EndReason::MissingData(tag))
    }

    fn needed_fixed<const N: usize>(&self, tag: u32) -> Result<[u8; N], EndReason> {
        self.needed(tag)?.try_into().map_err(|_| EndReason::Value(tag))
    }

    fn poscii(&self) -> Result<Option<[u8; 3]>, EndReason> {
        self.objects.value(POSCII).map(|_| self.needed_fixed(POSCII)).transpose()
    }

    fn elements(&self, tags: &[u32]) -> BTreeMap<u32, Vec<u8>> {
        tags.iter().filter_map(|tag| Some((*tag, self.objects.value(*tag)?.to_vec()))).collect()
    }
}

fn bare(tag: u32, value: &[u8]) -> Element<'_> {
    Element { tag, encoded: value, value, constructed: false }
}

fn terminal_objects(configuration: &TerminalConfiguration, sale: &Sale) -> DataObjects {
    let mut objects = DataObjects::default();
    objects.hold(0x9F02, numeric(sale.amount, 6));
    objects.hold(0x9F03, numeric(sale.amount_other, 6));
    objects.hold(0x9A, sale.date);
    objects.hold(0x9F21, sale.time);
    objects.hold(0x9C, [sale.transaction_type]);
    objects.hold(UNPREDICTABLE_NUMBER, sale.unpredictable_number);
    objects.hold(0x9F1A, configuration.country);
    objects.hold(0x5F2A, configuration.currency);
    objects.hold(0x5F36, [configuration.currency_exponent]);
    objects.hold(0x9F15, configuration.merchant_category_code);
    objects.hold(0x9F4E, configuration.merchant_name.as_bytes());
    objects.hold(0x9F35, [configuration.terminal_type]);
    objects.hold(0x9F33, configuration.capabilities_for(sale.amount));
    objects.hold(0x9F40, configuration.additional_capabilities);
    objects.hold(0x9F1D, configuration.risk_management_data);
    objects.hold(TVR, Tvr::default().0);
    objects
}

const FCI: u32 = 0x6F;
const FORMAT_1: u32 = 0x80;
const FORMAT_2: u32 = 0x77;
const AIP: u32 = 0x82;
const DF_NAME: u32 = 0x84;
const AFL: u32 = 0x94;
const TVR: u32 = 0x95;
const TERMINAL_AID: u32 = 0x9F06;
const TERMINAL_VERSION: u32 = 0x9F09;
const UNPREDICTABLE_NUMBER: u32 = 0x9F37;
const PDOL: u32 = 0x9F38;
const POSCII: u32 = 0xDF4B;

/// AIP byte 2 (Book C-2, annex A): EMV mode is supported.
const EMV_MODE: u8 = 0x80;
