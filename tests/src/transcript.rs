use crate::{bytes, file};

/// One command and its answer.
pub struct Exchange {
    /// What the comment above says.
    pub title: String,
    /// The command, behind `>`.
    pub command: Vec<u8>,
    /// The answer with its status word, behind `<`.
    pub answer: Vec<u8>,
}

/// The exchanges of a file below `tests/transcripts/`.
#[must_use]
pub fn transcript(name: &str) -> Vec<Exchange> {
    let (mut exchanges, mut title, mut command) = (Vec::new(), String::new(), None);
    for line in file(&format!("transcripts/{name}")).lines() {
        match line.split_at_checked(2) {
            Some(("# ", text)) => text.clone_into(&mut title),
            Some(("> ", hex)) => command = Some(bytes(hex)),
            Some(("< ", hex)) => {
                let command = command.take().unwrap_or_else(|| panic!("{name}: an answer without a command"));
                exchanges.push(Exchange { title: title.clone(), command, answer: bytes(hex) });
            }
            _ => assert!(line.trim().is_empty() || line.starts_with('#'), "{name}: {line}"),
        }
    }
    exchanges
}
