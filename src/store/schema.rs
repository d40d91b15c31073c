//! Tables of the SQLite store. A new version of the schema is a new entry; none is ever changed.

/// `SCHEMA[n]` leads from version n to n + 1; SQLite's `user_version` says where a file stands.
pub(super) const SCHEMA: &[&str] = &[
    "
    -- One row for each fact, insert once; `fact` is its JSON form, `id` the SHA-256 of that.
    CREATE TABLE facts (
        id BLOB NOT NULL UNIQUE, provider TEXT NOT NULL, order_id TEXT NOT NULL, fact TEXT NOT NULL, stored_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX facts_of_order ON facts (provider, order_id);
    -- Claims (kind 1) and licence keys (kind 2), each bound to the first order that brought it.
    CREATE TABLE names (
        kind INTEGER NOT NULL, digest BLOB NOT NULL, provider TEXT NOT NULL, order_id TEXT NOT NULL, PRIMARY KEY (kind, digest)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX names_of_order ON names (provider, order_id);
    -- A cleared device keeps the time of its coming and nothing else.
    CREATE TABLE devices (
        provider TEXT NOT NULL, order_id TEXT NOT NULL, device BLOB, token BLOB, first INTEGER NOT NULL, last INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX devices_of_order ON devices (provider, order_id);
    -- Orders that were deleted on request: a hash each, so that a webhook sent again does not bring them back.
    CREATE TABLE forgotten (digest BLOB NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
    ",
    "
    -- Devices hang on a copy, not on all copies of an order. Whose the old ones are shows when their token is used again.
    ALTER TABLE devices ADD COLUMN seat INTEGER NOT NULL DEFAULT 0;
    DROP INDEX devices_of_order;
    CREATE INDEX devices_of_copy ON devices (provider, order_id, seat);
    ",
    "
    -- Whose orders these are: at most one row. The key's fingerprint is missing until the key was there.
    CREATE TABLE owner (one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1), site TEXT NOT NULL, key TEXT) STRICT;
    ",
];
