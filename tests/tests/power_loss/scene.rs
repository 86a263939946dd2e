//! What is done with a wallet, as lines for the program.

use bezant::WalletConfig;
use bezant::cdcvm::VelocityLimits;
use bezant::emv::CvmModel;
use bezant_tests::power_loss::{Conversation, CrashState, Trace, bench};
use bezant_tests::{Generation, Syn1};
use serde_json::{Value, json};
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The program, where its files are, and what it is asked.
pub struct Scene {
    directory: TempDir,
    pub conversation: Conversation,
    /// What was said to processes before, which were killed.
    pub earlier: Vec<Lines>,
    /// A pause before each command of a reader.
    pace_ms: u64,
}

/// Requests that were heard, and the answers that left.
#[derive(Clone)]
pub struct Lines {
    pub heard: Vec<String>,
    pub said: Vec<String>,
}

/// Where a wallet's files are.
pub struct Place {
    pub state: PathBuf,
    pub vault: PathBuf,
}

impl Place {
    pub fn in_directory(directory: &Path) -> Self {
        Self { state: directory.join("state"), vault: directory.join("vault") }
    }

    /// Lays a state out here.
    pub fn take_in(&self, scene: &Scene, state: &CrashState) {
        let home = scene.home();
        state.write_to(&[(home.state, self.state.clone()), (home.vault, self.vault.clone())]).unwrap();
    }

    pub fn vault_file(&self) -> PathBuf {
        self.vault.join("key")
    }
}

impl Scene {
    pub fn new() -> Self {
        let directory = bench().unwrap();
        let Place { state, vault } = Place::in_directory(directory.path());
        for root in [&state, &vault] {
            fs::create_dir(root).unwrap();
        }
        let conversation = Conversation::with(env!("CARGO_BIN_EXE_wallet_on_disk")).root(state).root(vault);
        Self { directory, conversation, earlier: Vec::new(), pace_ms: 0 }
    }

    /// With the files that a killed process has left.
    pub fn after(scene: &Self, state: &CrashState) -> Self {
        let mut next = Self::new();
        next.home().take_in(scene, state);
        next.earlier.clone_from(&scene.earlier);
        next.earlier.push(Lines { heard: state.heard.to_vec(), said: state.said.to_vec() });
        next
    }

    pub fn home(&self) -> Place {
        Place::in_directory(&self.directory.path().canonicalize().unwrap())
    }

    pub fn trace(&self) -> Trace {
        self.conversation.trace().unwrap_or_else(|error| panic!("{error}"))
    }

    pub fn paced(mut self, pace_ms: u64) -> Self {
        self.pace_ms = pace_ms;
        self
    }

    pub fn ask(mut self, request: &Value) -> Self {
        self.conversation = self.conversation.request(request.to_string());
        self
    }

    /// Sets the wallet up, in the first start of the device.
    pub fn set_up(self) -> Self {
        self.set_up_with(&json!({}))
    }

    pub fn set_up_with(self, more: &Value) -> Self {
        let mut config = json!({"cvm_model": "Flexible", "velocity": {"max_consecutive_lvt": MOST_LVT}});
        let more = more.as_object().unwrap().clone();
        config.as_object_mut().unwrap().extend(more);
        let home = self.home();
        self.ask(&json!({
            "op": "setup", "state_dir": home.state, "vault": home.vault_file(), "config": config, "seed": 1,
            "clock": "2026-01-15T10:00:00Z", "boot": FIRST_BOOT,
        }))
    }

    /// A card with credentials, active.
    pub fn with_card(self, card: &str, atcs: RangeInclusive<u16>) -> Self {
        self.install(card).load(card, atcs).with("activate", card)
    }

    pub fn install(self, card: &str) -> Self {
        let profile = Syn1::profile_json(Generation::V1);
        self.ask(&json!({"op": "install_profile", "instrument": card, "profile": profile}))
    }

    pub fn load(self, card: &str, atcs: RangeInclusive<u16>) -> Self {
        self.ask(&json!({"op": "load_credentials", "instrument": card, "credentials": Syn1::issued(atcs)}))
    }

    /// `activate`, `suspend`, `delete` or `select`.
    pub fn with(self, op: &str, card: &str) -> Self {
        self.ask(&json!({"op": op, "instrument": card}))
    }

    /// A whole tap.
    pub fn tap(self) -> Self {
        self.initiate().command(&low_value()).take_away()
    }

    /// A tap with which the phone is taken away too early.
    pub fn torn_tap(self) -> Self {
        self.initiate().take_away()
    }

    pub fn initiate(self) -> Self {
        self.command(Syn1::SELECT_PPSE).command(Syn1::SELECT_AID).command(Syn1::GPO)
    }

    pub fn command(self, hex: &str) -> Self {
        let paced = if self.pace_ms > 0 {
            let ms = self.pace_ms;
            self.pause(ms)
        } else {
            self
        };
        paced.ask(&json!({"op": "apdu", "hex": hex}))
    }

    pub fn take_away(self) -> Self {
        self.ask(&json!({"op": "field_off", "reason": "link_loss"}))
    }

    pub fn pause(self, ms: u64) -> Self {
        self.ask(&json!({"op": "pause", "ms": ms}))
    }

    /// Long enough for the wallet to tidy up.
    pub fn quiet(self) -> Self {
        self.pause(QUIET_MS)
    }

    pub fn shut_down(self) -> Self {
        self.ask(&json!({"op": "shutdown"}))
    }
}

/// GENERATE AC over 9.00 PLN, below the terminal's limit.
pub fn low_value() -> String {
    Syn1::ARQC.replacen("000000002500", "000000000900", 1).replace("010002541100", "1F0302541100")
}

/// The configuration that the program sets its wallet up with.
pub fn config() -> WalletConfig {
    let velocity = VelocityLimits { max_consecutive_lvt: Some(MOST_LVT), ..VelocityLimits::default() };
    WalletConfig { cvm_model: Some(CvmModel::Flexible), velocity, ..WalletConfig::default() }
}

const MOST_LVT: u32 = 50;
pub const FIRST_BOOT: &str = "first";
pub const SECOND_BOOT: &str = "second";
/// More than the half second after which nobody is thought to tap any more.
pub const QUIET_MS: u64 = 700;
