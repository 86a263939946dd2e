//! `NativePort`: what Rust asks of Kotlin, on threads of its own. Methods are looked up once, when the wallet is opened, on a
//! thread that sees the app's classes.

use super::arrays;
use crate::told;
use bezant::crypto::Secret;
use bezant::emv::Advice;
use bezant::platform::{Clock, KeyVault, KeyVaultError, Moment};
use bezant::wallet::{AdviceInput, Host, HostFailed, WalletEvent};
use jni::objects::{Global, JByteArray, JMethodID, JObject};
use jni::signature::{Primitive, ReturnType};
use jni::sys::jvalue;
use jni::{Env, JavaVM, jni_sig, jni_str};
use std::sync::Arc;
use zeroize::Zeroizing;

/// A `NativePort`.
#[derive(Clone)]
pub(super) struct Port(Arc<Looked>);

struct Looked {
    vm: JavaVM,
    object: Global<JObject<'static>>,
    decide: JMethodID,
    event: JMethodID,
    vault: JMethodID,
    unix_millis: JMethodID,
    boot_millis: JMethodID,
}

impl Port {
    pub(super) fn look_up(env: &mut Env<'_>, object: &JObject<'_>) -> jni::errors::Result<Self> {
        let class = env.get_object_class(object)?;
        Ok(Self(Arc::new(Looked {
            vm: env.get_java_vm()?,
            object: env.new_global_ref(object)?,
            decide: env.get_method_id(&class, jni_str!("decide"), jni_sig!("([B)I"))?,
            event: env.get_method_id(&class, jni_str!("event"), jni_sig!("([B)V"))?,
            vault: env.get_method_id(&class, jni_str!("vault"), jni_sig!("(I[B)[B"))?,
            unix_millis: env.get_method_id(&class, jni_str!("unixMillis"), jni_sig!("()J"))?,
            boot_millis: env.get_method_id(&class, jni_str!("bootMillis"), jni_sig!("()J"))?,
        })))
    }

    fn call<T>(&self, call: impl FnOnce(&mut Env<'_>, &Looked) -> jni::errors::Result<T>) -> Option<T> {
        // An exception that Kotlin let through is caught and cleared here.
        self.0.vm.attach_current_thread(|env| call(env, &self.0)).ok()
    }

    /// A clock that fails must not be taken for one that stands: the command that needed it ends.
    fn time(&self, method: JMethodID) -> u64 {
        let time = self.call(|env, port| {
            // SAFETY: the method was looked up in the object's class by this signature: no argument, a long.
            unsafe { env.call_method_unchecked(&port.object, method, ReturnType::Primitive(Primitive::Long), &[])?.j() }
        });
        let time = time.and_then(|millis| u64::try_from(millis).ok());
        time.unwrap_or_else(|| std::panic::resume_unwind(Box::new("the clock fails")))
    }

    /// The answer's first byte is 0, or says what is wrong; see `NativePort.vault`.
    fn ask_vault(&self, operation: i32, argument: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyVaultError> {
        let answer = self.call(|env, port| {
            let argument = env.byte_array_from_slice(argument)?;
            let arguments = [jvalue { i: operation }, jvalue { l: argument.as_raw() }];
            // SAFETY: the method was looked up in the object's class by this signature: an int and a byte array, a byte array.
            let answer = unsafe { env.call_method_unchecked(&port.object, port.vault, ReturnType::Array, &arguments)? };
            arrays::wipe(env, &argument)?;
            let answer = env.cast_local::<JByteArray<'_>>(answer.l()?)?;
            arrays::take_secret(env, &answer)
        });
        match answer.as_ref().and_then(|answer| answer.split_first()) {
            Some((0, payload)) => Ok(Zeroizing::new(payload.to_vec())),
            Some((1, _)) => Err(KeyVaultError::Locked),
            Some((3, _)) => Err(KeyVaultError::KeyGone),
            Some((4, _)) => Err(KeyVaultError::OtherKey),
            _ => Err(KeyVaultError::Unavailable),
        }
    }
}

impl Host for Port {
    fn final_decision(&self, input: &AdviceInput) -> Result<Option<Advice>, HostFailed> {
        let question = told::question(input);
        let word = self.call(|env, port| {
            let question = env.byte_array_from_slice(&question)?;
            let arguments = [jvalue { l: question.as_raw() }];
            let returns = ReturnType::Primitive(Primitive::Int);
            // SAFETY: the method was looked up in the object's class by this signature: a byte array, an int.
            unsafe { env.call_method_unchecked(&port.object, port.decide, returns, &arguments)?.i() }
        });
        match word {
            Some(0) => Ok(None),
            Some(1) => Ok(Some(Advice::Proceed)),
            Some(2) => Ok(Some(Advice::Decline)),
            Some(3) => Ok(Some(Advice::AuthenticationRequired)),
            _ => Err(HostFailed),
        }
    }

    fn on_event(&self, event: &WalletEvent) {
        let event = told::event(event);
        let told = self.call(|env, port| {
            let event = env.byte_array_from_slice(&event)?;
            let arguments = [jvalue { l: event.as_raw() }];
            let returns = ReturnType::Primitive(Primitive::Void);
            // SAFETY: the method was looked up in the object's class by this signature: a byte array, nothing.
            unsafe { env.call_method_unchecked(&port.object, port.event, returns, &arguments)?.v() }
        });
        // The wallet counts a panic as an app that failed, and goes on.
        if told.is_none() {
            std::panic::resume_unwind(Box::new(HostFailed));
        }
    }
}

/// The vault of a port.
pub(super) struct PortVault(pub(super) Port);

impl KeyVault for PortVault {
    fn wrap(&mut self, key: &Secret<32>) -> Result<Vec<u8>, KeyVaultError> {
        Ok(self.0.ask_vault(1, key.expose_secret())?.to_vec())
    }

    fn unwrap(&mut self, wrapped: &[u8]) -> Result<Secret<32>, KeyVaultError> {
        let key = self.0.ask_vault(2, wrapped)?;
        let key: &[u8; 32] = key.as_slice().try_into().map_err(|_| KeyVaultError::OtherKey)?;
        Ok(Secret::new(|room: &mut [u8; 32]| room.copy_from_slice(key)))
    }

    fn anchor(&mut self) -> Result<u64, KeyVaultError> {
        let anchor = self.0.ask_vault(3, &[])?;
        anchor.as_slice().try_into().map(u64::from_be_bytes).map_err(|_| KeyVaultError::Unavailable)
    }

    fn raise_anchor(&mut self, anchor: u64) -> Result<(), KeyVaultError> {
        self.0.ask_vault(4, &anchor.to_be_bytes()).map(drop)
    }

    fn destroy(&mut self) -> Result<(), KeyVaultError> {
        self.0.ask_vault(5, &[]).map(drop)
    }
}

/// The clock of a port, for tests that move it.
pub(super) struct PortClock(pub(super) Port);

impl Clock for PortClock {
    fn now(&self) -> Moment {
        Moment { unix_ms: self.0.time(self.0.0.unix_millis), boot_ms: self.0.time(self.0.0.boot_millis) }
    }
}
