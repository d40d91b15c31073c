//! Facts, inserted once, and the entitlement that follows from them.
//!
//! [`Facts`] are a set of [`Fact`]s and the names (claims, licence keys) by which orders are found; a [`Store`] keeps the devices that opened them, too. It
//! decides nothing: what an order gives is [`Entitlement::of`] its facts, whatever order they came in. Neither names nor mail addresses,
//! neither codes nor keys are in it, only [`Digest`]s.

mod books;
mod digest;
mod entitlement;
mod fact;
mod file;
mod intake;
mod judge;
mod lapse;
mod ledger;
mod memory;
mod orders;
mod owner;
mod reconcile;
mod schema;
mod sqlite;
mod told;

use crate::protocol::{OrderRef, Seat};

pub use books::Books;
pub use digest::{Digest, Digests};
pub use entitlement::{Entitlement, Licence, Lock, State};
pub use fact::{COPIES_MAX, Fact, Grant, Invoice, LicenceKey, Name, Snapshot, Subscription, What};
pub use intake::{Intake, Stranger};
pub use lapse::ended_at;
pub use ledger::LedgerLine;
pub use memory::Memory;
pub use orders::{Issued, OrderLine, OrdersError, Present, forget, issue, list, restore, revoke, show};
pub use owner::Owner;
pub use reconcile::{Told, is_paid_back, reconcile};
pub use sqlite::Sqlite;

/// A store that did not do what it was asked. The text is for the log, never for a client.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite said no.
    #[error("the database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The file could not be made.
    #[error("cannot open the database `{path}`: {source}")]
    File {
        /// Where it should be.
        path: std::path::PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Written by a newer version of this program.
    #[error("the database has schema {found}, this program knows {known}: use a newer bookplate")]
    Schema {
        /// In the file.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// It holds the orders of somebody else.
    #[error(
        "the database `{path}` holds the orders of {bound}, not of {wanted}\n  = help: use the file, the site and the key that belong \
         together; after a change of keys, name a new file with `--database`, and `bookplate orders reconcile` fills it"
    )]
    Foreign {
        /// Where it is.
        path: std::path::PathBuf,
        /// Whose it is.
        bound: Owner,
        /// Who asked.
        wanted: Owner,
    },
    /// What would be written now, nobody would find.
    #[error("the database `{0}` was deleted or replaced while it was in use: start again on the right file")]
    Gone(std::path::PathBuf),
    /// A row that is no fact any more.
    #[error("a stored fact cannot be read: {0}")]
    Fact(#[from] serde_json::Error),
    /// Facts that lie elsewhere could not be reached, and why, for who asked.
    #[error("{0}")]
    Elsewhere(String),
    /// Another thread panicked while it held the store.
    #[error("the store was left in an unknown state")]
    Poisoned,
}

/// What became of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    /// Stored now.
    New,
    /// Already there: nothing changed.
    Known,
    /// The order was deleted on request, and stays so.
    Forgotten,
}

/// A device that opened one copy of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device {
    /// Of the random id that it sent.
    pub id: Digest,
    /// Of its newest token.
    pub token: Digest,
    /// First seen, seconds since 1970.
    pub first: u64,
    /// Last seen, seconds since 1970.
    pub last: u64,
}

/// How many new devices one copy may have in a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceLimit {
    /// Most new devices.
    pub most: u32,
    /// In this many seconds.
    pub span: u64,
}

impl Default for DeviceLimit {
    /// Thirty in thirty days: a family with all its browsers and private windows, not a forum.
    fn default() -> Self {
        Self { most: 30, span: 30 * 24 * 3600 }
    }
}

/// Whether a device may open a copy now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It may, and is noted.
    Welcome,
    /// Too many new ones; the next may come in this many seconds.
    Full {
        /// Seconds.
        wait: u64,
    },
    /// The order was deleted meanwhile; nothing was noted.
    Forgotten,
}

/// The facts of every order: what the author's commands need, of a file here or of an endpoint elsewhere. Every method is one transaction and
/// blocks: callers in async code use a thread that may.
pub trait Facts: Send + Sync {
    /// Inserts a fact once. In the same transaction its [`Fact::names`] are bound, each to the first order that brings it. `now` is kept
    /// beside a new fact.
    fn insert(&self, fact: &Fact, now: u64) -> Result<Inserted, StoreError>;

    /// Every fact of an order, in no particular order; none for an unknown one.
    fn facts(&self, order: &OrderRef) -> Result<Vec<Fact>, StoreError>;

    /// The order that a name is bound to.
    fn find(&self, name: &Name) -> Result<Option<OrderRef>, StoreError>;

    /// Every order, oldest first.
    fn orders(&self) -> Result<Vec<OrderRef>, StoreError>;

    /// Deletes an order with all that hangs on it, for ever: later facts about it are refused. False if there was no such order: then
    /// nothing is remembered, so that a slip of the pen shuts nobody out.
    fn forget(&self, order: &OrderRef) -> Result<bool, StoreError>;

    /// True if the order was deleted.
    fn is_forgotten(&self, order: &OrderRef) -> Result<bool, StoreError>;
}

/// Where facts are kept, and the devices that opened them: what the key endpoint needs.
///
/// Devices hang on a copy, which is a seat of an order, so that the readers who share an order do not stand in each other's way.
pub trait Store: Facts {
    /// Notes that `device` opened a copy and holds `token`; a new device only within `limit`, which each copy has for itself.
    fn admit(
        &self,
        order: &OrderRef,
        seat: Seat,
        device: Digest,
        token: Digest,
        now: u64,
        limit: DeviceLimit,
    ) -> Result<Admission, StoreError>;

    /// Notes that a copy's token was used, and that `renewed` took its place. A device that was noted before copies were told apart is
    /// this copy's from now on.
    fn touch(&self, order: &OrderRef, seat: Seat, token: Digest, renewed: Option<Digest>, now: u64) -> Result<(), StoreError>;

    /// The devices of a copy that were not cleared, last seen first.
    fn devices(&self, order: &OrderRef, seat: Seat) -> Result<Vec<Device>, StoreError>;

    /// How many new devices came to all copies of an order since then, cleared ones included.
    fn new_devices(&self, order: &OrderRef, since: u64) -> Result<u32, StoreError>;

    /// Forgets which devices a copy had, but for the one that holds `keep`; how many came lately is still known.
    fn clear_devices(&self, order: &OrderRef, seat: Seat, keep: Digest) -> Result<(), StoreError>;

    /// Fails if the store cannot be read.
    fn check(&self) -> Result<(), StoreError>;
}
