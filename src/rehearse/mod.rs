//! The provider's side of a sale: signed webhook bodies in the form that Lemon Squeezy sends them, for the test shop, for tests and for
//! rehearsing a whole shop. Deterministic: equal purchases give equal bytes. [`play()`] speaks for provider and readers over HTTP, scene by
//! scene, and notes what it is answered.

mod body;
mod licence_api;
mod php_json;
mod play;
mod scenes;
mod subscription;

use secrecy::SecretString;

use crate::pay::lemon_squeezy;
use php_json::{Json, object};

pub use licence_api::{Known, answer};
pub use play::{Row, Stage, Wait, is_believed, play, refused_live};
pub use scenes::{Act, Event, Harm, Scene, scenes};
pub use subscription::{Payment, Standing, Subscription};

/// A shop at the provider's, with the secret of its webhook.
#[derive(Debug, Clone)]
pub struct Shop {
    secret: SecretString,
    store: u64,
    test_mode: bool,
}

/// What somebody buys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// The number that the buyer sees; the order's id and reference follow from it.
    pub order_number: u64,
    /// Product id.
    pub product: u64,
    /// Variant id.
    pub variant: u64,
    /// How many.
    pub quantity: u32,
    /// Price in cents.
    pub total: i64,
    /// The claim hash in the checkout link, 64 hexadecimal digits.
    pub claim: Option<String>,
    /// The buyer's name.
    pub name: String,
    /// The buyer's mail address.
    pub email: String,
    /// When it was paid, seconds since 1970.
    pub paid_at: u64,
}

/// A webhook, ready to be sent: `POST` with `X-Event-Name`, `X-Signature`, `Content-Type: application/json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// For `X-Event-Name`.
    pub event: &'static str,
    /// For `X-Signature`.
    pub signature: String,
    /// The bytes.
    pub body: Vec<u8>,
}

impl Purchase {
    /// One copy for 49.00, bought by Test Buyer without a claim.
    #[must_use]
    pub fn new(order_number: u64, product: u64, variant: u64, paid_at: u64) -> Self {
        let (name, email) = (String::from("Test Buyer"), String::from("buyer@example.com"));
        Self { order_number, product, variant, quantity: 1, total: 4900, claim: None, name, email, paid_at }
    }

    /// With the claim hash that came through the checkout link.
    #[must_use]
    pub fn claimed(mut self, hash: impl Into<Option<String>>) -> Self {
        self.claim = hash.into();
        self
    }

    /// Bought by somebody else.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = name.to_owned();
        self
    }

    /// For another price, in cents.
    #[must_use]
    pub fn at_price(mut self, cents: i64) -> Self {
        self.total = cents;
        self
    }

    /// Several copies.
    #[must_use]
    pub fn copies(mut self, quantity: u32) -> Self {
        self.quantity = quantity;
        self
    }

    /// The provider's id of the order.
    #[must_use]
    pub fn order_id(&self) -> u64 {
        6_000_000 + self.order_number
    }

    /// The order reference (Lemon Squeezy's `identifier`) that goes into the return link.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("aaaaaaaa-0000-4000-8000-{:012}", self.order_number)
    }

    /// The licence key that the provider mails.
    #[must_use]
    pub fn licence_key(&self) -> String {
        self.licence_key_of(0)
    }

    /// The licence key of one of several copies, from 0.
    #[must_use]
    pub fn licence_key_of(&self, copy: u32) -> String {
        format!("BBBBBBBB-0000-4000-8{:03X}-{:012}", copy % 0x1000, self.order_number)
    }

    /// The provider's id of that key.
    #[must_use]
    pub fn licence_id(&self, copy: u32) -> u64 {
        80_000 + self.order_number.saturating_sub(1_000_000) * 100 + u64::from(copy)
    }

    /// The provider's id of its subscription.
    #[must_use]
    pub fn subscription_id(&self) -> u64 {
        90_000 + self.order_number.saturating_sub(1_000_000)
    }

    /// The provider's id of one of its payments, from 0.
    #[must_use]
    pub fn payment_id(&self, number: u32) -> u64 {
        95_000 + self.order_number.saturating_sub(1_000_000) * 100 + u64::from(number)
    }
}

impl Shop {
    /// In test mode.
    #[must_use]
    pub fn new(secret: impl Into<String>, store: u64) -> Self {
        Self { secret: SecretString::from(secret.into()), store, test_mode: true }
    }

    /// The same shop with real money.
    #[must_use]
    pub fn live(mut self) -> Self {
        self.test_mode = false;
        self
    }

    /// The same shop with another secret.
    #[must_use]
    pub fn signing_with(mut self, secret: &str) -> Self {
        self.secret = SecretString::from(secret);
        self
    }

    /// The same secret in another shop.
    #[must_use]
    pub fn of_store(mut self, store: u64) -> Self {
        self.store = store;
        self
    }

    /// The provider's id of the shop.
    #[must_use]
    pub fn store(&self) -> u64 {
        self.store
    }

    /// The order was paid.
    #[must_use]
    pub fn order_created(&self, purchase: &Purchase) -> Signed {
        self.sign("order_created", &body::order(self, purchase, "order_created", body::State::Paid))
    }

    /// The order was begun and not paid.
    #[must_use]
    pub fn order_pending(&self, purchase: &Purchase) -> Signed {
        self.sign("order_created", &body::order(self, purchase, "order_created", body::State::Pending))
    }

    /// The provider mails the licence key.
    #[must_use]
    pub fn license_key_created(&self, purchase: &Purchase) -> Signed {
        self.license_key_of(purchase, 0, None)
    }

    /// The provider mails the key of one of several copies, from 0; it may end (seconds since 1970).
    #[must_use]
    pub fn license_key_of(&self, purchase: &Purchase, copy: u32, expires_at: Option<u64>) -> Signed {
        self.sign("license_key_created", &body::licence(self, purchase, copy, expires_at))
    }

    /// The order was refunded: `cents` altogether, up to now (seconds since 1970).
    #[must_use]
    pub fn order_refunded(&self, purchase: &Purchase, cents: i64, at: u64) -> Signed {
        self.sign("order_refunded", &body::order(self, purchase, "order_refunded", body::State::Refunded { cents, at }))
    }

    /// The order was taken back as fraudulent.
    #[must_use]
    pub fn order_fraudulent(&self, purchase: &Purchase, at: u64) -> Signed {
        self.sign("order_refunded", &body::order(self, purchase, "order_refunded", body::State::Fraudulent { at }))
    }

    /// An event about a subscription, by its name: `subscription_created`, `subscription_updated` and their like.
    #[must_use]
    pub fn subscription(&self, purchase: &Purchase, event: &'static str, is: &Subscription) -> Signed {
        self.sign(event, &subscription::subscription(self, purchase, event, is))
    }

    /// An event about a payment of a subscription, by its name: `subscription_payment_success` and its like.
    #[must_use]
    pub fn payment(&self, purchase: &Purchase, event: &'static str, is: &Payment) -> Signed {
        self.sign(event, &subscription::payment(self, purchase, event, is))
    }

    /// An event that concerns nobody.
    #[must_use]
    pub fn other_event(&self) -> Signed {
        let meta = object([("test_mode", self.test_mode.into()), ("event_name", "subscription_plan_changed".into())]);
        self.sign("subscription_plan_changed", &object([("meta", meta), ("data", object([]))]))
    }

    fn sign(&self, event: &'static str, body: &Json) -> Signed {
        self.sign_bytes(event, body.to_bytes())
    }

    /// Signs whatever it is given.
    fn sign_bytes(&self, event: &'static str, body: Vec<u8>) -> Signed {
        Signed { event, signature: lemon_squeezy::sign(&self.secret, &body), body }
    }
}

#[cfg(test)]
mod tests;
