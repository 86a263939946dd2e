//! The log of taps, and the write-ahead log.

use super::draft::Draft;
use super::seal::{Place, SetTag};
use super::{SqliteStore, draft, trouble};
use crate::storage::{LedgerError, StoreError};
use rusqlite::params;

impl Draft<'_> {
    pub(super) fn log_tap(&mut self, number: u64, mut entry: Vec<u8>, limit: usize) -> Result<(), StoreError> {
        // A tap that ended before the store was open knows no better than its own process.
        let number = number.max(self.root.taps + 1);
        let row = draft::number(number)?;
        let sealed = self.seal(Place::tap(row), &mut entry)?;
        let inserted = self.execute("INSERT OR IGNORE INTO tap (id, sealed) VALUES (?1, ?2)", params![row, sealed])?;
        if inserted == 1 {
            self.root.tap_set.add(self.sealer().row_tag(Place::tap(row), &sealed));
        }
        self.root.taps = self.root.taps.max(number);
        for (row, sealed) in self.taps_beyond(limit)? {
            self.root.tap_set.remove(self.sealer().row_tag(Place::tap(row), &sealed));
            self.execute("DELETE FROM tap WHERE id = ?1", [row])?;
        }
        Ok(())
    }

    fn taps_beyond(&self, limit: usize) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
        let sql = "SELECT id, sealed FROM tap ORDER BY id DESC LIMIT -1 OFFSET ?1";
        let mut statement = self.transaction.prepare_cached(sql).map_err(trouble)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map([limit], |row| Ok((row.get(0)?, row.get(1)?))).map_err(trouble)?;
        rows.collect::<Result<_, _>>().map_err(trouble)
    }
}

impl SqliteStore {
    /// Newest first; an error when one is missing, or there that nobody wrote.
    pub(super) fn read_taps(&self) -> Result<Vec<Vec<u8>>, StoreError> {
        let damaged = || StoreError::Ledger(LedgerError::Damaged);
        let sql = "SELECT id, sealed FROM tap ORDER BY id DESC";
        let mut statement = self.connection.prepare_cached(sql).map_err(trouble)?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)));
        let mut set = SetTag::default();
        let mut found = Vec::new();
        for row in rows.map_err(trouble)? {
            let (id, sealed) = row.map_err(trouble)?;
            set.add(self.sealer.row_tag(Place::tap(id), &sealed));
            let plain = self.sealer.open(Place::tap(id), &sealed).ok_or_else(damaged)?;
            found.push(plain.expose_secret().to_vec());
        }
        if set == self.root.tap_set { Ok(found) } else { Err(damaged()) }
    }

    /// A log that nobody can believe is not gone on with.
    pub(super) fn begin_log_anew_if_damaged(&mut self) -> Result<(), StoreError> {
        if let Err(StoreError::Ledger(LedgerError::Damaged)) = self.read_taps() {
            self.transact(|draft| {
                draft.root.tap_set = SetTag::default();
                draft.execute("DELETE FROM tap", []).map(drop)
            })?;
        }
        self.knows_taps = true;
        Ok(())
    }

    /// Moves the log into the file, where what was deleted is overwritten, and empties it.
    pub(super) fn checkpoint(&self) -> Result<(), StoreError> {
        let result = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        match result.map_err(trouble)? {
            0 => Ok(()),
            _ => Err(StoreError::InUse),
        }
    }
}
