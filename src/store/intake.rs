//! Whether what a provider shows is ours, and the fact that it becomes: the same for webhooks, for lists and for healed licences.

use std::fmt;

use super::digest::Digests;
use super::{Fact, Facts, Name, StoreError};
use crate::catalog::Catalog;
use crate::pay::{Invoice, Item, Meaning};
use crate::protocol::Provider;

/// A shop's intake.
#[derive(Clone, Copy)]
pub struct Intake<'a> {
    /// Where facts go.
    pub store: &'a dyn Facts,
    /// What is sold.
    pub catalog: &'a Catalog,
    /// Of its site.
    pub digests: &'a Digests,
    /// Who shows it.
    pub provider: &'a Provider,
    /// True if test orders count, and real ones do not.
    pub test_mode: bool,
}

/// Why something is nothing to us. As text: for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stranger {
    /// A test order where money counts, or a real one in a preview.
    Mode {
        /// Of what was shown.
        test: bool,
    },
    /// The catalog has no such shop, product and variant, and the order is not known either.
    Product,
    /// A payment of a subscription that we do not know.
    Subscription,
    /// Its order's id is no id.
    Id,
    /// It says nothing about an order.
    Event,
}

impl fmt::Display for Stranger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stranger::Mode { test: true } => "a test order, and this endpoint is live",
            Stranger::Mode { test: false } => "a real order, and this endpoint is for tests",
            Stranger::Product => "the catalog has no such shop, product and variant",
            Stranger::Subscription => "a payment of an unknown subscription",
            Stranger::Id => "its order has no id",
            Stranger::Event => "an event of no interest",
        })
    }
}

impl Intake<'_> {
    /// The fact that was shown, or why it is nothing to us.
    ///
    /// An order that was taken stays ours when its product leaves the catalog, so that its refund is not lost. A payment of a subscription
    /// names the subscription alone, whose own events come with its first payment; a refund comes long after.
    ///
    /// # Errors
    /// The store failed.
    pub fn fact(&self, shown: &Meaning) -> Result<Result<Fact, Stranger>, StoreError> {
        let provider = self.provider;
        let (fact, item, test) = match shown {
            Meaning::Order(told) => (Fact::from_order(provider, told, self.digests), told.item, told.test_mode),
            Meaning::Licence(told) => (Fact::from_licence(provider, told, self.digests), told.item, told.test_mode),
            Meaning::Subscription(told) => (Fact::from_subscription(provider, told), told.item, told.test_mode),
            Meaning::Invoice(told) => return self.invoice(told),
            Meaning::Ignored => return Ok(Err(Stranger::Event)),
        };
        let Ok(fact) = fact else { return Ok(Err(Stranger::Id)) };
        match self.stranger(item, test) {
            Some(Stranger::Product) if !self.store.facts(&fact.order)?.is_empty() => Ok(Ok(fact)),
            Some(stranger) => Ok(Err(stranger)),
            None => Ok(Ok(fact)),
        }
    }

    /// Why an item is nothing to us; `None` if it is sold here.
    #[must_use]
    pub fn stranger(&self, item: Item, test: bool) -> Option<Stranger> {
        if test != self.test_mode {
            return Some(Stranger::Mode { test });
        }
        let sold = self.catalog.sold_as(self.provider, item.store, item.product, item.variant).next().is_some();
        (!sold).then_some(Stranger::Product)
    }

    fn invoice(&self, told: &Invoice) -> Result<Result<Fact, Stranger>, StoreError> {
        if told.test_mode != self.test_mode {
            return Ok(Err(Stranger::Mode { test: told.test_mode }));
        }
        let order = self.store.find(&Name::subscription(self.provider, &told.subscription))?;
        Ok(order.map(|order| Fact::from_invoice(order, told)).ok_or(Stranger::Subscription))
    }
}
