-- Schema 1. What is sealed is AES-256-GCM under the key of the epoch, as core/src/storage/sqlite/seal.rs lays it out;
-- the columns in the clear are bound to the sealed bytes as associated data.

-- Which store this is, and its key, wrapped by the device's key vault.
CREATE TABLE store (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    store_id    BLOB NOT NULL,
    wrapped_key BLOB NOT NULL
) STRICT;

-- The one row that every transaction writes anew: the state of the whole.
CREATE TABLE root (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    epoch   INTEGER NOT NULL,
    sealed  BLOB NOT NULL
) STRICT;

-- One row an instrument, kept when its card is deleted: the mark and the counters outlive it.
CREATE TABLE account (
    id      INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    sealed  BLOB NOT NULL
) STRICT;

-- The profile as the token service made it, with the keys that open it.
CREATE TABLE profile (
    account INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    sealed  BLOB NOT NULL
) STRICT;

-- State 0: unused, the keys are sealed in it. State 1: reserved, the keys are gone from it.
CREATE TABLE credential (
    id      INTEGER PRIMARY KEY,
    account INTEGER NOT NULL,
    atc     INTEGER NOT NULL,
    state   INTEGER NOT NULL,
    sealed  BLOB NOT NULL,
    UNIQUE (account, atc)
) STRICT;

-- Taps that are over, the latest ones.
CREATE TABLE tap (
    id      INTEGER PRIMARY KEY,
    sealed  BLOB NOT NULL
) STRICT;

-- What the card that pays shows to any reader, under a key that is no secret: known before the vault has answered.
CREATE TABLE face (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    key     BLOB NOT NULL,
    sealed  BLOB NOT NULL
) STRICT;
