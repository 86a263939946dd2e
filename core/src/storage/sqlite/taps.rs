//! The log of taps, and what is done when no terminal waits.

use super::draft::Draft;
use super::seal::{Place, SetTag};
use super::{SqliteStore, draft, trouble};
use crate::instrument::InstrumentId;
use crate::storage::StoreError;
use rusqlite::params;

impl Draft<'_> {
    pub(super) fn log_tap(&mut self, number: u64, mut entry: Vec<u8>, limit: usize) -> Result<(), StoreError> {
        // A tap that ended before the store was open knows no better than its own process.
        let number = number.max(self.root.taps + 1);
        let row = draft::number(number)?;
        let sealed = self.seal(Place::tap(row), &mut entry)?;
        if self.execute("INSERT OR IGNORE INTO tap (id, sealed) VALUES (?1, ?2)", params![row, sealed])? == 1 {
            let tag = self.sealer().row_tag(Place::tap(row), &sealed);
            self.root.tap_set.toggle(tag);
        }
        self.root.taps = self.root.taps.max(number);
        let oldest = row.saturating_sub(i64::try_from(limit).unwrap_or(i64::MAX));
        for (row, sealed) in self.taps_up_to(oldest)? {
            let tag = self.sealer().row_tag(Place::tap(row), &sealed);
            self.root.tap_set.toggle(tag);
        }
        self.execute("DELETE FROM tap WHERE id <= ?1", [oldest]).map(drop)
    }

    fn taps_up_to(&self, row: i64) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
        let mut statement =
            self.transaction.prepare_cached("SELECT id, sealed FROM tap WHERE id <= ?1").map_err(trouble)?;
        let rows = statement.query_map([row], |row| Ok((row.get(0)?, row.get(1)?))).map_err(trouble)?;
        rows.collect::<Result<_, _>>().map_err(trouble)
    }
}

impl SqliteStore {
    /// Newest first; entries that do not open, or that nobody wrote, are left out.
    pub(super) fn read_taps(&self) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT id, sealed FROM tap ORDER BY id DESC").map_err(trouble)?;
        let mut rows = statement.query([]).map_err(trouble)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(trouble)? {
            let (Ok(id), Ok(sealed)) = (row.get::<_, i64>(0), row.get::<_, Vec<u8>>(1)) else { continue };
            if let Some(plain) = self.sealer.open(Place::tap(id), &sealed) {
                found.push(plain.expose_secret().to_vec());
            }
        }
        Ok(found)
    }

    /// Moves the log into the file, where what was deleted is overwritten, and empties it.
    pub(super) fn checkpoint(&self) -> Result<(), StoreError> {
        let result = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        match result.map_err(trouble)? {
            0 => Ok(()),
            _ => Err(StoreError::InUse),
        }
    }

    /// Seals every row anew under the key of the next epoch.
    pub(super) fn begin_epoch(&mut self) -> Result<(), StoreError> {
        let (old, new) = (self.sealer.epoch(), self.sealer.epoch() + 1);
        let result = self.reseal(new);
        if result.is_err() {
            self.sealer.enter(old)?;
        }
        result
    }

    fn reseal(&mut self, new: u32) -> Result<(), StoreError> {
        let rows = self.open_all()?;
        let ids: Vec<InstrumentId> = self.accounts.keys().cloned().collect();
        self.sealer.enter(new)?;
        self.transact(|draft| {
            draft.root.seals = 0;
            draft.root.tap_set = SetTag::default();
            for id in &ids {
                // Every account is written anew with the transaction; what was damaged stays so.
                if let Some(account) = draft.account(id).filter(|account| !account.damaged) {
                    account.record.set = SetTag::default();
                }
            }
            for (place, mut plain) in rows {
                let sealed = draft.seal(place, plain.expose_mut())?;
                let tag = draft.sealer().row_tag(place, &sealed);
                match place.table {
                    super::seal::Table::Credential => {
                        let owner = ids.iter().find(|id| draft.account(id).is_some_and(|a| a.row == place.account));
                        if let Some(account) = owner.and_then(|id| draft.account(id)) {
                            account.record.set.toggle(tag);
                        }
                    }
                    super::seal::Table::Tap => draft.root.tap_set.toggle(tag),
                    _ => {}
                }
                let sql = match place.table {
                    super::seal::Table::Credential => "UPDATE credential SET sealed = ?2 WHERE id = ?1",
                    super::seal::Table::Profile => "UPDATE profile SET sealed = ?2 WHERE account = ?1",
                    _ => "UPDATE tap SET sealed = ?2 WHERE id = ?1",
                };
                draft.execute(sql, params![place.row, sealed])?;
            }
            Ok(())
        })
    }

    /// Every row that opens, but accounts and root.
    fn open_all(&self) -> Result<Vec<(Place, crate::crypto::SecretBytes)>, StoreError> {
        let mut places = Vec::new();
        let mut add = |sql: &str, place: &dyn Fn(&rusqlite::Row<'_>) -> rusqlite::Result<Place>| {
            let mut statement = self.connection.prepare(sql).map_err(trouble)?;
            let rows = statement.query_map([], |row| Ok((place(row)?, row.get::<_, Vec<u8>>("sealed")?)));
            for row in rows.map_err(trouble)? {
                places.push(row.map_err(trouble)?);
            }
            Ok::<(), StoreError>(())
        };
        add("SELECT id, account, atc, state, sealed FROM credential", &|row| {
            Ok(Place::credential(row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
        add("SELECT id, sealed FROM tap", &|row| Ok(Place::tap(row.get(0)?)))?;
        add("SELECT account, version, sealed FROM profile", &|row| {
            Ok(Place::profile(row.get(0)?, u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0)))
        })?;
        let opened = places.into_iter().filter_map(|(place, sealed)| Some((place, self.sealer.open(place, &sealed)?)));
        Ok(opened.collect())
    }
}
