//! What an order gives: a pure function of the set of its facts and the time.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::fact::Fact;
use super::judge::Judge;
use crate::catalog::{Catalog, Course};
use crate::pay::Item;
use crate::protocol::{CourseId, OrderRef, Seat};

/// Whether an order opens anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing says that it was paid.
    Pending,
    /// It opens its courses.
    Active,
    /// Out of time: every licence key of it, or every subscription.
    Expired,
    /// Refunded in full; of a subscription, its last payment.
    Refunded,
    /// Taken back as fraudulent.
    Fraudulent,
    /// Closed by the author, here or by disabling every licence key at the provider.
    Revoked,
}

impl State {
    /// The word in the ledger.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            State::Pending => "pending",
            State::Active => "active",
            State::Expired => "expired",
            State::Refunded => "refunded",
            State::Fraudulent => "fraudulent",
            State::Revoked => "revoked",
        }
    }
}

/// Since when only one token of a copy is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Lock {
    /// The copy.
    pub seat: Seat,
    /// Tokens issued up to this second are closed, seconds since 1970.
    pub at: u64,
    /// But for this one.
    pub keep: Digest,
}

/// A licence key and what it opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Licence {
    /// Of the key.
    pub key: Digest,
    /// Active, expired or revoked. Only an order that is active asks.
    pub state: State,
}

/// What an order gives at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entitlement {
    /// Whether it opens anything.
    pub state: State,
    /// How many copies hang on it, at least 1: as many as were ever bought or have a licence key, so that `trace` knows of every copy that
    /// was made.
    pub seats: u32,
    /// The visible line that says whose copy it is. A stranger's text: escaped by whoever shows it.
    pub display: String,
    /// What was bought; its courses follow from the catalog.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub items: BTreeSet<Item>,
    /// What the author gave.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub courses: BTreeSet<CourseId>,
    /// Of the references with which a claim opens it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub references: BTreeSet<Digest>,
    /// Its licence keys, by seat. A key that was made anew took the place of the one before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub licences: Vec<Licence>,
    /// The last lock of each copy that has one, by seat.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locks: Vec<Lock>,
    /// When it ends if nothing else is told: the last licence key, or the last subscription; absent is never, or not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<u64>,
    /// When it was paid or given, seconds since 1970, 0 where unknown.
    #[serde(default)]
    pub paid_at: u64,
    /// The number that the buyer knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// ISO 4217.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// In the currency's smallest unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
    /// In the currency's smallest unit, all refunds together.
    #[serde(default)]
    pub refunded: i64,
}

impl Entitlement {
    /// What the facts of one order give at `now` (seconds since 1970). The order in which they are listed and repetitions make no difference.
    ///
    /// - A full refund is sticky: no other fact of the provider's undoes it. A partial refund keeps access.
    /// - An order with subscriptions is judged by them: on trial, active and past due open it; cancelled does until the end of what was
    ///   paid; paused does if the pause is free or over; unpaid and expired do not. What was bought is then what they are for now.
    /// - A subscription whose newest payment was refunded in full gives nothing until the next payment is made. The refund of an older
    ///   payment changes nothing.
    /// - A subscription says that its order was paid, even where nothing else does.
    /// - Other orders end with the last of their licence keys. A disabled key closes its own copy, and the last one the order.
    /// - The author's last word counts above the provider's: `Revoked` closes; `Restored` opens whatever was refunded or disabled up to
    ///   then, while a refund after it closes again. Of two words in the same second `Revoked` counts.
    #[must_use]
    pub fn of(facts: &[Fact], now: u64) -> Self {
        let facts: BTreeMap<_, &Fact> = facts.iter().map(|fact| (fact.place(), fact)).collect();
        let mut judge = Judge::default();
        for fact in facts.values() {
            judge.take(fact);
        }
        judge.entitlement(facts.values().next().map(|fact| &fact.order), now)
    }

    /// True once the order was paid or given, whatever became of it.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.state != State::Pending
    }

    /// The courses that it opens, in the catalog's order.
    #[must_use]
    pub fn opens<'a>(&self, order: &OrderRef, catalog: &'a Catalog) -> Vec<&'a Course> {
        let sold = |course: &Course| {
            self.items.iter().any(|item| course.products.iter().any(|p| p.fits(&order.provider, item.store, item.product, item.variant)))
        };
        catalog.courses.iter().filter(|course| self.courses.contains(&course.id) || sold(course)).collect()
    }

    /// The seat of a licence key; `None` for one that is not the order's, or was made anew. Seat 0 is the first key's, and the claim's.
    #[must_use]
    pub fn seat(&self, licence: &Digest) -> Option<Seat> {
        let seat = self.licences.iter().position(|known| known.key == *licence)?;
        u32::try_from(seat).ok().map(Seat)
    }

    /// The last lock of a copy.
    #[must_use]
    pub fn lock(&self, seat: Seat) -> Option<&Lock> {
        self.locks.iter().find(|lock| lock.seat == seat)
    }

    /// Whether one copy opens anything: the order's state, and where that is active, the state of the copy's licence key.
    #[must_use]
    pub fn state_of(&self, seat: Seat) -> State {
        let key = usize::try_from(seat.0).ok().and_then(|seat| self.licences.get(seat));
        if self.state == State::Active { key.map_or(State::Active, |key| key.state) } else { self.state }
    }

    /// True if a copy is closed by its licence key, and a later word about that could open it.
    #[must_use]
    pub fn is_closed_by_key(&self, seat: Seat) -> bool {
        let key = usize::try_from(seat.0).ok().and_then(|seat| self.licences.get(seat)).map(|key| key.state);
        key.is_some_and(|key| key != State::Active) && matches!(self.state, State::Active | State::Expired | State::Revoked)
    }
}
