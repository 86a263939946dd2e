//! Byte arrays of the JVM.

use bezant::apdu::Reply;
use bezant::crypto::SecretBytes;
use jni::Env;
use jni::errors::Result;
use jni::objects::JByteArray;
use jni::sys::jbyte;
use zeroize::Zeroizing;

/// A command APDU in a buffer of the stack. A longer one than this has an impossible length in any case, and is cut.
pub(super) struct CommandBytes {
    signed: [jbyte; LONGEST_COMMAND],
    length: usize,
}

impl CommandBytes {
    pub(super) fn read(env: &Env<'_>, array: &JByteArray<'_>) -> Result<Self> {
        let length = if array.is_null() { 0 } else { array.len(env)?.min(LONGEST_COMMAND) };
        let mut signed = [0; LONGEST_COMMAND];
        array_region(env, array, signed.get_mut(..length).unwrap_or_default())?;
        Ok(Self { signed, length })
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        let command = self.signed.get(..self.length).unwrap_or_default();
        // SAFETY: both types are one byte, of any value, and the slice lives as long as what it shows.
        unsafe { core::slice::from_raw_parts(command.as_ptr().cast(), command.len()) }
    }
}

fn array_region(env: &Env<'_>, array: &JByteArray<'_>, room: &mut [jbyte]) -> Result<()> {
    if room.is_empty() { Ok(()) } else { array.get_region(env, 0, room) }
}

/// The answer to a terminal.
pub(super) fn reply<'local>(env: &mut Env<'local>, reply: &Reply) -> Result<JByteArray<'local>> {
    let mut bytes = [0; Reply::CAPACITY + 2];
    let data = reply.data();
    let (length, status) = (data.len() + 2, reply.status().to_bytes());
    for (to, from) in bytes.iter_mut().zip(data.iter().chain(&status)) {
        *to = *from;
    }
    env.byte_array_from_slice(bytes.get(..length).unwrap_or_default())
}

/// Any bytes.
pub(super) fn bytes(env: &Env<'_>, array: &JByteArray<'_>) -> Result<Zeroizing<Vec<u8>>> {
    let mut signed = Zeroizing::new(vec![0; array.len(env)?]);
    array_region(env, array, &mut signed)?;
    Ok(Zeroizing::new(signed.iter().map(|byte| byte.cast_unsigned()).collect()))
}

/// Bytes that are secret: Kotlin's array is wiped.
pub(super) fn take_secret(env: &Env<'_>, array: &JByteArray<'_>) -> Result<Zeroizing<Vec<u8>>> {
    let secret = bytes(env, array)?;
    wipe(env, array)?;
    Ok(secret)
}

/// A key that may be absent: Kotlin's array is wiped.
pub(super) fn take_key(env: &Env<'_>, array: &JByteArray<'_>) -> Result<Option<SecretBytes>> {
    if array.is_null() {
        return Ok(None);
    }
    Ok(Some(SecretBytes::copy_of(&take_secret(env, array)?)))
}

pub(super) fn wipe(env: &Env<'_>, array: &JByteArray<'_>) -> Result<()> {
    let zeros = vec![0; array.len(env)?];
    if zeros.is_empty() { Ok(()) } else { array.set_region(env, 0, &zeros) }
}

/// The longest short command APDU has 261 bytes (ISO/IEC 7816-4, 5.2).
const LONGEST_COMMAND: usize = 262;
