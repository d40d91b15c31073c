//! `POST /webhooks/{provider}`: size limit, raw body, signature, reading, checks, one fact, 200.

use axum::Json;
use axum::extract::{Path, Request, State as Extract};
use axum::http::HeaderMap;
use serde::Serialize;

use super::answer::{Answer, Refusal, on_thread};
use super::state::{Notice, State};
use super::{WEBHOOK_MAX, intake};
use crate::pay::lemon_squeezy::{PROVIDER, SIGNATURE, read, verify};
use crate::pay::{Invoice, Item, Meaning, WebhookError};
use crate::protocol::{OrderRef, Provider};
use crate::store::{Entitlement, Fact, Inserted, Name, StoreError};

/// What became of an event. Every one of them is 200: a provider sends again what is answered otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "status")]
pub(super) enum Outcome {
    Stored,
    Duplicate,
    Ignored,
}

pub(super) async fn handle(Extract(state): Extract<State>, Path(provider): Path<String>, request: Request) -> Answer<Outcome> {
    if provider != PROVIDER || state.0.lemon_squeezy.is_empty() {
        return Err(Refusal::Unknown);
    }
    let signature = signature(request.headers());
    let body = intake::body(&state, request, WEBHOOK_MAX).await?;
    if let Err(error) = verify(&state.0.lemon_squeezy, &body, signature.as_deref()) {
        tracing::warn!(provider, %error, bytes = body.len(), "webhook refused");
        return Err(Refusal::Signature);
    }
    let reading = read(&body).map_err(|error| {
        let bytes = body.len();
        match error {
            WebhookError::Malformed(what) => tracing::warn!(provider, what, bytes, "webhook signed, but unreadable"),
            WebhookError::Signature => tracing::warn!(provider, bytes, "webhook refused"),
        }
        Refusal::Malformed
    })?;
    drop(body);
    let event = reading.event;
    match reading.meaning {
        Meaning::Ignored => {
            tracing::info!(provider, event, "webhook of no interest");
            Ok(Json(Outcome::Ignored))
        }
        meaning => on_thread(move || state.take(&event, &meaning)).await,
    }
}

/// The one signature; two of them are none.
fn signature(headers: &HeaderMap) -> Option<String> {
    let mut all = headers.get_all(SIGNATURE).iter();
    let first = all.next()?.to_str().ok()?.to_owned();
    all.next().is_none().then_some(first)
}

impl State {
    /// Checks shop, product and mode, and inserts the fact.
    fn take(&self, event: &str, meaning: &Meaning) -> Result<Outcome, Refusal> {
        let Some(fact) = self.fact(event, meaning)? else { return Ok(Outcome::Ignored) };
        let order = fact.order.to_string();
        let before = self.facts_state(&fact.order)?;
        let inserted = self.0.store.insert(&fact, self.now())?;
        tracing::info!(event, order, inserted = ?inserted, "webhook");
        match inserted {
            Inserted::New => {
                self.tell(&fact.order, before);
                Ok(Outcome::Stored)
            }
            Inserted::Known => Ok(Outcome::Duplicate),
            Inserted::Forgotten => Ok(Outcome::Ignored),
        }
    }

    /// The fact that an event tells, `None` if it is nothing to us.
    fn fact(&self, event: &str, meaning: &Meaning) -> Result<Option<Fact>, Refusal> {
        let provider = Provider::parse(PROVIDER).map_err(|_| Refusal::Unavailable)?;
        let digests = &self.shelf().digests;
        let (fact, item, test_mode) = match meaning {
            Meaning::Order(told) => (Fact::from_order(&provider, told, digests), told.item, told.test_mode),
            Meaning::Licence(told) => (Fact::from_licence(&provider, told, digests), told.item, told.test_mode),
            Meaning::Subscription(told) => (Fact::from_subscription(&provider, told), told.item, told.test_mode),
            Meaning::Invoice(told) => return self.invoice(event, &provider, told),
            Meaning::Ignored => return Ok(None),
        };
        let fact = fact.map_err(|_| Refusal::Malformed)?;
        let Some(why) = self.stranger(&provider, item, test_mode) else { return Ok(Some(fact)) };
        tracing::warn!(event, order = %fact.order, product = item.product, why, "webhook ignored");
        Ok(None)
    }

    /// A payment of a subscription names the subscription alone. The subscription's own events come with the first payment, a refund long
    /// after: one that we do not know is of a product that we do not sell.
    fn invoice(&self, event: &str, provider: &Provider, told: &Invoice) -> Result<Option<Fact>, Refusal> {
        if !self.0.mode.takes(told.test_mode) {
            return Ok(None);
        }
        let fact = self.0.store.find(&Name::subscription(provider, &told.subscription))?.map(|order| Fact::from_invoice(order, told));
        if fact.is_none() {
            tracing::info!(event, subscription = told.subscription, "payment of an unknown subscription");
        }
        Ok(fact)
    }

    /// Why an item is nothing to us.
    pub(super) fn stranger(&self, provider: &Provider, item: Item, test_mode: bool) -> Option<&'static str> {
        if !self.0.mode.takes(test_mode) {
            return Some(if test_mode {
                "a test order, and this endpoint is live"
            } else {
                "a real order, and this endpoint is for tests"
            });
        }
        let shelf = self.shelf();
        let sold = shelf.catalog.sold_as(provider, item.store, item.product, item.variant).next().is_some();
        if sold { None } else { Some("the catalog has no such shop, product and variant") }
    }

    fn facts_state(&self, order: &OrderRef) -> Result<crate::store::State, StoreError> {
        Ok(Entitlement::of(&self.0.store.facts(order)?, self.now()).state)
    }

    /// Tells whoever wants to know that an order's state changed. The fact is stored by now, so that nothing here may fail the call.
    pub(super) fn tell(&self, order: &OrderRef, before: crate::store::State) {
        let Some(notify) = &self.0.notify else { return };
        let Ok(facts) = self.0.store.facts(order) else { return };
        let entitlement = Entitlement::of(&facts, self.now());
        if entitlement.state != before {
            let shelf = self.shelf();
            let courses = entitlement.opens(order, &shelf.catalog).into_iter().map(|course| course.id.clone()).collect();
            notify(Notice { order: order.clone(), number: entitlement.number, state: entitlement.state, courses });
        }
    }
}
