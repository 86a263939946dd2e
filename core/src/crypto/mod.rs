//! Secrets, and what a payment card computes with them: bytes in, bytes out.
//!
//! Side channels: comparisons of secrets, DES and the RSA arithmetic are constant in time: neither a branch nor an
//! address depends on a secret. AES unwrapping runs once, when a profile is installed.
//!
//! Memory: secrets stay in one place on the heap and are wiped there; what a computation leaves of them on the stack is
//! overwritten when it ends (`stack`).

mod cda;
mod cryptogram;
mod cvc3;
mod des;
mod digest;
mod key_wrap;
mod retail_mac;
mod rsa_crt;
mod secret;
mod session_keys;
mod stack;
mod transaction_id;

pub use cda::{CdaFault, DynamicData, sign_dynamic_data};
pub use cryptogram::{CRYPTOGRAM_INPUT_LENGTH, CryptogramInput, application_cryptogram, application_cryptograms};
pub use cvc3::{Cvc3, derive_cvc3};
pub use key_wrap::{UnwrapError, WrappingKey};
pub use retail_mac::{retail_mac, retail_macs};
pub use rsa_crt::{CrtParts, IccPrivateKey, IccPrivateKeyError, SignatureFault};
pub use secret::{Secret, SecretBytes};
pub use session_keys::{IccDynamicNumber, RandomKeys, SessionKeys};
pub use transaction_id::{TransactionId, derive_transaction_id};
