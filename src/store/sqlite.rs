//! The store in one SQLite file: several processes may use it at once (the server, and the author's `orders`).
//!
//! WAL, so that readers do not wait for writers, with `synchronous = FULL`: a webhook is answered 200 only once, and what was answered must
//! survive a power cut (`NORMAL` may lose the last transactions). `secure_delete`, so that a deleted buyer's bytes are overwritten.

use std::path::Path;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::file::File;
use super::schema::SCHEMA;
use super::{Admission, Device, DeviceLimit, Digest, Fact, Facts, Inserted, Name, Owner, Store, StoreError};
use crate::protocol::primitives::sha256;
use crate::protocol::{OrderId, OrderRef, Provider, Seat};

/// How long one process waits for another's transaction.
const BUSY: Duration = Duration::from_secs(5);

/// A SQLite database.
#[derive(Debug)]
pub struct Sqlite {
    db: Mutex<Connection>,
    file: File,
}

impl Sqlite {
    /// Opens a file, makes it (readable by its owner alone) if it is missing, and brings its schema up to date.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let file = File::make(path).map_err(|source| StoreError::File { path: path.to_owned(), source })?;
        let mut db = Connection::open(path)?;
        db.busy_timeout(BUSY)?;
        write_ahead(&db)?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.pragma_update(None, "secure_delete", true)?;
        db.set_prepared_statement_cache_capacity(32);
        let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found: i64 = change.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let known = i64::try_from(SCHEMA.len()).unwrap_or(i64::MAX);
        let Some(steps) = usize::try_from(found).ok().and_then(|found| SCHEMA.get(found..)) else {
            return Err(StoreError::Schema { found, known });
        };
        for step in steps {
            change.execute_batch(step)?;
        }
        change.pragma_update(None, "user_version", known)?;
        change.commit()?;
        Ok(Self { db: Mutex::new(db), file })
    }

    /// Binds the file to the site and the key whose orders it holds, if it is not bound yet.
    ///
    /// # Errors
    /// It belongs to another site, or to another key of this one.
    pub fn bind(&self, owner: &Owner) -> Result<(), StoreError> {
        let bound = self.change(|db| owner.bind(db))?;
        bound.map_err(|bound| StoreError::Foreign { path: self.file.path().to_owned(), bound, wanted: owner.clone() })
    }

    fn db(&self) -> Result<MutexGuard<'_, Connection>, StoreError> {
        self.db.lock().map_err(|_| StoreError::Poisoned)
    }

    /// Before every change: a message must not be answered 200 for a file that nobody finds.
    fn is_there(&self) -> Result<(), StoreError> {
        if self.file.is_there() { Ok(()) } else { Err(StoreError::Gone(self.file.path().to_owned())) }
    }

    /// One transaction that may write. It takes its lock at the start, so that it never fails half way for another process's sake.
    fn change<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.is_there()?;
        let mut db = self.db()?;
        let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let out = work(&change)?;
        change.commit()?;
        Ok(out)
    }
}

/// SQLite does not wait for another process that makes this change, or opens the file for the first time, in the same moment.
fn write_ahead(db: &Connection) -> rusqlite::Result<()> {
    let began = std::time::Instant::now();
    loop {
        match db.pragma_update(None, "journal_mode", "WAL") {
            Err(wrong) if wrong.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && began.elapsed() < BUSY => {
                std::thread::sleep(Duration::from_millis(20));
            }
            other => return other,
        }
    }
}

/// The two columns of an order.
fn key(order: &OrderRef) -> (&str, &str) {
    (order.provider.as_str(), order.order_id.as_str())
}

fn tombstone(order: &OrderRef) -> [u8; 32] {
    sha256(format!("forgotten {order}").as_bytes())
}

fn name_key(name: &Name) -> (i64, &[u8; 32]) {
    match name {
        Name::Claim(digest) => (1, digest.as_bytes()),
        Name::Licence(digest) => (2, digest.as_bytes()),
        Name::Subscription(digest) => (3, digest.as_bytes()),
    }
}

fn order_of(provider: String, order_id: String) -> Option<OrderRef> {
    Some(OrderRef { provider: Provider::parse(&provider).ok()?, order_id: OrderId::parse(&order_id).ok()? })
}

/// SQLite's integers have a sign; our times fit.
fn time(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

fn seconds(time: i64) -> u64 {
    u64::try_from(time).unwrap_or_default()
}

fn is_forgotten(db: &Connection, order: &OrderRef) -> Result<bool, StoreError> {
    let mut look = db.prepare_cached("SELECT 1 FROM forgotten WHERE digest = ?1")?;
    Ok(look.exists(params![tombstone(order)])?)
}

impl Facts for Sqlite {
    fn insert(&self, fact: &Fact, now: u64) -> Result<Inserted, StoreError> {
        let (provider, order_id) = key(&fact.order);
        let body = String::from_utf8_lossy(&fact.to_json()).into_owned();
        self.change(|db| {
            if is_forgotten(db, &fact.order)? {
                return Ok(Inserted::Forgotten);
            }
            let mut insert = db.prepare_cached(
                "INSERT INTO facts (id, provider, order_id, fact, stored_at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO NOTHING",
            )?;
            if insert.execute(params![fact.id(), provider, order_id, body, time(now)])? == 0 {
                return Ok(Inserted::Known);
            }
            let mut bind = db.prepare_cached(
                "INSERT INTO names (kind, digest, provider, order_id) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (kind, digest) DO NOTHING",
            )?;
            for name in fact.names() {
                let (kind, digest) = name_key(&name);
                bind.execute(params![kind, digest, provider, order_id])?;
            }
            Ok(Inserted::New)
        })
    }

    fn facts(&self, order: &OrderRef) -> Result<Vec<Fact>, StoreError> {
        let db = self.db()?;
        let (provider, order_id) = key(order);
        let mut select = db.prepare_cached("SELECT fact FROM facts WHERE provider = ?1 AND order_id = ?2 ORDER BY rowid")?;
        let rows = select.query_map(params![provider, order_id], |row| row.get::<_, String>(0))?;
        rows.map(|body| Ok(serde_json::from_str(&body?)?)).collect()
    }

    fn find(&self, name: &Name) -> Result<Option<OrderRef>, StoreError> {
        let db = self.db()?;
        let (kind, digest) = name_key(name);
        let mut select = db.prepare_cached("SELECT provider, order_id FROM names WHERE kind = ?1 AND digest = ?2")?;
        let found = select.query_row(params![kind, digest], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        Ok(found.and_then(|(provider, order_id)| order_of(provider, order_id)))
    }

    fn orders(&self) -> Result<Vec<OrderRef>, StoreError> {
        let db = self.db()?;
        let mut select = db.prepare_cached("SELECT provider, order_id FROM facts GROUP BY provider, order_id ORDER BY min(rowid)")?;
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut orders = Vec::new();
        for row in rows {
            let (provider, order_id) = row?;
            orders.extend(order_of(provider, order_id));
        }
        Ok(orders)
    }

    fn forget(&self, order: &OrderRef) -> Result<bool, StoreError> {
        let (provider, order_id) = key(order);
        let gone = self.change(|db| {
            if db.execute("DELETE FROM facts WHERE provider = ?1 AND order_id = ?2", params![provider, order_id])? == 0 {
                return Ok(false);
            }
            db.execute("DELETE FROM names WHERE provider = ?1 AND order_id = ?2", params![provider, order_id])?;
            db.execute("DELETE FROM devices WHERE provider = ?1 AND order_id = ?2", params![provider, order_id])?;
            db.execute("INSERT OR IGNORE INTO forgotten (digest) VALUES (?1)", params![tombstone(order)])?;
            Ok(true)
        })?;
        if gone {
            // The old bytes still stand in the write-ahead log until it is emptied. Another process that reads just now may hold that up.
            self.db()?.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        }
        Ok(gone)
    }

    fn is_forgotten(&self, order: &OrderRef) -> Result<bool, StoreError> {
        is_forgotten(&*self.db()?, order)
    }
}

impl Store for Sqlite {
    fn admit(
        &self,
        order: &OrderRef,
        seat: Seat,
        device: Digest,
        token: Digest,
        now: u64,
        limit: DeviceLimit,
    ) -> Result<Admission, StoreError> {
        let (provider, order_id) = key(order);
        let (device, token) = (device.as_bytes(), token.as_bytes());
        let since = time(now) - time(limit.span).min(time(now));
        self.change(|db| {
            // Between an order's look-up and this its buyer may have been deleted.
            if is_forgotten(db, order)? {
                return Ok(Admission::Forgotten);
            }
            let mut known = db.prepare_cached(
                "UPDATE devices SET token = ?5, last = max(last, ?6) WHERE provider = ?1 AND order_id = ?2 AND seat = ?3 AND device = ?4",
            )?;
            if known.execute(params![provider, order_id, seat.0, device, token, time(now)])? > 0 {
                return Ok(Admission::Welcome);
            }
            let mut prune =
                db.prepare_cached("DELETE FROM devices WHERE provider = ?1 AND order_id = ?2 AND device IS NULL AND first <= ?3")?;
            prune.execute(params![provider, order_id, since])?;
            let mut count = db.prepare_cached(
                "SELECT count(*), min(first) FROM devices WHERE provider = ?1 AND order_id = ?2 AND seat = ?3 AND first > ?4",
            )?;
            let (new, oldest): (u32, Option<i64>) =
                count.query_row(params![provider, order_id, seat.0, since], |row| Ok((row.get(0)?, row.get(1)?)))?;
            if new >= limit.most {
                let oldest = oldest.map_or(now, seconds);
                return Ok(Admission::Full { wait: oldest.saturating_add(limit.span).saturating_sub(now).max(1) });
            }
            let mut insert = db.prepare_cached(
                "INSERT INTO devices (provider, order_id, seat, device, token, first, last) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
            )?;
            insert.execute(params![provider, order_id, seat.0, device, token, time(now)])?;
            Ok(Admission::Welcome)
        })
    }

    fn touch(&self, order: &OrderRef, seat: Seat, token: Digest, renewed: Option<Digest>, now: u64) -> Result<(), StoreError> {
        let (provider, order_id) = key(order);
        let next = renewed.unwrap_or(token);
        self.change(|db| {
            let mut update = db.prepare_cached(
                "UPDATE devices SET seat = ?3, token = ?5, last = max(last, ?6) WHERE provider = ?1 AND order_id = ?2 AND token = ?4",
            )?;
            update.execute(params![provider, order_id, seat.0, token.as_bytes(), next.as_bytes(), time(now)])?;
            Ok(())
        })
    }

    fn devices(&self, order: &OrderRef, seat: Seat) -> Result<Vec<Device>, StoreError> {
        let db = self.db()?;
        let (provider, order_id) = key(order);
        let mut select = db.prepare_cached(
            "SELECT device, token, first, last FROM devices WHERE provider = ?1 AND order_id = ?2 AND seat = ?3 AND device IS NOT NULL
             ORDER BY last DESC, device",
        )?;
        let rows = select.query_map(params![provider, order_id, seat.0], |row| {
            let (id, token) = (Digest::from_bytes(row.get(0)?), Digest::from_bytes(row.get(1)?));
            Ok(Device { id, token, first: seconds(row.get(2)?), last: seconds(row.get(3)?) })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn new_devices(&self, order: &OrderRef, since: u64) -> Result<u32, StoreError> {
        let db = self.db()?;
        let (provider, order_id) = key(order);
        let mut count = db.prepare_cached("SELECT count(*) FROM devices WHERE provider = ?1 AND order_id = ?2 AND first > ?3")?;
        Ok(count.query_row(params![provider, order_id, time(since)], |row| row.get(0))?)
    }

    fn clear_devices(&self, order: &OrderRef, seat: Seat, keep: Digest) -> Result<(), StoreError> {
        let (provider, order_id) = key(order);
        self.change(|db| {
            let mut clear = db.prepare_cached(
                "UPDATE devices SET device = NULL, token = NULL, last = first
                 WHERE provider = ?1 AND order_id = ?2 AND seat = ?3 AND token <> ?4",
            )?;
            clear.execute(params![provider, order_id, seat.0, keep.as_bytes()])?;
            Ok(())
        })
    }

    fn check(&self) -> Result<(), StoreError> {
        self.is_there()?;
        Ok(self.db()?.query_row("SELECT count(*) FROM names WHERE kind = 0", [], |_| Ok(()))?)
    }
}
