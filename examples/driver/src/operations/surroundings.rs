use super::{Session, instrument_id, unix_ms};
use crate::answer::{Failure, Fields};
use crate::app::Manner;
use crate::request::{Authenticate, Clock, Device, HostDecision};
use bezant::cdcvm::CdcvmMethod;
use serde_json::value::RawValue;

impl Session {
    pub(super) fn authenticate(&self, request: &Authenticate<'_>) -> Result<Fields, Failure> {
        let wallet = self.wallet()?;
        let method = CdcvmMethod::from_code(&request.method).ok_or_else(|| {
            let names = CdcvmMethod::ALL.map(CdcvmMethod::code);
            Failure::invalid_request(format!("method: wants one of {}", names.join(", ")))
        })?;
        let id = request.instrument.as_deref().map(instrument_id).transpose()?;
        // Whatever stands there is a PIN, unless nothing does.
        let pin = request.pin.map(RawValue::get).filter(|pin| !matches!(*pin, "null" | "\"\""));
        wallet.set_user_authenticated(method, id.as_ref(), pin.map(str::as_bytes))?;
        Ok(Fields::default())
    }

    pub(super) fn clock(&self, request: &Clock) -> Result<Fields, Failure> {
        self.wallet()?;
        let clock = self.clock.as_ref().ok_or_else(|| {
            Failure::invalid_request("the wallet runs on the system's clock; give setup a clock to move it")
        })?;
        let set = request.set.as_deref().map(unix_ms).transpose()?;
        let advance = request.advance_ms.unwrap_or(0);
        clock.change(|now| {
            now.unix_ms = set.unwrap_or(now.unix_ms).saturating_add(advance);
            now.boot_ms = request.boot_ms.unwrap_or(now.boot_ms).saturating_add(advance);
        });
        Ok(Fields::default())
    }

    pub(super) fn device(&self, request: &Device) -> Result<Fields, Failure> {
        let wallet = self.wallet()?;
        let mut device = wallet.device_state();
        device.locked = request.locked.unwrap_or(device.locked);
        device.screen_on = request.screen_on.unwrap_or(device.screen_on);
        wallet.set_device_state(device);
        Ok(Fields::default())
    }

    pub(super) fn host(&self, request: &HostDecision) -> Result<Fields, Failure> {
        self.wallet()?;
        let manner = Manner::parse(&request.decision).ok_or_else(|| {
            Failure::invalid_request(
                "decision: wants follow, proceed, decline, authentication_required, sleep:MS, throw or reenter",
            )
        })?;
        self.app.behave(manner);
        Ok(Fields::default())
    }
}
