use bezant::apdu::Reply;
use bezant::card::{CardProfile, ProfileKeys, TapOutcome};
use bezant::cdcvm::VelocityLimits;
use bezant::emv::CvmModel;
use bezant::instrument::InstrumentId;
use bezant::wallet::DeactivationReason;
use bezant::{Wallet, WalletConfig};
use bezant_tests::{Phone, Syn1};
use pos_terminal::configuration::CaPublicKey;
use pos_terminal::{Card, Exchange, LinkError, Sale, Terminal, TerminalConfiguration};
use sandbox::{CaSize, CardSpec, Credential, CvmModel as SandboxModel, TokenService};
use std::hint::black_box;

/// A phone with a card of the sandbox's token service, model Flexible, counters on and a history of 100 taps, 1,000
/// credentials stored; nobody is verified, and a shop asks for a small amount.
pub(crate) struct ReferenceTap {
    phone: Phone,
    service: TokenService,
    card: InstrumentId,
    commands: Vec<Vec<u8>>,
}

impl ReferenceTap {
    /// At a terminal without CDA.
    pub(crate) fn new() -> Self {
        let mut service = TokenService::new(7, CaSize::Bits1152).unwrap();
        let made = service.personalise(&spec()).unwrap();
        let velocity = VelocityLimits { max_cumulative_lvt: Some(u64::MAX), ..VelocityLimits::default() };
        let config = WalletConfig {
            cvm_model: Some(CvmModel::Flexible),
            velocity,
            max_stored_credentials: 2_000,
            ..WalletConfig::default()
        };
        let phone = Phone::new(config);
        let card = Phone::id("card-1");
        let profile = CardProfile::parse(&made.profile_v2.to_string(), &ProfileKeys::default()).unwrap();
        phone.wallet.install_profile(card.clone(), profile).unwrap();
        let mut tap = Self { phone, service, card, commands: Vec::new() };
        let issued = tap.issue(1_000);
        tap.load(&issued);
        tap.wallet().activate(&tap.card).unwrap();
        tap.commands = tap.at_a_terminal("no-cda").into_iter().map(|exchange| exchange.command).collect();
        tap.take_away();
        tap
    }

    /// What the terminal sends, SELECT PPSE to GENERATE AC.
    pub(crate) fn commands(&self) -> &[Vec<u8>] {
        &self.commands
    }

    pub(crate) fn wallet(&self) -> &Wallet {
        &self.phone.wallet
    }

    pub(crate) fn send(&self, command: &[u8]) -> Reply {
        self.wallet().process_command_apdu(command)
    }

    pub(crate) fn send_all(&self) {
        self.commands.iter().for_each(|command| _ = black_box(self.send(command)));
    }

    /// The phone leaves the field, and has paid.
    pub(crate) fn take_away(&self) {
        let outcome = self.wallet().on_deactivated(DeactivationReason::LinkLoss);
        assert_eq!(outcome, Some(TapOutcome::AuthorizeOnline));
    }

    pub(crate) fn pay(&self) {
        self.send_all();
        self.take_away();
    }

    /// So many credentials more, as the token service issues them: 65,535 in a card's life.
    pub(crate) fn issue(&mut self, credentials: u16) -> Vec<Credential> {
        self.service.issue_credentials(&spec().pan, credentials).unwrap()
    }

    pub(crate) fn load(&self, issued: &[Credential]) {
        let issued = issued.iter().map(|credential| Syn1::credential(&serde_json::to_value(credential).unwrap()));
        self.wallet().load_credentials(&self.card, issued.collect()).unwrap();
    }

    /// Commands and answers of one tap at a terminal of `pos-terminal` that trusts the card's authority.
    pub(crate) fn at_a_terminal(&self, name: &str) -> Vec<Exchange> {
        let mut terminal = TerminalConfiguration::builtin(name).unwrap();
        let sandbox::CaPublicKey { rid, index: [index], modulus, exponent } = self.service.ca();
        terminal.ca_public_keys = vec![CaPublicKey { rid, index, modulus, exponent }];
        let sale = Sale::purchase(900, [0x26, 0x01, 0x15], [0x12, 0x34, 0xAB, 0xCD]);
        let tap = Terminal::new(terminal).tap(&mut InTheField(&self.phone), &sale);
        assert!(tap.outcome.is_good(), "{:?}", tap.outcome);
        tap.exchanges
    }
}

fn spec() -> CardSpec {
    CardSpec { cvm_model: SandboxModel::Flexible, ..CardSpec::default() }
}

struct InTheField<'a>(&'a Phone);

impl Card for InTheField<'_> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        Ok(self.0.transmit(command))
    }
}
