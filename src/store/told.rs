//! Facts from what a provider told. Keys and references become digests here, and mail addresses never came so far.

use secrecy::ExposeSecret as _;

use super::digest::{Digest, Digests};
use super::fact::{Fact, Invoice, LicenceKey, Snapshot, Subscription, What};
use crate::pay::{self, LicenceStatus, Status};
use crate::protocol::{ClaimHash, IdError, OrderId, OrderRef, Provider};

impl Fact {
    /// What a webhook told about an order.
    pub fn from_order(provider: &Provider, order: &pay::Order, digests: &Digests) -> Result<Self, IdError> {
        Ok(Self {
            order: order_ref(provider, &order.id)?,
            at: order.at,
            what: What::Order(Snapshot {
                updated: order.updated,
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
        let key = LicenceKey {
            updated: licence.updated,
            licence: licence.id.clone(),
            key: digests.licence(licence.key.expose_secret()),
            status: licence.status,
            expires_at: licence.expires_at,
        };
        Ok(Self { order: order_ref(provider, &licence.order)?, at: licence.at, what: What::Licence(key) })
    }

    /// What a webhook told about a subscription.
    pub fn from_subscription(provider: &Provider, told: &pay::Subscription) -> Result<Self, IdError> {
        let subscription = Subscription {
            updated: told.updated,
            subscription: told.id.clone(),
            status: told.status,
            item: told.item,
            quantity: told.quantity,
            renews_at: told.renews_at,
            ends_at: told.ends_at,
            pause: told.pause,
        };
        Ok(Self { order: order_ref(provider, &told.order)?, at: told.at, what: What::Subscription(subscription) })
    }

    /// What a webhook told about a payment of a subscription of this order.
    #[must_use]
    pub fn from_invoice(order: OrderRef, told: &pay::Invoice) -> Self {
        let invoice = Invoice {
            updated: told.updated,
            invoice: told.id.clone(),
            subscription: told.subscription.clone(),
            status: told.status,
            billed_at: told.billed_at,
        };
        Self { order, at: told.at, what: What::Invoice(invoice) }
    }

    /// What the provider's licence API told at `now` (seconds since 1970): an order that was paid, and its key, which is good. So a lost
    /// webhook heals.
    pub fn from_validated(provider: &Provider, found: &pay::Validated, key: Digest, now: u64) -> Result<[Self; 2], IdError> {
        let order = order_ref(provider, &found.order)?;
        let snapshot = Snapshot {
            updated: found.created_at.saturating_mul(1_000_000),
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
        let licence = LicenceKey {
            updated: now.saturating_mul(1_000_000),
            licence: found.licence.clone(),
            key,
            status: LicenceStatus::Active,
            expires_at: found.expires_at,
        };
        let fact = |at, what| Self { order: order.clone(), at, what };
        Ok([fact(found.created_at, What::Order(snapshot)), fact(now, What::Licence(licence))])
    }
}

fn order_ref(provider: &Provider, id: &str) -> Result<OrderRef, IdError> {
    Ok(OrderRef { provider: provider.clone(), order_id: OrderId::parse(id)? })
}
