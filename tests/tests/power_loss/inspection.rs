//! A wallet that is opened after a crash, and what is wrong with it.

use crate::books::{Account, Books, Told, approved};
use crate::scene::{Place, config, low_value};
use bezant::card::TapOutcome;
use bezant::instrument::InstrumentStatus;
use bezant::storage::{BootId, FileVault, StoreLocation, StoreParts, reports};
use bezant::wallet::InstrumentSummary;
use bezant::{ErrorCode, Wallet, WalletError};
use bezant_tests::power_loss::CrashKind;
use bezant_tests::{Generation, Phone, Syn1};
use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// A credential that has answered answers again, or one below it.
    AnsweredAgain,
    /// Cards that were acknowledged are not there, or others are.
    Cards,
    /// More or fewer credentials than may be.
    Credentials,
    /// What may not be lost cannot be opened.
    DoesNotOpen,
    /// A payment is not in the history, or twice, or one that never was.
    History,
    /// It counts fewer payments than there were.
    Looser,
    /// It has credentials and does not pay.
    NotPaying,
    /// A security event is not reported, or one that was not there is.
    Report,
    /// It counts more payments than there can have been.
    Stricter,
}

/// What was found.
pub struct Verdict {
    kind: CrashKind,
    /// A loss that was noticed.
    pub refused: Option<ErrorCode>,
    pub violations: Vec<(Wrong, String)>,
    /// What is not asked of a disk that ignores a sync.
    pub excused: Vec<(Wrong, String)>,
}

/// Opens the wallet there, in this start of the device, and holds it against the books.
pub fn inspect(place: &Place, kind: CrashKind, boot: &str, told: &Told) -> Verdict {
    let mut verdict = Verdict { kind, refused: None, violations: Vec::new(), excused: Vec::new() };
    let location = StoreLocation::new(&place.state);
    let phone = match open(place, &location, boot) {
        Ok(_) if told.before.is_frozen => {
            verdict.find(Wrong::DoesNotOpen, "it opens, frozen as it is");
            return verdict;
        }
        Ok(phone) => phone,
        Err(error) if error.code == ErrorCode::SecurityEventOccurred && told.after.is_frozen => {
            verdict.report(&location, &told.after);
            return verdict;
        }
        Err(error) => {
            verdict.refuse(error.code);
            return verdict;
        }
    };
    let found = phone.wallet.instruments();
    if let Some(fault) = found.iter().find_map(|card| card.fault) {
        verdict.refuse(fault);
        return verdict;
    }
    let cards: BTreeMap<String, InstrumentStatus> =
        found.iter().map(|card| (card.id.to_string(), card.status)).collect();
    let books = if cards == told.before.cards { &told.before } else { &told.after };
    if cards != books.cards {
        verdict.find(Wrong::Cards, format!("{cards:?} instead of {:?} or {:?}", told.before.cards, told.after.cards));
        return verdict;
    }
    verdict.report(&location, books);
    verdict.history(&phone, books, told);
    for card in &found {
        verdict.card(card, books, told);
    }
    let payable: Vec<_> = found.iter().filter(|card| card.status == InstrumentStatus::Active).collect();
    for card in &payable {
        if payable.len() > 1 {
            phone.wallet.select_for_payment(&card.id).unwrap();
        }
        verdict.next_tap(&phone, card, books, told);
    }
    if books.is_wiped && found.is_empty() {
        verdict.begins_anew(&phone);
    }
    verdict
}

fn open(place: &Place, location: &StoreLocation, boot: &str) -> Result<Phone, WalletError> {
    let began = Instant::now();
    loop {
        let vault = Box::new(FileVault::new(place.vault_file()));
        let parts = StoreParts { boot: Some(BootId::new(boot)), ..StoreParts::new(vault) };
        match Phone::opened(config(), location, parts) {
            // A program that another test has just started has the lock of the wallet before, until it is itself.
            Err(error) if error.code == ErrorCode::StorageInUse && began.elapsed() < PATIENCE => thread::yield_now(),
            opened => return opened,
        }
    }
}

/// Credentials that may be lost to the crash, and to those before.
fn allowance(kind: CrashKind, told: &Told) -> usize {
    let reserved = usize::from(!told.is_quiet);
    told.kills_before
        + match kind {
            CrashKind::Kill => reserved,
            CrashKind::PowerLoss if told.is_closed => 0,
            CrashKind::PowerLoss => reserved + BURNT,
            CrashKind::LastSyncIgnored => 1 + BURNT,
        }
}

impl Verdict {
    fn find(&mut self, wrong: Wrong, what: impl Into<String>) {
        let promised = self.kind != CrashKind::LastSyncIgnored || wrong == Wrong::AnsweredAgain;
        if promised {
            self.violations.push((wrong, what.into()));
        } else {
            self.excused.push((wrong, what.into()));
        }
    }

    /// A loss that was noticed: no more is promised where a disk ignores a sync.
    fn refuse(&mut self, code: ErrorCode) {
        self.refused = Some(code);
        let noticed = [
            ErrorCode::StorageCorrupted,
            ErrorCode::StorageRolledBack,
            ErrorCode::KeystoreKeyInvalidated,
            ErrorCode::InstrumentDamaged,
        ];
        if self.kind != CrashKind::LastSyncIgnored || !noticed.contains(&code) {
            self.violations.push((Wrong::DoesNotOpen, code.as_str().to_owned()));
        }
    }

    fn report(&mut self, location: &StoreLocation, books: &Books) {
        let kinds: Vec<String> = reports(location).unwrap().into_iter().map(|(_, report)| report.kind).collect();
        if kinds != books.reported {
            self.find(Wrong::Report, format!("{kinds:?} instead of {:?}", books.reported));
        }
    }

    fn history(&mut self, phone: &Phone, books: &Books, told: &Told) {
        let taps = phone.wallet.history(None);
        let numbers: BTreeSet<u64> = taps.iter().map(|tap| tap.number).collect();
        let paid = || taps.iter().filter(|tap| tap.outcome == TapOutcome::AuthorizeOnline);
        let ids: BTreeSet<String> = paid().map(|tap| format!("{:?}", tap.transaction_id)).collect();
        let paid = paid().count();
        if numbers.len() < taps.len() || ids.len() < paid {
            self.find(Wrong::History, format!("a tap twice: {numbers:?}, {ids:?}"));
        }
        // The last payment is entered after it was answered; whatever follows waits for that.
        let least = books.approvals() - usize::from(!told.is_quiet && books.approvals() > 0);
        let most = books.approvals() + usize::from(told.is_paying);
        if !(least..=most).contains(&paid) || taps.len() > told.after.taps.max(books.taps) {
            let text = format!("{paid} of {} taps paid instead of {least} to {most}", taps.len());
            self.find(Wrong::History, text);
        }
    }

    fn card(&mut self, card: &InstrumentSummary, books: &Books, told: &Told) {
        let none = Account::default();
        let account = |books: &'_ Books| books.accounts.get(card.id.as_str()).cloned().unwrap_or_default();
        let known = books.accounts.get(card.id.as_str()).unwrap_or(&none);
        let (counted, answered) = (card.counters.consecutive_lvt as usize, known.answered.len());
        if counted + 1 < answered {
            // The last sync had only one reservation in it.
            self.violations.push((Wrong::Looser, format!("{counted} counted, {answered} answered")));
        } else if counted < answered {
            self.find(Wrong::Looser, format!("{counted} counted, {answered} answered"));
        }
        if counted > answered + told.kills_before + usize::from(!told.is_quiet) {
            self.find(Wrong::Stricter, format!("{counted} counted, {answered} answered"));
        }
        let least = known.unspent().count().saturating_sub(allowance(self.kind, told));
        let most = known.unspent().count().max(account(&told.after).unspent().count());
        if !(least..=most).contains(&card.credentials_left) {
            let text = format!("{} left instead of {least} to {most}", card.credentials_left);
            self.find(Wrong::Credentials, text);
        }
    }

    fn next_tap(&mut self, phone: &Phone, card: &InstrumentSummary, books: &Books, told: &Told) {
        let account = books.accounts.get(card.id.as_str()).cloned().unwrap_or_default();
        let commands = [Syn1::SELECT_PPSE, Syn1::SELECT_AID, Syn1::GPO].map(str::to_owned);
        let answers: Vec<String> =
            commands.into_iter().chain([low_value()]).map(|command| phone.send(&command)).collect();
        phone.take_away();
        let Some(atc) = answers.last().and_then(|answer| approved(answer)) else {
            if card.credentials_left > 0 {
                self.find(Wrong::NotPaying, format!("{} left: {answers:?}", card.credentials_left));
            }
            return;
        };
        if atc <= account.highest_answered() {
            self.find(Wrong::AnsweredAgain, format!("{atc} after {:?}", account.answered));
        }
        let lost = account.unspent().filter(|lost| *lost < atc).count();
        if lost > allowance(self.kind, told) {
            self.find(Wrong::Credentials, format!("{lost} lost before {atc}, answered {:?}", account.answered));
        }
    }

    /// What was wiped serves as well as a new one.
    fn begins_anew(&mut self, phone: &Phone) {
        let taps = phone.wallet.history(None).len();
        match set_up_anew(&phone.wallet) {
            Err(error) => self.find(Wrong::NotPaying, format!("made anew: {error}")),
            Ok(left) => {
                let (answer, _) = phone.tap(&low_value());
                if (taps, left, approved(&answer)) != (0, Syn1::credentials().len(), Some(1)) {
                    self.find(Wrong::NotPaying, format!("made anew: {taps} taps, {left} left, {answer}"));
                }
            }
        }
    }
}

/// Gives how many credentials there are.
fn set_up_anew(wallet: &Wallet) -> Result<usize, WalletError> {
    let id = Phone::id("card-1");
    wallet.install_profile(id.clone(), Syn1::profile(Generation::V1))?;
    let left = wallet.load_credentials(&id, Syn1::credentials())?;
    wallet.activate(&id)?;
    Ok(left)
}

/// How many credentials a start of the device costs that was not announced.
const BURNT: usize = 2;
const PATIENCE: Duration = Duration::from_secs(5);
