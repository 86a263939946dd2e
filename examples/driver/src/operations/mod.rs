mod cards;
mod in_reader;
mod surroundings;
mod taps;
mod what_if;

use crate::answer::{Answer, Failure, Fields};
use crate::app::App;
use crate::config::{self, Configured};
use crate::platform::{ManualClock, SeededRng};
use crate::reader::Reader;
use crate::request::{Bare, Envelope, SecurityEvent, Setup, read};
use bezant::Wallet;
use bezant::instrument::InstrumentId;
use bezant::platform::{SystemClock, SystemRng};
use bezant::storage::MemoryLedger;
#[cfg(feature = "store")]
use bezant::storage::{BootId, FileVault, StoreLocation, StoreParts};
use bezant::wallet::Platform;
use std::sync::Arc;
use taps::summaries;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The wallet, once it is set up, the app behind it, and the clock that requests move.
#[derive(Default)]
pub(crate) struct Session {
    /// Stands first, and goes first: a tap in it ends while there is a wallet.
    reader: Option<Reader>,
    wallet: Option<Arc<Wallet>>,
    app: Arc<App>,
    clock: Option<ManualClock>,
    shut_down: bool,
}

impl Session {
    /// Carries out a request; what the app was told meanwhile comes with the answer.
    pub(crate) fn answer(&mut self, line: &str) -> Answer {
        let result = self.carry_out(line);
        self.app.settle();
        Answer::new(result, self.app.take_told())
    }

    fn carry_out(&mut self, line: &str) -> Result<Fields, Failure> {
        let Envelope { op } = read(line)?;
        match op.as_str() {
            "setup" => self.setup(&read(line)?),
            "install_profile" => self.install_profile(&read(line)?),
            "load_credentials" => self.load_credentials(&read(line)?),
            "activate" => self.instrument(&read(line)?, Wallet::activate),
            "suspend" => self.instrument(&read(line)?, Wallet::suspend),
            "delete" => self.instrument(&read(line)?, Wallet::delete),
            "set_default" => self.instrument(&read(line)?, Wallet::set_default_for_contactless),
            "select" => self.instrument(&read(line)?, Wallet::select_for_payment),
            "authenticate" => self.authenticate(&read(line)?),
            "clear_authentication" => {
                let Bare { .. } = read(line)?;
                self.wallet()?.clear_user_authentication();
                Ok(Fields::default())
            }
            "apdu" => self.apdu(&read(line)?),
            "card_insert" => self.card_insert(&read(line)?),
            "card_remove" => {
                let Bare { .. } = read(line)?;
                self.card_remove()
            }
            "export_trace" => {
                let Bare { .. } = read(line)?;
                self.export_trace()
            }
            "security_event" => self.security_event(&read(line)?),
            "wipe" => {
                let Bare { .. } = read(line)?;
                self.wallet()?.wipe()?;
                Ok(Fields::default())
            }
            "replay" => self.replay(&read(line)?),
            "device" => self.device(&read(line)?),
            "field_off" => self.field_off(&read(line)?),
            "history" => self.history(&read(line)?),
            "host" => self.host(&read(line)?),
            "clock" => self.clock(&read(line)?),
            "status" => {
                let Bare { .. } = read(line)?;
                self.status()
            }
            "what_if" => self.what_if(&read(line)?),
            "shutdown" => {
                let Bare { .. } = read(line)?;
                self.shut_down = true;
                self.reader = None;
                self.app.settle();
                // Everything is on disk before the answer is.
                self.wallet = None;
                Ok(Fields::default())
            }
            _ => {
                let name: String = op.chars().take(64).collect();
                Err(Failure::new("UNKNOWN_OP", format!("{name} is not an operation of this driver")))
            }
        }
    }

    pub(crate) const fn is_shut_down(&self) -> bool {
        self.shut_down
    }

    /// The wallet, as long as it may be used.
    fn wallet(&self) -> Result<&Wallet, Failure> {
        let wallet = self.wallet.as_deref().ok_or_else(|| Failure::new("NOT_SET_UP", "setup comes first"))?;
        wallet.ensure_usable()?;
        Ok(wallet)
    }

    fn security_event(&self, request: &SecurityEvent) -> Result<Fields, Failure> {
        self.wallet()?.report_security_event(&request.kind)?;
        Ok(Fields::default())
    }

    fn setup(&mut self, request: &Setup<'_>) -> Result<Fields, Failure> {
        if let Some(wallet) = &self.wallet {
            wallet.ensure_usable()?;
            return Err(Failure::new("ALREADY_SET_UP", "this process has a wallet"));
        }
        let configured = config::read(request.config)?;
        let clock = request.clock.as_deref().map(unix_ms).transpose()?.map(ManualClock::new);
        let platform = Platform {
            clock: match &clock {
                Some(clock) => Box::new(clock.clone()),
                None => Box::new(SystemClock::default()),
            },
            rng: match request.seed {
                Some(seed) => Box::new(SeededRng::new(seed)),
                None => Box::new(SystemRng::default()),
            },
            host: Some(self.app.clone()),
        };
        let wallet = Arc::new(match &request.state_dir {
            None => Wallet::with_platform(configured.wallet, platform, Box::new(MemoryLedger::default()))?,
            Some(folder) => open(folder, request, configured, platform)?,
        });
        self.app.attach(&wallet);
        let instruments = summaries(&wallet);
        (self.wallet, self.clock) = (Some(wallet), clock);
        Ok(Fields { instruments: Some(instruments), ..Fields::default() })
    }
}

#[cfg(feature = "store")]
fn open(folder: &str, request: &Setup<'_>, configured: Configured, platform: Platform) -> Result<Wallet, Failure> {
    let location = StoreLocation::new(folder);
    let path = request.vault.clone().unwrap_or_else(|| format!("{folder}.vault"));
    let mut vault = FileVault::new(path);
    if request.start_over {
        location.erase(&mut vault, None).map_err(bezant::WalletError::from)?;
    }
    // The seed never feeds a nonce or a key of the store.
    let Configured { wallet: config, burn_after_reboot } = configured;
    let mut parts = StoreParts { burn_after_reboot, ..StoreParts::new(Box::new(vault)) };
    if let Some(boot) = &request.boot {
        parts.boot = Some(BootId::new(boot));
    }
    Ok(Wallet::open(config, platform, &location, parts)?)
}

#[cfg(not(feature = "store"))]
fn open(_: &str, _: &Setup<'_>, _: Configured, _: Platform) -> Result<Wallet, Failure> {
    Err(Failure::invalid_request("state_dir: this driver was built without a store"))
}

fn instrument_id(name: &str) -> Result<InstrumentId, Failure> {
    let wants = "instrument: wants 1 to 128 printable ASCII characters";
    InstrumentId::new(name).ok_or_else(|| Failure::invalid_request(wants))
}

fn unix_ms(time: &str) -> Result<u64, Failure> {
    let parsed = OffsetDateTime::parse(time, &Rfc3339).ok();
    parsed
        .and_then(|time| u64::try_from(time.unix_timestamp_nanos() / 1_000_000).ok())
        .ok_or_else(|| Failure::invalid_request("a time: wants RFC 3339 from 1970 on, such as 2026-01-15T10:00:00Z"))
}
