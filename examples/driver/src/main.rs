//! The wallet core on standard input and output, one JSON object a line.

use driver::{Driver, Line, Lines};
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args().len() > 1 {
        println!("{HELP}");
        return ExitCode::SUCCESS;
    }
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever listened has gone.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("driver: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> io::Result<()> {
    let mut driver = Driver::default();
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
The wallet core on standard input and output: one JSON object a line in, one out.

  {\"op\": \"setup\", \"state_dir\": DIR, \"vault\": FILE, \"config\": {…}, \"seed\": N, \"clock\": TIME}
  {\"op\": \"install_profile\", \"instrument\": ID, \"profile\": {…}, \"keys\": {\"data_encryption_key\": HEX, \"icc_kek\": HEX}}
  {\"op\": \"load_credentials\", \"instrument\": ID, \"credentials\": [{\"atc\": N, \"idn\": HEX, \"contactless_umd\": HEX, \"contactless_md\": HEX}]}
  {\"op\": \"activate\" | \"suspend\" | \"delete\" | \"set_default\" | \"select\", \"instrument\": ID}
  {\"op\": \"authenticate\", \"method\": \"fingerprint\", \"instrument\": ID}     {\"op\": \"clear_authentication\"}
  {\"op\": \"apdu\", \"hex\": HEX}     {\"op\": \"field_off\", \"reason\": \"link_loss\" | \"deselected\"}
  {\"op\": \"clock\", \"set\": TIME | \"advance_ms\": N, \"boot_ms\": N}
  {\"op\": \"status\"}     {\"op\": \"shutdown\"}

Every answer has \"ok\"; a request that cannot be met answers {\"ok\":false,\"error\":{\"code\":…,\"detail\":…}}.
\"micros\" is how long the wallet took; all else in a run with \"seed\" and \"clock\" repeats to the byte. Nothing is kept on
disk yet: state_dir and vault are accepted and left alone.";
