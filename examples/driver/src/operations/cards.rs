use super::{Session, instrument_id};
use crate::answer::{Failure, Fields};
use crate::request::{InstallProfile, LoadCredentials, OfInstrument};
use bezant::card::{CardProfile, ProfileKeys};
use bezant::crypto::{SecretBytes, WrappingKey};
use bezant::instrument::{CredentialDocument, InstrumentId, TransactionCredential};
use bezant::{Wallet, WalletError};
use zeroize::Zeroizing;

impl Session {
    pub(super) fn install_profile(&self, request: &InstallProfile<'_>) -> Result<Fields, Failure> {
        let wallet = self.wallet()?;
        let id = instrument_id(&request.instrument)?;
        let given = request.keys.as_ref();
        let keys = ProfileKeys {
            data_encryption_key: wrapping_key("data_encryption_key", given.and_then(|keys| keys.data_encryption_key))?,
            icc_kek: wrapping_key("icc_kek", given.and_then(|keys| keys.icc_kek))?,
        };
        // A profile may also come as a string that holds its JSON.
        let json = match serde_json::from_str::<String>(request.profile.get()) {
            Ok(quoted) => Some(Zeroizing::new(quoted)),
            Err(_) => None,
        };
        let json = json.as_ref().map_or(request.profile.get(), |quoted| quoted.as_str());
        let profile = CardProfile::parse(json, &keys).map_err(WalletError::from)?;
        let unknown_fields = profile.unknown_fields().to_vec();
        wallet.install_profile(id, profile)?;
        Ok(Fields { unknown_fields, ..Fields::default() })
    }

    pub(super) fn load_credentials(&self, request: &LoadCredentials<'_>) -> Result<Fields, Failure> {
        let wallet = self.wallet()?;
        let id = instrument_id(&request.instrument)?;
        let credentials = request.credentials.iter().enumerate().map(credential).collect::<Result<_, _>>()?;
        let credentials_left = Some(wallet.load_credentials(&id, credentials)?);
        Ok(Fields { credentials_left, ..Fields::default() })
    }

    pub(super) fn instrument(
        &self,
        request: &OfInstrument,
        operation: impl FnOnce(&Wallet, &InstrumentId) -> Result<(), WalletError>,
    ) -> Result<Fields, Failure> {
        operation(self.wallet()?, &instrument_id(&request.instrument)?)?;
        Ok(Fields::default())
    }
}

fn wrapping_key(name: &str, hex: Option<&str>) -> Result<Option<WrappingKey>, Failure> {
    let wants =
        || Failure::invalid_request(format!("keys.{name}: wants an AES key of 16, 24 or 32 bytes in hexadecimal"));
    let Some(hex) = hex else { return Ok(None) };
    let key = SecretBytes::try_new(hex.len() / 2, |room| decode(hex, room)).map_err(|()| wants())?;
    WrappingKey::new(key).map(Some).ok_or_else(wants)
}

fn credential((i, given): (usize, &CredentialDocument<'_>)) -> Result<TransactionCredential, Failure> {
    given.read().map_err(|error| Failure::new("CREDENTIALS_INVALID", format!("credentials[{i}].{error}")))
}

fn decode(hex: &str, room: &mut [u8]) -> Result<(), ()> {
    let whole = base16ct::mixed::decode(hex, room).is_ok_and(|decoded| decoded.len() * 2 == hex.len());
    if whole && hex.len() == room.len() * 2 { Ok(()) } else { Err(()) }
}
