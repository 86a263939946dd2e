use super::instruction::Instruction;
use super::issue::Card;
use super::verdict::{Abort, Asked, Conclusion, Question, TapOutcome, Verdict};
use crate::apdu::{Command, Reply, StatusWord};
use crate::emv::Aip;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// One card for one tap, as a value: commands in, answers out, and one question in between.
///
/// ```
/// # fn tap(card: std::sync::Arc<bezant::card::Card>, verdict: bezant::card::Verdict) {
/// use bezant::apdu::Reply;
/// use bezant::card::{CardApplication, Handled};
/// let mut application = CardApplication::new(card);
/// let mut reply = Reply::new();
/// match application.handle(&[0x80, 0xCA, 0x9F, 0x36, 0x00], &mut reply) {
///     Handled::Responded | Handled::Aborted(_) => {} // `reply` goes to the terminal.
///     Handled::Ask(asked) => {
///         let conclusion = application.conclude(asked, verdict, &mut reply);
///     }
/// }
/// # }
/// ```
pub struct CardApplication {
    pub(super) card: Arc<Card>,
    pub(super) state: State,
    pub(super) pdol_data: CommandData,
    pub(super) question_data: CommandData,
    session: u64,
}

/// What became of a command.
#[derive(Debug)]
pub enum Handled {
    /// The reply is the answer, and the tap is over.
    Aborted(Abort),
    /// The answer depends on a verdict.
    Ask(Asked),
    /// The reply is the answer.
    Responded,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    NotSelected,
    Selected {
        alternate: bool,
    },
    Initiated {
        alternate: bool,
        aip: Aip,
    },
    /// A question is open; until it is answered nothing else is.
    Asking {
        alternate: bool,
        aip: Aip,
    },
    /// Answered under random keys, or aborted.
    Refused,
    /// Answered under real keys.
    Paid,
}

/// The data of one command, kept until the tap is over.
pub(super) struct CommandData {
    bytes: [u8; super::MAX_COMMAND_DATA],
    length: usize,
}

impl CardApplication {
    /// A card in the field of a reader, nothing selected.
    #[must_use]
    pub fn new(card: Arc<Card>) -> Self {
        Self {
            card,
            state: State::NotSelected,
            pdol_data: CommandData::EMPTY,
            question_data: CommandData::EMPTY,
            session: 0,
        }
    }

    /// Goes on with the whole card where the one so far was only its face.
    pub fn complete(&mut self, card: Arc<Card>) {
        self.card = card;
    }

    /// Handles one command APDU, whatever its bytes are.
    pub fn handle(&mut self, command: &[u8], reply: &mut Reply) -> Handled {
        let instruction = Command::parse(command).and_then(|command| Instruction::try_from(&command));
        match instruction {
            Err(status) => Handled::refused(reply, status),
            Ok(Instruction::GenerateAc(_, data)) if self.cdol1_length().is_some_and(|length| length != data.len()) => {
                Handled::refused(reply, StatusWord::WRONG_LENGTH)
            }
            Ok(Instruction::ComputeChecksum(data)) if self.udol_length().is_some_and(|length| length != data.len()) => {
                Handled::refused(reply, StatusWord::WRONG_LENGTH)
            }
            Ok(_) if matches!(self.state, State::Asking { .. } | State::Paid) => {
                Handled::refused(reply, StatusWord::CONDITIONS_NOT_SATISFIED)
            }
            Ok(Instruction::Select(name)) => self.select(name, reply),
            Ok(_) if self.state == State::Refused => Handled::refused(reply, StatusWord::CONDITIONS_NOT_SATISFIED),
            Ok(Instruction::GetProcessingOptions(template)) => self.get_processing_options(template, reply),
            Ok(Instruction::ReadRecord { sfi, number }) => self.read_record(sfi, number, reply),
            Ok(Instruction::GenerateAc(request, data)) => self.generate_ac(request, data, reply),
            Ok(Instruction::ComputeChecksum(data)) => self.compute_checksum(data, reply),
        }
    }

    /// Answers the question with a verdict; the tap is then over. A question that is not this card's open one gets
    /// 6F00, uses nothing of the verdict, and ends the session.
    pub fn conclude(&mut self, asked: Asked, verdict: Verdict, reply: &mut Reply) -> Conclusion {
        let State::Asking { alternate, aip } = self.state else { return self.fail(Abort::Internal, reply) };
        if asked.session != self.session {
            return self.fail(Abort::Internal, reply);
        }
        let conclusion = match asked.question {
            Question::Cryptogram { arqc, cda, additional_check } => {
                self.answer_cryptogram(&asked, (arqc, cda, additional_check), (alternate, aip), verdict, reply)
            }
            Question::Checksum => self.answer_checksum(&asked, verdict, reply),
        };
        match conclusion {
            Ok(conclusion) => {
                let real = matches!(conclusion.outcome, TapOutcome::AuthorizeOnline | TapOutcome::AuthenticateOffline);
                self.state = if real { State::Paid } else { State::Refused };
                conclusion
            }
            Err(abort) => self.fail(abort, reply),
        }
    }

    /// Ends the session without an answer, as when the wallet gives up on a silent terminal. After an answer under real
    /// keys it has ended already.
    pub fn end(&mut self) {
        if self.state != State::Paid {
            self.state = State::Refused;
        }
    }

    /// Forgets the private key of a card that has been taken away, if nobody else holds that card any more. Nothing is
    /// signed here from now on.
    pub fn forget_private_key(&mut self) {
        if let Some(card) = Arc::get_mut(&mut self.card) {
            card.profile.icc_private_key = None;
        }
    }

    /// The card.
    #[must_use]
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// Whether an answer under real keys has been given.
    #[must_use]
    pub fn has_paid(&self) -> bool {
        self.state == State::Paid
    }

    fn read_record(&self, sfi: u8, number: u8, reply: &mut Reply) -> Handled {
        if self.state == State::NotSelected {
            return Handled::refused(reply, StatusWord::CONDITIONS_NOT_SATISFIED);
        }
        let held = self.card.profile.records.iter().find(|record| record.sfi == sfi && record.number == number);
        match held {
            Some(record) if reply.accept(&[&record.value]).is_ok() => Handled::Responded,
            _ => Handled::refused(reply, StatusWord::RECORD_NOT_FOUND),
        }
    }

    /// Opens the question; until it is concluded the card answers nothing else.
    pub(super) fn ask(
        &mut self,
        question: Question,
        terminal: crate::emv::TerminalData,
        transaction: crate::emv::TransactionInfo,
    ) -> Handled {
        let State::Initiated { alternate, aip } = self.state else {
            return Handled::Aborted(Abort::Internal);
        };
        self.state = State::Asking { alternate, aip };
        self.session = SESSIONS.fetch_add(1, Ordering::Relaxed);
        let application = self.card.application(alternate).aid;
        Handled::Ask(Asked { session: self.session, question, application, terminal, transaction })
    }

    pub(super) fn abort(&mut self, abort: Abort, reply: &mut Reply) -> Handled {
        self.fail(abort, reply);
        Handled::Aborted(abort)
    }

    fn fail(&mut self, abort: Abort, reply: &mut Reply) -> Conclusion {
        self.state = State::Refused;
        reply.refuse(match abort {
            Abort::Internal => StatusWord::INTERNAL,
            Abort::MissingMChipData => StatusWord::PROCESSING_ERROR,
            Abort::MissingMagStripeData | Abort::OfflineOnlyTerminal => StatusWord::CONDITIONS_NOT_SATISFIED,
        });
        Conclusion { abort: Some(abort), ..Conclusion::failed() }
    }
}

impl Handled {
    /// Answers a status word and leaves the state as it is.
    pub(super) fn refused(reply: &mut Reply, status: StatusWord) -> Self {
        reply.refuse(status);
        Self::Responded
    }
}

impl CommandData {
    const EMPTY: Self = Self { bytes: [0; super::MAX_COMMAND_DATA], length: 0 };

    /// Keeps a copy; `None` when there is no room.
    pub(super) fn set(&mut self, data: &[u8]) -> Option<()> {
        self.bytes.get_mut(..data.len())?.copy_from_slice(data);
        self.length = data.len();
        Some(())
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// Tells the questions of all cards apart, so that none is answered by another card.
static SESSIONS: AtomicU64 = AtomicU64::new(1);
