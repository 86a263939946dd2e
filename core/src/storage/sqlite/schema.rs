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

/// Of the statements that everything in the file was made by.
pub(super) fn digest(connection: &Connection) -> Result<[u8; 32], StoreError> {
    let sql = "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema ORDER BY type, name";
    let mut statement = connection.prepare(sql).map_err(trouble)?;
    let mut rows = statement.query([]).map_err(trouble)?;
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    while let Some(row) = rows.next().map_err(trouble)? {
        for column in 0..4 {
            let text: String = row.get(column).map_err(trouble)?;
            // Eight bytes on every processor: an app of 64 bits goes on with the file of one of 32.
            let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
            context.update(&length.to_be_bytes());
            context.update(text.as_bytes());
        }
    }
    let mut digest = [0; 32];
    digest.iter_mut().zip(context.finish().as_ref()).for_each(|(place, byte)| *place = *byte);
    Ok(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schema_1_has_one_digest_on_every_processor() {
        let mut connection = Connection::open_in_memory().unwrap();
        let transaction = connection.transaction().unwrap();
        migrate(&transaction, 0).unwrap();

        let digest = digest(&transaction).unwrap();

        assert_eq!(base16ct::upper::encode_string(&digest), SCHEMA_1);
    }

    /// Recomputed by Python's sqlite3 and hashlib from the migration's text, with lengths of eight bytes.
    const SCHEMA_1: &str = "1FA53D5C8A147D7F7A4566A12C4214CC3A62AC35B0DF221E8FC45AE9DBC466DC";
}
