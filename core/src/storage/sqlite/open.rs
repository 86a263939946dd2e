use super::boot::BootId;
use super::draft::{json, number, read_profile, readable};
use super::files::{self, Lock};
use super::location::StoreLocation;
use super::root::{Account, AccountRecord, Entry, Root};
use super::seal::{Place, SEALS_PER_EPOCH, Sealer, StoreId};
use super::{SqliteStore, credentials, face, schema, trouble};
use crate::crypto::Secret;
use crate::emv::Atc;
use crate::instrument::InstrumentId;
use crate::platform::{KeyVault, Rng, SystemRng};
use crate::storage::{Face, Recollection, StoreError, StoredInstrument};
use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};
use std::collections::BTreeMap;

/// What a store stands on.
pub struct StoreParts {
    /// Keeps the key that the store's own is wrapped under.
    pub vault: Box<dyn KeyVault>,
    /// For the store's key and for nonces: the operating system's, never one that can be repeated.
    pub rng: Box<dyn Rng>,
    /// Which start of the device this is; where it is not known, every start counts as another.
    pub boot: Option<BootId>,
    /// How many credentials of each instrument are burnt when the device has started anew and the store had not been closed:
    /// some devices lose their latest writes with the power, synced or not.
    pub burn_after_reboot: u32,
}

/// A database that is open, and its key.
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) store_key: Secret<32>,
    pub(super) store_id: StoreId,
}

impl StoreParts {
    /// The operating system's randomness, this start of the device, and two credentials burnt after an unclean one.
    #[must_use]
    pub fn new(vault: Box<dyn KeyVault>) -> Self {
        Self { vault, rng: Box::new(SystemRng::default()), boot: BootId::of_system(), burn_after_reboot: 2 }
    }
}

/// A store before its key: locked for others, with what it shows to any reader.
pub struct LockedStore {
    location: StoreLocation,
    lock: Lock,
    /// `None` while an erasure has to be finished first.
    connection: Option<Connection>,
    face: Option<Face>,
}

impl LockedStore {
    /// Takes the store that is here, or the place for one. No vault is needed.
    ///
    /// # Errors
    /// [`StoreError::InUse`], [`StoreError::FromTheFuture`], [`StoreError::Unreadable`] and what a device can fail with.
    pub fn take(location: &StoreLocation) -> Result<Self, StoreError> {
        files::make_folder(location.folder())?;
        let lock = Lock::acquire(&location.lock())?;
        let mut locked = Self { location: location.clone(), lock, connection: None, face: None };
        if !location.is_marked_for_erasure()? {
            let connection = connect(location)?;
            let is_open_to_readers = schema::schema_of(&connection)? > 0 && !location.is_frozen()?;
            locked.face = if is_open_to_readers { face::read(&connection)? } else { None };
            locked.connection = Some(connection);
        }
        Ok(locked)
    }

    /// What the card that pays shows to any reader, where one pays; once.
    pub fn take_face(&mut self) -> Option<Face> {
        self.face.take()
    }

    /// Opens the store, or makes it. What was found reserved is burnt; an erasure that was interrupted is finished.
    ///
    /// # Errors
    /// A [`StoreError`]. Where [`StoreError::is_loss`], nothing but [`StoreLocation::erase`] helps.
    pub fn open(self, parts: StoreParts) -> Result<(SqliteStore, Recollection), StoreError> {
        let Self { location, lock, connection, .. } = self;
        let StoreParts { mut vault, mut rng, boot, burn_after_reboot } = parts;
        let connection = match connection {
            Some(connection) => connection,
            None => {
                location.finish_erasure(&mut *vault)?;
                connect(&location)?
            }
        };
        let Opened { connection, store_key, store_id } = open_or_create(connection, &mut *vault, &mut *rng)?;
        let sealer = Sealer::new(store_key, store_id, 0, rng)?;
        let mut store = SqliteStore {
            location,
            connection,
            sealer,
            vault,
            boot,
            root: Root::default(),
            accounts: BTreeMap::new(),
            anchored: 0,
            opened_at: 0,
            knows_taps: false,
            untidy: true,
            seals_per_epoch: SEALS_PER_EPOCH,
            _lock: lock,
        };
        store.read_root()?;
        store.anchored = store.vault.anchor()?;
        if store.root.counter < store.anchored {
            return Err(StoreError::RolledBack);
        }
        store.accounts = store.read_accounts()?;
        store.recover(burn_after_reboot)?;
        let recollection = store.recollect()?;
        Ok((store, recollection))
    }
}

impl SqliteStore {
    /// Opens the store, or makes it: [`LockedStore::take`] and [`LockedStore::open`] in one.
    ///
    /// # Errors
    /// A [`StoreError`]. Where [`StoreError::is_loss`], nothing but [`StoreLocation::erase`] helps.
    pub fn open(location: &StoreLocation, parts: StoreParts) -> Result<(Self, Recollection), StoreError> {
        LockedStore::take(location)?.open(parts)
    }

    /// Goes on with a store that has just been made.
    pub(super) fn restart(&mut self, store_key: Secret<32>, store_id: StoreId) -> Result<(), StoreError> {
        self.sealer.rekey(store_key, store_id)?;
        self.read_root()?;
        self.anchored = self.vault.anchor()?;
        (self.opened_at, self.untidy, self.knows_taps) = (0, true, false);
        Ok(())
    }

    fn read_root(&mut self) -> Result<(), StoreError> {
        let row = self.connection.query_row("SELECT epoch, sealed FROM root WHERE id = 1", [], |row| {
            Ok((row.get::<_, u32>(0)?, row.get::<_, Vec<u8>>(1)?))
        });
        let (epoch, sealed) = row.map_err(trouble)?;
        self.sealer.enter(epoch)?;
        let plain = self.sealer.open(Place::root(), &sealed).ok_or(StoreError::Unreadable(ROOT))?;
        self.root = serde_json::from_slice(plain.expose_secret()).map_err(|_| StoreError::Unreadable(ROOT))?;
        // A trigger of somebody else would run in the middle of every transaction.
        if self.root.schema != Some(schema::digest(&self.connection)?) {
            return Err(StoreError::Unreadable("its schema is not the one it was made with"));
        }
        Ok(())
    }

    fn read_accounts(&self) -> Result<BTreeMap<InstrumentId, Account>, StoreError> {
        let mut unspent = self.read_atcs()?;
        let mut accounts = BTreeMap::new();
        for (id, Entry { row, version, .. }) in &self.root.accounts {
            let (row, version) = (*row, *version);
            let record = self.read_account(row, version)?;
            let damaged = record.is_none();
            let unspent = unspent.remove(&row).unwrap_or_default().into_iter().collect();
            let record = record.unwrap_or_else(AccountRecord::lost);
            accounts.insert(id.clone(), Account { row, version, record, unspent, verified: false, damaged });
        }
        Ok(accounts)
    }

    /// `None` when there is no such row, or not this one.
    fn read_account(&self, row: i64, version: u64) -> Result<Option<AccountRecord>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT version, sealed FROM account WHERE id = ?1").map_err(trouble)?;
        let found = statement.query_row([row], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)));
        let Some((found, sealed)) = readable(found)? else { return Ok(None) };
        if found != number(version)? {
            return Ok(None);
        }
        let plain = self.sealer.open(Place::account(row, version), &sealed);
        Ok(plain.and_then(|plain| serde_json::from_slice(plain.expose_secret()).ok()))
    }

    fn read_atcs(&self) -> Result<BTreeMap<i64, Vec<Atc>>, StoreError> {
        let sql = "SELECT account, atc FROM credential ORDER BY account, atc";
        let mut statement = self.connection.prepare(sql).map_err(trouble)?;
        let mut rows = statement.query([]).map_err(trouble)?;
        let mut found: BTreeMap<i64, Vec<Atc>> = BTreeMap::new();
        while let Some(row) = rows.next().map_err(trouble)? {
            // A row whose columns are no numbers in range belongs to no set, which its account will notice.
            if let (Ok(account), Ok(atc)) = (row.get(0), row.get(1)) {
                found.entry(account).or_default().push(Atc::new(atc));
            }
        }
        Ok(found)
    }

    /// Makes up for whatever the process before has left open, and writes that the store is in use: durable some time before
    /// the first reservation, for a device that loses its latest write.
    fn recover(&mut self, burn_after_reboot: u32) -> Result<(), StoreError> {
        let rebooted = self.root.boot.is_none() || self.root.boot != self.boot;
        let burnt = if rebooted && !self.root.clean { usize::try_from(burn_after_reboot).unwrap_or(0) } else { 0 };
        let torn = |account: &Account| account.record.reserved.is_some();
        let mut ids = self.sound_accounts();
        ids.retain(|id| burnt > 0 || self.accounts.get(id).is_some_and(torn));
        for id in &ids {
            let Some(account) = self.accounts.get_mut(id) else { continue };
            match credentials::verify(&self.connection, &self.sealer, id, account) {
                Ok(()) => account.verified = true,
                Err(StoreError::Damaged(_)) => account.damaged = true,
                Err(error) => return Err(error),
            }
        }
        let sound = |id: &InstrumentId| self.accounts.get(id).is_some_and(|account| !account.damaged);
        ids.retain(sound);
        let torn = self.root.accounts.iter().filter(|(_, entry)| burnt > 0 || entry.reserved.is_some());
        let damaged: Vec<_> = torn.map(|(id, _)| id.clone()).filter(|id| !ids.contains(id)).collect();
        self.transact(|draft| {
            damaged.iter().try_for_each(|id| draft.note_burnt(id, burnt))?;
            for id in &ids {
                draft.burn_reserved(id)?;
                if burnt > 0 {
                    draft.burn_next(id, burnt)?;
                }
            }
            Ok(())
        })?;
        self.opened_at = self.root.counter;
        Ok(())
    }

    /// Those whose rows may be written: what is damaged stays as it was found.
    pub(super) fn sound_accounts(&self) -> Vec<InstrumentId> {
        self.accounts.iter().filter(|(_, account)| !account.damaged).map(|(id, _)| id.clone()).collect()
    }

    fn recollect(&mut self) -> Result<Recollection, StoreError> {
        let mut cards = Vec::new();
        let mut damaged: Vec<InstrumentId> = Vec::new();
        for (id, account) in &self.accounts {
            match &account.record.card {
                _ if account.damaged => damaged.push(id.clone()),
                None => {}
                Some(card) => match read_profile(&self.connection, &self.sealer, account.row, card.profile_version)? {
                    None => damaged.push(id.clone()),
                    Some(profile) => {
                        let stored = StoredInstrument { id: id.clone(), status: card.status, profile };
                        cards.push((card.position, stored));
                    }
                },
            }
        }
        for id in &damaged {
            if let Some(account) = self.accounts.get_mut(id) {
                account.damaged = true;
            }
        }
        cards.sort_by_key(|(position, _)| *position);
        Ok(Recollection {
            instruments: cards.into_iter().map(|(_, card)| card).collect(),
            default: self.root.default.clone(),
            selected: self.root.selected.clone(),
            taps: self.root.taps,
            damaged,
            frozen: self.location.is_frozen()?,
            face: self.face_digest(),
        })
    }
}

fn open_or_create(connection: Connection, vault: &mut dyn KeyVault, rng: &mut dyn Rng) -> Result<Opened, StoreError> {
    let found = schema::schema_of(&connection)?;
    if found == 0 {
        return create(connection, vault, rng);
    }
    let row = connection.query_row("SELECT store_id, wrapped_key FROM store WHERE id = 1", [], |row| {
        Ok((row.get::<_, StoreId>(0)?, row.get::<_, Vec<u8>>(1)?))
    });
    let (store_id, wrapped) = row.map_err(trouble)?;
    let store_key = vault.unwrap(&wrapped)?;
    let mut connection = connection;
    if found < schema::SCHEMA {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(trouble)?;
        schema::migrate(&transaction, found)?;
        transaction.commit().map_err(trouble)?;
    }
    Ok(Opened { connection, store_key, store_id })
}

/// Makes an empty store in an empty file.
pub(super) fn create(
    mut connection: Connection,
    vault: &mut dyn KeyVault,
    rng: &mut dyn Rng,
) -> Result<Opened, StoreError> {
    let no_random = |_| StoreError::Io("no random bytes");
    let store_key = Secret::try_new(|bytes: &mut [u8; 32]| rng.fill(bytes)).map_err(no_random)?;
    let mut store_id = StoreId::default();
    rng.fill(&mut store_id).map_err(no_random)?;
    let wrapped = vault.wrap(&store_key)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(trouble)?;
    schema::migrate(&transaction, 0)?;
    let sql = "INSERT INTO store (id, store_id, wrapped_key) VALUES (1, ?1, ?2)";
    transaction.execute(sql, params![store_id, wrapped]).map_err(trouble)?;
    if vault.anchor()? > 0 {
        // The vault remembers a store; that it has gone is no reason to begin at nothing.
        return Err(StoreError::RolledBack);
    }
    let schema = Some(schema::digest(&transaction)?);
    let root = Root { clean: true, schema, ..Root::default() };
    let copy = Secret::new(|bytes: &mut [u8; 32]| bytes.copy_from_slice(store_key.expose_secret()));
    let sealed = Sealer::first(copy, store_id, rng, &mut json(&root)?)?;
    transaction.execute("INSERT INTO root (id, epoch, sealed) VALUES (1, 0, ?1)", params![sealed]).map_err(trouble)?;
    transaction.commit().map_err(trouble)?;
    Ok(Opened { connection, store_key, store_id })
}

pub(super) fn connect(location: &StoreLocation) -> Result<Connection, StoreError> {
    if files::make_file(&location.database())? {
        files::sync_folder(location.folder())?;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(location.database(), flags).map_err(trouble)?;
    // Exclusive before the log is first touched: then there is no shared memory, and nobody else.
    connection
        .execute_batch(
            "PRAGMA locking_mode = EXCLUSIVE;
             PRAGMA synchronous = FULL;
             PRAGMA secure_delete = ON;
             PRAGMA wal_autocheckpoint = 0;
             PRAGMA temp_store = MEMORY;
             PRAGMA mmap_size = 0;
             PRAGMA cell_size_check = ON;
             PRAGMA trusted_schema = OFF;",
        )
        .map_err(trouble)?;
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)).map_err(trouble)?;
    if mode != "wal" {
        return Err(StoreError::Io("the device offers no write-ahead log"));
    }
    Ok(connection)
}

const ROOT: &str = "its root does not open";
