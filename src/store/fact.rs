//! What is known about an order, one immutable piece at a time.

use serde::{Deserialize, Serialize};

use super::digest::{Digest, Digests};
use crate::pay::manual::Reason;
use crate::pay::{self, Initials, Item, Status};
use crate::protocol::primitives::sha256;
use crate::protocol::{ClaimHash, CourseId, IdError, OrderId, OrderRef, Provider};

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
    /// The author gave a copy.
    Granted(Grant),
    /// The author closed the order.
    Revoked,
    /// The author opened the order again, whatever was refunded up to then.
    Restored,
    /// A reader closed the order to all other devices.
    Locked {
        /// Of the one token that stays good.
        keep: Digest,
    },
}

/// An order as its provider showed it once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
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

/// A licence key of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenceKey {
    /// The provider's id of the key.
    pub licence: String,
    /// Of the key.
    pub key: Digest,
    /// Seconds since 1970; absent is for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<u64>,
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

/// Something by which a reader finds his order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    /// A claim hash.
    Claim(Digest),
    /// Of a licence key.
    Licence(Digest),
}

impl Fact {
    /// The fact's identity: SHA-256 of its JSON form. A provider has no delivery id that can be relied on, so that a fact is the same fact
    /// if, and only if, it says the same.
    #[must_use]
    pub fn id(&self) -> [u8; 32] {
        sha256(&self.to_json())
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
            _ => Vec::new(),
        }
    }

    /// What a webhook told about an order.
    pub fn from_order(provider: &Provider, order: &pay::Order, digests: &Digests) -> Result<Self, IdError> {
        Ok(Self {
            order: order_ref(provider, &order.id)?,
            at: order.at,
            what: What::Order(Snapshot {
                status: order.status,
                item: order.item,
                quantity: order.quantity,
                number: order.number.clone(),
                reference: order.reference.as_deref().map(|r| digests.reference(r)),
                claim: order.claim.as_deref().and_then(ClaimHash::parse).map(Digest::from),
                initials: order.initials.clone(),
                currency: order.currency.clone(),
                total: Some(order.total),
                refunded: order.refunded,
                paid_at: order.paid_at,
            }),
        })
    }

    /// What a webhook told about a licence key.
    pub fn from_licence(provider: &Provider, licence: &pay::Licence, digests: &Digests) -> Result<Self, IdError> {
        use secrecy::ExposeSecret as _;
        let key = digests.licence(licence.key.expose_secret());
        let what = What::Licence(LicenceKey { licence: licence.id.clone(), key, expires_at: licence.expires_at });
        Ok(Self { order: order_ref(provider, &licence.order)?, at: licence.at, what })
    }

    /// What the provider's licence API told: an order that was paid, and its key. So a lost webhook heals.
    pub fn from_validated(provider: &Provider, found: &pay::Validated, key: Digest) -> Result<[Self; 2], IdError> {
        let order = order_ref(provider, &found.order)?;
        let snapshot = Snapshot {
            status: Status::Paid,
            item: found.item,
            quantity: 1,
            number: None,
            reference: None,
            claim: None,
            initials: found.initials.clone(),
            currency: None,
            total: None,
            refunded: 0,
            paid_at: found.created_at,
        };
        let licence = LicenceKey { licence: found.licence.clone(), key, expires_at: found.expires_at };
        let fact = |what| Self { order: order.clone(), at: found.created_at, what };
        Ok([fact(What::Order(snapshot)), fact(What::Licence(licence))])
    }
}

fn order_ref(provider: &Provider, id: &str) -> Result<OrderRef, IdError> {
    Ok(OrderRef { provider: provider.clone(), order_id: OrderId::parse(id)? })
}
