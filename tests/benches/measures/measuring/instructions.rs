use std::path::Path;
use std::process::Command;

/// What callgrind counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instructions(pub u64);

/// Counts the instructions inside the functions whose name holds `counted`, while `program` runs with these arguments;
/// `None` where there is no valgrind.
///
/// Valgrind shows the program a processor without the newest extensions, and counts a repeated string instruction once
/// for each byte: figures are to be held against figures of the same kind only.
///
/// # Panics
/// When the program fails.
pub(crate) fn count(program: &Path, arguments: &[&str], counted: &str) -> Option<Instructions> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(format!("--toggle-collect=*{counted}*")).arg(program).args(arguments);
    let output = valgrind.output().ok()?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} {arguments:?}: {said}", program.display());
    let collected = said.lines().find_map(|line| line.split_once("Collected : ")).map(|(_, number)| number.trim());
    Some(Instructions(collected.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{said}"))))
}
