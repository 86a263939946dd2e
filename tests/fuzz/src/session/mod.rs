//! A phone with two cards through its public face, with the model of `bezant_tests::stories` beside it.

mod company;
mod compare;
mod judges;
pub mod question;
mod step;
mod story;

use crate::phone::Phone;
use crate::session::company::Company;
use crate::session::step::{Setup, Step};
use crate::session::story::Story;
use arbitrary::{Arbitrary, Unstructured};
use bezant_tests::stories::NAMES;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// A session: a configuration and whatever happens to a phone, its wallet deciding alone.
///
/// Every command gets the status word that the specification has for it, with at most 256 bytes of data; at most one
/// cryptogram a field is made under keys that the issuer has issued, no ATC serves twice, an unsigned AAC and a decline
/// verify under none; the card verification results claim a verification where one is fresh and nowhere else; outcomes,
/// counters, credentials, choices and history are those of a reference model; and the heap does not grow without end.
///
/// The same phone is used again and again, so that nothing but taps takes time: what takes more is left to [`app`].
pub fn session(data: &[u8]) {
    play(data, false);
}

/// The same with an app, which has the last word on payments and does things when it is told of a tap, and with what takes
/// its time: signatures, and cards that are deleted and installed, whose keys are proved each time.
///
/// Moreover the app is asked once a tap at most, is told of every tap's start and end once and in order, and never
/// loosens what the wallet advises.
pub fn app(data: &[u8]) {
    play(data, true);
}

/// A phone that has been used before.
pub(crate) struct Stage {
    pub(crate) phone: Phone,
    pub(crate) company: Option<Arc<Company>>,
    pub(crate) setup: Setup,
    /// What is allocated when it is put back, at most.
    base: RefCell<Option<usize>>,
}

fn play(data: &[u8], has_app: bool) {
    let mut input = Unstructured::new(data);
    let Ok(setup) = Setup::arbitrary(&mut input) else { return };
    let stage = STAGES.with_borrow_mut(|stages| {
        let new = || Rc::new(Stage::new(&setup, has_app));
        stages.entry((setup.clone(), has_app)).or_insert_with(new).clone()
    });
    // Where something does not hold, the next session begins with a new phone.
    let keep = Story::new(&stage, setup.config()).unfold(&mut input);
    if keep {
        stage.put_back();
    } else {
        STAGES.with_borrow_mut(|stages| stages.remove(&(setup, has_app)));
    }
}

impl Story<'_> {
    /// Goes through all steps; gives whether the phone can be put back.
    fn unfold(mut self, input: &mut Unstructured<'_>) -> bool {
        for _ in 0..MOST_STEPS {
            if input.is_empty() {
                break;
            }
            let Ok(step) = Step::arbitrary(input) else { break };
            self.go_on(&step);
        }
        self.go_on(&Step::TakeAway);
        self.compare();
        self.can_be_put_back()
    }
}

impl Stage {
    fn new(setup: &Setup, has_app: bool) -> Self {
        let company = has_app.then(|| Arc::new(Company::default()));
        let host = company.clone().map(|company| company as _);
        let cards = vec![(NAMES[0], setup.card(0)), (NAMES[1], setup.card(1))];
        let phone = Phone::new(setup.config(), None, host, cards);
        if let Some(company) = &company {
            company.attach(&phone);
        }
        Self { phone, company, setup: setup.clone(), base: RefCell::default() }
    }

    fn put_back(&self) {
        self.phone.put_back();
        if let Some(company) = &self.company {
            company.put_back(&self.phone.wallet);
        }
        let allocated = crate::HEAP.allocated();
        let base = *self.base.borrow_mut().get_or_insert(allocated);
        let growth = allocated.saturating_sub(base);
        assert!(growth < MOST_GROWTH, "{growth} bytes more than after the first session with this phone");
    }
}

thread_local! {
    static STAGES: RefCell<HashMap<(Setup, bool), Rc<Stage>>> = RefCell::default();
}

const MOST_STEPS: usize = 32;
/// Other phones are set up meanwhile, each remembers its latest taps, and tests run beside each other.
const MOST_GROWTH: usize = 64 << 20;
