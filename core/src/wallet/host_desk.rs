//! The app's own threads: what it is told waits in one line, what it is asked in another, and whoever serves a line makes
//! its calls one after the other.

use super::host::{AdviceInput, Host, HostCall, Misbehaviour, WalletEvent};
use super::sync::{Condvar, Mutex, MutexGuard, thread};
use crate::cdcvm::HostAnswer;
use core::time::Duration;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};

/// Both lines. Events are told in order by one thread, however long that takes. Questions have a thread of their own, so
/// that no slow event keeps a payment waiting; when an answer outlasts its budget a second thread takes its place, and the
/// first comes back when its call has ended.
pub(super) struct HostDesk {
    events: Arc<Lane<WalletEvent>>,
    questions: Arc<Lane<AdviceInput>>,
    budget: Duration,
}

/// What to do when the alarm goes off; gives the time to the next one.
pub(super) type Wake = Box<dyn Fn() -> Option<Duration> + Send + Sync>;

struct Lane<C> {
    line: Mutex<Line<C>>,
    changed: Condvar,
    most_threads: usize,
    call: Box<dyn Fn(&C) -> HostAnswer + Send + Sync>,
    rules: Rules<C>,
    wake: Wake,
}

struct Rules<C> {
    /// What is called next after a call has failed.
    after_failure: fn(&C) -> Option<C>,
    /// What may be left out when the line has become too long.
    is_expendable: fn(&C) -> bool,
}

struct Line<C> {
    calls: VecDeque<(u64, C)>,
    threads: Vec<thread::ThreadId>,
    /// The call that is being made.
    serving: Option<u64>,
    /// Threads in a call that has been given up.
    stuck: usize,
    latest: u64,
    /// Calls that somebody waits for, with their answers once they have one.
    awaited: Vec<(u64, Option<HostAnswer>)>,
    alarm: Option<Duration>,
    closed: bool,
}

impl HostDesk {
    pub(super) fn new(host: Arc<dyn Host>, budget: Duration, wake: Wake) -> Self {
        let told = host.clone();
        let tell = move |event: &WalletEvent| match catch_unwind(AssertUnwindSafe(|| told.on_event(event))) {
            Ok(()) => HostAnswer::NotAsked,
            Err(_) => HostAnswer::Failed,
        };
        let events =
            Arc::new(Lane::new(1, Box::new(tell), Rules { after_failure: after_failed_event, is_expendable }, wake));
        let line = events.clone();
        let ask = move |input: &AdviceInput| {
            let word = catch_unwind(AssertUnwindSafe(|| host.final_decision(input)));
            match word {
                Ok(Ok(Some(advice))) => HostAnswer::Advice(advice),
                Ok(Ok(None)) => HostAnswer::Follows,
                Ok(Err(_)) | Err(_) => {
                    line.push(misbehaved(HostCall::FinalDecision, Misbehaviour::Failed), false);
                    HostAnswer::Failed
                }
            }
        };
        let questions =
            Lane::new(2, Box::new(ask), Rules { after_failure: |_| None, is_expendable: |_| false }, Box::new(|| None));
        Self { events, questions: Arc::new(questions), budget }
    }

    /// Tells the app, without waiting.
    pub(super) fn tell(&self, event: WalletEvent) {
        self.events.push(event, false);
    }

    /// Tells the app something that will be waited for; from inside a call about an event nobody can wait.
    pub(super) fn tell_awaited(&self, event: WalletEvent) -> Option<u64> {
        let waits = !self.events.is_served_here();
        let call = self.events.push(event, waits);
        waits.then_some(call)
    }

    /// Waits until the app has heard, within the budget.
    pub(super) fn wait_until_told(&self, call: u64) {
        if self.events.wait(call, self.budget, |_| {}) == Some(Waited::InCall) {
            self.tell(misbehaved(HostCall::Event, Misbehaviour::Late));
        }
    }

    /// Asks the app for its word, within the budget.
    pub(super) fn decide(&self, input: AdviceInput) -> HostAnswer {
        // Asked from inside a question: nobody may be left to answer it.
        if self.questions.is_served_here() {
            self.tell(misbehaved(HostCall::FinalDecision, Misbehaviour::Failed));
            return HostAnswer::Failed;
        }
        let call = self.questions.push(input, true);
        let mut answer = HostAnswer::Late;
        if self.questions.wait(call, self.budget, |given| answer = given).is_some() {
            self.questions.give_up(call);
            self.tell(misbehaved(HostCall::FinalDecision, Misbehaviour::Late));
        }
        answer
    }

    /// Waits until the app has been told everything, or for so long; from inside an event it does not wait.
    pub(super) fn settle(&self, limit: Duration) -> bool {
        if self.events.is_served_here() {
            return false;
        }
        let line = self.events.lock();
        let busy = |line: &mut Line<WalletEvent>| !line.calls.is_empty() || line.serving.is_some();
        let waited = self.events.changed.wait_timeout_while(line, limit, busy);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Sets when to look at the clock without being called.
    pub(super) fn set_alarm(&self, alarm: Option<Duration>) {
        if alarm.is_some() {
            let mut line = self.events.lock();
            line.alarm = alarm;
            self.events.staff(line);
        }
    }
}

impl Drop for HostDesk {
    fn drop(&mut self) {
        self.events.close();
        self.questions.close();
    }
}

/// What became of a wait whose time is over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waited {
    /// The call is being made.
    InCall,
    /// It is still in line.
    InLine,
}

impl<C: Send + 'static> Lane<C> {
    fn new(
        most_threads: usize,
        call: Box<dyn Fn(&C) -> HostAnswer + Send + Sync>,
        rules: Rules<C>,
        wake: Wake,
    ) -> Self {
        let line = Line {
            calls: VecDeque::new(),
            threads: Vec::new(),
            serving: None,
            stuck: 0,
            latest: 0,
            awaited: Vec::new(),
            alarm: None,
            closed: false,
        };
        Self { line: Mutex::new(line), changed: Condvar::new(), most_threads, call, rules, wake }
    }

    fn lock(&self) -> MutexGuard<'_, Line<C>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a call in line.
    fn push(self: &Arc<Self>, call: C, awaited: bool) -> u64 {
        let mut line = self.lock();
        if line.calls.len() >= LONGEST_LINE
            && let Some(place) = line.calls.iter().position(|(_, call)| (self.rules.is_expendable)(call))
        {
            line.calls.remove(place);
        }
        let number = line.push(call);
        if awaited {
            line.awaited.push((number, None));
        }
        self.staff(line);
        number
    }

    /// Waits for a call; gives what became of it if it has no answer in time.
    fn wait(&self, call: u64, limit: Duration, answered: impl FnOnce(HostAnswer)) -> Option<Waited> {
        let unanswered =
            |line: &mut Line<C>| line.awaited.iter().any(|(awaited, answer)| *awaited == call && answer.is_none());
        let waited = self.changed.wait_timeout_while(self.lock(), limit, unanswered);
        let (mut line, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let place = line.awaited.iter().position(|(awaited, _)| *awaited == call)?;
        match line.awaited.swap_remove(place).1 {
            Some(answer) => {
                answered(answer);
                None
            }
            None if line.serving == Some(call) => Some(Waited::InCall),
            None => Some(Waited::InLine),
        }
    }

    /// A call whose answer nobody wants any more: out of the line, or left to its thread while another takes over.
    fn give_up(self: &Arc<Self>, call: u64) {
        let mut line = self.lock();
        line.calls.retain(|(number, _)| *number != call);
        if line.serving.take_if(|serving| *serving == call).is_some() {
            line.stuck += 1;
        }
        self.staff(line);
    }

    /// Sees to it that somebody serves the line.
    fn staff(self: &Arc<Self>, mut line: MutexGuard<'_, Line<C>>) {
        if line.threads.len() == line.stuck && line.threads.len() < self.most_threads {
            let lane = self.clone();
            if let Ok(spawned) = thread::Builder::new().name("bezant-host".into()).spawn(move || lane.serve()) {
                line.threads.push(spawned.thread().id());
            }
        }
        drop(line);
        self.changed.notify_all();
    }

    fn serve(&self) {
        while let Some((number, call)) = self.next() {
            let answer = (self.call)(&call);
            let mut line = self.lock();
            if line.serving == Some(number) {
                line.serving = None;
            } else {
                line.stuck = line.stuck.saturating_sub(1);
            }
            if let Some(awaited) = line.awaited.iter_mut().find(|(awaited, _)| *awaited == number) {
                awaited.1 = Some(answer);
            }
            if answer == HostAnswer::Failed
                && let Some(next) = (self.rules.after_failure)(&call)
            {
                line.push(next);
            }
            drop(line);
            self.changed.notify_all();
        }
    }

    /// The next call in line; `None` when the desk has closed.
    fn next(&self) -> Option<(u64, C)> {
        let mut line = self.lock();
        loop {
            if line.serving.is_none()
                && let Some((number, call)) = line.calls.pop_front()
            {
                line.serving = Some(number);
                return Some((number, call));
            }
            if line.closed {
                return None;
            }
            let Some(alarm) = line.alarm.take() else {
                line = self.changed.wait(line).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let waited = self.changed.wait_timeout(line, alarm);
            let (woken, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            line = woken;
            // Woken by a call, it waits anew after it: later than it was to, never less often.
            let mut next = Some(alarm);
            if timeout.timed_out() {
                drop(line);
                next = (self.wake)();
                line = self.lock();
            }
            line.alarm = [line.alarm, next].into_iter().flatten().min();
        }
    }

    fn is_served_here(&self) -> bool {
        self.lock().threads.contains(&thread::current().id())
    }

    fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }
}

impl<C> Line<C> {
    fn push(&mut self, call: C) -> u64 {
        self.latest += 1;
        self.calls.push_back((self.latest, call));
        self.latest
    }
}

fn misbehaved(call: HostCall, how: Misbehaviour) -> WalletEvent {
    WalletEvent::HostMisbehaved { call, how }
}

/// An app that fails even at being told so is not told again.
fn after_failed_event(event: &WalletEvent) -> Option<WalletEvent> {
    let told = matches!(event, WalletEvent::HostMisbehaved { .. });
    (!told).then(|| misbehaved(HostCall::Event, Misbehaviour::Failed))
}

/// What becomes of taps, and of the wallet, is told whatever happens.
fn is_expendable(event: &WalletEvent) -> bool {
    !matches!(
        event,
        WalletEvent::AuthenticationRequired { .. }
            | WalletEvent::ContactlessPaymentCompleted(_)
            | WalletEvent::ContactlessPaymentInterrupted { .. }
            | WalletEvent::ContactlessPaymentStarted { .. }
            | WalletEvent::SecurityIssue { .. }
    )
}

/// An app that has not come back by then is told the latest, and of every tap.
const LONGEST_LINE: usize = 4_096;
