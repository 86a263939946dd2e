//! What the card that pays shows to any reader, in a row of its own that opens without the vault: so a process that a tap has
//! started answers its terminal while the vault still unwraps the store's key.
//!
//! It holds nothing that a reader does not get for nothing, and no key. It is sealed under a key that lies beside it, which
//! hides it from those who leaf through files and from nobody else. What was shown is held against the root once that is
//! open: a face that was exchanged pays nothing.

use super::draft::Draft;
use super::root::FaceEntry;
use super::{SqliteStore, trouble};
use crate::crypto::{Secret, SecretBytes};
use crate::instrument::{InstrumentId, InstrumentStatus};
use crate::storage::{Face, StoreError};
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce, Tag};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Stored {
    instrument: InstrumentId,
    profile: String,
}

/// The face that is stored, if any; one that does not open is none.
pub(super) fn read(connection: &Connection) -> Result<Option<Face>, StoreError> {
    let row = connection
        .query_row("SELECT key, sealed FROM face WHERE id = 1", [], |row| {
            Ok((row.get::<_, [u8; 32]>(0)?, row.get::<_, Vec<u8>>(1)?))
        })
        .optional();
    let Some((key, sealed)) = row.map_err(trouble)? else { return Ok(None) };
    let Some(plain) = open(&key, &sealed) else { return Ok(None) };
    let digest = digest(plain.expose_secret());
    let stored: Option<Stored> = serde_json::from_slice(plain.expose_secret()).ok();
    Ok(stored.map(|Stored { instrument, profile }| Face { instrument, profile, digest }))
}

impl Draft<'_> {
    /// Stores the face of the card that pays, where it is another than before.
    pub(super) fn renew_face(&mut self) -> Result<(), StoreError> {
        let payable = self.payable();
        let stored = self.root.face.as_ref().map(|face| (face.account, face.profile_version));
        if payable.as_ref().map(|(_, account, version)| (*account, *version)) == stored {
            return Ok(());
        }
        self.root.face = None;
        let face = payable.map(|(id, account, version)| self.face_of(&id, account, version)).transpose()?.flatten();
        let Some((entry, key, sealed)) = face else {
            return self.execute("DELETE FROM face", []).map(drop);
        };
        self.root.face = Some(entry);
        let sql = "INSERT OR REPLACE INTO face (id, key, sealed) VALUES (1, ?1, ?2)";
        self.execute(sql, params![key.expose_secret(), sealed]).map(drop)
    }

    fn payable(&mut self) -> Option<(InstrumentId, i64, u64)> {
        let id = self.root.selected.clone().or_else(|| self.root.default.clone())?;
        let known = self.known(&id)?;
        let card = known.record.card.as_ref().filter(|card| card.status == InstrumentStatus::Active)?;
        (!known.damaged).then(|| (id.clone(), known.row, card.profile_version))
    }

    fn face_of(
        &mut self,
        id: &InstrumentId,
        account: i64,
        version: u64,
    ) -> Result<Option<(FaceEntry, Secret<32>, Vec<u8>)>, StoreError> {
        let Some(source) = self.profile(account, version)? else { return Ok(None) };
        let Some(profile) = source.face() else { return Ok(None) };
        let stored = Stored { instrument: id.clone(), profile };
        let mut plain = serde_json::to_vec(&stored).map_err(|_| StoreError::Unreadable("a face cannot be written"))?;
        let digest = digest(&plain);
        let mut nonce = [0; NONCE_LENGTH];
        let no_random = |_| StoreError::Io("no random bytes");
        let key = Secret::try_new(|bytes: &mut [u8; 32]| self.rng().fill(bytes)).map_err(no_random)?;
        self.rng().fill(&mut nonce).map_err(no_random)?;
        let tag =
            cipher(key.expose_secret()).encrypt_inout_detached(&Nonce::from(nonce), PURPOSE, (&mut *plain).into());
        let tag = tag.map_err(|_| StoreError::Unreadable("a face is too long to be sealed"))?;
        let sealed = [&nonce[..], &plain, &tag].concat();
        Ok(Some((FaceEntry { account, profile_version: version, digest }, key, sealed)))
    }
}

impl SqliteStore {
    /// What the stored face must be.
    pub(super) fn face_digest(&self) -> Option<[u8; 32]> {
        self.root.face.as_ref().map(|face| face.digest)
    }
}

fn open(key: &[u8; 32], sealed: &[u8]) -> Option<SecretBytes> {
    let (nonce, rest) = sealed.split_first_chunk::<NONCE_LENGTH>()?;
    let (ciphertext, tag) = rest.split_last_chunk::<TAG_LENGTH>()?;
    let (nonce, tag) = (Nonce::from(*nonce), Tag::from(*tag));
    SecretBytes::try_new(ciphertext.len(), |plain| {
        plain.copy_from_slice(ciphertext);
        cipher(key).decrypt_inout_detached(&nonce, PURPOSE, plain.into(), &tag)
    })
    .ok()
}

fn cipher(key: &[u8; 32]) -> Aes256Gcm {
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key))
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    let mut digest = [0; 32];
    let computed = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.iter_mut().zip(computed.as_ref()).for_each(|(place, byte)| *place = *byte);
    digest
}

const PURPOSE: &[u8] = b"bezant face";
const NONCE_LENGTH: usize = 12;
const TAG_LENGTH: usize = 16;
