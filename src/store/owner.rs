//! Whose orders a database holds. Under another key no licence key, reference or token in it would be found, and orders of another site
//! would get keys that open nothing.

use std::fmt;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::StoreError;
use crate::protocol::{Fingerprint, SiteId};

/// A site, and its key as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The site's id.
    pub site: String,
    /// Of the site key.
    pub key: Option<Fingerprint>,
}

impl Owner {
    /// This site, under this key; without one, under any.
    #[must_use]
    pub fn new(site: &SiteId, key: Option<Fingerprint>) -> Self {
        Self { site: site.as_str().to_owned(), key }
    }

    /// True if the two may be the same.
    fn fits(&self, other: &Self) -> bool {
        self.site == other.site && self.key.zip(other.key).is_none_or(|(one, other)| one == other)
    }

    /// The one that is written in a database; `None` in one that was never bound.
    pub(super) fn read(db: &Connection) -> Result<Option<Self>, StoreError> {
        let row = db.query_row("SELECT site, key FROM owner", [], |row| Ok((row.get(0)?, row.get::<_, Option<String>>(1)?))).optional()?;
        Ok(row.map(|(site, key)| Self { site, key: key.and_then(|key| Fingerprint::parse(&key).ok()) }))
    }

    /// Binds a database to this owner, or says whose it is. What is known of the key is never unlearned. In a transaction.
    pub(super) fn bind(&self, db: &Connection) -> Result<Result<(), Self>, StoreError> {
        match Self::read(db)? {
            Some(bound) if !self.fits(&bound) => return Ok(Err(bound)),
            Some(Self { key: Some(_), .. }) => {}
            Some(_) | None => {
                let key = self.key.map(|key| key.to_string());
                db.execute("INSERT OR REPLACE INTO owner (one, site, key) VALUES (1, ?1, ?2)", params![self.site, key])?;
            }
        }
        Ok(Ok(()))
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(f, "the site `{}` under the key {key}", self.site),
            None => write!(f, "the site `{}`", self.site),
        }
    }
}
