//! What the documents say a tap comes to. Numbers of sections are those of the reference on the card side; "Meanings"
//! is the driver's page, which wins.

use crate::case::{
    Advice, Authentication, Case, Context, Counters, Expected, Host, Model, Outcome, Range, Rules, State,
};
use crate::terminal::{Request, Tap};
use std::collections::BTreeSet;

pub fn expected(case: &Case) -> Expected {
    let Case { rules, state, host, tap } = case;
    let found = reasons(case);
    let advice = advice(&found);
    let cdcvm_done = claims_cdcvm(rules, state);
    let may_spend = tap.request != Request::Aac;

    // Meanings: the host is asked where a credential could be spent, and may only tighten.
    let (decision, mut reasons) = (decision(advice, *host, may_spend), found.clone());
    if may_spend && *host == Host::AuthenticationRequired && !is_looser(*host, advice) {
        reasons.insert(MISSING_CDCVM);
    }
    let host_declines = may_spend && matches!(host, Host::Decline | Host::Late | Host::Throws);
    let outcome = match (tap.request, decision) {
        // Meanings: an unsigned AAC costs nothing, whatever is found.
        (Request::Aac, _) => Outcome::DeclinedByTerminal,
        (Request::SignedAac, Advice::Proceed) => Outcome::AuthenticateOffline,
        (_, Advice::Proceed) => Outcome::AuthorizeOnline,
        (_, Advice::Decline) => Outcome::DeclinedByWallet,
        (_, Advice::AuthenticationRequired) => Outcome::WalletActionRequired,
    };
    let spent = may_spend && decision == Advice::Proceed;

    let mut afterwards = *state;
    afterwards.credentials -= usize::from(spent);
    // 4.5: every outcome but the one that asks forgets the first tap.
    afterwards.context = (outcome == Outcome::WalletActionRequired).then_some(Context {
        amount: tap.amount,
        currency: tap.currency,
        age_ms: 0,
    });
    if outcome == Outcome::AuthorizeOnline {
        afterwards.counters = counters(case, cdcvm_done);
        // Meanings: only an ARQC uses a verification up, and only where it was claimed.
        if let Some(authentication) = afterwards.authentication.as_mut().filter(|_| cdcvm_done) {
            authentication.payments += 1;
        }
    }
    let low = spent && afterwards.credentials < rules.replenish_threshold;
    afterwards.replenishing |= low;
    Expected {
        advice,
        outcome,
        overruled: may_spend && is_looser(*host, advice),
        range: range(tap),
        transit: is_transit(tap),
        // 1.2: a terminal that can start no second tap gets no body.
        status: if decision != Advice::Proceed && tap.mobile_support == Some(0) { 0x6982 } else { 0x9000 },
        poscii: poscii(case, decision, &reasons, host_declines),
        cvr: tap.mobile_support.is_none().then(|| cvr(tap, decision, &reasons, cdcvm_done)),
        spent,
        events: events(case, outcome, afterwards.credentials, low),
        found,
        reasons,
        afterwards,
    }
}

/// 4.4, the second column, as Meanings have it.
fn reasons(case: &Case) -> BTreeSet<&'static str> {
    let Case { rules, state, tap, .. } = case;
    let mut reasons = BTreeSet::new();
    if tap.request == Request::Aac {
        // The terminal has declined; there is nothing to judge.
        return reasons;
    }
    let locked = state.locked && !rules.allow_when_locked;
    let served = rules.transit_enabled && (rules.model != Model::CardLike || rules.transit_without_cdcvm);
    if is_transit(tap) && !served {
        reasons.insert(UNSUPPORTED_TRANSIT);
    } else if locked {
        // Meanings: in every model, and nothing else about verification.
        reasons.insert(MISSING_CDCVM);
    } else if rules.model == Model::CardLike {
        // 4.4: the terminal must have asked for something where the device answers for nothing.
        if range(tap) == Range::High && !is_transit(tap) && tap.cvm_results == Some("010002") {
            reasons.insert(INSUFFICIENT_POI_AUTHENTICATION);
        }
    } else if wants_cdcvm(rules, tap) {
        match (state.authentication, is_fresh(rules, state)) {
            (_, true) => {}
            (None, _) => drop(reasons.insert(MISSING_CDCVM)),
            (Some(_), _) => drop(reasons.insert(INSUFFICIENT_CDCVM)),
        }
    } else if range(tap) == Range::Low && !is_transit(tap) && !is_fresh(rules, state) && exceeds(rules, state, tap) {
        reasons.insert(MISSING_CDCVM);
    }
    // 4.5: amount and currency; there is one AID and one instrument here.
    if state.context.is_some_and(|first| (first.amount, first.currency) != (tap.amount, tap.currency)) {
        reasons.insert(CONTEXT_NOT_MATCHING);
    }
    if state.credentials == 0 {
        reasons.insert(CREDENTIALS_NOT_AVAILABLE);
    }
    reasons
}

/// 4.4, the model table.
fn wants_cdcvm(rules: &Rules, tap: &Tap) -> bool {
    match rules.model {
        Model::Always => true,
        Model::CardLike => false,
        Model::Flexible if is_transit(tap) => !rules.transit_without_cdcvm,
        // UNKNOWN is treated as HIGH.
        Model::Flexible => range(tap) != Range::Low,
    }
}

/// Meanings: fresh while its age is at most the validity and fewer ARQCs than allowed have used it.
fn is_fresh(rules: &Rules, state: &State) -> bool {
    let Some(Authentication { age_ms, payments }) = state.authentication else { return false };
    age_ms <= AUTH_VALIDITY_MS && payments < rules.auth_max_payments
}

/// Meanings: fresh sets the bits whatever 9F34 says, except in CardLike; a locked screen makes it count for nothing.
fn claims_cdcvm(rules: &Rules, state: &State) -> bool {
    rules.model != Model::CardLike && is_fresh(rules, state) && (!state.locked || rules.allow_when_locked)
}

/// 4.6 and Meanings: the n-th passes, sum and amount pass at the limit.
fn exceeds(rules: &Rules, state: &State, tap: &Tap) -> bool {
    let Counters { consecutive, cumulative } = state.counters;
    let too_many = rules.max_consecutive.is_some_and(|most| consecutive + 1 > most);
    if is_domestic(rules, tap) {
        let sum_too_high = rules.max_cumulative.is_some_and(|most| cumulative + tap.amount > most);
        return too_many || sum_too_high || rules.single_limit.is_some_and(|most| tap.amount > most);
    }
    // Foreign money cannot be held against a limit in our own.
    let only_amounts = rules.max_consecutive.is_none() && rules.max_cumulative.or(rules.single_limit).is_some();
    too_many || only_amounts
}

fn counters(case: &Case, cdcvm_done: bool) -> Counters {
    let Case { rules, state, tap, .. } = case;
    let Counters { consecutive, cumulative } = state.counters;
    match rules.model {
        Model::Always | Model::CardLike => state.counters,
        Model::Flexible if cdcvm_done => Counters::default(),
        Model::Flexible if is_transit(tap) || range(tap) != Range::Low => state.counters,
        Model::Flexible => Counters {
            consecutive: consecutive + 1,
            cumulative: cumulative + if is_domestic(rules, tap) { tap.amount } else { 0 },
        },
    }
}

fn is_domestic(rules: &Rules, tap: &Tap) -> bool {
    // Without a word in the configuration, the card's application currency: 9F42 of SYN-1 is 0985.
    tap.currency == rules.domestic_currency.unwrap_or("985")
}

/// 4.2.
fn range(tap: &Tap) -> Range {
    match (tap.mobile_support, tap.cvm_results) {
        // UDOL of SYN-1 does not ask for 9F33.
        (Some(support), _) if support & 1 == 0 => Range::Unknown,
        (Some(support), _) => [Range::Low, Range::High][usize::from(support >> 1 & 1)],
        (None, None) => Range::Unknown,
        (None, Some(results)) => {
            let byte = |at: usize| u8::from_str_radix(&results[at..at + 2], 16).unwrap();
            let no_cvm = [0x1F, 0x3F].contains(&(byte(0) & 0x3F)) && [0, 2].contains(&byte(4));
            if no_cvm { Range::Low } else { Range::High }
        }
    }
}

/// 4.3.
fn is_transit(tap: &Tap) -> bool {
    tap.amount == 0 && ["4111", "4131", "4784", "7523"].contains(&tap.category)
}

/// 4.4, the rule below the table; without a credential a restart would only loop.
fn advice(reasons: &BTreeSet<&'static str>) -> Advice {
    let asks = |reason: &&str| [MISSING_CDCVM, INSUFFICIENT_CDCVM].contains(reason);
    match (reasons.is_empty(), reasons.iter().all(asks)) {
        (true, _) => Advice::Proceed,
        (false, true) => Advice::AuthenticationRequired,
        (false, false) => Advice::Decline,
    }
}

fn is_looser(host: Host, advice: Advice) -> bool {
    match host {
        Host::Proceed => advice != Advice::Proceed,
        Host::AuthenticationRequired => advice == Advice::Decline,
        _ => false,
    }
}

fn decision(advice: Advice, host: Host, asked: bool) -> Advice {
    match host {
        Host::Decline | Host::Late | Host::Throws if asked => Advice::Decline,
        Host::AuthenticationRequired if asked && advice == Advice::Proceed => Advice::AuthenticationRequired,
        _ => advice,
    }
}

/// 1.8.
fn poscii(case: &Case, decision: Advice, reasons: &BTreeSet<&str>, host_declines: bool) -> Option<[u8; 3]> {
    let Case { rules, state, tap, .. } = case;
    let authorized = decision == Advice::Proceed && !matches!(tap.request, Request::Aac | Request::SignedAac);
    match tap.mobile_support {
        None if authorized => return None,
        Some(0) => return None,
        _ => {}
    }
    if reasons.contains(CREDENTIALS_NOT_AVAILABLE) {
        return Some([0; 3]);
    }
    let mut bits = if claims_cdcvm(rules, state) { 0x10 } else { 0 };
    if !host_declines && reasons.contains(CONTEXT_NOT_MATCHING) {
        bits |= 0x08;
    }
    // The bit that makes a reader start again is for an answer that asks for it.
    if decision == Advice::AuthenticationRequired {
        bits |= 0x01;
    }
    Some([0, bits, 0])
}

/// 3.4.
fn cvr(tap: &Tap, decision: Advice, reasons: &BTreeSet<&str>, cdcvm_done: bool) -> [u8; 6] {
    let aac = matches!(tap.request, Request::Aac | Request::SignedAac);
    let signed = matches!(tap.request, Request::SignedAac | Request::SignedArqc);
    let proceeds = decision == Advice::Proceed;
    let [mut first, mut second, mut fourth] = [0x80, 0x00, if tap.country == "616" { 0x02 } else { 0x04 }];
    if proceeds && !aac {
        first |= 0x20;
    }
    if proceeds && signed {
        second |= 0x40;
    }
    if cdcvm_done {
        first |= 0x05;
    } else {
        fourth |= 0x20;
    }
    let missing = reasons.contains(MISSING_CDCVM) || reasons.contains(INSUFFICIENT_CDCVM);
    if missing && tap.cvm_results == Some("010002") && !proceeds {
        fourth |= 0x01;
    }
    [first, second, 0, fourth, 0, 0]
}

fn events(case: &Case, outcome: Outcome, left: usize, low: bool) -> Vec<&'static str> {
    let mut events = Vec::new();
    if outcome == Outcome::WalletActionRequired {
        events.push("authentication_required");
    }
    events.push("contactless_payment_completed");
    // Nothing is ready where nothing is left.
    if left > 0 && left < case.state.credentials {
        events.push("next_tap_ready");
    }
    if low {
        events.push("credentials_low");
    }
    if low && !case.state.replenishing {
        events.push("replenish_needed");
    }
    if case.state.credentials == 0 && case.tap.request != Request::Aac {
        events.push("no_transaction_credentials");
    }
    events
}

pub const AUTH_VALIDITY_MS: u64 = 45_000;
pub const DUAL_TAP_TIMEOUT_MS: u64 = 30_000;

const CONTEXT_NOT_MATCHING: &str = "CONTEXT_NOT_MATCHING";
const CREDENTIALS_NOT_AVAILABLE: &str = "CREDENTIALS_NOT_AVAILABLE";
const INSUFFICIENT_CDCVM: &str = "INSUFFICIENT_CDCVM";
const INSUFFICIENT_POI_AUTHENTICATION: &str = "INSUFFICIENT_POI_AUTHENTICATION";
const MISSING_CDCVM: &str = "MISSING_CDCVM";
const UNSUPPORTED_TRANSIT: &str = "UNSUPPORTED_TRANSIT";
