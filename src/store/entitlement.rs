//! What an order gives: a pure function of the set of its facts and the time.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::fact::{Fact, LicenceKey, What};
use crate::catalog::{Catalog, Course};
use crate::pay::{Initials, Item, Status};
use crate::protocol::{CourseId, OrderRef, Seat};

/// Whether an order opens anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing says that it was paid.
    Pending,
    /// It opens its courses.
    Active,
    /// Every licence key of it is out of time.
    Expired,
    /// Refunded in full.
    Refunded,
    /// Taken back as fraudulent.
    Fraudulent,
    /// Closed by the author.
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

/// Since when only one token is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Lock {
    /// Tokens issued up to this second are closed, seconds since 1970.
    pub at: u64,
    /// But for this one.
    pub keep: Digest,
}

/// What an order gives at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entitlement {
    /// Whether it opens anything.
    pub state: State,
    /// How many copies hang on it, at least 1.
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
    /// Its licence keys, by seat.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub licences: Vec<BTreeSet<Digest>>,
    /// Since when only one token is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<Lock>,
    /// When the last licence key ends; absent is never.
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
    /// What the facts of one order give at `now`. The order in which they are listed and repetitions make no difference.
    ///
    /// A full refund is sticky: no other fact of the provider's undoes it. The author's last word counts above the provider's: `Revoked`
    /// closes; `Restored` opens whatever was refunded up to then, while a refund after it closes again. Of two words in the same second
    /// `Revoked` counts.
    #[must_use]
    pub fn of(facts: &[Fact], now: u64) -> Self {
        let facts: BTreeMap<(u64, [u8; 32]), &Fact> = facts.iter().map(|fact| ((fact.at, fact.id()), fact)).collect();
        let mut read = Reading::default();
        for fact in facts.values() {
            read.take(fact);
        }
        let order = facts.values().next().map(|fact| &fact.order);
        read.entitlement(order, now)
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

    /// The seat of a licence key. Seat 0 is the first key's, and the claim's; a key that is not the order's is seat 0 too.
    #[must_use]
    pub fn seat(&self, licence: &Digest) -> Seat {
        let seat = self.licences.iter().position(|keys| keys.contains(licence)).unwrap_or_default();
        Seat(u32::try_from(seat).unwrap_or_default().min(self.seats.saturating_sub(1)))
    }
}

/// The facts, sorted by what they are about.
#[derive(Default)]
struct Reading {
    paid: bool,
    refunds: Vec<(u64, Status)>,
    author: Option<(u64, Word)>,
    seats: u32,
    initials: Option<Initials>,
    number: Option<String>,
    items: BTreeSet<Item>,
    courses: BTreeSet<CourseId>,
    references: BTreeSet<Digest>,
    licences: BTreeMap<(usize, String), (BTreeSet<Digest>, Option<u64>)>,
    lock: Option<Lock>,
    paid_at: u64,
    money: Option<(String, i64)>,
    refunded: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    Restored,
    Revoked,
}

impl Reading {
    /// Facts come sorted by time.
    fn take(&mut self, fact: &Fact) {
        match &fact.what {
            What::Order(order) => {
                if order.status == Status::Open {
                    return;
                }
                self.paid = true;
                if order.status > Status::Paid {
                    self.refunds.push((fact.at, order.status));
                }
                self.seats = self.seats.max(order.quantity);
                self.items.insert(order.item);
                self.references.extend(order.reference);
                self.number = self.number.take().or_else(|| order.number.clone());
                self.name(&order.initials, order.paid_at);
                if let (Some(currency), Some(total)) = (&order.currency, order.total) {
                    self.money = Some((currency.clone(), total));
                }
                self.refunded = self.refunded.max(order.refunded);
            }
            What::Granted(grant) => {
                self.paid = true;
                self.seats = self.seats.max(grant.seats);
                self.courses.extend(grant.courses.iter().cloned());
                self.name(&grant.initials, fact.at);
            }
            What::Licence(licence) => self.licence(licence),
            What::Revoked => self.author = self.author.max(Some((fact.at, Word::Revoked))),
            What::Restored => self.author = self.author.max(Some((fact.at, Word::Restored))),
            What::Locked { keep } => self.lock = self.lock.max(Some(Lock { at: fact.at, keep: *keep })),
        }
    }

    /// The first name that was told stays, so that the line in a buyer's copy does not change under him.
    fn name(&mut self, initials: &Initials, paid_at: u64) {
        if self.initials.as_ref().is_none_or(|known| known.as_str().is_empty()) {
            self.initials = Some(initials.clone());
        }
        if self.paid_at == 0 || (paid_at > 0 && paid_at < self.paid_at) {
            self.paid_at = paid_at;
        }
    }

    /// A key that was made anew keeps its id and so its seat; ids are numbers that grow.
    fn licence(&mut self, licence: &LicenceKey) {
        let entry = self.licences.entry((licence.licence.len(), licence.licence.clone())).or_default();
        entry.0.insert(licence.key);
        entry.1 = licence.expires_at;
    }

    fn entitlement(self, order: Option<&OrderRef>, now: u64) -> Entitlement {
        // A time that the provider did not give counts as long ago.
        let restored = self.author.and_then(|(at, word)| (word == Word::Restored).then_some(at));
        let refund = self.refunds.iter().filter(|(at, _)| restored.is_none_or(|restored| *at > restored)).map(|(_, status)| *status).max();
        let ends: Option<Vec<u64>> = self.licences.values().map(|(_, end)| *end).collect();
        let expires_at = ends.and_then(|ends| ends.into_iter().max());
        let state = match (self.author, refund) {
            _ if !self.paid => State::Pending,
            (Some((_, Word::Revoked)), _) => State::Revoked,
            (_, Some(Status::Fraudulent)) => State::Fraudulent,
            (_, Some(_)) => State::Refunded,
            _ if expires_at.is_some_and(|end| end <= now) => State::Expired,
            _ => State::Active,
        };
        let display = display(order, self.number.as_deref(), &self.initials.unwrap_or_default());
        let (currency, total) = self.money.unzip();
        Entitlement {
            state,
            seats: self.seats.max(1),
            display,
            items: self.items,
            courses: self.courses,
            references: self.references,
            licences: self.licences.into_values().map(|(keys, _)| keys).collect(),
            lock: self.lock,
            expires_at,
            paid_at: self.paid_at,
            number: self.number,
            currency,
            total,
            refunded: self.refunded,
        }
    }
}

/// `order …0042, T. B.`: the last four characters of the order's number, and the initials where there are any.
fn display(order: Option<&OrderRef>, number: Option<&str>, initials: &Initials) -> String {
    let Some(order) = order else { return String::new() };
    let what = if order.provider.as_str() == crate::pay::manual::PROVIDER { "copy" } else { "order" };
    let number = number.unwrap_or(order.order_id.as_str());
    let last: String = number.chars().skip(number.chars().count().saturating_sub(4)).collect();
    match initials.as_str() {
        "" => format!("{what} …{last}"),
        initials => format!("{what} …{last}, {initials}"),
    }
}
