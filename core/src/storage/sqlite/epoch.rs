//! A new epoch: every row sealed anew under the next key, in one transaction.

use super::draft::Draft;
use super::seal::{Place, SetTag, Table};
use super::{SqliteStore, trouble};
use crate::crypto::SecretBytes;
use crate::instrument::InstrumentId;
use crate::storage::StoreError;
use rusqlite::params;
use std::collections::BTreeMap;

impl SqliteStore {
    pub(super) fn begin_epoch(&mut self) -> Result<(), StoreError> {
        // Nothing that was slipped in may be sealed anew.
        self.verify_all()?;
        let (old, new) = (self.sealer.epoch(), self.sealer.epoch() + 1);
        let rows = self.open_all()?;
        let owners = self.sound_accounts().into_iter();
        let owners: BTreeMap<i64, InstrumentId> =
            owners.filter_map(|id| Some((self.accounts.get(&id)?.row, id))).collect();
        self.sealer.enter(new)?;
        let result = self.transact(|draft| draft.seal_anew(rows, &owners));
        if result.is_err() {
            self.sealer.enter(old)?;
        }
        result
    }

    fn verify_all(&mut self) -> Result<(), StoreError> {
        for id in self.sound_accounts() {
            match self.transact(|draft| draft.check(&id)) {
                Ok(()) | Err(StoreError::Damaged(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Every row that opens, but accounts and root.
    fn open_all(&self) -> Result<Vec<(Place, SecretBytes)>, StoreError> {
        let mut found = Vec::new();
        let mut add = |sql: &str, place: fn(&rusqlite::Row<'_>) -> rusqlite::Result<Place>| {
            let mut statement = self.connection.prepare(sql).map_err(trouble)?;
            let rows = statement.query_map([], |row| Ok((place(row)?, row.get::<_, Vec<u8>>("sealed")?)));
            for row in rows.map_err(trouble)? {
                let (place, sealed) = row.map_err(trouble)?;
                found.extend(self.sealer.open(place, &sealed).map(|plain| (place, plain)));
            }
            Ok::<(), StoreError>(())
        };
        add("SELECT id, account, atc, state, sealed FROM credential", |row| {
            Ok(Place::credential(row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
        add("SELECT id, sealed FROM tap", |row| Ok(Place::tap(row.get(0)?)))?;
        add("SELECT account, version, sealed FROM profile", |row| {
            Ok(Place::profile(row.get(0)?, u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0)))
        })?;
        Ok(found)
    }
}

impl Draft<'_> {
    fn seal_anew(
        &mut self,
        rows: Vec<(Place, SecretBytes)>,
        owners: &BTreeMap<i64, InstrumentId>,
    ) -> Result<(), StoreError> {
        self.root.seals = 0;
        self.root.tap_set = SetTag::default();
        for id in owners.values() {
            // Touched, its row is written anew too.
            if let Some(account) = self.account(id) {
                account.record.set = SetTag::default();
            }
        }
        for (place, mut plain) in rows {
            let owner = owners.get(&place.account);
            if place.table != Table::Tap && owner.is_none() {
                // What is damaged stays as it was found.
                continue;
            }
            let sealed = self.seal(place, plain.expose_mut())?;
            let tag = self.sealer().row_tag(place, &sealed);
            match (place.table, owner.and_then(|id| self.account(id))) {
                (Table::Credential, Some(account)) => account.record.set.add(tag),
                (Table::Tap, _) => self.root.tap_set.add(tag),
                _ => {}
            }
            let sql = match place.table {
                Table::Credential => "UPDATE credential SET sealed = ?2 WHERE id = ?1",
                Table::Profile => "UPDATE profile SET sealed = ?2 WHERE account = ?1",
                _ => "UPDATE tap SET sealed = ?2 WHERE id = ?1",
            };
            self.execute(sql, params![place.row, sealed])?;
        }
        Ok(())
    }
}
