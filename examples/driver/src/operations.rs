use crate::answer::{Authentication, Counters, Failure, Fields, Instrument};
use crate::config;
use crate::platform::{ManualClock, SeededRng};
use crate::request::{
    Apdu, Authenticate, Bare, Clock, Credential, Envelope, FieldOff, InstallProfile, LoadCredentials, OfInstrument,
    Setup, read,
};
use bezant::card::{CardProfile, ProfileKeys, TapOutcome, answer_without_card};
use bezant::cdcvm::CdcvmMethod;
use bezant::crypto::{Secret, SecretBytes, WrappingKey};
use bezant::emv::Atc;
use bezant::instrument::{InstrumentId, InstrumentStatus, TransactionCredential};
use bezant::platform::{SystemClock, SystemRng};
use bezant::storage::MemoryLedger;
use bezant::wallet::{DeactivationReason, InstrumentSummary, Platform};
use bezant::{Wallet, WalletError};
use serde_json::value::RawValue;
use std::time::Instant;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use zeroize::Zeroizing;

/// The wallet, once it is set up, and the clock that requests move.
#[derive(Default)]
pub(crate) struct Session {
    wallet: Option<Wallet>,
    clock: Option<ManualClock>,
    shut_down: bool,
}

impl Session {
    pub(crate) fn carry_out(&mut self, line: &str) -> Result<Fields, Failure> {
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
            "field_off" => self.field_off(&read(line)?),
            "clock" => self.clock(&read(line)?),
            "status" => {
                let Bare { .. } = read(line)?;
                self.status()
            }
            "shutdown" => {
                let Bare { .. } = read(line)?;
                self.shut_down = true;
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

    fn wallet(&self) -> Result<&Wallet, Failure> {
        self.wallet.as_ref().ok_or_else(|| Failure::new("NOT_SET_UP", "setup comes first"))
    }

    fn setup(&mut self, request: &Setup<'_>) -> Result<Fields, Failure> {
        if self.wallet.is_some() {
            return Err(Failure::new("ALREADY_SET_UP", "this process has a wallet"));
        }
        let config = config::read(request.config)?;
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
        };
        let wallet = Wallet::with_platform(config, platform, Box::new(MemoryLedger::default()))?;
        let instruments = summaries(&wallet);
        (self.wallet, self.clock) = (Some(wallet), clock);
        Ok(Fields { instruments: Some(instruments), ..Fields::default() })
    }

    fn install_profile(&self, request: &InstallProfile<'_>) -> Result<Fields, Failure> {
        let wallet = self.wallet()?;
        let id = instrument_id(&request.instrument)?;
        let given = request.keys.as_ref();
        let keys = ProfileKeys {
            data_encryption_key: wrapping_key("data_encryption_key", given.and_then(|keys| keys.data_encryption_key))?,
            icc_kek: wrapping_key("icc_kek", given.and_then(|keys| keys.icc_kek))?,
        };
        // A profile may also come as a string that holds its JSON.
        let json = match serde_json::from_str::<String>(request.profile.get()) {
            Ok(quoted) => Some(Zeroizing::new(quoted)),
            Err(_) => None,
        };
        let json = json.as_ref().map_or(request.profile.get(), |quoted| quoted.as_str());
        let profile = CardProfile::parse(json, &keys).map_err(WalletError::from)?;
        let unknown_fields = profile.unknown_fields().to_vec();
        wallet.install_profile(id, profile)?;
        Ok(Fields { unknown_fields, ..Fields::default() })
    }

    fn load_credentials(&self, request: &LoadCredentials<'_>) -> Result<Fields, Failure> {
        let wallet = self.wallet()?;
        let id = instrument_id(&request.instrument)?;
        let credentials = request.credentials.iter().enumerate().map(credential).collect::<Result<_, _>>()?;
        let credentials_left = Some(wallet.load_credentials(&id, credentials)?);
        Ok(Fields { credentials_left, ..Fields::default() })
    }

    fn instrument(
        &self,
        request: &OfInstrument,
        operation: impl FnOnce(&Wallet, &InstrumentId) -> Result<(), WalletError>,
    ) -> Result<Fields, Failure> {
        operation(self.wallet()?, &instrument_id(&request.instrument)?)?;
        Ok(Fields::default())
    }

    fn authenticate(&self, request: &Authenticate<'_>) -> Result<Fields, Failure> {
        let wallet = self.wallet()?;
        let known = METHODS.iter().find(|(name, _)| *name == request.method);
        let (_, method) = known.ok_or_else(|| {
            let names: Vec<&str> = METHODS.iter().map(|(name, _)| *name).collect();
            Failure::invalid_request(format!("method: wants one of {}", names.join(", ")))
        })?;
        let id = request.instrument.as_deref().map(instrument_id).transpose()?;
        // Whatever stands there is a PIN, unless nothing does.
        let pin = request.pin.map(RawValue::get).filter(|pin| !matches!(*pin, "null" | "\"\""));
        wallet.set_user_authenticated(*method, id.as_ref(), pin.map(str::as_bytes))?;
        Ok(Fields::default())
    }

    fn apdu(&self, request: &Apdu) -> Result<Fields, Failure> {
        let command = base16ct::mixed::decode_vec(&request.hex)
            .map_err(|_| Failure::invalid_request("hex: wants hexadecimal digits, two a byte, without blanks"))?;
        let start = Instant::now();
        let answer = match &self.wallet {
            Some(wallet) => wallet.process_command_apdu(&command).to_vec(),
            None => answer_without_card(&command).to_bytes().to_vec(),
        };
        let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(Fields { hex: Some(base16ct::upper::encode_string(&answer)), micros: Some(micros), ..Fields::default() })
    }

    fn field_off(&self, request: &FieldOff) -> Result<Fields, Failure> {
        let reason = match request.reason.as_str() {
            "deselected" => DeactivationReason::Deselected,
            "link_loss" => DeactivationReason::LinkLoss,
            _ => return Err(Failure::invalid_request("reason: wants link_loss or deselected")),
        };
        let outcome = self.wallet()?.on_deactivated(reason).map(outcome_name);
        Ok(Fields { outcome: Some(outcome), ..Fields::default() })
    }

    fn clock(&self, request: &Clock) -> Result<Fields, Failure> {
        self.wallet()?;
        let clock = self.clock.as_ref().ok_or_else(|| {
            Failure::invalid_request("the wallet runs on the system's clock; give setup a clock to move it")
        })?;
        let set = request.set.as_deref().map(unix_ms).transpose()?;
        let advance = request.advance_ms.unwrap_or(0);
        clock.change(|now| {
            now.unix_ms = set.unwrap_or(now.unix_ms).saturating_add(advance);
            now.boot_ms = request.boot_ms.unwrap_or(now.boot_ms).saturating_add(advance);
        });
        Ok(Fields::default())
    }

    fn status(&self) -> Result<Fields, Failure> {
        let wallet = self.wallet()?;
        let authentication = wallet.authentication().map(|latest| Authentication {
            method: METHODS.iter().find(|(_, method)| *method == latest.method).map_or("unknown", |(name, _)| name),
            age_ms: latest.age_ms,
            payments: latest.payments,
        });
        Ok(Fields { instruments: Some(summaries(wallet)), authentication: Some(authentication), ..Fields::default() })
    }
}

fn summaries(wallet: &Wallet) -> Vec<Instrument> {
    let entry = |summary: InstrumentSummary| Instrument {
        id: summary.id.as_str().into(),
        status: status_name(summary.status),
        default: summary.is_default,
        selected: summary.is_selected,
        credentials_left: summary.credentials_left,
        counters: Counters::default(),
    };
    wallet.instruments().into_iter().map(entry).collect()
}

fn instrument_id(name: &str) -> Result<InstrumentId, Failure> {
    let wants = "instrument: wants 1 to 128 printable ASCII characters";
    InstrumentId::new(name).ok_or_else(|| Failure::invalid_request(wants))
}

fn wrapping_key(name: &str, hex: Option<&str>) -> Result<Option<WrappingKey>, Failure> {
    let wants =
        || Failure::invalid_request(format!("keys.{name}: wants an AES key of 16, 24 or 32 bytes in hexadecimal"));
    let Some(hex) = hex else { return Ok(None) };
    let key = SecretBytes::try_new(hex.len() / 2, |room| decode(hex, room)).map_err(|()| wants())?;
    WrappingKey::new(key).map(Some).ok_or_else(wants)
}

fn credential((i, given): (usize, &Credential<'_>)) -> Result<TransactionCredential, Failure> {
    let invalid = |field: &str, wants: &str| {
        Failure::new("CREDENTIALS_INVALID", format!("credentials[{i}].{field}: wants {wants} of hexadecimal"))
    };
    let key = |field: &str, hex: &str| {
        Secret::try_new(|room: &mut [u8; 16]| decode(hex, room)).map_err(|()| invalid(field, "16 bytes"))
    };
    let idn = base16ct::mixed::decode_vec(given.idn).map_err(|_| invalid("idn", "8 or 16 bytes"))?;
    let (umd, md) = (key("contactless_umd", given.contactless_umd)?, key("contactless_md", given.contactless_md)?);
    TransactionCredential::new(Atc::new(given.atc), &idn, umd, md).ok_or_else(|| invalid("idn", "8 or 16 bytes"))
}

fn decode(hex: &str, room: &mut [u8]) -> Result<(), ()> {
    let whole = base16ct::mixed::decode(hex, room).is_ok_and(|decoded| decoded.len() * 2 == hex.len());
    if whole && hex.len() == room.len() * 2 { Ok(()) } else { Err(()) }
}

fn unix_ms(time: &str) -> Result<u64, Failure> {
    let parsed = OffsetDateTime::parse(time, &Rfc3339).ok();
    parsed
        .and_then(|time| u64::try_from(time.unix_timestamp_nanos() / 1_000_000).ok())
        .ok_or_else(|| Failure::invalid_request("a time: wants RFC 3339 from 1970 on, such as 2026-01-15T10:00:00Z"))
}

const fn outcome_name(outcome: TapOutcome) -> &'static str {
    match outcome {
        TapOutcome::AuthenticateOffline => "AuthenticateOffline",
        TapOutcome::AuthorizeOnline => "AuthorizeOnline",
        TapOutcome::DeclinedByTerminal => "DeclinedByTerminal",
        TapOutcome::DeclinedByWallet => "DeclinedByWallet",
        TapOutcome::Interrupted => "Interrupted",
        TapOutcome::WalletActionRequired => "WalletActionRequired",
        _ => "Error",
    }
}

const fn status_name(status: InstrumentStatus) -> &'static str {
    match status {
        InstrumentStatus::Active => "Active",
        InstrumentStatus::Deleted => "Deleted",
        InstrumentStatus::Inactive => "Inactive",
        InstrumentStatus::MarkedForDeletion => "MarkedForDeletion",
        InstrumentStatus::Suspended => "Suspended",
        _ => "Unknown",
    }
}

const METHODS: [(&str, CdcvmMethod); 6] = [
    ("device_credential", CdcvmMethod::DeviceCredential),
    ("face", CdcvmMethod::Face),
    ("fingerprint", CdcvmMethod::Fingerprint),
    ("password", CdcvmMethod::Password),
    ("pattern", CdcvmMethod::Pattern),
    ("pin", CdcvmMethod::Pin),
];
