//! A phone and the model beside it: every step is taken by both, and every answer goes before the judge.

use super::Stage;
use super::judges::credential_behind;
use super::question::{command, read};
use super::step::{KNOWN, STOCK, Step};
use crate::phone::START;
use crate::secrets::credential;
use bezant::WalletConfig;
use bezant::apdu::StatusWord;
use bezant::card::TapOutcome;
use bezant::cdcvm::CdcvmMethod;
use bezant::emv::{Advice, CvmModel};
use bezant::wallet::{DeactivationReason, DeviceState};
use bezant_tests::commands::{State, expected};
use bezant_tests::stories::{Answer, Kind, Model, Moment, NAMES, Question, Range, STOCK as ATCS, Sent};

pub struct Story<'a> {
    pub(super) stage: &'a Stage,
    pub(super) model: Model,
    /// How many taps there were before.
    pub(super) taps_before: u64,
    number: u32,
    /// The latest counter that each card has answered under.
    answered: [Option<u16>; 2],
    /// Whether this field has seen an answer under real keys.
    paid: bool,
    /// What the app is told cannot be foretold any more.
    pub(super) is_beyond: bool,
    has_lost_a_card: bool,
}

impl<'a> Story<'a> {
    /// A phone with two cards, of which the first is the default, and two credentials for each.
    pub(super) fn new(stage: &'a Stage, config: WalletConfig) -> Self {
        let mut model = Model::new(config, Moment { unix_ms: START.unix_ms, boot_ms: START.boot_ms });
        for card in [0, 1] {
            model.cards.install(card);
            model.cards.activate(card);
        }
        let mut story = Self {
            stage,
            model,
            taps_before: stage.phone.wallet.last_tap().map_or(0, |tap| tap.number),
            number: 0,
            answered: [None; 2],
            paid: false,
            is_beyond: false,
            has_lost_a_card: false,
        };
        for card in [0, 1] {
            story.load(card, true);
        }
        story
    }

    /// Whether what has changed can be undone.
    pub(super) const fn can_be_put_back(&self) -> bool {
        !self.has_lost_a_card
    }

    pub(super) fn go_on(&mut self, step: &Step) {
        let is_costly = matches!(step, Step::Delete(_) | Step::Install(_));
        if is_costly && self.stage.company.is_none() {
            return;
        }
        let (wallet, clock) = (&self.stage.phone.wallet, &self.stage.phone.clock);
        let model = &mut self.model;
        match step {
            Step::Command(command) => self.send(command),
            Step::Tap(question) => {
                KNOWN[..3].iter().for_each(|command| self.send(command));
                self.send(&command(question, 0));
            }
            Step::Ask(question, number) => {
                self.send(&command(question, u32::from(*number)));
            }
            Step::Advance(ms) => {
                model.now = Moment { unix_ms: model.now.unix_ms + ms, boot_ms: model.now.boot_ms + ms };
                clock.advance_ms(*ms);
            }
            Step::Restart => {
                model.now.boot_ms = 0;
                self.set_clock();
            }
            Step::SetWallClock(unix_ms) => {
                model.now.unix_ms = *unix_ms;
                self.set_clock();
            }
            Step::AppSays(word) => {
                if let Some(company) = &self.stage.company {
                    company.notes().word = *word;
                    model.word = *word;
                }
            }
            Step::AppDoesAtStart(what) => {
                if let Some(company) = &self.stage.company {
                    company.notes().at_start = *what;
                    model.at_start = *what;
                }
            }
            Step::ClearVerification => {
                wallet.clear_user_authentication();
                model.verification = None;
            }
            Step::Lock(locked) => {
                wallet.set_device_state(DeviceState { locked: *locked, screen_on: true });
                model.locked = *locked;
            }
            Step::Verify(only) => {
                let name = only.map(|card| &self.stage.phone.cards[card]);
                let there = only.is_none_or(|card| model.cards.cards[card].status.is_some());
                let verified = wallet.set_user_authenticated(CdcvmMethod::Fingerprint, name, None);
                assert_eq!(verified.is_ok(), there);
                if there {
                    model.verify(*only);
                }
            }
            Step::TakeAway | Step::Deselect => {
                let for_good = matches!(step, Step::Deselect);
                let reason = if for_good { DeactivationReason::Deselected } else { DeactivationReason::LinkLoss };
                let told = wallet.on_deactivated(reason);
                assert_eq!(told, model.lose_link(for_good));
                let real = matches!(told, Some(TapOutcome::AuthorizeOnline | TapOutcome::AuthenticateOffline));
                assert_eq!(real, self.paid, "{told:?}");
                self.paid = false;
            }
            _ => self.change_cards(step),
        }
        self.model.tick();
        // The wallet looks at its clock whenever it is called, and at no other time.
        let _ = wallet.device_state();
    }

    fn set_clock(&self) {
        let Moment { unix_ms, boot_ms } = self.model.now;
        self.stage.phone.clock.set(bezant::platform::Moment { unix_ms, boot_ms });
    }

    fn change_cards(&mut self, step: &Step) {
        let (wallet, cards) = (&self.stage.phone.wallet, &self.stage.phone.cards);
        let model = &mut self.model;
        // The wallet looks at its clock before it does anything.
        model.tick();
        let (done, expected) = match *step {
            Step::Activate(card) => (wallet.activate(&cards[card]).is_ok(), model.cards.activate(card)),
            Step::Choose(card) => (wallet.select_for_payment(&cards[card]).is_ok(), model.cards.select(card)),
            Step::Delete(card) => {
                self.has_lost_a_card = true;
                (wallet.delete(&cards[card]).is_ok(), model.delete(card))
            }
            Step::Install(card) => {
                model.cards.install(card);
                (wallet.install_profile(cards[card].clone(), self.stage.setup.card(card)).is_ok(), true)
            }
            Step::SetDefault(card) => {
                (wallet.set_default_for_contactless(&cards[card]).is_ok(), model.cards.set_default(card))
            }
            Step::Suspend(card) => (wallet.suspend(&cards[card]).is_ok(), model.suspend(card)),
            Step::LoadMore(card) => return self.load(card, true),
            Step::LoadAgain(card) => return self.load(card, false),
            _ => return,
        };
        assert_eq!(done, expected, "{step:?}");
        self.compare();
    }

    fn load(&mut self, card: usize, more: bool) {
        let book = &mut self.model.cards.cards[card];
        let before = book.issued;
        let more = more && book.status.is_some();
        book.issued = (before + if more { 2 } else { 0 }).min(STOCK);
        let wanted = if more { before..book.issued } else { 0..book.issued };
        let atcs: Vec<u16> = wanted.map(|place| ATCS[card].start() + place).collect();
        let credentials = atcs.iter().map(|atc| credential(*atc)).collect();
        let done = self.stage.phone.wallet.load_credentials(&self.stage.phone.cards[card], credentials).is_ok();
        assert_eq!(done, self.model.cards.load(card, &atcs));
    }

    fn send(&mut self, command: &[u8]) {
        if let [0x80, 0xAE, p1, ..] = command
            && p1 & 0x10 != 0
            && self.stage.company.is_none()
        {
            let mut unsigned = command.to_vec();
            unsigned[2] &= !0x10;
            return self.send(&unsigned);
        }
        self.number += 1;
        self.model.tick();
        let state = self.model.state();
        let answer = self.stage.phone.wallet.process_command_apdu(command).to_vec();
        assert!((2..=258).contains(&answer.len()));
        let (data, status) = answer.split_at(answer.len() - 2);
        assert!(StatusWord::ALL.iter().any(|known| known.to_bytes() == status), "{status:02X?} is no status word");
        assert!(data.is_empty() || status == [0x90, 0x00]);
        let told = || format!("{} in {state:?}: {}", hex::encode_upper(command), hex::encode_upper(&answer));

        if asks(state, command) {
            match read(command) {
                Some(question) => self.is_judged(&question, command, &answer),
                None => self.is_believed(command, &answer),
            }
            return;
        }
        let expected = expected(state, command);
        assert_eq!(u16::from_be_bytes([status[0], status[1]]), expected.status, "{}", told());
        let sent = match (command.get(1), expected.status) {
            (Some(0xA4), 0x9000) if expected.state == State::NotSelected => Sent::Ppse,
            (Some(0xA4), 0x9000) => Sent::Aid,
            (Some(0xA4), 0x6A82) if expected.state != state => Sent::UnknownAid,
            (Some(0xA8), 0x9000) => Sent::Options { offline_only: false },
            (Some(0xA8), _) if expected.state == State::Refused && state != State::Refused => {
                Sent::Options { offline_only: true }
            }
            (Some(0xB2), 0x9000) => Sent::Record,
            _ => Sent::Odd(""),
        };
        let has_data = self.model.send(&sent) == Answer::Data;
        assert_eq!(has_data, expected.status == 0x9000, "the models differ: {}", told());
    }

    /// A question that the model knows.
    fn is_judged(&mut self, question: &Question, command: &[u8], answer: &[u8]) {
        let behind = self.behind(command, answer);
        let has_data = answer.ends_with(&[0x90, 0x00]);
        let told = || format!("{question:?}: {}", hex::encode_upper(answer));
        match self.model.send(&Sent::Ask(*question)) {
            Answer::Refused => assert!(!has_data, "{}", told()),
            Answer::Judged { card, judgement, atc } => {
                // Only a terminal that can start no second tap is refused without data.
                let bare = question.kind == Kind::Checksum(0) && !judgement.is_real();
                assert_eq!(has_data, !bare, "{}", told());
                assert_eq!(behind, atc, "{judgement:?} {}", told());
                self.claims(answer, judgement.verified);
                if judgement.asks_host {
                    self.was_asked(card, judgement.advice, judgement.verified, behind);
                }
                let model = self.model.config.cvm_model.unwrap();
                let must_verify = model == CvmModel::Always
                    || (model == CvmModel::Flexible && question.range() != Range::Low && !question.is_gate());
                assert!(behind.is_none() || judgement.verified || !must_verify, "nobody was verified: {}", told());
                self.has_answered(card, behind, command);
            }
            Answer::Data => panic!("{}", told()),
        }
    }

    /// A question that is beyond the model: it takes the wallet's word for the outcome, and judges what no answer may do.
    fn is_believed(&mut self, command: &[u8], answer: &[u8]) {
        let card = self.model.card_in_tap().unwrap();
        let is_fresh = self.model.claims_verification(card);
        let before = self.model.ended.len();
        // A command that is not answered; but the terminal is not silent.
        self.model.send(&Sent::Odd(""));
        let behind = self.behind(command, answer);
        let last = self.stage.phone.wallet.last_tap();
        let ended = self.model.ended.last().map_or(0, |(number, ..)| *number);
        let outcome = last.filter(|tap| tap.number > self.taps_before + ended).map(|tap| tap.outcome);
        assert!(outcome.is_some() || behind.is_none());
        let Some(outcome) = outcome else { return };
        self.claims(answer, is_fresh);
        self.has_answered(card, behind, command);
        self.model.believe(outcome, behind);
        assert_eq!(self.model.ended.len(), before + 1);
        self.is_beyond = true;
        self.learn(card);
        if outcome == TapOutcome::WalletActionRequired {
            // What the second tap has to be like is not known.
            self.go_on(&Step::Suspend(card));
            self.go_on(&Step::Activate(card));
        }
    }

    fn behind(&self, command: &[u8], answer: &[u8]) -> Option<u16> {
        let card = self.model.card_in_tap().unwrap();
        let next = self.model.cards.cards[card].unspent.first().copied();
        credential_behind(command, answer, next, self.number % 32 == 0)
    }

    /// Offline verification performed, and successful, in the card verification results.
    fn claims(&self, answer: &[u8], is_fresh: bool) {
        let Some(at) = answer.windows(5).position(|window| window == IAD) else {
            // Mag-stripe mode has none, nor has a status word.
            let has_none = answer.len() == 2 || answer.windows(2).all(|tag| tag != [0x9F, 0x27]);
            assert!(has_none, "issuer application data of another form: {}", hex::encode_upper(answer));
            return;
        };
        let claimed = answer[at + 5] & 0x05;
        assert_eq!(claimed, if is_fresh { 0x05 } else { 0x00 }, "{}", hex::encode_upper(answer));
    }

    fn was_asked(&self, card: usize, advice: Advice, verified: bool, behind: Option<u16>) {
        let Some(company) = &self.stage.company else { return };
        let asked = std::mem::take(&mut company.notes().asked);
        assert_eq!(asked.len(), 1, "one question a tap");
        assert_eq!((asked[0].instrument.as_str(), asked[0].recommended()), (NAMES[card], advice));
        assert_eq!(asked[0].user_authenticated, verified);
        assert!(advice == Advice::Proceed || behind.is_none(), "the app has loosened");
    }

    /// What no answer under real keys may do, whatever the model says of this one.
    fn has_answered(&mut self, card: usize, behind: Option<u16>, command: &[u8]) {
        let Some(atc) = behind else { return };
        assert!(!self.paid, "a second answer under real keys in one field");
        assert!(self.answered[card] < Some(atc), "ATC {atc} after {:?}", self.answered);
        assert!(command[1] != 0xAE || command[2] != 0x00, "an unsigned AAC has cost a credential");
        self.answered[card] = Some(atc);
        self.paid = true;
    }
}

/// Whether a card in this state takes the command for a question.
fn asks(state: State, command: &[u8]) -> bool {
    let expected = expected(state, command);
    match command {
        [0x80, 0xAE, ..] => state == State::Initiated && matches!(expected.status, 0x9000 | 0x6985),
        // The model of commands knows no mag-stripe mode.
        [0x80, 0x2A, 0x8E, 0x80, length, data @ ..] => {
            let le = data.len().saturating_sub(usize::from(*length));
            state == State::Initiated
                && *length != 0
                && le < 2
                && data.len() >= usize::from(*length)
                && data.get(usize::from(*length)).is_none_or(|le| *le == 0)
        }
        _ => false,
    }
}

/// 9F10 with its length, format and key index.
const IAD: [u8; 5] = [0x9F, 0x10, 0x12, 0x01, 0x14];
