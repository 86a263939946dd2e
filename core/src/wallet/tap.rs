use super::ledger_desk::Hold;
use super::state::{AppLine, OpenTap, Phase, Tap, TapEnd, TapStory, WalletState};
use super::timeline::{Timeline, TimingPoint};
use crate::apdu::{Reply, StatusWord};
use crate::card::{CardApplication, Handled, TapOutcome, answer_without_card};
use crate::instrument::InstrumentId;
use crate::platform::Moment;

/// What is left to be done for a command once the lock is open.
pub(super) enum Step {
    /// The app has the last word on this question.
    Ask(u64),
    /// The reply is the answer.
    Done,
    /// The app is being told of this tap before it goes on, in a call that may be waited for.
    Tell(u64, Option<u64>),
}

impl WalletState {
    /// Answers a command, as far as it can be answered without the app.
    pub(super) fn receive(&mut self, command: &[u8], reply: &mut Reply) -> Step {
        let now = self.clock.now();
        self.tick(now);
        let step = self.take_command(command, reply, now);
        match step {
            Step::Done => self.record_command(command, reply),
            Step::Ask(_) | Step::Tell(..) => self.hold_recording(command),
        }
        step
    }

    fn take_command(&mut self, command: &[u8], reply: &mut Reply, now: Moment) -> Step {
        match self.tap.take_if(|tap| !tap.is_over() || tap.application.has_paid()) {
            Some(mut tap) => {
                self.mark(&mut tap.story.timeline, TimingPoint::CommandIn(command.get(1).copied()));
                if matches!(tap.phase, Phase::Open) {
                    tap.last_command = now;
                }
                self.look_for_credential(&mut tap);
                let step = self.continue_tap(&mut tap, command, reply);
                if !matches!(step, Step::Ask(_)) {
                    self.mark(&mut tap.story.timeline, TimingPoint::ResponseOut(reply.status()));
                }
                self.tap = Some(tap);
                step
            }
            None => self.start_tap(command, reply, now),
        }
    }

    /// A tap begins with the first SELECT that is answered by data.
    fn start_tap(&mut self, command: &[u8], reply: &mut Reply, now: Moment) -> Step {
        let Some(instrument) = self.instruments.payable() else {
            reply.refuse(answer_without_card(command));
            return Step::Done;
        };
        let id = instrument.id.clone();
        let mut application = CardApplication::new(instrument.card.clone());
        application.handle(command, reply);
        if reply.status() != StatusWord::NORMAL {
            return Step::Done;
        }
        let (mut story, is_new) = self.story_of(&id, now);
        self.mark(&mut story.timeline, TimingPoint::CommandIn(command.get(1).copied()));
        let number = story.number;
        let told = is_new && self.has_app();
        let phase = if told { Phase::Starting } else { Phase::Open };
        let mut tap = Tap { story, application, reservation: Hold::Nothing, last_command: now, phase };
        if !told {
            self.mark(&mut tap.story.timeline, TimingPoint::ResponseOut(reply.status()));
        }
        self.tap = Some(tap);
        if let AppLine::Desk(desk) = &self.app {
            desk.set_alarm(self.alarm(now));
        }
        let call = if is_new { self.tell_of_start(id) } else { None };
        if told {
            return Step::Tell(number, call);
        }
        self.reserve_for_tap();
        Step::Done
    }

    /// The tap whose link was lost, if it is this card's, or a new one.
    fn story_of(&mut self, instrument: &InstrumentId, now: Moment) -> (TapStory, bool) {
        match self.torn.take() {
            Some(torn) if torn.story.instrument == *instrument => return (torn.story, false),
            Some(torn) => self.give_up(torn),
            None => {}
        }
        self.taps_begun += 1;
        let number = self.taps_begun;
        self.abandoned = None;
        self.open_tap = Some(OpenTap { number, began: now, instrument: instrument.clone() });
        let story = TapStory {
            number,
            began: now,
            instrument: instrument.clone(),
            timeline: Timeline::begin(self.clock.boot_us()),
            losses: 0,
        };
        (story, true)
    }

    /// Goes on with a tap that the app has been told of; by now it may have chosen another card.
    pub(super) fn go_on(&mut self, number: u64, command: &[u8], reply: &mut Reply) {
        self.open_tap(number, command, reply);
        self.record_held_command(command, reply);
    }

    fn open_tap(&mut self, number: u64, command: &[u8], reply: &mut Reply) {
        let now = self.clock.now();
        let starting = |tap: &mut Tap| tap.story.number == number && matches!(tap.phase, Phase::Starting);
        let Some(mut tap) = self.tap.take_if(starting) else {
            return reply.refuse(StatusWord::CONDITIONS_NOT_SATISFIED);
        };
        if let Some(chosen) = self.instruments.payable().filter(|chosen| chosen.id != tap.story.instrument) {
            tap.story.instrument = chosen.id.clone();
            tap.application = CardApplication::new(chosen.card.clone());
            tap.application.handle(command, reply);
        }
        (tap.phase, tap.last_command) = (Phase::Open, now);
        self.mark(&mut tap.story.timeline, TimingPoint::ResponseOut(reply.status()));
        self.tap = Some(tap);
        self.reserve_for_tap();
    }

    fn continue_tap(&mut self, tap: &mut Tap, command: &[u8], reply: &mut Reply) -> Step {
        if matches!(tap.phase, Phase::Starting) {
            reply.refuse(StatusWord::CONDITIONS_NOT_SATISFIED);
            return Step::Done;
        }
        match tap.application.handle(command, reply) {
            Handled::Responded => Step::Done,
            Handled::Aborted(abort) => {
                let end = TapEnd { abort: Some(abort), ..TapEnd::default() };
                self.mark(&mut tap.story.timeline, TimingPoint::ResponseOut(reply.status()));
                self.finish(tap, TapOutcome::Error, end);
                Step::Done
            }
            Handled::Ask(asked) => self.judge(tap, asked, reply),
        }
    }

    /// Ends a tap: whatever it had reserved goes back.
    pub(super) fn finish(&mut self, tap: &mut Tap, outcome: TapOutcome, end: TapEnd) {
        self.release(tap);
        tap.phase = Phase::Over(outcome);
        self.complete(&mut tap.story, outcome, end);
    }

    pub(super) fn release(&mut self, tap: &mut Tap) {
        self.ledger.give_back(tap.reservation.take());
    }

    /// Ends a tap with a card that is taken away, and forgets the keys that it holds.
    pub(super) fn revoke_tap(&mut self, instrument: &InstrumentId) {
        if let Some(torn) = self.torn.take_if(|torn| torn.story.instrument == *instrument) {
            self.give_up(torn);
        }
        if let Some(mut tap) = self.tap.take_if(|tap| tap.story.instrument == *instrument) {
            if !tap.is_over() {
                tap.application.end();
                self.finish(&mut tap, TapOutcome::DeclinedByWallet, TapEnd::default());
            }
            self.tap = Some(tap);
        }
    }

    /// Gives up a tap of which nothing is known any more, and burns what it may have reserved.
    pub(super) fn abandon_tap(&mut self) {
        // A field that has seen an answer under real keys sees no second one.
        self.tap.take_if(|tap| !tap.application.has_paid());
        self.torn = None;
        self.abandoned = self.open_tap.as_ref().map(|_| TapOutcome::Error);
        self.end_open_tap(TapOutcome::Error);
        if let Some(recorder) = &mut self.recorder {
            recorder.lose_track();
        }
        let ids: Vec<InstrumentId> = self.instruments.iter().map(|instrument| instrument.id.clone()).collect();
        for id in ids {
            let _ = self.ledger.burn_reserved(&id);
        }
    }

    /// Gives a tap that has none an outcome.
    pub(super) fn end_open_tap(&mut self, outcome: TapOutcome) {
        if let Some(OpenTap { number, began, instrument }) = self.open_tap.take() {
            let mut story = TapStory { number, began, instrument, timeline: Timeline::default(), losses: 0 };
            self.complete(&mut story, outcome, TapEnd::default());
        }
    }
}
