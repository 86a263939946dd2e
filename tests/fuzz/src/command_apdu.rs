use crate::phone::Phone;
use crate::secrets::credential;
use bezant::WalletConfig;
use bezant::apdu::{Body, Command, StatusWord};
use bezant::card::{Instruction, asks_for_keys};
use bezant::cdcvm::CdcvmMethod;
use bezant::emv::CvmModel;
use bezant_tests::commands::{State, aac, expected};
use bezant_tests::{Judge, Syn1, bytes};
use std::cell::OnceCell;
use std::sync::LazyLock;

/// One command, in the state that the first byte names.
///
/// It is taken apart without a loss; it gets the status word that the specification has for it in that state, with data
/// only under 9000 and never more than 256 bytes of them; a credential answers where it is to and nowhere else; and the
/// state behind it is the right one, as the next command tells.
pub fn command_apdu(data: &[u8]) {
    let Some((start, command)) = data.split_first() else { return };
    is_taken_apart(command);
    let start = State::ALL[usize::from(*start) % State::ALL.len()];
    STAGE.with(|stage| answers(stage.get_or_init(Stage::new), start, command));
}

struct Stage {
    phone: Phone,
    without_card: Phone,
    judge: Judge,
}

fn is_taken_apart(bytes: &[u8]) {
    let Ok(command) = Command::parse(bytes) else { return assert!(bytes.len() < 4) };
    let body = match command.body {
        Body::Empty => Vec::new(),
        Body::Expects(le) => vec![le],
        Body::Data(data) => [&[u8::try_from(data.len()).unwrap()], data].concat(),
        Body::DataExpects(data, le) => [&[u8::try_from(data.len()).unwrap()], data, &[le]].concat(),
        Body::Malformed => bytes[4..].to_vec(),
    };
    assert_eq!([&[command.cla, command.ins, command.p1, command.p2], &body[..]].concat(), bytes);
    let asks =
        matches!(Instruction::try_from(&command), Ok(Instruction::GenerateAc(..) | Instruction::ComputeChecksum(_)));
    assert!(!asks || asks_for_keys(bytes));
}

fn answers(stage: &Stage, start: State, command: &[u8]) {
    let phone = if start == State::NoCard { &stage.without_card } else { &stage.phone };
    stage.lead_to(start);
    let left = stage.credentials_left();
    let answer = phone.wallet.process_command_apdu(command).to_vec();
    let expected = expected(start, command);
    let told = || format!("{} in {start:?}: {}", hex::encode_upper(command), hex::encode_upper(&answer));
    assert!((2..=258).contains(&answer.len()), "{}", told());
    let (data, status) = answer.split_at(answer.len() - 2);
    assert_eq!(u16::from_be_bytes([status[0], status[1]]), expected.status, "{}", told());
    assert!(StatusWord::ALL.iter().any(|known| known.to_bytes() == status), "{}", told());
    assert!(data.is_empty() || expected.status == 0x9000, "{}", told());
    assert_eq!(stage.judge.credential_behind(command, &answer).is_some(), expected.spends, "{}", told());
    if start == State::NoCard {
        return;
    }
    assert_eq!(left - stage.credentials_left(), usize::from(expected.spends), "{}", told());
    // READ RECORD changes nothing, and is answered in two states.
    let probe = phone.wallet.process_command_apdu(&READ_RECORD).to_vec();
    let there = matches!(expected.state, State::Selected | State::Initiated);
    assert_eq!(probe.len() > 2, there, "behind {}", told());
}

impl Stage {
    fn new() -> Self {
        let config = WalletConfig { cvm_model: Some(CvmModel::Always), history_limit: 1, ..WalletConfig::default() };
        let without_card = Phone::with_syn_1(config.clone(), None);
        without_card.wallet.suspend(&without_card.cards[0]).unwrap();
        Self { phone: Phone::with_syn_1(config, None), without_card, judge: Judge::of_syn_1_with(ATCS) }
    }

    fn lead_to(&self, state: State) {
        let commands: &[&Vec<u8>] = match state {
            State::NoCard => return,
            State::Fresh => &[],
            State::NotSelected => &[&PPSE],
            State::Selected => &[&AID],
            State::Initiated => &[&AID, &GPO],
            State::Refused => &[&AID, &GPO, &AAC],
            State::Paid => &[&AID, &GPO, &ARQC],
        };
        self.phone.put_back();
        self.phone.load(&self.phone.cards[0], ATCS.map(credential).into());
        self.phone.wallet.set_user_authenticated(CdcvmMethod::Fingerprint, None, None).unwrap();
        for command in commands {
            assert!(self.phone.wallet.process_command_apdu(command).to_vec().ends_with(&[0x90, 0x00]));
        }
    }

    fn credentials_left(&self) -> usize {
        self.phone.wallet.instruments()[0].credentials_left
    }
}

thread_local! {
    static STAGE: OnceCell<Stage> = const { OnceCell::new() };
}

static PPSE: LazyLock<Vec<u8>> = LazyLock::new(|| bytes(Syn1::SELECT_PPSE));
static AID: LazyLock<Vec<u8>> = LazyLock::new(|| bytes(Syn1::SELECT_AID));
static GPO: LazyLock<Vec<u8>> = LazyLock::new(|| bytes(Syn1::GPO));
static AAC: LazyLock<Vec<u8>> = LazyLock::new(|| bytes(&aac()));
static ARQC: LazyLock<Vec<u8>> = LazyLock::new(|| bytes(Syn1::ARQC));
const READ_RECORD: [u8; 5] = [0x00, 0xB2, 0x01, 0x0C, 0x00];
const ATCS: [u16; 2] = [1, 2];
