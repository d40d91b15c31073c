//! What is known about an order, one immutable piece at a time.

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use crate::pay::manual::Reason;
use crate::pay::{Initials, Item, LicenceStatus, Pause, Status, SubscriptionStatus};
use crate::protocol::primitives::sha256;
use crate::protocol::{CourseId, OrderRef, Provider, Seat};

/// Most copies of one order.
pub const COPIES_MAX: u32 = 10_000;

/// One fact about one order. Its JSON form is what stores keep and what the vectors in `tests/vectors/entitlements/` hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The order.
    pub order: OrderRef,
    /// When it came true, seconds since 1970: by the provider's clock for his facts, by ours for the author's and the reader's.
    pub at: u64,
    /// What came true.
    #[serde(flatten)]
    pub what: What,
}

/// The kinds of facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum What {
    /// The provider showed the order.
    Order(Snapshot),
    /// The provider showed a licence key of the order.
    Licence(LicenceKey),
    /// The provider showed a subscription that began with the order.
    Subscription(Subscription),
    /// The provider showed a payment of such a subscription, made or paid back.
    Invoice(Invoice),
    /// The author gave a copy.
    Granted(Grant),
    /// The author closed the order.
    Revoked,
    /// The author opened the order again, whatever was refunded up to then.
    Restored,
    /// A reader closed his copy to all other devices.
    Locked {
        /// Of the one token that stays good.
        keep: Digest,
        /// Which copy; absent is the first.
        #[serde(default, skip_serializing_if = "is_first")]
        seat: Seat,
    },
}

fn is_first(seat: &Seat) -> bool {
    *seat == Seat::default()
}

/// An order as its provider showed it once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// When the provider last changed it, microseconds since 1970; 0 where he gives no time: then `at` counts.
    #[serde(default)]
    pub updated: u64,
    /// Its state.
    pub status: Status,
    /// What was bought.
    #[serde(flatten)]
    pub item: Item,
    /// How many copies.
    pub quantity: u32,
    /// The number that the buyer knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Of the reference that only the paying browser and the receipt get.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Digest>,
    /// The claim hash that came through the checkout link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Digest>,
    /// Of the buyer's name.
    #[serde(default)]
    pub initials: Initials,
    /// ISO 4217.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// In the currency's smallest unit; unknown where the licence API alone told of the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
    /// In the currency's smallest unit, all refunds together.
    #[serde(default)]
    pub refunded: i64,
    /// When it was paid, seconds since 1970, 0 where unknown.
    #[serde(default)]
    pub paid_at: u64,
}

/// A licence key of an order, as its provider showed it once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenceKey {
    /// When the provider last changed it, microseconds since 1970, or 0.
    #[serde(default)]
    pub updated: u64,
    /// The provider's id of the key.
    pub licence: String,
    /// Of the key.
    pub key: Digest,
    /// Its state.
    #[serde(default)]
    pub status: LicenceStatus,
    /// Seconds since 1970; absent is for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<u64>,
}

/// A subscription, as its provider showed it once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// When the provider last changed it, microseconds since 1970, or 0.
    #[serde(default)]
    pub updated: u64,
    /// The provider's id.
    pub subscription: String,
    /// Its state.
    pub status: SubscriptionStatus,
    /// What it is for now.
    #[serde(flatten)]
    pub item: Item,
    /// How many copies.
    pub quantity: u32,
    /// The next payment, seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renews_at: Option<u64>,
    /// The end of what was paid, seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<u64>,
    /// Only while it is paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<Pause>,
}

/// One payment of a subscription, as its provider showed it once. Payments that were not made are no facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// When the provider last changed it, microseconds since 1970, or 0.
    #[serde(default)]
    pub updated: u64,
    /// The provider's id of the payment.
    pub invoice: String,
    /// And of the subscription.
    pub subscription: String,
    /// Its state.
    pub status: Status,
    /// When it was made, seconds since 1970, 0 where unknown.
    #[serde(default)]
    pub billed_at: u64,
}

/// A copy that the author gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// What it opens.
    pub courses: Vec<CourseId>,
    /// How many copies.
    pub seats: u32,
    /// Why.
    pub reason: Reason,
    /// Whose it is.
    #[serde(default)]
    pub initials: Initials,
    /// The claim hash of the code that opens it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Digest>,
}

/// Something by which an order is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    /// A claim hash.
    Claim(Digest),
    /// Of a licence key.
    Licence(Digest),
    /// Of a subscription's id: its payments name no order.
    Subscription(Digest),
}

impl Name {
    /// Of a subscription. Its id opens nothing, so that the hash needs no key: SHA-256 of `subscription PROVIDER:ID`.
    #[must_use]
    pub fn subscription(provider: &Provider, id: &str) -> Self {
        Name::Subscription(Digest::from_bytes(sha256(format!("subscription {}:{id}", provider.as_str()).as_bytes())))
    }
}

impl Fact {
    /// The fact's identity: SHA-256 of its JSON form. A provider has no delivery id that can be relied on, so that a fact is the same fact
    /// if, and only if, it says the same.
    #[must_use]
    pub fn id(&self) -> [u8; 32] {
        sha256(&self.to_json())
    }

    /// True if everything in it is within bounds: what an author tells comes from a file or from another program. Numbers are whole and below
    /// 2^53, which JavaScript can count; there are 1 to [`COPIES_MAX`] copies; texts of the provider are 1 to 128 bytes; initials are no name.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let number = |n: u64| n < 1 << 53;
        let maybe = |n: Option<u64>| n.is_none_or(number);
        let money = |n: i64| number(n.unsigned_abs());
        let item = |item: &Item| number(item.store) && number(item.product) && maybe(item.variant);
        let copies = |n: u32| (1..=COPIES_MAX).contains(&n);
        let text = |text: &str| (1..=128).contains(&text.len());
        let initials = |initials: &Initials| initials.as_str().chars().count() <= 16 && !initials.as_str().contains(char::is_control);
        number(self.at)
            && match &self.what {
                What::Order(o) => {
                    number(o.updated)
                        && item(&o.item)
                        && copies(o.quantity)
                        && o.number.as_deref().is_none_or(text)
                        && o.currency.as_deref().is_none_or(text)
                        && initials(&o.initials)
                        && o.total.is_none_or(money)
                        && money(o.refunded)
                        && number(o.paid_at)
                }
                What::Licence(l) => number(l.updated) && text(&l.licence) && maybe(l.expires_at),
                What::Subscription(s) => {
                    number(s.updated)
                        && text(&s.subscription)
                        && item(&s.item)
                        && copies(s.quantity)
                        && maybe(s.renews_at)
                        && maybe(s.ends_at)
                        && s.pause.is_none_or(|pause| maybe(pause.resumes_at))
                }
                What::Invoice(i) => number(i.updated) && text(&i.invoice) && text(&i.subscription) && number(i.billed_at),
                What::Granted(g) => copies(g.seats) && initials(&g.initials),
                What::Revoked | What::Restored | What::Locked { .. } => true,
            }
    }

    /// The JSON form; equal facts give equal bytes.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        // Facts hold texts, numbers and lists only: they can always be written.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The names that this fact binds. A claim is bound by an order that was paid, not by one that is only begun: whoever writes a checkout
    /// link chooses the claim in it, and could reserve a stranger's for nothing.
    #[must_use]
    pub fn names(&self) -> Vec<Name> {
        match &self.what {
            What::Order(order) if order.status != Status::Open => order.claim.map(Name::Claim).into_iter().collect(),
            What::Granted(grant) => grant.claim.map(Name::Claim).into_iter().collect(),
            What::Licence(licence) => vec![Name::Licence(licence.key)],
            What::Subscription(subscription) => vec![Name::subscription(&self.order.provider, &subscription.subscription)],
            _ => Vec::new(),
        }
    }

    /// Its place among the facts of an order, in three steps: when the provider last changed what he showed (microseconds since 1970; of
    /// other facts, when they came true); of two snapshots of one moment the more final one is the later; and then by their JSON.
    pub(super) fn place(&self) -> (u64, u8, Vec<u8>) {
        let (updated, rank) = match &self.what {
            What::Order(order) => (order.updated, order.status as u8),
            What::Licence(licence) => (licence.updated, licence.status as u8),
            What::Subscription(subscription) => (subscription.updated, subscription.status as u8),
            What::Invoice(invoice) => (invoice.updated, invoice.status as u8),
            What::Granted(_) | What::Revoked | What::Restored | What::Locked { .. } => (0, 0),
        };
        (if updated == 0 { self.at.saturating_mul(1_000_000) } else { updated }, rank, self.to_json())
    }
}
