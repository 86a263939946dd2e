//! The log of taps, and the write-ahead log.

use super::draft::Draft;
use super::seal::Place;
use super::{SqliteStore, draft, trouble};
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
}
