//! Cardholder verification on the device, and what it means for a tap. Pure: times come in as arguments.

mod advise;
mod authentication;

pub use advise::{Assessment, Situation, advise};
pub use authentication::{Authentication, AuthenticationPolicy, CdcvmMethod, Standing};
