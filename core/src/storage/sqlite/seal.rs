//! How rows are sealed.
//!
//! AES-256-GCM. Each epoch has a key of its own, derived from the store key by HKDF-SHA-256 (salt: the store's name; info:
//! what the key is for, and the epoch). A nonce is 96 random bits of the operating system: nothing that a restored file
//! or a clock could bring back goes into it. After [`SEALS_PER_EPOCH`] seals a new epoch begins and every row is sealed
//! anew, far below the 2^32 random nonces that SP 800-38D section 8.3 allows a key.
//!
//! A sealed value is nonce, ciphertext, tag. What it stands for (schema, table, row, account, ATC, state, version, epoch,
//! store) is associated data: a value that was moved, or put back under another state, does not open.

use crate::crypto::{Secret, SecretBytes};
use crate::platform::Rng;
use crate::storage::StoreError;
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce, Tag};
use ring::{hkdf, hmac};

/// Seals and opens the rows of one store in one epoch.
pub(super) struct Sealer {
    store_key: Secret<32>,
    store_id: StoreId,
    keys: Box<EpochKeys>,
    rng: Box<dyn Rng>,
}

/// The name of a store: random, made with it.
pub(super) type StoreId = [u8; 16];

struct EpochKeys {
    epoch: u32,
    cipher: Aes256Gcm,
    set: hmac::Key,
}

/// What a sealed value stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub(super) table: Table,
    pub(super) row: i64,
    pub(super) account: i64,
    pub(super) atc: u16,
    pub(super) state: u8,
    pub(super) version: u64,
}

/// The tables that hold sealed values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Table {
    Root,
    Account,
    Profile,
    Credential,
    Tap,
}

/// A tag over a set of rows, whatever their order: the sum of a keyed hash of each. It is kept sealed, so nobody sees the
/// hashes, and rows that are missing, additional, doubled or exchanged change it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct SetTag([u64; 4]);

impl SetTag {
    /// Takes a row in.
    pub(super) fn add(&mut self, row: RowTag) {
        self.0.iter_mut().zip(row.0).for_each(|(sum, part)| *sum = sum.wrapping_add(part));
    }

    /// Takes a row out.
    pub(super) fn remove(&mut self, row: RowTag) {
        self.0.iter_mut().zip(row.0).for_each(|(sum, part)| *sum = sum.wrapping_sub(part));
    }
}

/// The keyed hash of one sealed row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct RowTag([u64; 4]);

impl Place {
    pub(super) const fn root() -> Self {
        Self { table: Table::Root, row: 1, account: 0, atc: 0, state: 0, version: 0 }
    }

    pub(super) const fn account(row: i64, version: u64) -> Self {
        Self { table: Table::Account, row, account: row, atc: 0, state: 0, version }
    }

    pub(super) const fn profile(account: i64, version: u64) -> Self {
        Self { table: Table::Profile, row: account, account, atc: 0, state: 0, version }
    }

    pub(super) const fn credential(row: i64, account: i64, atc: u16, state: u8) -> Self {
        Self { table: Table::Credential, row, account, atc, state, version: 0 }
    }

    pub(super) const fn tap(row: i64) -> Self {
        Self { table: Table::Tap, row, account: 0, atc: 0, state: 0, version: 0 }
    }
}

impl Sealer {
    pub(super) fn new(
        store_key: Secret<32>,
        store_id: StoreId,
        epoch: u32,
        rng: Box<dyn Rng>,
    ) -> Result<Self, StoreError> {
        let keys = EpochKeys::derive(&store_key, &store_id, epoch)?;
        Ok(Self { store_key, store_id, keys, rng })
    }

    /// Seals the root of a store that has none yet.
    pub(super) fn first(
        store_key: Secret<32>,
        store_id: StoreId,
        rng: &mut dyn Rng,
        root: &mut [u8],
    ) -> Result<Vec<u8>, StoreError> {
        let keys = EpochKeys::derive(&store_key, &store_id, 0)?;
        keys.seal(rng, &keys.associated_data(&store_id, Place::root()), root)
    }

    /// Goes on with another store.
    pub(super) fn rekey(&mut self, store_key: Secret<32>, store_id: StoreId) -> Result<(), StoreError> {
        (self.store_key, self.store_id) = (store_key, store_id);
        self.enter(0)
    }

    pub(super) fn rng(&mut self) -> &mut dyn Rng {
        &mut *self.rng
    }

    pub(super) fn epoch(&self) -> u32 {
        self.keys.epoch
    }

    /// Takes the keys of another epoch.
    pub(super) fn enter(&mut self, epoch: u32) -> Result<(), StoreError> {
        self.keys = EpochKeys::derive(&self.store_key, &self.store_id, epoch)?;
        Ok(())
    }

    /// Seals a value; what is handed in is overwritten.
    pub(super) fn seal(&mut self, place: Place, plain: &mut [u8]) -> Result<Vec<u8>, StoreError> {
        self.keys.seal(&mut *self.rng, &self.keys.associated_data(&self.store_id, place), plain)
    }

    /// Opens a value; `None` when it is not what was sealed at this place.
    pub(super) fn open(&self, place: Place, sealed: &[u8]) -> Option<SecretBytes> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LENGTH>()?;
        let (ciphertext, tag) = rest.split_last_chunk::<TAG_LENGTH>()?;
        let aad = self.keys.associated_data(&self.store_id, place);
        SecretBytes::try_new(ciphertext.len(), |plain| {
            plain.copy_from_slice(ciphertext);
            self.keys.cipher.decrypt_inout_detached(&Nonce::from(*nonce), &aad, plain.into(), &Tag::from(*tag))
        })
        .ok()
    }

    /// The hash that stands for a row in the tag of its set.
    pub(super) fn row_tag(&self, place: Place, sealed: &[u8]) -> RowTag {
        let mut context = hmac::Context::with_key(&self.keys.set);
        context.update(&self.keys.associated_data(&self.store_id, place));
        context.update(sealed);
        let mut parts = [0; 4];
        for (part, bytes) in parts.iter_mut().zip(context.sign().as_ref().chunks_exact(8)) {
            *part = bytes.try_into().map_or(0, u64::from_be_bytes);
        }
        RowTag(parts)
    }
}

impl Table {
    const fn number(self) -> u8 {
        match self {
            Self::Root => 1,
            Self::Account => 2,
            Self::Profile => 3,
            Self::Credential => 4,
            Self::Tap => 5,
        }
    }
}

impl EpochKeys {
    fn derive(store_key: &Secret<32>, store_id: &StoreId, epoch: u32) -> Result<Box<Self>, StoreError> {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, store_id).extract(store_key.expose_secret());
        let derived = |purpose: &[u8]| {
            Secret::<32>::try_new(|bytes| {
                let info = [purpose, &epoch.to_be_bytes()];
                root.expand(&info, hkdf::HKDF_SHA256)?.fill(bytes)
            })
        };
        let keys = derived(b"seal").and_then(|seal| Ok((seal, derived(b"set")?)));
        let (seal, set) = keys.map_err(|_| StoreError::Unreadable("no key can be derived"))?;
        Ok(Box::new(Self {
            epoch,
            cipher: Aes256Gcm::new(&Key::<Aes256Gcm>::from(*seal.expose_secret())),
            set: hmac::Key::new(hmac::HMAC_SHA256, set.expose_secret()),
        }))
    }

    fn seal(&self, rng: &mut dyn Rng, aad: &[u8], plain: &mut [u8]) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE_LENGTH];
        rng.fill(&mut nonce).map_err(|_| StoreError::Io("no random bytes"))?;
        let tag = self.cipher.encrypt_inout_detached(&Nonce::from(nonce), aad, (&mut *plain).into());
        let tag = tag.map_err(|_| StoreError::Unreadable("a value is too long to be sealed"))?;
        Ok([&nonce[..], plain, &tag].concat())
    }

    fn associated_data(&self, store_id: &StoreId, place: Place) -> [u8; AAD_LENGTH] {
        let Place { table, row, account, atc, state, version } = place;
        let mut aad = [0; AAD_LENGTH];
        #[cfg(test)]
        if fault::IS_PLANTED.get() {
            return aad;
        }
        let parts: [&[u8]; 9] = [
            &SEAL_SCHEMA.to_be_bytes(),
            &[table.number()],
            &row.to_be_bytes(),
            &account.to_be_bytes(),
            &atc.to_be_bytes(),
            &[state],
            &version.to_be_bytes(),
            &self.epoch.to_be_bytes(),
            store_id,
        ];
        let mut free = aad.iter_mut();
        for byte in parts.into_iter().flatten() {
            if let Some(place) = free.next() {
                *place = *byte;
            }
        }
        aad
    }
}

/// How many values one key seals before the next epoch begins.
pub(super) const SEALS_PER_EPOCH: u64 = 1 << 20;
/// Of the layout of sealed values; a migration that changes one seals everything anew.
const SEAL_SCHEMA: u32 = 1;
const NONCE_LENGTH: usize = 12;
const TAG_LENGTH: usize = 16;
const AAD_LENGTH: usize = 4 + 1 + 8 + 8 + 2 + 1 + 8 + 4 + 16;

/// What the tests of a store must notice: rows that are sealed without what they stand for.
#[cfg(test)]
pub(super) mod fault {
    use core::cell::Cell;

    thread_local! {
        pub(in crate::storage::sqlite) static IS_PLANTED: Cell<bool> = const { Cell::new(false) };
    }
}
