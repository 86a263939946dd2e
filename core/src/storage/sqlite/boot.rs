use serde::{Deserialize, Serialize};

/// Tells one start of the device from another.
///
/// ```
/// use bezant::storage::BootId;
/// assert_eq!(BootId::of_system(), BootId::of_system());
/// assert_ne!(BootId::new("before"), BootId::new("after"));
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BootId(String);

impl BootId {
    /// The boot of this name; a name of more than 64 characters is cut.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.chars().take(64).collect())
    }

    /// The boot of this device, where it tells (Linux and Android do, as `kernel.random.boot_id`).
    #[must_use]
    pub fn of_system() -> Option<Self> {
        let name = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        Some(Self::new(name.trim()))
    }
}
