//! `core/DECISIONS.md` is what [`Wallet::what_if`] says, row by row; `BEZANT_WRITE=1` writes it anew.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use bezant::card::{AcRequest, CardOptions, Rehearsal};
use bezant::cdcvm::VelocityLimits;
use bezant::emv::{CvmModel, tags};
use bezant::tlv::Tag;
use bezant::wallet::{DeviceState, WhatIfEnd};
use bezant::{Wallet, WalletConfig};
use bezant_tests::{Generation, Phone, Syn1};
use std::env;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// What the terminal says, for people and as data objects.
type Terminal = (&'static str, bool, &'static [(Tag, &'static [u8])]);

const SHOP: &[u8] = &[0x54, 0x11];
const GATE: &[u8] = &[0x41, 0x11];
const LOW: &[u8] = &[0x00, 0x00, 0x00, 0x00, 0x25, 0x00];
const HIGH: &[u8] = &[0x00, 0x00, 0x00, 0x02, 0x50, 0x00];
const ZLOTY: (Tag, &[u8]) = (tags::TRANSACTION_CURRENCY, &[0x09, 0x85]);
const POLAND: (Tag, &[u8]) = (tags::TERMINAL_COUNTRY, &[0x06, 0x16]);

const TERMINALS: [Terminal; 7] = [
    (
        "25.00, no CVM (1F0302)",
        false,
        &[
            (tags::AMOUNT_AUTHORISED, LOW),
            ZLOTY,
            POLAND,
            (tags::CVM_RESULTS, &[0x1F, 0x03, 0x02]),
            (tags::MERCHANT_CATEGORY_CODE, SHOP),
        ],
    ),
    (
        "250.00, left to the device (010002)",
        false,
        &[
            (tags::AMOUNT_AUTHORISED, HIGH),
            ZLOTY,
            POLAND,
            (tags::CVM_RESULTS, &[0x01, 0x00, 0x02]),
            (tags::MERCHANT_CATEGORY_CODE, SHOP),
        ],
    ),
    (
        "250.00, online PIN (420300)",
        false,
        &[
            (tags::AMOUNT_AUTHORISED, HIGH),
            ZLOTY,
            POLAND,
            (tags::CVM_RESULTS, &[0x42, 0x03, 0x00]),
            (tags::MERCHANT_CATEGORY_CODE, SHOP),
        ],
    ),
    (
        "250.00, no CVM failed (1F0301)",
        false,
        &[
            (tags::AMOUNT_AUTHORISED, HIGH),
            ZLOTY,
            POLAND,
            (tags::CVM_RESULTS, &[0x1F, 0x03, 0x01]),
            (tags::MERCHANT_CATEGORY_CODE, SHOP),
        ],
    ),
    (
        "gate: 0.00 at 4111",
        false,
        &[ZLOTY, POLAND, (tags::CVM_RESULTS, &[0x1F, 0x03, 0x02]), (tags::MERCHANT_CATEGORY_CODE, GATE)],
    ),
    (
        "mag-stripe, tells nothing of its limit",
        true,
        &[(tags::AMOUNT_AUTHORISED, LOW), ZLOTY, POLAND, (tags::MERCHANT_CATEGORY_CODE, SHOP)],
    ),
    ("offline-only (9F35 23)", false, &[(tags::AMOUNT_AUTHORISED, LOW), ZLOTY, POLAND, (tags::TERMINAL_TYPE, &[0x23])]),
];

type State = (&'static str, fn(&Phone));

/// What there is to know about phone and cardholder, and how a phone gets there.
const STATES: [State; 6] = [
    ("nobody verified", |_| {}),
    ("verified", Phone::verify),
    ("verified 45 s ago and a little", |phone| {
        phone.verify();
        phone.clock.advance_ms(45_001);
    }),
    ("locked, verified", |phone| {
        phone.verify();
        phone.wallet.set_device_state(DeviceState { locked: true, screen_on: true });
    }),
    ("25.00 tapped before, nobody verified", |phone| {
        phone.tap(&low_value());
    }),
    ("no credential left", |phone| {
        let high_with_pin = Syn1::ARQC.replacen("010002", "420300", 1);
        while phone.credentials_left("card-1") > 0 {
            phone.verify();
            phone.tap(&high_with_pin);
        }
        phone.wallet.clear_user_authentication();
    }),
];

fn low_value() -> String {
    Syn1::ARQC.replacen("010002", "1F0302", 1)
}

fn phone(model: CvmModel) -> Phone {
    let card = CardOptions { mag_stripe: true, ..CardOptions::default() };
    let velocity = VelocityLimits { max_consecutive_lvt: Some(1), ..VelocityLimits::default() };
    let phone = Phone::new(WalletConfig { cvm_model: Some(model), velocity, card, ..WalletConfig::default() });
    phone.add_card("card-1", Syn1::profile(Generation::V1));
    phone
}

fn row(wallet: &Wallet, (_, mag_stripe, objects): Terminal) -> String {
    let objects = objects.iter().map(|(tag, value)| (*tag, value.to_vec())).collect();
    let rehearsal = Rehearsal { objects, mag_stripe, request: AcRequest::default() };
    match wallet.what_if(&rehearsal).unwrap().end {
        WhatIfEnd::Decided { decision, .. } => {
            let reasons: Vec<&str> = decision.reasons().iter().map(|reason| reason.code()).collect();
            format!("{:?} | {} | `{}` | {decision}", decision.advice(), reasons.join(", "), decision.rule())
        }
        WhatIfEnd::Refused(status) => {
            format!("Decline | | `CARD_REFUSES` | declined: the card answers {status} before any question comes up")
        }
        other => panic!("{other:?}"),
    }
}

fn page() -> String {
    let mut page = String::from(INTRODUCTION);
    for model in [CvmModel::Always, CvmModel::Flexible, CvmModel::CardLike] {
        write!(
            page,
            "\n## {model:?}\n\n| terminal | phone | advice | reasons | rule | sentence |\n|---|---|---|---|---|---|\n"
        )
        .unwrap();
        for terminal in TERMINALS {
            for (state, arrange) in STATES {
                let phone = phone(model);
                arrange(&phone);
                let before = phone.wallet.instruments();
                writeln!(page, "| {} | {state} | {} |", terminal.0, row(&phone.wallet, terminal)).unwrap();
                assert_eq!(phone.wallet.instruments(), before, "asking has no effect");
            }
        }
    }
    page
}

#[test]
fn the_page_of_decisions_is_what_the_wallet_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/DECISIONS.md");
    let page = page();
    if env::var_os("BEZANT_WRITE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(path).unwrap_or_default();
    for (number, (written, said)) in (1..).zip(written.lines().zip(page.lines())) {
        assert_eq!(written, said, "line {number}; BEZANT_WRITE=1 writes the page anew");
    }
    assert_eq!(written.len(), page.len());
}

const INTRODUCTION: &str = "\
# What the wallet decides

What `Wallet::what_if` answers for a card without a model of its own (SYN-1, first generation), `max_consecutive_lvt` 1 and
all else at its default: a verification serves 45 s, gates are served but not without a verification, a locked device pays
nothing. The app's word is not in it; it can only tighten. A test writes this page from the wallet's own answers.
";
