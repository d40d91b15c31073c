//! Payment providers: verifies and reads webhooks, and *describes* provider calls as values (a request; an answer and its meaning).
//!
//! One folder for each provider. Nothing here stores, waits or talks to the network: [`Reading`] is what a body said, [`Call`] is what
//! could be asked. Names and mail addresses are looked at once, for the [`Initials`], and dropped here: no type of this room holds one.

pub mod lemon_squeezy;
pub mod manual;

mod call;
mod initials;
mod shown;

pub use call::{ANSWER_MAX, Answer, Body, Call, Method, NoVerdict};
pub use initials::Initials;
pub use shown::{Invoice, Item, Licence, LicenceStatus, Order, Pause, PauseMode, Status, Subscription, SubscriptionStatus};

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
