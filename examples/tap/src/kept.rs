//! A wallet that is kept in a folder from run to run, and its issuer, who remembers what he has to.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use bezant::instrument::InstrumentStatus;
use bezant::platform::SystemRng;
use bezant::{ErrorCode, WalletError};

use crate::arguments::{Arguments, Model};
use crate::cards::{self, Prepared, Supply};
use crate::home::Home;
use crate::issuer_memory::IssuerMemory;
use crate::phone::{Make, Phone};
use crate::platform::PhoneClock;
use crate::remembered::Remembered;
use crate::scenarios::Rules;
use crate::show::model_name;
use crate::stage::{Audience, MOST_PAYMENTS, Stage, Wish};

/// A phone that has been here before, or will be again, on a stage of its own.
pub(crate) struct Kept {
    /// What was found in the folder.
    pub(crate) remembered: Remembered,
    phone: Phone,
    stage: Stage,
    issuer: IssuerMemory,
    file: PathBuf,
}

impl Kept {
    /// Opens the folder; where nothing is in it, makes a card, and where few credentials are left, issues more.
    pub(crate) fn open(folder: &Path, arguments: &Arguments, clock: PhoneClock) -> anyhow::Result<Self> {
        let home = Home::lasting(folder);
        if arguments.start_over {
            home.clear().map_err(|error| refused(folder, error))?;
        }
        let make = Make {
            // The card says it, also where the issuer's file does not.
            model: None,
            rules: Rules::ORDINARY,
            clock: clock.clone(),
            // A wallet that lives on must not repeat the numbers of its last run.
            numbers: Box::new(SystemRng::default()),
            measures: arguments.timings,
        };
        let phone = Phone::open(home, make).map_err(|error| refused(folder, error))?;
        let card = phone.card();
        if let Some(fault) = card.as_ref().and_then(|card| card.fault) {
            return Err(lost(folder, fault));
        }
        // Nobody else reads or writes it: the wallet beside it is open here.
        let file = folder.join(ISSUER);
        let issuer = issuer(folder, IssuerMemory::read(&file), card.is_some(), arguments)?;
        let taps = phone.history();
        let last = taps.first().cloned();
        if let Some(last) = &last {
            clock.wait_until(last.began.unix_ms + BETWEEN_RUNS_MS);
        }
        let remembered = Remembered {
            folder: folder.display().to_string(),
            model: issuer.model.of_wallet(),
            is_new: card.is_none(),
            taps: taps.len(),
            credentials: card.as_ref().map_or(0, |card| card.credentials_left),
            counters: card.map(|card| card.counters).unwrap_or_default(),
            issued: None,
            last,
        };
        let Prepared { mut stage, .. } = cards::made(issuer.seed, clock, &[issuer.model.of_wallet()])?;
        stage.measures = arguments.timings;
        stage.go_on_after(remembered.last.as_ref().map_or(0, |last| last.number));
        let mut kept = Self { phone, stage, remembered, issuer, file };
        kept.resume_issuing()?;
        kept.provision().map_err(|error| of_wallet(folder, error))?;
        Ok(kept)
    }

    /// Goes to a terminal. What was used there the issuer has written down before anybody is told of it.
    pub(crate) fn pay(&mut self, wish: Wish, show: Audience<'_>) -> anyhow::Result<()> {
        let Self { phone, stage, issuer: memory, file, .. } = self;
        let number = stage.cards.number(memory.model.of_wallet())?.to_owned();
        let issuer = stage.bank.issuer().cloned().unwrap_or_default();
        stage.go_to(phone, wish, &mut |played| {
            let used = issuer.seen(&number);
            if used != memory.used {
                memory.used = used;
                memory.write(file)?;
            }
            show(played)
        })
    }

    /// What is there for the next run.
    pub(crate) fn farewell(&self) -> String {
        let credentials = self.phone.credentials_left();
        let taps = self.phone.history().len();
        let plural = if taps == 1 { "tap" } else { "taps" };
        let folder = &self.remembered.folder;
        format!("The wallet in {folder} keeps {credentials} credentials and {taps} {plural} for the next run.\n")
    }

    fn resume_issuing(&mut self) -> anyhow::Result<()> {
        let model = self.issuer.model.of_wallet();
        self.stage.cards.skip(model, self.issuer.issued)?;
        if let Some(issuer) = self.stage.bank.issuer() {
            issuer.note_seen(self.stage.cards.number(model)?, self.issuer.used.iter().copied());
        }
        Ok(())
    }

    /// Makes up for whatever is missing, also where a run before was cut off in the middle of it.
    fn provision(&mut self) -> anyhow::Result<()> {
        let Remembered { is_new, credentials, model, .. } = self.remembered;
        let mut added = Vec::new();
        if is_new || credentials < MOST_PAYMENTS {
            let (profile, issued) = self.stage.cards.hand_out(model, Supply::For(BATCH))?;
            if let (Some(first), Some(last)) = (issued.first(), issued.last()) {
                self.remembered.issued = Some(first.atc..=last.atc);
                self.issuer.issued = last.atc;
            }
            // Before they leave the issuer: whatever becomes of them, they are never issued again.
            self.issuer.write(&self.file)?;
            if is_new {
                self.phone.install(&profile)?;
            }
            added = issued;
        }
        // Also where nothing is added: the store looks then whether those that are there are whole.
        self.phone.load(&added)?;
        if self.phone.card().is_some_and(|card| card.status != InstrumentStatus::Active) {
            self.phone.activate()?;
        }
        Ok(())
    }
}

/// The issuer of the card in this folder, as the arguments want it.
fn issuer(
    folder: &Path,
    read: anyhow::Result<Option<IssuerMemory>>,
    has_card: bool,
    arguments: &Arguments,
) -> anyhow::Result<IssuerMemory> {
    let read = match read {
        Err(_) if arguments.start_over => None,
        Err(error) => return Err(lost(folder, format_args!("{error:#}"))),
        Ok(None) if has_card => return Err(lost(folder, format_args!("{ISSUER} is missing"))),
        // One that has paid does not go by itself; one that was never loaded was cut off on its way.
        Ok(Some(memory)) if !has_card && !memory.used.is_empty() && !arguments.start_over => {
            return Err(lost(folder, "its card is missing"));
        }
        Ok(read) => read,
    };
    let Some(memory) = read else {
        let model = arguments.model.unwrap_or(Model::Flexible);
        return Ok(IssuerMemory { seed: arguments.seed(), model, issued: 0, used: Vec::new() });
    };
    let seed = arguments.seed.unwrap_or(memory.seed);
    let model = arguments.model.unwrap_or(memory.model);
    if (seed, model) == (memory.seed, memory.model) {
        return Ok(memory);
    }
    if arguments.start_over {
        return Ok(IssuerMemory { seed, model, issued: 0, used: Vec::new() });
    }
    let name = model_name(memory.model.of_wallet());
    bail!(
        "the card in {} was made for model {name} with --seed {}; --start-over makes another",
        folder.display(),
        memory.seed
    )
}

fn of_wallet(folder: &Path, error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<WalletError>() {
        Ok(error) => refused(folder, error),
        Err(error) => error,
    }
}

/// Why the wallet cannot be used, and what can be done about it.
fn refused(folder: &Path, error: WalletError) -> anyhow::Error {
    match error.code {
        ErrorCode::CredentialsStale
        | ErrorCode::InstrumentDamaged
        | ErrorCode::KeystoreKeyInvalidated
        | ErrorCode::SecurityEventOccurred
        | ErrorCode::StorageCorrupted
        | ErrorCode::StorageRolledBack => lost(folder, error),
        ErrorCode::StorageInUse => anyhow!("{}: {error}; try again when the other program has ended", folder.display()),
        _ => anyhow!("{}: {error}", folder.display()),
    }
}

fn lost(folder: &Path, why: impl Display) -> anyhow::Error {
    anyhow!(
        "the wallet in {} cannot go on: {why}; the one way out is --start-over, which forgets it and makes another",
        folder.display()
    )
}

const ISSUER: &str = "issuer.json";
/// How many credentials are issued at once, and some to spare.
const BATCH: usize = 8;
/// From the last tap of one run to the start of the next.
const BETWEEN_RUNS_MS: u64 = 60_000;
