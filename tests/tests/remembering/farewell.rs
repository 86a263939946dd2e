use super::{Device, always, is_approval};
use bezant::storage::reports;
use bezant::{ErrorCode, WalletConfig};
use bezant_tests::{Generation, Phone, Syn1};

#[test]
fn s2_053_after_a_security_event_everything_is_refused_until_restart_and_then_gone() {
    let device = Device::with_syn_1(&always(), 1..=5);
    let phone = device.start(&always()).unwrap().verified();
    phone.initiate();
    phone.wallet.report_security_event("ROOTED").unwrap();
    assert_eq!(phone.send(Syn1::ARQC), "6985", "not even the tap that is going on");
    assert_eq!((phone.send(Syn1::SELECT_PPSE).as_str(), phone.send(Syn1::GPO).as_str()), ("6A82", "6985"));
    let wallet = &phone.wallet;
    let id = Phone::id("card-1");
    let codes = [
        wallet.ensure_usable().err(),
        wallet.report_security_event("AGAIN").err(),
        wallet.wipe().err(),
        wallet.install_profile(id.clone(), Syn1::profile(Generation::V1)).err(),
        wallet.load_credentials(&id, Syn1::credentials()).err(),
        wallet.activate(&id).err(),
        wallet.suspend(&id).err(),
        wallet.delete(&id).err(),
        wallet.select_for_payment(&id).err(),
        wallet.set_default_for_contactless(&id).err(),
        wallet.replenish_credentials(&id).err(),
        wallet.give_up_replenishment(&id).err(),
        wallet.what_if(&bezant::card::Rehearsal::default()).err(),
        wallet.set_user_authenticated(bezant::cdcvm::CdcvmMethod::Face, None, None).err(),
    ];
    for error in codes {
        assert_eq!(error.unwrap().code, ErrorCode::SecurityEventOccurred);
    }
    assert!(wallet.instruments().is_empty() && wallet.history(None).is_empty() && wallet.last_tap().is_none());
    drop(phone);
    let phone = device.start(&always()).unwrap();
    assert!(phone.wallet.instruments().is_empty() && phone.wallet.history(None).is_empty());
    let waiting = reports(&device.location()).unwrap();
    assert_eq!(waiting.iter().map(|(_, report)| report.kind.as_str()).collect::<Vec<_>>(), ["ROOTED"]);
    device.location().acknowledge(&waiting[0].0).unwrap();
    assert!(reports(&device.location()).unwrap().is_empty());
}

#[test]
fn s2_053_a_frozen_wallet_keeps_everything_and_pays_nothing_until_it_is_thawed() {
    let config = WalletConfig { freeze_on_security_event: true, ..always() };
    let device = Device::with_syn_1(&config, 1..=5);
    let phone = device.start(&config).unwrap();
    phone.wallet.report_security_event("DEBUGGER").unwrap();
    drop(phone);
    let frozen = device.start(&config).err().unwrap();
    assert_eq!(frozen.code, ErrorCode::SecurityEventOccurred);
    device.location().thaw().unwrap();
    let phone = device.start(&config).unwrap().verified();
    assert!(is_approval(&phone.tap(Syn1::ARQC).0));
    assert_eq!(reports(&device.location()).unwrap().len(), 1);
}

#[test]
fn s2_074_after_a_wipe_the_next_user_finds_an_empty_wallet_that_works() {
    let device = Device::with_syn_1(&always(), 1..=5);
    let phone = device.start(&always()).unwrap().verified();
    assert!(is_approval(&phone.tap(Syn1::ARQC).0));
    phone.wallet.wipe().unwrap();
    assert!(phone.wallet.instruments().is_empty() && phone.wallet.history(None).is_empty());
    assert!(phone.wallet.authentication().is_none());
    assert_eq!(phone.send(Syn1::SELECT_PPSE), "6A82");
    phone.add_card("card-9", Syn1::profile(Generation::V1));
    phone.verify();
    assert!(is_approval(&phone.tap(Syn1::ARQC).0), "and another card can be brought in at once");
    drop(phone);
    let phone = device.start(&always()).unwrap();
    assert_eq!(phone.wallet.instruments()[0].id.as_str(), "card-9");
    assert_eq!(phone.wallet.history(None).len(), 1);
}
