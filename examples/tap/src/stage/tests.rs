use super::*;
use crate::cards;
use crate::scenarios::Cardholder;
use sandbox::{CaSize, CardSpec, TokenService};
use time::OffsetDateTime;

const START: i64 = 1_768_471_200;

fn stage(model: CvmModel) -> Stage {
    let clock = PhoneClock::set_to(OffsetDateTime::from_unix_timestamp(START).unwrap()).unwrap();
    cards::made(1, clock, &[model]).unwrap().stage
}

fn deviations(stage: &mut Stage, scenario: &'static Scenario) -> Vec<String> {
    let mut found = Vec::new();
    stage
        .play(scenario, &mut |played| {
            found.extend(played.deviations);
            Ok(())
        })
        .unwrap();
    found
}

#[test]
fn an_issuer_with_other_keys_is_a_deviation() {
    let scenario = Scenario::named("always-low-value").unwrap();
    let mut other = TokenService::new(2, CaSize::Bits1152).unwrap();
    let card = other.personalise(&CardSpec::default()).unwrap();
    other.issue_credentials(&card.pan, 9).unwrap();
    let bank = Bank::new(other.issuer().clone(), [card.pan.as_str()].into_iter());
    let mut stage = Stage { bank, ..stage(scenario.model) };
    let found = deviations(&mut stage, scenario);
    for sentence in ["Declined(\"BAD_CRYPTOGRAM\")", "UMD cryptogram is wrong", "MD cryptogram is wrong", "Unproven"] {
        assert!(found.iter().any(|found| found.contains(sentence)), "{sentence}: {found:?}");
    }
}

#[test]
fn another_authority_is_a_deviation() {
    let scenario = Scenario::named("always-high-value").unwrap();
    let mut stage = stage(scenario.model);
    if let Some(authority) = &mut stage.surroundings.authority {
        authority.modulus[70] ^= 1;
    }
    let found = deviations(&mut stage, scenario);
    assert!(found.iter().any(|found| found.contains("CDA failed")), "{found:?}");
    assert!(found.iter().any(|found| found.contains("DeclinedByTerminal")), "{found:?}");
}

#[test]
fn a_plan_that_does_not_come_true_is_a_deviation() {
    static UNVERIFIED: Scenario =
        Scenario { name: "unverified", taps: &[PlannedTap::PAYS_UNVERIFIED], ..Scenario::ORDINARY };
    let found = deviations(&mut stage(UNVERIFIED.model), &UNVERIFIED);
    assert_eq!(found.len(), 4, "{found:?}");
    for sentence in ["WalletActionRequired", "MissingCdcvm", "see phone", "was not asked"] {
        assert!(found.iter().any(|found| found.contains(sentence)), "{sentence}: {found:?}");
    }
}

#[test]
fn other_counters_another_rule_and_no_overruling_are_deviations() {
    static COUNTS: Scenario = Scenario {
        name: "counts",
        model: CvmModel::Flexible,
        taps: &[PlannedTap {
            rule: Some("VERIFIED"),
            counters: Some((2, 2_500)),
            overruled: true,
            ..PlannedTap::PAYS_UNVERIFIED
        }],
        ..Scenario::ORDINARY
    };
    let found = deviations(&mut stage(COUNTS.model), &COUNTS);
    assert_eq!(found.len(), 3, "{found:?}");
    for sentence in ["LOW_VALUE", "(1, 2500)", "overruled: false"] {
        assert!(found.iter().any(|found| found.contains(sentence)), "{sentence}: {found:?}");
    }
}

#[test]
fn a_card_that_claims_a_verification_nobody_has_seen_is_a_deviation() {
    let scenario = Scenario::named("always-low-value").unwrap();
    let mut claimed = Vec::new();
    stage(scenario.model)
        .play(scenario, &mut |mut played| {
            assert_eq!(played.deviations, Vec::<String>::new());
            played.before.cardholder = Cardholder::DoesNothing;
            claimed.extend(crate::check::deviations(&played));
            Ok(())
        })
        .unwrap();
    assert_eq!(claimed, ["the card says that the cardholder was verified, who was not"]);
}

#[test]
fn looking_for_the_cards_home_spends_nothing() {
    let mut stage = stage(CvmModel::Always);
    let mut phone = stage.phone(CvmModel::Always, Rules::ORDINARY, Supply::For(1)).unwrap();
    let before = phone.credentials_left();
    stage.learn_home(&mut phone).unwrap();
    assert_eq!(stage.surroundings.country, Some([0x06, 0x16]));
    assert_eq!(stage.surroundings.currency, Some([0x09, 0x85]));
    assert_eq!((phone.credentials_left(), before), (before, 3));
}
