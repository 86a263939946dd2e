use std::path::Path;

use serde_json::Value;

use super::LinkError;

/// Driver requests that prepare a card for its tap.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// The requests, in order.
    pub requests: Vec<Value>,
}

impl Script {
    /// Reads plain JSON lines or a transcript (`> ` before a request, `< ` before an answer).
    ///
    /// The operations `apdu`, `field_off` and `shutdown` are left out: the terminal does those itself.
    /// A text `(the object of FILE)` stands for the JSON of FILE, looked up in `folder`;
    /// a path that starts with `DIR` lies in `state`.
    pub fn parse(text: &str, folder: &Path, state: &Path) -> Result<Self, LinkError> {
        let mut requests = Vec::new();
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with(['<', '#']) {
                continue;
            }
            let json = line.strip_prefix('>').unwrap_or(line);
            let mut request: Value = serde_json::from_str(json)
                .map_err(|_| LinkError::Unreadable { line: line.to_owned(), expected: "a request in JSON" })?;
            if request.get("op").and_then(Value::as_str).is_some_and(|op| TERMINAL_OPERATIONS.contains(&op)) {
                continue;
            }
            resolve(&mut request, folder, state)?;
            requests.push(request);
        }
        Ok(Self { requests })
    }
}

fn resolve(request: &mut Value, folder: &Path, state: &Path) -> Result<(), LinkError> {
    let Some(fields) = request.as_object_mut() else { return Ok(()) };
    for (name, value) in fields {
        let Some(text) = value.as_str() else { continue };
        if let Some(file) = text.strip_prefix("(the object of ").and_then(|rest| rest.strip_suffix(')')) {
            let json = std::fs::read_to_string(folder.join(file))
                .map_err(|source| LinkError::Io { action: "reading a file that the script names", source })?;
            *value = serde_json::from_str(&json)
                .map_err(|_| LinkError::Unreadable { line: file.to_owned(), expected: "a JSON file" })?;
        } else if STATE_FIELDS.contains(&name.as_str()) && text.starts_with("DIR") {
            *value = Value::from(state.join(text).to_string_lossy());
        }
    }
    Ok(())
}

const TERMINAL_OPERATIONS: [&str; 3] = ["apdu", "field_off", "shutdown"];

const STATE_FIELDS: [&str; 2] = ["state_dir", "vault"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_and_plain_lines_give_the_same_requests() {
        let transcript = "> {\"op\": \"setup\", \"state_dir\": \"DIR\", \"vault\": \"DIR.vault\"}\n< {\"ok\": true}\n\
            > {\"op\": \"apdu\", \"hex\": \"00\"}\n{\"op\": \"activate\", \"instrument\": \"card-1\"}\n";
        let script = Script::parse(transcript, Path::new("."), Path::new("/s")).unwrap();
        assert_eq!(
            script.requests,
            [
                serde_json::json!({"op": "setup", "state_dir": "/s/DIR", "vault": "/s/DIR.vault"}),
                serde_json::json!({"op": "activate", "instrument": "card-1"}),
            ]
        );
    }

    #[test]
    fn an_unreadable_line_is_shown() {
        let error = Script::parse("> nonsense", Path::new("."), Path::new(".")).unwrap_err();
        assert!(error.to_string().contains("nonsense"));
    }
}
