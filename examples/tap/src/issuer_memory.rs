//! What the issuer of a kept card remembers from run to run: a small file beside the wallet.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::arguments::Model;

/// The issuer's side of one card; all its keys follow from the seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IssuerMemory {
    /// `--seed` of the run that made the card.
    pub(crate) seed: u64,
    /// Its `--model`.
    pub(crate) model: Model,
    /// The highest counter of a credential that was issued.
    pub(crate) issued: u16,
    /// The counters under which the card has answered, rising.
    pub(crate) used: Vec<u16>,
}

impl IssuerMemory {
    /// What the file holds; `None` when there is none.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Option<Self>> {
        let text = match fs::read(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            read => read.with_context(|| path.display().to_string())?,
        };
        serde_json::from_slice(&text).map(Some).with_context(|| path.display().to_string())
    }

    /// Writes the file, whole or not at all, and for good: no counter may be issued twice, whatever happens next.
    pub(crate) fn write(&self, path: &Path) -> anyhow::Result<()> {
        let draft = path.with_extension("draft");
        let write = || {
            let mut file = File::create(&draft)?;
            file.write_all(serde_json::to_string(self)?.as_bytes())?;
            file.sync_all()?;
            fs::rename(&draft, path)?;
            File::open(path.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf))?.sync_all()
        };
        write().with_context(|| path.display().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("issuer.json");
        assert_eq!(IssuerMemory::read(&path).unwrap(), None);
        let memory = IssuerMemory { seed: 7, model: Model::CardLike, issued: 10, used: vec![1, 4] };
        memory.write(&path).unwrap();
        assert_eq!(IssuerMemory::read(&path).unwrap(), Some(memory));
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text, r#"{"seed":7,"model":"card-like","issued":10,"used":[1,4]}"#);
        for torn in ["", "{}", &text[..20], &text.replace("10", "70000"), &text.replace("seed", "sead")] {
            fs::write(&path, torn).unwrap();
            assert!(IssuerMemory::read(&path).is_err_and(|error| error.to_string().contains("issuer.json")), "{torn}");
        }
    }
}
