//! What a provider lists, stored like what it sends: after an outage nothing is lost, and nothing is there twice.

use super::{Entitlement, Fact, Inserted, Intake, State, StoreError, What};
use crate::pay::{Meaning, Status};
use crate::protocol::OrderRef;

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

/// Stores what a list showed. `None` if it is nothing to us, or known: an order is, if its webhook told it in the same words, with the claim
/// that no list has. `now` in seconds since 1970.
///
/// # Errors
/// The store failed.
pub fn reconcile(intake: &Intake<'_>, shown: &Meaning, now: u64) -> Result<Option<Told>, StoreError> {
    let Ok(fact) = intake.fact(shown)? else { return Ok(None) };
    let facts = intake.store.facts(&fact.order)?;
    if facts.iter().any(|known| without_claim(known) == fact) || intake.store.insert(&fact, now)? != Inserted::New {
        return Ok(None);
    }
    let before = Entitlement::of(&facts, now).state;
    let after = Entitlement::of(&intake.store.facts(&fact.order)?, now).state;
    Ok(Some(Told { order: fact.order, before, after }))
}

/// True if the order itself was refunded in full, or taken back as fraudulent, and the author did not open it again: then its licence keys
/// are switched off at the provider. The refund of a subscription's payment is no reason, for the next one opens it again.
#[must_use]
pub fn is_paid_back(facts: &[Fact], now: u64) -> bool {
    let order = facts.iter().any(|fact| matches!(&fact.what, What::Order(told) if told.status > Status::Paid));
    order && matches!(Entitlement::of(facts, now).state, State::Refunded | State::Fraudulent)
}

fn without_claim(fact: &Fact) -> Fact {
    let mut fact = fact.clone();
    if let What::Order(order) = &mut fact.what {
        order.claim = None;
    }
    fact
}
