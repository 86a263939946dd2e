//! What becomes of errors and panics at the border.

use super::{Broken, arrays};
use crate::failure::Failed;
use crate::slot;
use bezant::apdu::Reply;
use bezant::wallet::DeactivationReason;
use jni::errors::{ErrorPolicy, Result};
use jni::objects::{JThrowable, JValue};
use jni::sys::jbyteArray;
use jni::{Env, jni_sig, jni_str};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

/// A management call: Kotlin gets a `NativeFailure`.
pub(super) struct Throw;

impl<T: Default> ErrorPolicy<T, Broken> for Throw {
    type Captures<'unowned_env_local: 'native_method, 'native_method> = ();

    fn on_error<'unowned_env_local: 'native_method, 'native_method>(
        env: &mut Env<'unowned_env_local>,
        _: &mut (),
        broken: Broken,
    ) -> Result<T> {
        match broken {
            Broken::Failed(failed) => throw(env, &failed)?,
            Broken::Jni => throw(env, &Failed::new("INTERNAL", "the virtual machine refused a call"))?,
        }
        Ok(T::default())
    }

    fn on_panic<'unowned_env_local: 'native_method, 'native_method>(
        env: &mut Env<'unowned_env_local>,
        (): &mut (),
        _: Box<dyn Any + Send + 'static>,
    ) -> Result<T> {
        throw(env, &Failed::panicked())?;
        Ok(T::default())
    }
}

/// A byte array of the native method's frame, or none.
#[repr(transparent)]
pub(super) struct Answered(jbyteArray);

impl Answered {
    pub(super) fn with(env: &mut Env<'_>, reply: &Reply) -> Result<Self> {
        Ok(Self(arrays::reply(env, reply)?.into_raw()))
    }
}

#[cfg(feature = "bench")]
impl Answered {
    pub(super) fn bytes(env: &mut Env<'_>, bytes: &[u8]) -> Result<Self> {
        Ok(Self(env.byte_array_from_slice(bytes)?.into_raw()))
    }
}

impl Default for Answered {
    fn default() -> Self {
        Self(ptr::null_mut())
    }
}

/// A terminal: it gets 6F00, and the tap is over. An exception would end the app's main thread.
pub(super) struct Answer;

impl ErrorPolicy<Answered, Broken> for Answer {
    type Captures<'unowned_env_local: 'native_method, 'native_method> = ();

    fn on_error<'unowned_env_local: 'native_method, 'native_method>(
        env: &mut Env<'unowned_env_local>,
        _: &mut (),
        _: Broken,
    ) -> Result<Answered> {
        give_up(env)
    }

    fn on_panic<'unowned_env_local: 'native_method, 'native_method>(
        env: &mut Env<'unowned_env_local>,
        (): &mut (),
        _: Box<dyn Any + Send + 'static>,
    ) -> Result<Answered> {
        give_up(env)
    }
}

/// A call that has nobody to complain to.
pub(super) struct Silent;

impl<T: Default> ErrorPolicy<T, Broken> for Silent {
    type Captures<'unowned_env_local: 'native_method, 'native_method> = ();

    fn on_error<'unowned_env_local: 'native_method, 'native_method>(
        _: &mut Env<'unowned_env_local>,
        _: &mut (),
        _: Broken,
    ) -> Result<T> {
        Ok(T::default())
    }

    fn on_panic<'unowned_env_local: 'native_method, 'native_method>(
        _: &mut Env<'unowned_env_local>,
        (): &mut (),
        _: Box<dyn Any + Send + 'static>,
    ) -> Result<T> {
        Ok(T::default())
    }
}

fn give_up(env: &mut Env<'_>) -> Result<Answered> {
    if let Ok(wallet) = slot::wallet() {
        // What has panicked once may do so again.
        let _ = catch_unwind(AssertUnwindSafe(|| wallet.on_deactivated(DeactivationReason::LinkLoss)));
    }
    // An exception of the virtual machine, for want of memory say, must not reach the app's main thread.
    env.exception_clear();
    // A new reply is an internal failure until something better is put into it.
    Answered::with(env, &Reply::new())
}

fn throw(env: &mut Env<'_>, failed: &Failed) -> Result<()> {
    if env.exception_check() {
        return Ok(());
    }
    let class = env.find_class(jni_str!("dev/bezant/wallet/internal/NativeFailure"))?;
    let (code, detail) = (env.new_string(failed.code)?, env.new_string(&failed.detail)?);
    let arguments = [JValue::Object(&code), JValue::Object(&detail), JValue::Int(failed.flags())];
    let failure = env.new_object(class, jni_sig!("(Ljava/lang/String;Ljava/lang/String;I)V"), &arguments)?;
    let failure = env.cast_local::<JThrowable<'_>>(failure)?;
    env.throw(failure)
}
