//! One field, one cryptogram: whatever a reader sends, in whatever order, while the cardholder verifies, clears, waits
//! and moves the phone, no credential answers twice and none answers unseen.

use crate::cases;
use bezant::WalletConfig;
use bezant::card::{CardOptions, TapOutcome};
use bezant::emv::CvmModel;
use bezant_tests::commands::aac;
use bezant_tests::{Generation, Judge, Phone, Syn1, bytes};
use proptest::collection::vec;
use proptest::prelude::*;

/// What happens next around the phone.
#[derive(Clone, Debug)]
enum Step {
    Activate,
    ClearVerification,
    /// The reader sends these, one after the other.
    Send(Vec<String>),
    Reload,
    Suspend,
    TakeAway,
    Verify,
    Wait(u64),
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn at_most_one_cryptogram_under_real_keys_in_one_field_whatever_comes(
        second_generation: bool,
        steps in vec(step(), 1..40),
    ) {
        let generation = if second_generation { Generation::V2 } else { Generation::V1 };
        let mut story = Story::new(generation);
        for step in steps {
            story.go_on(step);
        }
        story.go_on(Step::TakeAway);
    }
}

#[test]
fn a_reader_that_asks_again_and_again_gets_one_cryptogram_in_each_field() {
    let mut story = Story::new(Generation::V1);
    story.go_on(Step::Verify);
    for ask in [Syn1::ARQC_CDA, CHECKSUM, Syn1::ARQC] {
        for _ in 0..3 {
            story.go_on(Step::Send([Syn1::SELECT_AID, Syn1::GPO, ask, ask].map(String::from).to_vec()));
        }
        story.go_on(Step::TakeAway);
    }
    assert_eq!(story.answered, [1, 2, 31]);
}

#[test]
fn two_refusals_of_the_same_question_share_no_cryptogram() {
    let phone = Phone::with_syn_1(Generation::V1);
    let [first, second] = [(); 2].map(|()| phone.tap(Syn1::ARQC).0);
    // 77 2F, 9F2701 00, 9F3602 0001, 9F2608 …, 9F1012 with the MD cryptogram in bytes 11 to 15.
    assert_eq!((&first[..28], &first[44..72]), (&second[..28], &second[44..72]));
    assert_eq!((&first[22..28], &first[44..50], &first[82..]), ("9F2608", "9F1012", "00FFDF4B030001009000"));
    assert!(first[28..44] != second[28..44] && first[72..82] != second[72..82], "{first} {second}");
}

/// Everything that has happened, checked as it happens.
struct Story {
    phone: Phone,
    judge: Judge,
    /// ATCs of all answers under real keys, in order.
    answered: Vec<u16>,
    /// Whether this field has seen one.
    paid: bool,
    active: bool,
    /// Age in milliseconds and payments served.
    verification: Option<(u64, u32)>,
}

impl Story {
    fn new(generation: Generation) -> Self {
        let card = CardOptions { mag_stripe: true, ..CardOptions::default() };
        let phone = Phone::new(WalletConfig { cvm_model: Some(CvmModel::Always), card, ..WalletConfig::default() });
        phone.add_card("card-1", Syn1::profile(generation));
        let judge = Judge::of_syn_1();
        Self { phone, judge, answered: Vec::new(), paid: false, active: true, verification: None }
    }

    fn go_on(&mut self, step: Step) {
        let (wallet, id) = (&self.phone.wallet, Phone::id("card-1"));
        match step {
            Step::Activate => {
                wallet.activate(&id).unwrap();
                self.active = true;
            }
            Step::ClearVerification => {
                wallet.clear_user_authentication();
                self.verification = None;
            }
            // What has been spent is not taken back, and what is there is not taken twice.
            Step::Reload => {
                let loaded = wallet.load_credentials(&id, Syn1::credentials());
                assert_eq!(loaded.is_ok(), self.answered.is_empty());
            }
            Step::Suspend => {
                wallet.suspend(&id).unwrap();
                self.active = false;
            }
            Step::TakeAway => {
                let outcome = self.phone.take_away();
                let real = matches!(outcome, Some(TapOutcome::AuthorizeOnline | TapOutcome::AuthenticateOffline));
                assert_eq!(real, self.paid, "{outcome:?}");
                self.paid = false;
            }
            Step::Verify => {
                self.phone.verify();
                self.verification = Some((0, 0));
            }
            Step::Wait(ms) => {
                self.phone.clock.advance_ms(ms);
                self.verification = self.verification.map(|(age, payments)| (age + ms, payments));
            }
            Step::Send(commands) => commands.iter().for_each(|command| self.send(&bytes(command))),
        }
        assert_eq!(self.phone.credentials_left("card-1"), 3 - self.answered.len());
    }

    fn send(&mut self, command: &[u8]) {
        let answer = self.phone.transmit(command);
        let Some(atc) = self.judge.credential_behind(command, &answer) else { return };
        assert!(!self.paid, "a second answer under real keys in one field");
        assert!(self.answered.last() < Some(&atc), "ATC {atc} after {:?}", self.answered);
        assert!(self.active, "a suspended card has paid");
        let (age, payments) = self.verification.expect("nobody was verified");
        assert!(age <= 45_000 && payments < 3, "{age} ms old, {payments} payments");
        let signed_aac = command[1] == 0xAE && command[2] >> 6 == 0;
        self.verification = Some((age, payments + u32::from(!signed_aac)));
        self.answered.push(atc);
        self.paid = true;
    }
}

fn step() -> impl Strategy<Value = Step> {
    let start = vec![Syn1::SELECT_AID.to_owned(), Syn1::GPO.to_owned()];
    let whole = ask().prop_map(move |ask| Step::Send([start.clone(), vec![ask]].concat()));
    prop_oneof![
        6 => whole,
        3 => ask().prop_map(|ask| Step::Send(vec![ask.clone(), ask])),
        6 => other().prop_map(|command| Step::Send(vec![command])),
        6 => Just(Step::Verify),
        4 => Just(Step::TakeAway),
        3 => prop::sample::select(vec![1, 5_000, 5_001, 20_000, 45_001]).prop_map(Step::Wait),
        1 => Just(Step::ClearVerification),
        1 => Just(Step::Suspend),
        2 => Just(Step::Activate),
        1 => Just(Step::Reload),
    ]
}

/// Commands that may bring a cryptogram, over any amount.
fn ask() -> impl Strategy<Value = String> {
    let cryptogram = (prop::sample::select(vec![0x90u8, 0x80, 0x50, 0x40, 0x10, 0x00]), 0..100_000_000u32)
        .prop_map(|(p1, amount)| format!("80AE{p1:02X}002D{amount:012}{}", &Syn1::ARQC[22..]));
    let checksum = (0..1_000u32, prop::sample::select(vec!["00", "01", "03"])).prop_map(|(number, indicator)| {
        CHECKSUM.replacen("00000765", &format!("{number:08}"), 1).replacen(
            "0300000000",
            &format!("{indicator}00000000"),
            1,
        )
    });
    prop_oneof![3 => cryptogram, 1 => checksum]
}

fn other() -> impl Strategy<Value = String> {
    let [record, ..] = Syn1::READ_RECORDS;
    prop::sample::select(vec![
        Syn1::SELECT_PPSE.to_owned(),
        Syn1::SELECT_AID.to_owned(),
        Syn1::GPO.to_owned(),
        record.to_owned(),
        aac(),
        // Another name, an offline-only terminal twice, an amount that is none, half a command, GET DATA.
        "00A4040007A000000004306000".to_owned(),
        "80A800000D830B2C0080000000000006162600".to_owned(),
        Syn1::ARQC.replacen("1234ABCD22", "1234ABCD23", 1),
        Syn1::ARQC.replacen("2500", "250F", 1),
        Syn1::ARQC[..40].to_owned(),
        "80CA9F3600".to_owned(),
    ])
}

/// COMPUTE CRYPTOGRAPHIC CHECKSUM of a terminal that can start a second tap and has left the cardholder to the device.
const CHECKSUM: &str = "802A8E80160000076503000000002500098506160026011554112200";
