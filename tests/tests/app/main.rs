//! The app behind the wallet when it is late, breaks, calls back, or never comes back; names carry the acceptance rows.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod inside;
mod late;
mod life;
mod one_question;
mod told;
mod waiting;

use bezant::WalletConfig;
use bezant::emv::Advice;
use bezant::wallet::{AdviceInput, HostFailed, WalletEvent};
use bezant_tests::{App, Generation, Phone, Syn1};
use std::panic::resume_unwind;
use std::process::exit;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::Once;
use std::sync::Weak;
use std::thread;
use std::time::Duration;

type Word = Result<Advice, HostFailed>;

/// A door that a call of the app waits at until the test opens it.
#[derive(Clone, Default)]
struct Door(Arc<(Mutex<bool>, Condvar)>);

impl Door {
    fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    fn wait(&self) {
        let shut = self.0.0.lock().unwrap();
        drop(self.0.1.wait_while(shut, |open| !*open).unwrap());
    }
}

fn budget(ms: u32) -> WalletConfig {
    WalletConfig { host_budget_ms: ms, ..WalletConfig::default() }
}

/// A phone with SYN-1 and an app that is given the phone; the cardholder is verified.
fn phone(
    config: WalletConfig,
    decides: impl Fn(&Phone, &AdviceInput) -> Word + Send + Sync + 'static,
    hears: impl Fn(&Phone, &WalletEvent) + Send + Sync + 'static,
) -> (Arc<Phone>, Arc<App>) {
    WATCHDOG.call_once(|| drop(thread::spawn(watch)));
    let mut app = None;
    let phone = Phone::with_app(config, |phone: &Weak<Phone>| {
        let (to_decide, to_hear) = (phone.clone(), phone.clone());
        let decides = move |input: &AdviceInput| decides(&*to_decide.upgrade().ok_or(HostFailed)?, input);
        let hears = move |event: &WalletEvent| to_hear.upgrade().into_iter().for_each(|phone| hears(&phone, event));
        let made = Arc::new(App::new(decides, hears));
        app = Some(made.clone());
        made
    });
    phone.add_card("card-1", Syn1::profile(Generation::V1));
    phone.verify();
    (phone, app.unwrap())
}

/// Ends the process where a test hangs.
fn watch() {
    thread::sleep(Duration::from_secs(120));
    eprintln!("somebody waits for ever");
    exit(101);
}

static WATCHDOG: Once = Once::new();

fn follow(_: &Phone, input: &AdviceInput) -> Word {
    Ok(input.recommended())
}

fn listen(_: &Phone, _: &WalletEvent) {}

/// A panic that prints nothing.
fn panic_quietly() -> ! {
    resume_unwind(Box::new("the app panics"))
}

fn settled(phone: &Phone) {
    assert!(phone.wallet.settle_events(Duration::from_secs(20)), "the app is not told");
}

const PAID: [&str; 2] = ["contactless_payment_started", "contactless_payment_completed"];
const MISBEHAVED: [&str; 3] = ["contactless_payment_started", "host_misbehaved", "contactless_payment_completed"];
