//! The decision: who verifies the cardholder, and what that means for a payment. Pure: times come in as arguments.
//!
//! ```
//! use bezant::cdcvm::{Decision, HostAnswer, PaymentPolicy, Situation, Standing, assess};
//! # fn decide(policy: &PaymentPolicy, situation: &Situation<'_>) {
//! let decision = Decision::new(assess(policy, situation), HostAnswer::NotAsked);
//! println!("{}: {decision}", decision.rule()); // NOT_VERIFIED: authentication required: …
//! # }
//! ```

mod assess;
mod authentication;
mod context;
mod decision;
mod objection;
mod velocity;

pub use assess::{Assessment, Ground, PaymentPolicy, Situation, assess};
pub use authentication::{Authentication, AuthenticationPolicy, CdcvmMethod, Standing};
pub use context::{ContextConflict, PaymentContext};
pub use decision::{Decision, HostAnswer};
pub use objection::{Objection, Wanted};
pub use velocity::{Charge, VelocityCounters, VelocityLimits};
