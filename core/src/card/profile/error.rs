use core::fmt;

/// A profile that cannot be used: where, what was found, what is wanted. Values are never part of it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{field}: found {found}, wants {wants}")]
pub struct ProfileError {
    /// The field.
    pub field: ProfileField,
    /// What was found there, by kind and size.
    pub found: String,
    /// What is wanted there.
    pub wants: String,
}

/// The path of a field in a profile, such as `mppLiteModule.contactlessPaymentData.records[2].sfi`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProfileField(String);

impl ProfileField {
    /// The document itself.
    pub(super) fn root() -> Self {
        Self(String::new())
    }

    pub(super) fn member(&self, name: &str) -> Self {
        if self.0.is_empty() { Self(name.into()) } else { Self(format!("{}.{name}", self.0)) }
    }

    pub(super) fn item(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    /// The field of the wallet's own configuration with this name.
    pub(crate) fn of_configuration(name: &str) -> Self {
        Self(name.into())
    }

    pub(crate) fn error(&self, found: impl Into<String>, wants: impl Into<String>) -> ProfileError {
        ProfileError { field: self.clone(), found: found.into(), wants: wants.into() }
    }
}

impl fmt::Display for ProfileField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "the profile" } else { &self.0 })
    }
}
