use bezant::card::TapOutcome;
use bezant::emv::Advice;
use bezant::wallet::{AdviceInput, CompletedTap, Host, HostCall, HostFailed, Misbehaviour, WalletEvent};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An app that remembers what it was told and asked, and does what the test wants.
pub struct App {
    decides: Box<Decides>,
    hears: Box<Hears>,
    told: Mutex<Vec<WalletEvent>>,
    asked: Mutex<Vec<AdviceInput>>,
}

type Decides = dyn Fn(&AdviceInput) -> Result<Advice, HostFailed> + Send + Sync;
type Hears = dyn Fn(&WalletEvent) + Send + Sync;

impl App {
    /// An app that follows the wallet's advice.
    #[must_use]
    pub fn follows() -> Self {
        Self::new(|input| Ok(input.recommended()), |_| {})
    }

    /// An app with a will of its own; what it is told or asked is noted before.
    pub fn new(
        decides: impl Fn(&AdviceInput) -> Result<Advice, HostFailed> + Send + Sync + 'static,
        hears: impl Fn(&WalletEvent) + Send + Sync + 'static,
    ) -> Self {
        Self { decides: Box::new(decides), hears: Box::new(hears), told: Mutex::default(), asked: Mutex::default() }
    }

    /// Everything it has been told, in order.
    #[must_use]
    pub fn told(&self) -> Vec<WalletEvent> {
        lock(&self.told).clone()
    }

    /// Every question it was asked, in order.
    #[must_use]
    pub fn asked(&self) -> Vec<AdviceInput> {
        lock(&self.asked).clone()
    }

    /// The names of what it has been told, without what concerns credentials and cards.
    #[must_use]
    pub fn stories(&self) -> Vec<&'static str> {
        let tap = |event: &WalletEvent| {
            matches!(
                event,
                WalletEvent::ContactlessPaymentStarted { .. }
                    | WalletEvent::AuthenticationRequired { .. }
                    | WalletEvent::ContactlessPaymentInterrupted { .. }
                    | WalletEvent::ContactlessPaymentCompleted(_)
                    | WalletEvent::HostMisbehaved { .. }
            )
        };
        self.told().iter().filter(|event| tap(event)).map(WalletEvent::name).collect()
    }

    /// What it was told of its own misbehaviour.
    #[must_use]
    pub fn misbehaviour(&self) -> Vec<(HostCall, Misbehaviour)> {
        let own = |event: &WalletEvent| match event {
            WalletEvent::HostMisbehaved { call, how } => Some((*call, *how)),
            _ => None,
        };
        self.told().iter().filter_map(own).collect()
    }

    /// The taps that it was told of, and whether one of them has not ended yet. Panics where their events are not in
    /// order: each one started, then perhaps in need of a verification, then completed, once.
    #[must_use]
    pub fn taps(&self) -> (Vec<Arc<CompletedTap>>, bool) {
        let told = self.told();
        let names = || told.iter().map(WalletEvent::name).collect::<Vec<_>>();
        let (mut taps, mut open, mut asks) = (Vec::<Arc<CompletedTap>>::new(), false, false);
        for event in &told {
            match event {
                WalletEvent::ContactlessPaymentStarted { .. } => {
                    assert!(!open, "started before the one before was completed: {:?}", names());
                    (open, asks) = (true, false);
                }
                WalletEvent::AuthenticationRequired { .. } => {
                    assert!(open && !asks, "a verification for no tap: {:?}", names());
                    asks = true;
                }
                WalletEvent::ContactlessPaymentInterrupted { .. } => assert!(open, "no tap to cut: {:?}", names()),
                WalletEvent::ContactlessPaymentCompleted(tap) => {
                    assert!(open, "completed without having started: {:?}", names());
                    assert_eq!(asks, tap.outcome == TapOutcome::WalletActionRequired, "{:?}", names());
                    assert!(taps.last().is_none_or(|last| last.number < tap.number), "{:?}", names());
                    taps.push(tap.clone());
                    open = false;
                }
                _ => {}
            }
        }
        (taps, open)
    }
}

impl Host for App {
    fn final_decision(&self, input: &AdviceInput) -> Result<Option<Advice>, HostFailed> {
        lock(&self.asked).push(input.clone());
        let word = (self.decides)(input)?;
        Ok((word != input.recommended()).then_some(word))
    }

    fn on_event(&self, event: &WalletEvent) {
        lock(&self.told).push(event.clone());
        (self.hears)(event);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
