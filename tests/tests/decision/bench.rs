//! A phone behind the driver, its issuer, and the model beside it: every tap is held against what the model expects.

use crate::case::{Authentication, Case, Counters, Expected, Host, Model, Rules, State};
use crate::model::{DUAL_TAP_TIMEOUT_MS, expected};
use crate::terminal::Tap;
use crate::verdict::{Heard, differences};
use bezant_tests::{Generation, Judge, Syn1, bytes};
use driver::Driver;
use serde_json::{Value, json};
use std::sync::LazyLock;

pub struct Bench {
    driver: Driver,
    rules: Rules,
    state: State,
    host: Host,
    number: u32,
    next_atc: u16,
    /// The taps and what happened between them, for messages.
    log: Vec<String>,
}

impl Bench {
    pub fn new(rules: &Rules) -> Self {
        Self::with(rules, &json!({}))
    }

    /// With more of a configuration than the rules tell; null takes a value away.
    pub fn with(rules: &Rules, more: &Value) -> Self {
        let profile = if rules.asks_for_results { Syn1::profile_json(Generation::V1) } else { without_results() };
        Self::with_profile(rules, more, &profile)
    }

    /// With `card-2` beside the card; it is told by its label and has three credentials.
    pub fn with_two_cards(rules: &Rules) -> Self {
        let mut bench = Self::new(rules);
        bench.add_card("card-2");
        bench
    }

    /// One more card with three credentials, active.
    pub fn add_card(&mut self, name: &str) {
        let mut profile = Syn1::profile_json(Generation::V1);
        let fci = &mut Syn1::contactless(&mut profile)["paymentFci"];
        *fci = json!(fci.as_str().unwrap().replace(LABEL, Syn1::SECOND_LABEL));
        for request in [
            json!({ "op": "install_profile", "instrument": name, "profile": profile }),
            json!({ "op": "load_credentials", "instrument": name, "credentials": Syn1::issued(1..4) }),
            json!({ "op": "activate", "instrument": name }),
        ] {
            self.ask(&request);
        }
    }

    /// With another profile than SYN-1's of the first generation.
    pub fn with_profile(rules: &Rules, more: &Value, profile: &Value) -> Self {
        let mut config = config(rules);
        let config_map = config.as_object_mut().unwrap();
        config_map.extend(more.as_object().unwrap().clone());
        config_map.retain(|_, value| !value.is_null());
        let mut bench = Self {
            driver: Driver::default(),
            rules: rules.clone(),
            state: State {
                authentication: None,
                locked: false,
                counters: Counters::default(),
                credentials: 0,
                context: None,
                replenishing: false,
            },
            host: Host::Follow,
            number: 0x1234_0000,
            next_atc: 1,
            log: Vec::new(),
        };
        bench.ask(&json!({ "op": "setup", "config": config, "seed": 1, "clock": "2026-01-15T10:00:00Z" }));
        bench.ask(&json!({ "op": "install_profile", "instrument": CARD, "profile": profile }));
        bench.load(rules.credentials);
        bench.ask(&json!({ "op": "activate", "instrument": CARD }));
        bench
    }

    /// A request that must be met.
    pub fn ask(&mut self, request: &Value) -> Value {
        let answer = self.driver.answer(&request.to_string());
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["ok"], true, "{request}: {answer}\nafter {:#?}", self.log);
        answer
    }

    /// The code of the error that a request must get.
    pub fn refused(&mut self, request: &Value) -> String {
        let answer: Value = serde_json::from_str(&self.driver.answer(&request.to_string())).unwrap();
        assert_eq!(answer["ok"], false, "{request}: {answer}");
        answer["error"]["code"].as_str().unwrap().to_owned()
    }

    /// Sends a command; gives the answer and what the host was told meanwhile.
    pub fn send(&mut self, command: &str) -> (String, Vec<Value>) {
        let answer = self.ask(&json!({ "op": "apdu", "hex": command }));
        (answer["hex"].as_str().unwrap().to_owned(), events(&answer))
    }

    pub fn load(&mut self, credentials: u16) {
        if credentials > 0 {
            let first = u16::try_from(self.state.credentials).unwrap() + self.next_atc;
            let credentials = Syn1::issued(first..first + credentials);
            self.ask(&json!({ "op": "load_credentials", "instrument": CARD, "credentials": credentials }));
        }
        self.state.credentials += usize::from(credentials);
        self.state.replenishing = false;
    }

    pub fn authenticate(&mut self) {
        self.log.push("authenticate".into());
        let answer = self.ask(&json!({ "op": "authenticate", "method": "fingerprint" }));
        let told = events(&answer);
        // Without a credential nobody is ready.
        assert_eq!(names(&told), if self.state.credentials > 0 { vec!["ready_to_tap"] } else { vec![] }, "{answer}");
        assert!(told.iter().all(|ready| ready["seconds_left"] == 45), "{answer}");
        self.state.authentication = Some(Authentication { age_ms: 0, payments: 0 });
    }

    pub fn lock(&mut self, locked: bool) {
        self.log.push(format!("locked: {locked}"));
        self.ask(&json!({ "op": "device", "locked": locked, "screen_on": !locked }));
        self.state.locked = locked;
    }

    pub fn wait(&mut self, ms: u64) {
        self.log.push(format!("{ms} ms go by"));
        self.ask(&json!({ "op": "clock", "advance_ms": ms }));
        if let Some(authentication) = &mut self.state.authentication {
            authentication.age_ms += ms;
        }
        self.state.context = self.state.context.and_then(|mut first| {
            first.age_ms += ms;
            (first.age_ms <= DUAL_TAP_TIMEOUT_MS).then_some(first)
        });
    }

    pub fn host(&mut self, host: Host) {
        let decision = match host {
            Host::AuthenticationRequired => "authentication_required",
            Host::Decline => "decline",
            Host::Follow => "follow",
            Host::Late => "sleep:2000",
            Host::Proceed => "proceed",
            Host::Throws => "throw",
        };
        self.log.push(format!("host: {decision}"));
        self.ask(&json!({ "op": "host", "decision": decision }));
        self.host = host;
    }

    pub fn status(&mut self) -> Value {
        self.ask(&json!({ "op": "status" }))
    }

    /// A whole tap, held against the model.
    pub fn tap(&mut self, tap: Tap) -> Heard {
        self.try_tap(tap).unwrap_or_else(|difference| panic!("{difference}"))
    }

    /// The same; the error tells the whole case.
    pub fn try_tap(&mut self, tap: Tap) -> Result<Heard, String> {
        let case = Case { rules: self.rules.clone(), state: self.state, host: self.host, tap };
        let expected = expected(&case);
        let (heard, mut found) = self.carry_out(&tap, &expected);
        found.extend(differences(&case, &expected, &heard));
        if !found.is_empty() {
            let (found, log) = (found.join("\n  "), self.log.join(", "));
            return Err(format!("before: {log}\n{case:#?}\nexpected {expected:#?}\nfound {heard:#?}\n  {found}\n"));
        }
        self.log.push(format!("{tap:?} -> {:?}", expected.outcome));
        self.next_atc += u16::from(expected.spent);
        self.state = expected.afterwards;
        Ok(heard)
    }

    /// A whole tap that the model does not follow: the last answer, all that the host was told, and the outcome.
    pub fn unfollowed(&mut self, tap: Tap) -> (String, Vec<Value>, Value) {
        let mut told = Vec::new();
        for command in tap.opening() {
            told.extend(self.send(&command).1);
        }
        self.number += 1;
        let (answer, events) = self.send(&tap.question(self.number));
        let end = self.ask(&json!({ "op": "field_off", "reason": "deselected" }));
        told.extend(events.into_iter().chain(self::events(&end)));
        (answer, told, end["outcome"].clone())
    }

    fn carry_out(&mut self, tap: &Tap, expected: &Expected) -> (Heard, Vec<String>) {
        let mut found = Vec::new();
        let before = self.status();
        let what_if = self.ask(&json!({ "op": "what_if", "terminal": tap.supposed() }));
        if self.status() != before {
            found.push("what_if has a side effect".into());
        }
        for (at, command) in tap.opening().iter().enumerate() {
            let (answer, events) = self.send(command);
            let names: Vec<&Value> = events.iter().map(|event| &event["event"]).collect();
            let wanted: &[&str] = if at == 0 { &["contactless_payment_started"] } else { &[] };
            if !answer.ends_with("9000") || names != wanted {
                found.push(format!("{command}: {answer} {events:?}"));
            }
        }
        self.number += 1;
        // A mag-stripe reader sends digits.
        let number = if tap.mobile_support.is_some() { self.number - 0x1234_0000 } else { self.number };
        let command = tap.question(number);
        let (answer, events) = self.send(&command);
        let atc = JUDGE.credential_behind(&bytes(&command), &bytes(&answer));
        if atc != expected.spent.then_some(self.next_atc) {
            found.push(format!("the credential of ATC {atc:?} has answered, the next is {}", self.next_atc));
        }
        let left = self.ask(&json!({ "op": "field_off", "reason": "deselected" }));
        if !self::events(&left).is_empty() {
            found.push(format!("events after the end of the tap: {left}"));
        }
        let outcome = left["outcome"].as_str().unwrap_or_default().to_owned();
        (Heard { answer: bytes(&answer), events, what_if, outcome, status: self.status() }, found)
    }
}

/// What the host was told in this answer.
pub fn events(answer: &Value) -> Vec<Value> {
    answer["events"].as_array().cloned().unwrap_or_default()
}

/// The names of events.
pub fn names(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event"].as_str().unwrap()).collect()
}

fn config(rules: &Rules) -> Value {
    let mut velocity = json!({});
    for (name, limit) in [
        ("max_consecutive_lvt", rules.max_consecutive.map(u64::from)),
        ("max_cumulative_lvt", rules.max_cumulative),
        ("single_lvt_limit", rules.single_limit),
    ] {
        if let Some(limit) = limit {
            velocity[name] = json!(limit);
        }
    }
    if let Some(currency) = rules.domestic_currency {
        velocity["domestic_currency"] = json!(currency);
    }
    json!({
        "cvm_model": match rules.model {
            Model::Always => "Always",
            Model::CardLike => "CardLike",
            Model::Flexible => "Flexible",
        },
        "auth_max_payments": rules.auth_max_payments,
        "velocity": velocity,
        "transit_enabled": rules.transit_enabled,
        "transit_without_cdcvm": rules.transit_without_cdcvm,
        "allow_when_locked": rules.allow_when_locked,
        "replenish_threshold": rules.replenish_threshold,
        "mag_stripe": true,
        "host_budget_ms": 500,
    })
}

/// SYN-1 asking for a transaction sequence counter in the place of 9F34.
fn without_results() -> Value {
    let mut json = Syn1::profile_json(Generation::V1);
    let record = &mut Syn1::contactless(&mut json)["records"][1]["recordValue"];
    let changed = record.as_str().unwrap().replace("9F34039F1502", "9F41039F1502");
    assert_ne!(*record, json!(changed));
    *record = json!(changed);
    json
}

impl Default for Rules {
    /// Flexible without limits, gates served to verified and unverified.
    fn default() -> Self {
        Self {
            model: Model::Flexible,
            auth_max_payments: 3,
            max_consecutive: None,
            max_cumulative: None,
            single_limit: None,
            domestic_currency: None,
            transit_enabled: true,
            transit_without_cdcvm: false,
            allow_when_locked: false,
            credentials: 8,
            replenish_threshold: 1,
            asks_for_results: true,
        }
    }
}

pub const CARD: &str = "card-1";

/// `MASTERCARD`, SYN-1's own.
const LABEL: &str = "4D415354455243415244";

static JUDGE: LazyLock<Judge> = LazyLock::new(|| Judge::of_syn_1_with(1..=24));
