//! The orders of an SQLite file, read and never changed: for `trace` and `copy`, who have no business writing there.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, params};

use super::schema::SCHEMA;
use super::{Fact, Owner, StoreError};
use crate::protocol::{OrderRef, SiteId};

/// A database that was opened for reading alone. The server may go on writing meanwhile.
#[derive(Debug)]
pub struct Books(Connection);

impl Books {
    /// Opens a file that is there.
    ///
    /// # Errors
    /// No such file, not a database, or one of a newer version of this program.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        db.busy_timeout(std::time::Duration::from_secs(5))?;
        let found: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let known = i64::try_from(SCHEMA.len()).unwrap_or(i64::MAX);
        // Facts have the form that they had from the beginning, so that older files can be read.
        if (1..=known).contains(&found) { Ok(Self(db)) } else { Err(StoreError::Schema { found, known }) }
    }

    /// Looks whether the orders are those of this site. A file that was never bound may be anybody's.
    ///
    /// # Errors
    /// They are another site's.
    pub fn must_be_of(&self, site: &SiteId) -> Result<(), StoreError> {
        let is_old = !self.0.table_exists(None, "owner")?;
        let bound = if is_old { None } else { Owner::read(&self.0)? };
        match bound.filter(|bound| bound.site != site.as_str()) {
            Some(bound) => {
                let path = self.0.path().unwrap_or_default().into();
                Err(StoreError::Foreign { path, bound, wanted: Owner::new(site, None) })
            }
            None => Ok(()),
        }
    }

    /// Every fact of an order; none for an unknown one.
    pub fn facts(&self, order: &OrderRef) -> Result<Vec<Fact>, StoreError> {
        let mut select = self.0.prepare_cached("SELECT fact FROM facts WHERE provider = ?1 AND order_id = ?2 ORDER BY rowid")?;
        let rows = select.query_map(params![order.provider.as_str(), order.order_id.as_str()], |row| row.get::<_, String>(0))?;
        rows.map(|body| Ok(serde_json::from_str(&body?)?)).collect()
    }

    /// Gives every order with all its facts to `visit`, in one pass.
    pub fn each(&self, visit: &mut dyn FnMut(OrderRef, &[Fact])) -> Result<(), StoreError> {
        let mut select = self.0.prepare("SELECT provider, order_id, fact FROM facts ORDER BY provider, order_id, rowid")?;
        let mut rows = select.query([])?;
        let mut facts: Vec<Fact> = Vec::new();
        while let Some(row) = rows.next()? {
            let fact: Fact = serde_json::from_str(row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?)?;
            if facts.first().is_some_and(|first| first.order != fact.order) {
                give(&mut facts, visit);
            }
            facts.push(fact);
        }
        give(&mut facts, visit);
        Ok(())
    }

    /// How many orders were deleted on request: of these nothing is known but that they were there.
    pub fn forgotten(&self) -> Result<u64, StoreError> {
        let count: i64 = self.0.query_row("SELECT count(*) FROM forgotten", [], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or_default())
    }
}

fn give(facts: &mut Vec<Fact>, visit: &mut dyn FnMut(OrderRef, &[Fact])) {
    if let Some(order) = facts.first().map(|fact| fact.order.clone()) {
        visit(order, facts);
        facts.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Facts as _, Sqlite, What};
    use super::*;

    fn fact(order: &str, at: u64) -> Fact {
        Fact { order: order.parse().unwrap(), at, what: What::Revoked }
    }

    #[test]
    fn reads_what_the_server_writes_and_writes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("orders.db");
        assert!(Books::open(&path).is_err() && !path.exists());
        let store = Sqlite::open(&path).unwrap();
        for (order, at) in [("manual:b", 1), ("manual:a", 2), ("manual:b", 3), ("test:a", 4)] {
            store.insert(&fact(order, at), 9).unwrap();
        }
        store.insert(&fact("manual:gone", 1), 9).unwrap();
        store.forget(&"manual:gone".parse().unwrap()).unwrap();
        let books = Books::open(&path).unwrap();
        let mut seen = Vec::new();
        books.each(&mut |order, facts| seen.push((order.to_string(), facts.iter().map(|f| f.at).collect::<Vec<_>>()))).unwrap();
        assert_eq!(seen, [("manual:a".into(), vec![2]), ("manual:b".into(), vec![1, 3]), ("test:a".into(), vec![4])]);
        assert_eq!((books.facts(&"manual:b".parse().unwrap()).unwrap().len(), books.forgotten().unwrap()), (2, 1));
    }

    #[test]
    fn another_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("orders.db");
        std::fs::write(&path, "not a database, but long enough to look at its first bytes and to see that it is none at all").unwrap();
        assert!(Books::open(&path).is_err());
    }
}
