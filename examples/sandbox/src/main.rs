//! The sandbox on the command line: makes cards, judges authorisation requests.

use std::fs;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand, ValueEnum};
use sandbox::keys::Exponent;
use sandbox::{
    Account, AlternateApplication, Assessment, AuthorisationRequest, CaSize, CardSpec, CredentialsFile, CvmModel,
    Decision, ExpiryDate, Issuer, Network, TokenService, UmdGeneration,
};
use serde_json::{Value, json};

/// The parties around a wallet, simulated: a token service that makes cards, an issuer that judges their answers.
///
/// All keys are synthetic and follow from the seed. Never use real card data here.
#[derive(Parser)]
#[command(version, after_long_help = EXAMPLE)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a card: profiles for the wallet, credentials for its taps, keys for whoever checks them
    ///
    /// Writes profile-v1.json and profile-v2.json (install one of them in the wallet) and credentials.json (load its
    /// "credentials" into the wallet; keep the rest for `sandbox verify` and, of "ca", for the terminal).
    /// The same arguments make the same files.
    Card(CardArguments),
    /// Judge authorisation requests: one JSON object a line on standard input, one answer a line on standard output
    ///
    /// A request: {"pan":"…","psn":1,"elements":{"9F02":"000000002500",…},"signed":{"signature":"…","hashed":"…"}}.
    /// Needed are 9F02 9F1A 95 5F2A 9A 9C 9F37 82 9F36 9F10 9F26; "signed" only after CDA: the value of 9F4B, and PDOL
    /// values, CDOL1 values and the answer's data objects without 9F4B, joined.
    ///
    /// An answer: {"ok":true,"decision":"approved","authorisation_code":"…","verification":{…}}, or "declined" with
    /// "reason" and "detail". A line that cannot be judged is answered {"ok":false,"error":{"code":"…","detail":"…"}}.
    /// A counter value serves once in the life of the process.
    Verify(VerifyArguments),
}

#[derive(Args)]
struct CardArguments {
    /// Folder to write into; made if missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// All keys and numbers follow from it
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Who must prove the cardholder, and when
    #[arg(long, value_enum, default_value_t = Model::Flexible)]
    model: Model,
    /// When the card answers with a true UMD cryptogram; only profile-v2.json can carry another than `always`
    #[arg(long, value_enum, default_value_t = Umd::Always)]
    umd: Umd,
    /// Account number, 13-19 digits
    #[arg(long, default_value = "5413330000000019")]
    pan: String,
    /// Sequence number of the token
    #[arg(long, default_value_t = 1)]
    psn: u8,
    /// Last month in which the card pays
    #[arg(long, value_name = "YYMM", default_value = "3012")]
    expiry: ExpiryDate,
    /// Issuer country, ISO 3166 numeric
    #[arg(long, default_value_t = 616)]
    country: u16,
    /// Account currency, ISO 4217 numeric
    #[arg(long, default_value_t = 985)]
    currency: u16,
    /// Size of the card's RSA key: 768-1408 in whole bytes
    #[arg(long, default_value_t = 1024)]
    icc_bits: usize,
    /// Public exponent of the card's and its issuer's key: 3 or 65537
    #[arg(long, default_value = "3", value_parser = ["3", "65537"])]
    exponent: String,
    /// Credentials to issue, one a tap
    #[arg(long, default_value_t = 10)]
    credentials: u16,
    /// Add the common debit application of the United States
    #[arg(long)]
    alternate: bool,
    /// Leave mag-stripe mode out
    #[arg(long)]
    no_mag_stripe: bool,
}

#[derive(Args)]
struct VerifyArguments {
    /// A credentials.json of `sandbox card`, or one of the same shape
    #[arg(long, value_name = "FILE")]
    credentials: PathBuf,
    /// What the account holds, in minor units; without it the account covers everything
    #[arg(long)]
    balance: Option<u64>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Model {
    /// The device, for every payment
    Always,
    /// The device, above the terminal's limit
    Flexible,
    /// The terminal, as with a plastic card
    CardLike,
}

#[derive(Clone, Copy, ValueEnum)]
enum Umd {
    Always,
    OnCdcvm,
    Random,
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Card(arguments) => make_card(&arguments),
        Command::Verify(arguments) => verify(&arguments),
    }
}

fn make_card(arguments: &CardArguments) -> Result<()> {
    let spec = CardSpec {
        pan: arguments.pan.clone(),
        psn: arguments.psn,
        expiry: arguments.expiry,
        country: arguments.country,
        currency: arguments.currency,
        cvm_model: match arguments.model {
            Model::Always => CvmModel::Always,
            Model::Flexible => CvmModel::Flexible,
            Model::CardLike => CvmModel::CardLike,
        },
        umd_generation: match arguments.umd {
            Umd::Always => UmdGeneration::Always,
            Umd::OnCdcvm => UmdGeneration::OnCdcvm,
            Umd::Random => UmdGeneration::Random,
        },
        icc_key_bits: arguments.icc_bits,
        exponent: if arguments.exponent == "3" { Exponent::Three } else { Exponent::F4 },
        alternate: arguments.alternate.then(AlternateApplication::us_debit),
        mag_stripe: CardSpec::default().mag_stripe.filter(|_| !arguments.no_mag_stripe),
        seed: arguments.seed,
    };
    let mut tokens = TokenService::new(arguments.seed, CaSize::for_icc_key(arguments.icc_bits))?;
    let card = tokens.personalise(&spec)?;
    tokens.issue_credentials(&card.pan, arguments.credentials)?;

    fs::create_dir_all(&arguments.out).with_context(|| format!("cannot make {}", arguments.out.display()))?;
    write_json(&arguments.out.join("profile-v1.json"), &card.profile_v1)?;
    write_json(&arguments.out.join("profile-v2.json"), &card.profile_v2)?;
    write_json(&arguments.out.join("credentials.json"), &tokens.credentials_file(&card.pan)?)
}

fn write_json(path: &Path, content: &impl serde::Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(content)? + "\n";
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn verify(arguments: &VerifyArguments) -> Result<()> {
    let path = arguments.credentials.display();
    let text = fs::read_to_string(&arguments.credentials).with_context(|| format!("cannot read {path}"))?;
    let file = CredentialsFile::from_json(&text).with_context(|| format!("in {path}"))?;
    let issuer = Issuer::default();
    issuer.load(&file).with_context(|| format!("in {path}"))?;
    let mut network = Network::new(issuer);
    let unlimited = Account::unlimited();
    network.open_account(&file.pan, Account { balance: arguments.balance.unwrap_or(unlimited.balance), ..unlimited });

    let mut output = io::stdout().lock();
    // Split at the byte, not at the character: a line that is no text is one bad line, not the end.
    for line in io::stdin().lock().split(b'\n') {
        let line = line.context("standard input")?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        writeln!(output, "{}", answer(&mut network, &line)?)?;
        output.flush()?;
    }
    Ok(())
}

fn answer(network: &mut Network, line: &[u8]) -> Result<Value> {
    let request: AuthorisationRequest = match serde_json::from_slice(line) {
        Ok(request) => request,
        Err(error) => return Ok(failure("BAD_REQUEST", &error.to_string())),
    };
    let Assessment { verification, decision } = network.assess(&request);
    Ok(match (verification, decision) {
        (None, Decision::Declined { reason }) => failure(reason.code(), &reason.to_string()),
        (verification, Decision::Declined { reason }) => json!({
            "ok": true, "decision": "declined", "reason": reason.code(), "detail": reason.to_string(),
            "verification": serde_json::to_value(verification)?,
        }),
        (verification, Decision::Approved { authorisation_code }) => json!({
            "ok": true, "decision": "approved", "authorisation_code": authorisation_code,
            "verification": serde_json::to_value(verification)?,
        }),
    })
}

fn failure(code: &str, detail: &str) -> Value {
    json!({ "ok": false, "error": { "code": code, "detail": detail } })
}

const EXAMPLE: &str = "\
Example:
  sandbox card --out card --model always --credentials 5
  sandbox verify --credentials card/credentials.json < requests.jsonl";
