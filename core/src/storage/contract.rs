//! What every ledger must keep: one suite, run by each of them.

use super::{Ledger, LedgerError};
use crate::cdcvm::{Charge, VelocityCounters};
use crate::crypto::Secret;
use crate::emv::Atc;
use crate::instrument::{InstrumentId, TransactionCredential};

/// Makes a test of every promise; `$make` builds an empty ledger, in a box.
macro_rules! ledger_contract {
    ($make:expr) => {
        $crate::storage::contract::ledger_contract!($make;
            credentials_are_reserved_in_rising_order,
            a_spent_credential_never_comes_back,
            a_released_credential_is_the_next_to_be_reserved,
            only_one_reservation_stands,
            loading_is_all_or_nothing,
            the_same_bytes_again_change_nothing,
            an_atc_under_other_keys_is_stale,
            the_stored_maximum_is_never_exceeded,
            a_reserved_credential_counts_as_left,
            instruments_do_not_mix,
            erasing_forgets_keys_but_not_the_mark,
            a_credential_is_settled_once,
            what_is_burnt_never_answers,
            what_came_too_late_to_answer_does_not_count,
            after_erasing_an_old_reservation_counts_for_nothing,
            counters_move_when_a_payment_is_settled,
            what_is_released_charges_nothing,
            what_is_burnt_is_charged_as_feared,
            erasing_keeps_the_counters,
        );
    };
    ($make:expr; $($promise:ident,)*) => {
        $(#[test]
        fn $promise() {
            $crate::storage::contract::$promise(&mut *$make());
        })*
    };
}
pub(super) use ledger_contract;

const MAX: usize = 20;

fn id(name: &str) -> InstrumentId {
    InstrumentId::new(name).unwrap()
}

fn credential(atc: u16, key: u8) -> TransactionCredential {
    let secret = |byte| Secret::new(|bytes: &mut [u8; 16]| bytes.fill(byte));
    TransactionCredential::new(Atc::new(atc), &[key; 8], secret(key), secret(!key)).unwrap()
}

fn batch(atcs: &[u16]) -> Vec<TransactionCredential> {
    atcs.iter().map(|atc| credential(*atc, atc.to_le_bytes()[0])).collect()
}

fn spend(ledger: &mut dyn Ledger, card: &InstrumentId) -> u16 {
    let (keys, spent) = ledger.reserve(card, Charge::None).map_err(drop).unwrap().spend();
    ledger.settle(spent, Charge::None).unwrap();
    keys.atc.value()
}

pub(super) fn credentials_are_reserved_in_rising_order(ledger: &mut dyn Ledger) {
    let card = id("card");
    ledger.load(&card, batch(&[7, 2, 5]), MAX).unwrap();
    assert_eq!([spend(ledger, &card), spend(ledger, &card), spend(ledger, &card)], [2, 5, 7]);
    assert_eq!(ledger.reserve(&card, Charge::None).err(), Some(LedgerError::NoneLeft));
    assert_eq!(ledger.high_water_mark(&card).unwrap(), Some(Atc::new(7)));
}

pub(super) fn a_spent_credential_never_comes_back(ledger: &mut dyn Ledger) {
    let card = id("card");
    ledger.load(&card, batch(&[3, 4]), MAX).unwrap();
    spend(ledger, &card);
    assert_eq!(ledger.load(&card, batch(&[3]), MAX), Err(LedgerError::Stale(3)));
    assert_eq!(ledger.load(&card, batch(&[2]), MAX), Err(LedgerError::Stale(2)), "below the mark");
    assert_eq!(ledger.credentials_left(&card).unwrap(), 1);
}

pub(super) fn a_released_credential_is_the_next_to_be_reserved(ledger: &mut dyn Ledger) {
    let card = id("card");
    ledger.load(&card, batch(&[1, 2]), MAX).unwrap();
    let reservation = ledger.reserve(&card, Charge::None).map_err(drop).unwrap();
    ledger.release(reservation).unwrap();
    assert_eq!(ledger.high_water_mark(&card).unwrap(), None, "nothing has been spent");
    assert_eq!(spend(ledger, &card), 1);
}

pub(super) fn only_one_reservation_stands(ledger: &mut dyn Ledger) {
    let card = id("card");
    ledger.load(&card, batch(&[1, 2]), MAX).unwrap();
    let reservation = ledger.reserve(&card, Charge::None).map_err(drop).unwrap();
    assert_eq!(ledger.reserve(&card, Charge::None).err(), Some(LedgerError::Reserved));
    ledger.release(reservation).unwrap();
    assert!(ledger.reserve(&card, Charge::None).is_ok());
}

pub(super) fn loading_is_all_or_nothing(ledger: &mut dyn Ledger) {
    let card = id("card");
    ledger.load(&card, batch(&[5]), MAX).unwrap();
    spend(ledger, &card);
    assert_eq!(ledger.load(&card, batch(&[6, 7, 5]), MAX), Err(LedgerError::Stale(5)));
    assert_eq!(ledger.load(&card, batch(&[8, 9, 8]), MAX), Err(LedgerError::Duplicate(8)));
    assert_eq!(ledger.credentials_left(&card).unwrap(), 0);
}

pub(super) fn the_same_bytes_again_change_nothing(ledger: &mut dyn Ledger) {
    let card = id("card");
    ledger.load(&card, batch(&[1, 2]), MAX).unwrap();
    ledger.load(&card, batch(&[1, 2]), MAX).unwrap();
    assert_eq!(ledger.credentials_left(&card).unwrap(), 2);
}

pub(super) fn an_atc_under_other_keys_is_stale(ledger: &mut dyn Ledger) {
    let card = id("card");
    ledger.load(&card, batch(&[1]), MAX).unwrap();
    assert_eq!(ledger.load(&card, vec![credential(1, 9)], MAX), Err(LedgerError::Stale(1)));
    let reservation = ledger.reserve(&card, Charge::None).map_err(drop).unwrap();
    assert_eq!(ledger.load(&card, vec![credential(1, 9)], MAX), Err(LedgerError::Stale(1)), "also while reserved");
    assert_eq!(ledger.load(&card, batch(&[1]), MAX), Ok(()), "the same keys are no others");
    ledger.release(reservation).unwrap();
}

pub(super) fn the_stored_maximum_is_never_exceeded(ledger: &mut dyn Ledger) {
    let card = id("card");
    let many: Vec<u16> = (1..=20).collect();
    ledger.load(&card, batch(&many), MAX).unwrap();
    assert_eq!(ledger.load(&card, batch(&[21]), MAX), Err(LedgerError::Full(20)));
    spend(ledger, &card);
    ledger.load(&card, batch(&[21]), MAX).unwrap();
    assert_eq!(ledger.credentials_left(&card).unwrap(), 20);
}

pub(super) fn a_reserved_credential_counts_as_left(ledger: &mut dyn Ledger) {
    let card = id("card");
    ledger.load(&card, batch(&[1, 2]), MAX).unwrap();
    let reservation = ledger.reserve(&card, Charge::None).map_err(drop).unwrap();
    assert_eq!(ledger.credentials_left(&card).unwrap(), 2);
    let (_, spent) = reservation.spend();
    ledger.settle(spent, Charge::None).unwrap();
    assert_eq!(ledger.credentials_left(&card).unwrap(), 1);
}

pub(super) fn instruments_do_not_mix(ledger: &mut dyn Ledger) {
    let (a, b) = (id("a"), id("b"));
    ledger.load(&a, batch(&[1]), MAX).unwrap();
    ledger.load(&b, batch(&[1, 2]), MAX).unwrap();
    spend(ledger, &a);
    assert_eq!((ledger.credentials_left(&a).unwrap(), ledger.credentials_left(&b).unwrap()), (0, 2));
    assert_eq!(ledger.high_water_mark(&b).unwrap(), None);
}

pub(super) fn erasing_forgets_keys_but_not_the_mark(ledger: &mut dyn Ledger) {
    let card = id("card");
    ledger.load(&card, batch(&[4, 5, 6]), MAX).unwrap();
    spend(ledger, &card);
    ledger.erase(&card).unwrap();
    assert_eq!(ledger.credentials_left(&card).unwrap(), 0);
    assert_eq!(ledger.load(&card, batch(&[4]), MAX), Err(LedgerError::Stale(4)));
}

pub(super) fn a_credential_is_settled_once(ledger: &mut dyn Ledger) {
    let card = id("card");
    ledger.load(&card, batch(&[1, 2]), MAX).unwrap();
    let (_, spent) = ledger.reserve(&card, Charge::None).map_err(drop).unwrap().spend();
    ledger.settle(spent.clone(), Charge::None).unwrap();
    assert_eq!(ledger.settle(spent, Charge::None), Err(LedgerError::NotReserved));
}

pub(super) fn what_is_burnt_never_answers(ledger: &mut dyn Ledger) {
    let card = id("card");
    ledger.load(&card, batch(&[1, 2]), MAX).unwrap();
    let lost = ledger.reserve(&card, Charge::None).map_err(drop).unwrap();
    ledger.burn_reserved(&card).unwrap();
    assert_eq!(ledger.release(lost).err(), Some(LedgerError::NotReserved));
    assert_eq!(ledger.load(&card, batch(&[1]), MAX), Err(LedgerError::Stale(1)));
    assert_eq!(spend(ledger, &card), 2);
}

pub(super) fn what_came_too_late_to_answer_does_not_count(ledger: &mut dyn Ledger) {
    let card = id("card");
    ledger.load(&card, batch(&[2]), MAX).unwrap();
    let (_, spent) = ledger.reserve(&card, Charge::None).map_err(drop).unwrap().spend();
    ledger.load(&card, batch(&[1, 3]), MAX).unwrap();
    ledger.settle(spent, Charge::None).unwrap();
    assert_eq!(ledger.credentials_left(&card).unwrap(), 1, "ATC 1 is below the mark now");
    assert_eq!(spend(ledger, &card), 3);
}

pub(super) fn after_erasing_an_old_reservation_counts_for_nothing(ledger: &mut dyn Ledger) {
    let card = id("card");
    ledger.load(&card, batch(&[1, 2]), MAX).unwrap();
    let old = ledger.reserve(&card, Charge::None).map_err(drop).unwrap();
    ledger.erase(&card).unwrap();
    assert_eq!(ledger.release(old).err(), Some(LedgerError::NotReserved));
    assert_eq!(ledger.credentials_left(&card).unwrap(), 0);
    ledger.load(&card, batch(&[2]), MAX).unwrap();
    assert_eq!(spend(ledger, &card), 2);
}

const LVT: Charge = Charge::Lvt { amount: 700 };
const WORST: Charge = Charge::Lvt { amount: 5_000 };

fn counters(ledger: &dyn Ledger, card: &InstrumentId) -> (u32, u64) {
    let VelocityCounters { consecutive_lvt, cumulative_lvt } = ledger.velocity(card).unwrap();
    (consecutive_lvt, cumulative_lvt)
}

fn pay(ledger: &mut dyn Ledger, card: &InstrumentId, charge: Charge) {
    let (_, spent) = ledger.reserve(card, WORST).map_err(drop).unwrap().spend();
    ledger.settle(spent, charge).unwrap();
}

pub(super) fn counters_move_when_a_payment_is_settled(ledger: &mut dyn Ledger) {
    let (card, other) = (id("card"), id("other"));
    ledger.load(&card, batch(&[1, 2, 3, 4]), MAX).unwrap();
    assert_eq!(counters(ledger, &card), (0, 0));
    pay(ledger, &card, LVT);
    pay(ledger, &card, LVT);
    pay(ledger, &card, Charge::None);
    assert_eq!((counters(ledger, &card), counters(ledger, &other)), ((2, 1_400), (0, 0)));
    let (_, spent) = ledger.reserve(&card, WORST).map_err(drop).unwrap().spend();
    assert_eq!(counters(ledger, &card), (2, 1_400), "not settled yet");
    ledger.settle(spent.clone(), Charge::Reset).unwrap();
    assert_eq!(ledger.settle(spent, LVT), Err(LedgerError::NotReserved));
    assert_eq!(counters(ledger, &card), (0, 0));
}

pub(super) fn what_is_released_charges_nothing(ledger: &mut dyn Ledger) {
    let card = id("card");
    ledger.load(&card, batch(&[1]), MAX).unwrap();
    let reservation = ledger.reserve(&card, WORST).map_err(drop).unwrap();
    ledger.release(reservation).unwrap();
    assert_eq!(counters(ledger, &card), (0, 0));
}

pub(super) fn what_is_burnt_is_charged_as_feared(ledger: &mut dyn Ledger) {
    let card = id("card");
    ledger.load(&card, batch(&[1, 2]), MAX).unwrap();
    pay(ledger, &card, LVT);
    let lost = ledger.reserve(&card, WORST).map_err(drop).unwrap();
    ledger.burn_reserved(&card).unwrap();
    ledger.burn_reserved(&card).unwrap();
    assert!(ledger.release(lost).is_err());
    assert_eq!(counters(ledger, &card), (2, 5_700), "charged once");
}

pub(super) fn erasing_keeps_the_counters(ledger: &mut dyn Ledger) {
    let card = id("card");
    ledger.load(&card, batch(&[1, 2]), MAX).unwrap();
    pay(ledger, &card, LVT);
    ledger.erase(&card).unwrap();
    assert_eq!(counters(ledger, &card), (1, 700), "deleting a card is no verification");
}
