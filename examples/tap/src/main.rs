//! `tap`: a phone pays at a terminal, and everybody involved says what they think of it.

mod bank;
mod cards;
mod check;
mod findings;
mod json;
mod phone;
mod scenarios;
mod show;
mod stage;
mod tally;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use cards::Prepared;
use clap::Parser;
use scenarios::{OF_ANY_CARD, SCENARIOS, Scenario};
use show::{Manner, Show};
use tally::Tally;
use time::format_description::well_known::Iso8601;
use time::{Date, OffsetDateTime, Time};

/// Watch a phone pay at contactless terminals.
///
/// Without arguments a token service makes a card, the wallet core installs it with single-use keys, and the phone is
/// tapped at terminals at home and abroad until no key is left. Every tap is printed command by command and tag by
/// tag; then wallet, terminal and issuer each say how it ended. Terminal and issuer share no code with the wallet, so
/// what one gets wrong another finds out.
#[derive(Parser)]
#[command(version, after_long_help = LESSON)]
struct Arguments {
    /// Play only this scenario; may be given several times.
    #[arg(long, value_name = "NAME")]
    scenario: Vec<String>,
    /// List the scenarios.
    #[arg(long)]
    list: bool,
    /// Print one JSON object a line instead of text.
    ///
    /// One line a tap: scenario, outcome (the wallet's), terminal, issuer, apdus, as_expected and more; the last line
    /// is {"summary": …}. Commands and answers are raw: they hold the card's account number.
    #[arg(long, conflicts_with_all = ["verbose", "timings", "list"])]
    json: bool,
    /// Show every answer of every tap, values in full.
    #[arg(long)]
    verbose: bool,
    /// Show too how long the wallet itself took; such a run is never the same twice.
    #[arg(long)]
    timings: bool,
    /// Tap a card of your own: its profile, as JSON of either generation.
    #[arg(long, value_name = "FILE", requires = "credentials")]
    profile: Option<PathBuf>,
    /// Its single-use keys: {"credentials": [{"atc", "idn", "contactless_umd", "contactless_md"}]}.
    ///
    /// With "pan", "psn", "imk_umd" and "imk_md" the issuer verifies the cryptograms, with "ca" the terminals verify
    /// the certificates, with "icc_modulus" the issuer verifies the signature too. `sandbox card` writes such files.
    #[arg(long, value_name = "FILE", requires = "profile")]
    credentials: Option<PathBuf>,
    /// All keys and random numbers follow from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The day on which all this happens, on phone and terminals alike.
    #[arg(long, value_name = "YYYY-MM-DD", default_value = "2026-01-15", value_parser = day)]
    date: Date,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = if arguments.list { list() } else { run(&arguments) };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Whoever read along has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::FAILURE,
        Err(error) => {
            anstream::eprintln!("tap: {error:#}");
            ExitCode::from(COULD_NOT_START)
        }
    }
}

fn list() -> anyhow::Result<bool> {
    let mut output = anstream::stdout().lock();
    for scenario in SCENARIOS {
        writeln!(output, "{:<22} {}", scenario.name, scenario.story)?;
    }
    Ok(true)
}

fn run(arguments: &Arguments) -> anyhow::Result<bool> {
    let start = OffsetDateTime::new_utc(arguments.date, Time::MIDNIGHT) + OPENING;
    let own_card = arguments.profile.as_deref().zip(arguments.credentials.as_deref());
    let mut chosen = chosen(&arguments.scenario)?;
    let Prepared { mut stage, credentials, unverifiable } = match own_card {
        Some((profile, credentials)) => cards::brought(arguments.seed, start, profile, credentials)?,
        None => cards::made(arguments.seed, start, &chosen)?,
    };
    if own_card.is_some() && arguments.scenario.is_empty() {
        chosen = affordable(credentials);
    }
    let manner = Manner { verbose: arguments.verbose, timings: arguments.timings, mask: own_card.is_some() };
    let (mut show, mut tally) = (Show::new(manner), Tally::default());
    let mut output = anstream::stdout().lock();
    if !arguments.json {
        write!(output, "{}", show.introduction(own_card.is_some(), credentials, &unverifiable))?;
    }
    for scenario in chosen {
        stage.play(scenario, &mut |played| {
            tally.add(&played);
            if arguments.json {
                writeln!(output, "{}", json::tap(&played)?)?;
            } else {
                write!(output, "{}", show.tap(&played))?;
            }
            Ok(())
        })?;
    }
    if arguments.json {
        writeln!(output, "{}", json::summary(&tally, &unverifiable)?)?;
    } else {
        write!(output, "{}", show.summary(&tally, &unverifiable))?;
    }
    output.flush()?;
    Ok(tally.is_good())
}

/// The scenarios of these names, all without a name, in the order of the table: the last one leaves nothing.
fn chosen(names: &[String]) -> anyhow::Result<Vec<&'static Scenario>> {
    if let Some(unknown) = names.iter().find(|name| Scenario::named(name).is_none()) {
        let known: Vec<&str> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
        bail!("there is no scenario {unknown:?}; there are {}", known.join(", "));
    }
    let wanted = |scenario: &&Scenario| names.is_empty() || names.iter().any(|name| name == scenario.name);
    Ok(SCENARIOS.iter().filter(wanted).collect())
}

/// One scenario for each credential, as far as there are any, and then the one that takes what is left.
fn affordable(credentials: usize) -> Vec<&'static Scenario> {
    let mut scenarios: Vec<_> = OF_ANY_CARD.iter().filter_map(|name| Scenario::named(name)).collect();
    if let Some(last) = scenarios.pop() {
        scenarios.truncate(credentials);
        scenarios.push(last);
    }
    scenarios
}

fn day(text: &str) -> anyhow::Result<Date> {
    Date::parse(text, &Iso8601::DATE).context("a day such as 2026-01-15 is needed")
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Ten in the morning.
const OPENING: time::Duration = time::Duration::hours(10);

/// Beside 0 and 1, which speak of the taps; clap uses it too.
const COULD_NOT_START: u8 = 2;

const LESSON: &str = "\
How a tap goes:
  SELECT                  the terminal finds the card and one of its applications
  GET PROCESSING OPTIONS  it says what kind of terminal it is, the card says where its records are
  READ RECORD             account number, certificates, what the terminal has to tell for a payment
  GENERATE AC             amount, currency, date in; a cryptogram and, with CDA, a signature out
  The card answers an ARQC (\"ask the issuer\") under one single-use key, or an AAC (\"no\") under random keys.

How it ends in the wallet (outcome):
  AuthorizeOnline       answered under real keys: a credential is spent, the issuer decides
  WalletActionRequired  the terminal shows \"see phone\"; nothing is spent, verify and tap again
  DeclinedByWallet      refused, as when no credential is left
  DeclinedByTerminal    the terminal itself did not want the payment
  AuthenticateOffline   the terminal wanted proof that the card is genuine, and no payment
  Interrupted, Error    the tap was cut short

What the issuer looks at:
  UMD and MD            two cryptograms, under the keys of user-and-device and of the device
  CDA                   the card's signature over the whole conversation
  counter (ATC)         issued, and never used before
  amount                the one that the card saw

Examples:
  tap                                          every scenario
  tap --list                                   their names and stories
  tap --scenario double-tap --verbose          one of them, with every byte
  tap --json | jq -c '{scenario, outcome}'     for programs
  tap --profile card/profile-v2.json --credentials card/credentials.json
                                               your own card, once for each credential

The phone's clock, the terminals' unpredictable numbers and all keys follow from --seed and --date: the same arguments
print the same bytes. Colours appear on a terminal only, and not with NO_COLOR set.

Exit code: 0 everything as expected and verified, 1 something was not, 2 it could not start.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_card_with_few_credentials_plays_few_scenarios() {
        let names = |credentials| affordable(credentials).iter().map(|scenario| scenario.name).collect::<Vec<_>>();
        assert_eq!(names(0), ["out-of-credentials"]);
        assert_eq!(names(2), ["low-value", "high-value", "out-of-credentials"]);
        assert_eq!(names(9).len(), OF_ANY_CARD.len());
    }
}
