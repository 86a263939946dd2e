//! The question of a tap: judged by the wallet, put before the app, answered once.

use super::host::{AdviceInput, WalletEvent};
use super::promise::Promised;
use super::state::{FirstTap, Phase, Question, Tap, TapEnd, WalletState};
use super::tap::Step;
use super::timeline::TimingPoint;
use crate::apdu::{Reply, StatusWord};
use crate::card::{Asked, Card, CardApplication, Conclusion, TapOutcome, Verdict, asks_for_keys};
use crate::cdcvm::{
    Assessment, Charge, ContextConflict, Decision, HostAnswer, Objection, PaymentContext, PaymentPolicy, Situation,
    Standing, assess,
};
use crate::crypto::RandomKeys;
use crate::emv::{Advice, CvmModel, Reason, TransactionInfo};
use crate::instrument::{InstrumentId, ReplenishReason};
use crate::platform::{Moment, RngUnavailable};
use crate::storage::{Change, LedgerError, Reservation, Spent};

/// A credential that is being reserved.
pub(super) type AwaitedCredential = Promised<Result<Reservation, LedgerError>>;

impl WalletState {
    /// Judges the question, and answers it unless the app is to be asked.
    pub(super) fn judge(&mut self, tap: &mut Tap, asked: Asked, reply: &mut Reply) -> Step {
        if !asked.needs_credential() {
            // The terminal declines whatever is said against the payment here.
            self.agree(tap, asked, reply);
            return Step::Done;
        }
        self.reserve(tap);
        self.look_for_credential(tap);
        if !tap.reservation.is_ready() {
            // The terminal has waited for as long as it may.
            self.release(tap);
        }
        let standing = self.standing(&tap.story.instrument, tap.last_command);
        let assessment = self.assess(tap, &asked, standing);
        self.mark(&mut tap.story.timeline, TimingPoint::Decided);
        if self.has_app() {
            self.questions_asked += 1;
            let number = self.questions_asked;
            tap.phase = Phase::Asking(Box::new(Question { number, asked, assessment, standing }));
            return Step::Ask(number);
        }
        self.conclude(tap, asked, Decision::new(assessment, HostAnswer::NotAsked), reply);
        Step::Done
    }

    /// What the app is asked.
    pub(super) fn advice_input(&self, number: u64) -> Option<AdviceInput> {
        let tap = self.tap.as_ref().filter(|tap| tap.asks(number))?;
        let Phase::Asking(question) = &tap.phase else { return None };
        let Question { asked, assessment, .. } = &**question;
        Some(AdviceInput {
            instrument: tap.story.instrument.clone(),
            transaction: *asked.transaction(),
            decision: Decision::new(*assessment, HostAnswer::NotAsked),
            counters: self.ledger.velocity(&tap.story.instrument),
            user_authenticated: assessment.cdcvm_done,
        })
    }

    /// Answers the question that the app was asked. A tap that has ended meanwhile is not answered: its reader has gone.
    pub(super) fn answer(&mut self, number: u64, host: HostAnswer, command: &[u8], reply: &mut Reply) {
        self.answer_question(number, host, reply);
        self.record_held_command(command, reply);
    }

    fn answer_question(&mut self, number: u64, host: HostAnswer, reply: &mut Reply) {
        let Some(mut tap) = self.tap.take_if(|tap| tap.asks(number)) else {
            return reply.refuse(StatusWord::CONDITIONS_NOT_SATISFIED);
        };
        self.mark(&mut tap.story.timeline, TimingPoint::HostAnswered);
        if let Phase::Asking(question) = core::mem::replace(&mut tap.phase, Phase::Open) {
            let Question { asked, assessment: before, standing, .. } = *question;
            // What has happened meanwhile may tighten the assessment, not loosen it; a verification is judged as it was.
            let standing = match self.standing(&tap.story.instrument, self.clock.now()) {
                Standing::Missing => Standing::Missing,
                _ => standing,
            };
            let now = self.assess(&tap, &asked, standing);
            let assessment = if before.reasons().is_empty() { now } else { before };
            self.conclude(&mut tap, asked, Decision::new(assessment, host), reply);
        }
        self.tap = Some(tap);
    }

    /// What would become of a payment with this card now, by the wallet's own rules.
    pub(super) fn assess_question(
        &self,
        instrument: &InstrumentId,
        application: &CardApplication,
        asked: &Asked,
        standing: Standing,
        credential_available: bool,
    ) -> Assessment {
        let card = application.card();
        let transaction = asked.transaction();
        let situation = Situation {
            transaction,
            standing,
            device_locked: self.device.locked,
            counters: self.ledger.velocity(instrument),
            conflict: self.conflict(instrument, transaction, asked),
            profile_serves_transit: card.serves_transit(),
            credential_available,
        };
        let mut assessment = assess(&self.policy(card), &situation);
        if !application.conditions_allowed(asked, assessment.cdcvm_done, assessment.reasons()) {
            assessment.object(Objection::ConditionsNotAllowed);
        }
        assessment
    }

    fn assess(&self, tap: &Tap, asked: &Asked, standing: Standing) -> Assessment {
        let instrument = &tap.story.instrument;
        // A tap that could not be paid has reserved nothing, yet it must not send the cardholder off to verify when no
        // credential would be left afterwards.
        let there = tap.reservation.is_ready()
            || !self.may_reserve(instrument, tap.application.card(), standing) && self.credentials_left(instrument) > 0;
        let available = there && self.instruments.is_active(instrument);
        self.assess_question(instrument, &tap.application, asked, standing, available)
    }

    fn policy(&self, card: &Card) -> PaymentPolicy {
        self.config.payment_policy(card)
    }

    fn conflict(
        &self,
        instrument: &InstrumentId,
        transaction: &TransactionInfo,
        asked: &Asked,
    ) -> Option<ContextConflict> {
        let first = self.first_tap.as_ref()?;
        if first.instrument != *instrument {
            return Some(ContextConflict::Instrument);
        }
        first.context.conflict(transaction, asked.application())
    }

    /// Has a credential reserved for a tap that could be paid.
    pub(super) fn reserve_for_tap(&mut self) {
        if let Some(mut tap) = self.tap.take_if(|tap| matches!(tap.phase, Phase::Open)) {
            self.reserve(&mut tap);
            self.look_for_credential(&mut tap);
            self.tap = Some(tap);
        }
    }

    /// Before a command that asks for an answer under real keys: what there is to be waited for.
    pub(super) fn awaited_credential(&mut self, command: &[u8]) -> Option<AwaitedCredential> {
        if !asks_for_keys(command) || self.tap.is_none() {
            return None;
        }
        self.reserve_for_tap();
        self.tap.as_ref().and_then(|tap| tap.reservation.awaited())
    }

    pub(super) fn look_for_credential(&mut self, tap: &mut Tap) {
        let was_ready = tap.reservation.is_ready();
        match tap.reservation.look() {
            Err(LedgerError::Damaged) => self.give_card_up(&tap.story.instrument.clone()),
            // Whatever else has failed may not fail the next time.
            Err(_) => {}
            Ok(()) if tap.reservation.is_ready() && !was_ready => {
                self.mark(&mut tap.story.timeline, TimingPoint::CredentialReady);
            }
            Ok(()) => {}
        }
    }

    fn reserve(&mut self, tap: &mut Tap) {
        let (instrument, card) = (&tap.story.instrument, tap.application.card());
        let standing = self.standing(instrument, self.clock.now());
        if tap.reservation.is_nothing() && self.may_reserve(instrument, card, standing) {
            let policy = self.policy(card);
            let provisional = match policy.model {
                CvmModel::Flexible => policy.velocity.provisional_charge(self.ledger.velocity(instrument)),
                CvmModel::Always | CvmModel::CardLike => Charge::None,
            };
            tap.reservation = self.ledger.reserve(instrument, provisional);
            if tap.reservation.is_ready() {
                self.mark(&mut tap.story.timeline, TimingPoint::CredentialReady);
            }
        }
    }

    /// Not for a tap that cannot be paid as things stand.
    fn may_reserve(&self, instrument: &InstrumentId, card: &Card, standing: Standing) -> bool {
        let policy = self.policy(card);
        let unlocked = !self.device.locked || policy.allow_when_locked;
        unlocked && self.instruments.is_active(instrument) && (policy.model != CvmModel::Always || standing.is_fresh())
    }

    fn agree(&mut self, tap: &mut Tap, asked: Asked, reply: &mut Reply) {
        let transaction = Some(*asked.transaction());
        let standing = self.standing(&tap.story.instrument, tap.last_command);
        let assessment = self.assess(tap, &asked, standing);
        let conclusion = match self.random_keys() {
            Ok(random) => {
                let verdict = Verdict::Agree { random, cdcvm_done: assessment.cdcvm_done };
                tap.application.conclude(asked, verdict, reply)
            }
            Err(RngUnavailable) => fail(tap, reply),
        };
        self.mark(&mut tap.story.timeline, TimingPoint::ResponseOut(reply.status()));
        let Conclusion { outcome, abort, .. } = conclusion;
        self.finish(tap, outcome, TapEnd { transaction, abort, ..TapEnd::default() });
    }

    fn conclude(&mut self, tap: &mut Tap, asked: Asked, decision: Decision, reply: &mut Reply) {
        let (transaction, application) = (*asked.transaction(), asked.application());
        let (conclusion, spent) = match self.verdict(tap, &decision) {
            Ok((verdict, spent)) => (tap.application.conclude(asked, verdict, reply), spent),
            Err(RngUnavailable) => (fail(tap, reply), None),
        };
        self.mark(&mut tap.story.timeline, TimingPoint::ResponseOut(reply.status()));
        let (instrument, has_spent) = (tap.story.instrument.clone(), spent.is_some());
        if let Some(recorder) = &mut self.recorder {
            recorder.note_decision(&instrument, &decision, spent.as_ref().map(|spent| spent.atc));
        }
        let Conclusion { outcome, abort, transaction_id } = conclusion;
        spent.into_iter().for_each(|spent| self.settle(spent, outcome, &decision.assessment));
        if outcome == TapOutcome::WalletActionRequired {
            self.remember_first_tap(tap, &transaction, PaymentContext::of(&transaction, application));
        }
        let end = TapEnd { decision: Some(decision), transaction: Some(transaction), transaction_id, abort };
        self.finish(tap, outcome, end);
        self.tell_of_credentials(&instrument, has_spent, decision);
    }

    /// What the card is told. A payment spends the credential that is there.
    fn verdict(&mut self, tap: &mut Tap, decision: &Decision) -> Result<(Verdict, Option<Spent>), RngUnavailable> {
        let (advice, cdcvm_done) = (decision.advice(), decision.assessment.cdcvm_done);
        if advice == Advice::Proceed && tap.reservation.is_ready() {
            let wants_random = tap.application.wants_random_umd(cdcvm_done);
            let random = wants_random.then(|| self.random_keys()).transpose()?;
            if let Some(reservation) = tap.reservation.take_ready() {
                let (keys, spent) = reservation.spend();
                return Ok((Verdict::Proceed { keys, random, cdcvm_done }, Some(spent)));
            }
        }
        let (reasons, random) = (decision.reasons(), self.random_keys()?);
        Ok((Verdict::Refuse { advice, reasons, random, cdcvm_done }, None))
    }

    /// Enters what has been spent. Only a payment moves counters and uses a verification up: not a proof, nor an answer
    /// that failed.
    fn settle(&mut self, spent: Spent, outcome: TapOutcome, assessment: &Assessment) {
        let paid = outcome == TapOutcome::AuthorizeOnline;
        let charge = if paid { assessment.charge } else { Charge::None };
        self.ledger.count(&spent, charge);
        self.settlement = Some(Change::Settled { spent, charge });
        if paid && assessment.cdcvm_done {
            self.count_payment();
        }
    }

    /// The second tap is held against this one.
    fn remember_first_tap(&mut self, tap: &Tap, transaction: &TransactionInfo, context: Option<PaymentContext>) {
        let (instrument, at) = (tap.story.instrument.clone(), self.clock.now());
        let timeout_ms = self.config.dual_tap_timeout_ms(tap.application.card());
        let deadline: Moment = at.plus_ms(timeout_ms);
        self.tell(WalletEvent::AuthenticationRequired {
            instrument: instrument.clone(),
            transaction: *transaction,
            deadline,
        });
        self.first_tap = context.map(|context| FirstTap { instrument, context, at, timeout_ms });
    }

    fn tell_of_credentials(&mut self, instrument: &InstrumentId, spent: bool, decision: Decision) {
        let credentials_left = self.credentials_left(instrument);
        let missed = credentials_left == 0 && decision.reasons().contains(Reason::CredentialsNotAvailable);
        if spent && credentials_left > 0 {
            self.tell(WalletEvent::NextTapReady { instrument: instrument.clone(), credentials_left });
        }
        if spent && self.config.replenishment_policy().is_low(credentials_left) {
            self.tell(WalletEvent::CredentialsLow { instrument: instrument.clone(), credentials_left });
        }
        if missed {
            self.tell(WalletEvent::NoTransactionCredentials { instrument: instrument.clone() });
        }
        if spent || missed {
            self.replenish(instrument, ReplenishReason::Automatic);
        }
    }

    fn random_keys(&mut self) -> Result<RandomKeys, RngUnavailable> {
        let mut filled = Ok(());
        let keys = RandomKeys::new(|bytes| filled = self.rng.fill(bytes));
        filled.map(|()| keys)
    }
}

/// Without random bytes there is not even a refusal.
fn fail(tap: &mut Tap, reply: &mut Reply) -> Conclusion {
    tap.application.end();
    reply.refuse(StatusWord::INTERNAL);
    Conclusion::failed()
}
