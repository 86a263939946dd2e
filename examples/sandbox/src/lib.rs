//! The parties around a wallet, simulated: the token service that makes a card and its credentials, the issuer that
//! judges what the card answers, and the network that carries the question from the acquirer to the issuer.
//!
//! This package is a judge of the wallet core and shares no code with it: what one of them gets wrong, the other
//! finds out. Every key here is synthetic and every secret repeatable from a seed. Never put a real card in.
//!
//! ```
//! use sandbox::{CaSize, CardSpec, Network, TokenService};
//!
//! let mut tokens = TokenService::new(1, CaSize::Bits1152)?;
//! let card = tokens.personalise(&CardSpec::default())?;
//! let credentials = tokens.issue_credentials(&card.pan, 5)?;
//! assert_eq!(credentials.len(), 5);
//! // The wallet installs `card.profile_v2` and `credentials`; what the terminal sends on goes to the network.
//! let network = Network::new(tokens.issuer().clone());
//! # Ok::<(), sandbox::TokenServiceError>(())
//! ```

mod authorisation;
mod card_data;
pub mod certificates;
mod credentials;
pub mod cryptogram;
mod dates;
pub mod diversification;
mod issuer;
pub mod keys;
mod mag_stripe;
mod network;
mod profile;
mod signature;
mod tlv;
mod token_service;
mod verification;

pub use authorisation::{AuthorisationRequest, RequestError, SignedData, tag};
pub use card_data::{AlternateApplication, CardSpec, CvmModel, MagStripe, UmdGeneration};
pub use credentials::{CaPublicKey, Credential, CredentialsError, CredentialsFile};
pub use dates::ExpiryDate;
pub use issuer::Issuer;
pub use mag_stripe::{MagStripeRequest, MagStripeVerification};
pub use network::{Account, Assessment, Decision, DeclineReason, Network};
pub use token_service::{CaSize, PersonalisedCard, TokenService, TokenServiceError};
pub use verification::{AmountBinding, Cda, CdaFault, Conditions, Cryptogram, CvrFacts, Freshness, Verification};
