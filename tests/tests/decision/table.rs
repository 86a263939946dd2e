//! Every combination that the documents tell apart, each with taps that bring the phone there.

use crate::bench::Bench;
use crate::case::{Host, Model, Rules};
use crate::terminal::{Request, Tap};
use std::collections::BTreeMap;

/// The cardholder before the tap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Verified {
    Nobody,
    Fresh,
    AtTheBorder,
    TooOld,
    UsedUp,
}

impl Verified {
    const ALL: [Self; 5] = [Self::Nobody, Self::Fresh, Self::AtTheBorder, Self::TooOld, Self::UsedUp];
}

/// The taps of one case that have to be as the model has them.
fn judge(rules: &Rules, low_taps: &[Tap], verified: Verified, locked: bool, tap: Tap) -> Result<(), String> {
    let mut bench = Bench::new(rules);
    if verified == Verified::UsedUp {
        bench.authenticate();
        for _ in 0..rules.auth_max_payments {
            bench.try_tap(if rules.asks_for_results { Tap::ONLINE_PIN } else { Tap::UNKNOWN })?;
        }
    }
    for tap in low_taps {
        bench.try_tap(*tap)?;
    }
    // The last of them may have been refused; this long after it, another amount is another purchase.
    bench.wait(30_001);
    match verified {
        Verified::Nobody | Verified::UsedUp => {}
        Verified::Fresh => bench.authenticate(),
        Verified::AtTheBorder | Verified::TooOld => {
            bench.authenticate();
            bench.wait(if verified == Verified::TooOld { 45_001 } else { 45_000 });
        }
    }
    if locked {
        bench.lock(true);
    }
    bench.try_tap(tap).map(drop)
}

/// Panics with the first failures in full, and how often each difference was seen in all of them.
fn assert_all(cases: usize, failures: &[String]) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for line in failures.iter().flat_map(|failure| failure.lines()).filter(|line| line.contains(": expected ")) {
        *seen.entry(line.trim()).or_default() += 1;
    }
    let shown = failures.iter().take(3).cloned().collect::<Vec<_>>().join("\n");
    assert!(failures.is_empty(), "{} of {cases} cases fail: {seen:#?}\n{shown}", failures.len());
}

/// All of verification, screen and counters: up to one tap more than the limit of two allows.
fn all_states(rules: &Rules, taps: &[Tap]) {
    let (mut cases, mut failures) = (0, Vec::new());
    for verified in Verified::ALL {
        for locked in [false, true] {
            for low_taps in [1, 2, 3] {
                for tap in taps {
                    cases += 1;
                    failures.extend(judge(rules, &[Tap::LOW; 3][..low_taps], verified, locked, *tap).err());
                }
            }
        }
    }
    assert_all(cases, &failures);
}

fn limited(model: Model) -> Rules {
    Rules { model, auth_max_payments: 2, max_consecutive: Some(2), ..Rules::default() }
}

const SHOPS: [Tap; 4] = [Tap::LOW, Tap::HIGH, Tap::ONLINE_PIN, Tap::OLD];
const GATES: [Tap; 2] = [Tap::GATE, Tap::STRICT_GATE];

#[test]
fn in_a_shop_always_is_as_the_documents_say() {
    all_states(&limited(Model::Always), &SHOPS);
}

#[test]
fn in_a_shop_flexible_is_as_the_documents_say() {
    all_states(&limited(Model::Flexible), &SHOPS);
}

#[test]
fn in_a_shop_card_like_is_as_the_documents_say() {
    all_states(&limited(Model::CardLike), &SHOPS);
}

#[test]
fn at_an_open_gate_every_model_is_as_the_documents_say() {
    for model in MODELS {
        for transit_without_cdcvm in [false, true] {
            all_states(&Rules { transit_without_cdcvm, ..limited(model) }, &GATES);
        }
    }
}

#[test]
fn at_a_closed_gate_every_model_declines() {
    for model in MODELS {
        for transit_without_cdcvm in [false, true] {
            all_states(&Rules { transit_enabled: false, transit_without_cdcvm, ..limited(model) }, &GATES[..1]);
        }
    }
}

#[test]
fn an_amount_of_zero_or_a_merchant_of_transport_alone_makes_no_gate() {
    let shops = [Tap::LOW.of(0), Tap { category: "4111", ..Tap::LOW }, Tap { category: "4112", ..Tap::GATE }];
    let gates = ["4131", "4784", "7523"].map(|category| Tap { category, ..Tap::GATE });
    for model in MODELS {
        for transit_enabled in [false, true] {
            all_states(&Rules { transit_enabled, ..limited(model) }, &shops);
        }
        let (mut cases, mut failures) = (0, Vec::new());
        for gate in gates {
            cases += 1;
            failures.extend(judge(&limited(model), &[], Verified::Nobody, false, gate).err());
        }
        assert_all(cases, &failures);
    }
}

/// Its counters stay where they are: such a card knows no LOW.
#[test]
fn a_card_that_does_not_ask_for_the_results_pays_like_one_that_is_asked_for_a_high_amount() {
    for model in MODELS {
        let rules = Rules { asks_for_results: false, ..limited(model) };
        let (mut cases, mut failures) = (0, Vec::new());
        for verified in Verified::ALL {
            for locked in [false, true] {
                for tap in [Tap::UNKNOWN, Tap::UNKNOWN.of(0), Tap { cvm_results: None, ..Tap::GATE }] {
                    cases += 1;
                    failures.extend(judge(&rules, &[], verified, locked, tap).err());
                }
            }
        }
        assert_all(cases, &failures);
    }
}

#[test]
fn a_locked_screen_is_no_matter_where_it_is_allowed() {
    for model in MODELS {
        let rules = Rules { allow_when_locked: true, ..limited(model) };
        all_states(&rules, &[Tap::LOW, Tap::HIGH, Tap::GATE]);
    }
}

/// 7 500 has gone before where the sum is limited to 10 000.
#[test]
fn sums_and_amounts_pass_at_their_limits_and_not_beyond() {
    let cumulative = Rules { max_cumulative: Some(10_000), ..Rules::default() };
    let single = Rules { single_limit: Some(2_500), ..Rules::default() };
    let both = Rules { max_cumulative: Some(10_000), single_limit: Some(7_500), ..Rules::default() };
    let counted = Rules { max_consecutive: Some(2), ..cumulative.clone() };
    let (mut cases, mut failures) = (0, Vec::new());
    for (rules, before) in [
        (&cumulative, &[7_500][..]),
        (&cumulative, &[2_500, 5_000]),
        (&cumulative, &[9_999]),
        (&cumulative, &[10_000]),
        (&cumulative, &[10_001]),
        (&cumulative, &[]),
        (&single, &[]),
        (&single, &[2_500, 2_500]),
        (&both, &[7_500]),
        (&counted, &[7_500]),
        (&counted, &[5_000, 2_500]),
    ] {
        let before: Vec<Tap> = before.iter().map(|amount| Tap::LOW.of(*amount)).collect();
        for verified in Verified::ALL {
            for amount in [1, 2_499, 2_500, 2_501, 9_999, 10_000, 10_001] {
                for currency in ["985", "978"] {
                    let tap = Tap::LOW.of(amount).in_currency(currency);
                    cases += 1;
                    failures.extend(judge(rules, &before, verified, false, tap).err());
                }
            }
        }
    }
    assert_all(cases, &failures);
}

#[test]
fn foreign_money_counts_but_adds_nothing_and_asks_where_only_amounts_are_limited() {
    let limits = [None, Some(2)];
    let (mut cases, mut failures) = (0, Vec::new());
    for (max_consecutive, max_cumulative, single_limit, domestic_currency) in limits.iter().flat_map(|count| {
        [(None, None), (Some(10_000), None), (None, Some(3_000)), (Some(10_000), Some(3_000))]
            .into_iter()
            .flat_map(|(sum, single)| [None, Some("985"), Some("978")].map(|home| (*count, sum, single, home)))
    }) {
        let rules = Rules { max_consecutive, max_cumulative, single_limit, domestic_currency, ..Rules::default() };
        for before in [&[][..], &["985"], &["978"], &["985", "978"], &["978", "978"]] {
            let before: Vec<Tap> = before.iter().map(|currency| Tap::LOW.in_currency(currency)).collect();
            for tap in [Tap::LOW, Tap::LOW.in_currency("978"), Tap::LOW.of(3_001).in_currency("978")] {
                for verified in [Verified::Nobody, Verified::Fresh] {
                    cases += 1;
                    failures.extend(judge(&rules, &before, verified, false, tap).err());
                }
            }
        }
    }
    assert_all(cases, &failures);
}

#[test]
fn a_limit_of_zero_allows_none() {
    let (mut cases, mut failures) = (0, Vec::new());
    for rules in [
        Rules { max_consecutive: Some(0), ..Rules::default() },
        Rules { max_cumulative: Some(0), ..Rules::default() },
        Rules { single_limit: Some(0), ..Rules::default() },
        // Outside Flexible there are no limits.
        Rules { max_consecutive: Some(0), model: Model::CardLike, ..Rules::default() },
        Rules { max_cumulative: Some(0), model: Model::CardLike, ..Rules::default() },
    ] {
        for verified in Verified::ALL {
            for tap in [Tap::LOW, Tap::HIGH, Tap::GATE] {
                cases += 1;
                failures.extend(judge(&rules, &[], verified, false, tap).err());
            }
        }
    }
    assert_all(cases, &failures);
}

#[test]
fn without_credentials_every_model_declines_and_says_so() {
    let (mut cases, mut failures) = (0, Vec::new());
    for model in MODELS {
        let rules = Rules { credentials: 0, ..limited(model) };
        for verified in [Verified::Nobody, Verified::Fresh, Verified::TooOld] {
            for locked in [false, true] {
                for tap in [Tap::LOW, Tap::HIGH, Tap::ONLINE_PIN, Tap::OLD, Tap::GATE] {
                    cases += 1;
                    failures.extend(judge(&rules, &[], verified, locked, tap).err());
                }
            }
        }
    }
    assert_all(cases, &failures);
}

/// Signatures take their time, so not every state has them.
#[test]
fn every_request_gets_its_kind_of_answer_in_every_model() {
    let (mut cases, mut failures) = (0, Vec::new());
    for model in MODELS {
        for tap in [Tap::LOW, Tap::HIGH, Tap::ONLINE_PIN, Tap { country: "276", ..Tap::LOW }] {
            for request in [Request::SignedArqc, Request::Tc] {
                for verified in [Verified::Nobody, Verified::Fresh] {
                    cases += 1;
                    failures.extend(judge(&limited(model), &[], verified, false, tap.asking(request)).err());
                }
            }
        }
        cases += 1;
        let signed = Tap::LOW.asking(Request::SignedAac);
        failures.extend(judge(&limited(model), &[], Verified::Fresh, false, signed).err());
    }
    assert_all(cases, &failures);
}

/// Nor is anything looked at: the terminal has declined by itself.
#[test]
fn an_unsigned_aac_costs_nothing_in_any_state() {
    for model in MODELS {
        let rules = Rules { transit_enabled: false, ..limited(model) };
        all_states(&rules, &[Tap::LOW, Tap::HIGH, Tap::GATE].map(|tap| tap.asking(Request::Aac)));
    }
}

/// Proceed loosens nothing, the others tighten everything that could spend.
#[test]
fn the_host_has_the_last_word_where_it_is_the_stricter_one() {
    let (mut cases, mut failures) = (0, Vec::new());
    for model in MODELS {
        for host in [Host::Follow, Host::Proceed, Host::Decline, Host::AuthenticationRequired, Host::Throws] {
            for verified in [Verified::Nobody, Verified::Fresh, Verified::TooOld] {
                for tap in [Tap::LOW, Tap::HIGH, Tap::GATE, Tap::OLD] {
                    cases += 1;
                    failures.extend(judge_with_host(model, host, verified, tap).err());
                }
            }
        }
    }
    assert_all(cases, &failures);
}

fn judge_with_host(model: Model, host: Host, verified: Verified, tap: Tap) -> Result<(), String> {
    let mut bench = Bench::new(&Rules { model, transit_without_cdcvm: true, ..Rules::default() });
    if verified != Verified::Nobody {
        bench.authenticate();
    }
    if verified == Verified::TooOld {
        bench.wait(45_001);
    }
    bench.host(host);
    bench.try_tap(tap)?;
    bench.host(Host::Follow);
    bench.try_tap(tap).map(drop)
}

const MODELS: [Model; 3] = [Model::Always, Model::Flexible, Model::CardLike];
