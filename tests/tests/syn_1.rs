//! SYN-1 in the phone, byte by byte.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use bezant::card::{CardOptions, DolExtension, TapOutcome};
use bezant_tests::{Generation, Phone, Syn1, bytes, file, transcript};
use serde_json::json;

const BOTH: [Generation; 2] = [Generation::V1, Generation::V2];

#[test]
fn a_whole_tap_answers_every_byte_of_the_transcript() {
    for generation in BOTH {
        let phone = Phone::with_syn_1(generation).verified();
        for exchange in transcript("syn-1-payment.txt") {
            assert_eq!(phone.transmit(&exchange.command), exchange.answer, "{generation:?}: {}", exchange.title);
        }
        assert_eq!(phone.take_away(), Some(TapOutcome::AuthorizeOnline));
        assert_eq!(phone.credentials_left("card-1"), 2);
    }
}

/// Brings a phone into a state of the table of refusals.
fn phone_in(state: &str) -> Phone {
    let phone = Phone::with_syn_1(Generation::V1);
    let phone = if state == "refused" { phone } else { phone.verified() };
    let commands: &[&str] = match state {
        "fresh" => &[],
        "ppse" => &[Syn1::SELECT_PPSE],
        "selected" => &[Syn1::SELECT_PPSE, Syn1::SELECT_AID],
        "initiated" => &[Syn1::SELECT_PPSE, Syn1::SELECT_AID, Syn1::GPO],
        "paid" | "refused" => &[Syn1::SELECT_PPSE, Syn1::SELECT_AID, Syn1::GPO, Syn1::ARQC],
        _ => panic!("{state} is no state"),
    };
    commands.iter().for_each(|command| assert!(phone.send(command).ends_with("9000"), "{state}: {command}"));
    phone
}

/// The commands that bring a phone from a state to a cryptogram.
fn rest_of_the_tap(state: &str) -> &'static [&'static str] {
    match state {
        "fresh" | "refused" => &[Syn1::SELECT_PPSE, Syn1::SELECT_AID, Syn1::GPO, Syn1::ARQC],
        "ppse" => &[Syn1::SELECT_AID, Syn1::GPO, Syn1::ARQC],
        "selected" => &[Syn1::GPO, Syn1::ARQC],
        "initiated" => &[Syn1::ARQC],
        _ => &[],
    }
}

#[test]
fn every_wrong_command_gets_its_status_word_and_leaves_the_tap_alive() {
    let mut rows = 0;
    for line in file("transcripts/syn-1-refusals.txt").lines() {
        let mut columns = line.split_whitespace();
        let (Some(states), Some(command), Some(status)) = (columns.next(), columns.next(), columns.next()) else {
            continue;
        };
        if states.starts_with('#') {
            continue;
        }
        let states: &[&str] =
            if states == "any" { &["fresh", "ppse", "selected", "initiated", "paid", "refused"] } else { &[states] };
        for state in states {
            let phone = phone_in(state);
            let left = phone.credentials_left("card-1");
            assert_eq!(phone.send(command.trim_matches('-')), status, "{state}: {line}");
            assert_eq!(phone.credentials_left("card-1"), left, "{state}: {line}");
            // An unknown name deselects, every other mistake leaves the state as it was.
            let rest = rest_of_the_tap(if status == "6A82" { "fresh" } else { state });
            phone.verify();
            for command in rest {
                assert!(phone.send(command).ends_with("9000"), "{state}: {line}, then {command}");
            }
            let outcome = phone.take_away();
            assert_eq!(outcome, Some(TapOutcome::AuthorizeOnline), "{state}: {line}");
            rows += 1;
        }
    }
    assert!(rows > 250, "{rows} rows are not the whole table");
}

#[test]
fn terminals_that_can_never_go_online_end_the_tap() {
    for terminal_type in ["23", "26", "13", "36"] {
        let phone = phone_in("selected");
        assert_eq!(phone.send(&format!("80A800000D830B2C00800000000000{:0>4}{terminal_type}00", "0616")), "6985");
        assert_eq!(phone.send(Syn1::GPO), "6985", "the tap is over");
        assert!(phone.send(Syn1::SELECT_PPSE).ends_with("9000"), "and the next may begin");
        assert_eq!(phone.take_away(), Some(TapOutcome::Interrupted));
        assert_eq!(phone.credentials_left("card-1"), 3);

        // A terminal may hide its type until GENERATE AC.
        let phone = phone_in("initiated");
        let late = Syn1::ARQC.replace("1234ABCD22", &format!("1234ABCD{terminal_type}"));
        assert_eq!(phone.send(&late), "6985");
        assert_eq!(phone.send(Syn1::ARQC), "6985");
        assert_eq!(phone.take_away(), Some(TapOutcome::Error));
        assert_eq!(phone.credentials_left("card-1"), 3);
    }
}

#[test]
fn a_missing_le_is_read_as_00() {
    let phone = Phone::with_syn_1(Generation::V1).verified();
    for exchange in transcript("syn-1-payment.txt") {
        let (_, without_le) = exchange.command.split_last().unwrap();
        assert_eq!(phone.transmit(without_le), exchange.answer, "{}", exchange.title);
    }
}

#[test]
fn a_certificate_request_is_answered_by_an_arqc() {
    let phone = Phone::with_syn_1(Generation::V1).verified();
    let (arqc, _) = phone.tap(Syn1::ARQC);
    let phone = Phone::with_syn_1(Generation::V1).verified();
    let (tc, outcome) = phone.tap(&Syn1::ARQC.replacen("80AE80", "80AE40", 1));
    assert_eq!((tc, outcome), (arqc, TapOutcome::AuthorizeOnline));
}

#[test]
fn an_unsigned_aac_is_agreed_to_under_random_keys_and_costs_nothing() {
    let phone = Phone::with_syn_1(Generation::V1).verified();
    let (answer, outcome) = phone.tap(&Syn1::ARQC.replacen("80AE80", "80AE00", 1));
    assert_eq!(outcome, TapOutcome::DeclinedByTerminal);
    assert!(answer.starts_with("772F9F2701009F360200019F2608"), "{answer}");
    assert!(answer.ends_with("DF4B030010009000"), "{answer}");
    assert_eq!(phone.credentials_left("card-1"), 3);
}

#[test]
fn a_signed_aac_proves_card_and_cardholder_and_spends_a_credential() {
    let phone = Phone::with_syn_1(Generation::V1).verified();
    let (answer, outcome) = phone.tap(&Syn1::ARQC.replacen("80AE80", "80AE10", 1));
    assert_eq!(outcome, TapOutcome::AuthenticateOffline);
    assert!(answer.starts_with("7781A89F2701009F360200019F4B8180"), "{answer}");
    // CVR 85 40 .. 02: AAC, signed, verified on the device, at home.
    assert!(answer.contains("9F10120114854000020000"), "{answer}");
    assert!(answer.ends_with("DF4B030010009000"), "{answer}");
    assert_eq!(phone.credentials_left("card-1"), 2);
    assert_eq!(phone.wallet.authentication().unwrap().payments, 0, "only an ARQC uses a verification up");
}

#[test]
fn a_terminals_dynamic_number_goes_into_the_issuer_data_before_its_authentication_code() {
    let with = |code: &str, number: &str| {
        let phone = Phone::with_syn_1(Generation::V1).verified();
        let (answer, _) = phone.tap(&Syn1::ARQC.replace("220000000000000000000001", &format!("22{code}{number}01")));
        let at = answer.find("9F1012").unwrap() + 6;
        answer[at + 16..at + 20].to_owned()
    };
    assert_eq!(with("1A2B", "0000000000000000"), "1A2B");
    assert_eq!(with("1A2B", "C1C2C3C4C5C6C7C8"), "C1C2");
    assert_eq!(with("1A2B", "0000000000000001"), "0000", "a number that is not all zero counts");
}

#[test]
fn the_country_of_the_terminal_tells_home_from_abroad() {
    let cvr_byte_4 = |country: &str| {
        let phone = Phone::with_syn_1(Generation::V1).verified();
        let (answer, _) = phone.tap(&Syn1::ARQC.replacen(
            "000000000000 0616".replace(' ', "").as_str(),
            &format!("000000000000{country}"),
            1,
        ));
        let at = answer.find("9F10120114").unwrap() + 10;
        answer[at + 6..at + 8].to_owned()
    };
    assert_eq!(cvr_byte_4("0616"), "02");
    assert_eq!(cvr_byte_4("0276"), "04");
}

#[test]
fn an_issuers_action_code_declines_abroad() {
    let mut json = Syn1::profile_json(Generation::V1);
    Syn1::contactless(&mut json)["ciacDecline"] = json!("040000");
    let abroad = Syn1::ARQC.replacen("0000000000000616", "0000000000000276", 1);
    let phone = Phone::with_profile(Syn1::parse(&json), CardOptions::default()).verified();
    let (answer, outcome) = phone.tap(&abroad);
    assert_eq!(outcome, TapOutcome::DeclinedByWallet);
    assert!(answer.ends_with("DF4B030010009000"), "{answer}");
    assert_eq!(phone.credentials_left("card-1"), 3);
    assert_eq!(phone.tap(Syn1::ARQC).1, TapOutcome::AuthorizeOnline, "at home it pays");
}

#[test]
fn the_additional_check_table_is_looked_up_in_the_cdol1_data() {
    // Position 19 (hexadecimal 13), one byte, three entries: the mask FF, then 02 and 01.
    let with_table = |table: &str, ciac: &str| {
        let mut json = Syn1::profile_json(Generation::V1);
        Syn1::contactless(&mut json)["ciacDecline"] = json!(ciac);
        json["mppLiteModule"]["cardRiskManagementData"]["additionalCheckTable"] = json!(format!("{table:0<36}"));
        Phone::with_profile(Syn1::parse(&json), CardOptions::default()).verified().tap(Syn1::ARQC).1
    };
    // Byte 19 of the CDOL1 data is the last of the TVR, 01 here.
    assert_eq!(with_table("130103FF0201", "000002"), TapOutcome::DeclinedByWallet, "a match, and matches decline");
    assert_eq!(with_table("130103FF0201", "000001"), TapOutcome::AuthorizeOnline);
    assert_eq!(with_table("130103FF0203", "000001"), TapOutcome::DeclinedByWallet, "no match, and that declines");
    assert_eq!(with_table("130103FF0203", "000002"), TapOutcome::AuthorizeOnline);
    assert_eq!(with_table("130103FE0200", "000002"), TapOutcome::DeclinedByWallet, "the mask takes the last bit away");
    assert_eq!(with_table("000103FF0201", "000003"), TapOutcome::AuthorizeOnline, "position 0 switches it off");
    assert_eq!(with_table("130101FF", "000003"), TapOutcome::AuthorizeOnline, "a mask without entries");
    assert_eq!(with_table("2E0103FF0201", "000003"), TapOutcome::AuthorizeOnline, "beyond the data");
}

#[test]
fn a_masked_cvr_is_the_same_in_cryptogram_and_issuer_data() {
    let mut json = Syn1::profile_json(Generation::V1);
    Syn1::contactless(&mut json)["cvrMaskAnd"] = json!("FFFFFFF0FFFF");
    let phone = Phone::with_profile(Syn1::parse(&json), CardOptions::default()).verified();
    let (answer, _) = phone.tap(Syn1::ARQC);
    assert!(answer.contains("9F10120114A50000000000"), "{answer}");
    let cdol1 = &bytes(Syn1::ARQC)[5..34];
    let input = [cdol1, &bytes("1B80 0001 A50000000000")].concat();
    let cryptogram = bezant::crypto::retail_mac(Syn1::session_keys(1).umd.expose_secret(), &input);
    assert!(answer.contains(&format!("9F2608{}", hex::encode_upper(cryptogram))), "{answer}");
}

#[test]
fn objects_that_the_wallet_adds_are_asked_for_and_hashed() {
    let options =
        CardOptions { extra_pdol: vec![DolExtension::parse(&bytes("9F1502")).unwrap()], ..CardOptions::default() };
    let phone = Phone::with_profile(Syn1::profile(Generation::V1), options).verified();
    assert!(phone.send(Syn1::SELECT_PPSE).ends_with("9000"));
    let fci = phone.send(Syn1::SELECT_AID);
    assert!(fci.starts_with("6F3B8407A0000000041010A530"), "{fci}");
    assert!(fci.contains("9F380C9F1D089F1A029F35019F1502BF0C"), "{fci}");
    assert_eq!(phone.send(Syn1::GPO), "6700", "eleven bytes are too few now");
    assert!(phone.send("80A800000F830D2C0080000000000006162254 1100").ends_with("9000"));
    let signed = phone.send(Syn1::ARQC_CDA);
    assert!(signed.ends_with("9000") && !signed.contains("41D6C303C6840CDB"), "the longer data are hashed: {signed}");
}

/// SYN-1 with another CDOL1 in its signed record.
fn with_cdol1(cdol1: &str, length: u8) -> Phone {
    let mut json = Syn1::profile_json(Generation::V1);
    let data = Syn1::contactless(&mut json);
    data["cdol1RelatedDataLength"] = json!(format!("{length:02X}"));
    let objects = format!("8C{:02X}{cdol1}5A085413330000000019", cdol1.len() / 2);
    data["records"][1]["recordValue"] = json!(format!("70{:02X}{objects}", objects.len() / 2));
    Phone::with_profile(Syn1::parse(&json), CardOptions::default()).verified()
}

#[test]
fn cdol1_data_are_looked_up_by_tag_wherever_they_stand() {
    // CVM results and merchant category changed places.
    let phone = with_cdol1("9F02069F03069F1A0295055F2A029A039C019F37049F35019F45029F4C089F15029F3403", 45);
    let (answer, outcome) = phone.tap(&Syn1::ARQC.replace("010002541100", "541142030000"));
    assert_eq!(outcome, TapOutcome::AuthorizeOnline, "{answer}");
    let facts = phone.wallet.last_tap().unwrap().transaction.unwrap();
    assert_eq!(facts.merchant_category.unwrap().to_string(), "5411");
    assert_eq!(facts.cardholder_action, bezant::emv::CardholderAction::OnlinePin);
}

#[test]
fn cdol1_data_may_have_any_length_and_the_cryptogram_is_over_their_first_29_bytes() {
    let shortest = "9F02069F03069F1A0295055F2A029A039C019F3704";
    let first = &Syn1::ARQC[10..68];
    // Nothing more; the merchant's name behind it; 210 bytes of something nobody here knows.
    for (more, data) in [("", String::new()), ("9F4E14", "41".repeat(20)), ("DF53D2", "00".repeat(210))] {
        let length = u8::try_from(29 + data.len() / 2).unwrap();
        let phone = with_cdol1(&format!("{shortest}{more}"), length);
        let (answer, outcome) = phone.tap(&format!("80AE8000{length:02X}{first}{data}00"));
        assert_eq!(outcome, TapOutcome::AuthorizeOnline, "{more}: {answer}");
        let input = [&bytes(first)[..], &bytes("1B80 0001 A50000020000")].concat();
        let cryptogram = bezant::crypto::retail_mac(Syn1::session_keys(1).umd.expose_secret(), &input);
        assert!(answer.contains(&hex::encode_upper(cryptogram)), "{more}: {answer}");
        assert_eq!(phone.send(Syn1::SELECT_AID), phone.send(Syn1::SELECT_AID), "and the next tap begins");
    }
}
