//! Payment providers: verifies and reads webhooks, and *describes* provider calls as values (a request; an answer and its meaning).
//!
//! One folder for each provider. Nothing here stores, waits or talks to the network: [`Reading`] is what a body said, [`Call`] is what
//! could be asked. Names and mail addresses are looked at once, for the [`Initials`], and dropped here: no type of this room holds one.

pub mod lemon_squeezy;
pub mod manual;

mod initials;
mod shown;

pub use initials::Initials;
pub use shown::{Invoice, Item, Licence, LicenceStatus, Order, Pause, PauseMode, Status, Subscription, SubscriptionStatus};

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// An order.
    Order(Order),
    /// A licence key of an order.
    Licence(Licence),
    /// A subscription that began with an order.
    Subscription(Subscription),
    /// A payment of a subscription that was made, or was paid back.
    Invoice(Invoice),
    /// Signed, and nothing to us.
    Ignored,
}

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
