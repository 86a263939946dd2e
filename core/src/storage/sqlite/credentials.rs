//! The ledger's operations, each in one transaction.

use super::draft::Draft;
use super::root::{Account, Entry, Reserved};
use super::seal::{Place, RowTag, Sealer, SetTag};
use super::trouble;
use crate::cdcvm::Charge;
use crate::crypto::{Secret, SecretBytes};
use crate::emv::Atc;
use crate::instrument::{InstrumentId, TransactionCredential};
use crate::storage::{LedgerError, Reservation, Spent, StoreError};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;
use subtle::ConstantTimeEq;

/// A credential's row.
struct Row {
    id: i64,
    atc: Atc,
    state: u8,
    sealed: Vec<u8>,
}

impl Row {
    const fn place(&self, account: i64) -> Place {
        Place::credential(self.id, account, self.atc.value(), self.state)
    }
}

impl Draft<'_> {
    pub(super) fn load(
        &mut self,
        id: &InstrumentId,
        credentials: Vec<TransactionCredential>,
        max: usize,
    ) -> Result<(), StoreError> {
        self.open_account(id);
        let mut account = self.sound(id)?;
        let mark = self.mark(id);
        let mut fresh = BTreeMap::new();
        for credential in credentials {
            let atc = credential.atc();
            if !self.holds(id, &account, mark, &credential)? && fresh.insert(atc, credential).is_some() {
                return Err(LedgerError::Duplicate(atc.value()).into());
            }
        }
        if account.unspent.len() + fresh.len() > max {
            return Err(LedgerError::Full(max).into());
        }
        for (atc, credential) in fresh {
            let row = self.free_row()?;
            self.enter(&mut account, row, atc, UNUSED, &credential.to_bytes(), true)?;
            account.unspent.insert(atc);
        }
        self.put(id, account);
        Ok(())
    }

    /// Whether the credential is there already; an error when its ATC cannot be taken in.
    fn holds(
        &self,
        id: &InstrumentId,
        account: &Account,
        mark: Option<Atc>,
        credential: &TransactionCredential,
    ) -> Result<bool, StoreError> {
        let atc = credential.atc();
        let Some(row) = self.row(id, account.row, atc)? else {
            return if mark < Some(atc) { Ok(false) } else { Err(LedgerError::Stale(atc.value()).into()) };
        };
        let plain = self.opened(id, account.row, &row)?;
        let same = match row.state {
            UNUSED => plain.expose_secret().ct_eq(credential.to_bytes().expose_secret()),
            _ => plain.expose_secret().ct_eq(&credential.fingerprint()),
        };
        if same.into() { Ok(true) } else { Err(LedgerError::Stale(atc.value()).into()) }
    }

    pub(super) fn reserve(&mut self, id: &InstrumentId, provisional: Charge) -> Result<Reservation, StoreError> {
        let mut account = self.sound(id)?;
        if account.record.reserved.is_some() {
            return Err(LedgerError::Reserved.into());
        }
        let above = self.mark(id).map_or(-1, |mark| i64::from(mark.value()));
        let mut statement = self
            .transaction
            .prepare_cached(
                "SELECT id, atc, state, sealed FROM credential
                 WHERE account = ?1 AND state = 0 AND atc > ?2 ORDER BY atc LIMIT 1",
            )
            .map_err(trouble)?;
        let row = statement.query_row(params![account.row, above], read).optional().map_err(trouble)?;
        drop(statement);
        let row = row.ok_or(LedgerError::NoneLeft)?.ok_or_else(|| damaged(id))?;
        let plain = self.opened(id, account.row, &row)?;
        let credential = credential(row.atc, &plain).ok_or_else(|| damaged(id))?;
        account.record.set.remove(self.tag(account.row, &row));
        // From here on the file has no key of it any more: whatever happens, it cannot answer a second time.
        let fingerprint = SecretBytes::copy_of(&credential.fingerprint());
        self.enter(&mut account, row.id, row.atc, RESERVED, &fingerprint, false)?;
        account.record.reserved = Some(Reserved { atc: row.atc, provisional });
        self.entry(id, &account).reserved = Some(row.atc);
        self.put(id, account);
        Ok(Reservation::new(id.clone(), credential))
    }

    pub(super) fn settle(&mut self, spent: &Spent, charge: Charge) -> Result<(), StoreError> {
        let id = &spent.instrument;
        let mut account = self.sound_or(id, LedgerError::NotReserved)?;
        let reserved = account.record.reserved.take_if(|reserved| reserved.atc == spent.atc);
        let reserved = reserved.ok_or(LedgerError::NotReserved)?;
        self.use_up(id, &mut account, reserved.atc, charge)?;
        self.put(id, account);
        Ok(())
    }

    pub(super) fn release(&mut self, id: &InstrumentId, credential: &TransactionCredential) -> Result<(), StoreError> {
        let mut account = self.sound_or(id, LedgerError::NotReserved)?;
        let reserved = account.record.reserved.take_if(|reserved| reserved.atc == credential.atc());
        let Reserved { atc, .. } = reserved.ok_or(LedgerError::NotReserved)?;
        let row = self.row(id, account.row, atc)?.filter(|row| row.state == RESERVED).ok_or_else(|| damaged(id))?;
        let fingerprint = self.opened(id, account.row, &row)?;
        if !bool::from(fingerprint.expose_secret().ct_eq(&credential.fingerprint())) {
            return Err(LedgerError::NotReserved.into());
        }
        account.record.set.remove(self.tag(account.row, &row));
        self.enter(&mut account, row.id, atc, UNUSED, &credential.to_bytes(), false)?;
        self.entry(id, &account).reserved = None;
        self.put(id, account);
        Ok(())
    }

    pub(super) fn burn_reserved(&mut self, id: &InstrumentId) -> Result<(), StoreError> {
        let Some(mut account) = self.take(id) else { return Ok(()) };
        if let Some(Reserved { atc, provisional }) = account.record.reserved.take() {
            self.use_up(id, &mut account, atc, provisional)?;
        }
        self.put(id, account);
        Ok(())
    }

    /// The same for an account whose rows are not to be believed, and the burning of the next ones too: the rows are left as
    /// they were found.
    pub(super) fn note_burnt(&mut self, id: &InstrumentId, more: usize) -> Result<(), StoreError> {
        if let Some(account) = self.account(id)
            && let Some(Reserved { provisional, .. }) = account.record.reserved.take()
        {
            account.record.velocity = account.record.velocity.charged(provisional);
        } else {
            // Not even the account can be read; it is not written either.
            self.take(id);
        }
        let Some(Entry { row, mark, reserved, .. }) = self.root.accounts.get(id).cloned() else { return Ok(()) };
        let mark = mark.max(reserved);
        // Counters follow each other: nothing nearer than that may have answered, nor what opens for itself.
        let nearest = u16::try_from(more).unwrap_or(u16::MAX).saturating_add(mark.map_or(0, Atc::value));
        let next = self.genuine_atcs(row)?.into_iter().filter(|atc| Some(*atc) > mark).take(more).last();
        if let Some(entry) = self.root.accounts.get_mut(id) {
            entry.reserved = None;
            entry.mark = if more == 0 { mark } else { next.max(Some(Atc::new(nearest))) };
        }
        Ok(())
    }

    /// Counters of an account's rows that open where they lie, rising.
    fn genuine_atcs(&self, account: i64) -> Result<Vec<Atc>, StoreError> {
        let sql = "SELECT id, atc, state, sealed FROM credential WHERE account = ?1 ORDER BY atc";
        let mut statement = self.transaction.prepare_cached(sql).map_err(trouble)?;
        let rows = statement.query_map([account], read).map_err(trouble)?;
        let rows: Vec<Option<Row>> = rows.collect::<Result<_, _>>().map_err(trouble)?;
        let genuine = |row: &Row| self.sealer().open(row.place(account), &row.sealed).is_some();
        Ok(rows.into_iter().flatten().filter(genuine).map(|row| row.atc).collect())
    }

    /// Burns the credentials that a device which loses its latest writes may have answered with.
    pub(super) fn burn_next(&mut self, id: &InstrumentId, number: usize) -> Result<(), StoreError> {
        let Some(mut account) = self.take(id) else { return Ok(()) };
        let last = account.unspent.iter().take(number).next_back().copied();
        if let Some(atc) = last {
            self.use_up(id, &mut account, atc, Charge::None)?;
        }
        self.put(id, account);
        Ok(())
    }

    pub(super) fn erase(&mut self, id: &InstrumentId) -> Result<(), StoreError> {
        self.burn_reserved(id)?;
        let Some(mut account) = self.take(id) else { return Ok(()) };
        if account.damaged {
            return Err(damaged(id));
        }
        self.execute("DELETE FROM credential WHERE account = ?1", [account.row])?;
        account.record.set = SetTag::default();
        account.unspent.clear();
        account.verified = true;
        self.put(id, account);
        Ok(())
    }

    /// Nothing at or below this ATC can answer any more.
    fn use_up(&mut self, id: &InstrumentId, account: &mut Account, atc: Atc, charge: Charge) -> Result<(), StoreError> {
        for row in rows(self.transaction, id, account.row, Some(atc))? {
            account.record.set.remove(self.tag(account.row, &row));
        }
        let parameters = params![account.row, atc.value()];
        self.execute("DELETE FROM credential WHERE account = ?1 AND atc <= ?2", parameters)?;
        account.unspent.retain(|unspent| *unspent > atc);
        account.record.velocity = account.record.velocity.charged(charge);
        self.root.spent_at = self.root.counter + 1;
        self.raise_mark(id, account, atc);
        Ok(())
    }

    fn raise_mark(&mut self, id: &InstrumentId, account: &Account, atc: Atc) {
        let entry = self.entry(id, account);
        entry.mark = entry.mark.max(Some(atc));
        entry.reserved = None;
    }

    fn entry(&mut self, id: &InstrumentId, account: &Account) -> &mut Entry {
        let new = Entry { row: account.row, version: account.version, mark: None, reserved: None };
        self.root.accounts.entry(id.clone()).or_insert(new)
    }

    fn mark(&self, id: &InstrumentId) -> Option<Atc> {
        self.root.accounts.get(id).and_then(|entry| entry.mark)
    }

    /// The account of an instrument, its credentials held against the tag of their set once in a process.
    fn sound(&mut self, id: &InstrumentId) -> Result<Account, StoreError> {
        self.sound_or(id, LedgerError::NoneLeft)
    }

    fn sound_or(&mut self, id: &InstrumentId, none: LedgerError) -> Result<Account, StoreError> {
        let mut account = self.take(id).ok_or(none)?;
        if account.damaged {
            return Err(damaged(id));
        }
        if !account.verified {
            verify(self.transaction, self.sealer(), id, &account)?;
            account.verified = true;
        }
        Ok(account)
    }

    /// Holds the credentials of an account against their tag.
    pub(super) fn check(&mut self, id: &InstrumentId) -> Result<(), StoreError> {
        self.sound(id).map(drop)
    }

    /// Writes a credential's row, and takes it into the set.
    fn enter(
        &mut self,
        account: &mut Account,
        id: i64,
        atc: Atc,
        state: u8,
        plain: &SecretBytes,
        is_new: bool,
    ) -> Result<(), StoreError> {
        let place = Place::credential(id, account.row, atc.value(), state);
        // What is handed to the seal is overwritten by it.
        let mut plain = SecretBytes::copy_of(plain.expose_secret());
        let sealed = self.seal(place, plain.expose_mut())?;
        account.record.set.add(self.sealer().row_tag(place, &sealed));
        let changed = if is_new {
            let sql = "INSERT INTO credential (id, account, atc, state, sealed) VALUES (?1, ?2, ?3, ?4, ?5)";
            self.execute(sql, params![id, account.row, atc.value(), state, sealed])?
        } else {
            // The choice and the mark are one: a row that is not in the other state is not changed.
            let sql = "UPDATE credential SET state = ?4, sealed = ?5
                       WHERE id = ?1 AND account = ?2 AND atc = ?3 AND state = 1 - ?4";
            self.execute(sql, params![id, account.row, atc.value(), state, sealed])?
        };
        if changed == 1 { Ok(()) } else { Err(LedgerError::NotReserved.into()) }
    }

    /// A row that nobody has, not even somebody who has written it in by hand.
    fn free_row(&mut self) -> Result<i64, StoreError> {
        let sql = "SELECT 1 FROM credential WHERE id = ?1";
        let mut statement = self.transaction.prepare_cached(sql).map_err(trouble)?;
        loop {
            self.root.last_credential += 1;
            if !statement.exists([self.root.last_credential]).map_err(trouble)? {
                return Ok(self.root.last_credential);
            }
        }
    }

    fn row(&self, id: &InstrumentId, account: i64, atc: Atc) -> Result<Option<Row>, StoreError> {
        let sql = "SELECT id, atc, state, sealed FROM credential WHERE account = ?1 AND atc = ?2";
        let mut statement = self.transaction.prepare_cached(sql).map_err(trouble)?;
        let row = statement.query_row(params![account, atc.value()], read).optional().map_err(trouble)?;
        row.map(|row| row.ok_or_else(|| damaged(id))).transpose()
    }

    fn tag(&self, account: i64, row: &Row) -> RowTag {
        self.sealer().row_tag(row.place(account), &row.sealed)
    }

    fn opened(&self, id: &InstrumentId, account: i64, row: &Row) -> Result<SecretBytes, StoreError> {
        self.sealer().open(row.place(account), &row.sealed).ok_or_else(|| damaged(id))
    }
}

/// The credentials of an account, held against the tag of their set.
pub(super) fn verify(
    connection: &Connection,
    sealer: &Sealer,
    id: &InstrumentId,
    account: &Account,
) -> Result<(), StoreError> {
    let mut found = SetTag::default();
    let mut last = None;
    for row in rows(connection, id, account.row, None)? {
        // Each counter once, whatever an index says.
        if last >= Some(row.atc) {
            return Err(damaged(id));
        }
        last = Some(row.atc);
        found.add(sealer.row_tag(row.place(account.row), &row.sealed));
    }
    if found == account.record.set { Ok(()) } else { Err(damaged(id)) }
}

/// The rows of an account, up to an ATC or all, rising.
fn rows(connection: &Connection, id: &InstrumentId, account: i64, up_to: Option<Atc>) -> Result<Vec<Row>, StoreError> {
    let sql = "SELECT id, atc, state, sealed FROM credential WHERE account = ?1 AND atc <= ?2 ORDER BY atc";
    let mut statement = connection.prepare_cached(sql).map_err(trouble)?;
    let highest = up_to.map_or(i64::MAX, |atc| i64::from(atc.value()));
    let rows = statement.query_map(params![account, highest], read).map_err(trouble)?;
    rows.map(|row| row.map_err(trouble)?.ok_or_else(|| damaged(id))).collect()
}

/// `None` for a row whose columns nobody here has written.
fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<Row>> {
    let (id, atc, state, sealed): (i64, i64, i64, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    let columns = u16::try_from(atc).ok().zip(u8::try_from(state).ok());
    Ok(columns.map(|(atc, state)| Row { id, atc: Atc::new(atc), state, sealed }))
}

fn damaged(id: &InstrumentId) -> StoreError {
    StoreError::Damaged(id.to_string())
}

fn credential(atc: Atc, plain: &SecretBytes) -> Option<TransactionCredential> {
    let (idn, keys) = plain.expose_secret().split_first_chunk::<8>()?;
    let (umd, md) = keys.split_first_chunk::<16>()?;
    let md: &[u8; 16] = md.try_into().ok()?;
    let key = |bytes: &[u8; 16]| Secret::new(|place: &mut [u8; 16]| place.copy_from_slice(bytes));
    TransactionCredential::new(atc, idn, key(umd), key(md))
}

/// Its keys are sealed in the row.
const UNUSED: u8 = 0;
/// The row only tells that it was there.
const RESERVED: u8 = 1;
