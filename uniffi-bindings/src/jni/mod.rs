//! The fast face: everything that a tap touches, and everything that holds a secret, by hand-written JNI.
//!
//! Kotlin's side is `dev.bezant.wallet.internal.Native`, whose methods these are, and `NativePort`, which is called back. A failure
//! of a management call becomes a `NativeFailure` there; an answer to a terminal never is one: whatever goes wrong is 6F00.

#![allow(unsafe_code)]

mod arrays;
mod exports;
mod policy;
mod port;

use crate::failure::Failed;

/// What a native method can come to, other than its result.
#[derive(Debug)]
enum Broken {
    /// Something that Kotlin is told.
    Failed(Failed),
    /// The JVM does not play along.
    Jni,
}

impl From<Failed> for Broken {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed)
    }
}

impl From<bezant::WalletError> for Broken {
    fn from(error: bezant::WalletError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<::jni::errors::Error> for Broken {
    fn from(_: ::jni::errors::Error) -> Self {
        Self::Jni
    }
}
