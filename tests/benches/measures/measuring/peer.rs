use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// A program beside us: for each line `OPERATION NUMBER` it does something so many times, and says how many nanoseconds
/// that took.
pub(crate) struct Peer(RefCell<Conversation>);

struct Conversation {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Peer {
    /// OpenSSL's libcrypto, where a C compiler and its headers are here; RSA keys are read from the file.
    pub(crate) fn openssl(keys: &Path) -> Option<Self> {
        Self::start(Command::new(Self::openssl_program()?).arg(keys))
    }

    /// The program that is OpenSSL's side.
    pub(crate) fn openssl_program() -> Option<PathBuf> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        // Put in place whole, for two runs may want it at once.
        let (program, made) =
            (folder.join("openssl-peer"), folder.join(format!("openssl-peer-{}", std::process::id())));
        let mut compile = Command::new("cc");
        compile.args(["-O2", "-Wno-deprecated-declarations", "-o"]).arg(&made);
        compile.arg(source("openssl.c")).arg("-lcrypto").stderr(Stdio::null());
        let compiled = compile.status().is_ok_and(|status| status.success());
        (compiled && std::fs::rename(made, &program).is_ok()).then_some(program)
    }

    /// The Java machine's own cryptography, where one is here.
    pub(crate) fn java() -> Option<Self> {
        Self::start(Command::new("java").arg(source("Jvm.java")))
    }

    fn start(command: &mut Command) -> Option<Self> {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
        let (input, output) = (process.stdin.take()?, BufReader::new(process.stdout.take()?));
        let peer = Self(RefCell::new(Conversation { process, input, output }));
        peer.ask("hello 1").map(|_| peer)
    }

    /// How long so many operations take there.
    ///
    /// # Panics
    /// When the peer does not know the operation, or has ended.
    pub(crate) fn time(&self, operation: &str, number: u32) -> Duration {
        let nanoseconds = self.ask(&format!("{operation} {number}"));
        Duration::from_nanos(nanoseconds.unwrap_or_else(|| panic!("a peer cannot do {operation}")))
    }

    fn ask(&self, request: &str) -> Option<u64> {
        let mut conversation = self.0.borrow_mut();
        writeln!(conversation.input, "{request}").and_then(|()| conversation.input.flush()).ok()?;
        let mut answer = String::new();
        conversation.output.read_line(&mut answer).ok()?;
        answer.trim().parse().ok()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let conversation = self.0.get_mut();
        // It ends by itself when its input does; a peer that hangs is not waited for.
        let _ = conversation.process.kill();
        let _ = conversation.process.wait();
    }
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/measures/peers").join(name)
}
