use super::Wallet;
use super::host::WalletEvent;
use super::state::{DeviceState, UserAuthentication, WalletState};
use crate::cdcvm::{Authentication, CdcvmMethod};
use crate::error::{ErrorCode, WalletError};
use crate::instrument::InstrumentId;
use crate::recording::Act;

/// The cardholder's latest verification, as an app sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct AuthenticationSummary {
    /// How.
    pub method: CdcvmMethod,
    /// How old it is, in milliseconds; unknown when the device has restarted since.
    pub age_ms: Option<u64>,
    /// How many payments it has served.
    pub payments: u32,
}

impl Wallet {
    /// Tells that the device has just verified the cardholder, for all cards or for one, before a tap or in the middle of
    /// it; gives for how many seconds that serves. It takes the place of any earlier verification. A mobile PIN is not
    /// supported: `mobile_pin` is there to be refused when it is not empty.
    ///
    /// # Errors
    /// [`ErrorCode::MobilePinNotSupported`], [`ErrorCode::InstrumentNotFound`].
    pub fn set_user_authenticated(
        &self,
        method: CdcvmMethod,
        instrument: Option<&InstrumentId>,
        mobile_pin: Option<&[u8]>,
    ) -> Result<u32, WalletError> {
        if mobile_pin.is_some_and(|pin| !pin.is_empty()) {
            let detail = "verification is local to the device; no mobile PIN is taken or kept";
            return Err(WalletError::new(ErrorCode::MobilePinNotSupported, detail));
        }
        self.usable()?.authenticate(method, instrument)
    }

    /// Forgets the cardholder's verification.
    pub fn clear_user_authentication(&self) {
        self.lock().forget_authentication();
    }

    /// The cardholder's latest verification, fresh or not.
    #[must_use]
    pub fn authentication(&self) -> Option<AuthenticationSummary> {
        let state = self.lock();
        let Authentication { method, at, payments } = state.authentication.as_ref()?.authentication;
        Some(AuthenticationSummary { method, age_ms: state.clock.now().ms_since(at), payments })
    }

    /// Tells how the device stands: unless the configuration allows it, a locked one pays nothing, whoever was verified.
    pub fn set_device_state(&self, device: DeviceState) {
        self.lock().set_device(device);
    }

    /// Like [`Wallet::set_device_state`], for a thread that must not wait: gives whether it was told, which it is not while the
    /// wallet is busy.
    pub fn try_set_device_state(&self, device: DeviceState) -> bool {
        let Some(mut state) = self.shared.try_lock() else { return false };
        if state.device != device {
            state.set_device(device);
        }
        true
    }

    /// How the device stands, as it was told last.
    #[must_use]
    pub fn device_state(&self) -> DeviceState {
        self.lock().device
    }
}

impl WalletState {
    pub(super) fn authenticate(
        &mut self,
        method: CdcvmMethod,
        instrument: Option<&InstrumentId>,
    ) -> Result<u32, WalletError> {
        if let Some(id) = instrument {
            self.find(id)?;
        }
        let authentication = Authentication::new(method, self.clock.now());
        self.authentication = Some(UserAuthentication { authentication, instrument: instrument.cloned() });
        self.reserve_for_tap();
        let seconds_left = self.config.auth_validity_s;
        if self.is_ready_to_tap() {
            self.tell(WalletEvent::ReadyToTap { seconds_left });
        }
        self.record(|| Act::Authenticate {
            method: method.code().to_owned(),
            instrument: instrument.map(ToString::to_string),
        });
        Ok(seconds_left)
    }

    pub(super) fn forget_authentication(&mut self) {
        self.authentication = None;
        self.record(|| Act::ClearAuthentication);
    }

    pub(super) fn set_device(&mut self, device: DeviceState) {
        self.device = device;
        self.reserve_for_tap();
        let DeviceState { locked, screen_on } = device;
        self.record(|| Act::Device { locked, screen_on });
    }

    /// A card pays, has credentials, the verification is for it, and the device is not in the way.
    fn is_ready_to_tap(&self) -> bool {
        let Some(payable) = self.instruments.payable() else { return false };
        let served = self.standing(&payable.id, self.clock.now()).is_fresh();
        served && self.credentials_left(&payable.id) > 0 && (!self.device.locked || self.config.allow_when_locked)
    }
}
