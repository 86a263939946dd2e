//! The same judgement over wallets that are less careful: it must find them out.

use crate::books::{is_generate_ac, is_select_ppse, read};
use crate::inspection::Wrong;
use crate::scene::{FIRST_BOOT, Scene};
use crate::survey::{Survey, honest_boots};
use bezant_tests::power_loss::{CrashKind, Mark, Options, Trace};

/// Some taps, a quiet time, and more taps than a start of the device makes up for.
fn taps() -> Scene {
    let scene = Scene::new().set_up().with_card("card-1", 1..=12).tap().quiet();
    scene.tap().tap().tap().tap().tap()
}

fn only(kind: CrashKind) -> Options {
    Options { kinds: vec![kind], window: 2, random_subsets: 2, ..Options::default() }
}

fn is_log(path: &std::path::Path) -> bool {
    path.extension().is_some_and(|extension| extension == "db-wal")
}

#[test]
fn s2_028_a_log_that_is_not_synced_is_found_out() {
    let scene = taps();
    let trace = scene.trace().without_syncs_of(is_log);
    let survey = Survey::of(&scene, &trace, only(CrashKind::PowerLoss), honest_boots);
    println!("a log without syncs: {survey}");
    // What was answered is forgotten; the vault's anchor notices where it goes back too far.
    assert!(survey.has(CrashKind::PowerLoss, Wrong::Looser) && survey.has(CrashKind::PowerLoss, Wrong::DoesNotOpen));
    let survey = Survey::of(&scene, &trace, only(CrashKind::PowerLoss), |_| FIRST_BOOT);
    assert!(survey.has(CrashKind::PowerLoss, Wrong::AnsweredAgain), "and answers again, but for the burnt ones");
    let survey = Survey::of(&scene, &trace, only(CrashKind::Kill), honest_boots);
    survey.is_clean("a log without syncs, killed");
}

#[test]
fn s2_028_a_disk_that_ignores_a_sync_answers_twice_but_for_the_credentials_that_are_burnt() {
    let scene = taps();
    let trace = scene.trace();
    let survey = Survey::of(&scene, &trace, only(CrashKind::LastSyncIgnored), honest_boots);
    survey.is_clean("a disk that ignores a sync");
    let survey = Survey::of(&scene, &trace, only(CrashKind::LastSyncIgnored), |_| FIRST_BOOT);
    println!("nothing burnt: {survey}");
    assert!(survey.has(CrashKind::LastSyncIgnored, Wrong::AnsweredAgain));
}

#[test]
fn s2_055_answers_before_their_reservation_is_durable_are_found_out() {
    let scene = taps();
    let mut trace = scene.trace();
    let requests: Vec<_> = trace.heard().iter().map(|line| read(line)).collect();
    for (number, _) in requests.iter().enumerate().filter(|(_, request)| is_generate_ac(request)) {
        let select = requests[..number].iter().rposition(is_select_ppse).unwrap();
        trace = Trace::talking_ahead(&trace, Mark::Heard(select), Mark::Said(number));
    }
    for kind in [CrashKind::Kill, CrashKind::PowerLoss] {
        let survey = Survey::of(&scene, &trace, only(kind), honest_boots);
        println!("answers ahead of their reservations: {survey}");
        let again = Survey::of(&scene, &trace, only(kind), |_| FIRST_BOOT);
        assert!(again.has(kind, Wrong::AnsweredAgain) && survey.has(kind, Wrong::Looser), "{kind:?}");
    }
}
