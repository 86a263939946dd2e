//! The methods of `dev.bezant.wallet.internal.Native`.

use super::policy::{Answer, Answered, Silent, Throw};
use super::port::{Port, PortClock, PortVault};
use super::{Broken, arrays};
use crate::boot_clock::BootClock;
use crate::failure::Failed;
use crate::slot::{self, Held};
use crate::{config, profile, told};
use bezant::apdu::Reply;
use bezant::card::ProfileKeys;
use bezant::cdcvm::CdcvmMethod;
use bezant::platform::{Clock, KeyVault, SystemRng};
use bezant::storage::{BootId, FileVault, StoreLocation, StoreParts};
use bezant::wallet::{DeactivationReason, DeviceState, Platform, Progress, Unanswered};
use bezant::{Wallet, WalletError};
use jni::objects::{JByteArray, JClass, JObject, JString};
use jni::sys::{jboolean, jint};
use jni::{Env, EnvUnowned};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Commands whose answers have to wait, in the order they came, each with the wallet that has begun it. Kotlin finishes them on one
/// thread, in that order.
static UNANSWERED: Mutex<VecDeque<(Held, Unanswered)>> = Mutex::new(VecDeque::new());

fn unanswered() -> std::sync::MutexGuard<'static, VecDeque<(Held, Unanswered)>> {
    UNANSWERED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Exports a method: its name, its policy, its arguments and what it does.
macro_rules! export {
    ($name:ident($($argument:ident: $type:ty),*) -> $returns:ty, $policy:ty, |$env:ident| $body:expr) => {
        // SAFETY: the name is the one that the JVM looks for, and nothing else in the library has it.
        #[unsafe(no_mangle)]
        extern "system" fn $name<'local>(
            mut unowned: EnvUnowned<'local>,
            _class: JClass<'local>,
            $($argument: $type),*
        ) -> $returns {
            unowned.with_env(|$env| -> Result<$returns, Broken> { $body }).resolve::<$policy>()
        }
    };
}

export!(Java_dev_bezant_wallet_internal_Native_begin(command: JByteArray<'local>) -> Answered, Answer, |env| {
    let command = arrays::CommandBytes::read(env, &command)?;
    let wallet = slot::wallet()?;
    match wallet.begin_command_apdu(command.as_slice()) {
        Progress::Answered(reply) => Ok(Answered::with(env, &reply)?),
        Progress::Waiting(waiting) => {
            unanswered().push_back((wallet, waiting));
            Ok(Answered::default())
        }
    }
});

export!(Java_dev_bezant_wallet_internal_Native_finish() -> Answered, Answer, |env| {
    let reply = match unanswered().pop_front() {
        Some((wallet, waiting)) => wallet.finish_command_apdu(waiting),
        None => Reply::new(),
    };
    Ok(Answered::with(env, &reply)?)
});

export!(Java_dev_bezant_wallet_internal_Native_answer(command: JByteArray<'local>) -> Answered, Answer, |env| {
    let command = arrays::CommandBytes::read(env, &command)?;
    let reply = slot::wallet()?.process_command_apdu(command.as_slice());
    Ok(Answered::with(env, &reply)?)
});

export!(Java_dev_bezant_wallet_internal_Native_deactivated(deselected: jboolean, waits: jboolean) -> jboolean, Silent, |_env| {
    let reason = if deselected { DeactivationReason::Deselected } else { DeactivationReason::LinkLoss };
    let Ok(wallet) = slot::wallet() else { return Ok(true) };
    if !waits {
        return Ok(wallet.try_on_deactivated(reason));
    }
    wallet.on_deactivated(reason);
    Ok(true)
});

export!(Java_dev_bezant_wallet_internal_Native_device(locked: jboolean, screen_on: jboolean, waits: jboolean) -> jboolean, Silent, |_env| {
    let device = DeviceState { locked, screen_on };
    let Ok(wallet) = slot::wallet() else { return Ok(true) };
    if !waits {
        return Ok(wallet.try_set_device_state(device));
    }
    wallet.set_device_state(device);
    Ok(true)
});

export!(Java_dev_bezant_wallet_internal_Native_open(
    lines: JString<'local>,
    folder: JString<'local>,
    boot: JString<'local>,
    port: JObject<'local>,
    has_vault: jboolean,
    has_clock: jboolean
) -> (), Throw, |env| {
    let config = config::read(&lines.try_to_string(env)?)?;
    let folder = folder.try_to_string(env)?;
    let boot = if boot.is_null() { BootId::of_system() } else { Some(BootId::new(&boot.try_to_string(env)?)) };
    let port = Port::look_up(env, &port)?;
    slot::fill(|| {
        let clock: Box<dyn Clock> = if has_clock { Box::new(PortClock(port.clone())) } else { Box::new(BootClock) };
        let platform = Platform { clock, rng: Box::new(SystemRng::default()), host: Some(Arc::new(port.clone())) };
        let parts = StoreParts { boot, ..StoreParts::new(vault(has_vault.then_some(port), &folder)) };
        Ok(Wallet::open_in_background(config, platform, &StoreLocation::new(&folder), parts)?)
    })?;
    Ok(())
});

export!(Java_dev_bezant_wallet_internal_Native_awaitUsable() -> (), Throw, |_env| {
    Ok(slot::wallet()?.ensure_usable()?)
});

export!(Java_dev_bezant_wallet_internal_Native_close() -> (), Silent, |_env| {
    slot::empty();
    Ok(())
});

export!(Java_dev_bezant_wallet_internal_Native_erase(
    folder: JString<'local>,
    port: JObject<'local>,
    has_vault: jboolean
) -> (), Throw, |env| {
    let folder = folder.try_to_string(env)?;
    let port = Port::look_up(env, &port)?;
    let mut vault = vault(has_vault.then_some(port), &folder);
    StoreLocation::new(&folder).erase(&mut *vault, None).map_err(WalletError::from)?;
    Ok(())
});

export!(Java_dev_bezant_wallet_internal_Native_installProfile(
    id: JString<'local>,
    json: JByteArray<'local>,
    data_encryption_key: JByteArray<'local>,
    icc_kek: JByteArray<'local>
) -> (), Throw, |env| {
    // All of it is wiped, whatever is wrong with one of them.
    let json = arrays::take_secret(env, &json)?;
    let (data_encryption_key, icc_kek) = (arrays::take_key(env, &data_encryption_key)?, arrays::take_key(env, &icc_kek)?);
    let keys = ProfileKeys {
        data_encryption_key: profile::wrapping_key("dataEncryptionKey", data_encryption_key)?,
        icc_kek: profile::wrapping_key("iccKek", icc_kek)?,
    };
    let id = profile::instrument_id(&id.try_to_string(env)?)?;
    Ok(slot::wallet()?.install_profile(id, profile::parse_profile(&json, &keys)?)?)
});

export!(Java_dev_bezant_wallet_internal_Native_loadCredentials(
    id: JString<'local>,
    json: JByteArray<'local>
) -> jint, Throw, |env| {
    let json = arrays::take_secret(env, &json)?;
    let id = profile::instrument_id(&id.try_to_string(env)?)?;
    let left = slot::wallet()?.load_credentials(&id, profile::parse_credentials(&json)?)?;
    Ok(jint::try_from(left).unwrap_or(jint::MAX))
});

export!(Java_dev_bezant_wallet_internal_Native_select(id: JString<'local>) -> (), Throw, |env| {
    let id = profile::instrument_id(&id.try_to_string(env)?)?;
    Ok(slot::wallet()?.select_for_payment(&id)?)
});

export!(Java_dev_bezant_wallet_internal_Native_authenticated(
    method: JString<'local>,
    instrument: JString<'local>
) -> jint, Throw, |env| {
    let code = method.try_to_string(env)?;
    let method = CdcvmMethod::from_code(&code).ok_or_else(|| Failed::new("INTERNAL", "an unknown method"))?;
    let instrument = optional(env, &instrument)?.map(|id| profile::instrument_id(&id)).transpose()?;
    let seconds = slot::wallet()?.set_user_authenticated(method, instrument.as_ref(), None)?;
    Ok(jint::try_from(seconds).unwrap_or(jint::MAX))
});

export!(Java_dev_bezant_wallet_internal_Native_clearAuthentication() -> (), Throw, |_env| {
    slot::wallet()?.clear_user_authentication();
    Ok(())
});

export!(Java_dev_bezant_wallet_internal_Native_payments() -> JByteArray<'local>, Throw, |env| {
    let wallet = slot::wallet()?;
    wallet.ensure_usable()?;
    Ok(env.byte_array_from_slice(&told::payments(&wallet.history(None)))?)
});

export!(Java_dev_bezant_wallet_internal_Native_version() -> JString<'local>, Throw, |env| {
    Ok(env.new_string(env!("CARGO_PKG_VERSION"))?)
});

export!(Java_dev_bezant_wallet_internal_Native_grade() -> JString<'local>, Throw, |env| {
    Ok(env.new_string(GRADE)?)
});

export!(Java_dev_bezant_wallet_internal_Native_abi() -> JString<'local>, Throw, |env| {
    let os = if cfg!(target_os = "android") { "android" } else { std::env::consts::OS };
    Ok(env.new_string(format!("{os}-{}", std::env::consts::ARCH))?)
});

fn optional(env: &Env<'_>, text: &JString<'_>) -> jni::errors::Result<Option<String>> {
    if text.is_null() { Ok(None) } else { text.try_to_string(env).map(Some) }
}

/// The port's vault, or on a desk a file beside the store.
fn vault(port: Option<Port>, folder: &str) -> Box<dyn KeyVault> {
    match port {
        Some(port) => Box::new(PortVault(port)),
        None => Box::new(FileVault::new(format!("{folder}.vault"))),
    }
}

// For the bench of the bridge: bytes there and back, as a command and its answer cross.
#[cfg(feature = "bench")]
export!(Java_dev_bezant_wallet_testkit_bench_BridgeEcho_echo(command: JByteArray<'local>) -> Answered, Answer, |env| {
    let command = arrays::CommandBytes::read(env, &command)?;
    Ok(Answered::bytes(env, command.as_slice())?)
});

/// How this library was made: `release` with the NDK, `ci` without, `desk` for tests on a JVM.
const GRADE: &str = match option_env!("BEZANT_GRADE") {
    Some(grade) => grade,
    None => "desk",
};
