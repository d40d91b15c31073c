//! What a provider lists, stored like what it sends: after an outage nothing is lost, and nothing is there twice.

use super::{Digests, Entitlement, Fact, Facts, Inserted, Name, OrdersError, State};
use crate::catalog::Catalog;
use crate::pay::Meaning;
use crate::protocol::{OrderRef, Provider};

/// An order of which something new was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The order.
    pub order: OrderRef,
    /// What it gave before; `Pending` also where it was not known.
    pub before: State,
    /// What it gives now.
    pub after: State,
}

/// Stores what was told, if it is of a product of the catalog and of the mode (`test`: whether test orders count). `None` if it is nothing
/// to us, or known. `now` in seconds since 1970.
///
/// # Errors
/// The store failed, or an id is none.
pub fn reconcile(
    store: &dyn Facts,
    catalog: &Catalog,
    digests: &Digests,
    provider: &Provider,
    test: bool,
    meaning: &Meaning,
    now: u64,
) -> Result<Option<Told>, OrdersError> {
    let (fact, item, mode) = match meaning {
        Meaning::Order(told) => (Fact::from_order(provider, told, digests)?, told.item, told.test_mode),
        Meaning::Licence(told) => (Fact::from_licence(provider, told, digests)?, told.item, told.test_mode),
        Meaning::Subscription(told) => (Fact::from_subscription(provider, told)?, told.item, told.test_mode),
        Meaning::Invoice(told) if told.test_mode == test => {
            let order = store.find(&Name::subscription(provider, &told.subscription))?;
            return order.map_or(Ok(None), |order| insert(store, &Fact::from_invoice(order, told), now));
        }
        Meaning::Invoice(_) | Meaning::Ignored => return Ok(None),
    };
    let sold = catalog.sold_as(provider, item.store, item.product, item.variant).next().is_some();
    if mode == test && sold { insert(store, &fact, now) } else { Ok(None) }
}

fn insert(store: &dyn Facts, fact: &Fact, now: u64) -> Result<Option<Told>, OrdersError> {
    let before = Entitlement::of(&store.facts(&fact.order)?, now).state;
    if store.insert(fact, now)? != Inserted::New {
        return Ok(None);
    }
    let after = Entitlement::of(&store.facts(&fact.order)?, now).state;
    Ok(Some(Told { order: fact.order.clone(), before, after }))
}
