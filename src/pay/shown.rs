//! What a provider shows of a sale: orders, licence keys, subscriptions and their invoices, each as it stood at one moment.
//!
//! Ids are the provider's numbers, as text where they are names. `at` is when the state began and `updated` when the provider last
//! changed the object; both are by the provider's clock and 0 where it gives no time.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::Initials;

/// What a provider calls an order's state, decided by amounts where the word is vague.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not paid: pending, failed, or a word that we do not know.
    Open,
    /// Paid, perhaps refunded in part.
    Paid,
    /// Refunded in full.
    Refunded,
    /// The provider took it back as fraudulent.
    Fraudulent,
}

/// The state of a licence key; the later word wins where two are told of one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LicenceStatus {
    /// Good, and activated nowhere. A word that we do not know counts as this or as [`LicenceStatus::Active`].
    Inactive,
    /// Good.
    #[default]
    Active,
    /// Out of time.
    Expired,
    /// Switched off by the author, in the dashboard or after a refund.
    Disabled,
}

/// The state of a subscription; the later word wins where two are told of one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionStatus {
    /// Nothing was paid yet, and nothing has to be.
    OnTrial,
    /// Paid.
    Active,
    /// A payment failed; the provider tries again, four times in two weeks.
    PastDue,
    /// Payments are put off: see [`Pause`].
    Paused,
    /// Every try failed, and the shop keeps such subscriptions.
    Unpaid,
    /// Not renewed any more; paid until `ends_at`.
    Cancelled,
    /// Over.
    Expired,
}

/// What a paused subscription gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseMode {
    /// Nothing, until it resumes.
    Void,
    /// Everything, for nothing.
    Free,
}

/// A pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Pause {
    /// What it gives meanwhile.
    pub mode: PauseMode,
    /// When it ends by itself, seconds since 1970; absent where somebody has to end it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumes_at: Option<u64>,
}

/// What was bought. Ids are the provider's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Item {
    /// The shop.
    pub store: u64,
    /// The product.
    pub product: u64,
    /// Its variant, where the provider says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<u64>,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The provider's id, as text.
    pub id: String,
    /// True if no money moved.
    pub test_mode: bool,
    /// What was bought.
    pub item: Item,
    /// How many, at least 1.
    pub quantity: u32,
    /// Its state.
    pub status: Status,
    /// The number that the buyer knows.
    pub number: Option<String>,
    /// The reference that only the paying browser and the receipt get.
    pub reference: Option<String>,
    /// The claim hash that came through the checkout link, unchecked.
    pub claim: Option<String>,
    /// Of the buyer's name.
    pub initials: Initials,
    /// ISO 4217.
    pub currency: Option<String>,
    /// In the currency's smallest unit.
    pub total: i64,
    /// In the currency's smallest unit, all refunds together.
    pub refunded: i64,
    /// Seconds since 1970.
    pub paid_at: u64,
    /// When this state began: the refund, else the last change. Seconds since 1970.
    pub at: u64,
    /// Microseconds since 1970.
    pub updated: u64,
}

/// A licence key.
#[derive(Debug, Clone)]
pub struct Licence {
    /// The provider's id of the key, as text; stays when the key is made anew.
    pub id: String,
    /// The order that it hangs on, as text.
    pub order: String,
    /// True if no money moved.
    pub test_mode: bool,
    /// What it is for. Lemon Squeezy names no variant here.
    pub item: Item,
    /// The key itself.
    pub key: SecretString,
    /// Its state.
    pub status: LicenceStatus,
    /// Seconds since 1970; `None` is for ever.
    pub expires_at: Option<u64>,
    /// The last change, seconds since 1970.
    pub at: u64,
    /// Microseconds since 1970.
    pub updated: u64,
}

impl PartialEq for Licence {
    /// Everything but the key, which has no equality.
    fn eq(&self, other: &Self) -> bool {
        let rest = |l: &Self| (l.id.clone(), l.order.clone(), l.test_mode, l.item, l.status, l.expires_at, l.at, l.updated);
        rest(self) == rest(other)
    }
}

impl Eq for Licence {}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The provider's id, as text.
    pub id: String,
    /// The order with which it began, as text.
    pub order: String,
    /// True if no money moves.
    pub test_mode: bool,
    /// What it is for now: a buyer may change his plan.
    pub item: Item,
    /// How many, at least 1.
    pub quantity: u32,
    /// Its state.
    pub status: SubscriptionStatus,
    /// The next payment, seconds since 1970.
    pub renews_at: Option<u64>,
    /// The end of what was paid, seconds since 1970; only once it is cancelled.
    pub ends_at: Option<u64>,
    /// Only while it is paused.
    pub pause: Option<Pause>,
    /// The last change, seconds since 1970.
    pub at: u64,
    /// Microseconds since 1970.
    pub updated: u64,
}

/// One payment of a subscription. Lemon Squeezy names neither order nor product here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    /// The provider's id, as text.
    pub id: String,
    /// The subscription, as text.
    pub subscription: String,
    /// True if no money moved.
    pub test_mode: bool,
    /// Its state.
    pub status: Status,
    /// When it was made, seconds since 1970.
    pub billed_at: u64,
    /// When this state began: the refund, else the last change. Seconds since 1970.
    pub at: u64,
    /// Microseconds since 1970.
    pub updated: u64,
}
