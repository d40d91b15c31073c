//! What an author does with orders: list, show, revoke, restore, give a copy, delete a buyer.

use super::{Digest, Entitlement, Fact, Facts, Grant, LicenceKey, Store, StoreError, What};
use crate::catalog::Catalog;
use crate::pay::manual::{PROVIDER, Reason, order_id};
use crate::pay::{Initials, LicenceStatus, Status, SubscriptionStatus};
use crate::protocol::{ClaimHash, CourseId, IdError, OrderId, OrderRef, Provider};

/// Thirty days, the span over which new devices are counted.
const MONTH: u64 = 30 * 24 * 3600;

/// Why an author's wish was not done.
#[derive(Debug, thiserror::Error)]
pub enum OrdersError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing is known about it.
    #[error("there is no order `{0}`")]
    Unknown(OrderRef),
    /// The catalog has no such course.
    #[error("the catalog has no course `{0}`")]
    Course(CourseId),
    /// No course was named.
    #[error("a copy must open at least one course")]
    Nothing,
    /// The claim is bound to another order.
    #[error("this code already opens the order `{0}`")]
    Claimed(OrderRef),
    /// It was deleted on request and stays so.
    #[error("the order `{0}` was deleted on request")]
    Forgotten(OrderRef),
    /// Not an id.
    #[error(transparent)]
    Id(#[from] IdError),
}

/// An order and what it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLine {
    /// The order.
    pub order: OrderRef,
    /// What it gives.
    pub entitlement: Entitlement,
    /// The courses that it opens.
    pub courses: Vec<CourseId>,
    /// New devices in the last 30 days.
    pub new_devices: u32,
    /// Until when it was open, seconds since 1970; `None` while it is, and while nothing was paid.
    pub ended_at: Option<u64>,
}

/// A copy that the author gives.
#[derive(Debug, Clone)]
pub struct Present {
    /// What it opens.
    pub courses: Vec<CourseId>,
    /// How many copies, at least 1.
    pub seats: u32,
    /// Why.
    pub reason: Reason,
    /// Of this name only the initials are kept.
    pub name: String,
    /// The claim hash of the code that opens the first copy.
    pub claim: Option<ClaimHash>,
    /// Of the keys that open one copy each, in their order; no reference is needed with them.
    pub keys: Vec<Digest>,
}

/// A copy that was given: the order's id is the reference that opens it together with the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The new order.
    pub order: OrderRef,
    /// What it gives.
    pub entitlement: Entitlement,
}

/// Every order, oldest first; begun ones that were never paid too.
pub fn list(store: &dyn Store, catalog: &Catalog, now: u64) -> Result<Vec<OrderLine>, OrdersError> {
    let mut lines = Vec::new();
    for order in store.orders()? {
        lines.push(line(store, catalog, order, now)?);
    }
    Ok(lines)
}

/// One order, with its facts.
pub fn show(store: &dyn Store, catalog: &Catalog, order: &OrderRef, now: u64) -> Result<(OrderLine, Vec<Fact>), OrdersError> {
    let facts = known(store, order)?;
    Ok((line(store, catalog, order.clone(), now)?, facts))
}

/// Closes an order, whatever the provider says.
pub fn revoke(store: &dyn Facts, order: &OrderRef, now: u64) -> Result<Entitlement, OrdersError> {
    say(store, order, What::Revoked, now)
}

/// Opens an order again, whatever was refunded up to now.
pub fn restore(store: &dyn Facts, order: &OrderRef, now: u64) -> Result<Entitlement, OrdersError> {
    say(store, order, What::Restored, now)
}

/// Gives a copy under a new order with a random id.
pub fn issue(store: &dyn Facts, catalog: &Catalog, present: &Present, random: [u8; 16], now: u64) -> Result<Issued, OrdersError> {
    if present.courses.is_empty() {
        return Err(OrdersError::Nothing);
    }
    if let Some(missing) = present.courses.iter().find(|id| catalog.course(id).is_none()) {
        return Err(OrdersError::Course(missing.clone()));
    }
    let claim = present.claim.map(Digest::from);
    if let Some(claim) = claim
        && let Some(order) = store.find(&super::Name::Claim(claim))?
    {
        return Err(OrdersError::Claimed(order));
    }
    let order = OrderRef { provider: Provider::parse(PROVIDER)?, order_id: OrderId::parse(&order_id(random))? };
    let grant = Grant {
        courses: present.courses.clone(),
        seats: present.seats.max(1),
        reason: present.reason,
        initials: Initials::of(&present.name),
        claim,
    };
    let mut entitlement = insert(store, Fact { order: order.clone(), at: now, what: What::Granted(grant) }, now)?;
    for (number, key) in (1..).zip(&present.keys) {
        let key = LicenceKey { licence: u32::to_string(&number), key: *key, status: LicenceStatus::Active, expires_at: None, updated: 0 };
        entitlement = insert(store, Fact { order: order.clone(), at: now, what: What::Licence(key) }, now)?;
    }
    Ok(Issued { order, entitlement })
}

/// Deletes an order and everything that hangs on it. A hash of its id stays, so that a webhook sent again does not bring it back.
pub fn forget(store: &dyn Facts, order: &OrderRef) -> Result<(), OrdersError> {
    if store.forget(order)? { Ok(()) } else { Err(OrdersError::Unknown(order.clone())) }
}

fn say(store: &dyn Facts, order: &OrderRef, what: What, now: u64) -> Result<Entitlement, OrdersError> {
    let facts = known(store, order)?;
    // Two words in one second: the later one must count, so it is dated behind the first. A copy that was given was open for a second.
    let last =
        facts.iter().filter(|f| matches!(f.what, What::Granted(_) | What::Revoked | What::Restored)).map(|f| f.at.saturating_add(1)).max();
    insert(store, Fact { order: order.clone(), at: last.map_or(now, |last| last.max(now)), what }, now)
}

fn insert(store: &dyn Facts, fact: Fact, now: u64) -> Result<Entitlement, OrdersError> {
    if store.insert(&fact, now)? == super::Inserted::Forgotten {
        return Err(OrdersError::Forgotten(fact.order));
    }
    Ok(Entitlement::of(&store.facts(&fact.order)?, now))
}

fn known(store: &dyn Facts, order: &OrderRef) -> Result<Vec<Fact>, OrdersError> {
    let facts = store.facts(order)?;
    if facts.is_empty() { Err(OrdersError::Unknown(order.clone())) } else { Ok(facts) }
}

fn line(store: &dyn Store, catalog: &Catalog, order: OrderRef, now: u64) -> Result<OrderLine, OrdersError> {
    let facts = store.facts(&order)?;
    let entitlement = Entitlement::of(&facts, now);
    let courses = entitlement.opens(&order, catalog).into_iter().map(|course| course.id.clone()).collect();
    let new_devices = store.new_devices(&order, now.saturating_sub(MONTH))?;
    Ok(OrderLine { order, entitlement, courses, new_devices, ended_at: super::ended_at(&facts, now) })
}

impl Fact {
    /// One line for `orders show`: what came true, without when.
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.what {
            What::Order(order) => {
                let status = match order.status {
                    Status::Open => "not paid",
                    Status::Paid if order.refunded > 0 => "paid, refunded in part",
                    Status::Paid => "paid",
                    Status::Refunded => "refunded",
                    Status::Fraudulent => "fraudulent",
                };
                let item = order.item.variant.map_or(String::new(), |variant| format!(", variant {variant}"));
                format!("{status}: product {}{item}, quantity {}", order.item.product, order.quantity)
            }
            What::Licence(licence) => {
                let status = match licence.status {
                    LicenceStatus::Inactive | LicenceStatus::Active => "good",
                    LicenceStatus::Expired => "expired",
                    LicenceStatus::Disabled => "disabled",
                };
                format!("licence key {}: {status}", licence.licence)
            }
            What::Subscription(told) => {
                let status = match told.status {
                    SubscriptionStatus::OnTrial => "on trial",
                    SubscriptionStatus::Active => "active",
                    SubscriptionStatus::PastDue => "past due",
                    SubscriptionStatus::Paused => "paused",
                    SubscriptionStatus::Unpaid => "unpaid",
                    SubscriptionStatus::Cancelled => "cancelled",
                    SubscriptionStatus::Expired => "expired",
                };
                format!("subscription {}: {status}", told.subscription)
            }
            What::Invoice(told) => {
                let status = if told.status > Status::Paid { "refunded" } else { "paid" };
                format!("payment {} of subscription {}: {status}", told.invoice, told.subscription)
            }
            What::Granted(grant) => format!("given ({}), copies: {}", grant.reason.name(), grant.seats),
            What::Revoked => String::from("revoked by the author"),
            What::Restored => String::from("restored by the author"),
            What::Locked { seat, .. } => format!("the reader of copy {} locked all other devices", u64::from(seat.0) + 1),
        }
    }
}
