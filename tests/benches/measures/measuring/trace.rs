use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// Where a run went: every instruction's address and every address that was read or written, in order, as valgrind's lackey
/// tells them; `None` where there is no valgrind. The dynamic linker, which works before, reads what differs from run to run.
///
/// # Panics
/// When the program fails.
pub(crate) fn trace(program: &Path, arguments: &[&str]) -> Option<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=lackey", "--trace-mem=yes"]).arg(program).args(arguments);
    let mut process = valgrind.stderr(Stdio::piped()).spawn().ok()?;
    let mut steps = BufReader::new(process.stderr.take()?);
    let (mut hasher, mut line) = (DefaultHasher::new(), Vec::new());
    let mut is_linked = false;
    while steps.read_until(b'\n', &mut line).unwrap() > 0 {
        is_linked |= line.starts_with(PROGRAM);
        // Words of valgrind itself name the process.
        if is_linked && !line.starts_with(b"==") {
            line.hash(&mut hasher);
        }
        line.clear();
    }
    assert!(is_linked, "the program does not lie where valgrind puts it");
    assert!(process.wait().unwrap().success(), "{} {arguments:?}", program.display());
    Some(hasher.finish())
}

/// An instruction of the program: valgrind maps it below the linker and all libraries.
const PROGRAM: &[u8] = b"I  00";
