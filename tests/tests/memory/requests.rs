//! Requests that come to nothing: what they held is gone with them.

use crate::bench::{Bench, keys};
use bezant_tests::memory::Needles;
use bezant_tests::{Generation, Syn1};
use serde_json::json;

#[test]
fn a_line_that_cannot_be_met_leaves_nothing() {
    let credentials = Syn1::issued([1]);
    let mut bench = Bench::with_syn_1(Generation::V1, &credentials);
    let fresh = Syn1::issued([2, 3]);
    let good = json!({"op": "load_credentials", "instrument": "card-1", "credentials": fresh}).to_string();
    for line in [
        good[..good.len() - 2].to_owned(),
        format!("{good} and more"),
        format!("[{good}]"),
        good.replacen("load_credentials", "hoard_credentials", 1),
        good.replacen("card-1", "card-9", 1),
        good.replacen("\"op\"", "\"note\":\"\\n\",\"op\"", 1),
        format!("{good}{}", " ".repeat(5 << 20)),
        format!("{}{good}", " ".repeat(5 << 20)),
        format!("{{\"op\":\"select\",\"instrument\":{}}}", fresh[0]["contactless_umd"]),
    ] {
        bench.driver.ask_line(&line);
        let short: String = line.chars().take(60).collect();
        bench.assert_gone(&keys(&fresh), &format!("{short}…"));
        bench.assert_held(&credentials, &format!("{short}…"));
    }
}

#[test]
fn s2_006_a_pin_leaves_no_copy() {
    let credentials = Syn1::issued([1]);
    let mut bench = Bench::with_syn_1(Generation::V2, &credentials);
    // Longer than any, so that it cannot be there by chance.
    let pin = "739158264073";
    for pin in [json!(pin), json!(pin.parse::<u64>().unwrap())] {
        let answer = bench.driver.ask(&json!({"op": "authenticate", "method": "pin", "pin": pin}));
        assert_eq!(answer["error"]["code"], "MOBILE_PIN_NOT_SUPPORTED");
    }
    bench.assert_gone(&Needles::of_bytes("PIN", pin.as_bytes()), "refused");
    bench.assert_held(&credentials, "beside it");
}
