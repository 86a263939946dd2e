//! A phone and the model beside it: every step is taken by both, and every answer goes before the judge.

use crate::step::Step;
use bezant::card::{CardProfile, TapOutcome};
use bezant::cdcvm::CdcvmMethod;
use bezant::emv::{Advice, CvmModel};
use bezant::instrument::InstrumentId;
use bezant::wallet::{DeactivationReason, DeviceState, HostFailed, WalletEvent};
use bezant::{Wallet, WalletConfig};
use bezant_tests::stories::{
    Answer, AtStart, Judgement, Kind, Model, Moment, NAMES, Question, Range, STOCK, Sent, Told, Word,
};
use bezant_tests::{App, Generation, Judge, Phone, Syn1, bytes};
use serde_json::Value;
use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::Mutex;
use std::sync::Weak;
use std::time::Duration;

pub struct Story {
    phone: Arc<Phone>,
    app: Arc<App>,
    orders: Arc<Mutex<(Word, AtStart)>>,
    model: Model,
    number: u32,
    /// Counters of each card's answers, in order.
    answered: [Vec<u16>; 2],
    /// Whether this field has seen an answer under real keys.
    paid: bool,
    /// How many events and questions have been looked at.
    seen: (usize, usize),
    log: Vec<String>,
}

impl Story {
    /// A phone with two cards, of which the first is the default.
    pub fn new(config: WalletConfig) -> Self {
        let orders = Arc::new(Mutex::new((Word::Follow, AtStart::Listen)));
        let mut app = None;
        let phone = Phone::with_app(config.clone(), |phone| {
            let made = Arc::new(app_under(orders.clone(), phone.clone()));
            app = Some(made.clone());
            made
        });
        let start = Moment { unix_ms: 1_768_471_200_000, boot_ms: 1_000 };
        let mut story = Self {
            phone,
            app: app.unwrap(),
            orders,
            model: Model::new(config, start),
            number: 0x1000,
            answered: [Vec::new(), Vec::new()],
            paid: false,
            seen: (0, 0),
            log: Vec::new(),
        };
        for card in [0, 1] {
            for step in [Step::Install(card), Step::LoadMore(card), Step::LoadMore(card), Step::Activate(card)] {
                story.go_on(&step);
            }
        }
        story
    }

    pub fn go_on(&mut self, step: &Step) {
        self.log.push(format!("{step:?}"));
        self.take(step);
        self.compare();
    }

    fn take(&mut self, step: &Step) {
        let (phone, model) = (self.phone.clone(), &mut self.model);
        let wallet = &phone.wallet;
        let agree = |done: bool, expected: bool| assert_eq!(done, expected, "{:#?}", self.log);
        match *step {
            Step::Send(ref commands) => return commands.iter().for_each(|sent| self.send(sent)),
            Step::Advance(ms) => {
                phone.clock.advance_ms(ms);
                model.now = Moment { unix_ms: model.now.unix_ms + ms, boot_ms: model.now.boot_ms + ms };
            }
            Step::Restart => {
                phone.clock.restart();
                model.now.boot_ms = 0;
            }
            Step::SetWallClock(unix_ms) => {
                phone.clock.set_wall_ms(unix_ms);
                model.now.unix_ms = unix_ms;
            }
            Step::AppSays(word) => {
                self.orders.lock().unwrap().0 = word;
                model.word = word;
            }
            Step::AppDoesAtStart(what) => {
                self.orders.lock().unwrap().1 = what;
                model.at_start = what;
            }
            Step::ClearVerification => {
                wallet.clear_user_authentication();
                model.verification = None;
            }
            Step::Lock(locked) => {
                wallet.set_device_state(DeviceState { locked, screen_on: true });
                model.locked = locked;
            }
            Step::Verify(only) => {
                let name = only.map(id);
                let there = only.is_none_or(|card| model.cards.cards[card].status.is_some());
                let verified = wallet.set_user_authenticated(CdcvmMethod::Fingerprint, name.as_ref(), None);
                agree(verified.is_ok(), there);
                if there {
                    model.verify(only);
                }
            }
            Step::TakeAway | Step::Deselect => {
                let for_good = matches!(step, Step::Deselect);
                let reason = if for_good { DeactivationReason::Deselected } else { DeactivationReason::LinkLoss };
                let (told, expected) = (wallet.on_deactivated(reason), model.lose_link(for_good));
                assert_eq!(told, expected, "{:#?}", self.log);
                let real = matches!(told, Some(TapOutcome::AuthorizeOnline | TapOutcome::AuthenticateOffline));
                assert_eq!(real, self.paid, "{:#?}", self.log);
                self.paid = false;
            }
            _ => self.change_cards(wallet, step),
        }
        self.model.tick();
    }

    fn change_cards(&mut self, wallet: &Wallet, step: &Step) {
        let model = &mut self.model;
        // The wallet looks at its clock before it does anything.
        model.tick();
        let (done, expected) = match *step {
            Step::Activate(card) => (wallet.activate(&id(card)).is_ok(), model.cards.activate(card)),
            Step::Choose(card) => (wallet.select_for_payment(&id(card)).is_ok(), model.cards.select(card)),
            Step::Delete(card) => (wallet.delete(&id(card)).is_ok(), model.delete(card)),
            Step::Install(card) => {
                model.cards.install(card);
                (wallet.install_profile(id(card), profile(card)).is_ok(), true)
            }
            Step::SetDefault(card) => {
                (wallet.set_default_for_contactless(&id(card)).is_ok(), model.cards.set_default(card))
            }
            Step::Suspend(card) => (wallet.suspend(&id(card)).is_ok(), model.suspend(card)),
            Step::LoadMore(card) | Step::LoadAgain(card) => {
                let book = &mut model.cards.cards[card];
                let before = book.issued;
                let more = matches!(step, Step::LoadMore(_)) && book.status.is_some();
                book.issued = (before + if more { 2 } else { 0 }).min(16);
                let wanted = if more { before..book.issued } else { 0..book.issued };
                let atcs: Vec<u16> = wanted.map(|place| STOCK[card].start() + place).collect();
                let credentials = atcs.iter().map(|atc| Syn1::credential(&CREDENTIALS[atc])).collect();
                (wallet.load_credentials(&id(card), credentials).is_ok(), model.cards.load(card, &atcs))
            }
            _ => unreachable!("{step:?} is no change of the cards"),
        };
        assert_eq!(done, expected, "{:#?}", self.log);
    }

    fn send(&mut self, sent: &Sent) {
        self.number += 1;
        let command = bytes(&sent.command(self.number));
        let answer = self.phone.transmit(&command);
        let told = || format!("{sent:?}: {} after {:#?}", hex::encode_upper(&answer), self.log);
        let expected = self.model.send(sent);
        let behind = JUDGE.credential_behind(&command, &answer);
        let has_data = answer.ends_with(&[0x90, 0x00]);
        match (expected, sent) {
            (Answer::Data, _) => assert!(has_data && behind.is_none(), "{}", told()),
            (Answer::Refused, _) => assert!(!has_data && answer.len() == 2, "{}", told()),
            (Answer::Judged { card, judgement, atc }, Sent::Ask(question)) => {
                // Only a terminal that can start no second tap is refused without data.
                let bare = question.kind == Kind::Checksum(0) && !judgement.is_real();
                assert_eq!(has_data, !bare, "{}", told());
                assert_eq!(behind, atc, "{judgement:?} {}", told());
                self.weigh(card, question, &judgement, &answer, behind);
            }
            (Answer::Judged { .. }, _) => unreachable!("{sent:?} is no question"),
        }
    }

    /// What no answer may ever do, whatever the model says of this one.
    fn weigh(&mut self, card: usize, question: &Question, judged: &Judgement, answer: &[u8], behind: Option<u16>) {
        let log = &self.log;
        let model = self.model.config.cvm_model.unwrap();
        if !question.is_checksum() {
            let cvr = cvr(answer);
            // Offline verification performed, and successful.
            assert_eq!(cvr[0] & 0x05 == 0x05, judged.verified, "{log:#?}");
            assert_eq!(cvr[0] & 0x05, if judged.verified { 5 } else { 0 }, "{log:#?}");
            assert!(model != CvmModel::CardLike || cvr[0] & 0x05 == 0, "{log:#?}");
        }
        if judged.asks_host {
            let asked = self.app.asked();
            assert_eq!(asked.len(), self.seen.1 + 1, "one question a tap: {log:#?}");
            self.seen.1 += 1;
            let input = asked.last().unwrap();
            assert_eq!((input.instrument.as_str(), input.recommended()), (NAMES[card], judged.advice), "{log:#?}");
            assert_eq!(input.user_authenticated, judged.verified, "{log:#?}");
            assert!(input.recommended() == Advice::Proceed || behind.is_none(), "the app has loosened: {log:#?}");
        }
        let Some(atc) = behind else { return };
        assert!(!self.paid, "a second answer under real keys in one field: {log:#?}");
        assert!(self.answered[card].last() < Some(&atc), "ATC {atc} after {:?}: {log:#?}", self.answered);
        assert!(question.kind != Kind::Aac, "an unsigned AAC has cost a credential: {log:#?}");
        let needs_verification = model == CvmModel::Always
            || (model == CvmModel::Flexible && question.range() != Range::Low && !question.is_gate());
        assert!(judged.verified || !needs_verification, "nobody was verified: {log:#?}");
        self.answered[card].push(atc);
        self.paid = true;
    }

    /// Holds everything that the wallet shows against the model.
    fn compare(&mut self) {
        let wallet = &self.phone.wallet;
        let log = &self.log;
        let shown = wallet.instruments();
        assert_eq!(shown.len(), self.model.cards.order.len(), "{log:#?}");
        for (instrument, card) in shown.iter().zip(&self.model.cards.order) {
            let book = &self.model.cards.cards[*card];
            let cards = &self.model.cards;
            assert_eq!((instrument.id.as_str(), Some(instrument.status)), (NAMES[*card], book.status), "{log:#?}");
            assert_eq!(instrument.is_default, cards.default == Some(*card), "default: {log:#?}");
            assert_eq!(instrument.is_selected, cards.selected == Some(*card), "selected: {log:#?}");
            assert_eq!(instrument.credentials_left, book.unspent.len(), "credentials: {log:#?}");
            let counters = (instrument.counters.consecutive_lvt, instrument.counters.cumulative_lvt);
            assert_eq!(counters, (book.consecutive_lvt, book.cumulative_lvt), "counters: {log:#?}");
        }
        let verification = wallet.authentication().map(|shown| (shown.age_ms, shown.payments));
        let expected = self.model.verification.as_ref().map(|found| (self.model.age(found.at), found.payments));
        assert_eq!(verification, expected, "verification: {log:#?}");

        assert!(wallet.settle_events(Duration::from_secs(20)), "the app is not told: {log:#?}");
        let told = self.app.told();
        let new: Vec<Told> = told[self.seen.0..].iter().filter_map(Told::of).collect();
        self.seen.0 = told.len();
        assert_eq!(new, std::mem::take(&mut self.model.told), "{log:#?}");
        let (taps, open) = self.app.taps();
        assert_eq!((taps.len(), open), (self.model.ended.len(), self.model.is_in_a_tap()), "{log:#?}");

        let history: Vec<_> = wallet.history(None).iter().map(|tap| (tap.number, tap.outcome)).collect();
        let limit = usize::try_from(self.model.config.history_limit).unwrap();
        let ended: Vec<_> = self.model.ended.iter().rev().map(|(number, _, outcome)| (*number, *outcome)).collect();
        assert_eq!(history, ended[..limit.min(ended.len())], "{log:#?}");
        let last = wallet.last_tap().map(|tap| (tap.number, tap.outcome));
        assert_eq!(last, ended.first().copied(), "{log:#?}");
    }
}

fn app_under(orders: Arc<Mutex<(Word, AtStart)>>, phone: Weak<Phone>) -> App {
    let words = orders.clone();
    let decides = move |input: &bezant::wallet::AdviceInput| {
        let word = words.lock().unwrap().0;
        match word {
            Word::AuthenticationRequired => Ok(Advice::AuthenticationRequired),
            Word::Decline => Ok(Advice::Decline),
            Word::Fail => Err(HostFailed),
            Word::Follow => Ok(input.recommended()),
            // A panic that prints nothing.
            Word::Panic => resume_unwind(Box::new("the app panics")),
            Word::Proceed => Ok(Advice::Proceed),
        }
    };
    App::new(decides, move |event| {
        let Some(phone) = phone.upgrade() else { return };
        if matches!(event, WalletEvent::ContactlessPaymentStarted { .. }) {
            let at_start = orders.lock().unwrap().1;
            match at_start {
                AtStart::Choose(card) => drop(phone.wallet.select_for_payment(&id(card))),
                AtStart::Listen => {}
                AtStart::Verify => phone.verify(),
            }
        }
    })
}

/// The card verification results in 9F10.
fn cvr(answer: &[u8]) -> [u8; 6] {
    let start = [0x9F, 0x10, 0x12, 0x01, 0x14];
    let at = answer.windows(5).position(|window| window == start).unwrap();
    *answer[at + 5..].first_chunk().unwrap()
}

fn id(card: usize) -> InstrumentId {
    Phone::id(NAMES[card])
}

fn profile(card: usize) -> CardProfile {
    if card == 0 { Syn1::parse(&PROFILE) } else { Syn1::second_card() }
}

static PROFILE: LazyLock<Value> = LazyLock::new(|| Syn1::profile_json(Generation::V1));
static JUDGE: LazyLock<Judge> = LazyLock::new(|| Judge::of_syn_1_with(STOCK.into_iter().flatten()));
static CREDENTIALS: LazyLock<BTreeMap<u16, Value>> = LazyLock::new(|| {
    let atcs = || STOCK.into_iter().flatten();
    atcs().zip(Syn1::issued(atcs())).collect()
});
