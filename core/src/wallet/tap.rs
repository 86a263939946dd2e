use super::state::{CompletedTap, Tap, WalletState};
use crate::apdu::{Reply, StatusWord};
use crate::card::{Abort, Asked, CardApplication, Conclusion, Handled, TapOutcome, Verdict, answer_without_card};
use crate::cdcvm::{Situation, Standing, advise};
use crate::crypto::RandomKeys;
use crate::emv::{Advice, Reason, Reasons, RichTransactionType, TransactionInfo};
use crate::instrument::InstrumentId;
use crate::platform::{Moment, RngUnavailable};

impl WalletState {
    pub(super) fn process_command_apdu(&mut self, command: &[u8]) -> Reply {
        let now = self.clock.now();
        self.end_silent_tap(now);
        let mut reply = Reply::new();
        match self.tap.take_if(|tap| tap.outcome.is_none() || tap.application.has_paid()) {
            Some(mut tap) => {
                tap.last_command = now;
                self.continue_tap(&mut tap, command, &mut reply);
                self.tap = Some(tap);
            }
            None => self.start_tap(command, &mut reply, now),
        }
        reply
    }

    pub(super) fn on_deactivated(&mut self) -> Option<TapOutcome> {
        self.end_silent_tap(self.clock.now());
        let mut tap = self.tap.take()?;
        Some(match tap.outcome {
            Some(outcome) => outcome,
            None => {
                self.finish(&mut tap, TapEnd::without_answer(TapOutcome::Interrupted, None));
                TapOutcome::Interrupted
            }
        })
    }

    /// Takes a credential out of the ledger for a tap that could be paid: not for one that nobody is verified for.
    pub(super) fn reserve_for_tap(&mut self) {
        let now = self.clock.now();
        if let Some(mut tap) = self.tap.take() {
            let standing = self.standing(&tap.instrument, now);
            self.reserve(&mut tap, standing);
            self.tap = Some(tap);
        }
    }

    fn reserve(&mut self, tap: &mut Tap, standing: Standing) {
        if tap.outcome.is_none() && tap.reservation.is_none() && standing == Standing::Fresh {
            tap.reservation = self.ledger.reserve(&tap.instrument).ok();
        }
    }

    /// Ends a tap with a card that is taken away, and forgets the keys that it holds.
    pub(super) fn revoke_tap(&mut self, instrument: &InstrumentId) {
        if let Some(mut tap) = self.tap.take_if(|tap| tap.instrument == *instrument && tap.outcome.is_none()) {
            tap.application.end();
            self.finish(&mut tap, TapEnd::without_answer(TapOutcome::DeclinedByWallet, None));
            self.tap = Some(tap);
        }
    }

    /// A tap begins with the first SELECT that is answered by data.
    fn start_tap(&mut self, command: &[u8], reply: &mut Reply, now: Moment) {
        let Some(instrument) = self.instruments.payable() else {
            return reply.refuse(answer_without_card(command));
        };
        let id = instrument.id.clone();
        let mut application = CardApplication::new(instrument.card.clone());
        application.handle(command, reply);
        if reply.status() == StatusWord::NORMAL {
            self.tap = Some(Tap { instrument: id, application, reservation: None, last_command: now, outcome: None });
            self.reserve_for_tap();
        }
    }

    fn continue_tap(&mut self, tap: &mut Tap, command: &[u8], reply: &mut Reply) {
        match tap.application.handle(command, reply) {
            Handled::Responded => {}
            Handled::Aborted(abort) => self.finish(tap, TapEnd::without_answer(TapOutcome::Error, Some(abort))),
            Handled::Ask(asked) => {
                let transaction = *asked.transaction();
                let (conclusion, reasons) = self.decide(tap, asked, reply);
                self.finish(tap, TapEnd { conclusion, reasons, transaction: Some(transaction) });
            }
        }
    }

    fn decide(&mut self, tap: &mut Tap, asked: Asked, reply: &mut Reply) -> (Conclusion, Reasons) {
        let Ok(random) = self.random_keys() else {
            tap.application.end();
            reply.refuse(StatusWord::INTERNAL);
            return (Conclusion::failed(), Reasons::NONE);
        };
        let standing = self.standing(&tap.instrument, tap.last_command);
        let needs_credential = asked.needs_credential();
        if needs_credential {
            self.reserve(tap, standing);
        }
        let at_gate = asked.transaction().rich_type == RichTransactionType::Transit;
        let assessment = advise(Situation {
            standing,
            credential_available: !needs_credential || self.credential_available(tap, standing),
            transit_served: !at_gate || self.config.transit_enabled && tap.application.card().serves_transit(),
        });
        let (mut reasons, cdcvm_done) = (assessment.reasons, assessment.cdcvm_done);
        if !tap.application.conditions_allowed(&asked, cdcvm_done, reasons) {
            reasons.add(Reason::TransactionConditionsNotAllowed);
        }
        let authorizes_online = asked.authorizes_online();
        let (verdict, spent) = match tap.reservation.take_if(|_| needs_credential && reasons.is_empty()) {
            Some(reservation) => {
                let (keys, spent) = reservation.spend();
                (Verdict::Proceed { keys, random, cdcvm_done }, Some(spent))
            }
            // The terminal declines whatever is said against the payment here.
            None if !needs_credential => {
                reasons = Reasons::NONE;
                (Verdict::Agree { random, cdcvm_done }, None)
            }
            None => {
                let advice = match reasons.advice() {
                    Advice::AuthenticationRequired => Advice::AuthenticationRequired,
                    _ => Advice::Decline,
                };
                (Verdict::Refuse { advice, reasons, random, cdcvm_done }, None)
            }
        };
        let conclusion = tap.application.conclude(asked, verdict, reply);
        if let Some(spent) = spent {
            // The keys are gone whatever the book says: where it cannot enter that, the reservation stands and blocks.
            let _ = self.ledger.settle(spent);
            if authorizes_online {
                self.count_payment();
            }
        }
        (conclusion, reasons)
    }

    /// A tap that nobody is verified for has reserved nothing, yet it must not send the cardholder off to verify
    /// when no credential would be left afterwards.
    fn credential_available(&self, tap: &Tap, standing: Standing) -> bool {
        let active = self.instruments.is_active(&tap.instrument);
        let there = match standing {
            Standing::Fresh => tap.reservation.is_some(),
            Standing::Insufficient | Standing::Missing => {
                self.ledger.credentials_left(&tap.instrument).is_ok_and(|left| left > 0)
            }
        };
        active && there
    }

    fn random_keys(&mut self) -> Result<RandomKeys, RngUnavailable> {
        let mut filled = Ok(());
        let keys = RandomKeys::new(|bytes| {
            if filled.is_ok() {
                filled = self.rng.fill(bytes);
            }
        });
        filled.map(|()| keys)
    }

    /// A terminal that says nothing for too long has given up.
    fn end_silent_tap(&mut self, now: Moment) {
        let limit = u64::from(self.config.apdu_timeout_ms);
        let silent = |tap: &mut Tap| {
            let waited = now.boot_ms.checked_sub(tap.last_command.boot_ms);
            tap.outcome.is_none() && waited.is_none_or(|waited| waited > limit)
        };
        if let Some(mut tap) = self.tap.take_if(silent) {
            tap.application.end();
            self.finish(&mut tap, TapEnd::without_answer(TapOutcome::Error, None));
            self.tap = Some(tap);
        }
    }

    /// Gives up a tap of which nothing is known any more, and burns what it may have reserved.
    pub(super) fn abandon_tap(&mut self) {
        self.tap = None;
        let ids: Vec<InstrumentId> = self.instruments.iter().map(|instrument| instrument.id.clone()).collect();
        for id in ids {
            let _ = self.ledger.burn_reserved(&id);
        }
    }

    /// The one place where a tap gets its outcome.
    fn finish(&mut self, tap: &mut Tap, end: TapEnd) {
        if let Some(reservation) = tap.reservation.take() {
            // An instrument that was deleted meanwhile has no book to go back to.
            let _ = self.ledger.release(reservation);
        }
        let TapEnd { conclusion: Conclusion { outcome, abort, transaction_id }, reasons, transaction } = end;
        // Somebody may have chosen another card for the next tap meanwhile.
        if outcome != TapOutcome::WalletActionRequired && self.instruments.is_selected(&tap.instrument) {
            self.instruments.clear_selection();
        }
        tap.outcome = Some(outcome);
        let instrument = tap.instrument.clone();
        self.last_tap = Some(CompletedTap { instrument, outcome, reasons, transaction, transaction_id, abort });
    }
}

struct TapEnd {
    conclusion: Conclusion,
    reasons: Reasons,
    transaction: Option<TransactionInfo>,
}

impl TapEnd {
    const fn without_answer(outcome: TapOutcome, abort: Option<Abort>) -> Self {
        let conclusion = Conclusion { outcome, abort, transaction_id: None };
        Self { conclusion, reasons: Reasons::NONE, transaction: None }
    }
}
