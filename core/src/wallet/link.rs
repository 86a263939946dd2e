//! The link to the reader: lost, given up, silent for too long.

use super::DeactivationReason;
use super::host::WalletEvent;
use super::state::{AppLine, Phase, Tap, TapEnd, TornTap, WalletState};
use super::timeline::TimingPoint;
use crate::card::TapOutcome;
use crate::platform::Moment;
use crate::recording::Act;
use core::time::Duration;

impl WalletState {
    /// The reader has gone. Gives the outcome of the tap, if there was one.
    pub(super) fn deactivate(&mut self, reason: DeactivationReason) -> Option<TapOutcome> {
        let now = self.clock.now();
        self.tick(now);
        let outcome = self.end_field(reason, now);
        self.record(|| Act::Deactivate {
            link_lost: reason == DeactivationReason::LinkLoss,
            outcome: outcome.map(|outcome| format!("{outcome:?}")),
        });
        outcome
    }

    fn end_field(&mut self, reason: DeactivationReason, now: Moment) -> Option<TapOutcome> {
        let Some(mut tap) = self.tap.take() else { return self.abandoned.take() };
        if let Phase::Over(outcome) = tap.phase {
            let number = self.taps_before + tap.story.number;
            self.history.mark_latest(number, self.clock.boot_us(), TimingPoint::FieldOff);
            return Some(outcome);
        }
        self.mark(&mut tap.story.timeline, TimingPoint::FieldOff);
        self.release(&mut tap);
        self.lose(tap, reason, now);
        Some(TapOutcome::Interrupted)
    }

    fn lose(&mut self, tap: Tap, reason: DeactivationReason, now: Moment) {
        let mut story = tap.story;
        let retries_left = match reason {
            DeactivationReason::LinkLoss => self.config.link_loss_retry_limit.saturating_sub(story.losses),
            DeactivationReason::Deselected => 0,
        };
        story.losses += 1;
        let instrument = story.instrument.clone();
        self.tell(WalletEvent::ContactlessPaymentInterrupted { instrument, retries_left });
        if retries_left == 0 {
            return self.complete(&mut story, TapOutcome::Interrupted, TapEnd::default());
        }
        self.torn = Some(TornTap { story, at: now });
        if let AppLine::Desk(desk) = &self.app {
            desk.set_alarm(self.alarm(now));
        }
    }

    /// The phone has not come back.
    pub(super) fn give_up(&mut self, torn: TornTap) {
        let mut story = torn.story;
        self.complete(&mut story, TapOutcome::Interrupted, TapEnd::default());
    }

    /// Lets time have its effect: ends what has waited for too long.
    pub(super) fn tick(&mut self, now: Moment) {
        self.end_silent_tap(now);
        let window = u64::from(self.config.link_loss_retry_window_ms);
        let gone = |torn: &mut TornTap| now.ms_since(torn.at).is_none_or(|waited| waited > window);
        if let Some(torn) = self.torn.take_if(gone) {
            self.give_up(torn);
        }
        self.first_tap.take_if(|first| now.ms_since(first.at).is_none_or(|age| age > first.timeout_ms));
    }

    /// When to look at the clock without being called: for a tap that may come back, or a terminal that says nothing.
    pub(super) fn alarm(&self, now: Moment) -> Option<Duration> {
        let left = |since: Moment, limit: u32| u64::from(limit).saturating_sub(now.ms_since(since).unwrap_or(0));
        let torn = self.torn.as_ref().map(|torn| left(torn.at, self.config.link_loss_retry_window_ms));
        let open = self.tap.as_ref().filter(|tap| !tap.is_over());
        let silent = open.map(|tap| left(tap.last_command, self.config.apdu_timeout_ms));
        // A clock that stands still is not looked at all the time.
        let ms = [torn, silent].into_iter().flatten().min()?.max(SHORTEST_ALARM_MS) + 1;
        Some(Duration::from_millis(ms))
    }

    /// A terminal that says nothing for too long has given up. While the app is being asked it is not its turn to speak.
    fn end_silent_tap(&mut self, now: Moment) {
        let limit = u64::from(self.config.apdu_timeout_ms);
        let silent = |tap: &mut Tap| {
            let waited = now.boot_ms.checked_sub(tap.last_command.boot_ms);
            matches!(tap.phase, Phase::Open) && waited.is_none_or(|waited| waited > limit)
        };
        if let Some(mut tap) = self.tap.take_if(silent) {
            tap.application.end();
            self.finish(&mut tap, TapOutcome::Error, TapEnd::default());
            self.tap = Some(tap);
        }
    }
}

const SHORTEST_ALARM_MS: u64 = 50;
