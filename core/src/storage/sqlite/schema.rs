use super::trouble;
use crate::storage::StoreError;
use rusqlite::{Connection, Transaction};

/// The schema that this version writes.
pub(super) const SCHEMA: u32 = 1;

/// How each schema is made of the one before.
const MIGRATIONS: [(u32, &str); 1] = [(1, include_str!("migrations/1.sql"))];

/// The schema of a file; 0 for an empty one.
///
/// # Errors
/// [`StoreError::FromTheFuture`].
pub(super) fn schema_of(connection: &Connection) -> Result<u32, StoreError> {
    let found = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(trouble)?;
    if found > SCHEMA {
        return Err(StoreError::FromTheFuture { found, known: SCHEMA });
    }
    Ok(found)
}

/// Brings a file of an older schema to this one, within the caller's transaction.
pub(super) fn migrate(transaction: &Transaction<'_>, from: u32) -> Result<(), StoreError> {
    for (schema, sql) in MIGRATIONS.iter().filter(|(schema, _)| *schema > from) {
        transaction.execute_batch(sql).map_err(trouble)?;
        transaction.pragma_update(None, "user_version", schema).map_err(trouble)?;
    }
    Ok(())
}
