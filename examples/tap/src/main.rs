//! `tap`: a phone pays at a terminal, and everybody involved says what they think of it.

mod agreement;
mod app;
mod arguments;
mod bank;
mod cards;
mod check;
mod findings;
mod home;
mod issuer_memory;
mod json;
mod kept;
mod money;
mod phone;
mod platform;
mod played;
mod printer;
mod remembered;
mod scenarios;
mod show;
mod stage;
mod tally;
mod terminals;
mod told;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use arguments::{Arguments, Model};
use bezant::emv::CvmModel;
use cards::{OwnCard, Prepared};
use clap::Parser;
use kept::Kept;
use platform::PhoneClock;
use printer::Printer;
use scenarios::Scenario;
use show::{Manner, model_name};
use stage::Wish;
use terminals::{Entry, Place};
use time::{OffsetDateTime, Time};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = match arguments.terminal.as_deref() {
        Some("list") => list_terminals(),
        _ if arguments.list => list_scenarios(),
        _ => run(&arguments),
    };
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

fn list_scenarios() -> anyhow::Result<bool> {
    let mut output = anstream::stdout().lock();
    for Scenario { name, model, story, .. } in Scenario::all() {
        writeln!(output, "{name:<26} {:<10} {story}", model_name(*model))?;
    }
    Ok(true)
}

fn list_terminals() -> anyhow::Result<bool> {
    let mut output = anstream::stdout().lock();
    for Entry { name, story } in terminals::all()? {
        writeln!(output, "{name:<28} {story}")?;
    }
    Ok(true)
}

/// What is to be played.
enum Programme {
    Scenarios(Vec<&'static Scenario>),
    Terminal(Box<Place>, Entry),
}

fn run(arguments: &Arguments) -> anyhow::Result<bool> {
    let clock = PhoneClock::set_to(OffsetDateTime::new_utc(arguments.date, Time::MIDNIGHT) + OPENING)?;
    if let Some(folder) = &arguments.state {
        return go_on(folder, arguments, clock);
    }
    let model = arguments.model.map(Model::of_wallet);
    let own_files = arguments.profile.as_deref().zip(arguments.credentials.as_deref());
    let mut programme = match &arguments.terminal {
        Some(name) => {
            let (place, entry) = Place::named(name)?;
            Programme::Terminal(Box::new(place), entry)
        }
        None => Programme::Scenarios(chosen(&arguments.scenario)?),
    };
    if let Programme::Scenarios(scenarios) = &mut programme
        && own_files.is_none()
    {
        scenarios.retain(|scenario| model.is_none_or(|model| scenario.model == model));
        if scenarios.is_empty() {
            bail!("--scenario and --model leave nothing to play");
        }
    }
    let Prepared { mut stage, own_card, unverifiable } = match own_files {
        Some(files) => cards::brought(arguments.seed(), clock, files, model)?,
        None => cards::made(arguments.seed(), clock, &models(&programme, model))?,
    };
    if let (Programme::Scenarios(scenarios), Some(card)) = (&mut programme, own_card) {
        if arguments.scenario.is_empty() {
            *scenarios = affordable(card);
        }
        playable(scenarios, card)?;
    }
    stage.measures = arguments.timings;
    let mut printer = Printer::new(arguments.json, manner(arguments, own_card.is_some()), unverifiable);
    printer.begin(&show::origin(own_card), None)?;
    match programme {
        Programme::Scenarios(scenarios) => {
            for scenario in scenarios {
                stage.play(scenario, &mut |played| printer.tap(&played))?;
            }
        }
        Programme::Terminal(place, entry) => {
            let model = own_card.map(|card| card.model).or(model).unwrap_or(CvmModel::Flexible);
            let amount = amount(arguments, &place)?;
            let mut phone = stage.any_phone(model)?;
            let wish = Wish { place: *place, entry, model, amount, verified: arguments.verified };
            stage.go_to(&mut phone, wish, &mut |played| printer.tap(&played))?;
        }
    }
    printer.end("")
}

/// One tap with the wallet that is kept in this folder.
fn go_on(folder: &Path, arguments: &Arguments, clock: PhoneClock) -> anyhow::Result<bool> {
    let (place, entry) = Place::named(arguments.terminal.as_deref().unwrap_or(NEXT_DOOR))?;
    let amount = amount(arguments, &place)?;
    let mut kept = Kept::open(folder, arguments, clock)?;
    let wish = Wish { place, entry, model: kept.remembered.model, amount, verified: arguments.verified };
    let mut printer = Printer::new(arguments.json, manner(arguments, false), Vec::new());
    printer.begin(&kept.remembered.text(), Some(&kept.remembered.json()))?;
    kept.pay(wish, &mut |played| printer.tap(&played))?;
    printer.end(&kept.farewell())
}

/// What is paid, in minor units of the terminal's currency.
fn amount(arguments: &Arguments, place: &Place) -> anyhow::Result<u64> {
    match &arguments.amount {
        Some(text) => {
            money::minor_units(text, place.configuration.currency_exponent).with_context(|| format!("--amount {text}"))
        }
        None => Ok(place.small_amount()),
    }
}

fn manner(arguments: &Arguments, mask: bool) -> Manner {
    Manner { verbose: arguments.verbose, timings: arguments.timings, mask }
}

/// The scenarios of these names, all without a name, in the order of the table.
fn chosen(names: &[String]) -> anyhow::Result<Vec<&'static Scenario>> {
    if let Some(unknown) = names.iter().find(|name| Scenario::named(name).is_none()) {
        let known: Vec<&str> = Scenario::all().map(|scenario| scenario.name).collect();
        bail!("there is no scenario {unknown:?}; there are {}", known.join(", "));
    }
    let wanted = |scenario: &&Scenario| names.is_empty() || names.iter().any(|name| name == scenario.name);
    Ok(Scenario::all().filter(wanted).collect())
}

/// The models in which phones will be set up.
fn models(programme: &Programme, model: Option<CvmModel>) -> Vec<CvmModel> {
    match programme {
        Programme::Scenarios(scenarios) => scenarios.iter().map(|scenario| scenario.model).collect(),
        Programme::Terminal(..) => vec![model.unwrap_or(CvmModel::Flexible)],
    }
}

/// As many scenarios as there are credentials for, and then the one that takes what is left.
fn affordable(card: OwnCard) -> Vec<&'static Scenario> {
    let mut scenarios: Vec<_> =
        Scenario::of_own_card(card.model).iter().filter_map(|name| Scenario::named(name)).collect();
    if let Some(last) = scenarios.pop() {
        let mut left = card.credentials;
        let affords = |scenario: &&Scenario| {
            let enough = left.checked_sub(scenario.credentials());
            left = enough.unwrap_or(left);
            enough.is_some()
        };
        scenarios = scenarios.into_iter().take_while(affords).collect();
        scenarios.push(last);
    }
    scenarios
}

/// A scenario is written for one model, and a card of one's own has its own.
fn playable(scenarios: &[&Scenario], card: OwnCard) -> anyhow::Result<()> {
    match scenarios.iter().find(|scenario| !scenario.is_for(card.model)) {
        None => Ok(()),
        Some(Scenario { name, model, .. }) => {
            bail!("{name} is for model {}, the card for {}", model_name(*model), model_name(card.model))
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Ten in the morning.
const OPENING: time::Duration = time::Duration::hours(10);

/// Where a kept wallet pays unless it is told.
const NEXT_DOOR: &str = "shop-poland";

/// Beside 0 and 1, which speak of the taps; clap uses it too.
const COULD_NOT_START: u8 = 2;

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
        let names = |model, credentials| {
            affordable(OwnCard { model, credentials }).iter().map(|scenario| scenario.name).collect::<Vec<_>>()
        };
        assert_eq!(names(CvmModel::Always, 0), ["out-of-credentials"]);
        assert_eq!(names(CvmModel::Always, 2), ["always-low-value", "always-high-value", "out-of-credentials"]);
        assert_eq!(names(CvmModel::Flexible, 9).len(), 5);
    }
}
