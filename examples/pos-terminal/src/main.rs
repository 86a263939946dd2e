//! `pos-terminal`: taps a card and tells what happened.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};
use pos_terminal::link::Script;
use pos_terminal::sale::{CASH, PURCHASE, PURCHASE_WITH_CASHBACK, REFUND};
use pos_terminal::{DriverCard, HexLines, Quirks, Sale, Style, TerminalConfiguration, Visit, timeline, zoo};

/// A virtual contactless payment terminal.
///
/// It selects an application, reads the card, verifies its certificates and signature, decides as kernel C-2 does and
/// tells the whole conversation, tag by tag.
#[derive(Parser)]
#[command(version, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Tap a card.
    ///
    /// Terminals of the zoo may tap it several times. Exit code 0 when the last tap ended as an online request, 1
    /// otherwise.
    Sale(SaleArguments),
    /// List the terminals that come with the program and those of its zoo, or print one of them.
    Terminals {
        /// Print this terminal's file, to start one's own from; of the zoo its entry in `terminals/zoo.toml`.
        #[arg(conflicts_with = "zoo")]
        name: Option<String>,
        /// List the zoo alone, with the source of each behaviour.
        #[arg(long)]
        zoo: bool,
    },
    /// Explain a string of data objects.
    Decode {
        /// Hex digits; blanks are ignored.
        #[arg(required = true)]
        hex: Vec<String>,
    },
}

#[derive(Args)]
struct SaleArguments {
    /// What the customer pays, in the terminal's currency.
    #[arg(long, value_name = "25.00")]
    amount: String,
    /// A builtin terminal, one of the zoo, or a file like those that `terminals NAME` prints.
    #[arg(long, value_name = "NAME|FILE", default_value = "shop-poland")]
    terminal: String,
    /// What kind of transaction.
    #[arg(long, value_enum, default_value_t = Kind::Purchase)]
    kind: Kind,
    /// The date on the receipt; today when absent.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    date: Option<time::Date>,
    /// Four bytes in hex; random when absent.
    #[arg(long, value_name = "HEX")]
    unpredictable_number: Option<String>,
    /// The card is this program: a wallet core that takes JSON requests, one a line.
    #[arg(long, value_name = "PROGRAM", conflicts_with = "hex", required_unless_present = "hex")]
    driver: Option<PathBuf>,
    /// Requests that prepare the driver before the tap: JSON lines or a transcript with `>` and `<`.
    #[arg(long, value_name = "FILE", requires = "driver")]
    script: Option<PathBuf>,
    /// The card is whoever reads hex commands from standard output and writes hex answers to standard input.
    #[arg(long)]
    hex: bool,
    /// Hide the middle of account numbers.
    #[arg(long)]
    mask: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Purchase,
    Cash,
    PurchaseWithCashback,
    Refund,
}

fn main() -> ExitCode {
    let ended = match Arguments::parse().action {
        Action::Sale(arguments) => sale(&arguments),
        Action::Terminals { name: Some(name), .. } => print_terminal(&name),
        Action::Terminals { name: None, zoo } => list_terminals(zoo),
        Action::Decode { hex } => decode(&hex.concat()),
    };
    ended.unwrap_or_else(|error| {
        anstream::eprintln!("pos-terminal: {error:#}");
        ExitCode::FAILURE
    })
}

fn sale(arguments: &SaleArguments) -> anyhow::Result<ExitCode> {
    let (configuration, quirks) = terminal(&arguments.terminal)?;
    let sale = ask(arguments, &configuration)?;
    let style = Style { colour: true, mask_pan: arguments.mask, timings: true, ..Style::default() };
    let Some(driver) = &arguments.driver else {
        let mut person = HexLines::new(std::io::stdin().lock(), std::io::stdout());
        let visit = zoo::visit(&configuration, &quirks, &mut person, &sale);
        // Standard output belongs to the card.
        anstream::eprint!("{}", told(&visit, style));
        return Ok(exit_code(&visit));
    };
    let mut card = DriverCard::spawn(Command::new(driver)).with_context(|| driver.display().to_string())?;
    let state = tempfile::tempdir()?;
    if let Some(script) = &arguments.script {
        prepare(&mut card, script, state.path())?;
    }
    let visit = zoo::visit(&configuration, &quirks, &mut card, &sale);
    anstream::print!("{}", told(&visit, style));
    for outcome in card.felt() {
        anstream::println!("The wallet said when the field went off: {outcome}");
    }
    anstream::println!("The wallet says: {}", card.field_off("deselected")?);
    Ok(exit_code(&visit))
}

fn told(visit: &Visit, style: Style) -> String {
    let reports: Vec<String> = visit.taps.iter().map(|tap| timeline::report(tap, style)).collect();
    reports.join("\n")
}

fn prepare(card: &mut DriverCard, script: &Path, state: &Path) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(script).with_context(|| script.display().to_string())?;
    let folder = script.parent().unwrap_or(Path::new("."));
    let script = Script::parse(&text, folder, state)?;
    for (request, answer) in script.requests.iter().zip(card.play(&script)?) {
        if answer.get("ok").and_then(serde_json::Value::as_bool) != Some(true) {
            let name = request.get("op").and_then(serde_json::Value::as_str).unwrap_or("a request without op");
            anstream::eprintln!("{name}: {answer}");
        }
    }
    Ok(())
}

fn terminal(name: &str) -> anyhow::Result<(TerminalConfiguration, Quirks)> {
    let path = Path::new(name);
    if path.extension().is_some() || path.exists() {
        let configuration = TerminalConfiguration::from_file(path).with_context(|| name.to_owned())?;
        return Ok((configuration, Quirks::default()));
    }
    if zoo::names()?.iter().any(|known| known == name) {
        let found = zoo::named(name)?;
        return Ok((found.configuration, found.quirks));
    }
    let configuration = TerminalConfiguration::builtin(name).context(ZOO_HINT)?;
    Ok((configuration, Quirks::default()))
}

fn ask(arguments: &SaleArguments, configuration: &TerminalConfiguration) -> anyhow::Result<Sale> {
    let mut unpredictable_number = [0; 4];
    match &arguments.unpredictable_number {
        Some(digits) => unpredictable_number = fixed(digits).context("--unpredictable-number")?,
        None => getrandom::fill(&mut unpredictable_number)?,
    }
    let amount = minor_units(&arguments.amount, configuration.currency_exponent.into())
        .with_context(|| format!("--amount {}", arguments.amount))?;
    let now = time::OffsetDateTime::now_utc();
    let moment = arguments.date.map_or(now, |date| now.replace_date(date));
    let sale = Sale::purchase(amount, [0; 3], unpredictable_number).at(moment);
    let transaction_type = match arguments.kind {
        Kind::Purchase => PURCHASE,
        Kind::Cash => CASH,
        Kind::PurchaseWithCashback => PURCHASE_WITH_CASHBACK,
        Kind::Refund => REFUND,
    };
    Ok(Sale { transaction_type, ..sale })
}

fn day(text: &str) -> anyhow::Result<time::Date> {
    let iso = time::format_description::well_known::Iso8601::DATE;
    time::Date::parse(text, &iso).context("a day such as 2026-01-15 is needed")
}

fn fixed<const N: usize>(digits: &str) -> anyhow::Result<[u8; N]> {
    match hex::decode(digits).ok().and_then(|bytes| bytes.try_into().ok()) {
        Some(bytes) => Ok(bytes),
        None => bail!("{} hex digits are needed, not {digits:?}", 2 * N),
    }
}

fn minor_units(amount: &str, exponent: usize) -> anyhow::Result<u64> {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    let digits = |part: &str| part.bytes().all(|digit| digit.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > exponent {
        bail!("an amount has digits, a point and at most {exponent} digits behind it");
    }
    let number: u64 = format!("{whole}{fraction:0<exponent$}").parse()?;
    if number > LARGEST_AMOUNT {
        bail!("an amount has at most 12 digits");
    }
    Ok(number)
}

fn print_terminal(name: &str) -> anyhow::Result<ExitCode> {
    if let Some(text) = TerminalConfiguration::builtin_text(name) {
        anstream::print!("{text}");
    } else if let Some(entry) = zoo::text(name) {
        anstream::print!("{entry}");
    } else {
        TerminalConfiguration::builtin(name).context(ZOO_HINT)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn list_terminals(zoo_alone: bool) -> anyhow::Result<ExitCode> {
    if !zoo_alone {
        for name in TerminalConfiguration::builtin_names() {
            let text = TerminalConfiguration::builtin_text(name).unwrap_or_default();
            let first = text.lines().next().unwrap_or_default().trim_start_matches("# ");
            anstream::println!("{name:<NAME_WIDTH$} {first}");
        }
        anstream::println!("\nThe zoo:");
    }
    for terminal in zoo::terminals()? {
        anstream::println!("{:<NAME_WIDTH$} {}", terminal.name, terminal.behaviour);
        if zoo_alone {
            anstream::println!("{:NAME_WIDTH$} ({})", "", terminal.source);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn decode(digits: &str) -> anyhow::Result<ExitCode> {
    let digits: String = digits.chars().filter(|letter| !letter.is_whitespace()).collect();
    let bytes = hex::decode(&digits).context("hex digits in pairs are needed")?;
    anstream::print!("{}", timeline::decode(&bytes, Style { colour: true, ..Style::default() }));
    Ok(ExitCode::SUCCESS)
}

fn exit_code(visit: &Visit) -> ExitCode {
    if visit.ends_well() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

const NAME_WIDTH: usize = 28;

const ZOO_HINT: &str = "`terminals` lists all names, those of the zoo too";

/// 9F02 has twelve digits.
const LARGEST_AMOUNT: u64 = 999_999_999_999;

const EXAMPLES: &str = "\
Examples:
  pos-terminal sale --amount 25.00 --driver target/release/driver --script card.jsonl
      a wallet core taps in a Polish shop
  pos-terminal sale --amount 120.00 --terminal online-pin --hex
      be the card yourself: read commands, type answers
  pos-terminal sale --amount 25.00 --terminal drops-after-gpo --driver target/release/driver --script card.jsonl
      the same wallet at a terminal of the zoo
  pos-terminal terminals shop-poland > mine.toml
      start a terminal of your own
  pos-terminal decode 9F34030100029505 0000008001
      read data objects";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_follow_the_currency() {
        assert_eq!(minor_units("25.00", 2).unwrap(), 2500);
        assert_eq!(minor_units("25", 2).unwrap(), 2500);
        assert_eq!(minor_units("0.5", 2).unwrap(), 50);
        assert_eq!(minor_units("300", 0).unwrap(), 300);
        for wrong in ["", ".5", "1.234", "-1", "1,5", "99999999999.99"] {
            assert!(minor_units(wrong, 2).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
