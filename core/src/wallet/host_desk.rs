//! The app's own thread: calls wait in line at a desk, and whoever serves it makes them one after the other.

use super::host::{AdviceInput, Host, HostCall, Misbehaviour, WalletEvent};
use super::sync::{Condvar, Mutex, MutexGuard, thread};
use crate::cdcvm::HostAnswer;
use core::time::Duration;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};

/// The line of calls into the app. Two threads serve it at most, one at a time: when a call outlasts its budget the
/// other thread takes over, and the first comes back to the desk when its call has ended.
pub(super) struct HostDesk {
    desk: Arc<Desk>,
    budget: Duration,
}

struct Desk {
    host: Arc<dyn Host>,
    line: Mutex<Line>,
    changed: Condvar,
    /// What to do when the alarm goes off; gives the time to the next one.
    wake: Box<dyn Fn() -> Option<Duration> + Send + Sync>,
}

#[derive(Default)]
struct Line {
    jobs: VecDeque<Job>,
    threads: Vec<thread::ThreadId>,
    /// The thread that serves, while it is in a call, and which call that is.
    serving: Option<(thread::ThreadId, u64)>,
    /// Threads in a call that has been given up.
    stuck: usize,
    next_job: u64,
    answers: Vec<(u64, HostAnswer)>,
    alarm: Option<Duration>,
    closed: bool,
}

struct Job {
    number: u64,
    call: Call,
    /// Somebody waits for it.
    awaited: bool,
}

enum Call {
    Decide(Box<AdviceInput>),
    Tell(WalletEvent),
}

impl HostDesk {
    pub(super) fn new(
        host: Arc<dyn Host>,
        budget: Duration,
        wake: Box<dyn Fn() -> Option<Duration> + Send + Sync>,
    ) -> Self {
        let desk = Desk { host, line: Mutex::default(), changed: Condvar::new(), wake };
        Self { desk: Arc::new(desk), budget }
    }

    /// Tells the app, without waiting.
    pub(super) fn tell(&self, event: WalletEvent) {
        let mut line = self.desk.lock();
        line.push(Call::Tell(event), false);
        self.staff(line);
    }

    /// Tells the app and waits until it has heard, within the budget.
    pub(super) fn tell_and_wait(&self, event: WalletEvent) {
        if self.ask(Call::Tell(event)) == HostAnswer::Late {
            self.tell(WalletEvent::HostMisbehaved { call: HostCall::Event, how: Misbehaviour::Late });
        }
    }

    /// Asks the app for its word, within the budget.
    pub(super) fn decide(&self, input: AdviceInput) -> HostAnswer {
        let answer = self.ask(Call::Decide(Box::new(input)));
        if answer == HostAnswer::Late {
            self.tell(WalletEvent::HostMisbehaved { call: HostCall::FinalDecision, how: Misbehaviour::Late });
        }
        answer
    }

    /// Waits until the app has been told everything, or for so long; a call that has been given up is not waited for.
    pub(super) fn settle(&self, limit: Duration) -> bool {
        let busy = |line: &mut Line| !line.jobs.is_empty() || line.serving.is_some();
        let line = self.desk.lock();
        if line.is_ours() {
            return false;
        }
        let waited = self.desk.changed.wait_timeout_while(line, limit, busy);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Sets when to wake up without a call.
    pub(super) fn set_alarm(&self, alarm: Option<Duration>) {
        let mut line = self.desk.lock();
        line.alarm = alarm;
        if alarm.is_some() {
            self.staff(line);
        }
    }

    fn ask(&self, call: Call) -> HostAnswer {
        let mut line = self.desk.lock();
        // The app asks from inside a call: nobody is left to serve it.
        if line.is_ours() {
            if let Call::Tell(event) = call {
                line.push(Call::Tell(event), false);
                self.staff(line);
                return HostAnswer::NotAsked;
            }
            return HostAnswer::Failed;
        }
        let number = line.push(call, true);
        self.staff(line);
        let line = self.desk.lock();
        let unanswered = |line: &mut Line| !line.answers.iter().any(|(of, _)| *of == number);
        let waited = self.desk.changed.wait_timeout_while(line, self.budget, unanswered);
        let (mut line, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let place = line.answers.iter().position(|(of, _)| *of == number);
        if let Some(place) = place {
            return line.answers.swap_remove(place).1;
        }
        line.give_up(number);
        self.staff(line);
        HostAnswer::Late
    }

    /// Sees to it that somebody serves the line.
    fn staff(&self, mut line: MutexGuard<'_, Line>) {
        let idle = line.threads.len().saturating_sub(line.stuck);
        if idle == 0 && line.threads.len() < MOST_THREADS {
            let desk = self.desk.clone();
            if let Ok(spawned) = thread::Builder::new().name("bezant-host".into()).spawn(move || desk.serve()) {
                line.threads.push(spawned.thread().id());
            }
        }
        drop(line);
        self.desk.changed.notify_all();
    }
}

impl Drop for HostDesk {
    fn drop(&mut self) {
        self.desk.lock().closed = true;
        self.desk.changed.notify_all();
    }
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self) {
        let me = thread::current().id();
        while let Some(job) = self.next(me) {
            let number = job.number;
            let answer = self.call(&job.call);
            let mut line = self.lock();
            if line.serving == Some((me, number)) {
                line.serving = None;
                if job.awaited {
                    line.answers.push((number, answer));
                }
            } else {
                line.stuck = line.stuck.saturating_sub(1);
            }
            if answer == HostAnswer::Failed && !matches!(job.call, Call::Tell(WalletEvent::HostMisbehaved { .. })) {
                let call = match job.call {
                    Call::Decide(_) => HostCall::FinalDecision,
                    Call::Tell(_) => HostCall::Event,
                };
                line.push(Call::Tell(WalletEvent::HostMisbehaved { call, how: Misbehaviour::Failed }), false);
            }
            drop(line);
            self.changed.notify_all();
        }
    }

    /// The next call in line; `None` when the desk has closed.
    fn next(&self, me: thread::ThreadId) -> Option<Job> {
        let mut line = self.lock();
        loop {
            if line.serving.is_none()
                && let Some(job) = line.jobs.pop_front()
            {
                line.serving = Some((me, job.number));
                return Some(job);
            }
            if line.closed {
                return None;
            }
            line = match line.alarm {
                None => self.changed.wait(line).unwrap_or_else(PoisonError::into_inner),
                Some(alarm) => {
                    let waited = self.changed.wait_timeout(line, alarm);
                    let (line, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
                    if timeout.timed_out() {
                        drop(line);
                        let next = (self.wake)();
                        let mut line = self.lock();
                        line.alarm = next;
                        line
                    } else {
                        line
                    }
                }
            };
        }
    }

    fn call(&self, call: &Call) -> HostAnswer {
        let made = catch_unwind(AssertUnwindSafe(|| match call {
            Call::Decide(input) => self.host.final_decision(input).map_or(HostAnswer::Failed, HostAnswer::Advice),
            Call::Tell(event) => {
                self.host.on_event(event);
                HostAnswer::NotAsked
            }
        }));
        made.unwrap_or(HostAnswer::Failed)
    }
}

impl Line {
    fn push(&mut self, call: Call, awaited: bool) -> u64 {
        self.next_job += 1;
        self.jobs.push_back(Job { number: self.next_job, call, awaited });
        self.next_job
    }

    /// Whether this thread is one that serves the desk.
    fn is_ours(&self) -> bool {
        self.threads.contains(&thread::current().id())
    }

    /// Nobody waits for this call any longer: a question that has not been put is not put, an event is told later, and
    /// whoever is in a call has left the desk.
    fn give_up(&mut self, number: u64) {
        if let Some((_, _)) = self.serving.take() {
            self.stuck += 1;
        }
        self.jobs.retain(|job| job.number != number || matches!(job.call, Call::Tell(_)));
        if let Some(job) = self.jobs.iter_mut().find(|job| job.number == number) {
            job.awaited = false;
        }
    }
}

/// One that serves, and one that takes over.
const MOST_THREADS: usize = 2;
