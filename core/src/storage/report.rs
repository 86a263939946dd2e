use serde::{Deserialize, Serialize};

/// What a backend is to be told of a security event. It holds no secret, and it outlives the wipe.
///
/// ```
/// use bezant::storage::SecurityReport;
/// let report = SecurityReport::new("ROOTED", 1_768_471_200_000).ok_or("1 to 64 letters, digits, blanks or _-.:")?;
/// assert_eq!(report.kind, "ROOTED");
/// assert!(SecurityReport::new("", 0).is_none());
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SecurityReport {
    /// What has happened, in the app's words.
    pub kind: String,
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub unix_ms: u64,
}

impl SecurityReport {
    /// The report of an event; `None` unless `kind` has 1 to 64 ASCII letters, digits, blanks or `_-.:`.
    #[must_use]
    pub fn new(kind: &str, unix_ms: u64) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b" _-.:".contains(&byte);
        let sound = (1..=64).contains(&kind.len()) && kind.bytes().all(plain);
        sound.then(|| Self { kind: kind.into(), unix_ms })
    }
}
