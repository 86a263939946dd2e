use super::root::{Account, AccountRecord, Entry, Root};
use super::seal::{Place, Sealer};
use super::{BootId, trouble};
use crate::card::ProfileSource;
use crate::instrument::InstrumentId;
use crate::platform::Rng;
use crate::storage::StoreError;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use std::collections::BTreeMap;

/// One transaction under way. What it changes becomes the store's when it has been committed; dropped before, it leaves
/// no trace, neither in the file nor in memory.
pub(super) struct Draft<'a> {
    pub(super) transaction: &'a Transaction<'a>,
    pub(super) root: Root,
    sealer: &'a mut Sealer,
    accounts: &'a BTreeMap<InstrumentId, Account>,
    touched: BTreeMap<InstrumentId, Account>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(
        transaction: &'a Transaction<'a>,
        root: Root,
        sealer: &'a mut Sealer,
        accounts: &'a BTreeMap<InstrumentId, Account>,
    ) -> Self {
        Self { transaction, root, sealer, accounts, touched: BTreeMap::new() }
    }

    /// Runs one statement; gives how many rows it changed.
    pub(super) fn execute(&self, sql: &str, parameters: impl rusqlite::Params) -> Result<usize, StoreError> {
        let mut statement = self.transaction.prepare_cached(sql).map_err(trouble)?;
        statement.execute(parameters).map_err(trouble)
    }

    pub(super) fn seal(&mut self, place: Place, plain: &mut [u8]) -> Result<Vec<u8>, StoreError> {
        self.root.seals += 1;
        self.sealer.seal(place, plain)
    }

    pub(super) const fn sealer(&self) -> &Sealer {
        self.sealer
    }

    pub(super) fn rng(&mut self) -> &mut dyn Rng {
        self.sealer.rng()
    }

    /// An account as it is now.
    pub(super) fn known(&self, id: &InstrumentId) -> Option<&Account> {
        self.touched.get(id).or_else(|| self.accounts.get(id))
    }

    /// A profile; `None` when it is not there, or not this one.
    pub(super) fn profile(&self, account: i64, version: u64) -> Result<Option<ProfileSource>, StoreError> {
        read_profile(self.transaction, self.sealer, account, version)
    }

    /// An account to be changed; it is written when the transaction is.
    pub(super) fn account(&mut self, id: &InstrumentId) -> Option<&mut Account> {
        if !self.touched.contains_key(id) {
            let account = self.accounts.get(id)?.clone();
            self.touched.insert(id.clone(), account);
        }
        self.touched.get_mut(id)
    }

    /// The account of this name, opened now if there is none.
    pub(super) fn open_account(&mut self, id: &InstrumentId) -> &mut Account {
        if self.account(id).is_none() {
            self.root.last_row += 1;
            let row = self.root.last_row;
            let account = Account { row, verified: true, ..Account::default() };
            self.touched.insert(id.clone(), account);
        }
        self.touched.entry(id.clone()).or_default()
    }

    /// Takes an account out, to be put back.
    pub(super) fn take(&mut self, id: &InstrumentId) -> Option<Account> {
        self.account(id)?;
        self.touched.remove(id)
    }

    pub(super) fn put(&mut self, id: &InstrumentId, account: Account) {
        self.touched.insert(id.clone(), account);
    }

    /// Gives an account whose rows are not to be trusted up: what it has used up is still known.
    pub(super) fn make_anew(&mut self, id: &InstrumentId) -> Result<(), StoreError> {
        let Some(row) = self.account(id).map(|account| account.row) else { return Ok(()) };
        self.execute("DELETE FROM credential WHERE account = ?1", [row])?;
        self.execute("DELETE FROM profile WHERE account = ?1", [row])?;
        if let Some(account) = self.account(id) {
            let version = account.version;
            *account = Account { row, version, record: AccountRecord::lost(), verified: true, ..Account::default() };
        }
        Ok(())
    }

    /// Writes what has been touched, and the root. Gives what the store is once this has been committed.
    pub(super) fn write(
        mut self,
        boot: Option<&BootId>,
        clean: bool,
    ) -> Result<(Root, BTreeMap<InstrumentId, Account>), StoreError> {
        self.renew_face()?;
        let mut touched = core::mem::take(&mut self.touched);
        for (id, account) in &mut touched {
            account.version += 1;
            let (row, version) = (account.row, account.version);
            let mut plain = json(&account.record)?;
            let sealed = self.seal(Place::account(row, version), &mut plain)?;
            let sql = "INSERT OR REPLACE INTO account (id, version, sealed) VALUES (?1, ?2, ?3)";
            self.execute(sql, params![row, number(version)?, sealed])?;
            let entry =
                self.root.accounts.entry(id.clone()).or_insert(Entry { row, version, mark: None, reserved: None });
            entry.version = version;
        }
        self.root.counter += 1;
        (self.root.boot, self.root.clean) = (boot.cloned(), clean);
        self.root.seals += 1;
        let mut plain = json(&self.root)?;
        let sealed = self.sealer.seal(Place::root(), &mut plain)?;
        let epoch = self.sealer.epoch();
        self.execute("INSERT OR REPLACE INTO root (id, epoch, sealed) VALUES (1, ?1, ?2)", params![epoch, sealed])?;
        Ok((self.root, touched))
    }
}

pub(super) fn json<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(value).map_err(|_| StoreError::Unreadable("a record cannot be written"))
}

/// As SQLite has integers.
pub(super) fn number(value: u64) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::Unreadable("a number is too large"))
}

pub(super) fn read_profile(
    connection: &Connection,
    sealer: &Sealer,
    account: i64,
    version: u64,
) -> Result<Option<ProfileSource>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT sealed FROM profile WHERE account = ?1").map_err(trouble)?;
    let sealed = readable(statement.query_row([account], |row| row.get::<_, Vec<u8>>(0)))?;
    let plain = sealed.and_then(|sealed| sealer.open(Place::profile(account, version), &sealed));
    Ok(plain.and_then(|plain| ProfileSource::from_bytes(plain.expose_secret())))
}

/// A row that is not there, or not of the kind that was written, is nothing; a device that fails is an error.
pub(super) fn readable<T>(row: rusqlite::Result<T>) -> Result<Option<T>, StoreError> {
    match row.optional() {
        Ok(row) => Ok(row),
        Err(error) if error.sqlite_error_code().is_none() => Ok(None),
        Err(error) => Err(trouble(error)),
    }
}
