//! An answer that comes later, from another thread.

use super::sync::{Condvar, Mutex, MutexGuard};
use core::time::Duration;
use std::sync::{Arc, PoisonError};

/// Whoever waits.
pub(super) struct Promised<T>(Arc<Place<T>>);

/// Whoever answers, once. Dropped without an answer, it lets nobody wait for ever.
pub(super) struct Answerer<T>(Arc<Place<T>>);

struct Place<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

enum State<T> {
    Waiting,
    Answered(T),
    /// There will be no answer, it has been taken, or nobody wants it.
    Over,
}

pub(super) fn promise<T>() -> (Promised<T>, Answerer<T>) {
    let place = Arc::new(Place { state: Mutex::new(State::Waiting), changed: Condvar::new() });
    (Promised(place.clone()), Answerer(place))
}

impl<T> Promised<T> {
    /// The answer if it has come; it is taken.
    pub(super) fn take(&self) -> Option<T> {
        self.0.take()
    }

    pub(super) fn is_waiting(&self) -> bool {
        matches!(*self.0.lock(), State::Waiting)
    }

    /// Waits for the answer; `None` when there will be none.
    pub(super) fn wait(&self) -> Option<T> {
        let mut state = self.0.lock();
        while matches!(*state, State::Waiting) {
            state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        drop(state);
        self.take()
    }

    /// Waits until there is an answer, for whoever will take it, or there will be none.
    #[cfg(feature = "store")]
    pub(super) fn wait_over(&self) {
        let mut state = self.0.lock();
        while matches!(*state, State::Waiting) {
            state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until there is an answer, or for so long.
    pub(super) fn wait_for(&self, limit: Duration) {
        let waiting = |state: &mut State<T>| matches!(*state, State::Waiting);
        drop(self.0.changed.wait_timeout_while(self.0.lock(), limit, waiting).unwrap_or_else(PoisonError::into_inner));
    }

    /// Nobody wants the answer any more, unless it is there already: then this is it.
    pub(super) fn give_up(&self) -> Option<T> {
        match core::mem::replace(&mut *self.0.lock(), State::Over) {
            State::Answered(answer) => Some(answer),
            State::Waiting | State::Over => None,
        }
    }
}

impl<T> Clone for Promised<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Answerer<T> {
    /// Gives the answer; gives it back when nobody wants it any more.
    pub(super) fn answer(self, answer: T) -> Option<T> {
        let mut state = self.0.lock();
        if !matches!(*state, State::Waiting) {
            return Some(answer);
        }
        *state = State::Answered(answer);
        drop(state);
        self.0.changed.notify_all();
        None
    }
}

impl<T> Drop for Answerer<T> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        if matches!(*state, State::Waiting) {
            *state = State::Over;
            drop(state);
            self.0.changed.notify_all();
        }
    }
}

impl<T> Place<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<T> {
        let mut state = self.lock();
        match &*state {
            State::Waiting => None,
            State::Answered(_) | State::Over => match core::mem::replace(&mut *state, State::Over) {
                State::Answered(answer) => Some(answer),
                State::Waiting | State::Over => None,
            },
        }
    }
}
