use super::files;
use crate::crypto::{Secret, SecretBytes};
use crate::platform::{KeyVault, KeyVaultError, Rng, SystemRng};
use crate::storage::StoreError;
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce, Tag};
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// A key vault in a file: for desks, servers and tests. It is as safe as the file is; a phone has better.
///
/// The file (mode 0600) holds 8 bytes of magic, 32 of key, and two places for the anchor, written in turn: the number, most
/// significant byte first, and the first 8 bytes of its SHA-256. Of the two that are whole the higher one counts, so a
/// write that was torn takes nothing back.
pub struct FileVault {
    path: PathBuf,
    rng: SystemRng,
}

impl FileVault {
    /// The vault in this file, which is made when the first key is wrapped. Keep it apart from the store.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), rng: SystemRng::default() }
    }

    fn open(&self, write: bool) -> Result<File, KeyVaultError> {
        let opened = files::private().read(true).write(write).open(&self.path);
        opened.map_err(|error| match error.kind() {
            ErrorKind::NotFound => KeyVaultError::KeyGone,
            _ => KeyVaultError::Unavailable,
        })
    }

    fn read(&self) -> Result<(Secret<32>, [u64; 2]), KeyVaultError> {
        let mut file = self.open(false)?;
        let mut magic = [0; MAGIC.len()];
        let mut anchors = [0; 2 * PLACE_LENGTH];
        let mut key = Err(KeyVaultError::KeyGone);
        let read = file.read_exact(&mut magic).and_then(|()| {
            key = Secret::try_new(|bytes: &mut [u8; 32]| file.read_exact(bytes)).map_err(|_| KeyVaultError::KeyGone);
            file.read_exact(&mut anchors)
        });
        if let Err(error) = read {
            let cut = error.kind() == ErrorKind::UnexpectedEof;
            return Err(if cut { KeyVaultError::KeyGone } else { KeyVaultError::Unavailable });
        }
        if magic != MAGIC {
            return Err(KeyVaultError::KeyGone);
        }
        let mut places = anchors.chunks_exact(PLACE_LENGTH).map(anchor_in);
        match (places.next().flatten(), places.next().flatten()) {
            // How far the store had come is lost, and with it what the key is good for.
            (None, None) => Err(KeyVaultError::KeyGone),
            (first, second) => Ok((key?, [first.unwrap_or(0), second.unwrap_or(0)])),
        }
    }

    fn make(&mut self) -> Result<(), KeyVaultError> {
        let key = Secret::try_new(|bytes: &mut [u8; 32]| self.rng.fill(bytes));
        let key = key.map_err(|_| KeyVaultError::Unavailable)?;
        let zero = place_of(0);
        let parts: [&[u8]; 4] = [&MAGIC, key.expose_secret(), &zero, &zero];
        let length = parts.iter().map(|part| part.len()).sum();
        let whole = SecretBytes::filled(length, |bytes| {
            bytes.iter_mut().zip(parts.into_iter().flatten()).for_each(|(place, byte)| *place = *byte);
        });
        let folder = self.path.parent().map_or(Ok(()), files::make_folder);
        folder.and_then(|()| files::write_whole(&self.path, whole.expose_secret())).map_err(unavailable)
    }

    fn cipher(key: &Secret<32>) -> Aes256Gcm {
        Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key.expose_secret()))
    }
}

impl KeyVault for FileVault {
    fn wrap(&mut self, key: &Secret<32>) -> Result<Vec<u8>, KeyVaultError> {
        let (own, _) = match self.read() {
            Err(KeyVaultError::KeyGone) => {
                self.make()?;
                self.read()?
            }
            read => read?,
        };
        let mut nonce = [0; NONCE_LENGTH];
        self.rng.fill(&mut nonce).map_err(|_| KeyVaultError::Unavailable)?;
        let mut wrapped = Zeroizing::new(*key.expose_secret());
        let tag =
            Self::cipher(&own).encrypt_inout_detached(&Nonce::from(nonce), PURPOSE, wrapped.as_mut_slice().into());
        let tag = tag.map_err(|_| KeyVaultError::Unavailable)?;
        Ok([&nonce[..], &wrapped[..], &tag].concat())
    }

    fn unwrap(&mut self, wrapped: &[u8]) -> Result<Secret<32>, KeyVaultError> {
        let (own, _) = self.read()?;
        let parts = wrapped.split_first_chunk::<NONCE_LENGTH>();
        let parts = parts.and_then(|(nonce, rest)| Some((nonce, rest.split_last_chunk::<TAG_LENGTH>()?)));
        let Some((nonce, (ciphertext, tag))) = parts else { return Err(KeyVaultError::OtherKey) };
        let ciphertext: &[u8; 32] = ciphertext.try_into().map_err(|_| KeyVaultError::OtherKey)?;
        let (nonce, tag) = (Nonce::from(*nonce), Tag::from(*tag));
        Secret::try_new(|bytes: &mut [u8; 32]| {
            bytes.copy_from_slice(ciphertext);
            Self::cipher(&own).decrypt_inout_detached(&nonce, PURPOSE, bytes.as_mut_slice().into(), &tag)
        })
        .map_err(|_| KeyVaultError::OtherKey)
    }

    fn anchor(&mut self) -> Result<u64, KeyVaultError> {
        let (_, [first, second]) = self.read()?;
        Ok(first.max(second))
    }

    fn raise_anchor(&mut self, anchor: u64) -> Result<(), KeyVaultError> {
        let (_, [first, second]) = self.read()?;
        if anchor <= first.max(second) {
            return Ok(());
        }
        let place = if first <= second { 0 } else { PLACE_LENGTH };
        let at = u64::try_from(MAGIC.len() + 32 + place).unwrap_or(0);
        let write = |mut file: File| {
            file.seek(SeekFrom::Start(at))?;
            file.write_all(&place_of(anchor))?;
            file.sync_data()
        };
        write(self.open(true)?).map_err(|_| KeyVaultError::Unavailable)
    }

    fn destroy(&mut self) -> Result<(), KeyVaultError> {
        let mut file = match self.open(true) {
            Err(KeyVaultError::KeyGone) => return Ok(()),
            opened => opened?,
        };
        let overwrite = file.write_all(&[0; MAGIC.len() + 32 + 2 * PLACE_LENGTH]).and_then(|()| file.sync_all());
        overwrite.map_err(|_| KeyVaultError::Unavailable)?;
        files::remove(&self.path).map_err(unavailable)?;
        self.path.parent().map_or(Ok(()), files::sync_folder).map_err(unavailable)
    }
}

fn unavailable(_: StoreError) -> KeyVaultError {
    KeyVaultError::Unavailable
}

fn place_of(anchor: u64) -> [u8; PLACE_LENGTH] {
    let number = anchor.to_be_bytes();
    let digest = ring::digest::digest(&ring::digest::SHA256, &number);
    let mut place = [0; PLACE_LENGTH];
    let bytes = number.iter().chain(digest.as_ref());
    place.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
    place
}

fn anchor_in(place: &[u8]) -> Option<u64> {
    let anchor = u64::from_be_bytes(*place.first_chunk()?);
    (place == place_of(anchor)).then_some(anchor)
}

const MAGIC: [u8; 8] = *b"BZVAULT1";
const PURPOSE: &[u8] = b"bezant store key";
const PLACE_LENGTH: usize = 16;
const NONCE_LENGTH: usize = 12;
const TAG_LENGTH: usize = 16;
