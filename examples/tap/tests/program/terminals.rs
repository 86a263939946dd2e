//! One terminal, of the zoo or not.

use serde_json::Value;

use crate::{lines, listed, outcome, run, text};

#[test]
fn every_terminal_can_be_tapped_at_in_every_model_and_all_agree() {
    let names = listed(&["--terminal", "list"]);
    assert!(names.len() > 45, "{}", names.len());
    for name in &names {
        for model in ["always", "flexible", "card-like"] {
            for more in [&[][..], &["--verified"]] {
                let output = run(&[&["--json", "--terminal", name, "--model", model], more].concat());
                assert_eq!(output.status.code(), Some(0), "{name}, {model}, {more:?}: {}", text(&output));
                let (taps, summary) = lines(&output);
                assert!(!taps.is_empty() && taps.iter().all(|tap| tap["scenario"] == name.as_str()), "{name}");
                assert_eq!(summary["taps"], taps.len());
            }
        }
    }
}

#[test]
fn a_terminal_takes_the_amount_it_is_given() {
    let tap_at = |terminal: &str, more: &[&str]| {
        let output = run(&[&["--json", "--terminal", terminal], more].concat());
        assert_eq!(output.status.code(), Some(0), "{terminal}: {}", text(&output));
        lines(&output).0
    };
    let outcomes = |taps: &[Value]| taps.iter().map(|tap| outcome(tap).to_owned()).collect::<Vec<_>>();
    assert_eq!(outcomes(&tap_at("shop-poland", &[])), ["AuthorizeOnline"]);
    assert_eq!(outcomes(&tap_at("shop-poland", &["--amount", "150.00"])), ["WalletActionRequired"]);
    let verified = tap_at("shop-poland", &["--amount", "150.00", "--verified"]);
    assert_eq!((&verified[0]["amount"], outcome(&verified[0])), (&Value::from(15_000), "AuthorizeOnline"));
    assert_eq!(tap_at("yen-shop", &["--amount", "300"])[0]["amount"], 300);
    assert_eq!(tap_at("dinar-shop", &["--amount", "1.5"])[0]["amount"], 1_500);
    assert_eq!(tap_at("transit-gate", &["--verified"])[0]["amount"], 0);
    let gate = ["--model", "card-like", "--amount", "250"];
    assert_eq!(tap_at("transit-gate", &gate)[0]["reasons"], serde_json::json!(["INSUFFICIENT_POI_AUTHENTICATION"]));
    assert_eq!(outcomes(&tap_at("drops-after-gpo", &[])), ["Interrupted", "AuthorizeOnline"]);
    assert_eq!(outcomes(&tap_at("petrol-pump", &["--verified"])), ["AuthorizeOnline"; 2]);

    let told = text(&run(&["--terminal", "restarts-with-field-on", "--amount", "150.00"]));
    assert_eq!(told.matches("\nall agree").count(), 4, "{told}");
    assert!(told.contains("wallet, terminal and issuer agree; 4 taps") && !told.contains("as expected"), "{told}");
}
