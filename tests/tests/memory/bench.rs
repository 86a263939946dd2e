//! The driver with SYN-1 in it, and credentials that the test has derived itself.

use bezant_tests::memory::{DriverProcess, Finding, Form, Needles, RsaSecrets};
use bezant_tests::{Generation, Syn1, bytes};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) struct Bench {
    pub(crate) driver: DriverProcess,
    _folder: Option<TempDir>,
    pub(crate) rsa: RsaSecrets,
}

impl Bench {
    /// A driver with a wallet and no card.
    pub(crate) fn empty() -> Self {
        let mut driver = DriverProcess::start();
        driver.tell(&json!({"op": "setup", "config": {"cvm_model": "Always", "mag_stripe": true}}));
        Self { driver, _folder: None, rsa: RsaSecrets::new(&Syn1::crt_parts()) }
    }

    /// A driver whose wallet is on disk, with SYN-1, these credentials, and a verified cardholder.
    pub(crate) fn on_disk(credentials: &[Value]) -> Self {
        let mut driver = DriverProcess::start();
        let folder = tempfile::tempdir().unwrap();
        let [state, vault] = ["state", "vault"].map(|name| folder.path().join(name));
        let config = json!({"cvm_model": "Always"});
        driver.tell(&json!({"op": "setup", "state_dir": state, "vault": vault, "config": config}));
        let bench = Self { driver, _folder: Some(folder), rsa: RsaSecrets::new(&Syn1::crt_parts()) };
        bench.provisioned(Generation::V1, credentials)
    }

    /// A driver with SYN-1, these credentials, and a verified cardholder.
    pub(crate) fn with_syn_1(generation: Generation, credentials: &[Value]) -> Self {
        Self::empty().provisioned(generation, credentials)
    }

    fn provisioned(mut self, generation: Generation, credentials: &[Value]) -> Self {
        self.install("card-1", &Syn1::profile_json(generation));
        self.load("card-1", credentials);
        self.driver.tell(&json!({"op": "activate", "instrument": "card-1"}));
        self.verify();
        self
    }

    pub(crate) fn install(&mut self, card: &str, profile: &Value) {
        self.driver.tell(&json!({"op": "install_profile", "instrument": card, "profile": profile}));
    }

    pub(crate) fn load(&mut self, card: &str, credentials: &[Value]) {
        self.driver.tell(&json!({"op": "load_credentials", "instrument": card, "credentials": credentials}));
    }

    pub(crate) fn verify(&mut self) {
        self.driver.tell(&json!({"op": "authenticate", "method": "fingerprint"}));
    }

    pub(crate) fn delete(&mut self, card: &str) {
        self.driver.tell(&json!({"op": "delete", "instrument": card}));
    }

    /// A reader selects SYN-1 and gets its processing options.
    pub(crate) fn initiate(&mut self) {
        for command in [Syn1::SELECT_PPSE, Syn1::SELECT_AID, Syn1::GPO] {
            assert!(self.send(command).ends_with(&[0x90, 0x00]), "{command}");
        }
    }

    /// A tap up to its last command; gives the answer. The phone stays in the field.
    pub(crate) fn tap(&mut self, last: &str) -> Vec<u8> {
        self.verify();
        self.initiate();
        self.send(last)
    }

    pub(crate) fn send(&mut self, command: &str) -> Vec<u8> {
        bytes(self.driver.tell(&json!({"op": "apdu", "hex": command}))["hex"].as_str().unwrap())
    }

    /// The phone leaves the reader; gives the outcome of the tap.
    pub(crate) fn take_away(&mut self) -> Value {
        self.driver.tell(&json!({"op": "field_off", "reason": "link_loss"}))["outcome"].take()
    }

    pub(crate) fn scan(&self, needles: &Needles) -> Vec<Finding> {
        self.driver.scan(needles)
    }

    /// None of the secrets is in memory.
    pub(crate) fn assert_gone(&self, needles: &Needles, when: &str) {
        assert_nothing(&self.scan(needles), when);
    }

    /// Each credential is in memory once, both keys as they are.
    pub(crate) fn assert_held(&self, credentials: &[Value], when: &str) {
        let findings = self.scan(&keys(credentials));
        let stray: Vec<Finding> = findings.iter().filter(|found| found.form != Form::Bytes).cloned().collect();
        assert_nothing(&stray, when);
        assert_eq!(held(&findings), names(credentials), "{when}: each key in one place");
    }

    /// The private key is in memory once, in the form of numbers, and so are the constants of its primes.
    pub(crate) fn assert_card_held(&self, when: &str) {
        let parts = self.scan(&self.rsa.key());
        assert_eq!(held(&parts), ["dp", "dq", "p", "q", "u"], "{when}: each part in one place: {}", told(&parts));
        let constants = self.scan(&self.rsa.constants());
        // R and its square for two primes of eight words: the crate keeps them beside each prime.
        assert_eq!(constants.len(), 32, "{when}: {}", told(&constants));
        let live = parts.iter().chain(&constants);
        assert!(live.clone().all(|found| found.depth.is_none()), "{when}: {}", told(&parts));
        let (low, high) = (live.clone().map(|found| found.address).min(), live.map(|found| found.address).max());
        assert!(high.unwrap() - low.unwrap() < 2_048, "{when}: all in one block");
    }

    /// Nothing of the private key is in memory.
    pub(crate) fn assert_card_gone(&self, when: &str) {
        self.assert_gone(&self.rsa.key().and(self.rsa.constants()), when);
    }
}

pub(crate) fn assert_nothing(findings: &[Finding], when: &str) {
    assert!(findings.is_empty(), "{when}, {} pieces:\n{}", findings.len(), told(findings));
}

/// The first of them, one a line.
fn told(findings: &[Finding]) -> String {
    findings.iter().take(40).map(|finding| format!("{finding}\n")).collect()
}

fn held(findings: &[Finding]) -> Vec<&str> {
    let mut names: Vec<&str> = findings.iter().map(|finding| finding.needle.as_str()).collect();
    names.sort_unstable();
    names
}

/// Everything that the keys of these credentials are looked for as.
pub(crate) fn keys(credentials: &[Value]) -> Needles {
    let key = |credential: &Value, family: &str| bytes(credential[family].as_str().unwrap());
    let of_credential = |credential: &Value| {
        let [md, umd] = FAMILIES.map(|family| (name(credential, family), key(credential, family)));
        let alone = [&md, &umd].map(|(name, key)| Needles::of_key(name, key));
        alone.into_iter().collect::<Needles>().and(Needles::of_key_pair(&umd.0, &umd.1, &md.1))
    };
    credentials.iter().map(of_credential).collect()
}

fn names(credentials: &[Value]) -> Vec<String> {
    let both = |credential| FAMILIES.map(|family| name(credential, family));
    let mut names: Vec<String> = credentials.iter().flat_map(both).collect();
    names.sort_unstable();
    names
}

fn name(credential: &Value, family: &str) -> String {
    format!("{family} of ATC {}", credential["atc"])
}

/// The signature of an answer to GENERATE AC (9F4B, behind 9F27 and 9F36).
pub(crate) fn signature(answer: &[u8]) -> &[u8] {
    assert_eq!(answer.get(12..16), Some(&[0x9F, 0x4B, 0x81, 0x80][..]));
    &answer[16..144]
}

const FAMILIES: [&str; 2] = ["contactless_md", "contactless_umd"];

/// GENERATE AC: a signed AAC, which proves the card and spends a credential.
pub(crate) const AAC_CDA: &str =
    "80AE10002D000000002500000000000000061600000080010985260115001234ABCD2200000000000000000000010002541100";
/// COMPUTE CRYPTOGRAPHIC CHECKSUM, which makes a CVC3.
pub(crate) const CHECKSUM: &str = "802A8E80160000076503000000002500098506160026011554112200";
