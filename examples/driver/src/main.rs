//! The wallet core on standard input and output, one JSON object a line.

use clap::Parser;
use driver::{Atr, Driver, Line, Lines, Reader};
use std::io::{self, Write};
use std::process::ExitCode;

/// Wipes what is freed: a request may hold keys, and the JSON reader copies strings with escapes in them.
#[cfg(feature = "zeroizing-allocator")]
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> = zeroizing_alloc::ZeroAlloc(std::alloc::System);

/// The wallet core on standard input and output: one JSON object a line in, one out.
#[derive(Parser)]
#[command(version, after_help = HELP)]
struct Arguments {
    /// Puts the wallet as a card into a virtual PC/SC reader, where vpcd listens; usually 127.0.0.1:35963
    #[arg(long, value_name = "HOST:PORT")]
    vpcd: Option<String>,

    /// How the card answers a reset; 3B600000 is a card that speaks T=0 only
    #[arg(long, value_name = "HEX", requires = "vpcd", default_value = "3B80800101")]
    atr: Atr,
}

fn main() -> ExitCode {
    match serve(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever listened has gone.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("driver: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(Arguments { vpcd, atr }: Arguments) -> io::Result<()> {
    let mut driver = match vpcd {
        Some(address) => Driver::in_reader(Reader::new(address, atr)),
        None => Driver::default(),
    };
    let mut lines = Lines::new(io::stdin().lock());
    let mut output = io::stdout().lock();
    while let Some(line) = lines.read()? {
        let answer = match line {
            Line::Blank => continue,
            Line::Text(text) => driver.answer(text),
            Line::NotText => driver.refuse_line("the line is not UTF-8"),
            Line::TooLong => driver.refuse_line("the line is longer than 4 MiB"),
        };
        writeln!(output, "{answer}")?;
        output.flush()?;
        if driver.is_shut_down() {
            break;
        }
    }
    Ok(())
}

const HELP: &str = "\
Requests:
  {\"op\": \"setup\", \"state_dir\": DIR, \"vault\": FILE, \"config\": {…}, \"seed\": N, \"clock\": TIME}
  {\"op\": \"install_profile\", \"instrument\": ID, \"profile\": {…}, \"keys\": {\"data_encryption_key\": HEX, \"icc_kek\": HEX}}
  {\"op\": \"load_credentials\", \"instrument\": ID, \"credentials\": [{\"atc\": N, \"idn\": HEX, \"contactless_umd\": HEX, \"contactless_md\": HEX}]}
  {\"op\": \"activate\" | \"suspend\" | \"delete\" | \"set_default\" | \"select\", \"instrument\": ID}
  {\"op\": \"authenticate\", \"method\": \"fingerprint\", \"instrument\": ID}     {\"op\": \"clear_authentication\"}
  {\"op\": \"device\", \"locked\": BOOL, \"screen_on\": BOOL}
  {\"op\": \"host\", \"decision\": \"follow\" | \"proceed\" | \"decline\" | \"authentication_required\" | \"sleep:MS\" | \"throw\" | \"reenter\"}
  {\"op\": \"apdu\", \"hex\": HEX}     {\"op\": \"field_off\", \"reason\": \"link_loss\" | \"deselected\"}
  {\"op\": \"card_insert\", \"atr\": HEX}     {\"op\": \"card_remove\"}
  {\"op\": \"clock\", \"set\": TIME | \"advance_ms\": N, \"boot_ms\": N}
  {\"op\": \"status\"}     {\"op\": \"history\", \"instrument\": ID}     {\"op\": \"shutdown\"}
  {\"op\": \"what_if\", \"terminal\": {\"amount\": N, \"currency\": \"985\", \"country\": \"616\", \"MCC\": \"5411\", \"9F34\": HEX, \"9F33\": HEX, \"9F35\": HEX,
      \"9F1D\": HEX, \"9F7E\": HEX, \"9C\": HEX, \"request\": \"ARQC\" | \"TC\" | \"AAC\", \"cda\": BOOL, \"mag_stripe\": BOOL}}
  {\"op\": \"security_event\", \"kind\": TEXT}     {\"op\": \"wipe\"}
  {\"op\": \"export_trace\"}     {\"op\": \"replay\", \"trace\": {…}}

\"config\", with defaults; amounts in minor units of the currency:
  cvm_model \"Always\" | \"Flexible\" | \"CardLike\" (the profile's, else Flexible), auth_validity_s 45 (1-300), auth_max_payments 3,
  dual_tap_timeout_s (the profile's, else 30), apdu_timeout_ms 5000, replenish_threshold 5, max_stored_credentials 1000,
  velocity {max_consecutive_lvt (0-50), max_cumulative_lvt, single_lvt_limit, domestic_currency (the card's)},
  transit_enabled true, transit_without_cdcvm false, allow_when_locked false, mag_stripe false, extra_pdol [], extra_udol [],
  link_loss_retry_limit 0 (0-10), link_loss_retry_window_ms 2000 (500-10000), host_budget_ms 200, history_limit 100,
  burn_after_reboot 2, freeze_on_security_event false

Every answer has \"ok\" and may have \"events\", what the app was told meanwhile; a request that cannot be met answers {\"ok\":false,\"error\":{\"code\":…,\"detail\":…}}.
\"micros\" is how long the wallet took; all else in a run with \"seed\" and \"clock\" repeats to the byte.
Everything is kept in state_dir, encrypted under a key that the file \"vault\" holds (absent: state_dir + \".vault\"); setup on an
existing state_dir opens what is there. Without state_dir the wallet forgets everything with the process. setup also takes
\"start_over\": true (destroys what is there first) and \"boot\": TEXT (which start of the device this is meant to be).

With --vpcd commands come from whatever program reads the card, beside the requests, which set the wallet up as ever; what
the app is told meanwhile comes with the next answer. The card is in the reader from the start. card_remove takes it out, and
its outcome is how the latest tap there ended; card_insert puts it back, with the --atr or its own. Where the reader takes its
power away, resets the card or goes, or the card is taken out, the field is lost, as with field_off and link_loss: a tap that
was not through gives its credential back. The event reader_gone {detail} tells that there is no reader, or none any more;
card_insert tries again. Codes: NO_READER (no --vpcd), READER_UNREACHABLE, CARD_INSERTED, CARD_NOT_INSERTED.";
