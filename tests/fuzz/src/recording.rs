use crate::phone::Phone;
use crate::secrets::credential;
use arbitrary::{Result, Unstructured};
use bezant::WalletConfig;
use bezant::cdcvm::CdcvmMethod;
use bezant::platform::{Rng, RngUnavailable};
use bezant::recording::{Act, Decided, HostWord, RecordedStep, Recording};
use bezant::wallet::DeactivationReason;
use bezant_tests::{Syn1, bytes};
use std::cell::OnceCell;

/// A recording: any text where the first byte is even, else one that was made here, with steps added, dropped, moved and
/// changed as the rest says.
///
/// What is read is written and read again the same; playing it twice comes to the same; a phone's wallet stays what it
/// was, whatever it plays; a difference that is told shows no cryptogram; and what was not changed has none.
pub fn recording(data: &[u8]) {
    let Some((how, rest)) = data.split_first() else { return };
    STAGE.with(|stage| {
        let stage = stage.get_or_init(Stage::new);
        let recording = if how & 1 == 0 {
            let Ok(text) = str::from_utf8(rest) else { return };
            let Ok(recording) = Recording::from_json(text) else { return };
            recording
        } else {
            let mut recording = stage.made.clone();
            let mut changes = Unstructured::new(rest);
            for _ in 0..MOST_CHANGES {
                if changes.is_empty() || change(&mut recording, &mut changes).is_err() {
                    break;
                }
            }
            recording
        };
        is_played(stage, &recording);
    });
}

struct Stage {
    phone: Phone,
    made: Recording,
}

fn is_played(stage: &Stage, recording: &Recording) {
    let written = serde_json::to_string(recording).unwrap();
    assert_eq!(Recording::from_json(&written).as_ref(), Ok(recording));

    let wallet = &stage.phone.wallet;
    let before = (wallet.instruments(), wallet.device_state(), wallet.last_tap().map(|tap| tap.number));
    let replay = wallet.replay(recording, zeros);
    assert_eq!((wallet.instruments(), wallet.device_state(), wallet.last_tap().map(|tap| tap.number)), before);

    assert!(replay.is_same() || *recording != stage.made, "{:?}", replay.differences);
    let told: Vec<String> = replay.differences.iter().map(ToString::to_string).collect();
    // A recording that came with a cryptogram may have it told.
    let shows = |text: &str| text.split("9F2608").skip(1).any(|behind| !behind.starts_with("????????????????"));
    let told = told.iter().find(|told| shows(told.as_str()));
    assert!(told.is_none() || shows(&written), "{told:?}");
    let again = wallet.replay(recording, zeros);
    assert_eq!(replay.differences.len(), again.differences.len());
    assert_eq!(replay.not_recomputed, again.not_recomputed);
}

impl Stage {
    fn new() -> Self {
        let phone = Phone::with_syn_1(WalletConfig { recorded_steps: 1_000, ..WalletConfig::default() }, None);
        // What went before is no part of the recording.
        let phone_again = Phone::with_syn_1(WalletConfig { recorded_steps: 1_000, ..WalletConfig::default() }, None);
        let wallet = &phone_again.wallet;
        phone_again.load(&phone_again.cards[0], vec![credential(1), credential(2)]);
        phone.load(&phone.cards[0], vec![credential(1), credential(2)]);
        wallet.set_user_authenticated(CdcvmMethod::Fingerprint, None, None).unwrap();
        for command in COMMANDS {
            let _ = wallet.process_command_apdu(&bytes(command));
        }
        wallet.on_deactivated(DeactivationReason::LinkLoss);
        Self { phone, made: wallet.export_recording() }
    }
}

fn change(recording: &mut Recording, changes: &mut Unstructured<'_>) -> Result<()> {
    let (how, at) = (changes.arbitrary::<u8>()?, usize::from(changes.arbitrary::<u8>()?));
    let steps = &mut recording.steps;
    let place = at % steps.len().max(1);
    match how % 8 {
        0..=3 => {
            let before = steps.get(place).map_or((0, 0), |step| (step.unix_ms, step.boot_ms));
            let act = act(changes)?;
            let ms = u64::from(changes.arbitrary::<u16>()?);
            let told = Vec::new();
            let step =
                RecordedStep { unix_ms: before.0.saturating_add(ms), boot_ms: before.1.saturating_add(ms), act, told };
            steps.insert(place.min(steps.len()), step);
        }
        4 if !steps.is_empty() => drop(steps.remove(place)),
        5 if !steps.is_empty() => {
            let other = usize::from(changes.arbitrary::<u8>()?) % steps.len();
            steps.swap(place, other);
        }
        6 => {
            if let Some(RecordedStep { act: Act::Command { command, .. }, .. }) = steps.get_mut(place)
                && !command.is_empty()
            {
                let (at, digit) = (usize::from(changes.arbitrary::<u8>()?) % command.len(), changes.arbitrary::<u8>()?);
                if command.is_ascii() {
                    let digit = char::from_digit(u32::from(digit) % 17, 17).unwrap_or('0');
                    command.replace_range(at..=at, &digit.to_string());
                }
            }
        }
        _ => {
            if let Some(step) = steps.get_mut(place) {
                (step.unix_ms, step.boot_ms) = (changes.arbitrary()?, changes.arbitrary()?);
            }
        }
    }
    Ok(())
}

fn act(changes: &mut Unstructured<'_>) -> Result<Act> {
    let instrument = || ["card-1", "card-2", ""][..].iter();
    let place = usize::from(changes.arbitrary::<u8>()?);
    let instrument = instrument().cycle().nth(place % 3).map(|name| (*name).to_owned()).unwrap_or_default();
    Ok(match changes.arbitrary::<u8>()? % 12 {
        0 => Act::Activate { instrument },
        1 => Act::Authenticate { method: "fingerprint".into(), instrument: Some(instrument).filter(|_| place > 127) },
        2 => Act::ClearAuthentication,
        3 => Act::Deactivate { link_lost: place > 127, outcome: None },
        4 => Act::Delete { instrument },
        5 => Act::Device { locked: place & 64 != 0, screen_on: place & 128 != 0 },
        6 => Act::Install { instrument },
        7 => Act::Load { instrument, atcs: vec![changes.arbitrary()?, changes.arbitrary()?] },
        8 => Act::Select { instrument },
        9 => Act::Suspend { instrument },
        _ => {
            let command = COMMANDS[place % COMMANDS.len()].to_owned();
            let host = [HostWord::NotAsked, HostWord::Decline, HostWord::Late, HostWord::AuthenticationRequired];
            let decided = Decided {
                instrument: "card-1".into(),
                advice: "Proceed".into(),
                reasons: Vec::new(),
                rule: String::new(),
                host: host[place / 64],
                spent: Some(changes.arbitrary::<u16>()? % 4),
            };
            Act::Command { command, answer: "9000".into(), decided: Some(decided), meanwhile: Vec::new() }
        }
    })
}

struct Zeros;

impl Rng for Zeros {
    fn fill(&mut self, bytes: &mut [u8]) -> core::result::Result<(), RngUnavailable> {
        bytes.fill(0);
        Ok(())
    }
}

fn zeros(_: u64) -> Box<dyn Rng> {
    Box::new(Zeros)
}

thread_local! {
    static STAGE: OnceCell<Stage> = const { OnceCell::new() };
}

const COMMANDS: [&str; 6] =
    [Syn1::SELECT_PPSE, Syn1::SELECT_AID, Syn1::GPO, Syn1::READ_RECORDS[0], Syn1::ARQC, Syn1::READ_RECORDS[1]];
const MOST_CHANGES: usize = 12;
