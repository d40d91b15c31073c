//! Payment providers: verifies and reads webhooks, and *describes* provider calls as values (a request; an answer and its meaning).
//!
//! One folder for each provider. Nothing here stores, waits or talks to the network: [`Reading`] is what a body said, [`Call`] is what
//! could be asked. Names and mail addresses are looked at once, for the [`Initials`], and dropped here: no type of this room holds one.

pub mod lemon_squeezy;
pub mod manual;

mod initials;

pub use initials::Initials;

use secrecy::SecretString;

/// What a verified webhook said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The provider's name of the event, cut to 64 printable ASCII characters: for the log.
    pub event: String,
    /// What it means.
    pub meaning: Meaning,
}

/// The meaning of an event.
#[derive(Debug, Clone)]
pub enum Meaning {
    /// The state of an order at one moment.
    Order(Order),
    /// A licence key that belongs to an order.
    Licence(Licence),
    /// Signed, and nothing to us.
    Ignored,
}

impl PartialEq for Meaning {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Meaning::Order(a), Meaning::Order(b)) => a == b,
            (Meaning::Licence(a), Meaning::Licence(b)) => a == b,
            (Meaning::Ignored, Meaning::Ignored) => true,
            _ => false,
        }
    }
}

impl Eq for Meaning {}

/// What a provider calls an order's state, decided by amounts where the word is vague.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
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

/// What was bought. Ids are the provider's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Item {
    /// The shop.
    pub store: u64,
    /// The product.
    pub product: u64,
    /// Its variant, where the provider says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<u64>,
}

/// An order as one webhook shows it.
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
    /// Seconds since 1970, by the provider's clock; 0 where it gives none.
    pub paid_at: u64,
    /// When this state began: the refund, else the last change. Seconds since 1970, 0 where unknown.
    pub at: u64,
}

/// A licence key as one webhook shows it.
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
    /// Seconds since 1970; `None` is for ever.
    pub expires_at: Option<u64>,
    /// The last change, seconds since 1970, 0 where unknown.
    pub at: u64,
}

impl PartialEq for Licence {
    /// Everything but the key, which has no equality.
    fn eq(&self, other: &Self) -> bool {
        (&self.id, &self.order, self.test_mode, self.item, self.expires_at, self.at)
            == (&other.id, &other.order, other.test_mode, other.item, other.expires_at, other.at)
    }
}

impl Eq for Licence {}

/// Why a webhook is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// No signature, a malformed one, or one that fits no secret.
    #[error("the signature fits no secret")]
    Signature,
    /// Signed, but not an event.
    #[error("the body is not an event: {0}")]
    Malformed(&'static str),
}

/// A call to a provider, as a value. Debug shows no field.
#[derive(Clone)]
pub struct Call {
    /// Path below the provider's address, with a leading slash.
    pub path: &'static str,
    /// Sent as `application/x-www-form-urlencoded`.
    pub form: Vec<(&'static str, SecretString)>,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Call({})", self.path)
    }
}

/// What came back: the status and at most [`ANSWER_MAX`] bytes.
#[derive(Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// Longest answer that is read, in bytes.
pub const ANSWER_MAX: usize = 64 * 1024;

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status, self.body.len())
    }
}

/// What a provider said about a licence key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The key is good: it belongs to this paid order.
    Good(Box<Validated>),
    /// The key is known and out of time.
    Expired(Box<Validated>),
    /// The key is known and switched off.
    Disabled(Box<Validated>),
    /// No such key.
    Unknown,
}

/// The order behind a validated licence key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validated {
    /// The provider's id of the key.
    pub licence: String,
    /// The provider's id of the order.
    pub order: String,
    /// True if no money moved.
    pub test_mode: bool,
    /// What it is for.
    pub item: Item,
    /// Of the buyer's name.
    pub initials: Initials,
    /// When the key was made, seconds since 1970, 0 where unknown.
    pub created_at: u64,
    /// Seconds since 1970; `None` is for ever.
    pub expires_at: Option<u64>,
}

/// The answer was none: a rate limit, a server error, a challenge page. Says nothing about the key and never removes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the provider gave no verdict (status {status})")]
pub struct NoVerdict {
    /// HTTP status.
    pub status: u16,
}
