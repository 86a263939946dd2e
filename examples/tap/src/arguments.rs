//! The command line.

use std::path::PathBuf;

use anyhow::Context;
use bezant::emv::CvmModel;
use clap::{ArgGroup, Parser, ValueEnum};
use serde::{Deserialize, Serialize};
use time::Date;
use time::format_description::well_known::Iso8601;

/// Watch a phone pay at contactless terminals.
///
/// Without arguments a token service makes cards, the wallet core installs them with single-use keys, and the phone is
/// tapped at terminals at home and abroad, in each of three models: Always, Flexible and Card-like. Every tap is printed
/// command by command and tag by tag; then wallet, terminal and issuer each say how it ended. Terminal and issuer share
/// no code with the wallet, so what one gets wrong another finds out.
#[derive(Parser)]
#[command(version, after_long_help = LESSON, group = ArgGroup::new("one-tap").args(["terminal", "state"]).multiple(true))]
pub(crate) struct Arguments {
    /// Play only this scenario; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub(crate) scenario: Vec<String>,
    /// List the scenarios, with their models.
    #[arg(long)]
    pub(crate) list: bool,
    /// Tap once at this terminal instead, of those that come along or of the zoo; `list` names them all.
    ///
    /// Nothing is expected but that wallet, terminal and issuer agree.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["scenario", "list"])]
    pub(crate) terminal: Option<String>,
    /// Keep the wallet in this folder, and tap once: at --terminal, or at the shop next door.
    ///
    /// The first run makes wallet and card. Later ones find both, with the taps, the counters and the credentials that
    /// are left; where few are, the issuer, who keeps a small file beside the wallet, adds some. The clock goes on from
    /// the last tap. While one program has the folder open, a second one is refused (STORAGE_IN_USE).
    #[arg(long, value_name = "DIR", conflicts_with_all = ["scenario", "list", "profile", "credentials"])]
    pub(crate) state: Option<PathBuf>,
    /// Forget the wallet in --state's folder first, whatever has become of it.
    #[arg(long, requires = "state")]
    pub(crate) start_over: bool,
    /// What is paid at --terminal, in its currency; without it little enough that no verification is needed.
    #[arg(long, value_name = "N.NN", requires = "one-tap")]
    pub(crate) amount: Option<String>,
    /// Put a finger on the sensor before the tap at --terminal.
    #[arg(long, requires = "one-tap")]
    pub(crate) verified: bool,
    /// What the wallet insists on at --terminal and in a new --state (flexible) or with a card of your own (its
    /// profile's); else play only the scenarios of this model.
    #[arg(long, value_enum)]
    pub(crate) model: Option<Model>,
    /// Print one JSON object a line instead of text.
    ///
    /// One line a tap: scenario, model, outcome (the wallet's), rule and sentence (why), events (what the app was told),
    /// counters, terminal, issuer, apdus, as_expected and more; the last line is {"summary": …}. Commands and answers
    /// are raw: they hold the card's account number. With --state the first line is {"state": …}: what was remembered.
    #[arg(long, conflicts_with_all = ["verbose", "timings", "list"])]
    pub(crate) json: bool,
    /// Show every answer of every tap, values in full.
    #[arg(long)]
    pub(crate) verbose: bool,
    /// Show too how long the wallet itself took, and its own timeline; such a run is never the same twice.
    #[arg(long)]
    pub(crate) timings: bool,
    /// Tap a card of your own: its profile, as JSON of either generation.
    #[arg(long, value_name = "FILE", requires = "credentials")]
    pub(crate) profile: Option<PathBuf>,
    /// Its single-use keys: {"credentials": [{"atc", "idn", "contactless_umd", "contactless_md"}]}.
    ///
    /// With "pan", "psn", "imk_umd" and "imk_md" the issuer verifies the cryptograms, with "ca" the terminals verify
    /// the certificates, with "icc_modulus" the issuer verifies the signature too. `sandbox card` writes such files.
    #[arg(long, value_name = "FILE", requires = "profile")]
    pub(crate) credentials: Option<PathBuf>,
    /// All keys and random numbers follow from it; without it from 1.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// The day on which all this happens, on phone and terminals alike.
    #[arg(long, value_name = "YYYY-MM-DD", default_value = "2026-01-15", value_parser = day)]
    pub(crate) date: Date,
}

impl Arguments {
    /// The seed, given or not.
    pub(crate) fn seed(&self) -> u64 {
        self.seed.unwrap_or(1)
    }
}

/// Who verifies the cardholder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Model {
    /// The device, for every payment.
    Always,
    /// The device, above the terminal's limit.
    Flexible,
    /// The terminal, as with a plastic card.
    CardLike,
}

impl Model {
    /// The same for the wallet.
    pub(crate) const fn of_wallet(self) -> CvmModel {
        match self {
            Self::Always => CvmModel::Always,
            Self::Flexible => CvmModel::Flexible,
            Self::CardLike => CvmModel::CardLike,
        }
    }
}

fn day(text: &str) -> anyhow::Result<Date> {
    Date::parse(text, &Iso8601::DATE).context("a day such as 2026-01-15 is needed")
}

const LESSON: &str = "\
How a tap goes:
  SELECT                  the terminal finds the card and one of its applications
  GET PROCESSING OPTIONS  it says what kind of terminal it is, the card says where its records are
  READ RECORD             account number, certificates, what the terminal has to tell for a payment
  GENERATE AC             amount, currency, date in; a cryptogram and, with CDA, a signature out
  The card answers an ARQC (\"ask the issuer\") under one single-use key, or an AAC (\"no\") under random keys.

Who verifies the cardholder (model):
  Always                the device, for every payment, at gates too
  Flexible              the device above the terminal's limit; below it payments are counted, and too many, too much
                        or a foreign amount that nothing counts ask for a finger; a verified payment starts anew
  Card-like             the terminal above its limit, as with plastic; where it verifies nobody the phone declines

How it ends in the wallet (outcome):
  AuthorizeOnline       answered under real keys: a credential is spent, the issuer decides
  WalletActionRequired  the terminal shows \"see phone\"; nothing is spent, verify and tap again
  DeclinedByWallet      refused, as when no credential is left
  DeclinedByTerminal    the terminal itself did not want the payment
  AuthenticateOffline   the terminal wanted proof that the card is genuine, and no payment
  Interrupted, Error    the tap was cut short

What the wallet says of it:
  decision              a sentence for a developer: what was decided and by which rule
  app                   what the app was told, in order; it had the last word before, and may only be stricter

What the issuer looks at:
  UMD and MD            two cryptograms, under the keys of user-and-device and of the device
  CDA                   the card's signature over the whole conversation
  counter (ATC)         issued, and never used before
  amount                the one that the card saw

Examples:
  tap                                          every scenario
  tap --list                                   their names, models and stories
  tap --scenario flexible-count --verbose      one of them, with every byte
  tap --model card-like                        those of one model
  tap --terminal list                          all terminals
  tap --terminal drops-after-gpo --verified    one of them, with a finger on the sensor
  tap --state wallet                           a wallet that is still there next time; --start-over forgets it
  tap --json | jq -c '{scenario, outcome}'     for programs
  tap --profile card/profile-v2.json --credentials card/credentials.json
                                               your own card, once for each credential

The phone's clock, the terminals' unpredictable numbers and all keys follow from --seed and --date: the same arguments
print the same bytes, except with --state or --timings. Colours appear on a terminal only, and not with NO_COLOR set.

Exit code: 0 everything as expected, in agreement and verified, 1 something was not, 2 it could not start.";
